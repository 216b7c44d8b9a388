//! Sums of several rows at once.
//!
//! Each addition of a sum waits for the one before. Where an outer loop forms one sum after
//! another and none needs the others, four of them are formed side by side, in one loop
//! that reads what they share once. (Unroll and jam.)
//!
//! ```text
//! for o in 0..n {                    for o in (0..whole).step_by(4) {
//!     sum = b[o];                        sum = b[o]; sum2 = b[o + 1]; ..
//!     for i in 0..m {                    for i in 0..m {
//!         sum += w[o * m + i] * x[i]         sum += w[o * m + i] * x[i]; sum2 += ..
//!     }                                  }
//!     out[o] = sum;                      out[o] = sum; out[o + 1] = sum2; ..
//! }                                  }
//!                                    for o in whole..n { .. }
//! ```
//!
//! Every sum is what it was, bit for bit.

use super::reverse::Sweeps;
use super::tighten::{Body, cut_rows};
use crate::analysis::views::Views;
use crate::ir::visit::{map_atoms, map_places, walk};
use crate::ir::*;
use proc_macro2::Span;
use std::collections::{HashMap, HashSet};

/// How many sums are formed at once.
const LANES: usize = 4;

/// The most statements of a loop that are written down several times.
const LARGEST: usize = 24;

pub(super) fn jam(sweeps: &mut Sweeps) {
    let Sweeps { func, reverse, .. } = sweeps;
    let mut views = Views::of(func);
    walk(reverse, &mut |stmt| views.note(&stmt.kind));
    let mut forward = std::mem::take(&mut func.body);
    block(func, &views, &mut forward);
    block(func, &views, reverse);
    func.body = forward;
}

fn block(func: &mut Func, views: &Views, body: &mut Block) {
    for mut stmt in std::mem::take(&mut body.stmts) {
        for inner in stmt.kind.blocks_mut() {
            block(func, views, inner);
        }
        if let StmtKind::Loop(each) = &stmt.kind
            && let Some(nest) = Nest::of(func, views, each)
        {
            nest.emit(func, stmt.span, body);
        } else {
            body.stmts.push(stmt);
        }
    }
}

/// A loop around a loop that sums up.
struct Nest<'a> {
    each: &'a Loop,
    /// The variable of the outer loop, and its end.
    var: VarId,
    end: Atom,
    before: &'a [Stmt],
    inner: &'a Loop,
    behind: &'a [Stmt],
    /// Variables that differ from row to row.
    rows: HashSet<VarId>,
}

