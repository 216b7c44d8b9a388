//! What the integers of both sweeps are: sums, products and counters of loops.

use super::Tight;
use crate::analysis::apart::Names;
use crate::ir::visit::walk;
use crate::ir::*;
use std::collections::HashMap;

#[derive(Default)]
pub(super) struct Origins {
    values: HashMap<VarId, Value>,
    ranges: HashMap<VarId, (LoopId, Range)>,
    depths: HashMap<VarId, usize>,
}

impl Origins {
    pub fn of(func: &Func, reverse: &Block) -> Origins {
        let mut origins = Origins::default();
        origins.block(func, &func.body, 0);
        origins.block(func, reverse, 0);
        origins
    }

    fn block(&mut self, func: &Func, block: &Block, depth: usize) {
        for stmt in &block.stmts {
            match &stmt.kind {
                StmtKind::Let(id, value @ (Value::Rule(..) | Value::Atom(_)))
                    if matches!(func.var(*id).ty, Ty::Discrete(_)) =>
                {
                    self.values.insert(*id, value.clone());
                    self.depths.insert(*id, depth);
                }
                StmtKind::Loop(each) => {
                    if let Head::Range(range) = &each.head {
                        self.ranges.insert(range.var, (each.id, range.clone()));
                        self.depths.insert(range.var, depth + 1);
                    }
                }
                _ => {}
            }
            for inner in stmt.kind.blocks() {
                self.block(func, inner, depth + 1);
            }
        }
    }
}

/// The same, with what a loop and the statements in front of it say.
pub(super) struct Here<'a> {
    origins: &'a Origins,
    values: HashMap<VarId, &'a Value>,
}

impl<'a> Here<'a> {
    pub fn of(origins: &'a Origins, tight: &'a Tight) -> Here<'a> {
        let mut values = HashMap::new();
        for block in [&tight.before, &tight.each.body] {
            walk(block, &mut |stmt| {
                if let StmtKind::Let(id, value) = &stmt.kind {
                    values.insert(*id, value);
                }
            });
        }
        Here { origins, values }
    }
}

impl Names for Here<'_> {
    fn value(&self, id: VarId) -> Option<&Value> {
        self.values.get(&id).copied().or(self.origins.value(id))
    }

    fn range(&self, id: VarId) -> Option<(LoopId, &Range)> {
        self.origins.range(id)
    }

    fn depth(&self, id: VarId) -> usize {
        self.origins.depth(id)
    }

    fn loops(&self, id: VarId) -> &[LoopId] {
        self.origins.loops(id)
    }
}

impl Names for Origins {
    fn value(&self, id: VarId) -> Option<&Value> {
        self.values.get(&id)
    }

    fn range(&self, id: VarId) -> Option<(LoopId, &Range)> {
        self.ranges.get(&id).map(|(each, range)| (*each, range))
    }

    fn depth(&self, id: VarId) -> usize {
        self.depths.get(&id).copied().unwrap_or(0)
    }

    /// One moment is like the other here.
    fn loops(&self, _: VarId) -> &[LoopId] {
        &[]
    }
}
