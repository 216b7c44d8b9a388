//! What every pass may rely on. In debug builds it is checked after each one.
//!
//! - Names are unique.
//! - A variable is used only where it is in scope.
//! - After `structure`, a break stands in tail position of its own loop, and
//!   nothing else leaves a block early.
//! - Each tape is pushed and popped with the same variables.

use super::*;
use std::collections::{BTreeMap, HashSet};

/// Violations found in the primal.
pub(crate) fn verify(func: &Func) -> Vec<String> {
    let mut verify = Verify::new(func);
    verify.unique_names();
    verify.block(&func.body, Some(None));
    verify.found
}

/// Violations found in two sweeps that share one scope. `ambient`: variables that
/// the generated signature declares.
pub(crate) fn verify_sweeps(func: &Func, reverse: &Block, ambient: &[VarId]) -> Vec<String> {
    let mut verify = Verify::new(func);
    verify.scopes[0].extend(ambient);
    verify.unique_names();
    verify.stmts(&func.body, Some(None));
    verify.stmts(reverse, Some(None));
    verify.tapes();
    verify.found
}

struct Verify<'a> {
    func: &'a Func,
    scopes: Vec<HashSet<VarId>>,
    pushed: BTreeMap<VarId, Vec<VarId>>,
    popped: BTreeMap<VarId, Vec<VarId>>,
    found: Vec<String>,
}

impl<'a> Verify<'a> {
    fn new(func: &'a Func) -> Verify<'a> {
        Verify {
            func,
            scopes: vec![func.params.iter().copied().collect()],
            pushed: BTreeMap::new(),
            popped: BTreeMap::new(),
            found: Vec::new(),
        }
    }

    fn unique_names(&mut self) {
        let mut seen = HashSet::new();
        for var in &self.func.vars {
            if !seen.insert(&var.name) {
                self.found
                    .push(format!("two variables are called `{}`", var.name));
            }
        }
    }

    fn in_scope(&self, id: VarId) -> bool {
        let var = self.func.var(id);
        matches!(var.role, Role::Global(_) | Role::Tape)
            || self.scopes.iter().any(|scope| scope.contains(&id))
    }

    fn uses(&mut self, id: VarId) {
        if !self.in_scope(id) {
            let name = &self.func.var(id).name;
            self.found
                .push(format!("`{name}` is used where it is not in scope"));
        }
    }

    fn define(&mut self, id: VarId) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(id);
        }
    }

    /// `tail`: `Some(loop)` where the end of the block is the end of that loop's body
    /// (or of the function), so that a break may stand there.
    fn block(&mut self, block: &Block, tail: Option<Option<LoopId>>) {
        self.scopes.push(HashSet::new());
        self.stmts(block, tail);
        self.scopes.pop();
    }

    fn stmts(&mut self, block: &Block, tail: Option<Option<LoopId>>) {
        for (index, stmt) in block.stmts.iter().enumerate() {
            let last = index + 1 == block.stmts.len();
            self.stmt(&stmt.kind, tail.filter(|_| last));
        }
    }

    fn stmt(&mut self, kind: &StmtKind, tail: Option<Option<LoopId>>) {
        let access = kind.access();
        let condition = match kind {
            StmtKind::Loop(Loop {
                head: Head::While(_, cond),
                ..
            }) => cond.var(),
            _ => None,
        };
        let used: Vec<VarId> = access
            .variables()
            .filter(|id| Some(*id) != condition)
            .collect();
        used.into_iter().for_each(|id| self.uses(id));
        match kind {
            StmtKind::Exit(Exit::Break(id)) if tail == Some(Some(*id)) => {}
            StmtKind::Exit(exit) => self.found.push(format!("{exit:?} is not in tail position")),
            StmtKind::Labelled(..) => self.found.push("a labelled block is left".to_string()),
            StmtKind::If(_, yes, no) => {
                self.block(yes, tail);
                self.block(no, tail);
            }
            StmtKind::Gate(_, body) | StmtKind::Unless(_, body) | StmtKind::Given(_, body) => {
                self.block(body, None);
            }
            StmtKind::Keep { tape, .. } => {
                self.pushed.insert(*tape, Vec::new());
            }
            StmtKind::Restore { tape, .. } => {
                self.popped.insert(*tape, Vec::new());
            }
            StmtKind::Loop(each) => self.loop_stmt(each, condition),
            StmtKind::Push(tape, vars) => {
                self.pushed.insert(*tape, vars.clone());
            }
            StmtKind::Pop(tape, vars) => {
                self.popped.insert(*tape, vars.clone());
                vars.iter().for_each(|id| self.define(*id));
            }
            _ => {
                let defines = access.defines;
                defines.into_iter().for_each(|id| self.define(id));
            }
        }
    }

    fn loop_stmt(&mut self, each: &Loop, condition: Option<VarId>) {
        self.scopes.push(HashSet::new());
        if let Head::Range(range) = &each.head {
            self.define(range.var);
        }
        if let Head::Schedule(schedule) = &each.head {
            [schedule.step, schedule.from, schedule.to]
                .into_iter()
                .for_each(|id| self.define(id));
        }
        if let Head::While(test, _) = &each.head {
            self.scopes.push(HashSet::new());
            self.stmts(test, None);
            condition.into_iter().for_each(|id| self.uses(id));
            self.scopes.pop();
        }
        self.block(&each.body, Some(Some(each.id)));
        self.scopes.pop();
    }

    fn tapes(&mut self) {
        if self.pushed != self.popped {
            self.found
                .push("the tapes of the two sweeps differ".to_string());
        }
    }
}
