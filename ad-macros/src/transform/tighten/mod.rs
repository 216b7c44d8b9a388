//! Loops of the reverse sweep, made tight.
//!
//! Loops that are nested change places if that walks memory in its order
//! ([`interchange`]). Then each loop over a range, inner ones first:
//!
//! - [`steps`]: integers that count along with the loop become sums with its variable;
//! - [`fixed`]: index arithmetic that does not change moves in front;
//! - [`still`]: elements that it reads and does not write are read once, in front of it, as the
//!   [`origins`] of indices tell;
//! - [`sums`]: elements that stay the same throughout the loop are summed up in locals;
//! - [`order`]: where no trip waits for another, the loop runs forwards;
//! - [`neighbours`]: elements that lie side by side are summed up in locals that move along;
//! - [`rows`]: `x[base + j]` becomes `row[j]`, with `row` cut out before the loop; two rows of one
//!   array, if they are [`apart`].
//!
//! In front of the sweep, [`heads`] cuts parameters that are indexed by literals only. Index
//! arithmetic that they need is written by [`integers`].
//!
//! What they put in front of the loop and behind it asks for at least one trip: it stands
//! with the loop under `if from < to`, unless everything starts at zero.

mod apart;
mod fixed;
mod heads;
mod integers;
mod interchange;
mod neighbours;
mod order;
mod origins;
mod rows;
mod steps;
mod still;
mod sums;

use self::integers::integer;
use self::origins::Origins;
use super::fuse::Fused;
use super::passes::{Pass, Passes};
use super::reverse::Sweeps;
use super::simplify::drop_unused;
use crate::ir::visit::walk;
use crate::ir::*;
use proc_macro2::Span;
use std::collections::{HashMap, HashSet};

pub(super) fn tighten(sweeps: &mut Sweeps, passes: &Passes) {
    let mut body = std::mem::take(&mut sweeps.reverse);
    let Sweeps { func, fused, .. } = sweeps;
    let plan = Plan {
        passes,
        fused: fused.as_ref(),
        origins: Origins::of(func, &body),
    };
    block(func, &plan, &mut body);
    if passes.on(Pass::Rows) {
        let params = sweeps.func.params.iter();
        let all: Vec<VarId> = params
            .chain(sweeps.shadows.iter().flatten())
            .copied()
            .collect();
        heads::cut(&mut sweeps.func, &all, &mut body);
    }
    sweeps.reverse = body;
}

/// What shall be done.
struct Plan<'a> {
    passes: &'a Passes,
    /// Which sums have to be taken in their order.
    fused: Option<&'a Fused>,
    origins: Origins,
}

/// Inner loops before outer ones.
fn block(func: &mut Func, plan: &Plan, body: &mut Block) {
    let stmts = std::mem::take(&mut body.stmts);
    let interchanged = |stmt: Stmt| match &stmt.kind {
        StmtKind::Loop(each) if plan.passes.on(Pass::Interchange) && !sums_in(plan.fused, each) => {
            let other = interchange::interchange(func, each, stmt.span);
            other.map_or_else(|| vec![stmt], |block| block.stmts)
        }
        _ => vec![stmt],
    };
    for mut stmt in stmts.into_iter().flat_map(interchanged).collect::<Vec<_>>() {
        for inner in stmt.kind.blocks_mut() {
            block(func, plan, inner);
        }
        match stmt.kind {
            StmtKind::Loop(each) => tight(func, plan, each, stmt.span, body),
            kind => body.push(stmt.span, kind),
        }
    }
}

/// Whether a loop takes sums of the primal.
fn sums_in(fused: Option<&Fused>, each: &Loop) -> bool {
    fused.is_some_and(|fused| fused.sums_in(each))
}

/// A loop with what is put in front of it and behind it.
struct Tight {
    before: Block,
    each: Loop,
    behind: Block,
    /// What is put around the loop asks for at least one trip.
    guarded: bool,
    span: Span,
}

