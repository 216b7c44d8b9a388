//! Reverse mode: the forward sweep with what is saved, and the reverse sweep.

use super::Facts;
use super::adjoint::Adjoint;
use super::calls::{self, Strategy};
use super::copies::Copies;
use super::fuse::Fused;
use super::halves::split_shadows;
use super::jam::jam;
use super::join::join;
use super::joint::joint;
use super::linear::linearise;
use super::passes::Pass;
use super::postpone::postpone;
use super::recall::recall;
use super::replay::{Known, Replay, breaks};
use super::rewind::{Rewound, rewound};
use super::simplify::simplify;
use super::tidy;
use super::tighten::tighten;
use super::trips::trips;
use crate::analysis::induction::Inductions;
use crate::analysis::layout::Layout;
use crate::analysis::rerun::{self, Obstacle, Reruns};
use crate::analysis::swaps::Swaps;
use crate::analysis::timing::Timing;
use crate::ir::visit::walk;
use crate::ir::*;
use proc_macro2::Span;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// A function taken apart into its two sweeps.
pub(crate) struct Sweeps {
    /// The variables; the body is the forward sweep.
    pub func: Func,
    pub reverse: Block,
    pub seed: VarId,
    /// The shadow of each parameter, where the reverse sweep touches it.
    pub shadows: Vec<Option<VarId>>,
    /// Where the forward sweep saves.
    pub tapes: Vec<(VarId, TapeKind)>,
    /// Vectors of which each trip of a loop has its own, and what that is a copy of.
    pub rows: BTreeMap<VarId, VarId>,
    /// The sums that the reverse sweep takes.
    pub fused: Option<Fused>,
}

impl Sweeps {
    /// Whether a call needs memory for tapes, its own or those of callees.
    pub fn needs_memory(&self) -> bool {
        let mut wants = false;
        for block in [&self.func.body, &self.reverse] {
            walk(block, &mut |stmt| {
                wants |= matches!(
                    stmt.kind,
                    StmtKind::Derivative(_) | StmtKind::Let(_, Value::Pooled(_))
                );
            });
        }
        let pooled =
            |(_, kind): &(VarId, TapeKind)| matches!(kind, TapeKind::Pooled | TapeKind::Flat);
        wants || self.tapes.iter().any(pooled)
    }

