//! Loops whose iterations are run again, each right before its reverse.
//!
//! What an iteration computes need not be saved then. It takes that an iteration
//! can begin again: what it reads of its surroundings is still there, or carried
//! from one iteration to the next and saved at the start of each. Sums are left out:
//! nobody reads them on the way.
//!
//! An outermost loop that carries nothing but sums, and uses scratch arrays that every
//! iteration overwrites ([`super::cover`]), is run again: the reverse of an iteration
//! stands directly after its forward, and the memory does not depend on the number of
//! trips. Where its forward sweep is of no other use, that costs nothing.
//!
//! A loop that carries more is run again if that is cheap: arithmetic only, whose
//! values inside of long inner loops would else be saved, on arrays that an iteration writes as a
//! whole ([`super::reach`]).

use super::cover::{Extent, Region};
use super::induction::Inductions;
use super::layout::{BlockId, Layout};
use super::reach::Reach;
use super::tail::Tail;
use super::timing::Timing;
use crate::ir::*;
use crate::transform::Facts;
use proc_macro2::Span;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a loop that is run again.
#[derive(Debug)]
pub(crate) struct Rerun {
    /// Positions of statements whose results no iteration reads.
    pub sums: BTreeSet<usize>,
    /// Variables that each iteration overwrites before it reads them.
    pub private: Vec<VarId>,
    /// The same of a part; the rest keeps what it had before the loop.
    pub part: Vec<VarId>,
    /// What an iteration takes from the one before, unless a fact holds.
    pub carried: Vec<(VarId, Option<Fact>)>,
    /// The position of the first statement that is not run again ([`super::tail`]).
    pub end: Option<usize>,
}

#[derive(Debug, Default)]
pub(crate) struct Reruns {
    of: BTreeMap<LoopId, Rerun>,
    /// Loops that are not run again although they carry something: they keep a tape.
    taped: BTreeSet<LoopId>,
    /// Loops with `#[checkpoint]` that cannot be run again.
    refused: BTreeMap<LoopId, Obstacle>,
}

/// Why a loop cannot be run again.
#[derive(Debug)]
pub(crate) enum Obstacle {
    /// A statement must not run twice.
    Effect(Span),
    /// Breaks.
    Exits,
    /// A variable is written elsewhere, or cannot be saved.
    Variable(VarId),
}

impl Reruns {
    pub fn into_refused(self) -> impl Iterator<Item = (LoopId, Obstacle)> {
        self.refused.into_iter()
    }

    pub fn get(&self, id: LoopId) -> Option<&Rerun> {
        self.of.get(&id)
    }

    pub fn contains(&self, id: LoopId) -> bool {
        self.of.contains_key(&id)
    }

    /// Whether a loop is known to keep a tape.
    pub fn taped(&self, id: LoopId) -> bool {
        self.taped.contains(&id)
    }
}

/// Chooses the loops, outer before inner; `timing` takes note of them. `whole`: which
/// statements have to be run again with their iteration.
pub(crate) fn reruns(
    facts: &Facts,
    layout: &Layout,
    timing: &mut Timing,
    inductions: &Inductions,
    counts: &dyn Fn(&Loop) -> bool,
    whole: &dyn Fn(usize) -> bool,
) -> Reruns {
    let mut chosen = Reruns::default();
    for (at, (stmt, block)) in layout.order.iter().enumerate() {
        let StmtKind::Loop(each) = &stmt.kind else {
            continue;
        };
        let candidate = Candidate {
            facts,
            layout,
            timing,
            inductions,
            each,
            at,
            block: *block,
            body: layout.id(&each.body),
        };
        let carries = candidate.carries();
        match candidate.rerun(counts) {
            Ok(Some(mut rerun)) => {
                let free = !candidate.is_asked_for() && !candidate.span().any(whole);
                if free && !rerun.carried.is_empty() {
                    candidate.cut_short(&mut rerun);
                }
                timing.note_rerun(each.id, rerun.end);
                chosen.of.insert(each.id, rerun);
            }
            Err(obstacle) if candidate.is_asked_for() => {
                chosen.refused.insert(each.id, obstacle);
            }
            _ if carries => {
                chosen.taped.insert(each.id);
            }
            _ => {}
        }
    }
    chosen
}

struct Candidate<'a> {
    facts: &'a Facts<'a>,
    layout: &'a Layout<'a>,
    timing: &'a Timing,
    inductions: &'a Inductions,
    each: &'a Loop,
    at: usize,
    block: BlockId,
    body: BlockId,
}

