//! What the reverse sweep needs of a block that has been left: recomputed or saved.
//!
//! The reverse of a loop body or branch runs when the block's values are gone.
//! Per block, each needed value is recomputed from what is still there, or popped
//! from a tape; which, is a minimum cut ([`super::cut`]). Memory made in the block
//! is rebuilt by the statements that wrote it (its *slice*), if they can run
//! again; else it is saved whole.

use super::copies::Copies;
use super::cut::Graph;
use super::rewind::Rewound;
use crate::analysis::elements::Elements;
use crate::analysis::induction::Inductions;
use crate::analysis::layout::{BlockId, Layout};
use crate::analysis::rerun::{Reruns, dear};
use crate::analysis::swaps::Swaps;
use crate::analysis::timing::Timing;
use crate::analysis::views::Views;
use crate::ir::*;
use std::cell::RefCell;
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

/// What the reverse of a block may want of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Node {
    /// A value; of memory, the one at the end of the block.
    Value(VarId),
    /// Memory as it was at each time: only running its statements again gives that.
    Timeline(VarId),
}

impl Node {
    fn variable(self) -> VarId {
        match self {
            Node::Value(id) | Node::Timeline(id) => id,
        }
    }
}

/// Nodes and what they are computed from. `None`: cannot be computed again.
type Nodes = BTreeMap<Node, Option<BTreeSet<Node>>>;

/// The weight of what cannot be saved.
const NEVER: u32 = 1 << 20;

/// One question about what can run again: what it takes from the block, and what
/// has been looked at already. Revisiting finds nothing new: what failed has
/// failed the whole question.
#[derive(Default)]
struct Query {
    operands: BTreeSet<Node>,
    variables: BTreeSet<VarId>,
    statements: BTreeSet<usize>,
}

/// What is known of the course of the reverse sweep.
pub(super) struct Known {
    pub inductions: Inductions,
    pub swaps: Swaps,
    pub reruns: Reruns,
}

impl Known {
    /// Whether the reverse of `block` finds again what was read at `at`.
    fn taken_back(&self, replay: &Replay, root: VarId, at: usize, block: BlockId) -> bool {
        self.inductions.sees(root, at)
            || self
                .swaps
                .sees(replay.layout, replay.timing, root, at, block)
    }
}

pub(super) struct Replay<'f> {
    pub func: &'f Func,
    pub layout: &'f Layout<'f>,
    pub timing: &'f Timing,
    /// What the reverse sweep takes back.
    pub known: &'f Known,
    pub views: &'f Views,
    /// Statements that must not run twice: calls whose augmented form is used.
    pub once: &'f BTreeSet<usize>,
    /// Range variables that the reverse loop does not count by itself.
    pub uncounted: BTreeSet<VarId>,
    /// Whether values that are dear to compute are rather saved.
    pub prices: bool,
    /// Whether elements of arrays are told apart.
    pub elements: bool,
    pub copies: Copies,
    /// Arrays that the reverse sweep takes back.
    pub rewound: Rewound,
    pub rebuilt: RefCell<HashMap<VarId, bool>>,
}

impl<'f> Replay<'f> {
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

    /// What of `block` chooses a place outside of it.
    fn indices(&self, place: &Place, block: BlockId) -> Option<BTreeSet<Node>> {
        let ids = place.atoms().filter_map(Atom::var);
        let mut query = Query::default();
        let mut fine = true;
        for id in ids {
            fine &= self.operand(id, block, &mut query);
        }
        fine.then_some(query.operands)
    }

    /// What of `block` a node is computed from; `None` if it cannot be computed again.
    fn operands(&self, node: Node, block: BlockId) -> Option<BTreeSet<Node>> {
        let id = match node {
            Node::Value(id) => id,
            Node::Timeline(id) => return self.memory(id, block),
        };
        if self.uncounted.contains(&id) {
            return None;
        }
        let definition = self.layout.definition(id)?;
        let mut query = Query::default();
        match &definition.stmt.kind {
            StmtKind::Loop(_) => Some(BTreeSet::new()),
            StmtKind::Let(_, value) => self
                .value(value, definition.at, block, block, &mut query)
                .then_some(query.operands),
            StmtKind::Call(_) => self
                .statement(definition.at, block, &mut query)
                .then_some(query.operands),
            StmtKind::Cell(..) => self
                .rebuilds(id)
                .then(|| BTreeSet::from([Node::Timeline(id)])),
            _ => None,
        }
    }

