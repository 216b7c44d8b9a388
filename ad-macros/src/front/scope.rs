//! Which variable a name stands for.
//!
//! Names are keyed by identifier *and* hygiene context: in the body of a
//! `macro_rules!` macro two different variables may print alike.

use crate::ir::VarId;
use proc_macro2::Ident;
use std::collections::{HashMap, HashSet};

#[derive(Clone, Copy)]
pub(super) struct Binding {
    pub var: VarId,
}

pub(super) struct Scopes {
    stack: Vec<HashMap<(String, String), Binding>>,
    /// Everything ever bound as mutable; scopes come and go.
    mutable: HashSet<VarId>,
}

impl Default for Scopes {
    fn default() -> Scopes {
        Scopes {
            stack: vec![HashMap::new()],
            mutable: HashSet::new(),
        }
    }
}

impl Scopes {
    pub fn enter(&mut self) {
        self.stack.push(HashMap::new());
    }

    pub fn leave(&mut self) {
        self.stack.pop();
    }

    pub fn bind(&mut self, name: &Ident, var: VarId, mutable: bool) {
        if mutable {
            self.mutable.insert(var);
        }
        let scope = self.stack.last_mut().expect("the outermost scope stays");
        scope.insert(key(name), Binding { var });
    }

    pub fn is_mutable(&self, var: VarId) -> bool {
        self.mutable.contains(&var)
    }

    pub fn find(&self, name: &Ident) -> Option<Binding> {
        let key = key(name);
        self.stack
            .iter()
            .rev()
            .find_map(|scope| scope.get(&key))
            .copied()
    }
}

/// The identifier and its hygiene context. The context has no stable accessor;
/// the compiler prints it in front of the byte range (`#4 bytes(10..11)`).
/// Where the format is another one, all contexts are one, as for plain code.
fn key(name: &Ident) -> (String, String) {
    let printed = format!("{:?}", name.span());
    let context = match printed.split_once(' ') {
        Some((context, _)) if context.starts_with('#') => context.to_string(),
        _ => String::new(),
    };
    (name.to_string(), context)
}
