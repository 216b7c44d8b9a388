//! Contributions of the rules table, instantiated as statements.
//!
//! A contribution is Rust text, linear in `d`: `d * x.cos()`. It is parsed when
//! a function uses it, so the table may grow without slowing other functions.

use crate::ir::*;
use crate::rules;
use proc_macro2::Span;

/// A contribution and the sign in front of it.
pub(super) struct Contribution {
    pub sign: Sign,
    pub value: Atom,
}

/// Where the values of a template go.
pub(super) struct Template<'a> {
    pub func: &'a mut Func,
    pub out: &'a mut Block,
    pub span: Span,
    /// Names of the template and what they stand for.
    pub names: Vec<(&'a str, Atom)>,
    pub ty: Ty,
    /// How the rule itself was called: its partials call functions the same way.
    pub form: Form,
    /// A variable that holds the value of a function already, if there is one.
    pub known: &'a dyn Fn(&str, &[Atom]) -> Option<Atom>,
}

/// What the names in a rule's contributions stand for: operands, result, and `d`.
pub(super) fn names(
    rule: &rules::Rule,
    atoms: &[Atom],
    out: VarId,
    d: Atom,
) -> Vec<(&'static str, Atom)> {
    let operands = rule.params.iter().copied().zip(atoms.iter().cloned());
    let others = [("out", Atom::Var(out)), ("d", d)];
    operands.chain(others).collect()
}

impl Template<'_> {
    /// Adds the statements that compute `text`.
    pub fn instantiate(&mut self, text: &str) -> Contribution {
        let expr =
            syn::parse_str::<syn::Expr>(text).expect("contributions parse: a test checks it");
        let (sign, expr) = match &expr {
            syn::Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Neg(_)) => {
                (Sign::Minus, &*unary.expr)
            }
            expr => (Sign::Plus, expr),
        };
        Contribution {
            sign,
            value: self.expr(expr),
        }
    }

    fn expr(&mut self, expr: &syn::Expr) -> Atom {
        match expr {
            syn::Expr::Paren(paren) => self.expr(&paren.expr),
            syn::Expr::Lit(lit) => self.literal(&lit.lit),
            syn::Expr::Path(path) => self.name(&path.path),
            syn::Expr::Binary(binary) => {
                let (left, right) = (self.expr(&binary.left), self.expr(&binary.right));
                let name = match binary.op {
                    syn::BinOp::Add(_) => "add",
                    syn::BinOp::Sub(_) => "sub",
                    syn::BinOp::Mul(_) => "mul",
                    _ => "div",
                };
                self.rule(name, vec![left, right])
            }
            syn::Expr::Unary(unary) => {
                let inner = self.expr(&unary.expr);
                self.rule("neg", vec![inner])
            }
            syn::Expr::MethodCall(call) => {
                let mut atoms = vec![self.expr(&call.receiver)];
                atoms.extend(call.args.iter().map(|arg| self.expr(arg)));
                self.rule(&call.method.to_string(), atoms)
            }
            syn::Expr::Call(call) => self.helper(call),
            _ => unreachable!("contributions use no other syntax: a test checks it"),
        }
    }

    fn literal(&mut self, lit: &syn::Lit) -> Atom {
        match (lit, &self.ty) {
            (syn::Lit::Float(float), Ty::Float(Some(Width::F32))) => {
                Atom::float(&format!("{}_f32", float.base10_digits()))
            }
            (lit, _) => Atom::Lit(lit.clone()),
        }
    }

    fn name(&mut self, path: &syn::Path) -> Atom {
        let name = path
            .get_ident()
            .map(ToString::to_string)
            .unwrap_or_default();
        let found = self.names.iter().find(|(known, _)| *known == name);
        found
            .map(|(_, atom)| atom.clone())
            .expect("contributions name operands, `out` and `d`: a test checks it")
    }

    fn rule(&mut self, name: &str, atoms: Vec<Atom>) -> Atom {
        if let Some(known) = (self.known)(name, &atoms) {
            return known;
        }
        let rule = rules::find(name).expect("contributions use the table's own functions");
        self.bind(Value::Rule(rule, atoms, self.form))
    }

    fn helper(&mut self, call: &syn::ExprCall) -> Atom {
        let name = match &*call.func {
            syn::Expr::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
            _ => None,
        };
        let name = name.unwrap_or_default();
        let atoms = call.args.iter().map(|arg| self.expr(arg)).collect();
        let helper = rules::helper(&name).expect("helpers are listed: a test checks it");
        self.bind(Value::Helper(helper, atoms))
    }

    fn bind(&mut self, value: Value) -> Atom {
        let id = self.func.fresh("t", self.span, self.ty.clone(), Role::Temp);
        self.out.push(self.span, StmtKind::Let(id, value));
        Atom::Var(id)
    }
}
