//! A reverse loop runs forwards where no trip waits for another: memory is read ahead
//! better that way, and vectors load straight.
//!
//! Additions commute (up to rounding); what is read or assigned must belong to one
//! trip alone: a local of the body, or the element of the trip itself.

use super::{Body, Tight};
use crate::ir::visit::walk;
use crate::ir::*;
use std::collections::HashMap;

pub(super) fn forwards(func: &Func, tight: &mut Tight) {
    let Some(range) = tight.range() else { return };
    let down = matches!(range.adapters.as_slice(), [Adapter::Rev]);
    if down
        && independent(func, &tight.each, range.var)
        && let Head::Range(range) = &mut tight.each.head
    {
        range.adapters.clear();
    }
}

/// What a loop does with the memory of one variable from outside.
#[derive(Default)]
struct Use {
    adds: bool,
    reads: bool,
    assigns: bool,
    /// All places are the element of the trip.
    own: Option<Atom>,
    mixed: bool,
}

fn independent(func: &Func, each: &Loop, j: VarId) -> bool {
    let body = Body::of(each);
    let mut own = std::collections::HashSet::new();
    let mut rows: HashMap<VarId, VarId> = HashMap::new();
    walk(&each.body, &mut |stmt| match &stmt.kind {
        // What is done to a row is done to the whole.
        StmtKind::View { var, place } => {
            rows.insert(*var, place.root);
        }
        kind => own.extend(kind.access().defines),
    });
    let whole = |id: VarId| rows.get(&id).copied().unwrap_or(id);
    let mut uses: HashMap<VarId, Use> = HashMap::new();
    let mut fine = true;
    walk(&each.body, &mut |stmt| {
        fine &= simple(&stmt.kind);
        let access = stmt.kind.access();
        let adds = matches!(stmt.kind, StmtKind::Update { .. });
        if matches!(stmt.kind, StmtKind::View { .. }) {
            return;
        }
        for place in &access.writes {
            let known = uses.entry(whole(place.root)).or_default();
            known.note(&body, place, j);
            known.mixed |= rows.contains_key(&place.root);
            if adds && func.var(place.root).ty.carries() {
                known.adds = true;
            } else {
                known.assigns = true;
            }
        }
        for place in &access.reads {
            if !adds {
                let known = uses.entry(whole(place.root)).or_default();
                known.note(&body, place, j);
                known.mixed |= rows.contains_key(&place.root);
                known.reads = true;
            }
        }
        // A cell as an atom is read as a whole.
        for id in access.atoms.iter().filter_map(|atom| atom.var()) {
            if func.var(id).cell {
                let known = uses.entry(id).or_default();
                known.reads = true;
                known.mixed = true;
            }
        }
    });
    fine && uses
        .iter()
        .all(|(id, known)| own.contains(id) || known.free())
}

impl Use {
    fn note(&mut self, body: &Body, place: &Place, j: VarId) {
        let element = match place.path.as_slice() {
            [Proj::Index(index)] if body.slope(index, j) == Some(1) => Some(index.clone()),
            _ => None,
        };
        match (&self.own, element) {
            (None, Some(element)) => self.own = Some(element),
            (Some(known), Some(element)) if *known == element => {}
            _ => self.mixed = true,
        }
    }

    /// Whether trips can change places.
    fn free(&self) -> bool {
        let changes = self.adds || self.assigns;
        let commutes = self.adds && !self.assigns && !self.reads;
        !changes || commutes || !self.mixed
    }
}

/// Statements that say all they do.
fn simple(kind: &StmtKind) -> bool {
    match kind {
        StmtKind::Let(_, value) | StmtKind::Cell(_, Some(value)) => {
            !matches!(value, Value::Opaque(_))
        }
        StmtKind::Cell(_, None)
        | StmtKind::Store { .. }
        | StmtKind::Update { .. }
        | StmtKind::View { .. }
        | StmtKind::If(..)
        | StmtKind::Loop(_)
        | StmtKind::Gate(..)
        | StmtKind::Accumulate { .. }
        | StmtKind::Clear(_) => true,
        _ => false,
    }
}
