//! Integers that these passes compute, as a person would write them: without `+ 0`, `2 - 1` or
//! `i + 1 + 1`, and none twice in a row of statements.

use crate::ir::*;
use proc_macro2::Span;

/// `left op right`, for `add`, `sub` and the like: in a statement of its own behind those of
/// `out`, if it has to be computed.
pub(super) fn integer(
    func: &mut Func,
    name: &str,
    [left, right]: [&Atom; 2],
    span: Span,
    out: &mut Block,
) -> Atom {
    if let Some(known) = folded(func, name, [left, right], span, out) {
        return known;
    }
    let same = |stmt: &Stmt| match operands(stmt) {
        Some((id, rule, [a, b])) => (rule == name && a == left && b == right).then_some(id),
        None => None,
    };
    if let Some(id) = out.stmts.iter().find_map(same) {
        return Atom::Var(id);
    }
    let id = func.fresh("t", span, Ty::discrete("usize"), Role::Temp);
    let value = Value::operation(name, vec![left.clone(), right.clone()]);
    out.push(span, StmtKind::Let(id, value));
    Atom::Var(id)
}

/// What need not be computed, or not in this way.
fn folded(
    func: &mut Func,
    name: &str,
    [left, right]: [&Atom; 2],
    span: Span,
    out: &mut Block,
) -> Option<Atom> {
    let sign = match name {
        "add" => 1,
        "sub" => -1,
        _ => return None,
    };
    if right.is_zero() {
        return Some(left.clone());
    }
    if sign > 0 && left.is_zero() {
        return Some(right.clone());
    }
    if sign < 0 && left == right {
        return Some(Atom::int(0));
    }
    let right = sign * literal(right)?;
    if let Some(left) = literal(left) {
        return usize::try_from(left + right).ok().map(Atom::int);
    }
    // `(base + 1) + 1`
    let made = out.stmts.iter().filter_map(operands);
    let (_, rule, [base, by]) = made.clone().find(|(id, ..)| Some(*id) == left.var())?;
    let by = match rule {
        "add" => literal(by)?,
        "sub" => -literal(by)?,
        _ => return None,
    };
    let (base, sum) = (base.clone(), by + right);
    let name = if sum < 0 { "sub" } else { "add" };
    let amount = Atom::int(usize::try_from(sum.abs()).ok()?);
    Some(integer(func, name, [&base, &amount], span, out))
}

fn literal(atom: &Atom) -> Option<i64> {
    match atom {
        Atom::Lit(syn::Lit::Int(digits)) => digits.base10_parse().ok(),
        _ => None,
    }
}

/// An operation of two integers, and the variable that is named for it.
fn operands(stmt: &Stmt) -> Option<(VarId, &'static str, [&Atom; 2])> {
    match &stmt.kind {
        StmtKind::Let(id, Value::Rule(rule, atoms, _)) => match atoms.as_slice() {
            [left, right] => Some((*id, rule.name, [left, right])),
            _ => None,
        },
        _ => None,
    }
}
