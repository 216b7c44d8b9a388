//! What the reverse of a block begins with: what it needs of the forward block, saved or
//! computed again, and steps that are taken back.

use super::adjoint::{Adjoint, Saved, chain};
use crate::analysis::layout::BlockId;
use crate::ir::*;
use proc_macro2::Span;
use std::collections::{BTreeSet, HashSet};

impl Adjoint<'_> {
    /// The steps that the reverse of a block takes back at first: of variables from
    /// outside, and of its own, which have to be there before.
    pub(super) fn steps_back(&self, id: BlockId) -> (Block, Block) {
        let own = |at: &usize| {
            let access = self.layout.order[*at].0.kind.access();
            let mut written = access.writes.iter().map(|place| place.root);
            written.any(|root| self.layout.home(root) == id)
        };
        let steps = self.replay.known.inductions.first(id).iter();
        let (own, outer): (Vec<usize>, Vec<usize>) = steps.copied().partition(own);
        (self.undo(&outer), self.undo(&own))
    }

    /// Takes steps back: `at -= 1` for `at += 1`.
    pub(super) fn undo(&self, steps: &[usize]) -> Block {
        let mut out = Block::default();
        for at in steps {
            let stmt = self.layout.order[*at].0;
            if let StmtKind::Update { place, op, value } = &stmt.kind {
                let back = StmtKind::Update {
                    place: place.clone(),
                    op: op.flipped(),
                    value: value.clone(),
                };
                out.push(stmt.span, back);
            }
        }
        out
    }

    /// Puts in front of a reverse block what it needs of the forward block.
    pub(super) fn restore(&mut self, id: BlockId, block: &Block, body: Block) -> Block {
        let (first, own) = self.steps_back(id);
        let last = self.undo(self.replay.known.inductions.last(id));
        if body.is_empty() {
            return chain([first, own, last]);
        }
        let needed = self.needed(id, &body);
        let (extra, needed): (BTreeSet<VarId>, BTreeSet<VarId>) = needed
            .into_iter()
            .partition(|id| self.extra.contains_key(id));
        let mut plan = self.replay.plan(id, &needed, !extra.is_empty());
        plan.saved.extend(extra);
        let mut out = Block::default();
        let span = Span::call_site();
        if !plan.saved.is_empty() {
            let tape = self.func.fresh("tape", span, Ty::Unknown, Role::Tape);
            out.push(span, StmtKind::Pop(tape, plan.saved.clone()));
            self.saves.insert(
                id,
                Saved {
                    tape,
                    vars: plan.saved.clone(),
                },
            );
        }
        let nested = |var: VarId| {
            let home = self.layout.home(var);
            home != id && self.layout.within(home, id)
        };
        let slice = super::slice::slice(block, &plan, self.facts.views, &nested);
        chain([out, first, slice, own, body, last])
    }

    /// The reverse of the whole body as a pullback has it: what it holds is the least
    /// from which the rest follows.
    pub fn recompute(&self, body: &Block, reverse: Block) -> Block {
        let id = BlockId(0);
        let needed = self.needed(id, &reverse);
        let needed = needed
            .into_iter()
            .filter(|id| !self.extra.contains_key(id))
            .collect();
        let plan = self.replay.plan(id, &needed, false);
        let nested = |var: VarId| self.layout.home(var) != id;
        let slice = super::slice::slice(body, &plan, self.facts.views, &nested);
        chain([slice, reverse])
    }

    /// The variables of block `id` that the reverse block uses.
    pub(super) fn needed(&self, id: BlockId, body: &Block) -> BTreeSet<VarId> {
        let mut defined = HashSet::new();
        let mut used = BTreeSet::new();
        let mut swaps = Vec::new();
        crate::ir::visit::walk(body, &mut |stmt| {
            let access = stmt.kind.access();
            match &stmt.kind {
                // A step that is taken back needs no value; who reads it does.
                StmtKind::Update { place, value, .. } if self.is_step(place) => {
                    used.extend(value.var());
                }
                // So with contents that are swapped back: who reads one of them needs both.
                StmtKind::Swap(a, b) if self.is_primal(a) && self.is_primal(b) => {
                    swaps.push([a.root, b.root]);
                }
                _ => used.extend(access.variables()),
            }
            defined.extend(access.defines);
        });
        let one = |used: &BTreeSet<VarId>, pair: &[VarId; 2]| {
            used.contains(&pair[0]) != used.contains(&pair[1])
        };
        while let Some(pair) = swaps.iter().find(|pair| one(&used, pair)) {
            used.extend(pair);
        }
        used.into_iter()
            .filter(|var| !defined.contains(var))
            .filter(|var| self.home(*var) == Some(id))
            .collect()
    }

    /// Whether an update in the reverse sweep takes back a step of an integer.
    pub(super) fn is_step(&self, place: &Place) -> bool {
        matches!(self.func.var(place.root).ty, Ty::Discrete(_))
    }

    pub(super) fn is_primal(&self, place: &Place) -> bool {
        (place.root.0 as usize) < self.facts.func.vars.len()
    }

    pub(super) fn home(&self, id: VarId) -> Option<BlockId> {
        if let Some(home) = self.extra.get(&id) {
            return Some(*home);
        }
        self.is_primal(&Place::of(id)).then(|| self.layout.home(id))
    }
}
