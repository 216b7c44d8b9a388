//! Linear maps out of loops.
//!
//! The reverse of `out = Q v` adds `Q^T d_out` to the adjoint of `v`. Where a loop does so
//! in each trip, with a `Q` that it does not change, and passes the adjoint of `v` on to
//! sums only, the sum over the trips may come first: `Q^T` is applied once, behind the
//! loop, to the sum of all `d_out`.
//!
//! ```text
//! for p {                                     for p {
//!     pullback(q, v, d_v, out, d_out)             sum += d_out
//!     d_mean -= d_v; d_v = 0                      pullback(q, v, _, out, d_out)
//! }                                           }
//!                                             reverse(q, v, d_v, out, sum)
//!                                             d_mean -= d_v; d_v = 0
//! ```
//!
//! That the coefficients are made of `q` alone is a fact that only the callee knows: both
//! forms are emitted, and one of them is compiled. The call may stand in an inner loop
//! over a range; then there is a sum for each of its trips.

use super::reverse::Sweeps;
use crate::ir::visit::walk;
use crate::ir::*;
use proc_macro2::Span;
use std::collections::HashSet;

pub(super) fn postpone(sweeps: &mut Sweeps) {
    let mut at = 0;
    while at < sweeps.reverse.stmts.len() {
        at += match found(sweeps, at) {
            Some(found) => emit(sweeps, at, found),
            None => 1,
        };
    }
}

/// A call whose linear part can wait, in the loop at some position of the reverse sweep.
struct Found {
    /// The position in the loop's body of the inner loop around the call.
    inner: Option<usize>,
    /// The position of the call in its block.
    at: usize,
    /// The argument whose adjoint waits, and the result with its adjoint.
    argument: usize,
    result: usize,
    /// Positions of what passes the adjoint on.
    consumers: Vec<usize>,
    /// Positions of what has to be computed again behind the loop.
    again: Vec<usize>,
    /// The arguments by value and `&mut`, as the forward sweep passes them.
    args: Vec<Arg>,
    fact: Fact,
}

fn found(sweeps: &Sweeps, at: usize) -> Option<Found> {
    let StmtKind::Loop(each) = &sweeps.reverse.stmts[at].kind else {
        return None;
    };
    super::tighten::trips(&each.head)?;
    let search = Search {
        sweeps,
        at,
        each,
        touched: touched(each),
    };
    let own = std::iter::once((None, &each.body));
    let inner = each.body.stmts.iter().enumerate();
    let inner = inner.filter_map(|(at, stmt)| match &stmt.kind {
        StmtKind::Loop(inner) if search.numbered(inner) => Some((Some(at), &inner.body)),
        _ => None,
    });
    own.chain(inner)
        .find_map(|(inner, block)| search.block(inner, block))
}

/// Variables that a loop defines or writes.
fn touched(each: &Loop) -> HashSet<VarId> {
    let mut touched = HashSet::new();
    if let Head::Range(range) = &each.head {
        touched.insert(range.var);
    }
    walk(&each.body, &mut |stmt| {
        let access = stmt.kind.access();
        touched.extend(access.defines);
        touched.extend(access.writes.iter().map(|place| place.root));
    });
    touched
}

struct Search<'a> {
    sweeps: &'a Sweeps,
    at: usize,
    each: &'a Loop,
    /// What the loop changes.
    touched: HashSet<VarId>,
}

