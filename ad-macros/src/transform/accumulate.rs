//! Adjoints of elements that stay the same throughout a loop, `d_v[i] += ..` inside
//! of `for j`, are summed up in a local and added once, behind the loop.
//!
//! Memory that is read, changed and written in each trip keeps the next trip
//! waiting. It takes an index that does not change in the loop, an addition that
//! every trip makes, and a shadow that the loop only adds to. The local starts as
//! `-0.0`, the neutral element of the addition of floats.

use super::reverse::Sweeps;
use crate::ir::visit::walk;
use crate::ir::*;
use proc_macro2::Span;
use std::collections::HashSet;

pub(super) fn accumulate(sweeps: &mut Sweeps) {
    let mut body = std::mem::take(&mut sweeps.reverse);
    block(&mut sweeps.func, &mut body);
    sweeps.reverse = body;
}

/// Inner loops before outer ones.
fn block(func: &mut Func, body: &mut Block) {
    let stmts = std::mem::take(&mut body.stmts);
    for mut stmt in stmts {
        for inner in stmt.kind.blocks_mut() {
            block(func, inner);
        }
        match stmt.kind {
            StmtKind::Loop(each) => hoist(func, each, stmt.span, body),
            kind => body.push(stmt.span, kind),
        }
    }
}

fn hoist(func: &mut Func, mut each: Loop, span: Span, out: &mut Block) {
    let ran = ran(&each.head);
    let sums = if ran == Ran::Unknown {
        Vec::new()
    } else {
        sums(func, &each)
    };
    for sum in &sums {
        let zero = zero_of(func, sum.local);
        out.push(span, StmtKind::Cell(sum.local, Some(Value::Negate(zero))));
    }
    redirect(&mut each.body, &sums);
    out.push(span, StmtKind::Loop(each));
    if sums.is_empty() {
        return;
    }
    let mut adds = Block::default();
    for sum in sums {
        add(sum, span, &mut adds);
    }
    match ran {
        Ran::If(operator, left, right) => {
            let ty = Ty::discrete("bool");
            let id = func.fresh("t", span, ty, Role::Temp);
            let test = Value::Inert(Inert::Operator(operator), vec![left, right]);
            out.push(span, StmtKind::Let(id, test));
            out.push(span, StmtKind::If(Atom::Var(id), adds, Block::default()));
        }
        _ => out.stmts.extend(adds.stmts),
    }
}

/// Adds a local sum to its place.
fn add(sum: Sum, span: Span, adds: &mut Block) {
    let mut inner = Block::default();
    let update = StmtKind::Update {
        place: sum.place,
        op: Sign::Plus,
        value: Atom::Var(sum.local),
    };
    inner.push(span, update);
    adds.stmts
        .extend(super::behind(&sum.gates, inner, span).stmts);
}

fn zero_of(func: &Func, id: VarId) -> Atom {
    match func.var(id).ty {
        Ty::Float(Some(Width::F32)) => Atom::float("0.0_f32"),
        _ => Atom::float("0.0"),
    }
}

/// When a loop has run at least once.
#[derive(PartialEq)]
enum Ran {
    Always,
    If(syn::BinOp, Atom, Atom),
    Unknown,
}

fn ran(head: &Head) -> Ran {
    match head {
        Head::Range(range) => {
            let value = |atom: &Atom| match atom {
                Atom::Lit(syn::Lit::Int(lit)) => lit.base10_parse::<u64>().ok(),
                _ => None,
            };
            if let (Some(from), Some(to)) = (value(&range.from), value(&range.to))
                && from < to
            {
                return Ran::Always;
            }
            let operator = if range.inclusive {
                syn::parse_quote!(<=)
            } else {
                syn::parse_quote!(<)
            };
            Ran::If(operator, range.from.clone(), range.to.clone())
        }
        Head::Drain(trips) => Ran::If(syn::parse_quote!(>), Atom::Var(*trips), Atom::int(0)),
        Head::While(..) | Head::Forever => Ran::Unknown,
    }
}

/// One element that a loop adds to.
struct Sum {
    place: Place,
    gates: Vec<Params>,
    local: VarId,
}

fn sums(func: &mut Func, each: &Loop) -> Vec<Sum> {
    let mut changing: HashSet<VarId> = HashSet::new();
    let mut disturbed: HashSet<VarId> = HashSet::new();
    if let Head::Range(range) = &each.head {
        changing.insert(range.var);
    }
    walk(&each.body, &mut |stmt| {
        let access = stmt.kind.access();
        changing.extend(&access.defines);
        changing.extend(access.writes.iter().map(|place| place.root));
        match &stmt.kind {
            StmtKind::Update { place, value, .. } => {
                disturbed.extend(value.var());
                disturbed.extend(place.atoms().filter_map(Atom::var));
            }
            _ => disturbed.extend(access.variables()),
        }
    });
    let mut found: Vec<Sum> = Vec::new();
    every_trip(&each.body, &mut Vec::new(), &mut |place, gates| {
        let fixed = place
            .atoms()
            .filter_map(Atom::var)
            .all(|id| !changing.contains(&id));
        let element = matches!(place.path.last(), Some(Proj::Index(_)));
        let known = found.iter().any(|sum| sum.place == *place);
        if fixed && element && !known && !disturbed.contains(&place.root) {
            let local = local(func, place);
            found.push(Sum {
                place: place.clone(),
                gates: gates.to_vec(),
                local,
            });
        }
    });
    found
}

/// The local for `d_v[i]` is called `d_v_i`.
fn local(func: &mut Func, place: &Place) -> VarId {
    let shadow = func.var(place.root).clone();
    let index = place.atoms().filter_map(Atom::var).last();
    let base = match index {
        Some(id) => format!("{}_{}", shadow.name, func.var(id).name),
        None => format!("{}_sum", shadow.name),
    };
    let mut ty = shadow.ty.clone();
    for _ in &place.path {
        if let Ty::Seq(elem, _) = ty {
            ty = *elem;
        }
    }
    let local = func.fresh(&base, shadow.span, ty, Role::Shadow);
    func.var_mut(local).cell = true;
    local
}

/// Calls `see` with the places that every trip adds floats to, and their gates.
fn every_trip(block: &Block, gates: &mut Vec<Params>, see: &mut dyn FnMut(&Place, &[Params])) {
    for stmt in &block.stmts {
        match &stmt.kind {
            StmtKind::Update { place, .. } => see(place, gates),
            StmtKind::Gate(gate, inner) => {
                gates.push(gate.clone());
                every_trip(inner, gates, see);
                gates.pop();
            }
            _ => {}
        }
    }
}

/// Lets all updates of the places go to the locals.
fn redirect(block: &mut Block, sums: &[Sum]) {
    for stmt in &mut block.stmts {
        if let StmtKind::Update { place, .. } = &mut stmt.kind
            && let Some(sum) = sums.iter().find(|sum| sum.place == *place)
        {
            *place = Place::of(sum.local);
        }
        for inner in stmt.kind.blocks_mut() {
            redirect(inner, sums);
        }
    }
}