    /// Whether a value can be computed again inside `home`'s replay, from
    /// `operands` of `home`. `here`: the block the value stands in.
    fn value(
        &self,
        value: &Value,
        at: usize,
        here: BlockId,
        home: BlockId,
        query: &mut Query,
    ) -> bool {
        if let Value::Opaque(opaque) = value {
            return self.settled_tokens(opaque, at, here, home, query);
        }
        let mut fine = true;
        value.atoms(&mut |atom| {
            if let Some(id) = atom.var() {
                fine &= self.operand(id, home, query);
            }
        });
        if let Some(place) = value.place() {
            fine &= self.readable(place, at, here, home, query);
        }
        fine
    }

    /// Opaque expressions may have effects: they run again only if they can not.
    fn settled_tokens(
        &self,
        opaque: &Opaque,
        _at: usize,
        _here: BlockId,
        home: BlockId,
        query: &mut Query,
    ) -> bool {
        opaque.reads.is_empty()
            && opaque.why == Why::Unsupported
            && home != BlockId(0)
            && query.operands.is_empty()
            && !opaque.tokens.to_string().contains('(')
    }

    /// An operand: of `home` itself, from outside, or nested in the slice.
    fn operand(&self, id: VarId, home: BlockId, query: &mut Query) -> bool {
        let lives = self.layout.home(id);
        if lives == home {
            query.operands.insert(Node::Value(id));
            return true;
        }
        if self.layout.within(home, lives) {
            return true; // From outside: the outer block provides it.
        }
        if !query.variables.insert(id) {
            return true;
        }
        // Nested inside the slice: must be computable there without a tape.
        let Some(definition) = self.layout.definition(id) else {
            return false;
        };
        match &definition.stmt.kind {
            StmtKind::Loop(_) => true,
            StmtKind::Let(_, value) => self.value(value, definition.at, lives, home, query),
            StmtKind::Call(_) => self.statement(definition.at, home, query),
            StmtKind::Cell(..) => self.slice(id, home, query),
            _ => false,
        }
    }

    /// Whether a read of `place` in the replay of `home` sees what it saw.
    fn readable(
        &self,
        place: &Place,
        at: usize,
        here: BlockId,
        home: BlockId,
        query: &mut Query,
    ) -> bool {
        let place = self.views.expand(place);
        let mut fine = true;
        for id in place.atoms().filter_map(Atom::var) {
            fine &= self.operand(id, home, query);
        }
        let lives = self.layout.home(place.root);
        let settled = self
            .timing
            .settled_in(self.layout, place.root, (at, here), home);
        if lives == home {
            // Made in the replayed block: read at the end, or rebuilt in order.
            query.operands.insert(if settled {
                Node::Value(place.root)
            } else {
                Node::Timeline(place.root)
            });
            return fine && (settled || self.rebuilds(place.root));
        }
        if self.layout.within(lives, home) {
            // Made inside the slice.
            return fine
                && self.rebuilds(place.root)
                && (query.variables.contains(&place.root) || self.slice(place.root, home, query));
        }
        let copied = self.copies.first.contains(&at);
        let here = here == home;
        let taken_back = here && self.known.taken_back(self, place.root, at, home);
        fine && (settled || copied || taken_back || here && self.stays(&place, at, home))
    }

    /// Whether a place holds what it held, when the reverse of its block begins.
    pub(super) fn stays(&self, place: &Place, at: usize, home: BlockId) -> bool {
        let elements = Elements {
            layout: self.layout,
            timing: self.timing,
            views: self.views,
            finals: &self.copies.last,
        };
        self.rewinds(place.root, at, home) || self.elements && elements.stays(place, at, home)
    }

    /// Operands of the memory of a cell made in `block`.
    fn memory(&self, id: VarId, block: BlockId) -> Option<BTreeSet<Node>> {
        if !self.rebuilds(id) {
            return None;
        }
        let mut query = Query::default();
        self.slice(id, block, &mut query).then(|| {
            query.operands.remove(&Node::Timeline(id));
            query.operands
        })
    }

