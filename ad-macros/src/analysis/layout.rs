//! Where each variable lives: its block, that block's place in the nest, its definition.

use crate::ir::*;
use std::collections::HashMap;

/// A block, numbered in program order. The body is 0.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) struct BlockId(pub usize);

#[derive(Clone, Debug)]
pub(crate) struct BlockFact {
    pub parent: Option<BlockId>,
    /// The statement that the block is a part of.
    pub owner: Option<usize>,
    /// All loops around the block, outermost first.
    pub loops: Vec<LoopId>,
    pub depth: usize,
    /// Positions of its statements, nested ones included.
    pub span: std::ops::Range<usize>,
}

#[derive(Clone, Copy)]
pub(crate) struct Definition<'f> {
    pub stmt: &'f Stmt,
    pub at: usize,
}

#[derive(Default)]
pub(crate) struct Layout<'f> {
    pub blocks: Vec<BlockFact>,
    /// Statements in program order, with their block.
    pub order: Vec<(&'f Stmt, BlockId)>,
    home: HashMap<VarId, BlockId>,
    definition: HashMap<VarId, Definition<'f>>,
    /// Block ids by the address of the block.
    ids: HashMap<*const Block, BlockId>,
    /// Per loop: the position of its statement.
    loops: HashMap<LoopId, usize>,
}

impl<'f> Layout<'f> {
    pub fn of(func: &'f Func) -> Layout<'f> {
        let mut layout = Layout::default();
        layout.block(&func.body, None, None, &[]);
        for param in &func.params {
            layout.home.insert(*param, BlockId(0));
        }
        layout
    }

    fn block(
        &mut self,
        block: &'f Block,
        parent: Option<BlockId>,
        owner: Option<usize>,
        loops: &[LoopId],
    ) {
        let first = self.order.len();
        let id = BlockId(self.blocks.len());
        let depth = parent.map_or(0, |parent| self.blocks[parent.0].depth + 1);
        self.blocks.push(BlockFact {
            parent,
            owner,
            loops: loops.to_vec(),
            depth,
            span: first..first,
        });
        self.ids.insert(block, id);
        for stmt in &block.stmts {
            self.stmt(stmt, id, loops);
        }
        self.blocks[id.0].span = first..self.order.len();
    }

    fn stmt(&mut self, stmt: &'f Stmt, id: BlockId, loops: &[LoopId]) {
        let at = self.order.len();
        self.order.push((stmt, id));
        let mut inner = loops.to_vec();
        if let StmtKind::Loop(each) = &stmt.kind {
            inner.push(each.id);
            self.loops.insert(each.id, at);
        }
        for var in stmt.kind.access().defines {
            self.definition.insert(var, Definition { stmt, at });
            // A range variable lives in the body, which gets the next number.
            let home = match &stmt.kind {
                StmtKind::Loop(_) => BlockId(self.blocks.len()),
                _ => id,
            };
            self.home.insert(var, home);
        }
        for block in stmt.kind.blocks() {
            self.block(block, Some(id), Some(at), &inner);
        }
    }

    pub fn id(&self, block: &Block) -> BlockId {
        self.ids[&std::ptr::from_ref(block)]
    }

    /// The block a variable is declared in. Constants belong to the body.
    pub fn home(&self, var: VarId) -> BlockId {
        self.home.get(&var).copied().unwrap_or(BlockId(0))
    }

    pub fn depth(&self, var: VarId) -> usize {
        self.blocks[self.home(var).0].depth
    }

    pub fn definition(&self, var: VarId) -> Option<Definition<'f>> {
        self.definition.get(&var).copied()
    }

    /// Whether `inner` is `outer` or nested in it.
    pub fn within(&self, inner: BlockId, outer: BlockId) -> bool {
        let mut next = Some(inner);
        while let Some(id) = next {
            if id == outer {
                return true;
            }
            next = self.blocks[id.0].parent;
        }
        false
    }

    /// The statement that a block is a part of.
    pub fn owner(&self, block: BlockId) -> Option<&'f Stmt> {
        let at = self.blocks[block.0].owner?;
        Some(self.order[at].0)
    }

    /// The loop of a number.
    pub fn each(&self, id: LoopId) -> Option<&'f Loop> {
        match &self.order[*self.loops.get(&id)?].0.kind {
            StmtKind::Loop(each) => Some(each),
            _ => None,
        }
    }

    /// Positions of what a loop runs.
    pub fn body_span(&self, id: LoopId) -> std::ops::Range<usize> {
        let at = self.loops[&id];
        let mut span = at + 1..at + 1;
        for block in self.order[at].0.kind.blocks() {
            span.end = span.end.max(self.blocks[self.id(block).0].span.end);
        }
        span
    }

    /// The first position that may run after the statement at `at`, in `inner`, has run
    /// once: loops around it that are not around `outer` run it again.
    pub fn first_run(&self, at: usize, inner: BlockId, outer: BlockId) -> usize {
        let around = &self.blocks[outer.0].loops;
        let loops = self.blocks[inner.0].loops.iter();
        let starts = loops
            .filter(|id| !around.contains(id))
            .map(|id| self.body_span(*id).start);
        starts.min().unwrap_or(at).min(at)
    }

    /// The last position that may run before the statement at `at`, in `inner`, does for
    /// the last time: loops around it that are not around `outer` run it again.
    pub fn last_run(&self, at: usize, inner: BlockId, outer: BlockId) -> usize {
        let around = &self.blocks[outer.0].loops;
        let loops = self.blocks[inner.0].loops.iter();
        let ends = loops
            .filter(|id| !around.contains(id))
            .map(|id| self.body_span(*id).end);
        ends.max().unwrap_or(at).max(at)
    }

    pub fn in_loop(&self, block: BlockId) -> bool {
        !self.blocks[block.0].loops.is_empty()
    }
}
