//! Calls of other functions in the reverse sweep.
//!
//! *Joint*: the forward sweep calls the function itself, the reverse sweep its
//! joint derivative, which runs it again. Nothing is saved; it needs arguments that
//! are still what they were, and none of them mutable.
//!
//! *Augmented*: the forward sweep calls the augmented primal, which returns the
//! pullback: a closure with what the callee saved. The reverse sweep calls that,
//! and passes shared arguments again: as they are, if they still hold what they
//! held, else a copy that the forward sweep made.

use super::Facts;
use super::adjoint::{Adjoint, Kept};
use super::halves::Lent;
use super::passes::Pass;
use super::reverse::TapeKind;
use crate::analysis::exchange;
use crate::analysis::layout::{BlockId, Layout};
use crate::analysis::rerun::{Reruns, flat};
use crate::analysis::timing::Timing;
use crate::ir::visit::walk;
use crate::ir::*;
use proc_macro2::Span;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Strategy {
    Joint,
    Augmented,
}

/// Chooses for every active call. `own`: the name of the function itself.
pub(super) fn strategies(
    facts: &Facts,
    layout: &Layout,
    timing: &Timing,
    reruns: &Reruns,
    own: &str,
) -> BTreeMap<usize, Strategy> {
    let nonlinear = nonlinear(facts.func);
    let mut chosen = BTreeMap::new();
    for (at, (stmt, block)) in layout.order.iter().enumerate() {
        let StmtKind::Call(call) = &stmt.kind else {
            continue;
        };
        if !facts.active_call(call) {
            continue;
        }
        let recursive = call.callee.is_ident(own);
        let again = call
            .args
            .iter()
            .all(|arg| repeatable(facts, layout, timing, arg, at, *block));
        let innermost = layout.blocks[block.0].loops.last();
        let kept = match innermost {
            // The forward sweep is run for the reverse sweep, or wanted anyway.
            Some(id) if reruns.contains(*id) => true,
            Some(id) => reruns.taped(*id) && of_numbers(facts.func, call),
            None => *block == BlockId(0) && call.out.is_some_and(|id| nonlinear.contains(&id)),
        };
        let kept = kept && !lends_twice(facts, call);
        let strategy = if again && !kept && !recursive {
            Strategy::Joint
        } else {
            Strategy::Augmented
        };
        chosen.insert(at, strategy);
    }
    chosen
}

/// Whether two references go to one variable: a joint derivative can run for each.
fn lends_twice(facts: &Facts, call: &Call) -> bool {
    let mut lent = Lent::nothing(&facts.passes);
    call.args.iter().any(|arg| match arg {
        Arg::Ref { place, .. } => {
            let place = facts.views.expand(place);
            facts.active(place.root) && !lent.lend(&place)
        }
        Arg::Value(_) => false,
    })
}

/// A function of numbers: what its pullback holds is small.
pub(super) fn of_numbers(func: &Func, call: &Call) -> bool {
    let number = |atom: &Atom| atom.var().is_none_or(|id| func.var(id).ty.is_scalar());
    let args = call.args.iter().all(|arg| match arg {
        Arg::Value(atom) => number(atom),
        Arg::Ref { .. } => false,
    });
    args && call.out.is_some_and(|id| func.var(id).ty.is_scalar())
}

/// Whether an argument can be passed a second time in the reverse sweep.
fn repeatable(
    facts: &Facts,
    layout: &Layout,
    timing: &Timing,
    arg: &Arg,
    at: usize,
    block: BlockId,
) -> bool {
    match arg {
        Arg::Value(atom) => match atom.var() {
            Some(id) => !matches!(facts.func.var(id).ty, Ty::Seq(_, SeqForm::Vec)),
            None => true,
        },
        Arg::Ref {
            mutability: Mutability::Mutable,
            ..
        } => false,
        Arg::Ref { place, .. } => {
            let root = facts.views.root(place.root);
            timing.settled(layout, root, at, block)
        }
    }
}

/// Values that more than sums are made of: the reverse sweep will want them.
fn nonlinear(func: &Func) -> BTreeSet<VarId> {
    let mut found = BTreeSet::new();
    walk(&func.body, &mut |stmt| {
        let linear = matches!(&stmt.kind, StmtKind::Update { .. } | StmtKind::Store { .. })
            || matches!(&stmt.kind, StmtKind::Let(_, Value::Rule(rule, _, _)) if ["add", "sub", "neg"].contains(&rule.name));
        if !linear {
            found.extend(stmt.kind.access().variables());
        }
    });
    found
}

