//! Integers as sums: `i + n - 1`.

use crate::ir::*;
use std::collections::BTreeMap;

/// A sum of variables and a constant.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Affine {
    /// How often each variable is added; products and the like are variables of their own.
    pub terms: BTreeMap<VarId, i64>,
    pub constant: i64,
}

impl Affine {
    /// The sum that an atom stands for. `value`: what a variable is named for, where that
    /// shall be looked into.
    pub fn of<'a>(atom: &Atom, value: &dyn Fn(VarId) -> Option<&'a Value>) -> Option<Affine> {
        let mut sum = Affine::default();
        sum.add(atom, 1, value)?;
        sum.terms.retain(|_, count| *count != 0);
        Some(sum)
    }

    fn add<'a>(
        &mut self,
        atom: &Atom,
        sign: i64,
        value: &dyn Fn(VarId) -> Option<&'a Value>,
    ) -> Option<()> {
        let id = match atom {
            Atom::Lit(syn::Lit::Int(digits)) => {
                let digits = digits.base10_parse::<i64>().ok()?;
                self.constant = self.constant.checked_add(sign * digits)?;
                return Some(());
            }
            Atom::Var(id) => *id,
            _ => return None,
        };
        match value(id) {
            Some(Value::Rule(rule, atoms, _)) if matches!(rule.name, "add" | "sub") => {
                let other = if rule.name == "add" { sign } else { -sign };
                self.add(&atoms[0], sign, value)?;
                self.add(&atoms[1], other, value)
            }
            Some(Value::Atom(atom)) => self.add(atom, sign, value),
            _ => {
                *self.terms.entry(id).or_default() += sign;
                Some(())
            }
        }
    }
}