impl<'a> Nest<'a> {
    fn of(func: &Func, views: &Views, each: &'a Loop) -> Option<Nest<'a>> {
        let range = plain(func, each).filter(|range| range.from.is_zero())?;
        let stmts = &each.body.stmts;
        let at = stmts
            .iter()
            .position(|stmt| matches!(stmt.kind, StmtKind::Loop(_)))?;
        let StmtKind::Loop(inner) = &stmts[at].kind else {
            return None;
        };
        let along = plain(func, inner)?;
        if stmts.len() + inner.body.stmts.len() > LARGEST || is_short(along) || is_short(range) {
            return None;
        }
        let mut nest = Nest {
            each,
            var: range.var,
            end: range.to.clone(),
            before: &stmts[..at],
            inner,
            behind: &stmts[at + 1..],
            rows: HashSet::from([range.var]),
        };
        let memory = Memory::of(views, each, range.var)?;
        nest.find_rows(&memory);
        let uniform = [&along.from, &along.to].map(|atom| atom.var());
        let bounds = uniform
            .iter()
            .flatten()
            .all(|id| !nest.differs(*id, &memory));
        let fine = nest
            .before
            .iter()
            .all(|stmt| nest.may_stand(func, &stmt.kind, &memory))
            && nest.sums_up(func)
            && nest.behind.iter().all(|stmt| {
                nest.may_stand(func, &stmt.kind, &memory) || memory.is_total(&stmt.kind)
            });
        (bounds && fine).then_some(nest)
    }

    /// Finds what differs from row to row, in the order of the statements.
    fn find_rows(&mut self, memory: &Memory) {
        let all = [self.before, &self.inner.body.stmts, self.behind];
        for stmt in all.into_iter().flatten() {
            let access = stmt.kind.access();
            let cell = matches!(stmt.kind, StmtKind::Cell(..));
            if cell || access.variables().any(|id| self.differs(id, memory)) {
                self.rows.extend(access.defines);
            }
        }
    }

    fn differs(&self, id: VarId, memory: &Memory) -> bool {
        self.rows.contains(&id) || memory.written.contains_key(&memory.root(id))
    }

    /// Whether a statement outside of the inner loop has to do with its own row only.
    fn may_stand(&self, func: &Func, kind: &StmtKind, memory: &Memory) -> bool {
        match kind {
            StmtKind::Let(_, value) | StmtKind::Cell(_, Some(value)) => plain_value(value),
            StmtKind::View { var, .. } => func.var(*var).reference == Some(Mutability::Shared),
            StmtKind::Store { place, .. } | StmtKind::Update { place, .. } => {
                self.rows.contains(&place.root) || memory.is_element(place)
            }
            StmtKind::Push(..) => true,
            _ => false,
        }
    }

    /// Whether the inner loop does nothing but to sum up in variables of the row.
    fn sums_up(&self, func: &Func) -> bool {
        let mut found = false;
        let fine = self.inner.body.stmts.iter().all(|stmt| match &stmt.kind {
            StmtKind::Let(_, value) => plain_value(value),
            StmtKind::Update { place, .. } => {
                let float = func.var(place.root).ty.is_float();
                found |= float;
                float && place.path.is_empty() && self.rows.contains(&place.root)
            }
            _ => false,
        });
        fine && found
    }

    /// The loop over several rows at once, and the loop over the rest.
    fn emit(&self, func: &mut Func, span: Span, out: &mut Block) {
        let index = || Ty::discrete("usize");
        let rest = func.fresh("rest", span, index(), Role::Temp);
        let whole = func.free_name("whole");
        let whole = func.fresh(&whole, span, index(), Role::Local);
        let operation = |name: &str, left: &Atom, right: Atom| {
            Value::operation(name, vec![left.clone(), right])
        };
        let modulo = operation("rem", &self.end, Atom::int(LANES));
        out.push(span, StmtKind::Let(rest, modulo));
        let rounded = operation("sub", &self.end, Atom::Var(rest));
        out.push(span, StmtKind::Let(whole, rounded));

        let mut body = Block::default();
        let lanes: Vec<Lane> = (0..LANES).map(|lane| self.lane(func, lane)).collect();
        for (lane, names) in lanes.iter().enumerate().skip(1) {
            let next = operation("add", &Atom::Var(self.var), Atom::int(lane));
            body.push(span, StmtKind::Let(names.name(self.var), next));
        }
        self.spread(self.before, &lanes, &mut body);
        let mut inner = Block::default();
        self.spread(&self.inner.body.stmts, &lanes, &mut inner);
        let inner = Loop {
            id: func.fresh_loop(),
            head: self.inner.head.clone(),
            body: inner,
        };
        body.stmts.extend(cut_rows(func, inner, span).stmts);
        let shared = |stmt: &&Stmt| !self.is_of_row(stmt);
        body.stmts
            .extend(self.behind.iter().filter(shared).cloned());
        for lane in &lanes {
            let own = self.behind.iter().filter(|stmt| self.is_of_row(stmt));
            body.stmts.extend(own.map(|stmt| lane.rename(stmt)));
        }
        let rows = Loop {
            id: func.fresh_loop(),
            head: self.head(Atom::int(0), Atom::Var(whole), Some(LANES)),
            body,
        };
        out.push(span, StmtKind::Loop(rows));
        let rest = Loop {
            id: self.each.id,
            head: self.head(Atom::Var(whole), self.end.clone(), None),
            body: self.each.body.clone(),
        };
        out.push(span, StmtKind::Loop(rest));
    }

    fn head(&self, from: Atom, to: Atom, step: Option<usize>) -> Head {
        Head::Range(Range {
            var: self.var,
            from,
            to,
            inclusive: false,
            adapters: step
                .map(|step| Adapter::StepBy(Atom::int(step)))
                .into_iter()
                .collect(),
        })
    }

    fn is_of_row(&self, stmt: &Stmt) -> bool {
        let defines = stmt.kind.access().defines;
        defines.is_empty() || defines.iter().any(|id| self.rows.contains(id))
    }

    /// Each statement for all lanes before the next one.
    fn spread(&self, stmts: &[Stmt], lanes: &[Lane], out: &mut Block) {
        for stmt in stmts {
            if self.is_of_row(stmt) {
                out.stmts.extend(lanes.iter().map(|lane| lane.rename(stmt)));
            } else {
                out.stmts.push(stmt.clone());
            }
        }
    }

    /// Names for what differs from row to row; the first lane keeps those that are there.
    fn lane(&self, func: &mut Func, lane: usize) -> Lane {
        let mut names = HashMap::new();
        let mut rows: Vec<VarId> = self.rows.iter().copied().collect();
        rows.sort_unstable_by_key(|id| id.0);
        for id in rows.into_iter().filter(|_| lane > 0) {
            let var = func.var(id).clone();
            let other = func.fresh(&var.name, var.span, var.ty, var.role);
            let copy = func.var_mut(other);
            (copy.cell, copy.reference) = (var.cell, var.reference);
            copy.annotated = var.annotated;
            names.insert(id, other);
        }
        Lane(names)
    }
}

/// New names for one of the rows.
struct Lane(HashMap<VarId, VarId>);

impl Lane {
    fn name(&self, id: VarId) -> VarId {
        self.0.get(&id).copied().unwrap_or(id)
    }

