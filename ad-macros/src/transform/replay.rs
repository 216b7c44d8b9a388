//! What can be computed again of a block that has been left, and from what.
//!
//! The reverse of a loop body or branch runs when the block's values are gone. A value is
//! computed again from what is still there. Memory made in the block is rebuilt by the statements
//! that wrote it (its *slice*), if they can run again. What is computed again, and what is saved
//! instead, is decided in [`super::plan`].

use super::copies::Copies;
use super::rewind::Rewound;
use crate::analysis::elements::Elements;
use crate::analysis::induction::Inductions;
use crate::analysis::layout::{BlockId, Layout};
use crate::analysis::rerun::Reruns;
use crate::analysis::swaps::Swaps;
use crate::analysis::timing::Timing;
use crate::analysis::views::Views;
use crate::ir::*;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

/// What the reverse of a block may want of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Node {
    /// A value; of memory, the one at the end of the block.
    Value(VarId),
    /// Memory as it was at each time: only running its statements again gives that.
    Timeline(VarId),
}

impl Node {
    pub fn variable(self) -> VarId {
        match self {
            Node::Value(id) | Node::Timeline(id) => id,
        }
    }
}

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

impl Replay<'_> {
    /// What of `block` chooses a place outside of it.
    pub(super) fn indices(&self, place: &Place, block: BlockId) -> Option<BTreeSet<Node>> {
        let ids = place.atoms().filter_map(Atom::var);
        let mut query = Query::default();
        let mut fine = true;
        for id in ids {
            fine &= self.operand(id, block, &mut query);
        }
        fine.then_some(query.operands)
    }

    /// What of `block` a node is computed from; `None` if it cannot be computed again.
    pub(super) fn operands(&self, node: Node, block: BlockId) -> Option<BTreeSet<Node>> {
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
        };
        let lost = self.timing.is_lent(place.root) && !self.copies.last.contains(&place.root);
        let stay = || self.elements && !lost && elements.stay(place, at, home);
        self.rewinds(place.root, at, home) || stay()
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