    /// Whether the statements that made a variable can run again.
    pub fn rebuilds(&self, id: VarId) -> bool {
        if let Some(known) = self.rebuilt.borrow().get(&id) {
            return *known;
        }
        // While the answer is being found: a variable may be made from itself.
        self.rebuilt.borrow_mut().insert(id, true);
        let home = self.layout.home(id);
        let answer = home != BlockId(0) && self.slice(id, home, &mut Query::default());
        let mut rebuilt = self.rebuilt.borrow_mut();
        if !answer {
            // Others may have been found fine on the assumption that this one is.
            rebuilt.retain(|_, fine| !*fine);
        }
        rebuilt.insert(id, answer);
        answer
    }

    /// Whether all statements that write `id` can run again in `home`'s replay.
    fn slice(&self, id: VarId, home: BlockId, query: &mut Query) -> bool {
        query.variables.insert(id);
        let Some(definition) = self.layout.definition(id) else {
            return false;
        };
        let first = match &definition.stmt.kind {
            StmtKind::Cell(_, Some(value)) | StmtKind::Let(_, value) => {
                self.value(value, definition.at, self.layout.home(id), home, query)
            }
            StmtKind::Cell(_, None) => true,
            StmtKind::Call(_) => self.statement(definition.at, home, query),
            _ => false,
        };
        first
            && self
                .timing
                .writes(id)
                .iter()
                .all(|(at, _)| self.statement(*at, home, query))
    }

    /// Whether a statement that writes, and the control flow around it, can run again.
    fn statement(&self, at: usize, home: BlockId, query: &mut Query) -> bool {
        let (stmt, here) = self.layout.order[at];
        if !query.statements.insert(at) {
            return true;
        }
        if self.once.contains(&at) || !self.layout.within(here, home) {
            return false;
        }
        let access = stmt.kind.access();
        let local = |place: &&Place| {
            let root = self.views.expand(place).root;
            self.layout.within(self.layout.home(root), home) && self.layout.home(root) != BlockId(0)
        };
        if !access.writes.iter().all(local) {
            return false;
        }
        let mut fine = true;
        for id in access.atoms.iter().filter_map(|atom| atom.var()) {
            fine &= self.operand(id, home, query);
        }
        for place in &access.writes {
            let place = self.views.expand(place);
            for id in place.atoms().filter_map(Atom::var) {
                fine &= self.operand(id, home, query);
            }
            // Whatever else the statement writes is rebuilt along with it.
            if self.layout.home(place.root) == home && access.writes.len() > 1 {
                query.operands.insert(Node::Timeline(place.root));
            }
            fine &= self.rebuilds(place.root);
        }
        for place in &access.reads {
            fine &= self.readable(place, at, here, home, query);
        }
        fine && self.control(here, home, query)
    }

    /// The conditions and bounds between `here` and `home`.
    fn control(&self, here: BlockId, home: BlockId, query: &mut Query) -> bool {
        let mut block = here;
        let mut fine = true;
        while block != home {
            let Some(parent) = self.layout.blocks[block.0].parent else {
                return false;
            };
            let Some(stmt) = self.layout.owner(block) else {
                return false;
            };
            for id in stmt
                .kind
                .access()
                .atoms
                .iter()
                .filter_map(|atom| atom.var())
            {
                fine &= self.operand(id, home, query);
            }
            if let StmtKind::Loop(each) = &stmt.kind {
                fine &= self.exits(&each.body, home, query);
            }
            block = parent;
        }
        fine
    }

    /// The conditions on the way to the breaks of a loop body.
    fn exits(&self, body: &Block, home: BlockId, query: &mut Query) -> bool {
        body.stmts.iter().all(|stmt| match &stmt.kind {
            StmtKind::If(cond, yes, no) if breaks(yes) || breaks(no) => {
                cond.var().is_none_or(|id| self.operand(id, home, query))
                    && self.exits(yes, home, query)
                    && self.exits(no, home, query)
            }
            _ => true,
        })
    }
}

/// Whether a block has a break in tail position.
pub(crate) fn breaks(block: &Block) -> bool {
    block.stmts.iter().any(|stmt| match &stmt.kind {
        StmtKind::Exit(_) => true,
        StmtKind::If(_, yes, no) => breaks(yes) || breaks(no),
        _ => false,
    })
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
