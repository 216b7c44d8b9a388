//! Places: `x`, `x[i]`, `x[a..b]`, `x.0`, `*x`.

use super::{Lower, Operand, types::TyId};
use crate::ir::*;
use quote::ToTokens;
use syn::spanned::Spanned;

impl Lower<'_> {
    /// A path, an index or a field.
    pub(super) fn place_expr(&mut self, expr: &syn::Expr) -> (Operand, TyId) {
        match expr {
            syn::Expr::Path(path) => self.path(path),
            syn::Expr::Index(index) => self.index(index),
            syn::Expr::Field(field) => self.field(field),
            _ => self.expr(expr),
        }
    }

    /// Lowers an expression to the place it names; a value becomes a local.
    pub(super) fn place(&mut self, expr: &syn::Expr) -> (Place, TyId) {
        let (operand, kind) = self.expr(expr);
        match operand {
            Operand::Place(place) | Operand::Ref(place, _) => (place, kind),
            Operand::Atom(Atom::Var(id)) => (Place::of(id), kind),
            operand => {
                let atom = self.atom_of(operand, kind, expr.span());
                let named = match self.bind(Value::Atom(atom), kind, expr.span()) {
                    Atom::Var(id) => id,
                    Atom::Lit(_) | Atom::Const(_) => unreachable!("`bind` names a variable"),
                };
                (Place::of(named), kind)
            }
        }
    }

    fn path(&mut self, path: &syn::ExprPath) -> (Operand, TyId) {
        let local = match path.path.get_ident() {
            Some(name) if path.qself.is_none() => self.scopes.find(name),
            _ => None,
        };
        let id = match local {
            Some(binding) => binding.var,
            None => self.global(path),
        };
        (Operand::Place(Place::of(id)), self.kind_of(id))
    }

    /// A constant or static: one variable per path, never written.
    fn global(&mut self, path: &syn::ExprPath) -> VarId {
        let tokens = path.to_token_stream();
        let text = tokens.to_string();
        let known = self.func.vars.iter().position(|var| match &var.role {
            Role::Global(other) => other.to_string() == text,
            _ => false,
        });
        if let Some(index) = known {
            return VarId(index as u32);
        }
        let kind = self.global_kind(&path.path);
        let id = self.func.add(Var {
            name: format!("::{text}"),
            span: path.span(),
            ty: Ty::Unknown,
            role: Role::Global(tokens),
            cell: false,
            reference: None,
            annotated: None,
        });
        self.kinds.push(kind);
        id
    }

    fn global_kind(&mut self, path: &syn::Path) -> TyId {
        let first = path
            .segments
            .first()
            .map(|segment| segment.ident.to_string());
        let number = path.segments.len() > 1;
        match first.as_deref() {
            Some(
                "f32" | "f64" | "usize" | "isize" | "i32" | "i64" | "u32" | "u64" | "u8" | "i8",
            ) if number => {
                let ty = syn::parse_str::<syn::Type>(first.as_deref().unwrap_or_default());
                match ty {
                    Ok(ty) => self.types.of_syn(&ty),
                    Err(_) => self.types.unknown(),
                }
            }
            _ => self.types.unknown(),
        }
    }

    fn index(&mut self, index: &syn::ExprIndex) -> (Operand, TyId) {
        let (base, kind) = self.indexed(&index.expr);
        let base = auto_deref(base);
        if let syn::Expr::Range(range) = unparen(&index.index) {
            let proj = self.range_proj(range);
            return (Operand::Place(base.then(proj)), kind);
        }
        let (at, at_kind) = self.atom(&index.index);
        let usize_kind = self.types.discrete("usize");
        self.types.unify(at_kind, usize_kind);
        let elem = self.types.elem(kind);
        (Operand::Place(base.then(Proj::Index(at))), elem)
    }

    /// What an index applies to. A field of a struct is only borrowed for that: it may be
    /// a `Vec`.
    fn indexed(&mut self, expr: &syn::Expr) -> (Place, TyId) {
        if let syn::Expr::Field(field) = unparen(expr)
            && matches!(field.member, syn::Member::Named(_))
        {
            let borrowed: syn::Expr = syn::parse_quote_spanned!(expr.span()=> &#field);
            let (operand, kind) = self.opaque(&borrowed, Why::Unsupported);
            let atom = self.atom_of(operand, kind, expr.span());
            if let Atom::Var(id) = self.bind(Value::Atom(atom), kind, expr.span()) {
                return (Place::of(id), kind);
            }
        }
        self.place(expr)
    }

    fn range_proj(&mut self, range: &syn::ExprRange) -> Proj {
        let mut bound = |expr: &Option<Box<syn::Expr>>| {
            expr.as_ref().map(|expr| {
                let (atom, kind) = self.atom(expr);
                let usize_kind = self.types.discrete("usize");
                self.types.unify(kind, usize_kind);
                atom
            })
        };
        let (from, to) = (bound(&range.start), bound(&range.end));
        Proj::Range {
            from,
            to,
            inclusive: matches!(range.limits, syn::RangeLimits::Closed(_)),
        }
    }

    fn field(&mut self, field: &syn::ExprField) -> (Operand, TyId) {
        match &field.member {
            syn::Member::Unnamed(index) => {
                let (base, kind) = self.place(&field.base);
                let base = auto_deref(base);
                let index = index.index as usize;
                let item = self.types.field(kind, index);
                (Operand::Place(base.then(Proj::Field(index))), item)
            }
            syn::Member::Named(_) => {
                self.opaque(&syn::Expr::Field(field.clone()), Why::Unsupported)
            }
        }
    }

    pub(super) fn deref(&mut self, unary: &syn::ExprUnary) -> (Operand, TyId) {
        let (operand, kind) = self.expr(&unary.expr);
        match operand {
            Operand::Place(place) if self.is_reference(&place) => {
                (Operand::Place(place.then(Proj::Deref)), kind)
            }
            Operand::Ref(place, _) => (Operand::Place(place), kind),
            // `*v` of an element view, and of anything that is a place already.
            operand => (operand, kind),
        }
    }

    /// A bare parameter or view of reference type.
    pub(super) fn is_reference(&self, place: &Place) -> bool {
        place.path.is_empty() && self.func.var(place.root).reference.is_some()
    }

    pub(super) fn reference(&mut self, reference: &syn::ExprReference) -> (Operand, TyId) {
        let mutability = match reference.mutability {
            Some(_) => Mutability::Mutable,
            None => Mutability::Shared,
        };
        let (mut place, kind) = self.place(&reference.expr);
        let var = self.func.var(place.root);
        let value = matches!(var.role, Role::Temp) && !var.cell && var.reference.is_none();
        if mutability == Mutability::Mutable && value && place.path.is_empty() {
            // `&mut [1.0, 2.0]` lends a variable of its own.
            let span = reference.span();
            let own = self.fresh("t", span, kind, Role::Temp);
            self.func.var_mut(own).cell = true;
            let value = Value::Atom(Atom::Var(place.root));
            self.push(span, StmtKind::Cell(own, Some(value)));
            place = Place::of(own);
        }
        // `&*p` and `&mut *p` are the reference again.
        (Operand::Ref(place, mutability), kind)
    }
}

pub(super) fn unparen(mut expr: &syn::Expr) -> &syn::Expr {
    loop {
        expr = match expr {
            syn::Expr::Paren(paren) => &paren.expr,
            syn::Expr::Group(group) => &group.expr,
            _ => return expr,
        }
    }
}

/// `(*x)[i]` is `x[i]`.
fn auto_deref(mut place: Place) -> Place {
    while let Some(Proj::Deref) = place.path.last() {
        place.path.pop();
    }
    place
}