    fn rename(&self, stmt: &Stmt) -> Stmt {
        let mut one = Block {
            stmts: vec![stmt.clone()],
        };
        map_places(&mut one, &mut |place| place.root = self.name(place.root));
        map_atoms(&mut one, &mut |atom| {
            if let Atom::Var(id) = atom {
                *id = self.name(*id);
            }
        });
        let mut stmt = one.stmts.remove(0);
        match &mut stmt.kind {
            StmtKind::Let(id, _) | StmtKind::Cell(id, _) | StmtKind::View { var: id, .. } => {
                *id = self.name(*id);
            }
            StmtKind::Push(_, vars) => vars.iter_mut().for_each(|id| *id = self.name(*id)),
            _ => {}
        }
        stmt
    }
}

/// What a loop does to memory from outside.
struct Memory<'a> {
    views: &'a Views,
    /// What it writes, and the one place of it that a row has to do with.
    written: HashMap<VarId, Place>,
    /// Numbers that it only adds to.
    totals: HashSet<VarId>,
}

impl<'a> Memory<'a> {
    /// `None` if rows may have to do with each other.
    fn of(views: &'a Views, each: &Loop, var: VarId) -> Option<Memory<'a>> {
        let mut own = HashSet::from([var]);
        walk(&each.body, &mut |stmt| {
            own.extend(stmt.kind.access().defines)
        });
        let mut memory = Memory {
            views,
            written: HashMap::new(),
            totals: HashSet::new(),
        };
        let body = Body::of(each);
        let mut fine = true;
        walk(&each.body, &mut |stmt| {
            for place in stmt.kind.access().writes {
                let place = views.expand(place);
                if own.contains(&place.root) {
                    continue;
                }
                match place.path.as_slice() {
                    [] => fine &= memory.totals.insert(place.root),
                    [Proj::Index(index)] if body.slope(index, var) == Some(1) => {
                        let known = memory.written.entry(place.root).or_insert(place.clone());
                        fine &= *known == place;
                    }
                    _ => fine = false,
                }
            }
        });
        walk(&each.body, &mut |stmt| {
            let access = stmt.kind.access();
            for place in &access.reads {
                let place = views.expand(place);
                let known = memory.written.get(&place.root);
                fine &= known.is_none_or(|known| *known == place);
            }
            if !memory.is_total(&stmt.kind) {
                let mut used = access.variables();
                fine &= !used.any(|id| memory.totals.contains(&memory.root(id)));
            }
        });
        fine.then_some(memory)
    }

    fn root(&self, id: VarId) -> VarId {
        self.views.root(id)
    }

    /// Whether a place is the element of the row.
    fn is_element(&self, place: &Place) -> bool {
        let place = self.views.expand(place);
        self.written.get(&place.root) == Some(&place)
    }

    /// Whether a statement adds to a number from outside.
    fn is_total(&self, kind: &StmtKind) -> bool {
        match kind {
            StmtKind::Update { place, value, .. } => {
                let total = self.totals.contains(&place.root);
                total && place.path.is_empty() && value.var() != Some(place.root)
            }
            _ => false,
        }
    }
}

/// The range of a loop upwards through all of it.
fn plain<'a>(func: &Func, each: &'a Loop) -> Option<&'a Range> {
    match &each.head {
        Head::Range(range) if range.is_plain() => {
            func.var(range.var).ty.is_usize().then_some(range)
        }
        _ => None,
    }
}

/// Whether a loop has so few trips that rustc unrolls it.
fn is_short(range: &Range) -> bool {
    match &range.to {
        Atom::Lit(syn::Lit::Int(digits)) => digits.base10_parse::<u64>().is_ok_and(|to| to < 8),
        _ => false,
    }
}

/// Arithmetic on numbers.
fn plain_value(value: &Value) -> bool {
    matches!(
        value,
        Value::Atom(_)
            | Value::Rule(..)
            | Value::Inert(Inert::Operator(_) | Inert::Not | Inert::Method(_), _)
            | Value::Cast(..)
            | Value::Load(_)
            | Value::Len(_)
            | Value::Negate(_)
            | Value::Helper(..)
    )
}
