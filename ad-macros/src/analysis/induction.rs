//! Integers that count along, `at += 1`: the reverse sweep counts them back, and
//! saves none of the values they take.
//!
//! A cell qualifies if it is only ever added to, by steps that are still known,
//! in loops that run backwards as often as they ran forwards. Each block takes
//! back its own steps: *first*, if all reads in the block stand before them, or
//! *last*, if all stand behind. What a nested block adds, its own reverse takes
//! back.

use super::layout::{BlockId, Layout};
use super::timing::Timing;
use crate::ir::*;
use std::collections::{BTreeMap, HashSet};

#[derive(Default)]
pub(crate) struct Inductions {
    first: BTreeMap<BlockId, Vec<usize>>,
    last: BTreeMap<BlockId, Vec<usize>>,
    seen: HashSet<(VarId, usize)>,
    counting: HashSet<VarId>,
}

impl Inductions {
    /// `counts`: whether the reverse of a loop runs as often as the loop, by itself.
    pub fn of(
        func: &Func,
        layout: &Layout,
        timing: &Timing,
        counts: &dyn Fn(&Loop) -> bool,
    ) -> Inductions {
        let mut found = Inductions::default();
        for id in (0..func.vars.len() as u32).map(VarId) {
            if let Some(steps) = steps(func, layout, timing, counts, id) {
                found.note(layout, id, &steps);
            }
        }
        found
    }

    /// Positions of the steps that the reverse of a block takes back before it
    /// does anything else.
    pub fn first(&self, block: BlockId) -> &[usize] {
        self.first.get(&block).map_or(&[], Vec::as_slice)
    }

    /// Positions of the steps that the reverse of a block takes back in the end.
    pub fn last(&self, block: BlockId) -> &[usize] {
        self.last.get(&block).map_or(&[], Vec::as_slice)
    }

    /// Whether the reverse of the block around a read finds the same value.
    pub fn sees(&self, id: VarId, at: usize) -> bool {
        self.seen.contains(&(id, at))
    }

    /// Whether the steps of a variable are taken back.
    pub fn counts(&self, id: VarId) -> bool {
        self.counting.contains(&id)
    }

    fn note(&mut self, layout: &Layout, id: VarId, steps: &[usize]) {
        let reads = reads(layout, id, steps);
        let blocks: BTreeMap<BlockId, Vec<usize>> =
            steps.iter().fold(BTreeMap::new(), |mut blocks, at| {
                blocks.entry(layout.order[*at].1).or_default().push(*at);
                blocks
            });
        let mut first = Vec::new();
        let mut last = Vec::new();
        for (block, own) in blocks {
            let span = &layout.blocks[block.0].span;
            let mut inside = reads.iter().filter(|at| span.contains(at));
            if inside.clone().all(|read| own.iter().all(|at| read < at)) {
                first.push((block, own));
            } else if inside.all(|read| own.iter().all(|at| read > at)) {
                last.push((block, own));
            } else {
                return;
            }
        }
        self.counting.insert(id);
        for (block, own) in first {
            self.first.entry(block).or_default().extend(own);
        }
        for (block, own) in last {
            self.last.entry(block).or_default().extend(own);
        }
        let seen = reads.into_iter().filter(|read| {
            let here = layout.order[*read].1;
            steps.iter().all(|at| {
                let there = layout.order[*at].1;
                there == here || !layout.within(there, here) || at < read
            })
        });
        self.seen.extend(seen.map(|read| (id, read)));
    }
}

/// The positions that write `id`, if all of them are steps.
fn steps(
    func: &Func,
    layout: &Layout,
    timing: &Timing,
    counts: &dyn Fn(&Loop) -> bool,
    id: VarId,
) -> Option<Vec<usize>> {
    let var = func.var(id);
    let integer = matches!(var.ty, Ty::Discrete(_)) && var.cell && var.reference.is_none();
    let writes = timing.writes(id);
    if !integer || writes.is_empty() || matches!(var.role, Role::Global(_)) {
        return None;
    }
    let step = |at: usize, block: BlockId| match &layout.order[at].0.kind {
        StmtKind::Update { place, value, .. } => {
            place.path.is_empty() && known(func, layout, value, block)
        }
        _ => false,
    };
    let fine = writes
        .iter()
        .all(|(at, block)| step(*at, *block) && counted(layout, counts, *block));
    fine.then(|| writes.iter().map(|(at, _)| *at).collect())
}

/// Whether the reverse of `block` knows the step before it has computed anything.
fn known(func: &Func, layout: &Layout, value: &Atom, block: BlockId) -> bool {
    match value.var() {
        None => true,
        Some(id) => {
            let outside = layout.home(id) != block || block == BlockId(0);
            outside && !func.var(id).cell && layout.within(block, layout.home(id))
        }
    }
}

/// Whether everything around a block is a loop that counts.
fn counted(layout: &Layout, counts: &dyn Fn(&Loop) -> bool, block: BlockId) -> bool {
    let mut block = block;
    while let Some(parent) = layout.blocks[block.0].parent {
        match layout.owner(block).map(|stmt| &stmt.kind) {
            Some(StmtKind::Loop(each)) if counts(each) => block = parent,
            _ => return false,
        }
    }
    true
}

fn reads(layout: &Layout, id: VarId, steps: &[usize]) -> Vec<usize> {
    let mentions = |at: &usize| {
        let access = layout.order[*at].0.kind.access();
        access.variables().any(|other| other == id)
    };
    (0..layout.order.len())
        .filter(|at| !steps.contains(at) && mentions(at))
        .collect()
}