fn tight(func: &mut Func, plan: &Plan, each: Loop, span: Span, out: &mut Block) {
    let passes = plan.passes;
    let ran = ran(&each.head);
    if ran == Ran::Unknown || !reverses(func, &each) {
        out.push(span, StmtKind::Loop(each));
        return;
    }
    let mut tight = Tight::new(each, span);
    if passes.on(Pass::Rows) {
        steps::linear(func, &mut tight);
        fixed::hoist(func, &mut tight);
    }
    if passes.on(Pass::Still) {
        still::hoist(func, &plan.origins, &mut tight);
    }
    if passes.on(Pass::Accumulators) {
        sums::accumulate(func, &mut tight);
    }
    // A loop that sums up in locals waits for them either way; measured, it was slower
    // forwards.
    let asked = sums_in(plan.fused, &tight.each);
    if passes.on(Pass::Order) && (tight.behind.is_empty() || asked) {
        order::forwards(func, &mut tight);
    }
    if passes.on(Pass::Neighbours) {
        neighbours::gather(func, &mut tight);
    }
    if passes.on(Pass::Rows) {
        rows::cut(func, &plan.origins, &mut tight);
        drop_unused(&mut tight.each.body, &[]);
    }
    tight.emit(func, ran, out);
}

/// A loop with its rows cut out in front.
pub(super) fn cut_rows(func: &mut Func, each: Loop, span: Span) -> Block {
    let ran = ran(&each.head);
    let mut tight = Tight::new(each, span);
    fixed::hoist(func, &mut tight);
    rows::cut(func, &Origins::default(), &mut tight);
    drop_unused(&mut tight.each.body, &[]);
    let mut out = Block::default();
    tight.emit(func, ran, &mut out);
    out
}

/// Whether a loop has to do with shadows. What the forward sweep does, and what is run
/// again, stays as the user wrote it.
fn reverses(func: &Func, each: &Loop) -> bool {
    let shadow = |id: VarId| matches!(func.var(id).role, Role::Shadow);
    let mut found = false;
    walk(&each.body, &mut |stmt| {
        found |= stmt.kind.access().variables().any(shadow)
    });
    found
}

impl Tight {
    fn new(each: Loop, span: Span) -> Tight {
        Tight {
            before: Block::default(),
            each,
            behind: Block::default(),
            guarded: false,
            span,
        }
    }

    fn emit(self, func: &mut Func, ran: Ran, out: &mut Block) {
        let span = self.span;
        let guarded = self.guarded;
        let mut inner = self.before;
        inner.push(span, StmtKind::Loop(self.each));
        inner.stmts.extend(self.behind.stmts);
        match ran {
            Ran::If(operator, left, right) if guarded => {
                let ty = Ty::discrete("bool");
                let id = func.fresh("t", span, ty, Role::Temp);
                let test = Value::Inert(Inert::Operator(operator), vec![left, right]);
                out.push(span, StmtKind::Let(id, test));
                out.push(span, StmtKind::If(Atom::Var(id), inner, Block::default()));
            }
            _ => out.stmts.extend(inner.stmts),
        }
    }

    /// The range of a loop that runs through all of it, up or down.
    fn range(&self) -> Option<&Range> {
        let Head::Range(range) = &self.each.head else {
            return None;
        };
        range.is_whole().then_some(range)
    }
}

/// The test that a loop has run at least once; `None` within: it always has, `None`
/// as a whole: there is no telling.
pub(super) fn trips(head: &Head) -> Option<Option<Value>> {
    match ran(head) {
        Ran::Always => Some(None),
        Ran::If(operator, left, right) => {
            let test = Inert::Operator(operator);
            Some(Some(Value::Inert(test, vec![left, right])))
        }
        Ran::Unknown => None,
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
        Head::While(..) | Head::Forever | Head::Schedule(_) => Ran::Unknown,
    }
}

