//! Drops what nobody reads: values, stores to local memory, whole loops.
//!
//! Requires: both sweeps complete. Guarantees: the same results, effects and
//! memory behind references. What may only panic goes, too.
//!
//! One pass numbers the statements and resolves each use to the definition it
//! sees; then what is needed is marked from the outputs backwards, each statement
//! once. The work is linear in the size of the function.

use super::forward::Tangent;
use super::reverse::Sweeps;
use crate::analysis::views::Views;
use crate::ir::*;
use std::collections::{HashMap, HashSet};

/// Tidies both sweeps. `primal`: the forward sweep's result is wanted.
pub(crate) fn tidy(sweeps: &mut Sweeps, primal: bool) {
    let mut outputs = references(&sweeps.func);
    outputs.extend(sweeps.shadows.iter().flatten());
    let mut wanted: Vec<VarId> = sweeps.shadows.iter().flatten().copied().collect();
    if primal {
        wanted.extend(sweeps.func.ret.as_ref().and_then(Atom::var));
    }
    // The sweeps share one scope: what the reverse sweep uses keeps the forward's.
    let mut survey = Survey::new(Views::of(&sweeps.func), outputs);
    survey.block(&sweeps.func.body, None, None);
    survey.block(&sweeps.reverse, None, None);
    let kept = survey.mark(&wanted);
    let mut next = 0;
    sweep(&mut sweeps.func.body, &kept, &mut next);
    sweep(&mut sweeps.reverse, &kept, &mut next);
}

pub(crate) fn tidy_forward(tangent: &mut Tangent) {
    let mut outputs = references(&tangent.func);
    outputs.extend(tangent.shadows.iter().flatten());
    let results = tangent.func.ret.iter().chain(&tangent.ret);
    let wanted: Vec<VarId> = results.filter_map(Atom::var).collect();
    let mut survey = Survey::new(Views::of(&tangent.func), outputs);
    survey.block(&tangent.func.body, None, None);
    let kept = survey.mark(&wanted);
    sweep(&mut tangent.func.body, &kept, &mut 0);
}

fn references(func: &Func) -> HashSet<VarId> {
    let by_reference = |param: &&VarId| func.var(**param).reference.is_some();
    func.params.iter().filter(by_reference).copied().collect()
}

/// Removes the statements that are not kept, in the order they were numbered.
fn sweep(block: &mut Block, kept: &[bool], next: &mut usize) {
    let stmts = std::mem::take(&mut block.stmts);
    for mut stmt in stmts {
        let stays = kept[*next];
        *next += 1;
        for inner in stmt.kind.blocks_mut() {
            sweep(inner, kept, next);
        }
        if stays {
            block.stmts.push(stmt);
        }
    }
}

/// A variable as one place defines it: a block of the reverse sweep may define the
/// variables of its forward block once more.
type Instance = usize;

#[derive(Default)]
struct Fact {
    parent: Option<usize>,
    uses: Vec<Instance>,
    /// Stays whatever the others do.
    anchored: bool,
    /// The breaks of a loop, which stay with it.
    exits: Vec<usize>,
}

struct Survey {
    views: Views,
    /// Memory somebody else reads: reference parameters and their shadows.
    outputs: HashSet<VarId>,
    facts: Vec<Fact>,
    scopes: Vec<HashMap<VarId, Instance>>,
    /// Per instance: the statements that define or write it.
    makers: Vec<Vec<usize>>,
}

impl Survey {
    fn new(views: Views, outputs: HashSet<VarId>) -> Survey {
        Survey {
            views,
            outputs,
            facts: Vec::new(),
            scopes: vec![HashMap::new()],
            makers: Vec::new(),
        }
    }

    /// The definition that a use of `id` sees; parameters have one of their own.
    fn instance(&mut self, id: VarId) -> Instance {
        let known = self.scopes.iter().rev().find_map(|scope| scope.get(&id));
        if let Some(instance) = known {
            return *instance;
        }
        self.makers.push(Vec::new());
        self.scopes[0].insert(id, self.makers.len() - 1);
        self.makers.len() - 1
    }

