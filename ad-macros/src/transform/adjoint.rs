//! The reverse of each statement.
//!
//! The sweep walks the blocks backwards. A variable's shadow is declared where it
//! gets its first contribution, in the reverse of the block the variable lives
//! in: `let mut d_t = ..` if that is the block being reversed, else `= 0.0` in
//! front of the statement that contributes from inside.

use super::Facts;
use super::calls::Strategy;
use super::fuse::Fused;
use super::replay::Replay;
use super::reverse::TapeKind;
use super::shadows::Shadows;
use super::values::Values;
use crate::analysis::layout::{BlockId, Layout};
use crate::analysis::timing::Timing;
use crate::analysis::views::Views;
use crate::ir::*;
use proc_macro2::Span;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// What the forward sweep has to save for one block.
pub(super) struct Saved {
    pub tape: VarId,
    pub vars: Vec<VarId>,
}

/// Content that is saved on a flat tape and put back.
#[derive(Clone)]
pub(super) struct Kept {
    pub tape: VarId,
    pub place: Place,
    pub unless: Option<Fact>,
    /// At the end of the block the memory itself can be handed over, if the facts hold.
    pub exchange: Option<Vec<Fact>>,
}

/// An iteration that is run again.
pub(super) struct Again {
    /// Positions of what it leaves out.
    pub sums: BTreeSet<usize>,
    /// The position of the first statement that is not run again.
    pub end: Option<usize>,
    /// Views from outside of the loop, which are written out.
    pub views: Views,
}

pub(super) struct Adjoint<'f> {
    pub facts: &'f Facts<'f>,
    pub layout: &'f Layout<'f>,
    pub timing: &'f Timing,
    pub replay: Replay<'f>,
    /// How each active call, by position, is differentiated.
    pub strategies: &'f BTreeMap<usize, Strategy>,
    /// The function with the variables of the derivative added.
    pub func: Func,
    pub shadows: Shadows,
    /// Reverse blocks under construction, one per depth.
    pub open: Vec<Block>,
    pub declared: HashSet<VarId>,
    pub saves: BTreeMap<BlockId, Saved>,
    /// Homes of variables that the derivative adds to forward blocks.
    pub extra: HashMap<VarId, BlockId>,
    /// Flat tapes and their buffers.
    pub flat: Vec<(VarId, TapeKind)>,
    /// Per array that is taken back: its tape.
    pub rewinding: BTreeMap<VarId, VarId>,
    /// Per position of a statement: the contents saved in front of it.
    pub keeps: BTreeMap<usize, Vec<Kept>>,
    /// While an iteration that is run again is emitted.
    pub again: Option<Again>,
    /// Sums that the reverse sweep takes.
    pub fused: Option<Fused>,
    /// Per loop: the counter of its trips.
    pub trips: BTreeMap<LoopId, VarId>,
    /// Per call position: what is passed again to its pullback.
    pub copies: BTreeMap<usize, Vec<Option<VarId>>>,
    pub pullbacks: BTreeMap<usize, VarId>,
    /// Per position of an assignment: a zero of the shape that it replaces.
    pub shapes: BTreeMap<usize, VarId>,
    /// Positions of the calls whose reverse was emitted.
    pub reversed: BTreeSet<usize>,
    pub position: usize,
    /// Functions of the primal that partials may want, too.
    pub values: Values,
    /// The forward block that is being reversed.
    pub here: BlockId,
}