impl Search<'_> {
    fn func(&self) -> &Func {
        &self.sweeps.func
    }

    /// Whether an inner loop runs over `0..n`, the same in each trip of the outer one.
    fn numbered(&self, inner: &Loop) -> bool {
        let Head::Range(range) = &inner.head else {
            return false;
        };
        let stepped = |adapter: &Adapter| matches!(adapter, Adapter::StepBy(_));
        let index = self.func().var(range.var).ty.is_usize();
        let plain = !range.inclusive && !range.adapters.iter().any(stepped);
        index && plain && range.from.is_zero() && self.fixed(&range.to)
    }

    fn fixed(&self, atom: &Atom) -> bool {
        atom.var().is_none_or(|id| !self.touched.contains(&id))
    }

    fn block(&self, inner: Option<usize>, block: &Block) -> Option<Found> {
        (0..block.stmts.len()).find_map(|at| match &block.stmts[at].kind {
            StmtKind::Derivative(call) if call.kind == DerivativeKind::Pullback => {
                self.call(inner, block, at, call)
            }
            _ => None,
        })
    }

    /// Whether the call is one that can wait.
    fn call(
        &self,
        inner: Option<usize>,
        block: &Block,
        at: usize,
        call: &Derivative,
    ) -> Option<Found> {
        let augmented = self.augmented(call)?;
        let nothing = |id: &Option<VarId>| id.is_none();
        if !nothing(&augmented.call.out) || augmented.shadows.iter().any(|arg| arg.later.is_some())
        {
            return None;
        }
        let known = Known::of(self, inner, block);
        let result = self.result(call, augmented)?;
        let args = self.args(call, augmented, &known)?;
        let fixed: Vec<usize> = (0..args.len())
            .filter(|position| self.unchanged(&args[*position], &known))
            .collect();
        (0..args.len()).find_map(|argument| {
            let shared = matches!(
                args[argument],
                Arg::Ref {
                    mutability: Mutability::Shared,
                    ..
                }
            );
            let place = call.shadows[argument].place.as_ref()?;
            if !shared || !place.path.is_empty() || !self.starts_at_zero(place.root) {
                return None;
            }
            let consumers = self.consumers(block, at, place.root, &known)?;
            let mut again = Again::of(block, &known);
            args.iter().for_each(|arg| again.arg(arg));
            for consumer in &consumers {
                let mut body = Block::default();
                body.stmts.push(block.stmts[*consumer].clone());
                walk(&body, &mut |stmt| again.atoms(stmt.kind.access().atoms));
            }
            Some(Found {
                inner,
                at,
                argument,
                result,
                again: again.positions(),
                consumers,
                args: args.clone(),
                fact: Fact {
                    callee: call.call.callee.clone(),
                    argument,
                    kind: FactKind::Linear(fixed.clone()),
                },
            })
        })
    }

    /// The call of the forward sweep that made the pullback.
    fn augmented(&self, call: &Derivative) -> Option<&Derivative> {
        let mut found = None;
        for block in [&self.sweeps.func.body, &self.each.body] {
            walk(block, &mut |stmt| {
                if let StmtKind::Derivative(other) = &stmt.kind
                    && other.kind == DerivativeKind::Augmented
                    && other.second == call.second
                {
                    found = Some(other);
                }
            });
        }
        found
    }

    /// The one result: a local vector, whose adjoint is a whole variable.
    fn result(&self, call: &Derivative, augmented: &Derivative) -> Option<usize> {
        let mutable = |arg: &Arg| {
            matches!(
                arg,
                Arg::Ref {
                    mutability: Mutability::Mutable,
                    ..
                }
            )
        };
        let args = &augmented.call.args;
        let results: Vec<usize> = (0..args.len()).filter(|at| mutable(&args[*at])).collect();
        let [result] = results.as_slice() else {
            return None;
        };
        let Arg::Ref { place, .. } = &args[*result] else {
            return None;
        };
        let shadow = call.shadows[*result].place.as_ref()?;
        let vector = |id: VarId| matches!(self.func().var(id).ty, Ty::Seq(_, SeqForm::Vec));
        let whole = place.path.is_empty() && shadow.path.is_empty();
        let local = matches!(self.func().var(place.root).role, Role::Local | Role::Temp);
        let fine = whole && local && vector(place.root) && vector(shadow.root);
        (fine && !self.seen_later(place.root)).then_some(*result)
    }

    /// Whether the reverse sweep looks at a variable behind the loop.
    fn seen_later(&self, id: VarId) -> bool {
        let later = Block {
            stmts: self.sweeps.reverse.stmts[self.at + 1..].to_vec(),
        };
        let mut seen = false;
        walk(&later, &mut |stmt| {
            seen |= stmt.kind.access().variables().any(|other| other == id);
        });
        seen
    }

    /// The arguments as they can be passed behind the loop.
    fn args(&self, call: &Derivative, augmented: &Derivative, known: &Known) -> Option<Vec<Arg>> {
        let pairs = call.call.args.iter().zip(&augmented.call.args);
        let args = pairs.map(|(again, first)| match (again, first) {
            (_, Arg::Value(atom)) => known.computed(self, atom).then(|| first.clone()),
            (Arg::Ref { place, .. }, Arg::Ref { mutability, .. }) => {
                let chosen = place.atoms().all(|atom| known.computed(self, atom));
                let there = !self.defined(place.root) && !self.replaced(place.root);
                let buffer = matches!(self.func().var(place.root).role, Role::Tape);
                (chosen && there && !buffer).then(|| Arg::Ref {
                    place: place.clone(),
                    mutability: *mutability,
                    passed_on: false,
                })
            }
            _ => None,
        });
        args.collect()
    }

    /// Whether an argument has one value in all trips.
    fn unchanged(&self, arg: &Arg, known: &Known) -> bool {
        match arg {
            Arg::Value(atom) => known.computed(self, atom),
            Arg::Ref { place, .. } => !self.touched.contains(&place.root),
        }
    }

    fn defined(&self, id: VarId) -> bool {
        let mut defined = false;
        walk(&self.each.body, &mut |stmt| {
            defined |= stmt.kind.access().defines.contains(&id);
        });
        defined
    }

    /// Whether the variable may get another length anywhere.
    fn replaced(&self, id: VarId) -> bool {
        let mut replaced = false;
        for block in [&self.sweeps.func.body, &self.sweeps.reverse] {
            walk(block, &mut |stmt| {
                replaced |= match &stmt.kind {
                    StmtKind::Store { place, .. } => place.root == id && place.path.is_empty(),
                    StmtKind::Swap(a, b) => a.root == id || b.root == id,
                    _ => false,
                };
            });
        }
        replaced
    }

    /// Whether an adjoint is declared as zero, and left alone up to the loop.
    fn starts_at_zero(&self, id: VarId) -> bool {
        let before = &self.sweeps.reverse.stmts[..self.at];
        let declared = before.iter().position(|stmt| match &stmt.kind {
            StmtKind::Cell(cell, Some(value)) if *cell == id => match value {
                Value::ZeroLike(_) => true,
                Value::Repeat(_, elem, _) => super::linear::zero(elem),
                _ => false,
            },
            _ => false,
        });
        let Some(declared) = declared else {
            return false;
        };
        let between = Block {
            stmts: before[declared + 1..].to_vec(),
        };
        let mut alone = true;
        walk(&between, &mut |stmt| {
            alone &= !stmt.kind.access().variables().any(|other| other == id);
        });
        alone
    }

    /// The statements behind the call that pass its adjoint on, if all they do is to add
    /// it to sums, with coefficients that do not change.
    fn consumers(&self, block: &Block, at: usize, id: VarId, known: &Known) -> Option<Vec<usize>> {
        let mut consumers = Vec::new();
        for (position, stmt) in block.stmts.iter().enumerate().skip(at + 1) {
            if mentions(stmt, id) {
                let consumer = Consumer::of(self, stmt, id, known);
                consumer.linear().then(|| consumers.push(position))?;
            }
        }
        // Nothing else in the loop looks at it.
        let mut count = 0;
        walk(&self.each.body, &mut |stmt| {
            count += usize::from(stmt.kind.access().variables().any(|other| other == id));
        });
        let mut own = 1;
        for position in &consumers {
            let mut body = Block::default();
            body.stmts.push(block.stmts[*position].clone());
            walk(&body, &mut |stmt| {
                own += usize::from(stmt.kind.access().variables().any(|other| other == id));
            });
        }
        (count == own && !consumers.is_empty()).then_some(consumers)
    }

    /// Whether the loop only adds to a shadow, but for what `inside` does.
    fn only_added_to(&self, id: VarId) -> bool {
        let mut only = true;
        walk(&self.each.body, &mut |stmt| {
            let mentioned = stmt.kind.access().variables().any(|other| other == id);
            only &= !mentioned
                || match &stmt.kind {
                    StmtKind::Update { place, value, .. } => {
                        place.root == id && value.var() != Some(id)
                    }
                    StmtKind::Accumulate { into, from } => into.root == id && from.root != id,
                    _ => false,
                };
        });
        only
    }
}

