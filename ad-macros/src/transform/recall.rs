//! What is dear to compute is kept for the first trips of a loop.
//!
//! A loop of sums saves nothing: its reverse computes again what it needs, functions such as
//! `exp` included. Where one call runs both loops, an array of a fixed size takes the values of
//! the first trips:
//!
//! ```text
//!                                          let mut kept_exp = [0.0; 32];
//! for i in 0..n {                          for i in 0..n {
//!     sum += x[i].exp();                       let t = x[i].exp();
//!                                              if i < 32 { kept_exp[i] = t; }
//!                                              sum += t;
//! }                                        }
//! ..
//! for i in 0..n {                          for i in 0..n {
//!     let t = x[i].exp();                      let t = if i < 32 { kept_exp[i] } else { x[i].exp() };
//!     d_x[i] += d_sum * t;                     d_x[i] += d_sum * t;
//! }                                        }
//! ```
//!
//! A pullback would have to take the array along: there it is left out, but for loops that are
//! run again.

use super::reverse::Sweeps;
use crate::analysis::rerun::dear;
use crate::ir::visit::{map_atoms, map_places, walk};
use crate::ir::*;
use proc_macro2::Span;
use std::collections::{BTreeMap, HashSet};

/// For how many trips values are kept.
const ROOM: usize = 32;

/// How many values of a trip are kept at most.
const MOST: usize = 2;

/// Keeps values. `split`: the sweeps are separate calls.
pub(super) fn recall(sweeps: &mut Sweeps, split: bool) {
    let Sweeps { func, reverse, .. } = sweeps;
    let mut forward = std::mem::take(&mut func.body.stmts);
    let reverse = &mut reverse.stmts;
    if split {
        region(func, &mut [&mut forward]);
        region(func, &mut [reverse]);
    } else {
        region(func, &mut [&mut forward, reverse]);
    }
    func.body.stmts = forward;
}

/// Where a loop stands: in which list, and which statement of it.
type Spot = (usize, usize);

/// A condition around a loop.
#[derive(Clone, PartialEq)]
enum Guard {
    If(Atom, bool),
    Gate(Params),
    /// Any other.
    Other,
}

/// Lists of statements that run one after the other, once each.
fn region(func: &mut Func, lists: &mut [&mut Vec<Stmt>]) {
    let mut pairs: BTreeMap<LoopId, Vec<Spot>> = BTreeMap::new();
    for (list, stmts) in lists.iter_mut().enumerate() {
        for (at, stmt) in stmts.iter_mut().enumerate() {
            for (_, each) in loops(&mut stmt.kind) {
                pairs.entry(each.id).or_default().push((list, at));
                region(func, &mut [&mut each.body.stmts]);
            }
        }
    }
    let mut arrays: Vec<(Spot, Stmt)> = Vec::new();
    for (id, spots) in pairs {
        let [first, second] = spots[..] else {
            continue;
        };
        // Both loops may stand in one statement.
        let nth = usize::from(first == second);
        let (around, forward) = twin(lists, first, id, 0);
        let forward = forward.clone();
        let (within, reverse) = twin(lists, second, id, nth);
        // The reverse loop runs only if the forward one has.
        let surely = |guard: &Guard| *guard != Guard::Other && within.contains(guard);
        if !around.iter().all(surely) {
            continue;
        }
        for (var, rule) in common(func, &forward, reverse) {
            let firsts = Firsts::new(func, &forward, var, rule);
            firsts.keep(func, twin(lists, first, id, 0).1);
            firsts.find_again(func, twin(lists, second, id, nth).1);
            arrays.push((first, firsts.declaration(func)));
        }
    }
    arrays.sort_by_key(|(spot, _)| *spot);
    for ((list, at), stmt) in arrays.into_iter().rev() {
        lists[list].insert(at, stmt);
    }
}

