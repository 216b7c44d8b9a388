//! Iterators of the user, as indices again: for the reverse sweeps only.
//!
//! - A view of one number, which is only read, is the place itself: `row[k]` for `a` of
//!   `for a in row`.
//! - The length of a row is the number that says so: `n` for `w[o * n..(o + 1) * n]`.

use crate::ir::visit::{map_atoms, map_places, walk};
use crate::ir::*;
use std::collections::{HashMap, HashSet};

pub(crate) fn direct(func: &mut Func) {
    let mut body = std::mem::take(&mut func.body);
    elements(func, &mut body);
    lengths(&mut body);
    func.body = body;
}

/// Writes out views of single numbers.
fn elements(func: &Func, body: &mut Block) {
    let mut views: HashMap<VarId, Place> = HashMap::new();
    let mut named = HashSet::new();
    walk(body, &mut |stmt| {
        let access = stmt.kind.access();
        named.extend(access.atoms.iter().filter_map(|atom| atom.var()));
        named.extend(&access.mentions);
        match &stmt.kind {
            StmtKind::View { var, place } => {
                let view = func.var(*var);
                let element = matches!(place.path.last(), Some(Proj::Index(_)));
                if element && view.reference == Some(Mutability::Shared) && view.ty.is_float() {
                    views.insert(*var, place.clone());
                }
            }
            // Passed on as a reference.
            StmtKind::Call(_) => named.extend(access.reads.iter().map(|place| place.root)),
            _ => {}
        }
    });
    views.retain(|id, _| !named.contains(id));
    if views.is_empty() {
        return;
    }
    map_places(body, &mut |place| {
        if let Some(base) = views.get(&place.root)
            && matches!(place.path.as_slice(), [] | [Proj::Deref])
        {
            *place = base.clone();
        }
    });
    remove(body, &views);
}

fn remove(body: &mut Block, views: &HashMap<VarId, Place>) {
    body.stmts.retain(|stmt| match &stmt.kind {
        StmtKind::View { var, .. } => !views.contains_key(var),
        _ => true,
    });
    for stmt in &mut body.stmts {
        for inner in stmt.kind.blocks_mut() {
            remove(inner, views);
        }
    }
}

/// Names the lengths of rows by what their bounds are made of.
fn lengths(body: &mut Block) {
    let mut rows: HashMap<VarId, (Option<Atom>, Atom)> = HashMap::new();
    let mut values: HashMap<VarId, Value> = HashMap::new();
    walk(body, &mut |stmt| match &stmt.kind {
        StmtKind::View { var, place } => {
            if let Some(Proj::Range {
                from,
                to: Some(to),
                inclusive: false,
            }) = place.path.last()
            {
                rows.insert(*var, (from.clone(), to.clone()));
            }
        }
        StmtKind::Let(id, value @ Value::Rule(..)) => {
            values.insert(*id, value.clone());
        }
        _ => {}
    });
    let known = |view: VarId| {
        let (from, to) = rows.get(&view)?;
        match from {
            None => Some(to.clone()),
            Some(from) => length(&values, from, to),
        }
    };
    let mut names: HashMap<VarId, Atom> = HashMap::new();
    walk(body, &mut |stmt| {
        if let StmtKind::Let(id, Value::Len(place)) = &stmt.kind
            && matches!(place.path.as_slice(), [] | [Proj::Deref])
        {
            names.extend(known(place.root).map(|length| (*id, length)));
        }
    });
    if names.is_empty() {
        return;
    }
    map_atoms(body, &mut |atom| {
        while let Some(length) = atom.var().and_then(|id| names.get(&id)) {
            *atom = length.clone();
        }
    });
    shortest(body);
}

/// Two iterators of one length have that.
fn shortest(body: &mut Block) {
    for stmt in &mut body.stmts {
        if let StmtKind::Let(_, value) = &mut stmt.kind
            && let Value::Inert(Inert::Method(name), atoms) = value
            && let [one, other] = atoms.as_slice()
            && name == "min"
            && one == other
        {
            *value = Value::Atom(one.clone());
        }
        for inner in stmt.kind.blocks_mut() {
            shortest(inner);
        }
    }
}

/// `n`, for the bounds `a` and `a + n`, or `k * n` and `(k + 1) * n`.
fn length(values: &HashMap<VarId, Value>, from: &Atom, to: &Atom) -> Option<Atom> {
    let operands = |atom: &Atom, name: &str| match values.get(&atom.var()?)? {
        Value::Rule(rule, atoms, _) if rule.name == name => Some([&atoms[0], &atoms[1]]),
        _ => None,
    };
    let other = |[a, b]: [&Atom; 2], one: &Atom| match (a == one, b == one) {
        (true, _) => Some(b.clone()),
        (_, true) => Some(a.clone()),
        _ => None,
    };
    if let Some(sum) = operands(to, "add") {
        return other(sum, from);
    }
    let ([k, n], next) = (operands(from, "mul")?, operands(to, "mul")?);
    let follows = |next: &Atom, k: &Atom| {
        operands(next, "add").and_then(|sum| other(sum, k)) == Some(Atom::int(1))
    };
    [(k, n), (n, k)].into_iter().find_map(|(k, n)| {
        let next = other(next, n)?;
        follows(&next, k).then(|| n.clone())
    })
}
