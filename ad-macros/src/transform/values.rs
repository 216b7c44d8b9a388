//! Functions that the primal computes and a partial wants again: where the primal has
//! `x.cos()`, the derivative of `x.sin()` is that.

use crate::analysis::layout::{BlockId, Layout};
use crate::ir::*;
use std::collections::HashMap;

#[derive(Default)]
pub(super) struct Values {
    /// By name and operands.
    known: HashMap<(&'static str, Vec<VarId>), Vec<VarId>>,
}

impl Values {
    pub fn of(func: &Func, layout: &Layout) -> Values {
        let mut values = Values::default();
        for (stmt, _) in &layout.order {
            if let StmtKind::Let(id, Value::Rule(rule, atoms, _)) = &stmt.kind
                && let Some(operands) = operands(func, atoms)
                && func.var(*id).ty.is_float()
            {
                let key = (rule.name, operands);
                values.known.entry(key).or_default().push(*id);
            }
        }
        values
    }

    /// A variable with the value that the reverse of the block `here` can ask for.
    pub fn find(&self, layout: &Layout, here: BlockId, name: &str, atoms: &[Atom]) -> Option<Atom> {
        let rule = crate::rules::find(name)?;
        let operands: Option<Vec<VarId>> = atoms.iter().map(Atom::var).collect();
        let found = self.known.get(&(rule.name, operands?))?;
        let in_scope = |id: &&VarId| layout.within(here, layout.home(**id));
        found.iter().find(in_scope).copied().map(Atom::Var)
    }
}

/// Operands that have one value throughout.
fn operands(func: &Func, atoms: &[Atom]) -> Option<Vec<VarId>> {
    let fixed = |atom: &Atom| atom.var().filter(|id| !func.var(*id).cell);
    atoms.iter().map(fixed).collect()
}
