//! The part of a block that rebuilds some of its variables.
//!
//! Statements keep their order; those inside loops and branches bring along the
//! control flow around them and the values they use. Views are written out, so
//! that the slice holds no borrows.

use super::plan::{Plan, Reloads};
use super::replay::breaks;
use crate::analysis::views::Views;
use crate::ir::visit::walk;
use crate::ir::*;
use std::collections::BTreeSet;

/// The slice of `block` that computes what a plan wants again. `nested`: whether a variable
/// lives in a block inside of it, and so comes along with the statements that use it.
pub(super) fn slice(
    block: &Block,
    plan: &Plan,
    views: &Views,
    nested: &dyn Fn(VarId) -> bool,
) -> Block {
    let mut slicer = Slicer {
        views,
        nested,
        diverges: blocks_diverge(block),
        reloads: &plan.reloads,
        wanted: plan.replayed.clone(),
    };
    // Wanting a nested variable may make earlier statements of a loop wanted.
    loop {
        let before = slicer.wanted.len();
        let result = slicer.block(block, true, false);
        if slicer.wanted.len() == before {
            return result;
        }
    }
}

struct Slicer<'a> {
    views: &'a Views,
    nested: &'a dyn Fn(VarId) -> bool,
    /// Some path panics instead of assigning: the slice has no panics, so late
    /// variables get a first value.
    diverges: bool,
    reloads: &'a Reloads,
    wanted: BTreeSet<VarId>,
}

impl Slicer<'_> {
    /// `outermost`: operands of its statements are wanted only where they were
    /// asked for; the others are saved or come from outside. `exits`: breaks leave a
    /// loop of the slice, not the loop whose body is sliced.
    fn block(&mut self, block: &Block, outermost: bool, exits: bool) -> Block {
        let mut kept = Vec::new();
        for stmt in block.stmts.iter().rev() {
            if let Some(kind) = self.stmt(&stmt.kind, outermost, exits) {
                kept.push(Stmt {
                    span: stmt.span,
                    kind,
                });
            }
        }
        kept.reverse();
        Block { stmts: kept }
    }

    fn stmt(&mut self, kind: &StmtKind, outermost: bool, exits: bool) -> Option<StmtKind> {
        match kind {
            StmtKind::If(cond, yes, no) => {
                let leaves = exits && (breaks(yes) || breaks(no));
                let yes = self.block(yes, false, exits);
                let no = self.block(no, false, exits);
                let keep = !yes.is_empty() || !no.is_empty() || leaves;
                keep.then(|| {
                    self.want(cond, outermost);
                    StmtKind::If(cond.clone(), yes, no)
                })
            }
            StmtKind::Loop(each) => self.loop_stmt(each, outermost),
            StmtKind::Exit(_) => exits.then(|| kind.clone()),
            StmtKind::View { .. } | StmtKind::Split { .. } | StmtKind::Effect(_) => None,
            _ => self.plain(kind, outermost),
        }
    }

    fn plain(&mut self, kind: &StmtKind, outermost: bool) -> Option<StmtKind> {
        if let Some(reload) = self.reload(kind) {
            return Some(reload);
        }
        let access = kind.access();
        let computed = |id: &&VarId| !self.reloads.contains_key(id);
        let mut defines = access.defines.iter().filter(computed);
        let defines = defines.any(|id| self.wanted.contains(id));
        let writes = access
            .writes
            .iter()
            .any(|place| self.wanted.contains(&self.views.root(place.root)));
        if !defines && !writes {
            return None;
        }
        if !outermost {
            for place in access.reads.iter().chain(&access.writes) {
                let place = self.views.expand(place);
                self.want_all(place.atoms().filter_map(Atom::var));
            }
            let used: Vec<VarId> = access.variables().map(|id| self.views.root(id)).collect();
            self.want_all(used.into_iter());
        }
        let mut kind = kind.clone();
        if let (StmtKind::Cell(_, value @ None), true) = (&mut kind, self.diverges) {
            *value = Some(Value::Helper("hollow", Vec::new()));
        }
        expand(&mut kind, self.views);
        Some(kind)
    }

    /// What is stored here is read again.
    fn reload(&self, kind: &StmtKind) -> Option<StmtKind> {
        let StmtKind::Store { place, value, .. } = kind else {
            return None;
        };
        let id = value.var()?;
        let place = self.views.expand(place);
        (self.reloads.get(&id) == Some(&place)).then(|| StmtKind::Let(id, Value::Load(place)))
    }

    fn loop_stmt(&mut self, each: &Loop, outermost: bool) -> Option<StmtKind> {
        if !self.writes_outside(&each.body) {
            return None;
        }
        let body = self.block(&each.body, false, true);
        let head = match &each.head {
            Head::While(test, cond) => {
                self.want(cond, false);
                Head::While(self.block(test, false, false), cond.clone())
            }
            Head::Range(range) => {
                self.want(&range.from, outermost);
                self.want(&range.to, outermost);
                for adapter in &range.adapters {
                    if let Adapter::StepBy(step) = adapter {
                        self.want(step, outermost);
                    }
                }
                each.head.clone()
            }
            head => head.clone(),
        };
        Some(StmtKind::Loop(Loop {
            id: each.id,
            head,
            body,
        }))
    }

    /// Whether a loop body writes something wanted that outlives an iteration.
    fn writes_outside(&self, body: &Block) -> bool {
        let mut own = BTreeSet::new();
        let mut written = BTreeSet::new();
        walk(body, &mut |stmt| {
            let access = stmt.kind.access();
            written.extend(
                access
                    .writes
                    .iter()
                    .map(|place| self.views.root(place.root)),
            );
            own.extend(access.defines);
        });
        written.difference(&own).any(|id| self.wanted.contains(id))
    }

    fn want(&mut self, atom: &Atom, outermost: bool) {
        if !outermost {
            self.want_all(atom.var().into_iter());
        }
    }

    fn want_all(&mut self, ids: impl Iterator<Item = VarId>) {
        self.wanted.extend(ids.filter(|id| (self.nested)(*id)));
    }
}

