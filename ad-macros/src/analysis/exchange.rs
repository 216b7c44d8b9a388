//! Which arrays can be saved by handing over their memory.
//!
//! A scratch vector that every iteration fills anew, and whose content a pullback wants
//! again, need not be copied: at the end of the iteration the tape takes the vector, and
//! the next iteration fills another one of the same length.

use super::cover::{Extent, Region};
use super::layout::{BlockId, Layout};
use super::timing::Timing;
use crate::ir::*;
use crate::transform::{Facts, breaks};

/// Whether the content that `id` has at the statement `at` can be taken at the end of the
/// block around it: the facts that have to hold for that.
pub(crate) fn at_end(
    facts: &Facts,
    layout: &Layout,
    timing: &Timing,
    id: VarId,
    at: usize,
) -> Option<Vec<Fact>> {
    let var = facts.func.var(id);
    let vector = matches!(var.ty, Ty::Seq(_, SeqForm::Vec));
    if !vector || timing.is_reassigned(id) || facts.func.ret == Some(Atom::Var(id)) {
        return None;
    }
    let block = layout.order[at].1;
    let Some(StmtKind::Loop(each)) = layout.owner(block).map(|stmt| &stmt.kind) else {
        return None;
    };
    // Each iteration has to reach its end, and nothing else may look.
    if layout.id(&each.body) != block || breaks(&each.body) || !only_in(facts, layout, id, block) {
        return None;
    }
    let made = layout.definition(id)?.at;
    let mut writes = timing.writes(id).iter().map(|(write, _)| *write);
    if writes.any(|write| write >= at && write != made) {
        return None;
    }
    let fixed = |atom: &Atom| {
        let constant = |id: VarId| {
            let discrete = matches!(facts.func.var(id).ty, Ty::Discrete(_));
            discrete && !facts.func.var(id).cell && layout.home(id) == BlockId(0)
        };
        atom.var().is_none_or(constant)
    };
    let region = Region {
        layout,
        views: facts.views,
        block: &each.body,
        fixed: &fixed,
    };
    let keeps_length = |id: VarId| !timing.is_replaced(id);
    let extent = region.overwrites(id)?;
    // What is not overwritten has to be the same in all of the vectors: it is, if there
    // was one to begin with.
    if extent != Extent::Whole && layout.home(id) != BlockId(0) {
        return None;
    }
    match extent {
        Extent::Whole | Extent::Range(..) => keeps_length(id).then(Vec::new),
        // That the callee overwrites it says that it keeps the length, too.
        Extent::Callee(fact) => {
            let StmtKind::Call(call) = &first_write(layout, timing, id, made)?.kind else {
                return None;
            };
            let steady = call.args.iter().all(|arg| match arg {
                Arg::Value(_) => true,
                Arg::Ref { place, .. } => {
                    let root = facts.views.root(place.root);
                    root == id || keeps_length(root)
                }
            });
            steady.then(|| vec![fact])
        }
    }
}

/// The statement that overwrites the array.
fn first_write<'f>(
    layout: &Layout<'f>,
    timing: &Timing,
    id: VarId,
    made: usize,
) -> Option<&'f Stmt> {
    let mut writes = timing.writes(id).iter().map(|(write, _)| *write);
    let write = writes.find(|write| *write != made)?;
    Some(layout.order[write].0)
}

/// Whether a block has all that touches a variable, but for its definition.
fn only_in(facts: &Facts, layout: &Layout, id: VarId, block: BlockId) -> bool {
    layout.order.iter().all(|(stmt, home)| {
        let access = stmt.kind.access();
        access.defines == [id]
            || layout.within(*home, block)
            || !access
                .variables()
                .any(|other| facts.views.root(other) == id)
    })
}
