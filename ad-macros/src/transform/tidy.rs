//! Drops what nobody reads: values, stores to local memory, whole loops.
//!
//! Requires: both sweeps complete. Guarantees: the same results, effects and
//! memory behind references. What may only panic goes, too.
//!
//! A block is gone over backwards until nothing changes: a statement stays if it
//! has an effect outside, or makes what a statement that stays uses.

use super::forward::Tangent;
use super::replay::breaks;
use super::reverse::Sweeps;
use crate::analysis::views::Views;
use crate::ir::*;
use std::collections::HashSet;

/// Tidies both sweeps. `primal`: the forward sweep's result is wanted.
pub(crate) fn tidy(sweeps: &mut Sweeps, primal: bool) {
    let mut outputs = references(&sweeps.func);
    outputs.extend(sweeps.shadows.iter().flatten());
    let tidy = Tidy {
        views: Views::of(&sweeps.func),
        outputs,
    };
    let mut needed: HashSet<VarId> = sweeps.shadows.iter().flatten().copied().collect();
    if primal {
        needed.extend(sweeps.func.ret.as_ref().and_then(Atom::var));
    }
    // The sweeps share one scope: what the reverse sweep uses keeps the forward's.
    let mut both = std::mem::take(&mut sweeps.func.body);
    let forward = both.stmts.len();
    both.stmts.append(&mut sweeps.reverse.stmts);
    let kept = tidy.block(&mut both, &needed, true);
    let border = kept.iter().take(forward).filter(|kept| **kept).count();
    sweeps.reverse.stmts = both.stmts.split_off(border);
    sweeps.func.body = both;
}

pub(crate) fn tidy_forward(tangent: &mut Tangent) {
    let mut outputs = references(&tangent.func);
    outputs.extend(tangent.shadows.iter().flatten());
    let tidy = Tidy {
        views: Views::of(&tangent.func),
        outputs,
    };
    let results = tangent.func.ret.iter().chain(&tangent.ret);
    let needed = results.filter_map(Atom::var).collect();
    let mut body = std::mem::take(&mut tangent.func.body);
    tidy.block(&mut body, &needed, true);
    tangent.func.body = body;
}

fn references(func: &Func) -> HashSet<VarId> {
    let by_reference = |param: &&VarId| func.var(**param).reference.is_some();
    func.params.iter().filter(by_reference).copied().collect()
}

struct Tidy {
    views: Views,
    /// Memory somebody else reads: reference parameters and their shadows.
    outputs: HashSet<VarId>,
}

impl Tidy {
    /// Tidies a block; which statements stayed. `exits`: breaks in it matter.
    fn block(&self, block: &mut Block, outer: &HashSet<VarId>, exits: bool) -> Vec<bool> {
        let (kept, needed) = self.live(block, outer, exits);
        let mut flags = kept.iter();
        block.stmts.retain(|_| *flags.next().unwrap_or(&true));
        for stmt in &mut block.stmts {
            let inner = exits || matches!(stmt.kind, StmtKind::Loop(_));
            let own: Vec<VarId> = stmt.kind.access().variables().collect();
            let cond = condition(&stmt.kind);
            let mut seen = needed.clone();
            seen.extend(own);
            for nested in stmt.kind.blocks_mut() {
                // The same variable in another block is another one there.
                let own = defined(nested);
                let mut seen: HashSet<VarId> = seen.difference(&own).copied().collect();
                seen.extend(cond);
                self.block(nested, &seen, inner);
            }
        }
        kept
    }

    /// Which statements stay, and what they use.
    fn live(
        &self,
        block: &Block,
        outer: &HashSet<VarId>,
        exits: bool,
    ) -> (Vec<bool>, HashSet<VarId>) {
        let mut needed = outer.clone();
        let mut kept = vec![false; block.stmts.len()];
        loop {
            let before = (needed.len(), kept.iter().filter(|kept| **kept).count());
            for (index, stmt) in block.stmts.iter().enumerate().rev() {
                if self.keeps(stmt, &needed, exits) {
                    kept[index] = true;
                    self.uses(stmt, &mut needed, exits);
                }
            }
            if before == (needed.len(), kept.iter().filter(|kept| **kept).count()) {
                return (kept, needed);
            }
        }
    }

