//! Arrays of the caller are copied once, where the reverse sweep wants elements in more than one
//! trip that are not there any more: as they were at first, or as the function leaves them.
//!
//! Elements that the function writes over later are gone. So are all others when there is a
//! pullback, since the caller may write between the sweeps what it has lent. A tape would take a
//! number for each trip: `n * n` for a state of `n` numbers of which a step reads all for each,
//! `n * n * n / 6` for a matrix that is factorised in place, which has `n * n`.

use super::Facts;
use super::reverse::Sweeps;
use crate::analysis::apart::{Names, sum};
use crate::analysis::elements::Elements;
use crate::analysis::layout::{BlockId, Layout};
use crate::analysis::timing::Timing;
use crate::analysis::views::Views;
use crate::ir::*;
use std::collections::{BTreeMap, BTreeSet};

/// What is read from copies, if it is needed.
#[derive(Clone, Default)]
pub(super) struct Copies {
    /// Positions of reads of what an array held at first.
    pub first: BTreeSet<usize>,
    /// Arrays of which elements are wanted as they are left.
    pub last: BTreeSet<VarId>,
}

impl Copies {
    pub fn of(facts: &Facts, layout: &Layout, timing: &Timing) -> Copies {
        let elements = &Elements {
            layout,
            timing,
            views: facts.views,
        };
        let mut copies = Copies::default();
        for (at, (stmt, home)) in layout.order.iter().enumerate() {
            let StmtKind::Let(_, Value::Load(place)) = &stmt.kind else {
                continue;
            };
            let place = facts.views.expand(place);
            let var = facts.func.var(place.root);
            let param = matches!(var.role, Role::Param(_));
            let theirs = param && var.reference == Some(Mutability::Mutable);
            if !theirs || !numbers(&var.ty) || !repeated(elements, &place, *home) {
                continue;
            }
            if elements.stay(&place, at, *home) {
                if timing.is_lent(place.root) {
                    copies.last.insert(place.root);
                }
            } else if untouched(layout, timing, place.root, (at, *home)) {
                copies.first.insert(at);
            }
        }
        copies
    }

    /// Lets the reverse sweep read copies.
    pub fn make(&self, sweeps: &mut Sweeps, layout: &Layout, views: &Views) {
        let mut firsts: BTreeMap<VarId, BTreeSet<VarId>> = BTreeMap::new();
        for at in &self.first {
            if let StmtKind::Let(id, Value::Load(place)) = &layout.order[*at].0.kind {
                let param = views.root(place.root);
                firsts.entry(param).or_default().insert(*id);
            }
        }
        for (param, reads) in firsts {
            let first = copied(sweeps, param, "first", views, &|id| reads.contains(&id));
            if let Some(stmt) = first {
                sweeps.func.body.stmts.insert(0, stmt);
            }
        }
        for param in &self.last {
            let last = copied(sweeps, *param, "last", views, &|_| true);
            sweeps.func.body.stmts.extend(last);
        }
    }
}

/// Whether a read finds what the caller has put there.
fn untouched(layout: &Layout, timing: &Timing, root: VarId, (at, home): (usize, BlockId)) -> bool {
    let around = &layout.blocks[home.0].loops;
    timing.writes(root).iter().all(|(write, block)| {
        let mut loops = layout.blocks[block.0].loops.iter();
        *write > at && !loops.any(|id| around.contains(id))
    })
}

/// Whether a type is an array of what can be copied in one piece.
fn numbers(ty: &Ty) -> bool {
    match ty {
        Ty::Seq(elem, _) => match elem.as_ref() {
            Ty::Seq(elem, SeqForm::Array) => elem.is_scalar(),
            elem => elem.is_scalar(),
        },
        _ => false,
    }
}

/// Whether a loop around a block comes back to the same element.
fn repeated(elements: &Elements, place: &Place, home: BlockId) -> bool {
    let mut used = BTreeSet::new();
    for atom in place.atoms() {
        variables(elements, atom, &mut used);
    }
    let mut loops = elements.layout.blocks[home.0].loops.iter();
    loops.any(
        |id| match elements.layout.each(*id).map(|each| &each.head) {
            Some(Head::Range(range)) => !used.contains(&range.var),
            _ => false,
        },
    )
}

/// What an index is made of.
fn variables(elements: &Elements, atom: &Atom, used: &mut BTreeSet<VarId>) {
    let sum = sum(elements.layout, atom);
    for id in sum.iter().flat_map(|sum| sum.terms.keys()) {
        if used.insert(*id)
            && let Some(value) = elements.layout.value(*id)
        {
            value.atoms(&mut |atom| variables(elements, atom, used));
        }
    }
}

/// Lets values of the reverse sweep be read from a copy of a parameter. The statement that makes
/// it, if there are any.
fn copied(
    sweeps: &mut Sweeps,
    param: VarId,
    name: &str,
    views: &Views,
    read: &dyn Fn(VarId) -> bool,
) -> Option<Stmt> {
    let lent = sweeps.func.var(param).clone();
    let name = format!("{}_{name}", lent.name);
    let copy = sweeps.func.fresh(&name, lent.span, lent.ty, Role::Tape);
    let found = redirect(&mut sweeps.reverse, (param, copy), views, read);
    found.then_some(Stmt {
        span: lent.span,
        kind: StmtKind::Let(copy, Value::Pooled(Place::of(param))),
    })
}

fn redirect(
    block: &mut Block,
    (param, copy): (VarId, VarId),
    views: &Views,
    read: &dyn Fn(VarId) -> bool,
) -> bool {
    let mut found = false;
    for stmt in &mut block.stmts {
        if let StmtKind::Let(id, Value::Load(place)) = &mut stmt.kind
            && views.root(place.root) == param
            && read(*id)
        {
            *place = views.expand(place);
            place.root = copy;
            found = true;
        }
        for inner in stmt.kind.blocks_mut() {
            found |= redirect(inner, (param, copy), views, read);
        }
    }
    found
}