/// What a loop body does, for the questions of all of these passes.
pub(super) struct Body<'a> {
    /// Values named in the body, nested ones included.
    values: HashMap<VarId, &'a Value>,
    /// Variables that may differ from trip to trip.
    changing: HashSet<VarId>,
}

impl<'a> Body<'a> {
    pub(super) fn of(each: &'a Loop) -> Body<'a> {
        let mut body = Body {
            values: HashMap::new(),
            changing: HashSet::new(),
        };
        if let Head::Range(range) = &each.head {
            body.changing.insert(range.var);
        }
        walk(&each.body, &mut |stmt| {
            let access = stmt.kind.access();
            body.changing.extend(&access.defines);
            body.changing
                .extend(access.writes.iter().map(|place| place.root));
            if let StmtKind::Let(id, value) = &stmt.kind {
                body.values.insert(*id, value);
            }
        });
        body
    }

    pub(super) fn fixed(&self, atom: &Atom) -> bool {
        atom.var().is_none_or(|id| !self.changing.contains(&id))
    }

    /// How often the loop variable `j` is in an index: no time, once; `None`: neither.
    pub(super) fn slope(&self, atom: &Atom, j: VarId) -> Option<u8> {
        if self.fixed(atom) {
            return Some(0);
        }
        let id = atom.var()?;
        if id == j {
            return Some(1);
        }
        match self.values.get(&id)? {
            Value::Atom(atom) => self.slope(atom, j),
            Value::Load(place) if place.path.is_empty() => self.slope(&Atom::Var(place.root), j),
            Value::Rule(rule, atoms, _) => {
                let slopes: Option<Vec<u8>> =
                    atoms.iter().map(|atom| self.slope(atom, j)).collect();
                match (rule.name, slopes?.as_slice()) {
                    ("add", [0, 1] | [1, 0]) | ("sub", [1, 0]) => Some(1),
                    ("add" | "sub" | "mul" | "div" | "rem", [0, 0]) => Some(0),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Computes an index in front of the loop, as it is in the trip `j = at`.
    fn index_at(
        &self,
        func: &mut Func,
        atom: &Atom,
        (j, at): (VarId, &Atom),
        span: Span,
        out: &mut Block,
    ) -> Atom {
        let Some(id) = atom.var().filter(|_| !self.fixed(atom)) else {
            return atom.clone();
        };
        if id == j {
            return at.clone();
        }
        let value = match self.values.get(&id) {
            Some(Value::Atom(atom)) => return self.index_at(func, atom, (j, at), span, out),
            Some(Value::Load(place)) => {
                let root = Atom::Var(place.root);
                return self.index_at(func, &root, (j, at), span, out);
            }
            Some(Value::Rule(rule, atoms, form)) => {
                let atoms: Vec<Atom> = atoms
                    .iter()
                    .map(|atom| self.index_at(func, atom, (j, at), span, out))
                    .collect();
                let index = func.var(id).ty.is_usize();
                match (rule.name, atoms.as_slice()) {
                    (name @ ("add" | "sub" | "mul"), [left, right]) if index => {
                        return integer(func, name, [left, right], span, out);
                    }
                    _ => Value::Rule(rule, atoms, *form),
                }
            }
            _ => return atom.clone(),
        };
        let ty = func.var(id).ty.clone();
        let first = func.fresh("t", span, ty, Role::Temp);
        out.push(span, StmtKind::Let(first, value));
        Atom::Var(first)
    }
}

/// Calls `see` with the statements that every trip runs, and the gates around them.
fn every_trip<'a>(
    block: &'a Block,
    gates: &mut Vec<Params>,
    see: &mut dyn FnMut(&'a StmtKind, &[Params]),
) {
    for stmt in &block.stmts {
        if let StmtKind::Gate(gate, inner) = &stmt.kind {
            gates.push(gate.clone());
            every_trip(inner, gates, see);
            gates.pop();
        } else {
            see(&stmt.kind, gates);
        }
    }
}
