//! Arrays that the reverse sweep takes back to what they were, write by write.
//!
//! Elements of an array that is written again later have to be saved where they are read: `n * n`
//! numbers where each of `n` elements is read with all of the others, as in a time step of
//! bodies that attract each other, or of a recurrent network. Where the writes are fewer, what
//! they write over is saved instead, and put back when the reverse sweep comes to them. Swaps are
//! taken back in any case: vectors that swap their contents are chosen together.

use super::Facts;
use super::adjoint::{Adjoint, Kept, Saved};
use super::replay::Replay;
use crate::analysis::layout::{BlockId, Layout};
use crate::analysis::swaps::Swaps;
use crate::analysis::timing::Timing;
use crate::ir::visit::walk;
use crate::ir::*;
use proc_macro2::Span;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Positions of writes that are taken back, by array.
pub(super) type Rewound = BTreeMap<VarId, BTreeSet<usize>>;

/// Chooses arrays, given what would be saved.
pub(super) fn rewound(
    facts: &Facts,
    layout: &Layout,
    timing: &Timing,
    swaps: &Swaps,
    saves: &BTreeMap<BlockId, Saved>,
) -> Rewound {
    if !facts.func.checkpoints.is_empty() {
        return Rewound::new();
    }
    let search = Search {
        facts,
        layout,
        timing,
        swaps,
        whole: used_whole(facts.func),
    };
    let mut found: BTreeMap<BTreeSet<VarId>, Vec<(usize, BlockId)>> = BTreeMap::new();
    for id in saves.values().flat_map(|saved| &saved.vars) {
        let definition = layout.definition(*id);
        if let Some(definition) = definition
            && let StmtKind::Let(_, Value::Load(place)) = &definition.stmt.kind
        {
            let root = facts.views.expand(place).root;
            let read = (definition.at, layout.home(*id));
            let group = swaps.group(root);
            let arrays = group.iter().all(|id| search.is_array(*id));
            if !place.path.is_empty() && arrays && search.ends_as_read(root, read) {
                found.entry(group).or_default().push(read);
            }
        }
    }
    let chosen = found.into_iter().filter_map(|(group, reads)| {
        let members = group.iter().map(|id| (*id, search.behind(*id, &reads)));
        let writes: Rewound = members.collect();
        let depth = |read: &(usize, BlockId)| layout.blocks[read.1.0].loops.len();
        let costs = writes.values().flatten().map(|at| search.cost(*at));
        let costs: Option<Vec<usize>> = costs.collect();
        let most = costs?.into_iter().max()?;
        (reads.iter().map(depth).max()? > most).then_some(writes)
    });
    chosen.flatten().collect()
}

struct Search<'a> {
    facts: &'a Facts<'a>,
    layout: &'a Layout<'a>,
    timing: &'a Timing,
    swaps: &'a Swaps,
    /// Variables that somebody takes as a whole.
    whole: HashSet<VarId>,
}

