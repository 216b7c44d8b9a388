//! Value and gradient in one sweep.
//!
//! Where the reverse of a loop computes again what the loop added to a sum, the sum can
//! be taken there, and `reverse_with_primal` needs no forward loop:
//!
//! ```text
//! for i { t = f(x[i]); e += t }
//! for i { t = f(x[i]); d_x[i] += .. }        for i { t = f(x[i]); e += t; d_x[i] += .. }
//! return e                                   return e
//! ```
//!
//! The sum is the same, bit for bit: the loops around it have to run forwards. What
//! follows from the sum is computed behind the reverse sweep, which must not want it.

use super::adjoint::Adjoint;
use super::replay::breaks;
use super::reverse::Sweeps;
use crate::analysis::layout::{BlockId, Layout};
use crate::analysis::rerun::Rerun;
use crate::analysis::timing::Timing;
use crate::ir::visit::{Access, walk};
use crate::ir::*;
use std::collections::{BTreeSet, HashMap, HashSet};

/// What the reverse sweep does of the primal.
#[derive(Clone, Default)]
pub(crate) struct Fused {
    /// Positions of the sums.
    sums: BTreeSet<usize>,
    /// Positions of what follows from them, at the top of the function.
    behind: BTreeSet<usize>,
    /// What the sums are added to, and what is computed from that.
    vars: HashSet<VarId>,
    /// The loops around the sums.
    loops: BTreeSet<LoopId>,
}

impl Fused {
    /// The sums that the result depends on, if all that depends on them can be moved.
    pub fn of(func: &Func, layout: &Layout, timing: &Timing) -> Option<Fused> {
        let borrowed = |param: &VarId| func.var(*param).reference == Some(Mutability::Mutable);
        let result = func.ret.as_ref().and_then(Atom::var)?;
        if func.params.iter().any(borrowed) || !func.checkpoints.is_empty() {
            return None;
        }
        let mut uses: HashMap<VarId, Vec<usize>> = HashMap::new();
        for (at, (stmt, _)) in layout.order.iter().enumerate() {
            for id in stmt.kind.access().variables() {
                uses.entry(id).or_default().push(at);
            }
        }
        let mut fused = Fused::default();
        for (stmt, block) in &layout.order {
            if let (StmtKind::Cell(id, Some(_)), BlockId(0)) = (&stmt.kind, block)
                && func.var(*id).ty.is_float()
                && let Some(uses) = uses.get(id)
            {
                fused.sum(layout, timing.writes(*id), *id, uses);
            }
        }
        fused.follow(func, layout)?;
        fused.vars.contains(&result).then_some(fused)
    }

    /// Notes a variable if at first all that is done to it is to add to it, in one block
    /// inside of loops that run through all of a range.
    fn sum(&mut self, layout: &Layout, writes: &[(usize, BlockId)], id: VarId, uses: &[usize]) {
        let Some((_, home)) = writes.first() else {
            return;
        };
        let loops = &layout.blocks[home.0].loops;
        let (inside, behind): (Vec<_>, Vec<_>) =
            writes.iter().partition(|(_, block)| block == home);
        let sums: BTreeSet<usize> = inside.iter().map(|(at, _)| *at).collect();
        let adds = |at: &usize| match &layout.order[*at].0.kind {
            StmtKind::Update { place, value, .. } => {
                *place == Place::of(id) && value.var() != Some(id)
            }
            _ => false,
        };
        let end = loops.first().map_or(0, |each| layout.body_span(*each).end);
        let unread = uses.iter().all(|at| sums.contains(at) || *at >= end);
        let whole = loops
            .iter()
            .all(|each| layout.each(*each).is_some_and(runs_through));
        let later = behind.iter().all(|(at, _)| *at >= end);
        if !loops.is_empty() && whole && unread && later && sums.iter().all(adds) {
            self.sums.extend(sums);
            self.loops.extend(loops);
            self.vars.insert(id);
        }
    }

    /// Notes what follows from the sums; `None` if some of it cannot be moved.
    fn follow(&mut self, func: &Func, layout: &Layout) -> Option<()> {
        for (at, (stmt, block)) in layout.order.iter().enumerate() {
            let access = stmt.kind.access();
            let follows = access.variables().any(|id| self.vars.contains(&id));
            if self.sums.contains(&at) || !follows {
                continue;
            }
            // A sum that begins with another one.
            if access.defines.iter().any(|id| self.vars.contains(id)) {
                return None;
            }
            let stays = |id: VarId| self.vars.contains(&id) || !func.var(id).cell;
            let whole = access.reads.iter().all(|place| place.path.is_empty());
            let fine = *block == BlockId(0)
                && scalar(func, &stmt.kind)
                && whole
                && access
                    .variables()
                    .all(|id| stays(id) || writes(&access, id));
            if !fine {
                return None;
            }
            self.behind.insert(at);
            self.vars.extend(access.defines);
            self.vars
                .extend(access.writes.iter().map(|place| place.root));
        }
        Some(())
    }

    /// Whether the forward sweep leaves a statement to the reverse sweep.
    pub fn moves(&self, at: usize) -> bool {
        self.sums.contains(&at) || self.behind.contains(&at)
    }