/// How a body treats a variable from outside.
#[derive(Default)]
struct Treatment {
    reads: bool,
    writes: bool,
    /// Something besides plain assignments and sums writes it.
    passed: bool,
}

impl Candidate<'_> {
    /// `None`: it can be run again, and that does not pay.
    fn rerun(&self, counts: &dyn Fn(&Loop) -> bool) -> Result<Option<Rerun>, Obstacle> {
        if !counts(self.each) {
            return Err(Obstacle::Exits);
        }
        if let Some(at) = self.span().find(|at| !self.runs_twice(*at)) {
            return Err(Obstacle::Effect(self.layout.order[at].0.span));
        }
        let mut rerun = Rerun {
            sums: BTreeSet::new(),
            private: Vec::new(),
            part: Vec::new(),
            carried: Vec::new(),
            end: None,
        };
        for (id, treatment) in self.treatments() {
            if !treatment.writes {
                if !self.undisturbed(id) {
                    return Err(Obstacle::Variable(id));
                }
            } else if !treatment.reads && !treatment.passed {
                rerun.sums.extend(self.inside(self.timing.writes(id)));
            } else {
                self.carry(id, &mut rerun).ok_or(Obstacle::Variable(id))?;
            }
        }
        Ok((self.is_asked_for() || self.pays(&rerun)).then_some(rerun))
    }

    /// Whether the loop has `#[checkpoint]`.
    fn is_asked_for(&self) -> bool {
        self.facts.func.checkpoints.contains_key(&self.each.id)
    }

    /// Leaves out the end of the iteration, if the reverse does without: and what only that
    /// needs of the iteration before.
    fn cut_short(&self, rerun: &mut Rerun) {
        rerun.end = Tail::of(self.facts, self.layout, self.timing, self.body);
        let Some(end) = rerun.end else { return };
        let touched = |id: VarId| {
            (self.span().start..end).any(|at| {
                let access = self.layout.order[at].0.kind.access();
                access.variables().any(|other| self.root(other) == id)
            })
        };
        rerun.carried.retain(|(id, _)| touched(*id));
    }

    /// Whether floats go from one iteration to the next, other than in sums.
    fn carries(&self) -> bool {
        self.treatments().iter().any(|(id, treatment)| {
            treatment.writes
                && (treatment.reads || treatment.passed)
                && self.facts.func.var(*id).ty.carries()
        })
    }

    /// Whether a statement may run twice.
    fn runs_twice(&self, at: usize) -> bool {
        match &self.layout.order[at].0.kind {
            StmtKind::Let(_, Value::Opaque(opaque))
            | StmtKind::Cell(_, Some(Value::Opaque(opaque))) => {
                opaque.reads.is_empty()
                    && opaque.why == Why::Unsupported
                    && !opaque.tokens.to_string().contains('(')
            }
            StmtKind::Effect(opaque) => opaque.why == Why::Harmless,
            StmtKind::Call(call) => self.facts.active_call(call),
            _ => true,
        }
    }

    fn span(&self) -> std::ops::Range<usize> {
        self.layout.body_span(self.each.id)
    }

    fn inside<'b>(&'b self, writes: &'b [(usize, BlockId)]) -> impl Iterator<Item = usize> + 'b {
        let span = self.span();
        let positions = writes.iter().map(|(at, _)| *at);
        positions.filter(move |at| span.contains(at))
    }

    /// The variables from outside that the body touches.
    fn treatments(&self) -> BTreeMap<VarId, Treatment> {
        let mut found: BTreeMap<VarId, Treatment> = BTreeMap::new();
        for at in self.span() {
            let kind = &self.layout.order[at].0.kind;
            let access = kind.access();
            let plain = match kind {
                // Of what gets another length, the reverse wants to know the old one.
                StmtKind::Store { place, .. } => !self.resizes(place),
                StmtKind::Update { .. } | StmtKind::Fill(..) => true,
                _ => false,
            };
            let named = matches!(kind, StmtKind::View { .. } | StmtKind::Split { .. });
            let target = access.writes.first().map(|place| place.root);
            for place in &access.writes {
                let treatment = found.entry(self.root(place.root)).or_default();
                treatment.writes = true;
                treatment.passed |= !plain;
            }
            let places = access.reads.iter().map(|place| place.root);
            let atoms = access.atoms.iter().filter_map(|atom| atom.var());
            let mentions = access.mentions.iter().copied();
            let skipped = |id: &VarId| named || (plain && Some(*id) == target);
            for id in places.filter(|id| !skipped(id)).chain(mentions) {
                found.entry(self.root(id)).or_default().reads = true;
            }
            for id in atoms {
                found.entry(self.root(id)).or_default().reads = true;
            }
        }
        found.retain(|id, _| {
            let home = self.layout.home(*id);
            let global = matches!(self.facts.func.var(*id).role, Role::Global(_));
            !global && !self.layout.within(home, self.body)
        });
        found
    }

    fn root(&self, id: VarId) -> VarId {
        self.facts.views.root(id)
    }

    /// Whether nothing outside of the body comes between an iteration and its reverse.
    fn undisturbed(&self, id: VarId) -> bool {
        let span = self.span();
        let ours = |at: usize| span.contains(&at);
        self.timing
            .settled_for(self.layout, id, (self.at, self.block), self.block, &ours)
    }

    /// Whether the body writes a variable by way of a view from outside: the variable
    /// itself cannot be saved then.
    fn is_borrowed(&self, id: VarId) -> bool {
        let view = |other: VarId| {
            let held = self.facts.func.var(other).reference == Some(Mutability::Mutable);
            let outside = !self.layout.within(self.layout.home(other), self.body);
            other != id && held && outside && self.root(other) == id
        };
        self.span().any(|at| {
            let access = self.layout.order[at].0.kind.access();
            access.variables().any(view)
        })
    }

    /// Whether nothing else writes what the loop does not overwrite: nor the loop itself,
    /// on another run, with other bounds.
    fn left_alone(&self, id: VarId) -> bool {
        let block = self.block;
        let others = self.timing.shared(self.layout, id, block, block, block);
        others.is_empty() && self.undisturbed(id)
    }

    /// What becomes of a variable that the body both reads and writes.
    fn carry(&self, id: VarId, rerun: &mut Rerun) -> Option<()> {
        let var = self.facts.func.var(id);
        let local = var.reference.is_none() && var.cell && !matches!(var.role, Role::Param(_));
        if !local || self.inductions.counts(id) || self.is_borrowed(id) {
            return None;
        }
        let fixed = |atom: &Atom| self.fixed(atom);
        let region = Region {
            layout: self.layout,
            views: self.facts.views,
            block: &self.each.body,
            fixed: &fixed,
        };
        let resized = self.timing.is_reassigned(id);
        match region.overwrites(id).filter(|_| !resized) {
            Some(Extent::Whole) => rerun.private.push(id),
            Some(Extent::Range(..)) if self.left_alone(id) => rerun.part.push(id),
            Some(Extent::Callee(fact)) if self.is_scratch(id) && self.left_alone(id) => {
                rerun.carried.push((id, Some(fact)));
            }
            _ if flat(&var.ty) => rerun.carried.push((id, None)),
            _ => return None,
        }
        Some(())
    }

    /// Whether an assignment replaces a whole sequence.
    fn resizes(&self, place: &Place) -> bool {
        let place = self.facts.views.expand(place);
        let scalar = self.facts.func.var(place.root).ty.is_scalar();
        place.path.is_empty() && !scalar
    }

    /// Whether a variable looks like working memory: numbers, all alike at first.
    /// Whether it is, the callee that fills it has to say.
    fn is_scratch(&self, id: VarId) -> bool {
        let made = self.layout.definition(id).map(|made| &made.stmt.kind);
        let alike = matches!(
            made,
            Some(StmtKind::Cell(_, Some(Value::Repeat(_, Atom::Lit(_), _))))
        );
        alike && flat(&self.facts.func.var(id).ty)
    }

    /// Whether an integer is the same in every iteration.
    fn fixed(&self, atom: &Atom) -> bool {
        let Some(id) = atom.var() else { return true };
        let var = self.facts.func.var(id);
        let written = self.inside(self.timing.writes(id)).next().is_some();
        if !self.layout.within(self.layout.home(id), self.body) {
            return !written;
        }
        let Some(made) = self.layout.definition(id).filter(|_| !var.cell) else {
            return false;
        };
        let untouched = |place: &Place| {
            let root = self.root(place.root);
            let outside = !self.layout.within(self.layout.home(root), self.body);
            outside && self.inside(self.timing.writes(root)).next().is_none()
        };
        match &made.stmt.kind {
            StmtKind::Let(_, Value::Rule(_, atoms, _)) if matches!(var.ty, Ty::Discrete(_)) => {
                atoms.iter().all(|atom| self.fixed(atom))
            }
            StmtKind::Let(_, Value::Load(place) | Value::Len(place)) => {
                untouched(place) && place.atoms().all(|atom| self.fixed(atom))
            }
            _ => false,
        }
    }

    /// Whether running the body again is better than saving what it computed.
    fn pays(&self, rerun: &Rerun) -> bool {
        let outermost = self.layout.blocks[self.block.0].loops.is_empty();
        let free = rerun.carried.iter().all(|(_, unless)| unless.is_some());
        let lists = [rerun.private.len(), rerun.part.len(), rerun.carried.len()];
        let passed = lists.iter().any(|count| *count > 0);
        if free {
            let saves = self.span().any(|at| self.saves_much(at));
            return outermost && (passed || saves) || passed && self.cheap();
        }
        self.cheap() && self.is_deep(rerun) && self.fills(rerun)
    }

    /// Whether what has to be kept is written from one end to the other.
    fn fills(&self, rerun: &Rerun) -> bool {
        let reach = Reach {
            layout: self.layout,
            timing: self.timing,
            views: self.facts.views,
            each: self.each,
            body: self.body,
        };
        let array = |id: VarId| matches!(self.facts.func.var(id).ty, Ty::Seq(_, SeqForm::Array));
        let kept = rerun.carried.iter().map(|(id, _)| *id);
        kept.filter(|id| !array(*id)).all(|id| reach.is_whole(id))
    }

    /// Whether a statement leaves a pullback or a vector to the reverse sweep.
    fn saves_much(&self, at: usize) -> bool {
        let func = self.facts.func;
        let vector = |id: VarId| matches!(func.var(id).ty, Ty::Seq(_, SeqForm::Vec));
        match &self.layout.order[at].0.kind {
            StmtKind::Call(call) => self.facts.active_call(call),
            StmtKind::Cell(id, Some(_)) | StmtKind::Let(id, _) => {
                vector(*id) && self.facts.active(*id)
            }
            _ => false,
        }
    }

    /// Arithmetic only.
    fn cheap(&self) -> bool {
        self.span().all(|at| match &self.layout.order[at].0.kind {
            StmtKind::Call(_) => false,
            StmtKind::Let(id, value) | StmtKind::Cell(id, Some(value)) => {
                !dear(self.facts.func, *id, value)
            }
            _ => true,
        })
    }

    /// Whether inner loops whose trips are not few, as far as the source says, have to do with
    /// what changes from iteration to iteration.
    fn is_deep(&self, rerun: &Rerun) -> bool {
        let carried = rerun.carried.iter().map(|(id, _)| id);
        let all = carried.chain(&rerun.private).chain(&rerun.part);
        let changing: BTreeSet<VarId> = all.copied().collect();
        self.span().any(|at| {
            let (stmt, block) = self.layout.order[at];
            let access = stmt.kind.access();
            self.in_long_loop(block)
                && access
                    .variables()
                    .any(|id| changing.contains(&self.root(id)))
        })
    }

    fn in_long_loop(&self, block: BlockId) -> bool {
        let around = &self.layout.blocks[self.body.0].loops;
        let loops = self.layout.blocks[block.0].loops.iter();
        let mut inner = loops.filter(|id| !around.contains(id));
        inner.any(|id| {
            self.layout
                .each(*id)
                .is_some_and(|each| !each.head.is_fixed())
        })
    }
}

/// Whether computing a value takes much longer than saving it.
pub(crate) fn dear(func: &Func, id: VarId, value: &Value) -> bool {
    const CHEAP: &[&str] = &[
        "add", "sub", "mul", "div", "neg", "abs", "max", "min", "mul_add", "recip", "sqrt",
        "signum", "clamp", "copysign", "floor", "ceil", "round", "trunc", "fract",
    ];
    match value {
        Value::Rule(rule, _, _) => {
            let integer = matches!(func.var(id).ty, Ty::Discrete(_));
            !integer && !CHEAP.contains(&rule.name)
        }
        _ => false,
    }
}

/// Numbers, and sequences of numbers: what a flat tape can hold.
pub(crate) fn flat(ty: &Ty) -> bool {
    match ty {
        Ty::Float(_) => true,
        Ty::Discrete(name) => name.is_some(),
        Ty::Seq(elem, _) => elem.is_scalar(),
        Ty::Tuple(_) | Ty::Unknown => false,
    }
}