    fn define(&mut self, id: VarId, at: usize) {
        self.makers.push(vec![at]);
        let instance = self.makers.len() - 1;
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(id, instance);
        }
    }

    fn block(&mut self, block: &Block, parent: Option<usize>, within: Option<usize>) {
        for stmt in &block.stmts {
            self.stmt(stmt, parent, within);
        }
    }

    /// `within`: the loop that a break here leaves.
    fn stmt(&mut self, stmt: &Stmt, parent: Option<usize>, within: Option<usize>) {
        let at = self.facts.len();
        self.facts.push(Fact {
            parent,
            ..Fact::default()
        });
        let access = stmt.kind.access();
        let condition = condition(&stmt.kind);
        let mut used: Vec<VarId> = access
            .variables()
            .filter(|id| Some(*id) != condition)
            .collect();
        used.extend(used.clone().into_iter().map(|id| self.views.root(id)));
        let uses = used.into_iter().map(|id| self.instance(id)).collect();
        self.facts[at].uses = uses;
        for place in &access.writes {
            let root = self.views.root(place.root);
            let instance = self.instance(root);
            self.makers[instance].push(at);
            self.facts[at].anchored |= self.outputs.contains(&root);
        }
        self.facts[at].anchored |= anchored(&stmt.kind);
        if let (StmtKind::Exit(_), Some(owner)) = (&stmt.kind, within) {
            self.facts[owner].exits.push(at);
        }
        self.nested(stmt, at, within, condition, &access.defines);
        if !matches!(stmt.kind, StmtKind::Loop(_)) {
            for id in access.defines {
                self.define(id, at);
            }
        }
    }

    fn nested(
        &mut self,
        stmt: &Stmt,
        at: usize,
        within: Option<usize>,
        condition: Option<VarId>,
        defines: &[VarId],
    ) {
        let looped = matches!(stmt.kind, StmtKind::Loop(_));
        let within = if looped { Some(at) } else { within };
        for (index, inner) in stmt.kind.blocks().into_iter().enumerate() {
            self.scopes.push(HashMap::new());
            if looped {
                defines.iter().for_each(|id| self.define(*id, at));
            }
            self.block(inner, Some(at), within);
            if let (Some(id), 0) = (condition, index) {
                let instance = self.instance(id);
                self.facts[at].uses.push(instance);
            }
            self.scopes.pop();
        }
    }

    /// Which statements stay.
    fn mark(mut self, wanted: &[VarId]) -> Vec<bool> {
        let mut kept = vec![false; self.facts.len()];
        let mut live = vec![false; self.makers.len()];
        let mut todo: Vec<usize> = (0..self.facts.len())
            .filter(|at| self.facts[*at].anchored)
            .collect();
        for id in wanted {
            let id = self.views.root(*id);
            let instance = self.instance(id);
            live.resize(self.makers.len(), false);
            live[instance] = true;
            todo.extend(&self.makers[instance]);
        }
        while let Some(at) = todo.pop() {
            if std::mem::replace(&mut kept[at], true) {
                continue;
            }
            let fact = &self.facts[at];
            todo.extend(fact.parent);
            todo.extend(&fact.exits);
            for instance in &fact.uses {
                if !std::mem::replace(&mut live[*instance], true) {
                    todo.extend(&self.makers[*instance]);
                }
            }
        }
        kept
    }
}

/// Statements with an effect of their own.
fn anchored(kind: &StmtKind) -> bool {
    match kind {
        StmtKind::Call(call) => !call.repeated,
        // Nobody knows what it does beside its value.
        StmtKind::Let(_, Value::Opaque(opaque)) => !opaque.reads.is_empty(),
        StmtKind::Effect(_) | StmtKind::Push(..) | StmtKind::Pop(..) | StmtKind::Derivative(_) => {
            true
        }
        _ => false,
    }
}

/// The condition of a `while`, which its first block computes.
fn condition(kind: &StmtKind) -> Option<VarId> {
    match kind {
        StmtKind::Loop(each) => match &each.head {
            Head::While(_, cond) => cond.var(),
            _ => None,
        },
        _ => None,
    }
}