    /// Whether a loop has a sum in it.
    pub fn sums_in(&self, each: &Loop) -> bool {
        let mut found = false;
        walk(&each.body, &mut |stmt| found |= self.is_sum(&stmt.kind));
        found
    }

    fn is_sum(&self, kind: &StmtKind) -> bool {
        matches!(kind, StmtKind::Update { place, .. } if self.vars.contains(&place.root))
    }

    /// Adds what follows from the sums to the end of the reverse sweep; `None` if that
    /// wants any of it before.
    pub fn finish(&self, layout: &Layout, reverse: &mut Block) -> Option<()> {
        let mut wanted = false;
        walk(reverse, &mut |stmt| {
            let mut used = stmt
                .kind
                .access()
                .variables()
                .collect::<Vec<_>>()
                .into_iter();
            wanted |= !self.is_sum(&stmt.kind) && used.any(|id| self.vars.contains(&id));
        });
        let behind = self.behind.iter().map(|at| layout.order[*at].0.clone());
        reverse.stmts.extend(behind);
        (!wanted).then_some(())
    }

    /// The facts about callees under which no forward loop is left, and the sums are taken
    /// in their order; `None` if that is not so.
    pub fn facts(&self, sweeps: &Sweeps) -> Option<Vec<Fact>> {
        let mut facts = Vec::new();
        let gone = self.is_gone(&sweeps.func.body, &mut facts);
        (gone && self.in_order(&sweeps.reverse, true)).then_some(facts)
    }

    fn is_gone(&self, block: &Block, facts: &mut Vec<Fact>) -> bool {
        block.stmts.iter().all(|stmt| match &stmt.kind {
            StmtKind::Unless(unless, _) => {
                let new = unless.iter().filter(|fact| !facts.contains(fact));
                let new: Vec<Fact> = new.cloned().collect();
                facts.extend(new);
                true
            }
            StmtKind::Loop(each) if self.loops.contains(&each.id) => false,
            kind => kind.blocks().iter().all(|inner| self.is_gone(inner, facts)),
        })
    }

    /// `forwards`: so run all loops around the block.
    fn in_order(&self, block: &Block, forwards: bool) -> bool {
        block.stmts.iter().all(|stmt| match &stmt.kind {
            StmtKind::Loop(each) => {
                let forwards = forwards && runs_forwards(&each.head);
                self.in_order(&each.body, forwards)
            }
            kind => {
                let always = !matches!(
                    kind,
                    StmtKind::Gate(..) | StmtKind::Unless(..) | StmtKind::Given(..)
                );
                let forwards = forwards && always;
                let inner = kind.blocks();
                let all = inner.iter().all(|inner| self.in_order(inner, forwards));
                all && (forwards || !self.is_sum(kind))
            }
        })
    }
}

/// Whether a statement gives one value to one variable, and does nothing else.
fn scalar(func: &Func, kind: &StmtKind) -> bool {
    match kind {
        StmtKind::Let(id, value) | StmtKind::Cell(id, Some(value)) => {
            !matches!(value, Value::Opaque(_)) && func.var(*id).ty.is_scalar()
        }
        StmtKind::Update { place, .. } | StmtKind::Store { place, .. } => {
            place.path.is_empty() && func.var(place.root).ty.is_scalar()
        }
        _ => false,
    }
}

fn writes(access: &Access<'_>, id: VarId) -> bool {
    let defined = access.defines.contains(&id);
    defined || access.writes.iter().any(|place| place.root == id)
}

fn runs_through(each: &Loop) -> bool {
    runs_forwards(&each.head) && !breaks(&each.body)
}

fn runs_forwards(head: &Head) -> bool {
    matches!(head, Head::Range(range) if range.is_plain())
}

impl Adjoint<'_> {
    /// Puts the sums of a block in front of its reverse.
    pub(super) fn take_sums(&self, block: &Block, first: usize, reverse: &mut Block) {
        let Some(fused) = &self.fused else { return };
        let mut at = first;
        let mut sums = Vec::new();
        for stmt in &block.stmts {
            if fused.sums.contains(&at) {
                sums.push(stmt.clone());
            }
            at += super::adjoint::stmt_count(stmt);
        }
        reverse.stmts.splice(0..0, sums);
    }

    /// Whether the iterations of a loop that is run again can be reversed from the first to
    /// the last, and shall be: they have nothing to do with each other, and nobody has
    /// asked for what the last one left behind.
    pub(super) fn first_to_last(&self, each: &Loop, rerun: &Rerun) -> bool {
        let fused = self.fused.as_ref();
        let asked = fused.is_some_and(|fused| fused.loops.contains(&each.id));
        let body = self.layout.id(&each.body);
        let inductions = &self.replay.known.inductions;
        let steps = self.steps_back(body).0;
        let counts = !steps.is_empty() || !inductions.last(body).is_empty();
        let adds = |at: &usize| matches!(self.layout.order[*at].0.kind, StmtKind::Update { .. });
        let known = rerun.carried.iter().all(|(_, unless)| unless.is_some());
        let carried = rerun.carried.iter().map(|(id, _)| id);
        let mut memory = rerun.private.iter().chain(&rerun.part).chain(carried);
        let unasked = memory.all(|id| !self.declared.contains(id));
        asked && known && !counts && unasked && rerun.sums.iter().all(adds)
    }
}
