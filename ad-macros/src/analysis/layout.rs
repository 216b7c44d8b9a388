//! Where each variable lives: its block, that block's place in the nest, its definition.

use crate::ir::*;
use std::collections::HashMap;

/// A block, numbered in program order. The body is 0.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) struct BlockId(pub usize);

#[derive(Clone, Debug)]
pub(crate) struct BlockFact {
    pub parent: Option<BlockId>,
    /// All loops around the block, outermost first.
    pub loops: Vec<LoopId>,
    pub depth: usize,
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
}

impl<'f> Layout<'f> {
    pub fn of(func: &'f Func) -> Layout<'f> {
        let mut layout = Layout::default();
        layout.block(&func.body, None, &[]);
        for param in &func.params {
            layout.home.insert(*param, BlockId(0));
        }
        layout
    }

    fn block(&mut self, block: &'f Block, parent: Option<BlockId>, loops: &[LoopId]) {
        let id = BlockId(self.blocks.len());
        let depth = parent.map_or(0, |parent| self.blocks[parent.0].depth + 1);
        self.blocks.push(BlockFact {
            parent,
            loops: loops.to_vec(),
            depth,
        });
        self.ids.insert(block, id);
        for stmt in &block.stmts {
            self.stmt(stmt, id, loops);
        }
    }

    fn stmt(&mut self, stmt: &'f Stmt, id: BlockId, loops: &[LoopId]) {
        let at = self.order.len();
        self.order.push((stmt, id));
        let mut inner = loops.to_vec();
        if let StmtKind::Loop(each) = &stmt.kind {
            inner.push(each.id);
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
            self.block(block, Some(id), &inner);
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

    pub fn in_loop(&self, block: BlockId) -> bool {
        !self.blocks[block.0].loops.is_empty()
    }
}