fn mentions(stmt: &Stmt, id: VarId) -> bool {
    let mut found = stmt.kind.access().variables().any(|other| other == id);
    for inner in stmt.kind.blocks() {
        walk(inner, &mut |stmt| {
            found |= stmt.kind.access().variables().any(|other| other == id);
        });
    }
    found
}

/// What can be computed again behind the loop: numbers of the block that are made of what
/// the loop does not change.
struct Known {
    computed: HashSet<VarId>,
}

impl Known {
    fn of(search: &Search, inner: Option<usize>, block: &Block) -> Known {
        let mut known = Known {
            computed: HashSet::new(),
        };
        if let Some(at) = inner
            && let StmtKind::Loop(each) = &search.each.body.stmts[at].kind
            && let Head::Range(range) = &each.head
        {
            known.computed.insert(range.var);
        }
        for stmt in &block.stmts {
            if let StmtKind::Let(id, value) = &stmt.kind
                && known.again(search, *id, value)
            {
                known.computed.insert(*id);
            }
        }
        known
    }

    fn again(&self, search: &Search, id: VarId, value: &Value) -> bool {
        let shadow = |place: &Place| {
            let role = &search.func().var(place.root).role;
            matches!(role, Role::Shadow) || search.touched.contains(&place.root)
        };
        let pure = match value {
            Value::Rule(..) | Value::Atom(_) | Value::Cast(..) => true,
            Value::Len(place) | Value::Load(place) => !shadow(place),
            _ => false,
        };
        let mut fine = pure && search.func().var(id).ty.is_scalar();
        value.atoms(&mut |atom| fine &= self.computed(search, atom));
        fine
    }

