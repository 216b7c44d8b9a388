//! Whether memory still holds what was read from it.
//!
//! A read is *settled* when nothing writes the same variable later in the
//! function: not further down, and not in another iteration of a loop around
//! both (unless the variable is made anew in each iteration). Branches are not
//! told apart, and neither are elements: that only errs on the safe side.

use super::layout::{BlockId, Layout};
use super::views::Views;
use crate::ir::*;
use std::collections::{HashMap, HashSet};

pub(crate) struct Timing {
    /// Per variable: position and block of every statement that writes it.
    writes: HashMap<VarId, Vec<(usize, BlockId)>>,
    /// Variables whose length or whole value is replaced at some time.
    replaced: HashSet<VarId>,
    /// Those of them that an assignment or a swap replaces, as opposed to a call.
    reassigned: HashSet<VarId>,
    /// Variables that somebody else may write once the function is over.
    lent: HashSet<VarId>,
    /// Loops whose iterations are run again one by one, right before their reverse; and the
    /// position up to which, if not to the end.
    rerun: HashMap<LoopId, Option<usize>>,
}

impl Timing {
    /// `split`: the caller may write through `&mut` parameters between the sweeps.
    pub fn of(func: &Func, layout: &Layout, views: &Views, split: bool) -> Timing {
        let mut timing = Timing {
            writes: HashMap::new(),
            replaced: HashSet::new(),
            reassigned: HashSet::new(),
            lent: HashSet::new(),
            rerun: HashMap::new(),
        };
        for (at, (stmt, block)) in layout.order.iter().enumerate() {
            for place in stmt.kind.access().writes {
                let place = views.expand(place);
                timing
                    .writes
                    .entry(place.root)
                    .or_default()
                    .push((at, *block));
            }
            for id in changed_unseen(func, views, &stmt.kind) {
                timing.writes.entry(id).or_default().push((at, *block));
                timing.replaced.insert(id);
            }
            timing.note_replaced(&stmt.kind, views);
        }
        for param in &func.params {
            if split && func.var(*param).reference == Some(Mutability::Mutable) {
                timing.lent.insert(*param);
            }
        }
        timing
    }

    fn note_replaced(&mut self, kind: &StmtKind, views: &Views) {
        let whole = |place: &Place| {
            let place = views.expand(place);
            let part = |proj: &Proj| matches!(proj, Proj::Index(_) | Proj::Range { .. });
            let element = place.path.iter().any(part);
            (!element).then_some(place.root)
        };
        match kind {
            StmtKind::Store { place, .. } => self.reassigned.extend(whole(place)),
            StmtKind::Swap(left, right) => {
                self.reassigned.extend(whole(left));
                self.reassigned.extend(whole(right));
            }
            StmtKind::Call(call) => {
                for arg in &call.args {
                    if let Arg::Ref {
                        place,
                        mutability: Mutability::Mutable,
                        ..
                    } = arg
                    {
                        self.replaced.extend(whole(place));
                    }
                }
            }
            _ => {}
        }
    }

    /// Notes that each iteration of a loop is run again before it is reversed, up to `end`.
    pub fn note_rerun(&mut self, id: LoopId, end: Option<usize>) {
        self.rerun.insert(id, end);
    }

    /// Whether the iterations of a loop are run again.
    pub fn is_rerun(&self, id: LoopId) -> bool {
        self.rerun.contains_key(&id)
    }

    /// Whether a write comes at the end of an iteration, which is not run again.
    fn is_left_out(&self, layout: &Layout, write: usize, at: usize, home: BlockId) -> bool {
        layout.blocks[home.0].loops.iter().any(|id| {
            let end = self.rerun.get(id).copied().flatten();
            end.is_some_and(|end| {
                at < end && write >= end && layout.body_span(*id).contains(&write)
            })
        })
    }

    /// Whether a read of `root` at `at`, in `block`, gives the same when the reverse
    /// of the block `home` begins.
    pub fn settled(&self, layout: &Layout, root: VarId, at: usize, block: BlockId) -> bool {
        self.settled_in(layout, root, (at, block), block)
    }

