//! Adjoints of neighbouring elements, `d_u[i - 1] += a; d_u[i] += b; d_u[i + 1] += c`, are
//! summed up in locals that move along with the loop, and each element is added to once:
//!
//! ```text
//! for i {                       for i {
//!     d_u[i - 1] += a;              left += a;
//!     d_u[i] += b;                  here += b;
//!     d_u[i + 1] += c;              d_u[i - 1] += left;
//! }                                 left = here; here = c;
//!                               }
//!                               d_u[n - 1] += left; d_u[n] += here;
//! ```
//!
//! Memory that one trip writes and the next one reads keeps that waiting. It takes a
//! shadow that the loop only adds to, so that the order of the additions does not matter.

use super::integers::integer;
use super::sums::disturbed;
use super::{Body, Tight, every_trip};
use crate::analysis::affine::Affine;
use crate::ir::*;
use proc_macro2::Span;
use std::collections::BTreeMap;

/// The most elements that one trip adds to as neighbours.
const WIDEST: i64 = 5;

pub(super) fn gather(func: &mut Func, tight: &mut Tight) {
    let Some(range) = tight.range().cloned() else {
        return;
    };
    let body = Body::of(&tight.each);
    let inner = tight.each.body.stmts.iter();
    let innermost = !inner
        .clone()
        .any(|stmt| matches!(stmt.kind, StmtKind::Loop(_)));
    let usual = func.var(range.var).ty.is_usize();
    if !innermost || !usual || !body.fixed(&range.from) || !body.fixed(&range.to) {
        return;
    }
    for group in groups(func, tight, &body, range.var) {
        tight.guarded = true;
        group.emit(func, tight, &range);
    }
}

/// Elements of one shadow that lie side by side in each trip.
struct Group {
    shadow: VarId,
    gates: Vec<Params>,
    /// Places by their distance from the first.
    places: BTreeMap<i64, Place>,
}

fn groups(func: &Func, tight: &Tight, body: &Body, j: VarId) -> Vec<Group> {
    let disturbed = disturbed(&tight.each);
    // By shadow and what does not change: constants, with places and gates.
    type Known = BTreeMap<i64, (Place, Vec<Params>)>;
    let mut known: BTreeMap<(u32, BTreeMap<VarId, i64>), Known> = BTreeMap::new();
    every_trip(&tight.each.body, &mut Vec::new(), &mut |kind, gates| {
        let StmtKind::Update { place, .. } = kind else {
            return;
        };
        let [Proj::Index(index)] = place.path.as_slice() else {
            return;
        };
        let shadow = matches!(func.var(place.root).role, Role::Shadow);
        if !shadow || disturbed.contains(&place.root) || body.slope(index, j) != Some(1) {
            return;
        }
        if let Some(mut index) = affine(body, j, index)
            && index.terms.remove(&j) == Some(1)
        {
            let group = known.entry((place.root.0, index.terms)).or_default();
            let found = (place.clone(), gates.to_vec());
            group.entry(index.constant).or_insert(found);
        }
    });
    let groups = known.into_iter().filter_map(|((root, _), places)| {
        let (first, (_, gates)) = places.first_key_value()?;
        let (last, _) = places.last_key_value()?;
        let same = places.values().all(|(_, other)| other == gates);
        let near = (1..WIDEST).contains(&(last - first));
        (same && near).then(|| Group {
            shadow: VarId(root),
            gates: gates.clone(),
            places: places
                .iter()
                .map(|(at, (place, _))| (at - first, place.clone()))
                .collect(),
        })
    });
    groups.collect()
}

/// An index as a sum: what moves along is looked into.
fn affine(body: &Body, j: VarId, atom: &Atom) -> Option<Affine> {
    let moves = |id: VarId| body.slope(&Atom::Var(id), j) == Some(1);
    Affine::of(atom, &|id| {
        body.values.get(&id).copied().filter(|_| moves(id))
    })
}