impl Adjoint<'_> {
    /// The reverse of an active call.
    pub(super) fn call(&mut self, call: &Call, at: usize, span: Span) {
        let reached = call.out.is_some_and(|id| self.touched(id))
            || call.args.iter().any(|arg| match arg {
                Arg::Ref {
                    place,
                    mutability: Mutability::Mutable,
                    ..
                } => self.facts.active_place(place) && self.touched(place.root),
                _ => false,
            });
        if !reached {
            return;
        }
        self.reversed.insert(at);
        let seed = self.seed(call, span);
        let mut after = Vec::new();
        let mut lent = Lent::nothing(&self.facts.passes);
        let joint = self.strategies[&at] == Strategy::Joint;
        let mut turns: Vec<Vec<ShadowArg>> = Vec::new();
        let mut shadows = Vec::new();
        for (position, arg) in call.args.iter().enumerate() {
            if joint && let Some(turn) = self.own_turn(arg, position, call, &lent, span) {
                turns.push(turn);
                shadows.push(ShadowArg::none());
            } else {
                shadows.push(self.shadow_arg(arg, &mut lent, &mut after, span));
            }
        }
        turns.insert(0, shadows);
        let (kind, args, second) = if joint {
            let mut args = call.args.clone();
            super::slice::expand_args(&mut args, self.facts.views);
            (DerivativeKind::Joint, args, None)
        } else {
            let pullback = self.pullback(at, span);
            (
                DerivativeKind::Pullback,
                self.args_again(call, at, span),
                Some(pullback),
            )
        };
        for shadows in turns {
            let derivative = Derivative {
                kind,
                call: Call {
                    out: None,
                    callee: call.callee.clone(),
                    args: args.clone(),
                    repeated: false,
                },
                shadows,
                seed: Some(seed.clone()),
                second,
            };
            self.push(span, StmtKind::Derivative(derivative));
        }
        for (place, kind) in after {
            self.gated(&place, kind, span);
        }
    }

    /// The adjoint of the result; a zero of its shape where there is none.
    fn seed(&mut self, call: &Call, span: Span) -> Atom {
        let Some(out) = call.out else {
            // Nobody looks at the result: whatever its type, its adjoint is zero.
            return self.bind(Value::Helper("hollow", Vec::new()), Ty::Unknown, span);
        };
        if self.facts.active(out) && self.touched(out) {
            return Atom::Var(self.shadows.shadow(&mut self.func, out));
        }
        let ty = self.func.var(out).ty.clone();
        let zero = super::shadows::zero_of(&ty).unwrap_or(Value::ZeroLike(Place::of(out)));
        self.bind(zero, ty, span)
    }

    /// A reference into a variable whose shadow is lent already gets a call of its own,
    /// in which nothing else has a shadow.
    fn own_turn(
        &mut self,
        arg: &Arg,
        position: usize,
        call: &Call,
        lent: &Lent,
        span: Span,
    ) -> Option<Vec<ShadowArg>> {
        let Arg::Ref { place, .. } = arg else {
            return None;
        };
        let shadow = self.shadow_place(place, span)?;
        if lent.allows(&shadow) {
            return None;
        }
        let mut turn: Vec<ShadowArg> = call.args.iter().map(|_| ShadowArg::none()).collect();
        turn[position] = ShadowArg {
            active: Some(self.facts.params(place.root)),
            place: Some(shadow),
            later: None,
        };
        Some(turn)
    }

    fn shadow_arg(
        &mut self,
        arg: &Arg,
        lent: &mut Lent,
        after: &mut Vec<(Place, StmtKind)>,
        span: Span,
    ) -> ShadowArg {
        let (place, mutability) = match arg {
            Arg::Value(atom) => match atom.var() {
                Some(id) => (Place::of(id), Mutability::Shared),
                None => return ShadowArg::none(),
            },
            Arg::Ref {
                place, mutability, ..
            } => (place.clone(), *mutability),
        };
        let Some(shadow) = self.shadow_place(&place, span) else {
            return ShadowArg::none();
        };
        let active = Some(self.facts.params(place.root));
        if lent.lend(&shadow) {
            return ShadowArg {
                active,
                place: Some(shadow),
                later: None,
            };
        }
        // The shadow is lent already: this argument gets a temporary.
        let ty = self.place_ty(&place);
        let temp = self.func.fresh("d_temp", span, ty.clone(), Role::Shadow);
        self.func.var_mut(temp).cell = true;
        let original = place.clone();
        let (start, finish) = match mutability {
            Mutability::Shared => (
                Value::ZeroLike(shadow.clone()),
                StmtKind::Accumulate {
                    into: shadow,
                    from: Place::of(temp),
                },
            ),
            Mutability::Mutable => (
                Value::Own(shadow.clone()),
                StmtKind::Accumulate {
                    into: shadow.clone(),
                    from: Place::of(temp),
                },
            ),
        };
        self.temporary(temp, start, &original, mutability, span);
        after.push((original, finish));
        ShadowArg {
            active,
            place: Some(Place::of(temp)),
            later: None,
        }
    }

    /// Declares a temporary shadow. A mutable argument's adjoint moves into it.
    fn temporary(
        &mut self,
        temp: VarId,
        start: Value,
        original: &Place,
        mutability: Mutability,
        span: Span,
    ) {
        let gate = self.gate(original);
        let clear = start.place().cloned();
        if gate.is_empty() {
            self.push(span, StmtKind::Cell(temp, Some(start)));
        } else {
            let hollow = Value::Helper("hollow", Vec::new());
            self.push(span, StmtKind::Cell(temp, Some(hollow)));
            let made = self.func.fresh("made", span, Ty::Unknown, Role::Temp);
            let mut inner = Block::default();
            inner.push(span, StmtKind::Let(made, start));
            let store = StmtKind::assign(Place::of(temp), Atom::Var(made));
            inner.push(span, store);
            self.push(span, StmtKind::Gate(gate, inner));
        }
        if mutability == Mutability::Mutable
            && let Some(place) = clear
        {
            self.gated(original, StmtKind::Clear(place), span);
        }
    }

    fn pullback(&mut self, at: usize, span: Span) -> VarId {
        let id = self.func.fresh("pullback", span, Ty::Unknown, Role::Tape);
        self.extra.insert(id, self.layout.order[at].1);
        self.pullbacks.insert(at, id);
        id
    }

    /// Shared arguments for the pullback: the place itself, or a copy of what it held.
    fn args_again(&mut self, call: &Call, at: usize, span: Span) -> Vec<Arg> {
        let block = self.layout.order[at].1;
        let mut copies = Vec::new();
        let mut args = Vec::new();
        for arg in &call.args {
            let Arg::Ref {
                place: named,
                mutability,
                passed_on,
            } = arg
            else {
                // The pullback owns what it wants of values.
                copies.push(None);
                args.push(Arg::Value(Atom::Const(quote::quote!(()))));
                continue;
            };
            let place = self.facts.views.expand(named);
            let surely_mutable = *mutability == Mutability::Mutable && !passed_on;
            let in_scope = self.layout.home(place.root) == BlockId(0);
            let settled = self.timing.settled(self.layout, place.root, at, block);
            let mut copy = None;
            let mut given = place;
            if !(settled || (surely_mutable && in_scope)) {
                (given, copy) = self.kept_for(call, args.len(), (named, given), at, span);
            }
            copies.push(copy);
            args.push(Arg::Ref {
                place: given,
                mutability: Mutability::Shared,
                passed_on: false,
            });
        }
        self.copies.insert(at, copies);
        args
    }

    /// Has the forward sweep keep what an argument holds. Where the pullback finds it
    /// again; and the variable that holds a copy, where it is no flat array.
    fn kept_for(
        &mut self,
        call: &Call,
        argument: usize,
        (named, place): (&Place, Place),
        at: usize,
        span: Span,
    ) -> (Place, Option<VarId>) {
        let ty = self.place_ty(&place);
        let var = self.facts.func.var(place.root);
        let owned = var.cell && var.reference.is_none() && !matches!(var.role, Role::Param(_));
        // A part may be gone by now.
        let local = owned && (place.path.is_empty() || !self.timing.is_replaced(place.root));
        // What is put back into a buffer is a slice then, which may not be the callee's type.
        let back = match &ty {
            Ty::Seq(_, form) => local || *form == SeqForm::Slice,
            _ => false,
        };
        if !back || !flat(&ty) || !self.facts.passes.on(Pass::Flat) {
            let id = self.func.fresh("again", span, Ty::Unknown, Role::Tape);
            self.extra.insert(id, self.layout.order[at].1);
            return (Place::of(id), Some(id));
        }
        // A vector can be handed over once in a trip.
        let mut handed = self.keeps.values().flatten();
        let handed = handed.any(|kept| kept.exchange.is_some() && kept.place.root == place.root);
        let whole = place.path.is_empty() && !handed;
        let exchange = if whole && self.facts.passes.on(Pass::Exchange) {
            exchange::at_end(self.facts, self.layout, self.timing, place.root, at)
        } else {
            None
        };
        let tape = self.flat_tape(place.root, span);
        if exchange.is_some() {
            let kind = self.flat.iter_mut().find(|(id, _)| *id == tape);
            kind.into_iter()
                .for_each(|(_, kind)| *kind = TapeKind::Rows);
        }
        let unless = Some(Fact {
            callee: call.callee.clone(),
            argument,
            kind: FactKind::Unread,
        });
        let back = if local {
            place
        } else {
            let buffer = self.func.fresh("again", span, ty, Role::Tape);
            self.flat.push((buffer, TapeKind::Buffer));
            Place::of(buffer)
        };
        let restore = StmtKind::Restore {
            tape,
            place: back.clone(),
            unless: unless.clone(),
        };
        self.push(span, restore);
        self.keeps.entry(at).or_default().push(Kept {
            tape,
            // Behind its own name: what it is a part of may be borrowed.
            place: named.clone(),
            unless,
            exchange,
        });
        (back, None)
    }
}
