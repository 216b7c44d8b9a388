//! Statements: `let`, assignments, items, nested blocks.

use super::{Lower, Operand, place::unparen, types::TyId};
use crate::ir::*;
use proc_macro2::Span;
use quote::ToTokens;
use syn::spanned::Spanned;

impl Lower<'_> {
    /// Lowers the statements of a block; the value is that of its tail.
    pub(super) fn block(&mut self, block: &syn::Block) -> (Operand, TyId) {
        let (last, init) = match block.stmts.split_last() {
            Some((syn::Stmt::Expr(expr, None), init)) => (Some(expr), init),
            _ => (None, block.stmts.as_slice()),
        };
        for stmt in init {
            self.stmt(stmt);
        }
        match (last, block.stmts.last()) {
            (Some(expr), _) => self.expr(expr),
            (None, Some(syn::Stmt::Macro(mac))) if mac.semi_token.is_none() => {
                // Lowered above as a statement; only a diverging one may end a value.
                self.unit()
            }
            _ => self.unit(),
        }
    }

    /// Lowers a block whose value goes into a cell.
    pub(super) fn block_into(&mut self, block: &syn::Block, cell: VarId) {
        let (last, init) = match block.stmts.split_last() {
            Some((syn::Stmt::Expr(expr, None), init)) => (Some(expr.clone()), init),
            Some((syn::Stmt::Macro(mac), init)) if mac.semi_token.is_none() => (
                Some(syn::Expr::Macro(syn::ExprMacro {
                    attrs: Vec::new(),
                    mac: mac.mac.clone(),
                })),
                init,
            ),
            _ => (None, block.stmts.as_slice()),
        };
        for stmt in init {
            self.stmt(stmt);
        }
        if let Some(expr) = last {
            self.expr_into(&expr, cell);
        }
    }

    pub(super) fn block_expr(&mut self, block: &syn::ExprBlock) -> (Operand, TyId) {
        if block.label.is_some() {
            return self.branching(&syn::Expr::Block(block.clone()));
        }
        self.scopes.enter();
        let result = self.block(&block.block);
        self.scopes.leave();
        result
    }

    pub(super) fn stmt(&mut self, stmt: &syn::Stmt) {
        match stmt {
            syn::Stmt::Local(local) => self.local(local),
            syn::Stmt::Item(item) => self.item(item),
            syn::Stmt::Expr(expr, _) => {
                self.expr(expr);
                self.drop_result();
            }
            syn::Stmt::Macro(mac) => self.macro_stmt(&mac.mac),
        }
    }

    /// `g(x);`: nobody names the result of the call.
    fn drop_result(&mut self) {
        let block = self.open.last_mut().expect("a block is always open");
        if let Some(stmt) = block.stmts.last_mut()
            && let StmtKind::Call(call) = &mut stmt.kind
        {
            call.out = None;
        }
    }

    fn item(&mut self, item: &syn::Item) {
        if let syn::Item::Macro(mac) = item {
            self.cx.error(
                mac,
                "a macro inside a differentiated body may read variables unseen: move it out of the function",
            );
        }
        if let syn::Item::Fn(function) = item
            && !function.attrs.iter().any(crate::fallback::is_ours)
        {
            self.func.plain_fns.insert(function.sig.ident.to_string());
        }
        let outermost = self.open.len() <= 2 && self.targets.is_empty();
        if outermost {
            self.func.items.push(item.to_token_stream());
        } else {
            self.cx.error(
                item,
                "an item inside a nested block cannot be differentiated: move it to the top of the function",
            );
        }
    }

    fn local(&mut self, local: &syn::Local) {
        if let Some((token, _)) = local.init.as_ref().and_then(|init| init.diverge.as_ref()) {
            self.cx.error(
                token,
                "`let .. else` is not supported yet: test with `if`, and take the value apart with fields or indices",
            );
            return;
        }
        let (pat, ty) = match &local.pat {
            syn::Pat::Type(typed) => (&*typed.pat, Some(&*typed.ty)),
            pat => (pat, None),
        };
        let annotated = ty.map(|ty| self.types.of_syn(ty));
        let Some(init) = local.init.as_ref().map(|init| &*init.expr) else {
            self.late(pat, annotated);
            self.annotate(pat, ty);
            return;
        };
        match pat {
            syn::Pat::Ident(name) if name.subpat.is_none() && name.by_ref.is_none() => {
                self.let_ident(name, annotated, init);
            }
            pat => {
                if self.split_at(pat, init) {
                    return;
                }
                if self.one_by_one(pat, annotated, init) {
                    self.annotate(pat, ty);
                    return;
                }
                let (place, kind) = self.place(init);
                if let Some(annotated) = annotated {
                    self.types.unify(kind, annotated);
                }
                self.destructure(pat, place, kind);
            }
        }
        self.annotate(pat, ty);
    }

    /// Keeps a written type: it may be the only thing that tells what a literal is.
    fn annotate(&mut self, pat: &syn::Pat, ty: Option<&syn::Type>) {
        match (pat, ty) {
            (syn::Pat::Ident(name), Some(ty)) => {
                let open = contains_infer(&ty.to_token_stream());
                if let (Some(binding), false) = (self.scopes.find(&name.ident), open) {
                    let var = self.func.var_mut(binding.var);
                    var.annotated = var.reference.is_none().then(|| ty.to_token_stream());
                }
            }
            (syn::Pat::Tuple(tuple), Some(syn::Type::Tuple(types))) => {
                for (pat, ty) in tuple.elems.iter().zip(&types.elems) {
                    self.annotate(pat, Some(ty));
                }
            }
            (syn::Pat::Slice(slice), Some(syn::Type::Array(array))) => {
                for pat in &slice.elems {
                    self.annotate(pat, Some(&array.elem));
                }
            }
            _ => {}
        }
    }

    /// `let t;`
    fn late(&mut self, pat: &syn::Pat, annotated: Option<TyId>) {
        let syn::Pat::Ident(name) = pat else {
            self.cx.error(
                pat,
                "this pattern is not supported yet: declare the variables one by one",
            );
            return;
        };
        let kind = annotated.unwrap_or_else(|| self.types.unknown());
        let id = self.declare(&name.ident, kind, Role::Local);
        self.func.var_mut(id).cell = true;
        self.scopes.bind(&name.ident, id, name.mutability.is_some());
        self.push(name.span(), StmtKind::Cell(id, None));
    }

    fn let_ident(&mut self, name: &syn::PatIdent, annotated: Option<TyId>, init: &syn::Expr) {
        let mutable = name.mutability.is_some();
        let plain = unparen(init);
        let late = matches!(
            plain,
            syn::Expr::If(_) | syn::Expr::Match(_) | syn::Expr::Loop(_)
        ) || matches!(plain, syn::Expr::Block(block) if block.label.is_some());
        if late {
            let kind = annotated.unwrap_or_else(|| self.types.unknown());
            let id = self.declare(&name.ident, kind, Role::Local);
            self.func.var_mut(id).cell = true;
            self.push(name.span(), StmtKind::Cell(id, None));
            self.expr_into(plain, id);
            self.scopes.bind(&name.ident, id, mutable);
            return;
        }
        let (operand, kind) = self.expr(init);
        if let Some(annotated) = annotated {
            self.types.unify(kind, annotated);
        }
        self.bind_local(&name.ident, mutable, operand, kind);
    }

    /// Gives an operand the name of a local variable.
    pub(super) fn bind_local(
        &mut self,
        name: &syn::Ident,
        mutable: bool,
        operand: Operand,
        kind: TyId,
    ) {
        let span = name.span();
        match operand {
            Operand::Ref(place, mutability) => self.bind_view(name, place, mutability, kind),
            Operand::Place(place) if self.is_reference(&place) => {
                let mutability = self.func.var(place.root).reference;
                let mutability = mutability.unwrap_or(Mutability::Shared);
                self.bind_view(name, place, mutability, kind);
            }
            Operand::Never => {
                let id = self.declare(name, kind, Role::Local);
                self.scopes.bind(name, id, mutable);
            }
            operand => {
                let value = match operand {
                    Operand::Place(place) => Value::Load(place),
                    operand => self.take_value(operand, mutable, kind, span),
                };
                let id = self.declare(name, kind, Role::Local);
                self.func.var_mut(id).cell = mutable;
                self.push(
                    span,
                    if mutable {
                        StmtKind::Cell(id, Some(value))
                    } else {
                        StmtKind::Let(id, value)
                    },
                );
                self.scopes.bind(name, id, mutable);
            }
        }
    }

    fn bind_view(&mut self, name: &syn::Ident, place: Place, mutability: Mutability, kind: TyId) {
        let id = self.declare(name, kind, Role::Local);
        self.func.var_mut(id).reference = Some(mutability);
        self.push(name.span(), StmtKind::View { var: id, place });
        self.scopes.bind(name, id, false);
    }

    /// The value of an operand; if lowering has just named it, that name goes away.
    /// The first value of what changes keeps a name where a partial may want it.
    fn take_value(&mut self, operand: Operand, mutable: bool, kind: TyId, span: Span) -> Value {
        let atom = self.atom_of(operand, kind, span);
        let block = self.open.last_mut().expect("a block is always open");
        let named = match (block.stmts.last(), atom.var()) {
            (Some(stmt), Some(id)) => {
                matches!(&stmt.kind, StmtKind::Let(last, value)
                    if *last == id && !(mutable && matches!(value, Value::Rule(..))))
                    && matches!(self.func.vars[id.0 as usize].role, Role::Temp)
            }
            _ => false,
        };
        if named
            && let Some(stmt) = block.stmts.pop()
            && let StmtKind::Let(_, value) = stmt.kind
        {
            return value;
        }
        Value::Atom(atom)
    }

    /// `let (lo, hi) = x.split_at(n)`: two views. Whether it was that.
    fn split_at(&mut self, pat: &syn::Pat, init: &syn::Expr) -> bool {
        let (syn::Pat::Tuple(pair), syn::Expr::MethodCall(call)) = (pat, unparen(init)) else {
            return false;
        };
        let mutability = match call.method.to_string().as_str() {
            "split_at" => Mutability::Shared,
            "split_at_mut" => Mutability::Mutable,
            _ => return false,
        };
        let (2, Some(at)) = (pair.elems.len(), call.args.first()) else {
            return false;
        };
        let (place, kind) = self.place(&call.receiver);
        let (at, at_kind) = self.atom(at);
        let usize_kind = self.types.discrete("usize");
        self.types.unify(at_kind, usize_kind);
        let mut half = |pat: &syn::Pat, base: &str| {
            let id = match pat {
                syn::Pat::Ident(name) => {
                    let id = self.declare(&name.ident, kind, Role::Local);
                    self.scopes.bind(&name.ident, id, false);
                    id
                }
                _ => self.fresh(base, pat.span(), kind, Role::Temp),
            };
            self.func.var_mut(id).reference = Some(mutability);
            id
        };
        let (lo, hi) = (half(&pair.elems[0], "lo"), half(&pair.elems[1], "hi"));
        self.push(call.span(), StmtKind::Split { lo, hi, place, at });
        true
    }

    pub(super) fn destructure(&mut self, pat: &syn::Pat, place: Place, kind: TyId) {
        match pat {
            syn::Pat::Wild(_) => {}
            syn::Pat::Ident(name) if name.subpat.is_none() && name.by_ref.is_none() => {
                self.bind_local(
                    &name.ident,
                    name.mutability.is_some(),
                    Operand::Place(place),
                    kind,
                );
            }
            syn::Pat::Paren(paren) => self.destructure(&paren.pat, place, kind),
            syn::Pat::Reference(reference) => self.destructure(&reference.pat, place, kind),
            syn::Pat::Tuple(tuple) if !has_rest(&tuple.elems) => {
                for (index, pat) in tuple.elems.iter().enumerate() {
                    let item = self.types.field(kind, index);
                    self.destructure(pat, place.clone().then(Proj::Field(index)), item);
                }
            }
            syn::Pat::Slice(slice) if !has_rest(&slice.elems) => {
                for (index, pat) in slice.elems.iter().enumerate() {
                    let elem = self.types.elem(kind);
                    let at = Proj::Index(Atom::int(index));
                    self.destructure(pat, place.clone().then(at), elem);
                }
            }
            pat => self.cx.error(
                pat,
                "this pattern is not supported yet: bind the whole value and take it apart with fields or indices",
            ),
        }
    }

    pub(super) fn store_first(&mut self, cell: VarId, value: Atom, span: Span) {
        self.push(
            span,
            StmtKind::Store {
                place: Place::of(cell),
                value,
                first: true,
            },
        );
    }

    pub(super) fn assign(&mut self, assign: &syn::ExprAssign) -> (Operand, TyId) {
        if let syn::Expr::Infer(_) = &*assign.left {
            self.expr(&assign.right);
            return self.unit();
        }
        if let syn::Expr::Tuple(left) = &*assign.left {
            return self.assign_tuple(left, &assign.right);
        }
        let (value, value_kind) = self.atom(&assign.right);
        let Some((place, kind)) = self.assignable(&assign.left) else {
            return self.unit();
        };
        self.types.unify(kind, value_kind);
        let first = place.path.is_empty()
            && self.func.var(place.root).cell
            && !self.scopes.is_mutable(place.root);
        self.push(
            assign.span(),
            StmtKind::Store {
                place,
                value,
                first,
            },
        );
        self.unit()
    }

    /// `(a, b) = (b, a)`: all right sides first.
    fn assign_tuple(&mut self, left: &syn::ExprTuple, right: &syn::Expr) -> (Operand, TyId) {
        let (from, kind) = self.place(right);
        for (index, target) in left.elems.iter().enumerate() {
            let item = self.types.field(kind, index);
            let value = self.load(from.clone().then(Proj::Field(index)), item, target.span());
            if let Some((place, target_kind)) = self.assignable(target) {
                self.types.unify(target_kind, item);
                self.push(
                    target.span(),
                    StmtKind::Store {
                        place,
                        value,
                        first: false,
                    },
                );
            }
        }
        self.unit()
    }

    /// The place on the left of an assignment.
    fn assignable(&mut self, expr: &syn::Expr) -> Option<(Place, TyId)> {
        let (operand, kind) = self.expr(expr);
        match operand {
            Operand::Place(place) if matches!(self.func.var(place.root).role, Role::Global(_)) => {
                self.cx.error(
                    expr,
                    "a static cannot be written in a differentiated function: pass it as a `&mut` parameter",
                );
                None
            }
            Operand::Place(place) => Some((place, kind)),
            _ => {
                self.cx.error(
                    expr,
                    "an assignment to this expression cannot be differentiated: assign to a variable, an element, \
                     a field of a tuple, or through a reference",
                );
                None
            }
        }
    }

    pub(super) fn op_assign(&mut self, binary: &syn::ExprBinary) -> (Operand, TyId) {
        use syn::BinOp;
        let span = binary.span();
        let (value, value_kind) = self.atom(&binary.right);
        let Some((place, kind)) = self.assignable(&binary.left) else {
            return self.unit();
        };
        if !matches!(binary.op, BinOp::ShlAssign(_) | BinOp::ShrAssign(_)) {
            self.types.unify(kind, value_kind);
        }
        let sign = match binary.op {
            BinOp::AddAssign(_) => Some(Sign::Plus),
            BinOp::SubAssign(_) => Some(Sign::Minus),
            _ => None,
        };
        if let Some(op) = sign {
            self.push(span, StmtKind::Update { place, op, value });
            return self.unit();
        }
        let old = self.bind(Value::Load(place.clone()), kind, span);
        let new = match binary.op {
            BinOp::MulAssign(_) => Value::operation("mul", vec![old, value]),
            BinOp::DivAssign(_) => Value::operation("div", vec![old, value]),
            BinOp::RemAssign(_) => Value::operation("rem", vec![old, value]),
            op => Value::Inert(Inert::Operator(plain(op)), vec![old, value]),
        };
        let value = self.bind(new, kind, span);
        self.push(
            span,
            StmtKind::Store {
                place,
                value,
                first: false,
            },
        );
        self.unit()
    }
}

/// The operator of an op-assignment.
fn plain(op: syn::BinOp) -> syn::BinOp {
    use syn::BinOp::*;
    match op {
        BitXorAssign(token) => BitXor(syn::Token![^](token.spans[0])),
        BitAndAssign(token) => BitAnd(syn::Token![&](token.spans[0])),
        BitOrAssign(token) => BitOr(syn::Token![|](token.spans[0])),
        ShlAssign(token) => Shl(syn::Token![<<]([token.spans[0], token.spans[1]])),
        ShrAssign(token) => Shr(syn::Token![>>]([token.spans[0], token.spans[1]])),
        op => op,
    }
}

fn has_rest<P>(elems: &syn::punctuated::Punctuated<syn::Pat, P>) -> bool {
    elems.iter().any(|elem| matches!(elem, syn::Pat::Rest(_)))
}

/// Whether a type leaves something to be inferred.
fn contains_infer(tokens: &proc_macro2::TokenStream) -> bool {
    tokens.clone().into_iter().any(|tree| match tree {
        proc_macro2::TokenTree::Ident(name) => name == "_",
        proc_macro2::TokenTree::Group(group) => contains_infer(&group.stream()),
        _ => false,
    })
}
