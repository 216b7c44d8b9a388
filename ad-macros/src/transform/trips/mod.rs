//! A vector for each trip.
//!
//! A loop that leaves a vector to the tape in each trip ([`crate::analysis::exchange`]), and the
//! loop that runs back and takes them again, need no tape: each trip has a vector of its own,
//! `qx_rows[c]`, in both.
//!
//! Where a callee turns out to read the vector before it overwrites it, what the trip before has
//! left goes from one to the next through the variable itself.

mod row;

use super::reverse::Sweeps;
use crate::ir::visit::walk;
use crate::ir::*;
use proc_macro2::Span;
use std::collections::{BTreeMap, HashMap};

pub(super) fn trips(sweeps: &mut Sweeps) {
    let mut pass = Trips::of(sweeps);
    let mut first = sweeps.func.body.stmts.len();
    let mut stmts = std::mem::take(&mut sweeps.func.body.stmts);
    stmts.append(&mut sweeps.reverse.stmts);
    let made = pass.list(&mut sweeps.func, &mut stmts, &Around::default());
    first += made
        .iter()
        .filter(|(at, _)| *at < first)
        .map(|(_, count)| count)
        .sum::<usize>();
    sweeps.reverse.stmts = stmts.split_off(first);
    sweeps.func.body.stmts = stmts;
    sweeps.tapes.retain(|(tape, _)| !pass.gone.contains(tape));
    sweeps.rows = pass.rows;
}

#[derive(Default)]
struct Trips {
    /// How often the sweeps mention a tape of vectors.
    mentioned: HashMap<VarId, usize>,
    /// Parameters, and what a statement of the function itself names: its position.
    named: HashMap<VarId, usize>,
    /// Variables that have a name of their own in front of the loops.
    viewed: Vec<VarId>,
    /// What goes in front of the outermost loop.
    before: Vec<Stmt>,
    gone: Vec<VarId>,
    /// The vectors that were made, and of which.
    rows: BTreeMap<VarId, VarId>,
}

/// Where a list of statements stands.
#[derive(Clone, Default)]
struct Around {
    /// The statement of the function itself that it is in.
    top: Option<usize>,
    /// The bounds of the loops around it.
    loops: Vec<(Atom, Atom)>,
    /// Whether something else between the loops may keep it from running.
    guarded: bool,
    /// Bounds of which the first is known to be below the second.
    ordered: Vec<(Atom, Atom)>,
}

/// A vector that two loops may have one of for each trip.
struct Handed {
    tape: VarId,
    vector: VarId,
    /// What has to hold for each trip to overwrite it.
    facts: Vec<Fact>,
}

impl Trips {
    fn of(sweeps: &Sweeps) -> Trips {
        let mut pass = Trips::default();
        for block in [&sweeps.func.body, &sweeps.reverse] {
            walk(block, &mut |stmt| {
                if let StmtKind::Keep { tape, .. } | StmtKind::Restore { tape, .. } = &stmt.kind {
                    *pass.mentioned.entry(*tape).or_default() += 1;
                }
            });
        }
        let top = sweeps.func.body.stmts.iter().chain(&sweeps.reverse.stmts);
        for (at, stmt) in top.enumerate() {
            let once = |id: &VarId| !sweeps.func.var(*id).cell || is_vector(&sweeps.func, *id);
            let defines = stmt.kind.access().defines.into_iter().filter(once);
            pass.named.extend(defines.map(|id| (id, at + 1)));
            if let StmtKind::View { place, .. } | StmtKind::Split { place, .. } = &stmt.kind {
                pass.viewed.push(place.root);
            }
        }
        let params = sweeps.func.params.iter().map(|param| (*param, 0));
        pass.named.extend(params);
        pass
    }