impl Search<'_> {
    /// An array of numbers that belongs to the function, and stays where it is.
    fn is_array(&self, root: VarId) -> bool {
        let var = self.facts.func.var(root);
        let own = var.cell && var.reference.is_none() && !matches!(var.role, Role::Param(_));
        let numbers = match &var.ty {
            Ty::Seq(elem, SeqForm::Vec | SeqForm::Array) => elem.is_scalar(),
            _ => false,
        };
        let outermost = self.layout.home(root) == BlockId(0);
        own && numbers && outermost && !self.whole.contains(&root)
    }

    /// Whether the block of a read leaves the array as the read has found it.
    fn ends_as_read(&self, root: VarId, (at, home): (usize, BlockId)) -> bool {
        let mut writes = self.timing.writes(root).iter();
        !writes.any(|(write, block)| *write > at && self.layout.within(*block, home))
    }

    /// The writes that may come behind one of the reads.
    fn behind(&self, root: VarId, reads: &[(usize, BlockId)]) -> BTreeSet<usize> {
        let behind = |(write, block): &&(usize, BlockId)| {
            reads.iter().any(|(at, home)| {
                let shared = self.timing.shared(self.layout, root, *home, *block, *home);
                write > at || !shared.is_empty()
            })
        };
        let writes = self.timing.writes(root).iter().filter(behind);
        writes.map(|(write, _)| *write).collect()
    }

    /// How many loops there are around what a write writes over, one for all of an array;
    /// `None`: it cannot be taken back.
    fn cost(&self, at: usize) -> Option<usize> {
        let (stmt, block) = self.layout.order[at];
        let loops = &self.layout.blocks[block.0].loops;
        let again = loops.iter().any(|id| self.timing.is_rerun(*id));
        let tested = loops.iter().any(|id| self.in_test(at, *id));
        let whole = match &stmt.kind {
            StmtKind::Store { place, .. } | StmtKind::Update { place, .. } => {
                let place = self.facts.views.expand(place);
                matches!(place.path.last(), Some(Proj::Index(_))).then_some(0)
            }
            StmtKind::Fill(..) | StmtKind::CopyFrom(..) => Some(1),
            StmtKind::Swap(..) if self.swaps.back(at) => return Some(0),
            _ => None,
        };
        (!again && !tested).then_some(loops.len() + whole?)
    }

    /// Whether a position belongs to the condition of a loop.
    fn in_test(&self, at: usize, id: LoopId) -> bool {
        match self.layout.each(id).map(|each| &each.head) {
            Some(Head::While(test, _)) => {
                let test = self.layout.id(test);
                self.layout.blocks[test.0].span.contains(&at)
            }
            _ => false,
        }
    }
}

fn used_whole(func: &Func) -> HashSet<VarId> {
    let mut whole: HashSet<VarId> = func.ret.iter().filter_map(Atom::var).collect();
    walk(&func.body, &mut |stmt| {
        let access = stmt.kind.access();
        whole.extend(access.atoms.iter().filter_map(|atom| atom.var()));
        whole.extend(&access.mentions);
    });
    whole
}

impl Replay<'_> {
    /// Whether the reverse of `home` begins with the array as it was behind position `at`.
    pub(super) fn rewinds(&self, root: VarId, at: usize, home: BlockId) -> bool {
        self.rewound.contains_key(&root)
            && self.known.swaps.group(root).iter().all(|member| {
                let undone = &self.rewound[member];
                self.timing.writes(*member).iter().all(|(write, block)| {
                    // The block itself has changed it since.
                    if *member == root && *write >= at && self.layout.within(*block, home) {
                        return false;
                    }
                    let shared = self.timing.shared(self.layout, root, home, *block, home);
                    undone.contains(write) || *write < at && shared.is_empty()
                })
            })
    }
}

impl Adjoint<'_> {
    /// Puts back what a statement has written over.
    pub(super) fn rewind(&mut self, kind: &StmtKind, at: usize, span: Span) {
        let (StmtKind::Store { place, .. }
        | StmtKind::Update { place, .. }
        | StmtKind::Fill(place, _)
        | StmtKind::CopyFrom(place, _)) = kind
        else {
            return;
        };
        let whole = self.facts.views.expand(place);
        let undone = self.replay.rewound.get(&whole.root);
        if !undone.is_some_and(|undone| undone.contains(&at)) {
            return;
        }
        let tape = match self.rewinding.get(&whole.root) {
            Some(tape) => *tape,
            None => self.flat_tape(whole.root, span),
        };
        self.rewinding.insert(whole.root, tape);
        let restore = StmtKind::Restore {
            tape,
            place: whole,
            unless: None,
        };
        self.push(span, restore);
        let kept = Kept {
            tape,
            // Behind its own name: what it is a part of may be borrowed.
            place: place.clone(),
            unless: None,
            exchange: None,
        };
        self.keeps.entry(at).or_default().push(kept);
    }
}