    fn computed(&self, search: &Search, atom: &Atom) -> bool {
        let again = |id: VarId| self.computed.contains(&id);
        search.fixed(atom) || atom.var().is_some_and(again)
    }
}

/// The statements to compute again, from those that use them.
struct Again<'a> {
    block: &'a Block,
    known: &'a Known,
    wanted: HashSet<VarId>,
}

impl<'a> Again<'a> {
    fn of(block: &'a Block, known: &'a Known) -> Again<'a> {
        Again {
            block,
            known,
            wanted: HashSet::new(),
        }
    }

    fn atoms<'b>(&mut self, atoms: impl IntoIterator<Item = &'b Atom>) {
        let atoms = atoms.into_iter().filter_map(Atom::var);
        self.wanted
            .extend(atoms.filter(|id| self.known.computed.contains(id)));
    }

    fn arg(&mut self, arg: &Arg) {
        match arg {
            Arg::Value(atom) => self.atoms([atom]),
            Arg::Ref { place, .. } => self.atoms(place.atoms()),
        }
    }

    fn positions(mut self) -> Vec<usize> {
        let mut positions = Vec::new();
        for (at, stmt) in self.block.stmts.iter().enumerate().rev() {
            if let StmtKind::Let(id, value) = &stmt.kind
                && self.wanted.contains(id)
            {
                positions.push(at);
                let mut atoms = Vec::new();
                value.atoms(&mut |atom| atoms.push(atom));
                self.atoms(atoms);
            }
        }
        positions.reverse();
        positions
    }
}

/// What passes an adjoint on.
struct Consumer<'a> {
    search: &'a Search<'a>,
    known: &'a Known,
    body: Block,
    id: VarId,
    own: HashSet<VarId>,
}

impl<'a> Consumer<'a> {
    fn of(search: &'a Search, stmt: &Stmt, id: VarId, known: &'a Known) -> Consumer<'a> {
        let mut body = Block::default();
        body.stmts.push(stmt.clone());
        let mut own = HashSet::new();
        walk(&body, &mut |stmt| own.extend(stmt.kind.access().defines));
        Consumer {
            search,
            known,
            body,
            id,
            own,
        }
    }

    fn linear(&self) -> bool {
        let mut linear = true;
        walk(&self.body, &mut |stmt| linear &= self.stmt(&stmt.kind));
        linear
    }

    fn stmt(&self, kind: &StmtKind) -> bool {
        let access = kind.access();
        let atoms = access.atoms.iter().all(|atom| self.atom(atom));
        let reads = access.reads.iter().all(|place| self.read(place, kind));
        atoms && reads && access.mentions.is_empty() && self.effect(kind)
    }

    fn atom(&self, atom: &Atom) -> bool {
        let shadow = |id: VarId| matches!(self.search.func().var(id).role, Role::Shadow);
        match atom.var() {
            Some(id) if self.own.contains(&id) => true,
            Some(id) => !shadow(id) && self.known.computed(self.search, atom),
            None => true,
        }
    }

    fn read(&self, place: &Place, kind: &StmtKind) -> bool {
        let id = place.root;
        let shadow = matches!(self.search.func().var(id).role, Role::Shadow);
        let target = matches!(kind, StmtKind::Update { .. } | StmtKind::Accumulate { .. });
        id == self.id
            || self.own.contains(&id)
            || (shadow && target)
            || (!shadow && !self.search.touched.contains(&id))
    }

    fn effect(&self, kind: &StmtKind) -> bool {
        match kind {
            StmtKind::Let(_, value) | StmtKind::Cell(_, Some(value)) => matches!(
                value,
                Value::Atom(_)
                    | Value::Load(_)
                    | Value::Negate(_)
                    | Value::Cast(..)
                    | Value::Len(_)
                    | Value::Rule(..)
            ),
            StmtKind::Loop(each) => matches!(each.head, Head::Range(_)),
            StmtKind::Gate(..) => true,
            StmtKind::Clear(place) => place.root == self.id,
            StmtKind::Store { place, value, .. } => {
                place.root == self.id && super::linear::zero(value)
            }
            StmtKind::Update { place, .. } => self.target(place.root),
            StmtKind::Accumulate { into, .. } => self.target(into.root),
            _ => false,
        }
    }

    /// What is added to: a sum of the consumer's own, or one that the loop leaves alone.
    fn target(&self, id: VarId) -> bool {
        if self.own.contains(&id) {
            return true;
        }
        let shadow = matches!(self.search.func().var(id).role, Role::Shadow);
        shadow && id != self.id && !self.search.defined(id) && self.search.only_added_to(id)
    }
}

