//! The reverse of a loop whose iterations are run again: restore what the iteration
//! began with, run it, reverse it.

use super::adjoint::{Adjoint, Kept, chain};
use super::augment;
use super::reverse::TapeKind;
use crate::analysis::rerun::Rerun;
use crate::ir::*;
use proc_macro2::Span;

impl Adjoint<'_> {
    pub(super) fn rerun(&mut self, each: &Loop, rerun: &Rerun, at: usize, span: Span) {
        let id = self.layout.id(&each.body);
        let forwards = self.first_to_last(each, rerun);
        let reverse = self.reversed(&each.body, at + 1);
        let (first, own) = self.steps_back(id);
        let last = self.undo(self.replay.known.inductions.last(id));
        if reverse.is_empty() {
            return self.again(each, chain([first, own, last]), forwards, span);
        }
        let begin = self.begin(rerun, at, span);
        let mut again = augment::again(self, &each.body, rerun, at + 1);
        let mut reverse = reverse;
        cancel(&mut again, &mut reverse);
        let body = chain([first, again, own, reverse, last]);
        let checkpoint = self.facts.func.checkpoints.get(&each.id);
        match checkpoint.and_then(|checkpoint| checkpoint.budget.clone()) {
            Some(budget) => self.scheduled(each, rerun, (at, budget), body, span),
            None => self.again(each, chain([begin, body]), forwards, span),
        }
    }

    /// Pushes the loop over the steps that reverse `each` with a budget of checkpoints.
    fn scheduled(
        &mut self,
        each: &Loop,
        rerun: &Rerun,
        (at, budget): (usize, Atom),
        body: Block,
        span: Span,
    ) {
        let Head::Range(range) = &each.head else {
            return;
        };
        let index = || Ty::discrete("usize");
        let step = self
            .func
            .fresh("step", span, Ty::Discrete(None), Role::Temp);
        let from = self.func.fresh("from", span, index(), Role::Temp);
        let to = self.func.fresh("to", span, index(), Role::Temp);
        let kept = self.keeps.get(&at).cloned().unwrap_or_default();
        let mut keep = Block::default();
        let mut restore = Block::default();
        for id in &rerun.private {
            self.push(span, StmtKind::Forget(*id));
        }
        for kept in &kept {
            self.push(span, StmtKind::Forget(kept.place.root));
            keep.push(span, augment::keep(kept));
            let back = StmtKind::Restore {
                tape: kept.tape,
                place: kept.place.clone(),
                unless: kept.unless.clone(),
            };
            restore.push(span, back);
        }
        let advance = self.advance(each, rerun, at, (from, to), span);
        let mut reverse = Block::default();
        let this = Value::Atom(Atom::Var(from));
        reverse.push(span, StmtKind::Let(range.var, this));
        reverse.stmts.extend(body.stmts);
        let mut steps = Block::default();
        let cases = [
            ("keeps", keep),
            ("restores", restore),
            ("advances", advance),
            ("reverses", reverse),
        ];
        for (name, inner) in cases {
            let method = proc_macro2::Ident::new(name, span);
            let test = Value::Inert(Inert::Method(method), vec![Atom::Var(step)]);
            let ty = Ty::discrete("bool");
            let is = self.func.fresh("t", span, ty, Role::Temp);
            steps.push(span, StmtKind::Let(is, test));
            steps.push(span, StmtKind::If(Atom::Var(is), inner, Block::default()));
        }
        let head = Head::Schedule(Box::new(Schedule {
            step,
            from,
            to,
            range: (range.from.clone(), range.to.clone()),
            budget,
        }));
        let (id, body) = (each.id, steps);
        self.push(span, StmtKind::Loop(Loop { id, head, body }));
    }

    /// The loop as it is, from one checkpoint to the next.
    fn advance(
        &mut self,
        each: &Loop,
        rerun: &Rerun,
        at: usize,
        (from, to): (VarId, VarId),
        span: Span,
    ) -> Block {
        let mut head = each.head.clone();
        if let Head::Range(range) = &mut head {
            range.from = Atom::Var(from);
            range.to = Atom::Var(to);
        }
        let (id, body) = (each.id, augment::advance(self, &each.body, rerun, at + 1));
        let mut out = Block::default();
        out.push(span, StmtKind::Loop(Loop { id, head, body }));
        out
    }

    /// Pushes a loop that runs over its range again, backwards if not `forwards`.
    fn again(&mut self, each: &Loop, body: Block, forwards: bool, span: Span) {
        let mut head = each.head.clone();
        if let Head::Range(range) = &mut head
            && !forwards
        {
            range.adapters.push(Adapter::Rev);
        }
        if !body.is_empty() {
            let id = each.id;
            self.push(span, StmtKind::Loop(Loop { id, head, body }));
        }
    }

    /// Puts back what the iteration began with.
    fn begin(&mut self, rerun: &Rerun, at: usize, span: Span) -> Block {
        let mut out = Block::default();
        for id in &rerun.private {
            out.push(span, StmtKind::Forget(*id));
        }
        let mut kept = Vec::new();
        for (id, unless) in &rerun.carried {
            let tape = self.flat_tape(*id, span);
            let place = Place::of(*id);
            out.push(span, StmtKind::Forget(*id));
            let restore = StmtKind::Restore {
                tape,
                place: place.clone(),
                unless: unless.clone(),
            };
            out.push(span, restore);
            kept.push(Kept {
                tape,
                place,
                unless: unless.clone(),
                exchange: None,
            });
        }
        self.keeps.insert(at, kept);
        out
    }

    /// A tape for the contents of a variable.
    pub(super) fn flat_tape(&mut self, id: VarId, span: Span) -> VarId {
        let base = format!("{}_tape", self.func.var(id).name);
        let tape = self.func.fresh(&base, span, Ty::Unknown, Role::Tape);
        self.flat.push((tape, TapeKind::Flat));
        tape
    }
}

/// A swap at the end of the iteration and its way back cancel out.
fn cancel(again: &mut Block, reverse: &mut Block) {
    let (Some(last), Some(first)) = (again.stmts.last(), reverse.stmts.first()) else {
        return;
    };
    if let (StmtKind::Swap(a, b), StmtKind::Swap(c, d)) = (&last.kind, &first.kind)
        && (a, b) == (c, d)
    {
        again.stmts.pop();
        reverse.stmts.remove(0);
    }
}
