//! Function calls.

use super::{Lower, Operand, place::unparen, types::TyId};
use crate::ir::*;
use crate::rules;
use quote::ToTokens;
use syn::spanned::Spanned;

impl Lower<'_> {
    pub(super) fn call(&mut self, call: &syn::ExprCall) -> (Operand, TyId) {
        let syn::Expr::Path(func) = unparen(&call.func) else {
            return self.opaque(&syn::Expr::Call(call.clone()), Why::Unsupported);
        };
        if let Some(name) = func.path.get_ident()
            && self.scopes.find(name).is_some()
        {
            self.cx.error(
                name,
                format!(
                    "`{name}` is a local value: only named functions can be differentiated; \
                     write it as a `fn` with `#[autodiff]`"
                ),
            );
            return self.never();
        }
        let names: Vec<String> = func
            .path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let args: Vec<&syn::Expr> = call.args.iter().collect();
        match (names.as_slice(), args.as_slice()) {
            ([.., "mem", "swap"], [left, right]) => self.swap(call, left, right),
            ([.., "mem", "replace"], [place, value]) => self.replace(call, place, value),
            ([.., "mem", "take"], [place]) => self.take(call, place),
            (["f32" | "f64", "from"], [value]) => self.convert(call, names[0], value),
            (["f32" | "f64", name], [_, ..]) => self.float_function(call, names[0], name),
            (
                [
                    "usize" | "isize" | "i32" | "i64" | "u32" | "u64" | "u8" | "i8" | "u16" | "i16",
                    _,
                ],
                _,
            )
            | ([.., "cmp", "min" | "max"], _) => {
                self.opaque(&syn::Expr::Call(call.clone()), Why::Unsupported)
            }
            ([.., "Vec", _], _) => self.vec_function(call),
            ([.., "stop_gradient" | "detach"], [value]) => self.stop_gradient(call, value),
            _ => self.user_call(call, &func.path),
        }
    }

    /// `f64::max(a, b)` is `a.max(b)`, with the type said.
    fn float_function(&mut self, call: &syn::ExprCall, float: &str, name: &str) -> (Operand, TyId) {
        let expr = syn::Expr::Call(call.clone());
        if rules::BITS.contains(&name) {
            return self.opaque(&expr, Why::Bits);
        }
        let rule = rules::find(name).filter(|rule| rule.params.len() == call.args.len());
        if rule.is_none() && !rules::INACTIVE.contains(&name) {
            return self.opaque(&expr, Why::Method);
        }
        let operands: Vec<_> = call.args.iter().map(|arg| self.atom(arg)).collect();
        if let Ok(ty) = syn::parse_str::<syn::Type>(float) {
            let float = self.types.of_syn(&ty);
            self.types.unify(operands[0].1, float);
        }
        let form = Form::Path(if float == "f32" {
            Width::F32
        } else {
            Width::F64
        });
        match rule {
            Some(rule) => self.rule(rule, operands, form, call.span()),
            None => {
                let method = syn::Ident::new(name, call.func.span());
                self.inactive(method, operands, call.span())
            }
        }
    }

    /// `f64::from(x)` is `x as f64` where it compiles.
    fn convert(&mut self, call: &syn::ExprCall, float: &str, value: &syn::Expr) -> (Operand, TyId) {
        let (atom, _) = self.atom(value);
        let Ok(ty) = syn::parse_str::<syn::Type>(float) else {
            return self.never();
        };
        let kind = self.types.of_syn(&ty);
        let value = Value::Cast(atom, self.types.resolve(kind), ty.to_token_stream());
        (Operand::Atom(self.bind(value, kind, call.span())), kind)
    }

    fn swap(
        &mut self,
        call: &syn::ExprCall,
        left: &syn::Expr,
        right: &syn::Expr,
    ) -> (Operand, TyId) {
        let (left, kind) = self.pointee(left);
        let (right, right_kind) = self.pointee(right);
        self.types.unify(kind, right_kind);
        self.push(call.span(), StmtKind::Swap(left, right));
        self.unit()
    }

    fn replace(
        &mut self,
        call: &syn::ExprCall,
        place: &syn::Expr,
        value: &syn::Expr,
    ) -> (Operand, TyId) {
        let (place, kind) = self.pointee(place);
        let (value, value_kind) = self.atom(value);
        self.types.unify(kind, value_kind);
        let old = self.bind(Value::Load(place.clone()), kind, call.span());
        let store = StmtKind::Store {
            place,
            value,
            first: false,
        };
        self.push(call.span(), store);
        (Operand::Atom(old), kind)
    }

    /// `mem::take` of a number leaves zero. Of a `Vec` it would leave nothing.
    fn take(&mut self, call: &syn::ExprCall, place: &syn::Expr) -> (Operand, TyId) {
        let (place, kind) = self.pointee(place);
        let zero = match self.types.resolve(kind) {
            Ty::Float(Some(Width::F32)) => Atom::float("0.0_f32"),
            Ty::Float(_) => Atom::float("0.0"),
            Ty::Discrete(Some(name)) if name != "bool" && name != "char" => Atom::int(0),
            _ => {
                self.cx.error(
                    call,
                    "`mem::take` of this value cannot be differentiated yet: use `mem::replace` with a \
                     value of the same length",
                );
                return self.never();
            }
        };
        let old = self.bind(Value::Load(place.clone()), kind, call.span());
        let store = StmtKind::Store {
            place,
            value: zero,
            first: false,
        };
        self.push(call.span(), store);
        (Operand::Atom(old), kind)
    }

    /// What a mutable reference points to.
    fn pointee(&mut self, expr: &syn::Expr) -> (Place, TyId) {
        let (place, kind) = self.place(expr);
        if self.is_reference(&place) {
            return (place.then(Proj::Deref), kind);
        }
        (place, kind)
    }

    fn vec_function(&mut self, call: &syn::ExprCall) -> (Operand, TyId) {
        self.cx.error(
            call,
            "a growing `Vec` cannot be differentiated yet: make it with its length, `vec![0.0; n]`, and store by index",
        );
        self.never()
    }

    /// The value, without its derivative.
    fn stop_gradient(&mut self, call: &syn::ExprCall, value: &syn::Expr) -> (Operand, TyId) {
        let (atom, kind) = self.atom(value);
        let function = call.func.to_token_stream();
        let value = Value::Inert(Inert::Function(function), vec![atom]);
        (Operand::Atom(self.bind(value, kind, call.span())), kind)
    }

    fn user_call(&mut self, call: &syn::ExprCall, path: &syn::Path) -> (Operand, TyId) {
        let constructor = path.segments.last().is_some_and(|last| {
            last.ident
                .to_string()
                .starts_with(|c: char| c.is_uppercase())
        });
        if constructor
            || path
                .segments
                .iter()
                .any(|segment| !segment.arguments.is_empty())
        {
            return self.opaque(&syn::Expr::Call(call.clone()), Why::Unsupported);
        }
        let args = call.args.iter().map(|arg| self.arg(arg)).collect();
        let kind = self.types.unknown();
        let span = call.span();
        let out = self.fresh("t", span, kind, Role::Temp);
        self.push(
            span,
            StmtKind::Call(Call {
                out: Some(out),
                callee: path.clone(),
                args,
                repeated: false,
            }),
        );
        (Operand::Atom(Atom::Var(out)), kind)
    }

    fn arg(&mut self, expr: &syn::Expr) -> Arg {
        let (operand, kind) = self.expr(expr);
        match operand {
            Operand::Ref(place, mutability) => Arg::Ref {
                place,
                mutability,
                passed_on: false,
            },
            Operand::Place(place) if self.is_reference(&place) => Arg::Ref {
                mutability: self
                    .func
                    .var(place.root)
                    .reference
                    .unwrap_or(Mutability::Shared),
                place,
                passed_on: true,
            },
            operand => Arg::Value(self.atom_of(operand, kind, expr.span())),
        }
    }
}

/// Whether the callee is `mem::swap`, which has no value.
pub(super) fn is_swap(func: &syn::Expr) -> bool {
    let syn::Expr::Path(path) = unparen(func) else {
        return false;
    };
    let mut names = path
        .path
        .segments
        .iter()
        .rev()
        .map(|segment| segment.ident.to_string());
    names.next().as_deref() == Some("swap") && names.next().as_deref() == Some("mem")
}