/// Rewrites the loop at `at`. Where to go on: at the loop, which may have more of them.
fn emit(sweeps: &mut Sweeps, at: usize, found: Found) -> usize {
    let span = sweeps.reverse.stmts[at].span;
    let StmtKind::Loop(mut each) = sweeps.reverse.stmts[at].kind.clone() else {
        return 1;
    };
    let block = match found.inner {
        Some(inner) => each.body.stmts[inner].kind.blocks()[0].clone(),
        None => each.body.clone(),
    };
    let StmtKind::Derivative(call) = &block.stmts[found.at].kind else {
        return 1;
    };
    let range = found
        .inner
        .and_then(|inner| match &each.body.stmts[inner].kind {
            StmtKind::Loop(inner) => match &inner.head {
                Head::Range(range) => Some(range.clone()),
                _ => None,
            },
            _ => None,
        });
    let Some(d_result) = call.shadows[found.result]
        .place
        .as_ref()
        .map(|place| place.root)
    else {
        return 1;
    };
    let func = &mut sweeps.func;
    let mut before = Block::default();
    let sums = sums(func, d_result, range.as_ref(), &mut before, span);
    let behind = behind(func, &found, call, &block, &sums, range, span);
    let gate = call.shadows[found.argument]
        .active
        .clone()
        .unwrap_or_default();
    let rewritten = rewritten(&found, &block, &sums, &gate);
    let target = match found.inner {
        Some(inner) => each.body.stmts[inner].kind.blocks_mut().swap_remove(0),
        None => &mut each.body,
    };
    *target = rewritten;
    mark(&mut sweeps.func.body, call.second, &found);
    mark(&mut each.body, call.second, &found);
    let test = super::tighten::trips(&each.head);
    sweeps.reverse.stmts[at].kind = StmtKind::Loop(each);
    let mut after = Block::default();
    let mut given = Block::default();
    given.push(
        span,
        StmtKind::Given(vec![found.fact.clone()], gated(behind, &gate, span)),
    );
    match test.flatten() {
        Some(test) => {
            let id = sweeps
                .func
                .fresh("t", span, Ty::discrete("bool"), Role::Temp);
            after.push(span, StmtKind::Let(id, test));
            after.push(span, StmtKind::If(Atom::Var(id), given, Block::default()));
        }
        None => after = given,
    }
    let put = before.stmts.len();
    let stmts = &mut sweeps.reverse.stmts;
    stmts.splice(at + 1..at + 1, after.stmts);
    stmts.splice(at..at, before.stmts);
    put
}

/// Declares the sum of the adjoints, or one for each trip of the inner loop.
fn sums(
    func: &mut Func,
    d_result: VarId,
    range: Option<&Range>,
    before: &mut Block,
    span: Span,
) -> Place {
    let var = func.var(d_result).clone();
    let name = format!("{}_sum", var.name);
    let sum = func.fresh(&name, span, var.ty.clone(), Role::Shadow);
    func.var_mut(sum).cell = true;
    let zero = Value::ZeroLike(Place::of(d_result));
    let Some(range) = range else {
        before.push(span, StmtKind::Cell(sum, Some(zero)));
        return Place::of(sum);
    };
    let one = func.fresh("zero", span, var.ty.clone(), Role::Temp);
    before.push(span, StmtKind::Let(one, zero));
    func.var_mut(sum).ty = Ty::Seq(Box::new(var.ty), SeqForm::Vec);
    let rows = Value::Repeat(SeqForm::Vec, Atom::Var(one), range.to.clone());
    before.push(span, StmtKind::Cell(sum, Some(rows)));
    Place::of(sum).then(Proj::Index(Atom::Var(range.var)))
}

