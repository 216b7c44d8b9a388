//! The reverse of values: the adjoint of a result goes to the operands, by the rules.

use super::adjoint::Adjoint;
use super::template::{Contribution, Template, names};
use crate::ir::*;
use proc_macro2::Span;

impl Adjoint<'_> {
    /// `let id = value`: hands the adjoint of `id` on to the operands.
    pub(super) fn value(&mut self, id: VarId, value: &Value, span: Span) {
        let shadow = self.shadows.shadow(&mut self.func, id);
        let d = Atom::Var(shadow);
        match value {
            Value::Atom(atom) => self.contribute(atom, Sign::Plus, d, span),
            Value::Rule(rule, atoms, form) => self.rule(id, (rule, *form), atoms, d, span),
            Value::Cast(atom, _, _) => self.cast(atom, d, span),
            Value::Load(place) => self.load(place, shadow, span),
            Value::Copied(place, _) => self.add_whole(place, shadow, span),
            Value::List(_, atoms) => {
                for (index, atom) in atoms.iter().enumerate() {
                    self.part(atom, shadow, Proj::Index(Atom::int(index)), span);
                }
            }
            Value::Tuple(atoms) => {
                for (index, atom) in atoms.iter().enumerate() {
                    self.part(atom, shadow, Proj::Field(index), span);
                }
            }
            Value::Repeat(_, atom, _) => {
                if self.facts.active_atom(atom) {
                    let ty = self.ty(atom);
                    let sum = self.bind(Value::Sum(Place::of(shadow)), ty, span);
                    self.contribute(atom, Sign::Plus, sum, span);
                }
            }
            Value::Inert(..) | Value::Len(_) | Value::Opaque(_) => {}
            Value::ZeroLike(_)
            | Value::Helper(..)
            | Value::Sum(_)
            | Value::Negate(_)
            | Value::Gated(..)
            | Value::Own(_)
            | Value::Pooled(_) => {}
        }
    }

    fn rule(
        &mut self,
        id: VarId,
        (rule, form): (&'static crate::rules::Rule, Form),
        atoms: &[Atom],
        d: Atom,
        span: Span,
    ) {
        let square = rule.name == "mul" && atoms[0] == atoms[1];
        for (index, text) in rule.contributions.iter().enumerate() {
            if text.is_empty() || (square && index == 1) || !self.facts.active_atom(&atoms[index]) {
                continue;
            }
            let ty = self.func.var(id).ty.clone();
            let (values, layout, here) = (&self.values, self.layout, self.here);
            let known = |name: &str, atoms: &[Atom]| values.find(layout, here, name, atoms);
            let Contribution { sign, value } = Template {
                known: &known,
                func: &mut self.func,
                out: self.open.last_mut().expect("a block is open"),
                span,
                names: names(rule, atoms, id, d.clone()),
                ty,
                form,
            }
            .instantiate(text);
            let value = if square {
                self.doubled(value, span)
            } else {
                value
            };
            self.contribute(&atoms[index], sign, value, span);
        }
    }

    /// The two equal contributions of a square, as one.
    fn doubled(&mut self, value: Atom, span: Span) -> Atom {
        let ty = self.ty(&value);
        let twice = Value::operation("add", vec![value.clone(), value]);
        self.bind(twice, ty, span)
    }

    fn cast(&mut self, atom: &Atom, d: Atom, span: Span) {
        if !self.facts.active_atom(atom) {
            return;
        }
        let ty = self.ty(atom);
        let value = match &ty {
            Ty::Float(Some(width)) => {
                let name = if *width == Width::F32 {
                    quote::quote!(f32)
                } else {
                    quote::quote!(f64)
                };
                Value::Cast(d, ty.clone(), name)
            }
            _ => Value::Helper("cast_like", vec![d, atom.clone()]),
        };
        let value = self.bind(value, ty, span);
        self.contribute(atom, Sign::Plus, value, span);
    }

    /// The adjoint of one part of a whole value.
    fn part(&mut self, atom: &Atom, shadow: VarId, proj: Proj, span: Span) {
        if !self.facts.active_atom(atom) {
            return;
        }
        let ty = self.ty(atom);
        let place = Place::of(shadow).then(proj);
        let value = if ty.is_float() {
            Value::Load(place)
        } else {
            Value::Own(place)
        };
        let value = self.bind(value, ty, span);
        self.contribute(atom, Sign::Plus, value, span);
    }
}
