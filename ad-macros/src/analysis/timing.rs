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
    /// Variables that somebody else may write once the function is over.
    foreign: HashSet<VarId>,
}

impl Timing {
    /// `split`: the caller may write through `&mut` parameters between the sweeps.
    pub fn of(func: &Func, layout: &Layout, views: &Views, split: bool) -> Timing {
        let mut timing = Timing {
            writes: HashMap::new(),
            replaced: HashSet::new(),
            foreign: HashSet::new(),
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
                timing.foreign.insert(*param);
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
            StmtKind::Store { place, .. } => self.replaced.extend(whole(place)),
            StmtKind::Swap(left, right) => {
                self.replaced.extend(whole(left));
                self.replaced.extend(whole(right));
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

    /// Whether a read of `root` at `at` gives the same in the reverse sweep.
    pub fn settled(&self, layout: &Layout, root: VarId, at: usize, block: BlockId) -> bool {
        if self.foreign.contains(&root) {
            return false;
        }
        let Some(writes) = self.writes.get(&root) else {
            return true;
        };
        let home = &layout.blocks[layout.home(root).0].loops;
        let around = &layout.blocks[block.0].loops;
        writes.iter().all(|(write, written_in)| {
            let shared = layout.blocks[written_in.0]
                .loops
                .iter()
                .any(|id| around.contains(id) && !home.contains(id));
            *write < at && !shared
        })
    }

    /// Positions of the statements that write `root`.
    pub fn writes(&self, root: VarId) -> &[(usize, BlockId)] {
        self.writes.get(&root).map_or(&[], Vec::as_slice)
    }

    /// Whether the variable may get another length, or another whole value.
    pub fn is_replaced(&self, root: VarId) -> bool {
        self.replaced.contains(&root)
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