/// The block around the call: the sum is formed, and nothing is passed on.
fn rewritten(found: &Found, block: &Block, sums: &Place, gate: &Params) -> Block {
    let mut out = Block::default();
    let fact = || vec![found.fact.clone()];
    for (position, stmt) in block.stmts.iter().enumerate() {
        let span = stmt.span;
        if position == summed_at(found, block)
            && let StmtKind::Derivative(call) = &block.stmts[found.at].kind
            && let Some(from) = call.shadows[found.result].place.clone()
        {
            let mut sum = Block::default();
            let into = sums.clone();
            sum.push(span, StmtKind::Accumulate { into, from });
            out.push(span, StmtKind::Given(fact(), gated(sum, gate, span)));
        }
        if found.consumers.contains(&position) {
            let mut passed = Block::default();
            passed.stmts.push(stmt.clone());
            out.push(span, StmtKind::Unless(fact(), passed));
        } else {
            out.stmts.push(stmt.clone());
        }
    }
    out
}

/// Where the sum is formed: in front of the call, and of the value that stands for the
/// adjoint of no result.
fn summed_at(found: &Found, block: &Block) -> usize {
    let before = found.at.checked_sub(1);
    let hollow = |at: &usize| {
        let kind = &block.stmts[*at].kind;
        matches!(kind, StmtKind::Let(_, Value::Helper("hollow", _)))
    };
    before.filter(hollow).unwrap_or(found.at)
}

/// The linear part, applied to the sums.
fn behind(
    func: &mut Func,
    found: &Found,
    call: &Derivative,
    block: &Block,
    sums: &Place,
    range: Option<Range>,
    span: Span,
) -> Block {
    let mut body = Block::default();
    let copy = |at: &usize| block.stmts[*at].clone();
    body.stmts.extend(found.again.iter().map(copy));
    let shadows = call.shadows.iter().enumerate();
    let shadows = shadows.map(|(position, shadow)| match position {
        position if position == found.argument => shadow.clone(),
        position if position == found.result => ShadowArg {
            active: shadow.active.clone(),
            place: Some(sums.clone()),
            later: None,
        },
        _ => ShadowArg::none(),
    });
    // There is no result whose adjoint could be passed.
    let nothing = func.fresh("t", span, Ty::Unknown, Role::Temp);
    let hollow = Value::Helper("hollow", Vec::new());
    body.push(span, StmtKind::Let(nothing, hollow));
    let linear = Derivative {
        kind: DerivativeKind::Joint,
        call: Call {
            out: None,
            callee: call.call.callee.clone(),
            args: found.args.clone(),
            repeated: false,
        },
        shadows: shadows.collect(),
        seed: Some(Atom::Var(nothing)),
        second: None,
    };
    body.push(span, StmtKind::Derivative(linear));
    body.stmts.extend(found.consumers.iter().map(copy));
    let Some(range) = range else {
        return body;
    };
    let each = Loop {
        id: func.fresh_loop(),
        head: Head::Range(Range {
            adapters: Vec::new(),
            ..range
        }),
        body,
    };
    let mut out = Block::default();
    out.push(span, StmtKind::Loop(each));
    out
}

/// Notes at the call of the forward sweep that the argument's adjoint comes later.
fn mark(block: &mut Block, pullback: Option<VarId>, found: &Found) {
    for stmt in &mut block.stmts {
        if let StmtKind::Derivative(call) = &mut stmt.kind
            && call.kind == DerivativeKind::Augmented
            && call.second == pullback
        {
            call.shadows[found.argument].later = Some(found.fact.clone());
        }
        for inner in stmt.kind.blocks_mut() {
            mark(inner, pullback, found);
        }
    }
}

fn gated(block: Block, gate: &Params, span: Span) -> Block {
    if gate.is_empty() {
        return block;
    }
    let mut out = Block::default();
    out.push(span, StmtKind::Gate(gate.clone(), block));
    out
}
