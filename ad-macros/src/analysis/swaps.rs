//! Variables that swap their whole contents: the reverse sweep swaps them back.
//!
//! A swap is no loss then: on the way back, a variable holds again what it held
//! before. What is lost is what other statements wrote, into whichever variable
//! held the memory at the time.

use super::layout::{BlockId, Layout};
use super::timing::Timing;
use crate::ir::*;
use crate::transform::Facts;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub(crate) struct Swaps {
    /// Per variable: those it may have exchanged contents with, itself included.
    groups: BTreeMap<VarId, BTreeSet<VarId>>,
    /// Positions of the swaps.
    at: BTreeSet<usize>,
}

impl Swaps {
    pub fn of(facts: &Facts, layout: &Layout) -> Swaps {
        let mut swaps = Swaps::default();
        let mut found = Vec::new();
        for (at, (stmt, _)) in layout.order.iter().enumerate() {
            let StmtKind::Swap(left, right) = &stmt.kind else {
                continue;
            };
            let (a, b) = (facts.views.expand(left), facts.views.expand(right));
            if whole(facts, &a) && whole(facts, &b) && layout.home(a.root) == layout.home(b.root) {
                found.push((at, a.root));
                swaps.join(a.root, b.root);
            }
        }
        // What is assigned as a whole in between may come back with another length.
        for id in assigned(facts, layout) {
            for member in swaps.groups.get(&id).cloned().unwrap_or_default() {
                swaps.groups.remove(&member);
            }
        }
        found.retain(|(_, id)| swaps.groups.contains_key(id));
        swaps.at = found.into_iter().map(|(at, _)| at).collect();
        swaps
    }

    fn join(&mut self, a: VarId, b: VarId) {
        let mut group = BTreeSet::from([a, b]);
        for id in [a, b] {
            group.extend(self.groups.get(&id).into_iter().flatten());
        }
        for id in &group {
            self.groups.insert(*id, group.clone());
        }
    }

    /// The variables that a variable may have exchanged contents with, itself included.
    pub fn group(&self, id: VarId) -> BTreeSet<VarId> {
        let alone = || BTreeSet::from([id]);
        self.groups.get(&id).cloned().unwrap_or_else(alone)
    }

    /// Whether the reverse sweep takes back the swap at a position.
    pub fn back(&self, at: usize) -> bool {
        self.at.contains(&at)
    }

    /// Whether the reverse of `block`, when it begins, finds what was read from `root` at `at`.
    pub fn sees(
        &self,
        layout: &Layout,
        timing: &Timing,
        root: VarId,
        at: usize,
        block: BlockId,
    ) -> bool {
        let Some(group) = self.groups.get(&root) else {
            return false;
        };
        let own = &layout.blocks[block.0].span;
        let between = |from: usize, to: usize| self.at.range(from..to).next().is_some();
        group.iter().all(|member| {
            timing.writes(*member).iter().all(|(write, written_in)| {
                // A loop that is run again leaves behind whatever it needed last.
                if timing.in_other_rerun(layout, *written_in, block) {
                    return *write < at;
                }
                if self.back(*write) {
                    return !(own.contains(write) && *write > at);
                }
                let shared = timing.shared(layout, root, block, *written_in, block);
                if *member == root {
                    return *write < at && shared.is_empty();
                }
                let mut spans = shared.iter().map(|id| layout.body_span(*id));
                let fixed = spans.all(|span| !between(span.start, span.end));
                let last = layout.last_run(*write, *written_in, block);
                let first = layout.first_run(at, block, *written_in);
                fixed && (!shared.is_empty() || *write < at || !between(first, last))
            })
        })
    }
}

/// Variables that get a new value as a whole.
fn assigned(facts: &Facts, layout: &Layout) -> BTreeSet<VarId> {
    let target = |(stmt, _): &(&Stmt, BlockId)| match &stmt.kind {
        StmtKind::Store { place, .. } => {
            let place = facts.views.expand(place);
            place.path.is_empty().then_some(place.root)
        }
        _ => None,
    };
    layout.order.iter().filter_map(target).collect()
}

fn whole(facts: &Facts, place: &Place) -> bool {
    let var = facts.func.var(place.root);
    let local = var.reference.is_none() && !matches!(var.role, Role::Param(_) | Role::Global(_));
    local && place.path.is_empty() && facts.active(place.root)
}
