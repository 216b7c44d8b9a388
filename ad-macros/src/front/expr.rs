//! Expressions to atoms, places and named values.

use super::{Lower, Operand, types::TyId};
use crate::ir::*;
use proc_macro2::Span;
use quote::{ToTokens, quote};
use syn::spanned::Spanned;

impl Lower<'_> {
    /// Lowers any expression.
    pub(super) fn expr(&mut self, expr: &syn::Expr) -> (Operand, TyId) {
        use syn::Expr;
        match expr {
            Expr::Lit(lit) => self.literal(&lit.lit),
            Expr::Paren(paren) => self.expr(&paren.expr),
            Expr::Group(group) => self.expr(&group.expr),
            Expr::Path(_) | Expr::Index(_) | Expr::Field(_) => self.place_expr(expr),
            Expr::Unary(unary) => self.unary(unary),
            Expr::Binary(binary) => self.binary(binary),
            Expr::Assign(assign) => self.assign(assign),
            Expr::Cast(cast) => self.cast(cast),
            Expr::Reference(reference) => self.reference(reference),
            Expr::Call(call) => self.call(call),
            Expr::MethodCall(call) => self.method_call(call),
            Expr::Tuple(tuple) => self.tuple(tuple),
            Expr::Array(array) => self.list(SeqForm::Array, array.elems.iter(), expr.span()),
            Expr::Repeat(repeat) => self.repeat(repeat),
            Expr::Macro(call) => self.macro_expr(&call.mac),
            Expr::Block(block) => self.block_expr(block),
            Expr::If(_) | Expr::Match(_) | Expr::Loop(_) => self.branching(expr),
            Expr::While(_) | Expr::ForLoop(_) => {
                self.loop_stmt(expr);
                self.unit()
            }
            Expr::Break(_) | Expr::Continue(_) | Expr::Return(_) => {
                self.exit(expr);
                self.never()
            }
            Expr::Unsafe(block) => {
                self.cx.error(
                    block,
                    "an `unsafe` block cannot be differentiated: move it into a function of its own",
                );
                self.never()
            }
            _ => self.opaque(expr, Why::Unsupported),
        }
    }

    /// Lowers an expression to a value.
    pub(super) fn atom(&mut self, expr: &syn::Expr) -> (Atom, TyId) {
        let (operand, kind) = self.expr(expr);
        (self.atom_of(operand, kind, expr.span()), kind)
    }

    /// The value of an operand.
    pub(super) fn atom_of(&mut self, operand: Operand, kind: TyId, span: Span) -> Atom {
        match operand {
            Operand::Atom(atom) => atom,
            Operand::Place(place) | Operand::Ref(place, _) => self.load(place, kind, span),
            Operand::Unit | Operand::Never => Atom::Const(quote!(())),
        }
    }

    /// Reads a place. A variable that never changes is its own value.
    pub(super) fn load(&mut self, place: Place, kind: TyId, span: Span) -> Atom {
        let text = matches!(self.types.resolve(kind), Ty::Discrete(Some(name)) if name == "str");
        if self.is_reference(&place) && !text {
            return self.bind(Value::Load(place.then(Proj::Deref)), kind, span);
        }
        if place.path.is_empty() && !self.changes(place.root) {
            return Atom::Var(place.root);
        }
        self.bind(Value::Load(place), kind, span)
    }

    /// Whether a variable may have another value later on.
    fn changes(&self, id: VarId) -> bool {
        let var = self.func.var(id);
        var.cell && self.scopes.is_mutable(id)
    }

    pub(super) fn unit(&mut self) -> (Operand, TyId) {
        (Operand::Unit, self.types.tuple(Vec::new()))
    }

    pub(super) fn never(&mut self) -> (Operand, TyId) {
        (Operand::Never, self.types.unknown())
    }

    fn literal(&mut self, lit: &syn::Lit) -> (Operand, TyId) {
        let kind = match lit {
            syn::Lit::Float(float) => self.number(float.suffix(), true),
            syn::Lit::Int(int) => self.number(int.suffix(), false),
            syn::Lit::Bool(_) => self.types.discrete("bool"),
            syn::Lit::Char(_) => self.types.discrete("char"),
            _ => self.types.discrete("str"),
        };
        (Operand::Atom(Atom::Lit(lit.clone())), kind)
    }

    fn number(&mut self, suffix: &str, float: bool) -> TyId {
        match (suffix, float) {
            ("", true) => self.types.float(),
            ("", false) => self.types.integer(),
            (name, _) => match syn::parse_str::<syn::Type>(name) {
                Ok(ty) => self.types.of_syn(&ty),
                Err(_) => self.types.unknown(),
            },
        }
    }

    fn unary(&mut self, unary: &syn::ExprUnary) -> (Operand, TyId) {
        match unary.op {
            syn::UnOp::Deref(_) => self.deref(unary),
            syn::UnOp::Neg(_) => {
                let (atom, kind) = self.atom(&unary.expr);
                let value = Value::operation("neg", vec![atom]);
                (Operand::Atom(self.bind(value, kind, unary.span())), kind)
            }
            syn::UnOp::Not(_) => {
                let (atom, kind) = self.atom(&unary.expr);
                let value = Value::Inert(Inert::Not, vec![atom]);
                (Operand::Atom(self.bind(value, kind, unary.span())), kind)
            }
            _ => self.opaque(&syn::Expr::Unary(unary.clone()), Why::Unsupported),
        }
    }

    fn binary(&mut self, binary: &syn::ExprBinary) -> (Operand, TyId) {
        use syn::BinOp;
        let span = binary.span();
        let name = match binary.op {
            BinOp::Add(_) => "add",
            BinOp::Sub(_) => "sub",
            BinOp::Mul(_) => "mul",
            BinOp::Div(_) => "div",
            BinOp::Rem(_) => "rem",
            BinOp::And(_) | BinOp::Or(_) => return self.short_circuit(binary),
            op if is_assignment(&op) => return self.op_assign(binary),
            op => return self.inert_operator(binary, op),
        };
        let (left, kind) = self.atom(&binary.left);
        let (right, right_kind) = self.atom(&binary.right);
        self.types.unify(kind, right_kind);
        let value = Value::operation(name, vec![left, right]);
        (Operand::Atom(self.bind(value, kind, span)), kind)
    }

    fn inert_operator(&mut self, binary: &syn::ExprBinary, op: syn::BinOp) -> (Operand, TyId) {
        use syn::BinOp;
        let (left, kind) = self.atom(&binary.left);
        let (right, right_kind) = self.atom(&binary.right);
        let result = match op {
            BinOp::Shl(_) | BinOp::Shr(_) => kind,
            BinOp::BitAnd(_) | BinOp::BitOr(_) | BinOp::BitXor(_) => {
                self.types.unify(kind, right_kind);
                kind
            }
            _ => {
                self.types.unify(kind, right_kind);
                self.types.discrete("bool")
            }
        };
        let value = Value::Inert(Inert::Operator(op), vec![left, right]);
        (
            Operand::Atom(self.bind(value, result, binary.span())),
            result,
        )
    }

    /// `a && b` is `if a { b } else { false }`: `b` may panic where `a` is false.
    fn short_circuit(&mut self, binary: &syn::ExprBinary) -> (Operand, TyId) {
        let span = binary.span();
        let kind = self.types.discrete("bool");
        let both = matches!(binary.op, syn::BinOp::And(_));
        let (left, _) = self.atom(&binary.left);
        let result = self.fresh(if both { "both" } else { "either" }, span, kind, Role::Temp);
        self.func.var_mut(result).cell = true;
        self.push(span, StmtKind::Cell(result, None));
        let right = self.nested(|lower| {
            let (right, _) = lower.atom(&binary.right);
            lower.store_first(result, right, span);
        });
        let known = self.nested(|lower| {
            lower.store_first(result, Atom::boolean(!both), span);
        });
        let (yes, no) = if both { (right, known) } else { (known, right) };
        self.push(span, StmtKind::If(left, yes, no));
        (Operand::Atom(Atom::Var(result)), kind)
    }

    fn cast(&mut self, cast: &syn::ExprCast) -> (Operand, TyId) {
        let (atom, _) = self.atom(&cast.expr);
        let kind = self.types.of_syn(&cast.ty);
        let value = Value::Cast(atom, self.types.resolve(kind), cast.ty.to_token_stream());
        (Operand::Atom(self.bind(value, kind, cast.span())), kind)
    }

    fn tuple(&mut self, tuple: &syn::ExprTuple) -> (Operand, TyId) {
        if tuple.elems.is_empty() {
            return self.unit();
        }
        let (atoms, kinds): (Vec<_>, Vec<_>) =
            tuple.elems.iter().map(|elem| self.atom(elem)).unzip();
        let kind = self.types.tuple(kinds);
        let value = Value::Tuple(atoms);
        (Operand::Atom(self.bind(value, kind, tuple.span())), kind)
    }

    pub(super) fn list<'e>(
        &mut self,
        form: SeqForm,
        elems: impl Iterator<Item = &'e syn::Expr>,
        span: Span,
    ) -> (Operand, TyId) {
        let elem_kind = self.types.unknown();
        let atoms = elems
            .map(|elem| {
                let (atom, kind) = self.atom(elem);
                self.types.unify(elem_kind, kind);
                atom
            })
            .collect();
        let kind = self.types.seq(elem_kind, form);
        (
            Operand::Atom(self.bind(Value::List(form, atoms), kind, span)),
            kind,
        )
    }

    fn repeat(&mut self, repeat: &syn::ExprRepeat) -> (Operand, TyId) {
        let (elem, elem_kind) = self.atom(&repeat.expr);
        let len = Atom::Const(repeat.len.to_token_stream());
        let kind = self.types.seq(elem_kind, SeqForm::Array);
        let value = Value::Repeat(SeqForm::Array, elem, len);
        (Operand::Atom(self.bind(value, kind, repeat.span())), kind)
    }
}

pub(super) fn is_assignment(op: &syn::BinOp) -> bool {
    use syn::BinOp::*;
    matches!(
        op,
        AddAssign(_)
            | SubAssign(_)
            | MulAssign(_)
            | DivAssign(_)
            | RemAssign(_)
            | BitXorAssign(_)
            | BitAndAssign(_)
            | BitOrAssign(_)
            | ShlAssign(_)
            | ShrAssign(_)
    )
}