/// The loops of a statement that are not inside of others, and the conditions around them.
fn loops(kind: &mut StmtKind) -> Vec<(Vec<Guard>, &mut Loop)> {
    let blocks: Vec<(Guard, &mut Block)> = match kind {
        StmtKind::Loop(each) => return vec![(Vec::new(), each)],
        StmtKind::If(cond, yes, no) => vec![
            (Guard::If(cond.clone(), true), yes),
            (Guard::If(cond.clone(), false), no),
        ],
        StmtKind::Gate(gate, block) => vec![(Guard::Gate(gate.clone()), block)],
        kind => {
            let blocks = kind.blocks_mut().into_iter();
            blocks.map(|block| (Guard::Other, block)).collect()
        }
    };
    let mut found = Vec::new();
    for (guard, block) in blocks {
        for stmt in &mut block.stmts {
            for (mut around, each) in loops(&mut stmt.kind) {
                around.push(guard.clone());
                found.push((around, each));
            }
        }
    }
    found
}

/// The loop at a spot with this name, and the conditions around it.
fn twin<'a>(
    lists: &'a mut [&mut Vec<Stmt>],
    (list, at): Spot,
    id: LoopId,
    nth: usize,
) -> (Vec<Guard>, &'a mut Loop) {
    let all = loops(&mut lists[list][at].kind).into_iter();
    let mut named = all.filter(|(_, each)| each.id == id);
    named.nth(nth).expect("it has been found there")
}

/// What both loops compute and is dear: variables, and by which functions.
fn common(func: &Func, forward: &Loop, reverse: &Loop) -> Vec<(VarId, &'static str)> {
    let (Head::Range(range), Head::Range(other)) = (&forward.head, &reverse.head) else {
        return Vec::new();
    };
    let trips = |range: &Range| (range.var, range.from.clone(), range.to.clone());
    let same = trips(range) == trips(other) && range.is_whole() && other.is_whole();
    if !same || !func.var(range.var).ty.is_usize() {
        return Vec::new();
    }
    let known: HashSet<VarId> = forward.body.stmts.iter().filter_map(named).collect();
    let again = reverse
        .body
        .stmts
        .iter()
        .filter_map(|stmt| match &stmt.kind {
            StmtKind::Let(id, value @ Value::Rule(rule, ..)) => {
                let wanted = known.contains(id) && func.var(*id).ty.is_float();
                (wanted && dear(func, *id, value)).then_some((*id, rule.name))
            }
            _ => None,
        });
    again.take(MOST).collect()
}

fn named(stmt: &Stmt) -> Option<VarId> {
    match &stmt.kind {
        StmtKind::Let(id, _) => Some(*id),
        _ => None,
    }
}

/// An array with the values of a variable in the first trips of a loop.
struct Firsts {
    array: VarId,
    var: VarId,
    /// The variable of the loop.
    index: VarId,
    span: Span,
}

impl Firsts {
    fn new(func: &mut Func, each: &Loop, var: VarId, rule: &str) -> Firsts {
        let Head::Range(Range { var: index, .. }) = each.head else {
            unreachable!("the loop has been found to run over a range");
        };
        let span = func.var(var).span;
        let ty = Ty::Seq(Box::new(func.var(var).ty.clone()), SeqForm::Array);
        let array = func.fresh(&format!("kept_{rule}"), span, ty, Role::Local);
        func.var_mut(array).cell = true;
        Firsts {
            array,
            var,
            index,
            span,
        }
    }

    fn declaration(&self, func: &Func) -> Stmt {
        let zero = Atom::float_for(&func.var(self.var).ty, "0.0");
        let zeros = Value::Repeat(SeqForm::Array, zero, Atom::int(ROOM));
        Stmt {
            span: self.span,
            kind: StmtKind::Cell(self.array, Some(zeros)),
        }
    }

    /// The element of the trip.
    fn element(&self) -> Place {
        Place::of(self.array).then(Proj::Index(Atom::Var(self.index)))
    }

