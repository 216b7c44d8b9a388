//! The shadow of each variable: a variable of the same type that mirrors its places.

use crate::ir::*;
use std::collections::HashMap;

#[derive(Default)]
pub(super) struct Shadows {
    of: HashMap<VarId, VarId>,
}

impl Shadows {
    /// The shadow of `id`: `d_x` for `x`.
    pub fn shadow(&mut self, func: &mut Func, id: VarId) -> VarId {
        if let Some(shadow) = self.of.get(&id) {
            return *shadow;
        }
        let var = func.var(id).clone();
        let base = format!("d_{}", var.name);
        // The shadow of a value without a name needs none either.
        let role = match var.role {
            Role::Temp => Role::Temp,
            _ => Role::Shadow,
        };
        let shadow = func.fresh(&base, var.span, var.ty.clone(), role);
        let by_reference = matches!(var.role, Role::Param(_)) && var.reference.is_some();
        let made = func.var_mut(shadow);
        made.cell = true;
        made.reference = var.reference.filter(|_| by_reference);
        self.of.insert(id, shadow);
        shadow
    }

    pub fn known(&self, id: VarId) -> Option<VarId> {
        self.of.get(&id).copied()
    }
}

/// The zero a scalar's shadow starts with.
pub(super) fn zero_of(ty: &Ty) -> Option<Value> {
    match ty {
        Ty::Float(_) => Some(Value::Atom(Atom::float("0.0"))),
        _ => None,
    }
}