impl Group {
    fn emit(&self, func: &mut Func, tight: &mut Tight, range: &Range) {
        let span = tight.span;
        let up = range.runs_up();
        let width = *self.places.keys().last().expect("a group is not empty");
        let locals: Vec<VarId> = (0..=width).map(|_| self.local(func)).collect();
        redirect(&mut tight.each.body, &self.places, &locals);
        let zero = Atom::float_for(&func.var(locals[0]).ty, "0.0");
        for local in &locals {
            let start = StmtKind::Cell(*local, Some(Value::Negate(zero.clone())));
            tight.before.push(span, start);
        }

        // The element that no other trip adds to, and the locals move on.
        let done = if up { 0 } else { width };
        let mut moved: Vec<VarId> = locals.clone();
        if !up {
            moved.reverse();
        }
        let mut end = Block::default();
        end.push(span, plus(self.places[&done].clone(), moved[0]));
        tight.each.body.stmts.extend(self.gated(end, span));
        for pair in moved.windows(2) {
            let next = func.fresh("t", span, func.var(pair[1]).ty.clone(), Role::Temp);
            let load = StmtKind::Let(next, Value::Load(Place::of(pair[1])));
            tight.each.body.push(span, load);
            tight
                .each
                .body
                .push(span, StmtKind::assign(Place::of(pair[0]), Atom::Var(next)));
        }
        let last = moved[moved.len() - 1];
        let none = func.fresh("t", span, func.var(last).ty.clone(), Role::Temp);
        let value = Value::Negate(zero);
        tight.each.body.push(span, StmtKind::Let(none, value));
        tight
            .each
            .body
            .push(span, StmtKind::assign(Place::of(last), Atom::Var(none)));

        self.flush(func, tight, range, &locals);
    }

    /// Adds what is left in the locals behind the loop.
    fn flush(&self, func: &mut Func, tight: &mut Tight, range: &Range, locals: &[VarId]) {
        let span = tight.span;
        let up = range.runs_up();
        let at = if up { &range.to } else { &range.from };
        let [Proj::Index(first)] = self.places[&0].path.as_slice() else {
            return;
        };
        let body = Body::of(&tight.each);
        let mut behind = Block::default();
        let start = body.index_at(func, first, (range.var, at), span, &mut behind);
        let rest = if up {
            &locals[..locals.len() - 1]
        } else {
            &locals[1..]
        };
        let mut sums = Block::default();
        for (distance, local) in rest.iter().enumerate() {
            let index = integer(
                func,
                "add",
                [&start, &Atom::int(distance)],
                span,
                &mut behind,
            );
            let place = Place::of(self.shadow).then(Proj::Index(index));
            sums.push(span, plus(place, *local));
        }
        tight.behind.stmts.extend(behind.stmts);
        let gated = self.gated(sums, span);
        tight.behind.stmts.extend(gated);
    }

    fn gated(&self, inner: Block, span: Span) -> Vec<Stmt> {
        crate::transform::behind(&self.gates, inner, span).stmts
    }

    fn local(&self, func: &mut Func) -> VarId {
        let shadow = func.var(self.shadow).clone();
        let ty = match shadow.ty {
            Ty::Seq(elem, _) => *elem,
            _ => Ty::Float(None),
        };
        let name = format!("{}_near", shadow.name);
        let local = func.fresh(&name, shadow.span, ty, Role::Shadow);
        func.var_mut(local).cell = true;
        local
    }
}

fn plus(place: Place, local: VarId) -> StmtKind {
    StmtKind::Update {
        place,
        op: Sign::Plus,
        value: Atom::Var(local),
    }
}

/// Lets the additions of every trip go to the locals.
fn redirect(block: &mut Block, places: &BTreeMap<i64, Place>, locals: &[VarId]) {
    for stmt in &mut block.stmts {
        match &mut stmt.kind {
            StmtKind::Update { place, .. } => {
                if let Some((at, _)) = places.iter().find(|(_, other)| *other == place) {
                    *place = Place::of(locals[*at as usize]);
                }
            }
            StmtKind::Gate(_, inner) => redirect(inner, places, locals),
            _ => {}
        }
    }
}