/// Writes views out as the places they are names for.
pub(super) fn expand(kind: &mut StmtKind, views: &Views) {
    let fix = |place: &mut Place| *place = views.expand(place);
    match kind {
        StmtKind::Let(_, value) | StmtKind::Cell(_, Some(value)) => {
            value.place_mut().into_iter().for_each(fix);
        }
        StmtKind::Store { place, .. }
        | StmtKind::Update { place, .. }
        | StmtKind::Fill(place, _)
        | StmtKind::View { place, .. }
        | StmtKind::Split { place, .. }
        | StmtKind::Clear(place) => fix(place),
        StmtKind::Swap(left, right) | StmtKind::CopyFrom(left, right) => {
            fix(left);
            fix(right);
        }
        StmtKind::Call(call) => expand_args(&mut call.args, views),
        _ => {}
    }
}

pub(super) fn expand_args(args: &mut [Arg], views: &Views) {
    for arg in args {
        if let Arg::Ref {
            place, passed_on, ..
        } = arg
            && views.is_view(place.root)
        {
            *place = views.expand(place);
            *passed_on = false;
        }
    }
}

/// Whether a block has a path that ends in a panic.
fn blocks_diverge(block: &Block) -> bool {
    let mut found = false;
    walk(block, &mut |stmt| {
        found |= matches!(&stmt.kind, StmtKind::Effect(opaque) if diverges(opaque));
    });
    found
}

/// Whether tokens are a call of a macro that panics.
pub(super) fn diverges(opaque: &Opaque) -> bool {
    const NAMES: &[&str] = &["panic", "unreachable", "todo", "unimplemented"];
    let first = opaque.tokens.clone().into_iter().next();
    first.is_some_and(|first| NAMES.contains(&first.to_string().as_str()))
}