    /// The same, for a read that is replayed at the start of the reverse of `home`.
    pub fn settled_in(
        &self,
        layout: &Layout,
        root: VarId,
        read: (usize, BlockId),
        home: BlockId,
    ) -> bool {
        self.settled_for(layout, root, read, home, &|_| false)
    }

    /// Whether somebody else may write the variable once the function is over.
    pub fn is_lent(&self, root: VarId) -> bool {
        self.lent.contains(&root)
    }

    /// Whether a read gives the same at the start of the reverse of `home`, but for writes at
    /// the positions that `except` names.
    pub fn settled_for(
        &self,
        layout: &Layout,
        root: VarId,
        read: (usize, BlockId),
        home: BlockId,
        except: &dyn Fn(usize) -> bool,
    ) -> bool {
        !self.is_lent(root) && self.rests(layout, root, read, home, except)
    }

    /// The same as long as the function runs.
    pub fn rests(
        &self,
        layout: &Layout,
        root: VarId,
        (at, block): (usize, BlockId),
        home: BlockId,
        except: &dyn Fn(usize) -> bool,
    ) -> bool {
        let writes = self.writes(root).iter();
        writes
            .filter(|(write, _)| !except(*write) && !self.is_left_out(layout, *write, at, home))
            .all(|(write, written_in)| {
                *write < at
                    && self
                        .shared(layout, root, block, *written_in, home)
                        .is_empty()
            })
    }

    /// Whether a loop that is run again is around `one` and not around `other`.
    pub fn in_other_rerun(&self, layout: &Layout, one: BlockId, other: BlockId) -> bool {
        let around = &layout.blocks[other.0].loops;
        let mut loops = layout.blocks[one.0].loops.iter();
        loops.any(|id| self.rerun.contains_key(id) && !around.contains(id))
    }

    /// The loops around two blocks that make either of them run after the other. A
    /// loop that is rerun does not, for what happens in one of its iterations; nor
    /// does one in which the variable is made anew.
    pub fn shared(
        &self,
        layout: &Layout,
        root: VarId,
        one: BlockId,
        other: BlockId,
        home: BlockId,
    ) -> Vec<LoopId> {
        let loops = |block: BlockId| &layout.blocks[block.0].loops;
        let made_in = loops(layout.home(root));
        let apart = |id: &LoopId| self.rerun.contains_key(id) && loops(home).contains(id);
        let common = loops(other).iter().filter(|id| loops(one).contains(id));
        common
            .filter(|id| !made_in.contains(id) && !apart(id))
            .copied()
            .collect()
    }

    /// Positions of the statements that write `root`.
    pub fn writes(&self, root: VarId) -> &[(usize, BlockId)] {
        self.writes.get(&root).map_or(&[], Vec::as_slice)
    }

    /// Whether the variable may get another length, or another whole value.
    pub fn is_replaced(&self, root: VarId) -> bool {
        self.replaced.contains(&root) || self.is_reassigned(root)
    }

    /// The same, by an assignment or a swap.
    pub fn is_reassigned(&self, root: VarId) -> bool {
        self.reassigned.contains(&root)
    }
}

/// Variables that code which is passed through may change: `k.reverse()`.
pub(crate) fn changed_unseen(func: &Func, views: &Views, kind: &StmtKind) -> Vec<VarId> {
    let opaque = match kind {
        StmtKind::Let(_, Value::Opaque(opaque))
        | StmtKind::Cell(_, Some(Value::Opaque(opaque))) => opaque,
        StmtKind::Effect(opaque) => opaque,
        _ => return Vec::new(),
    };
    if opaque.why == Why::Harmless {
        return Vec::new();
    }
    let changes = |id: &VarId| {
        let var = func.var(*id);
        var.cell || var.reference == Some(Mutability::Mutable)
    };
    let reads = opaque.reads.iter().map(|(_, id)| *id);
    reads.filter(changes).map(|id| views.root(id)).collect()
}
