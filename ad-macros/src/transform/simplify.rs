//! Arithmetic of the reverse sweep, with fewer and cheaper operations.
//!
//! - Divisions by one divisor share its reciprocal.
//! - Literal factors in a row become one.
//!
//! Only adjoints are touched, up to rounding; primal values stay what they are, bit
//! for bit.

use super::reverse::Sweeps;
use crate::ir::*;
use std::collections::{HashMap, HashSet};

/// `primal`: how many variables the primal has; later ones belong to the derivative.
pub(super) fn simplify(sweeps: &mut Sweeps, primal: usize) {
    let mut body = std::mem::take(&mut sweeps.reverse);
    block(&mut sweeps.func, primal, &mut body);
    sweeps.reverse = body;
}

fn block(func: &mut Func, primal: usize, body: &mut Block) {
    fold_literals(func, primal, body);
    share_reciprocals(func, primal, body);
    for stmt in &mut body.stmts {
        for inner in stmt.kind.blocks_mut() {
            block(func, primal, inner);
        }
    }
}

/// A product or quotient among the adjoints.
fn operation<'a>(stmt: &'a Stmt, primal: usize, name: &str) -> Option<(VarId, &'a [Atom])> {
    match &stmt.kind {
        StmtKind::Let(id, Value::Rule(rule, atoms, _))
            if rule.name == name && id.0 as usize >= primal =>
        {
            Some((*id, atoms))
        }
        _ => None,
    }
}

/// A quotient among the adjoints, with its divisor; without a numerator the partial of
/// a square root, which divides by its result.
fn quotient(stmt: &Stmt, primal: usize) -> Option<(VarId, Option<&Atom>, &Atom)> {
    if let StmtKind::Let(id, Value::Helper("sqrt", atoms)) = &stmt.kind {
        return Some((*id, None, &atoms[0]));
    }
    let (id, atoms) = operation(stmt, primal, "div")?;
    Some((id, Some(&atoms[0]), &atoms[1]))
}

fn share_reciprocals(func: &mut Func, primal: usize, body: &mut Block) {
    let mut count: HashMap<VarId, HashSet<Option<VarId>>> = HashMap::new();
    for stmt in &body.stmts {
        if let Some((_, numerator, divisor)) = quotient(stmt, primal)
            && let Some(divisor) = steady(func, divisor)
        {
            // Equal quotients are one division already.
            let numerator = numerator.and_then(Atom::var);
            count.entry(divisor).or_default().insert(numerator);
        }
    }
    let mut reciprocals: HashMap<VarId, VarId> = HashMap::new();
    for stmt in std::mem::take(&mut body.stmts) {
        let found = quotient(&stmt, primal).and_then(|(id, numerator, divisor)| {
            let divisor = steady(func, divisor).filter(|divisor| count[divisor].len() > 1)?;
            Some((id, numerator.cloned(), divisor))
        });
        let Some((id, numerator, divisor)) = found else {
            body.stmts.push(stmt);
            continue;
        };
        let span = stmt.span;
        let reciprocal = *reciprocals.entry(divisor).or_insert_with(|| {
            let var = func.var(divisor).clone();
            let name = format!("inv_{}", var.name);
            let inverse = func.fresh(&name, span, var.ty.clone(), Role::Temp);
            let one = match var.ty {
                Ty::Float(Some(Width::F32)) => Atom::float("1.0_f32"),
                _ => Atom::float("1.0"),
            };
            let value = rule("div", vec![one, Atom::Var(divisor)]);
            body.push(span, StmtKind::Let(inverse, value));
            inverse
        });
        let inverse = Atom::Var(reciprocal);
        let value = match numerator {
            Some(numerator) => rule("mul", vec![numerator, inverse]),
            None => Value::Helper("sqrt_with", vec![Atom::Var(divisor), inverse]),
        };
        body.push(span, StmtKind::Let(id, value));
    }
}

/// A float that has one value throughout.
fn steady(func: &Func, atom: &Atom) -> Option<VarId> {
    let id = atom.var()?;
    let var = func.var(id);
    (var.ty.is_float() && !var.cell).then_some(id)
}

/// `(x * 0.5) * 2.0` is `x * 1.0`.
fn fold_literals(func: &Func, primal: usize, body: &mut Block) {
    let mut products: HashMap<VarId, (Atom, f64)> = HashMap::new();
    for stmt in &mut body.stmts {
        let Some((id, [left, right])) = operation(stmt, primal, "mul") else {
            continue;
        };
        let (factor, literal) = match (number(left), number(right)) {
            (None, Some(literal)) => (left.clone(), literal),
            (Some(literal), None) => (right.clone(), literal),
            _ => continue,
        };
        let known = factor.var().and_then(|id| products.get(&id));
        let (factor, literal) = match known {
            Some((inner, before)) => (inner.clone(), before * literal),
            None => (factor, literal),
        };
        if known.is_some() && literal.is_finite() && literal != 0.0 {
            let suffix = match func.var(id).ty {
                Ty::Float(Some(Width::F32)) => "_f32",
                _ => "",
            };
            let product = Atom::float(&format!("{literal:?}{suffix}"));
            stmt.kind = StmtKind::Let(id, rule("mul", vec![factor.clone(), product]));
        }
        let fixed = factor.var().is_none_or(|id| !func.var(id).cell);
        if fixed {
            products.insert(id, (factor, literal));
        }
    }
}

fn number(atom: &Atom) -> Option<f64> {
    match atom {
        Atom::Lit(syn::Lit::Float(literal)) => literal.base10_parse().ok(),
        _ => None,
    }
}

fn rule(name: &str, atoms: Vec<Atom>) -> Value {
    let rule = crate::rules::find(name).expect("an operator of the table");
    Value::Rule(rule, atoms, Form::Method)
}