    /// Changes statements; the two sweeps are one block, unless they are separate calls.
    pub fn as_one(&mut self, split: bool, change: impl FnOnce(&mut Func, &mut [Stmt])) {
        let mut stmts = std::mem::take(&mut self.reverse.stmts);
        let first = if split { 0 } else { self.func.body.stmts.len() };
        if !split {
            stmts.splice(..0, self.func.body.stmts.drain(..));
        }
        change(&mut self.func, &mut stmts);
        self.reverse.stmts = stmts.split_off(first);
        if !split {
            self.func.body.stmts = stmts;
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TapeKind {
    /// A record per execution of a block.
    Records,
    /// Records of numbers, arrays of them and pullbacks only: their memory may outlive the call.
    Pooled,
    /// One record at most: a branch outside of loops.
    Slot,
    /// Contents of arrays, one behind the other.
    Flat,
    /// Vectors, handed over and back.
    Rows,
    /// What a flat tape is put back into.
    Buffer,
}

/// How the two sweeps go together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    /// One call without the primal result.
    Joint,
    /// Two calls: the primal, and the pullback.
    Split,
}

/// Differentiates.
pub(crate) fn reverse(facts: &Facts, own: &str, form: Form) -> Sweeps {
    let layout = Layout::of(facts.func);
    let split = form == Form::Split;
    let sweeps = sweeps(facts, &layout, own, split, None);
    finish(facts, sweeps.expect("only what is fused can fail"), split)
}

/// Differentiates with the primal result in one call; `None` where that gains nothing.
/// With the facts about callees that it takes.
pub(crate) fn fused(facts: &Facts, own: &str) -> Option<(Sweeps, Vec<Fact>)> {
    let layout = Layout::of(facts.func);
    let timing = Timing::of(facts.func, &layout, facts.views, false);
    let found = Fused::of(facts.func, &layout, &timing)?;
    let sweeps = sweeps(facts, &layout, own, false, Some(found))?;
    let needs = sweeps.fused.as_ref()?.facts(&sweeps)?;
    Some((finish(facts, sweeps, false), needs))
}

/// What makes one statement several.
fn finish(facts: &Facts, mut sweeps: Sweeps, split: bool) -> Sweeps {
    if facts.passes.on(Pass::Jam) {
        jam(&mut sweeps);
    }
    if facts.passes.on(Pass::Recall) {
        recall(&mut sweeps, split);
    }
    if facts.passes.on(Pass::Trips) {
        trips(&mut sweeps);
    }
    split_shadows(&mut sweeps.func, &mut sweeps.reverse);
    sweeps
}

fn sweeps(
    facts: &Facts,
    layout: &Layout,
    own: &str,
    split: bool,
    fused: Option<Fused>,
) -> Option<Sweeps> {
    let mut timing = Timing::of(facts.func, layout, facts.views, split);
    let cuts = facts.passes.on(Pass::Tail);
    let sums = |at: usize| fused.as_ref().is_some_and(|fused| fused.moves(at));
    let known = known(facts, layout, &mut timing, &|at| !cuts || sums(at));
    let strategies = calls::strategies(facts, layout, &timing, &known.reruns, own);
    // Nor may a function without derivative run twice: nobody knows what it does.
    let once: BTreeSet<usize> = layout
        .order
        .iter()
        .enumerate()
        .filter(|(at, (stmt, _))| {
            matches!(stmt.kind, StmtKind::Call(_)) && strategies.get(at) != Some(&Strategy::Joint)
        })
        .map(|(at, _)| at)
        .collect();
    let copies = match facts.passes.on(Pass::Copies) {
        true => Copies::of(facts, layout, &timing),
        false => Copies::default(),
    };
    let swept = |rewound: Rewound| {
        let replay = Replay {
            func: facts.func,
            layout,
            timing: &timing,
            known: &known,
            views: facts.views,
            once: &once,
            uncounted: uncounted(facts.func),
            prices: facts.passes.on(Pass::Costs),
            elements: facts.passes.on(Pass::Elements),
            copies: copies.clone(),
            rewound,
            rebuilt: RefCell::default(),
        };
        let mut adjoint = Adjoint::new(facts, replay, &strategies);
        adjoint.fused = fused.clone();
        let seed = seed(&mut adjoint.func);
        let returns = facts.func.ret.is_some();
        let reverse = adjoint.sweep(&facts.func.body, returns.then_some(seed));
        (adjoint, seed, reverse)
    };
    let (mut adjoint, mut seed, mut reverse) = swept(Rewound::new());
    if facts.passes.on(Pass::Rewind) {
        let found = rewound(facts, layout, &timing, &known.swaps, &adjoint.saves);
        if !found.is_empty() {
            (adjoint, seed, reverse) = swept(found);
        }
    }
    if split && facts.passes.on(Pass::Capture) {
        reverse = adjoint.recompute(&facts.func.body, reverse);
    }
    let body = super::augment::augment(&mut adjoint, &facts.func.body, &mut 0);
    if let Some(fused) = &adjoint.fused {
        fused.finish(layout, &mut reverse)?;
    }
    let shadows = facts
        .func
        .params
        .iter()
        .map(|param| adjoint.shadows.known(*param))
        .collect();
    let records = adjoint.saves.iter().map(|(id, saved)| {
        let plain = |var: &VarId| {
            let numbers = match &adjoint.func.var(*var).ty {
                Ty::Seq(elem, SeqForm::Array) => elem.is_scalar(),
                ty => ty.is_scalar(),
            };
            numbers || adjoint.pullbacks.values().any(|pullback| pullback == var)
        };
        let kind = if !layout.in_loop(*id) {
            TapeKind::Slot
        } else if saved.vars.iter().all(plain) {
            TapeKind::Pooled
        } else {
            TapeKind::Records
        };
        (saved.tape, kind)
    });
    let tapes = records.chain(adjoint.flat.iter().copied()).collect();
    let mut func = adjoint.func;
    func.body = body;
    let mut sweeps = Sweeps {
        func,
        reverse,
        seed,
        shadows,
        tapes,
        rows: BTreeMap::new(),
        fused: adjoint.fused,
    };
    copies.make(&mut sweeps, layout, facts.views);
    tidy::tidy(&mut sweeps, split);
    drop_unused_tapes(&mut sweeps);
    if facts.passes.on(Pass::Join) {
        join(&mut sweeps, facts.views, split);
    }
    if facts.passes.on(Pass::Joint) {
        joint(&mut sweeps, facts.views, split);
    }
    if facts.passes.on(Pass::Postpone) {
        postpone(&mut sweeps);
    }
    if facts.passes.on(Pass::Partials) {
        linearise(&mut sweeps, facts.func.vars.len());
    }
    if facts.passes.on(Pass::Simplify) {
        simplify(&mut sweeps, facts.func.vars.len(), split);
    }
    tighten(&mut sweeps, &facts.passes);
    Some(sweeps)
}

fn drop_unused_tapes(sweeps: &mut Sweeps) {
    let mut used = BTreeSet::new();
    for block in [&sweeps.func.body, &sweeps.reverse] {
        walk(block, &mut |stmt| {
            used.extend(stmt.kind.access().variables())
        });
    }
    sweeps.tapes.retain(|(tape, _)| used.contains(tape));
}

/// `whole`: which statements have to be run again with their iteration.
fn known(
    facts: &Facts,
    layout: &Layout,
    timing: &mut Timing,
    whole: &dyn Fn(usize) -> bool,
) -> Known {
    let counts = |each: &Loop| counts(facts.func, each);
    let mut known = Known {
        inductions: Inductions::default(),
        swaps: Swaps::default(),
        reruns: Reruns::default(),
    };
    // Iterations from checkpoints come in an order of their own.
    let checkpoints = !facts.func.checkpoints.is_empty();
    if facts.passes.on(Pass::Undo) && !checkpoints {
        known.inductions = Inductions::of(facts.func, layout, timing, &counts);
        known.swaps = Swaps::of(facts, layout);
    }
    if facts.passes.on(Pass::Rerun) || checkpoints {
        known.reruns = rerun::reruns(facts, layout, timing, &known.inductions, &counts, whole);
    }
    known
}

/// The loops whose iterations are run again.
pub(crate) fn run_again(facts: &Facts) -> Reruns {
    let layout = Layout::of(facts.func);
    let mut timing = Timing::of(facts.func, &layout, facts.views, false);
    known(facts, &layout, &mut timing, &|_| true).reruns
}

/// The loops with `#[checkpoint]` that cannot be run again, and why.
pub(crate) fn refused_checkpoints(facts: &Facts) -> Vec<(Span, Obstacle)> {
    let layout = Layout::of(facts.func);
    let mut timing = Timing::of(facts.func, &layout, facts.views, true);
    let known = known(facts, &layout, &mut timing, &|_| true);
    let refused = known.reruns.into_refused();
    refused
        .map(|(id, obstacle)| (facts.func.checkpoints[&id].span, obstacle))
        .collect()
}

fn seed(func: &mut Func) -> VarId {
    let ty = func.ret_ty.clone();
    func.fresh("seed", Span::call_site(), ty, Role::Local)
}

/// Whether the reverse of a loop can count its trips by itself: a range without
/// a break whose iterator runs backwards.
pub(super) fn counts(func: &Func, each: &Loop) -> bool {
    let Head::Range(range) = &each.head else {
        return false;
    };
    if breaks(&each.body) {
        return false;
    }
    let stepped = range
        .adapters
        .iter()
        .any(|adapter| matches!(adapter, Adapter::StepBy(_)));
    if !stepped {
        return true;
    }
    // `StepBy` runs backwards only over iterators that know their length.
    const EXACT: &[&str] = &["usize", "isize", "u32", "i32", "u16", "i16", "u8", "i8"];
    let exact = match &func.var(range.var).ty {
        Ty::Discrete(Some(name)) => EXACT.contains(&name.as_str()),
        _ => false,
    };
    exact && !range.inclusive
}

fn uncounted(func: &Func) -> BTreeSet<VarId> {
    let mut found = BTreeSet::new();
    walk(&func.body, &mut |stmt| {
        if let StmtKind::Loop(each) = &stmt.kind
            && let Head::Range(range) = &each.head
            && !counts(func, each)
        {
            found.insert(range.var);
        }
    });
    found
}
