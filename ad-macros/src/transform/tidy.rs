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
use super::shape::{Shape, Shapes};
use crate::analysis::views::Views;
use crate::ir::*;
use std::collections::{HashMap, HashSet};

/// Tidies both sweeps. `split`: the forward sweep's result is wanted.
pub(crate) fn tidy(sweeps: &mut Sweeps, split: bool) {
    let mut outputs = references(&sweeps.func);
    outputs.extend(sweeps.shadows.iter().flatten());
    // The sweeps share one scope: what the reverse sweep uses keeps the forward's.
    let views = Views::of(&sweeps.func);
    let shapes = Shapes::of(&[&sweeps.func.body, &sweeps.reverse], &views);
    let mut survey = Survey::new(views, shapes, outputs);
    survey.block(&sweeps.func.body, None, None);
    let result = sweeps.func.ret.as_ref().and_then(Atom::var);
    if let Some(result) = result.filter(|_| split) {
        survey.want(result);
    }
    survey.turn();
    survey.block(&sweeps.reverse, None, None);
    if let Some(result) = result.filter(|_| sweeps.fused.is_some()) {
        survey.want(result);
    }
    sweeps
        .shadows
        .iter()
        .flatten()
        .for_each(|id| survey.want(*id));
    let kept = survey.mark(false);
    let needed = survey.mark(true);
    let mut next = 0;
    let marks = Marks { kept, needed };
    sweep(&mut sweeps.func.body, &marks, &mut next);
    sweep(&mut sweeps.reverse, &marks, &mut next);
}

/// Which statements stay.
struct Marks {
    kept: Vec<bool>,
    /// Those that stay even if all facts about callees hold.
    needed: Vec<bool>,
}

pub(crate) fn tidy_forward(tangent: &mut Tangent) {
    let mut outputs = references(&tangent.func);
    outputs.extend(tangent.shadows.iter().flatten());
    let views = Views::of(&tangent.func);
    let shapes = Shapes::of(&[&tangent.func.body], &views);
    let mut survey = Survey::new(views, shapes, outputs);
    survey.block(&tangent.func.body, None, None);
    let results = tangent.func.ret.iter().chain(&tangent.ret);
    results.filter_map(Atom::var).for_each(|id| survey.want(id));
    let kept = survey.mark(false);
    let marks = Marks {
        needed: kept.clone(),
        kept,
    };
    sweep(&mut tangent.func.body, &marks, &mut 0);
}

fn references(func: &Func) -> HashSet<VarId> {
    let by_reference = |param: &&VarId| func.var(**param).reference.is_some();
    func.params.iter().filter(by_reference).copied().collect()
}

/// Removes the statements that are not kept, in the order they were numbered. A loop
/// that only saves what some fact may make needless stands under that fact.
fn sweep(block: &mut Block, marks: &Marks, next: &mut usize) {
    let stmts = std::mem::take(&mut block.stmts);
    for mut stmt in stmts {
        let at = *next;
        *next += 1;
        for inner in stmt.kind.blocks_mut() {
            sweep(inner, marks, next);
        }
        if !marks.kept[at] {
            continue;
        }
        let looped = matches!(stmt.kind, StmtKind::Loop(_));
        let facts = if looped && !marks.needed[at] {
            facts(&stmt)
        } else {
            Vec::new()
        };
        if facts.is_empty() {
            block.stmts.push(stmt);
        } else {
            let span = stmt.span;
            let inner = Block { stmts: vec![stmt] };
            block.push(span, StmtKind::Unless(facts, inner));
        }
    }
}

/// The facts under which a loop has nothing to save; a loop inside of it that
/// stands under its own needs no more.
fn facts(stmt: &Stmt) -> Vec<Fact> {
    let mut found: Vec<Fact> = Vec::new();
    for inner in stmt.kind.blocks() {
        crate::ir::visit::walk(inner, &mut |stmt| {
            let facts = match &stmt.kind {
                StmtKind::Keep { unless, .. } => unless.as_slice(),
                StmtKind::Unless(facts, _) => facts.as_slice(),
                _ => &[],
            };
            for fact in facts {
                if !found.contains(fact) {
                    found.push(fact.clone());
                }
            }
        });
    }
    found
}

/// A variable as one place defines it: a block of the reverse sweep may define the
/// variables of its forward block once more.
type Instance = usize;

#[derive(Default)]
struct Node {
    parent: Option<usize>,
    uses: Vec<Instance>,
    /// What it uses only if a fact about a callee does not hold.
    maybe: Vec<Instance>,
    /// The statement that declares what this one puts to a new use.
    declared: Option<usize>,
    /// Stays whatever the others do.
    anchored: bool,
    /// The breaks of a loop, which stay with it.
    exits: Vec<usize>,
}

struct Survey {
    views: Views,
    shapes: Shapes,
    /// Memory somebody else reads: reference parameters and their shadows.
    outputs: HashSet<VarId>,
    nodes: Vec<Node>,
    scopes: Vec<HashMap<VarId, Instance>>,
    /// Per instance: the statements that define or write it.
    makers: Vec<Vec<usize>>,
    wanted: Vec<Instance>,
}