    /// Adds what a statement that stays uses.
    fn uses(&self, stmt: &Stmt, needed: &mut HashSet<VarId>, exits: bool) {
        for id in stmt.kind.access().variables() {
            needed.insert(id);
            needed.insert(self.views.root(id));
        }
        let inner = exits || matches!(stmt.kind, StmtKind::Loop(_));
        for block in stmt.kind.blocks() {
            let own = defined(block);
            let mut seen: HashSet<VarId> = needed.difference(&own).copied().collect();
            seen.extend(condition(&stmt.kind));
            let (_, used) = self.live(block, &seen, inner);
            needed.extend(used.difference(&own));
        }
    }

    fn keeps(&self, stmt: &Stmt, needed: &HashSet<VarId>, exits: bool) -> bool {
        match &stmt.kind {
            StmtKind::Let(id, _) | StmtKind::Cell(id, _) => needed.contains(id),
            StmtKind::View { var, .. } => needed.contains(var),
            StmtKind::Split { lo, hi, .. } => needed.contains(lo) || needed.contains(hi),
            StmtKind::Call(call) => !call.repeated || self.call_needed(call, needed),
            StmtKind::Effect(_)
            | StmtKind::Push(..)
            | StmtKind::Pop(..)
            | StmtKind::Derivative(_) => true,
            StmtKind::Exit(_) => exits,
            StmtKind::If(_, yes, no) => {
                let exit = exits && (breaks(yes) || breaks(no));
                exit || self.works(yes, needed) || self.works(no, needed)
            }
            StmtKind::Loop(each) => {
                let test = match &each.head {
                    Head::While(test, _) => self.works(test, needed),
                    _ => false,
                };
                test || self.works(&each.body, needed)
            }
            StmtKind::Labelled(_, body) | StmtKind::Gate(_, body) => self.works(body, needed),
            StmtKind::Take(id, place) => needed.contains(id) || self.read(place.root, needed),
            kind => {
                let writes = kind.access().writes;
                writes.iter().any(|place| self.read(place.root, needed))
            }
        }
    }

    /// Whether a nested block does anything that is seen outside of it, leaving a
    /// loop apart.
    fn works(&self, block: &Block, needed: &HashSet<VarId>) -> bool {
        let own = defined(block);
        let seen: HashSet<VarId> = needed.difference(&own).copied().collect();
        block.stmts.iter().any(|stmt| {
            !matches!(
                stmt.kind,
                StmtKind::Let(..) | StmtKind::Cell(..) | StmtKind::Pop(..)
            ) && self.keeps(stmt, &seen, false)
        })
    }

    fn read(&self, id: VarId, needed: &HashSet<VarId>) -> bool {
        let root = self.views.root(id);
        needed.contains(&root) || self.outputs.contains(&root)
    }

    fn call_needed(&self, call: &Call, needed: &HashSet<VarId>) -> bool {
        let writes = call.args.iter().any(|arg| match arg {
            Arg::Ref {
                place,
                mutability: Mutability::Mutable,
                ..
            } => self.read(place.root, needed),
            _ => false,
        });
        writes || call.out.is_some_and(|id| needed.contains(&id))
    }
}

/// The variables that a block itself declares.
fn defined(block: &Block) -> HashSet<VarId> {
    let defines = |stmt: &Stmt| stmt.kind.access().defines;
    block.stmts.iter().flat_map(defines).collect()
}

/// The condition of a `while`, which its first block computes.
fn condition(kind: &StmtKind) -> Option<VarId> {
    match kind {
        StmtKind::Loop(each) => match &each.head {
            Head::While(_, cond) => cond.var(),
            _ => None,
        },
        _ => None,
    }
}
