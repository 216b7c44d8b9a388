//! The reverse of statements on memory: loads, stores, swaps, copies.

use super::adjoint::{Adjoint, is_swap_of_elements};
use super::shadows::zero_of;
use crate::ir::*;
use proc_macro2::Span;

impl Adjoint<'_> {
    /// `place = value`: the adjoint of the place moves to the value.
    pub(super) fn store(&mut self, place: &Place, value: &Atom, first: bool, span: Span) {
        let idle = self.untouched(place) && !self.reshapes(place, first);
        if !self.facts.active_place(place) || idle {
            return;
        }
        let scalar = self.is_number(place);
        if self.facts.active_atom(value) {
            if scalar {
                let Some(d) = self.read(place, span) else {
                    return;
                };
                if !first {
                    self.clear(place, span);
                }
                self.contribute(value, Sign::Plus, d, span);
            } else {
                let ty = self.place_ty(place);
                let taken = self.take(place, ty, span);
                self.restore_shape(place, first, span);
                self.contribute(value, Sign::Plus, Atom::Var(taken), span);
            }
        } else if !first {
            self.clear(place, span);
            self.restore_shape(place, first, span);
        }
    }

    /// A `Vec` may have had another length before it was assigned: its shadow gets
    /// the shape that the forward sweep noted.
    pub(super) fn restore_shape(&mut self, place: &Place, first: bool, span: Span) {
        if !self.reshapes(place, first) {
            return;
        }
        let Some(target) = self.shadow_place(place, span) else {
            return;
        };
        let shape = self.func.fresh("old", span, Ty::Unknown, Role::Tape);
        self.extra.insert(shape, self.here);
        self.shapes.insert(self.position, shape);
        let store = StmtKind::assign(target, Atom::Var(shape));
        self.gated(place, store, span);
    }

    /// Whether a place may get another length.
    fn reshapes(&self, place: &Place, first: bool) -> bool {
        let resizes = match self.place_ty(place) {
            Ty::Seq(_, form) => matches!(form, SeqForm::Vec | SeqForm::Unknown),
            Ty::Unknown => true,
            Ty::Float(_) | Ty::Discrete(_) | Ty::Tuple(_) => false,
        };
        let part = |proj: &Proj| matches!(proj, Proj::Range { .. });
        !first && resizes && !place.path.iter().any(part)
    }

    pub(super) fn clear(&mut self, place: &Place, span: Span) {
        let Some(target) = self.shadow_place(place, span) else {
            return;
        };
        let kind = match zero_of(&self.place_ty(place)) {
            Some(Value::Atom(zero)) => StmtKind::assign(target, zero),
            _ => StmtKind::Clear(target),
        };
        self.gated(place, kind, span);
    }

    /// Takes the whole adjoint of a place out, leaving zero.
    pub(super) fn take(&mut self, place: &Place, ty: Ty, span: Span) -> VarId {
        let base = format!(
            "d_{}_out",
            self.func.var(self.facts.views.root(place.root)).name
        );
        let taken = self.func.fresh(&base, span, ty, Role::Temp);
        if let Some(target) = self.shadow_place(place, span) {
            self.push(span, StmtKind::Take(taken, target));
        }
        taken
    }

    pub(super) fn update(&mut self, place: &Place, op: Sign, value: &Atom, span: Span) {
        if self.facts.active_place(place)
            && self.facts.active_atom(value)
            && !self.untouched(place)
            && let Some(d) = self.read(place, span)
        {
            self.contribute(value, op, d, span);
        }
    }

    pub(super) fn swap(&mut self, left: &Place, right: &Place, span: Span) {
        let idle = self.untouched(left) && self.untouched(right) && !self.reshapes(left, false);
        let moves = self.facts.active_place(left) && !idle;
        if moves {
            // Shapes are those of the contents before they are swapped back.
            let _ = self.shadow_place(left, span);
            let _ = self.shadow_place(right, span);
        }
        if self.replay.known.swaps.back(self.position) {
            let (a, b) = (
                self.facts.views.expand(left),
                self.facts.views.expand(right),
            );
            self.push(span, StmtKind::Swap(a, b));
        }
        if !moves {
            return;
        }
        let (Some(a), Some(b)) = (
            self.shadow_place(left, span),
            self.shadow_place(right, span),
        ) else {
            return;
        };
        if a.root != b.root || is_swap_of_elements(&a, &b) {
            self.gated(left, StmtKind::Swap(a, b), span);
            return;
        }
        // Parts of one variable, as two halves of a slice: by way of values.
        let (Some(d_left), Some(d_right)) = (self.read(left, span), self.read(right, span)) else {
            return;
        };
        for (place, original, value) in [(a, left, d_right), (b, right, d_left)] {
            let store = StmtKind::assign(place, value);
            self.gated(original, store, span);
        }
    }

    pub(super) fn fill(&mut self, place: &Place, value: &Atom, span: Span) {
        if !self.facts.active_place(place) || self.untouched(place) {
            return;
        }
        if self.facts.active_atom(value)
            && let Some(target) = self.shadow_place(place, span)
        {
            let ty = self.ty(value);
            let sum = self.bind_gated(place, Value::Sum(target), ty, span);
            self.contribute(value, Sign::Plus, sum, span);
        }
        if let Some(target) = self.shadow_place(place, span) {
            self.gated(place, StmtKind::Clear(target), span);
        }
    }

    /// A sum over a shadow that may be switched off: an empty one sums to zero,
    /// but only as a whole; its parts are behind the gate.
    pub(super) fn bind_gated(&mut self, place: &Place, value: Value, ty: Ty, span: Span) -> Atom {
        let gate = self.gate(place);
        if gate.is_empty() {
            return self.bind(value, ty, span);
        }
        let cell = self.func.fresh("sum", span, ty, Role::Temp);
        self.func.var_mut(cell).cell = true;
        self.push(
            span,
            StmtKind::Cell(cell, Some(Value::Atom(Atom::float("0.0")))),
        );
        let mut inner = Block::default();
        let sum = self.func.fresh("t", span, Ty::Float(None), Role::Temp);
        inner.push(span, StmtKind::Let(sum, value));
        inner.push(span, StmtKind::assign(Place::of(cell), Atom::Var(sum)));
        self.push(span, StmtKind::Gate(gate, inner));
        Atom::Var(cell)
    }

    pub(super) fn copy(&mut self, to: &Place, from: &Place, span: Span) {
        if !self.facts.active_place(to) || self.untouched(to) {
            return;
        }
        let Some(d_to) = self.shadow_place(to, span) else {
            return;
        };
        if !self.facts.active_place(from) {
            self.gated(to, StmtKind::Clear(d_to), span);
            return;
        }
        let Some(d_from) = self.shadow_place(from, span) else {
            return;
        };
        if d_to.root != d_from.root {
            let mut inner = Block::default();
            inner.push(
                span,
                StmtKind::Accumulate {
                    into: d_from,
                    from: d_to.clone(),
                },
            );
            let gates = [self.gate(to), self.gate(from)];
            self.push_within(&gates, inner, span);
            self.gated(to, StmtKind::Clear(d_to), span);
        } else {
            let taken = self.func.fresh("taken", span, Ty::Unknown, Role::Temp);
            let mut inner = Block::default();
            inner.push(span, StmtKind::Take(taken, d_to));
            inner.push(
                span,
                StmtKind::Accumulate {
                    into: d_from,
                    from: Place::of(taken),
                },
            );
            let gates = [self.gate(to)];
            self.push_within(&gates, inner, span);
        }
    }

    pub(super) fn load(&mut self, place: &Place, shadow: VarId, span: Span) {
        if self.func.var(shadow).ty.is_float() {
            let whole = self.facts.views.expand(place);
            let scalar = self.func.var(whole.root).ty.is_float();
            if whole.path.is_empty() && scalar && self.gate(&whole).is_empty() {
                self.contribute(&Atom::Var(whole.root), Sign::Plus, Atom::Var(shadow), span);
            } else if let Some(target) = self.shadow_place(place, span) {
                let value = Atom::Var(shadow);
                let update = StmtKind::Update {
                    place: target,
                    op: Sign::Plus,
                    value,
                };
                self.gated(place, update, span);
            }
        } else {
            self.add_whole(place, shadow, span);
        }
    }

    pub(super) fn add_whole(&mut self, place: &Place, shadow: VarId, span: Span) {
        if let Some(into) = self.shadow_place(place, span) {
            let from = Place::of(shadow);
            self.gated(place, StmtKind::Accumulate { into, from }, span);
        }
    }

    /// Reads the adjoint of a place.
    pub(super) fn read(&mut self, place: &Place, span: Span) -> Option<Atom> {
        let target = self.shadow_place(place, span)?;
        let ty = self.place_ty(place);
        let gate = self.gate(place);
        let value = if gate.is_empty() {
            Value::Load(target)
        } else {
            Value::Gated(gate, target)
        };
        Some(self.bind(value, ty, span))
    }
}
