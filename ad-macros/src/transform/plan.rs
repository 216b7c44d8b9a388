//! What the reverse sweep needs of a block that has been left: recomputed or saved.
//!
//! Per block, each needed value is recomputed from what is still there ([`super::replay`]), or
//! popped from a tape; which, is a minimum cut ([`super::cut`]).

use super::cut::Graph;
use super::replay::{Node, Replay};
use crate::analysis::layout::BlockId;
use crate::analysis::rerun::dear;
use crate::ir::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What one block's reverse begins with.
#[derive(Default)]
pub(super) struct Plan {
    /// Popped from the tape.
    pub saved: Vec<VarId>,
    /// Recomputed: values and memory.
    pub replayed: BTreeSet<VarId>,
    /// Those of them that are read again from where they were stored.
    pub reloads: Reloads,
}

/// Values, and the places that hold them.
pub(super) type Reloads = BTreeMap<VarId, Place>;

/// Nodes and what they are computed from. `None`: cannot be computed again.
type Nodes = BTreeMap<Node, Option<BTreeSet<Node>>>;

/// The weight of what cannot be saved.
const NEVER: u32 = 1 << 20;

impl Replay<'_> {
    /// Decides for one block, given the variables of the block that are needed. `taped`:
    /// it has a record in any case.
    pub fn plan(&self, block: BlockId, needed: &BTreeSet<VarId>, taped: bool) -> Plan {
        let needed: BTreeSet<Node> = needed.iter().copied().map(Node::Value).collect();
        let mut reloads = Reloads::new();
        loop {
            let plan = self.plan_with(block, &needed, taped, &reloads);
            let saved = plan.saved.iter().filter(|id| !reloads.contains_key(id));
            let found = saved.filter_map(|id| Some((*id, self.kept_in(*id, block)?)));
            let found: Reloads = found.collect();
            if found.is_empty() {
                reloads.retain(|id, _| plan.replayed.contains(id));
                return Plan { reloads, ..plan };
            }
            reloads.extend(found);
        }
    }

    fn plan_with(
        &self,
        block: BlockId,
        needed: &BTreeSet<Node>,
        taped: bool,
        reloads: &Reloads,
    ) -> Plan {
        let nodes = self.closure(block, needed, reloads);
        let free = self.cheapest(&nodes, needed, &|_| 0);
        // Outside of loops a record costs next to nothing, and little next to an inner loop, if
        // that is not run again anyway.
        let looped = self.layout.in_loop(block);
        let mut again = free.replayed.iter().map(|id| Node::Timeline(*id));
        let long = |node: Node| nodes.contains_key(&node) && self.made_by_long_loop(node, block);
        let inner = !self.is_run_again(block) && again.any(long);
        if !self.prices || (looped && !taped && !inner && free.saved.is_empty()) {
            return free;
        }
        let price = |node: Node| match reloads.contains_key(&node.variable()) {
            true => 0,
            false => self.price(node, block),
        };
        self.cheapest(&nodes, needed, &price)
    }

    /// The least to save. `price`: what it costs to compute something again.
    fn cheapest(
        &self,
        nodes: &Nodes,
        needed: &BTreeSet<Node>,
        price: &dyn Fn(Node) -> u32,
    ) -> Plan {
        let mut graph = Graph::default();
        let index: HashMap<Node, usize> = nodes
            .keys()
            .map(|node| (*node, graph.node(self.weight(*node))))
            .collect();
        for (node, operands) in nodes {
            let price = price(*node);
            if price > 0 {
                graph.price(index[node], price);
            }
            match operands {
                Some(operands) => {
                    for operand in operands {
                        graph.edge(index[operand], index[node]);
                    }
                }
                None => graph.source(index[node]),
            }
        }
        for node in needed {
            graph.sink(index[node]);
        }
        let cut: BTreeSet<usize> = graph.cut().into_iter().collect();
        let saved: BTreeSet<Node> = nodes
            .keys()
            .filter(|node| cut.contains(&index[node]))
            .copied()
            .collect();
        let replayed = reach(needed, &saved, nodes);
        Plan {
            saved: saved.into_iter().map(Node::variable).collect(),
            replayed: replayed.into_iter().map(Node::variable).collect(),
            reloads: Reloads::new(),
        }
    }

    /// What is needed and what it is computed from, inside the block.
    fn closure(&self, block: BlockId, needed: &BTreeSet<Node>, reloads: &Reloads) -> Nodes {
        let mut nodes = Nodes::new();
        let mut todo: Vec<Node> = needed.iter().copied().collect();
        while let Some(node) = todo.pop() {
            if nodes.contains_key(&node) {
                continue;
            }
            let operands = match reloads.get(&node.variable()) {
                Some(place) => self.indices(place, block),
                None => self.operands(node, block),
            };
            if let Some(operands) = &operands {
                todo.extend(operands);
            }
            nodes.insert(node, operands);
        }
        nodes
    }

    /// Cost of saving.
    fn weight(&self, node: Node) -> u32 {
        let Node::Value(id) = node else {
            return NEVER; // Memory in the course of time cannot be saved.
        };
        match &self.func.var(id).ty {
            Ty::Float(_) | Ty::Discrete(_) => 4,
            Ty::Unknown => 5,
            Ty::Tuple(items) => 4 * items.len().max(1) as u32,
            Ty::Seq(..) => 32,
        }
    }

    /// Cost of computing again, next to that of saving.
    fn price(&self, node: Node, block: BlockId) -> u32 {
        let definition = match node {
            Node::Value(id) => self.layout.definition(id),
            Node::Timeline(id) if self.made_by_loop(id, block) => return 12,
            Node::Timeline(_) => None,
        };
        match definition.map(|definition| &definition.stmt.kind) {
            Some(StmtKind::Let(id, value)) if dear(self.func, *id, value) => 6,
            Some(StmtKind::Call(_)) => 12,
            _ => 0,
        }
    }

    /// Whether an inner loop of the block writes a variable: to have it again, that loop
    /// has to run again.
    fn made_by_loop(&self, id: VarId, block: BlockId) -> bool {
        !self.loops_inside(id, block).is_empty()
    }

    /// Whether a block belongs to an iteration that is run again.
    fn is_run_again(&self, block: BlockId) -> bool {
        let mut loops = self.layout.blocks[block.0].loops.iter();
        loops.any(|id| self.timing.is_rerun(*id))
    }

    /// The same of a loop whose trips are not few, as far as the source says.
    fn made_by_long_loop(&self, node: Node, block: BlockId) -> bool {
        let each = |id: &LoopId| self.layout.each(*id);
        let loops = self.loops_inside(node.variable(), block);
        let mut loops = loops.iter().filter_map(each);
        loops.any(|each| !each.head.is_fixed())
    }

    /// The loops of a block that write a variable.
    fn loops_inside(&self, id: VarId, block: BlockId) -> Vec<LoopId> {
        let around = &self.layout.blocks[block.0].loops;
        let writes = self.timing.writes(id).iter();
        let inside = writes.filter(|(_, inner)| self.layout.within(*inner, block));
        let loops = inside.flat_map(|(_, inner)| &self.layout.blocks[inner.0].loops);
        loops.filter(|id| !around.contains(id)).copied().collect()
    }
}

/// What has to be computed again, given what is saved.
fn reach(needed: &BTreeSet<Node>, saved: &BTreeSet<Node>, nodes: &Nodes) -> BTreeSet<Node> {
    let mut replayed = BTreeSet::new();
    let mut todo: Vec<Node> = needed.iter().copied().collect();
    while let Some(node) = todo.pop() {
        if saved.contains(&node) || !replayed.insert(node) {
            continue;
        }
        if let Some(Some(operands)) = nodes.get(&node) {
            todo.extend(operands);
        }
    }
    replayed
}
