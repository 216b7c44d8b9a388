//! Method calls: the rules table, methods of slices and `Vec`, the rest opaque.

use super::{Lower, Operand, types::TyId};
use crate::ir::*;
use crate::rules::{self, Rule};
use proc_macro2::Span;
use syn::spanned::Spanned;

/// Methods that act on their receiver and have no value.
pub(super) fn is_statement(name: &syn::Ident) -> bool {
    ["swap", "fill", "copy_from_slice", "clone_from_slice"]
        .iter()
        .any(|known| name == known)
}

/// Methods of integers whose result is such an integer, too.
const INTEGER: &[&str] = &[
    "pow",
    "abs_diff",
    "isqrt",
    "div_ceil",
    "next_multiple_of",
    "wrapping_add",
    "wrapping_sub",
    "wrapping_mul",
    "saturating_add",
    "saturating_sub",
    "saturating_mul",
    "unsigned_abs",
    "count_ones",
    "leading_zeros",
    "trailing_zeros",
    "next_power_of_two",
];

impl Lower<'_> {
    pub(super) fn method_call(&mut self, call: &syn::ExprMethodCall) -> (Operand, TyId) {
        let name = call.method.to_string();
        let args: Vec<&syn::Expr> = call.args.iter().collect();
        match (name.as_str(), args.as_slice()) {
            ("len", []) => self.len(&call.receiver, call.span()),
            ("is_empty", []) => self.is_empty(call),
            ("to_vec" | "to_owned", []) => self.copied(call, CopyForm::ToVec),
            ("clone", []) => self.copied(call, CopyForm::Clone),
            ("as_slice" | "as_ref" | "borrow" | "as_mut_slice" | "as_mut", []) => {
                self.same_place(call)
            }
            ("swap", [i, j]) => self.swap_elements(call, i, j),
            ("fill", [value]) => self.fill(call, value),
            ("copy_from_slice" | "clone_from_slice", [from]) => self.copy_from(call, from),
            ("sin_cos", []) => self.sin_cos(call),
            _ => self.scalar_method(call, &name),
        }
    }

    /// A function of scalars: from the table, or without derivative.
    fn scalar_method(&mut self, call: &syn::ExprMethodCall, name: &str) -> (Operand, TyId) {
        let expr = syn::Expr::MethodCall(call.clone());
        if rules::BITS.contains(&name) {
            return self.opaque(&expr, Why::Bits);
        }
        let rule = rules::find(name).filter(|rule| rule.params.len() == call.args.len() + 1);
        let inactive = rules::INACTIVE.contains(&name);
        if is_chain(&expr) {
            return self.opaque(&expr, Why::Iterator);
        }
        if rule.is_none() && !inactive && !self.is_integer(&call.receiver) {
            return self.opaque(&expr, Why::Method);
        }
        let (receiver, kind) = self.atom(&call.receiver);
        let mut operands = vec![(receiver, kind)];
        operands.extend(call.args.iter().map(|arg| self.atom(arg)));
        match rule {
            Some(rule) => self.rule(rule, operands, Form::Method, call.span()),
            None => self.inactive(call.method.clone(), operands, call.span()),
        }
    }

    /// Whether an expression is a variable known to be an integer or boolean.
    fn is_integer(&self, expr: &syn::Expr) -> bool {
        match super::place::unparen(expr) {
            syn::Expr::Path(path) => path
                .path
                .get_ident()
                .and_then(|name| self.scopes.find(name))
                .is_some_and(|binding| self.types.is_discrete(self.kind_of(binding.var))),
            syn::Expr::Lit(lit) => !matches!(lit.lit, syn::Lit::Float(_)),
            syn::Expr::Binary(binary) => self.is_integer(&binary.left),
            syn::Expr::MethodCall(call) => call.method == "len",
            _ => false,
        }
    }

    /// A line of the rules table. On integers it is an ordinary method.
    pub(super) fn rule(
        &mut self,
        rule: &'static Rule,
        operands: Vec<(Atom, TyId)>,
        form: Form,
        span: Span,
    ) -> (Operand, TyId) {
        let kind = operands[0].1;
        if rules::only_floats(rule) && !self.types.is_discrete(kind) {
            let float = self.types.float();
            self.types.unify(kind, float);
        }
        for (index, (_, other)) in operands.iter().enumerate().skip(1) {
            if !rules::integer_operand(rule, index) {
                self.types.unify(kind, *other);
            }
        }
        let atoms = operands.into_iter().map(|(atom, _)| atom).collect();
        (
            Operand::Atom(self.bind(Value::Rule(rule, atoms, form), kind, span)),
            kind,
        )
    }

    pub(super) fn inactive(
        &mut self,
        method: syn::Ident,
        operands: Vec<(Atom, TyId)>,
        span: Span,
    ) -> (Operand, TyId) {
        let name = method.to_string();
        let kind = if rules::INACTIVE.contains(&name.as_str()) {
            self.types.integer()
        } else if INTEGER.contains(&name.as_str()) {
            operands[0].1
        } else {
            self.types.unknown()
        };
        let atoms = operands.into_iter().map(|(atom, _)| atom).collect();
        let value = Value::Inert(Inert::Method(method), atoms);
        (Operand::Atom(self.bind(value, kind, span)), kind)
    }

    fn len(&mut self, receiver: &syn::Expr, span: Span) -> (Operand, TyId) {
        let (place, kind) = self.place(receiver);
        self.types.elem(kind);
        let usize_kind = self.types.discrete("usize");
        (
            Operand::Atom(self.bind(Value::Len(place), usize_kind, span)),
            usize_kind,
        )
    }

    fn is_empty(&mut self, call: &syn::ExprMethodCall) -> (Operand, TyId) {
        let (operand, _) = self.len(&call.receiver, call.span());
        let len = match operand {
            Operand::Atom(atom) => atom,
            _ => Atom::int(0),
        };
        let kind = self.types.discrete("bool");
        let equals = syn::BinOp::Eq(syn::Token![==](call.span()));
        let value = Value::Inert(Inert::Operator(equals), vec![len, Atom::int(0)]);
        (Operand::Atom(self.bind(value, kind, call.span())), kind)
    }

    fn copied(&mut self, call: &syn::ExprMethodCall, form: CopyForm) -> (Operand, TyId) {
        if is_chain(&call.receiver) {
            return self.opaque(&syn::Expr::MethodCall(call.clone()), Why::Iterator);
        }
        let (place, kind) = self.place(&call.receiver);
        let result = match form {
            CopyForm::ToVec => {
                let elem = self.types.elem(kind);
                self.types.seq(elem, SeqForm::Vec)
            }
            CopyForm::Clone => kind,
        };
        let value = Value::Copied(place, form);
        (Operand::Atom(self.bind(value, result, call.span())), result)
    }

    /// `v.as_slice()`: another name for the same memory.
    fn same_place(&mut self, call: &syn::ExprMethodCall) -> (Operand, TyId) {
        let (place, kind) = self.place(&call.receiver);
        let mutable = call.method.to_string().starts_with("as_mut");
        let mutability = if mutable {
            Mutability::Mutable
        } else {
            Mutability::Shared
        };
        let whole = Proj::everything();
        (Operand::Ref(place.then(whole), mutability), kind)
    }

    fn swap_elements(
        &mut self,
        call: &syn::ExprMethodCall,
        i: &syn::Expr,
        j: &syn::Expr,
    ) -> (Operand, TyId) {
        let (place, kind) = self.place(&call.receiver);
        self.types.elem(kind);
        let usize_kind = self.types.discrete("usize");
        let mut at = |index: &syn::Expr| {
            let (atom, kind) = self.atom(index);
            self.types.unify(kind, usize_kind);
            place.clone().then(Proj::Index(atom))
        };
        let (left, right) = (at(i), at(j));
        self.push(call.span(), StmtKind::Swap(left, right));
        self.unit()
    }

    fn fill(&mut self, call: &syn::ExprMethodCall, value: &syn::Expr) -> (Operand, TyId) {
        let (place, kind) = self.place(&call.receiver);
        let (atom, value_kind) = self.atom(value);
        let elem = self.types.elem(kind);
        self.types.unify(elem, value_kind);
        self.push(call.span(), StmtKind::Fill(place, atom));
        self.unit()
    }

    fn copy_from(&mut self, call: &syn::ExprMethodCall, from: &syn::Expr) -> (Operand, TyId) {
        let (place, kind) = self.place(&call.receiver);
        let (source, source_kind) = self.place(from);
        self.types.unify(kind, source_kind);
        self.push(call.span(), StmtKind::CopyFrom(place, source));
        self.unit()
    }

    /// `x.sin_cos()` is `(x.sin(), x.cos())`, as in std.
    fn sin_cos(&mut self, call: &syn::ExprMethodCall) -> (Operand, TyId) {
        let (x, kind) = self.atom(&call.receiver);
        let mut part = |name: &str| {
            let value = Value::operation(name, vec![x.clone()]);
            self.bind(value, kind, call.span())
        };
        let parts = vec![part("sin"), part("cos")];
        let pair = self.types.tuple(vec![kind, kind]);
        (
            Operand::Atom(self.bind(Value::Tuple(parts), pair, call.span())),
            pair,
        )
    }
}

/// Whether an expression is an iterator under construction.
fn is_chain(expr: &syn::Expr) -> bool {
    match super::place::unparen(expr) {
        syn::Expr::MethodCall(call) => {
            let name = call.method.to_string();
            let starts = [
                "iter",
                "iter_mut",
                "into_iter",
                "windows",
                "chunks",
                "chunks_exact",
                "chars",
                "drain",
            ];
            starts.contains(&name.as_str()) || is_chain(&call.receiver)
        }
        syn::Expr::Range(_) => true,
        _ => false,
    }
}