    /// Looks for pairs of loops in a list. Where statements were put in, and how many.
    fn list(
        &mut self,
        func: &mut Func,
        stmts: &mut Vec<Stmt>,
        around: &Around,
    ) -> Vec<(usize, usize)> {
        let mut made = Vec::new();
        for at in 0..stmts.len() {
            let inside = inside(around, &stmts[..=at]);
            let (here, behind) = stmts.split_at_mut(at + 1);
            for inner in here[at].kind.blocks_mut() {
                self.list(func, &mut inner.stmts, &inside);
            }
            let top = around.top.unwrap_or(at);
            self.pairs(
                func,
                &mut here[at],
                behind,
                &Around {
                    top: Some(top),
                    ..around.clone()
                },
            );
            if around.loops.is_empty() && !around.guarded && !self.before.is_empty() {
                made.push((at, std::mem::take(&mut self.before)));
            }
        }
        let counts = made.iter().map(|(at, stmts)| (*at, stmts.len())).collect();
        for (at, before) in made.into_iter().rev() {
            stmts.splice(at..at, before);
        }
        counts
    }

    /// Pairs a loop with those behind it.
    fn pairs(&mut self, func: &mut Func, stmt: &mut Stmt, behind: &mut [Stmt], around: &Around) {
        let span = stmt.span;
        let StmtKind::Loop(forward) = &mut stmt.kind else {
            return;
        };
        for handed in handed(&forward.body) {
            let back = behind.iter_mut().find_map(|stmt| match &mut stmt.kind {
                StmtKind::Loop(back) if takes(&back.body, handed.tape) => Some(back),
                _ => None,
            });
            if let Some(back) = back
                && self.fits(func, &handed, (forward, back), around)
            {
                self.own_vectors(func, &handed, (forward, back), around, span);
            }
        }
    }

    fn fits(
        &self,
        func: &Func,
        handed: &Handed,
        (forward, back): (&Loop, &Loop),
        around: &Around,
    ) -> bool {
        let top = around.top.unwrap_or_default();
        let there = |id: VarId| self.named.get(&id).is_some_and(|at| *at <= top);
        let known = |atom: &Atom| atom.var().is_none_or(there);
        let (Head::Range(up), Head::Range(down)) = (&forward.head, &back.head) else {
            return false;
        };
        let zero = |atom: &Atom| matches!(atom, Atom::Lit(syn::Lit::Int(lit)) if lit.base10_digits() == "0");
        let same = up.is_plain() && down.is_whole() && !down.runs_up() && up.to == down.to;
        let index = func.var(up.var).ty.is_usize() && func.var(down.var).ty.is_usize();
        let mut bounds = around.loops.iter().flat_map(|(from, to)| [from, to]);
        same && index
            && !around.guarded
            && zero(&up.from)
            && zero(&down.from)
            && known(&up.to)
            && bounds.all(known)
            && there(handed.vector)
            && self.mentioned.get(&handed.tape) == Some(&2)
            && !self.viewed.contains(&handed.vector)
            && [&forward.body, &back.body]
                .iter()
                .all(|body| only_places(body, handed.vector))
    }

    /// Makes the vectors, and lets both loops use them.
    fn own_vectors(
        &mut self,
        func: &mut Func,
        handed: &Handed,
        (forward, back): (&mut Loop, &mut Loop),
        around: &Around,
        span: Span,
    ) {
        let (Head::Range(up), Head::Range(down)) = (&forward.head, &back.head) else {
            return;
        };
        let (up, down) = (up.clone(), down.clone());
        let var = func.var(handed.vector).clone();
        let count = self.count(func, up.to, around, span);
        let one = func.fresh("row", span, var.ty.clone(), Role::Temp);
        let many = Ty::Seq(Box::new(var.ty.clone()), SeqForm::Vec);
        let rows = func.fresh(&format!("{}_rows", var.name), span, many, Role::Temp);
        func.var_mut(rows).cell = true;
        let copied = Value::Copied(Place::of(handed.vector), CopyForm::Clone);
        let all = Value::Repeat(SeqForm::Vec, Atom::Var(one), count);
        let made = [StmtKind::Let(one, copied), StmtKind::Cell(rows, Some(all))];
        self.before.extend(made.map(|kind| Stmt { span, kind }));
        row::in_row(func, &mut forward.body, handed, (rows, up.var));
        row::in_row(func, &mut back.body, handed, (rows, down.var));
        self.gone.push(handed.tape);
        self.rows.insert(rows, handed.vector);
    }

