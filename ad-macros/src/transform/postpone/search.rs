//! Calls whose linear part can wait.

use super::super::reverse::Sweeps;
use super::Found;
use super::consumer::Consumer;
use super::known::{Again, Known};
use crate::ir::visit::walk;
use crate::ir::*;
use std::collections::HashSet;

/// The first in the loop at a position of the reverse sweep.
pub(super) fn found(sweeps: &Sweeps, at: usize) -> Option<Found> {
    let StmtKind::Loop(each) = &sweeps.reverse.stmts[at].kind else {
        return None;
    };
    super::super::tighten::trips(&each.head)?;
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

pub(super) struct Search<'a> {
    sweeps: &'a Sweeps,
    at: usize,
    pub each: &'a Loop,
    /// What the loop changes.
    pub touched: HashSet<VarId>,
}

impl Search<'_> {
    pub fn func(&self) -> &Func {
        &self.sweeps.func
    }

    /// Whether an inner loop runs over `0..n`, the same in each trip of the outer one.
    fn numbered(&self, inner: &Loop) -> bool {
        let Head::Range(range) = &inner.head else {
            return false;
        };
        let index = self.func().var(range.var).ty.is_usize();
        index && range.is_whole() && range.from.is_zero() && self.fixed(&range.to)
    }

    /// Whether an atom is an adjoint.
    pub fn adjoint(&self, atom: &Atom) -> bool {
        let shadow = |id: VarId| matches!(self.func().var(id).role, Role::Shadow);
        let adjoint = |id: VarId| shadow(id) || id == self.sweeps.seed;
        atom.var().is_some_and(adjoint)
    }

    pub fn fixed(&self, atom: &Atom) -> bool {
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
        let mut later = self.sweeps.reverse.stmts[self.at + 1..].iter();
        later.any(|stmt| stmt.involves(id))
    }

    /// The arguments as they can be passed behind the loop.
    fn args(&self, call: &Derivative, augmented: &Derivative, known: &Known) -> Option<Vec<Arg>> {
        let pairs = call.call.args.iter().zip(&augmented.call.args);
        let args = pairs.map(|(again, first)| match (again, first) {
            (_, Arg::Value(atom)) => self.there(atom, known).then(|| first.clone()),
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

    /// Whether a value that the forward sweep passed can be had behind the loop.
    fn there(&self, atom: &Atom, known: &Known) -> bool {
        let Some(id) = atom.var() else {
            return true;
        };
        let var = self.func().var(id);
        let param = matches!(var.role, Role::Param(_) | Role::Global(_));
        let outside = [
            &self.sweeps.func.body.stmts[..],
            &self.sweeps.reverse.stmts[..self.at],
        ];
        let mut outside = outside.into_iter().flatten();
        let named =
            param || outside.any(|stmt| matches!(&stmt.kind, StmtKind::Let(own, _) if *own == id));
        (named && !var.cell && self.fixed(atom)) || known.again.contains(&id)
    }

    /// Whether an argument has one value in all trips.
    fn unchanged(&self, arg: &Arg, known: &Known) -> bool {
        match arg {
            Arg::Value(atom) => known.computed(self, atom),
            Arg::Ref { place, .. } => !self.touched.contains(&place.root),
        }
    }

    pub fn defined(&self, id: VarId) -> bool {
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
                Value::Repeat(_, elem, _) => elem.is_zero_float(),
                _ => false,
            },
            _ => false,
        });
        declared.is_some_and(|declared| {
            let mut between = before[declared + 1..].iter();
            !between.any(|stmt| stmt.involves(id))
        })
    }

    /// The statements behind the call that pass its adjoint on, if all they do is to add
    /// it to sums, with coefficients that do not change.
    fn consumers(&self, block: &Block, at: usize, id: VarId, known: &Known) -> Option<Vec<usize>> {
        let mut consumers = Vec::new();
        let mut body = Block::default();
        let mut passed = vec![id];
        for (position, stmt) in block.stmts.iter().enumerate().skip(at + 1) {
            if passed.iter().any(|id| stmt.involves(*id)) {
                passed.extend(stmt.kind.access().defines);
                consumers.push(position);
                body.stmts.push(stmt.clone());
            }
        }
        let count = |block: &Block| {
            let mut count = 0;
            walk(block, &mut |stmt| {
                count += usize::from(stmt.kind.access().variables().any(|other| other == id));
            });
            count
        };
        // Nothing else in the loop looks at it, but for the call.
        let alone = count(&self.each.body) == count(&body) + 1;
        let linear = alone && Consumer::of(self, body, id, known).linear();
        (linear && !consumers.is_empty()).then_some(consumers)
    }

    /// Whether the loop only adds to a shadow, but for what `inside` does.
    pub fn only_added_to(&self, id: VarId) -> bool {
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