    /// `i < 32`
    fn early(&self, func: &mut Func) -> (VarId, StmtKind) {
        let test = func.fresh("t", self.span, Ty::discrete("bool"), Role::Temp);
        let less = Inert::Operator(syn::parse_quote!(<));
        let atoms = vec![Atom::Var(self.index), Atom::int(ROOM)];
        (test, StmtKind::Let(test, Value::Inert(less, atoms)))
    }

    /// Has the forward loop keep the value.
    fn keep(&self, func: &mut Func, each: &mut Loop) {
        let mut yes = Block::default();
        yes.push(
            self.span,
            StmtKind::assign(self.element(), Atom::Var(self.var)),
        );
        let (test, early) = self.early(func);
        let mut choice = Block::default();
        choice.push(self.span, early);
        let kind = StmtKind::If(Atom::Var(test), yes, Block::default());
        choice.push(self.span, kind);
        let stmts = &mut each.body.stmts;
        let made = stmts.iter().position(|stmt| named(stmt) == Some(self.var));
        let behind = made.map_or(stmts.len(), |made| made + 1);
        stmts.splice(behind..behind, choice.stmts);
    }

    /// Has the reverse loop find the value again, or compute it.
    fn find_again(&self, func: &mut Func, each: &mut Loop) {
        let stmts = &mut each.body.stmts;
        let Some(at) = stmts.iter().position(|stmt| named(stmt) == Some(self.var)) else {
            return;
        };
        let behind = stmts.split_off(at + 1);
        let var = func.var(self.var).clone();
        let new = func.fresh("t", var.span, var.ty.clone(), Role::Temp);
        let mut no = Block::default();
        if let Some(StmtKind::Let(_, value)) = stmts.pop().map(|stmt| stmt.kind) {
            no.push(self.span, StmtKind::Let(new, value));
        }
        take_operands(stmts, &behind, &mut no);
        let name = match var.role {
            Role::Temp => "t",
            _ => &var.name,
        };
        let cell = func.fresh(name, var.span, var.ty.clone(), var.role);
        func.var_mut(cell).cell = true;
        let old = func.fresh("t", var.span, var.ty, Role::Temp);
        let mut yes = Block::default();
        yes.push(self.span, StmtKind::Let(old, Value::Load(self.element())));
        for (block, value) in [(&mut yes, old), (&mut no, new)] {
            let store = StmtKind::Store {
                place: Place::of(cell),
                value: Atom::Var(value),
                first: true,
            };
            block.push(self.span, store);
        }
        let (test, early) = self.early(func);
        let mut choice = Block::default();
        choice.push(self.span, early);
        choice.push(self.span, StmtKind::Cell(cell, None));
        choice.push(self.span, StmtKind::If(Atom::Var(test), yes, no));
        stmts.extend(choice.stmts);
        let mut behind = Block { stmts: behind };
        map_atoms(&mut behind, &mut |atom| {
            if *atom == Atom::Var(self.var) {
                *atom = Atom::Var(cell);
            }
        });
        map_places(&mut behind, &mut |place| {
            if place.root == self.var {
                place.root = cell;
            }
        });
        stmts.extend(behind.stmts);
    }
}

/// Moves values that only `into` uses there: those that stand directly in front.
fn take_operands(stmts: &mut Vec<Stmt>, behind: &[Stmt], into: &mut Block) {
    let mut used = HashSet::new();
    let mut note = |stmt: &Stmt| used.extend(stmt.kind.access().variables());
    for stmt in behind {
        note(stmt);
        stmt.kind
            .blocks()
            .iter()
            .for_each(|block| walk(block, &mut note));
    }
    let mut rest = Vec::new();
    while let Some(stmt) = stmts.pop() {
        let Some(id) = named(&stmt) else {
            stmts.push(stmt);
            break;
        };
        let uses = |other: &Stmt| other.kind.access().variables().any(|var| var == id);
        let moves = !used.contains(&id) && !rest.iter().any(uses) && into.stmts.iter().any(uses);
        if moves {
            into.stmts.insert(0, stmt);
        } else {
            rest.push(stmt);
        }
    }
    stmts.extend(rest.into_iter().rev());
}