impl Survey {
    fn new(views: Views, shapes: Shapes, outputs: HashSet<VarId>) -> Survey {
        Survey {
            views,
            shapes,
            outputs,
            nodes: Vec::new(),
            scopes: vec![HashMap::new()],
            makers: Vec::new(),
            wanted: Vec::new(),
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

    /// From here on it is the reverse sweep. A pullback may compute again what the forward sweep
    /// has computed; and what the reverse sweep writes the forward sweep does not read.
    fn turn(&mut self) {
        let known: Vec<(VarId, Instance)> =
            self.scopes[0].iter().map(|(id, at)| (*id, *at)).collect();
        let mut scope = HashMap::new();
        for (id, before) in known {
            self.makers.push(self.makers[before].clone());
            scope.insert(id, self.makers.len() - 1);
        }
        self.scopes.push(scope);
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
        let at = self.nodes.len();
        self.nodes.push(Node {
            parent,
            ..Node::default()
        });
        let access = stmt.kind.access();
        let condition = condition(&stmt.kind);
        let mut used: Vec<VarId> = access
            .variables()
            .filter(|id| Some(*id) != condition)
            .collect();
        used.extend(used.clone().into_iter().map(|id| self.views.root(id)));
        let uses = used.into_iter().map(|id| self.instance(id)).collect();
        self.nodes[at].uses = uses;
        self.flat(&stmt.kind, at);
        self.shape(&stmt.kind, at);
        for place in &access.writes {
            let root = self.views.root(place.root);
            let instance = self.instance(root);
            self.makers[instance].push(at);
            self.nodes[at].anchored |= self.outputs.contains(&root);
        }
        self.nodes[at].anchored |= anchored(&stmt.kind);
        if let (StmtKind::Exit(_), Some(owner)) = (&stmt.kind, within) {
            self.nodes[owner].exits.push(at);
        }
        self.nested(stmt, at, within, condition, &access.defines);
        if !matches!(stmt.kind, StmtKind::Loop(_)) {
            for id in access.defines {
                self.define(id, at);
            }
        }
    }

    /// A length, or a zero of some shape, asks for no content.
    fn shape(&mut self, kind: &StmtKind, at: usize) {
        let (StmtKind::Let(_, value) | StmtKind::Cell(_, Some(value))) = kind else {
            return;
        };
        let (Value::Len(place) | Value::ZeroLike(place)) = value else {
            return;
        };
        let root = self.views.root(place.root);
        let shape = self.shapes.get(root);
        let instance = self.instance(root);
        if shape == Shape::Changes || self.views.is_view(place.root) {
            return;
        }
        let node = &mut self.nodes[at];
        node.uses.retain(|id| *id != instance);
        node.declared = self.makers[instance].first().copied();
        if shape == Shape::KeptIfFacts {
            node.maybe.push(instance);
        }
    }

    /// A flat tape is written by what keeps and read by what restores: one goes
    /// with the other.
    fn flat(&mut self, kind: &StmtKind, at: usize) {
        match kind {
            StmtKind::Keep { tape, .. } => {
                let tape = self.instance(*tape);
                self.makers[tape].push(at);
            }
            StmtKind::Restore {
                tape,
                place,
                unless,
            } => {
                let tape = self.instance(*tape);
                let root = self.instance(place.root);
                let node = &mut self.nodes[at];
                // What is put back owes nothing to what was there.
                node.uses.retain(|id| *id != tape && *id != root);
                let list = match unless {
                    Some(_) => &mut node.maybe,
                    None => &mut node.uses,
                };
                list.push(tape);
            }
            StmtKind::Forget(id) => {
                let before = self.instance(*id);
                let declared = self.makers[before].first().copied();
                self.nodes[at].declared = declared;
                self.define(*id, at);
            }
            _ => {}
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
                self.nodes[at].uses.push(instance);
            }
            self.scopes.pop();
        }
    }

    /// What a variable holds is a result.
    fn want(&mut self, id: VarId) {
        let id = self.views.root(id);
        let instance = self.instance(id);
        self.wanted.push(instance);
    }

    /// Which statements stay. `facts`: all facts about callees hold.
    fn mark(&self, facts: bool) -> Vec<bool> {
        let mut kept = vec![false; self.nodes.len()];
        let mut live = vec![false; self.makers.len()];
        let mut todo: Vec<usize> = (0..self.nodes.len())
            .filter(|at| self.nodes[*at].anchored)
            .collect();
        for instance in &self.wanted {
            live[*instance] = true;
            todo.extend(&self.makers[*instance]);
        }
        while let Some(at) = todo.pop() {
            if std::mem::replace(&mut kept[at], true) {
                continue;
            }
            let node = &self.nodes[at];
            todo.extend(node.parent);
            todo.extend(node.declared);
            todo.extend(&node.exits);
            let maybe: &[Instance] = if facts { &[] } else { &node.maybe };
            for instance in node.uses.iter().chain(maybe) {
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
        StmtKind::Effect(_)
        | StmtKind::Push(..)
        | StmtKind::Reserve(..)
        | StmtKind::Pop(..)
        | StmtKind::Derivative(_) => true,
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