impl<'f> Adjoint<'f> {
    pub fn new(
        facts: &'f Facts<'f>,
        replay: Replay<'f>,
        strategies: &'f BTreeMap<usize, Strategy>,
    ) -> Adjoint<'f> {
        Adjoint {
            facts,
            layout: replay.layout,
            timing: replay.timing,
            strategies,
            func: facts.func.clone(),
            shadows: Shadows::default(),
            open: Vec::new(),
            declared: HashSet::new(),
            saves: BTreeMap::new(),
            extra: HashMap::new(),
            flat: Vec::new(),
            rewinding: BTreeMap::new(),
            keeps: BTreeMap::new(),
            again: None,
            fused: None,
            trips: BTreeMap::new(),
            copies: BTreeMap::new(),
            pullbacks: BTreeMap::new(),
            shapes: BTreeMap::new(),
            reversed: BTreeSet::new(),
            position: 0,
            values: Values::of(facts.func, replay.layout),
            replay,
            here: BlockId(0),
        }
    }

    /// The whole reverse sweep; `seed` is the adjoint of the result.
    pub fn sweep(&mut self, body: &Block, seed: Option<VarId>) -> Block {
        for param in self.func.params.clone() {
            if self.func.var(param).reference.is_some() && self.facts.active(param) {
                self.declared.insert(param);
                self.shadows.shadow(&mut self.func, param);
            }
        }
        self.open.push(Block::default());
        if let (Some(seed), Some(ret)) = (seed, self.facts.func.ret.clone())
            && self.facts.active_atom(&ret)
        {
            let value = Atom::Var(seed);
            self.contribute(&ret, Sign::Plus, value, Span::call_site());
        }
        self.position = self.layout.order.len();
        self.statements(body);
        let body = self.open.pop().expect("opened above");
        let (first, own) = self.steps_back(BlockId(0));
        let last = self.undo(self.replay.known.inductions.last(BlockId(0)));
        chain([first, own, body, last])
    }

    fn statements(&mut self, block: &Block) {
        for stmt in block.stmts.iter().rev() {
            self.position -= stmt_count(stmt);
            let at = self.position;
            self.stmt(stmt, at);
            self.position = at;
        }
    }

    /// The reverse of a nested block, with what it needs restored first.
    fn nested(&mut self, block: &Block, first: usize) -> Block {
        let body = self.reversed(block, first);
        self.restore(self.layout.id(block), block, body)
    }

    /// The reverse of the statements of a nested block.
    pub(super) fn reversed(&mut self, block: &Block, first: usize) -> Block {
        let outer = std::mem::replace(&mut self.here, self.layout.id(block));
        self.open.push(Block::default());
        let count: usize = block.stmts.iter().map(stmt_count).sum();
        self.position = first + count;
        self.statements(block);
        self.here = outer;
        let mut reverse = self.open.pop().expect("opened above");
        self.take_sums(block, first, &mut reverse);
        reverse
    }

    fn stmt(&mut self, stmt: &Stmt, at: usize) {
        let span = stmt.span;
        self.rewind(&stmt.kind, at, span);
        match &stmt.kind {
            StmtKind::Let(id, value) | StmtKind::Cell(id, Some(value)) => {
                if self.declared.contains(id) {
                    self.value(*id, value, span);
                }
            }
            StmtKind::Cell(_, None) | StmtKind::View { .. } | StmtKind::Split { .. } => {}
            StmtKind::Effect(_) | StmtKind::Exit(_) => {}
            StmtKind::Store {
                place,
                value,
                first,
            } => self.store(place, value, *first, span),
            StmtKind::Update { place, op, value } => self.update(place, *op, value, span),
            StmtKind::Swap(left, right) => self.swap(left, right, span),
            StmtKind::Fill(place, value) => self.fill(place, value, span),
            StmtKind::CopyFrom(to, from) => self.copy(to, from, span),
            StmtKind::Call(call) => {
                if self.facts.active_call(call) {
                    self.call(call, at, span);
                }
            }
            StmtKind::If(cond, yes, no) => {
                let yes_at = at + 1;
                let no_at = yes_at + yes.stmts.iter().map(stmt_count).sum::<usize>();
                let no = self.nested(no, no_at);
                let yes = self.nested(yes, yes_at);
                if !yes.is_empty() || !no.is_empty() {
                    self.push(span, StmtKind::If(cond.clone(), yes, no));
                }
            }
            StmtKind::Loop(each) => self.loop_stmt(each, at, span),
            _ => unreachable!("the primal has no statements of derivatives"),
        }
    }

    fn loop_stmt(&mut self, each: &Loop, at: usize, span: Span) {
        let known = self.replay.known;
        if let Some(rerun) = known.reruns.get(each.id) {
            return self.rerun(each, rerun, at, span);
        }
        let mut first = at + 1;
        if let Head::While(test, _) = &each.head {
            first += test.stmts.iter().map(stmt_count).sum::<usize>();
        }
        let body = self.nested(&each.body, first);
        if body.is_empty() {
            return;
        }
        let head = match &each.head {
            Head::Range(range) if super::reverse::counts(self.facts.func, each) => {
                let mut range = range.clone();
                range.adapters.push(Adapter::Rev);
                Head::Range(range)
            }
            _ => Head::Drain(self.trip_counter(each.id, at, span)),
        };
        self.push(
            span,
            StmtKind::Loop(Loop {
                id: each.id,
                head,
                body,
            }),
        );
    }

    /// The variable that counts the trips of a loop in the forward sweep.
    fn trip_counter(&mut self, id: LoopId, at: usize, span: Span) -> VarId {
        let trips = self
            .func
            .fresh("trips", span, Ty::discrete("usize"), Role::Local);
        self.func.var_mut(trips).cell = true;
        self.extra.insert(trips, self.layout.order[at].1);
        self.trips.insert(id, trips);
        trips
    }

    pub fn push(&mut self, span: Span, kind: StmtKind) {
        self.open
            .last_mut()
            .expect("a block is open")
            .push(span, kind);
    }

    pub fn bind(&mut self, value: Value, ty: Ty, span: Span) -> Atom {
        let id = self.func.fresh("t", span, ty, Role::Temp);
        self.push(span, StmtKind::Let(id, value));
        Atom::Var(id)
    }

    pub fn ty(&self, atom: &Atom) -> Ty {
        match atom {
            Atom::Var(id) => self.func.var(*id).ty.clone(),
            Atom::Lit(syn::Lit::Float(_)) => Ty::Float(None),
            Atom::Lit(_) | Atom::Const(_) => Ty::Discrete(None),
        }
    }
}

/// Blocks one behind the other.
pub(super) fn chain<const N: usize>(blocks: [Block; N]) -> Block {
    Block {
        stmts: blocks.into_iter().flat_map(|block| block.stmts).collect(),
    }
}

/// `x[i]` and `x[j]` of one slice: `x.swap(i, j)`.
pub(crate) fn is_swap_of_elements(a: &Place, b: &Place) -> bool {
    let (Some((last_a, base_a)), Some((last_b, base_b))) =
        (a.path.split_last(), b.path.split_last())
    else {
        return false;
    };
    matches!((last_a, last_b), (Proj::Index(_), Proj::Index(_))) && base_a == base_b
}

/// Positions a statement takes in program order, nested ones included.
pub(super) fn stmt_count(stmt: &Stmt) -> usize {
    let inner = stmt.kind.blocks();
    let count = |block: &&Block| block.stmts.iter().map(stmt_count).sum::<usize>();
    1 + inner.iter().map(count).sum::<usize>()
}
