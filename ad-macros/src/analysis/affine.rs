//! Integers as sums: `i + n - 1`.

use crate::ir::*;
use std::collections::BTreeMap;

/// A sum of variables and a constant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Affine<V: Ord = VarId> {
    /// How often each variable is added; products of variables and the like are variables of
    /// their own.
    pub terms: BTreeMap<V, i64>,
    pub constant: i64,
}

impl Affine {
    /// The sum that an atom stands for. `value`: what a variable is named for, where that
    /// shall be looked into.
    pub fn of<'a>(atom: &Atom, value: &dyn Fn(VarId) -> Option<&'a Value>) -> Option<Affine> {
        let mut sum = Affine::constant(0);
        sum.add(atom, 1, value)?;
        Some(sum)
    }

    fn add<'a>(
        &mut self,
        atom: &Atom,
        times: i64,
        value: &dyn Fn(VarId) -> Option<&'a Value>,
    ) -> Option<()> {
        let Some(id) = atom.var() else {
            let more = literal(atom)?.checked_mul(times)?;
            self.constant = self.constant.checked_add(more)?;
            return Some(());
        };
        match value(id) {
            Some(Value::Atom(atom)) => self.add(atom, times, value),
            Some(Value::Rule(rule, atoms, _)) => match (rule.name, atoms.as_slice()) {
                ("add", [a, b]) => {
                    self.add(a, times, value)?;
                    self.add(b, times, value)
                }
                ("sub", [a, b]) => {
                    self.add(a, times, value)?;
                    self.add(b, times.checked_neg()?, value)
                }
                ("mul", [a, b]) => match (literal(a), literal(b)) {
                    (Some(factor), _) => self.add(b, times.checked_mul(factor)?, value),
                    (_, Some(factor)) => self.add(a, times.checked_mul(factor)?, value),
                    _ => self.term(id, times),
                },
                _ => self.term(id, times),
            },
            _ => self.term(id, times),
        }
    }
}

impl<V: Ord + Copy> Affine<V> {
    pub fn variable(id: V) -> Affine<V> {
        Affine {
            terms: BTreeMap::from([(id, 1)]),
            constant: 0,
        }
    }

    pub fn constant(constant: i64) -> Affine<V> {
        Affine {
            terms: BTreeMap::new(),
            constant,
        }
    }

    /// Adds a variable so many times; `None` where numbers get too large.
    pub fn term(&mut self, id: V, times: i64) -> Option<()> {
        let count = self.terms.entry(id).or_default();
        *count = count.checked_add(times)?;
        if *count == 0 {
            self.terms.remove(&id);
        }
        Some(())
    }

    /// `self + times * other`
    pub fn plus(&self, other: &Affine<V>, times: i64) -> Option<Affine<V>> {
        let mut sum = self.clone();
        sum.constant = other
            .constant
            .checked_mul(times)?
            .checked_add(self.constant)?;
        for (id, count) in &other.terms {
            sum.term(*id, count.checked_mul(times)?)?;
        }
        Some(sum)
    }

    /// The same sum of other variables.
    pub fn map<W: Ord + Copy>(&self, name: impl Fn(V) -> W) -> Option<Affine<W>> {
        let mut sum = Affine::constant(self.constant);
        for (id, count) in &self.terms {
            sum.term(name(*id), *count)?;
        }
        Some(sum)
    }
}

fn literal(atom: &Atom) -> Option<i64> {
    match atom {
        Atom::Lit(syn::Lit::Int(digits)) => digits.base10_parse().ok(),
        _ => None,
    }
}
