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
        let reverse = self.reversed(&each.body, at + 1);
        let (first, own) = self.steps_back(id);
        let last = self.undo(self.replay.known.inductions.last(id));
        if reverse.is_empty() {
            return self.backwards(each, chain([first, own, last]), span);
        }
        let begin = self.begin(rerun, at, span);
        let mut again = augment::again(self, &each.body, rerun, at + 1);
        let mut reverse = reverse;
        cancel(&mut again, &mut reverse);
        let body = chain([begin, first, again, own, reverse, last]);
        self.backwards(each, body, span);
    }

    /// Pushes a loop that runs over its range backwards.
    fn backwards(&mut self, each: &Loop, body: Block, span: Span) {
        let mut head = each.head.clone();
        if let Head::Range(range) = &mut head {
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