    /// How many vectors there have to be: none if a loop around runs through nothing.
    fn count(&mut self, func: &mut Func, trips: Atom, around: &Around, span: Span) -> Atom {
        let mut count = trips;
        for bounds in around.loops.iter().rev() {
            if around.ordered.contains(bounds) {
                continue;
            }
            let less = Inert::Operator(syn::parse_quote!(<));
            let (from, to) = bounds.clone();
            let runs = func.fresh("t", span, Ty::discrete("bool"), Role::Temp);
            let value = Value::Inert(less, vec![from, to]);
            let chosen = func.fresh("count", span, Ty::discrete("usize"), Role::Temp);
            func.var_mut(chosen).cell = true;
            let store = |value: Atom| {
                let mut block = Block::default();
                let place = Place::of(chosen);
                let first = true;
                block.push(
                    span,
                    StmtKind::Store {
                        place,
                        value,
                        first,
                    },
                );
                block
            };
            let kinds = [
                StmtKind::Let(runs, value),
                StmtKind::Cell(chosen, None),
                StmtKind::If(Atom::Var(runs), store(count), store(Atom::int(0))),
            ];
            self.before.extend(kinds.map(|kind| Stmt { span, kind }));
            count = Atom::Var(chosen);
        }
        count
    }
}

/// What is around the blocks of the last of some statements.
fn inside(around: &Around, stmts: &[Stmt]) -> Around {
    let mut inside = around.clone();
    let Some((last, before)) = stmts.split_last() else {
        return inside;
    };
    inside.top = inside.top.or(Some(before.len()));
    match &last.kind {
        StmtKind::Loop(each) => match &each.head {
            Head::Range(range) if !range.inclusive => {
                inside.loops.push((range.from.clone(), range.to.clone()));
            }
            _ => inside.guarded = true,
        },
        _ if !around.loops.is_empty() => inside.guarded = true,
        StmtKind::If(cond, _, no) if no.is_empty() => {
            inside
                .ordered
                .extend(before.iter().find_map(|stmt| match &stmt.kind {
                    StmtKind::Let(id, Value::Inert(Inert::Operator(syn::BinOp::Lt(_)), atoms))
                        if cond.var() == Some(*id) =>
                    {
                        Some((atoms[0].clone(), atoms[1].clone()))
                    }
                    _ => None,
                }));
        }
        _ => {}
    }
    inside
}

fn is_vector(func: &Func, id: VarId) -> bool {
    matches!(func.var(id).ty, Ty::Seq(_, SeqForm::Vec))
}

/// The vectors that an iteration leaves to tapes.
fn handed(body: &Block) -> Vec<Handed> {
    let kept = body.stmts.iter().filter_map(|stmt| match &stmt.kind {
        StmtKind::Keep {
            tape,
            place,
            exchange: Some(facts),
            ..
        } if place.path.is_empty() => Some(Handed {
            tape: *tape,
            vector: place.root,
            facts: facts.clone(),
        }),
        _ => None,
    });
    kept.collect()
}

fn takes(body: &Block, wanted: VarId) -> bool {
    body.stmts
        .iter()
        .any(|stmt| matches!(&stmt.kind, StmtKind::Restore { tape, .. } if *tape == wanted))
}

/// Whether all that a block does with a vector is named by places: it is not moved.
fn only_places(body: &Block, vector: VarId) -> bool {
    let mut only = true;
    walk(body, &mut |stmt| {
        let access = stmt.kind.access();
        let moved = access.atoms.iter().any(|atom| atom.var() == Some(vector));
        let swapped = matches!(stmt.kind, StmtKind::Swap(..) | StmtKind::Take(..));
        let named = access.variables().any(|id| id == vector);
        let mentioned = access.mentions.contains(&vector);
        only &= !(moved || mentioned || (swapped && named));
    });
    only
}
