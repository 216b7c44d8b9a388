//! A reverse loop runs forwards where no trip waits for another: memory is read ahead
//! better that way, and vectors load straight.
//!
//! Additions commute (up to rounding); what is read or assigned must belong to one
//! trip alone: a local of the body, or the element of the trip itself.

use super::{Body, Tight};
use crate::ir::visit::{Access, walk};
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

/// The places that a statement adds to, assigns and reads.
fn touched<'a>(
    func: &Func,
    kind: &'a StmtKind,
    access: &Access<'a>,
) -> (Vec<&'a Place>, Vec<&'a Place>, Vec<&'a Place>) {
    match kind {
        StmtKind::Update { place, .. } if func.var(place.root).ty.carries() => {
            (vec![place], Vec::new(), Vec::new())
        }
        StmtKind::Update { place, .. } => (Vec::new(), vec![place], Vec::new()),
        StmtKind::Accumulate { into, from } => (vec![into], Vec::new(), vec![from]),
        // To the adjoints of what it only reads, a derivative adds.
        StmtKind::Derivative(derivative) => {
            let shadows = derivative.shadows.iter();
            let shadows = shadows.filter_map(|shadow| shadow.place.as_ref());
            let args = derivative.call.args.iter().filter_map(|arg| match arg {
                Arg::Ref { place, .. } => Some(place),
                Arg::Value(_) => None,
            });
            (shadows.collect(), Vec::new(), args.collect())
        }
        _ => (Vec::new(), access.writes.clone(), access.reads.clone()),
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
    let mut pullbacks = Vec::new();
    walk(&each.body, &mut |stmt| {
        fine &= simple(&stmt.kind, &mut pullbacks);
        if matches!(stmt.kind, StmtKind::View { .. }) {
            return;
        }
        let access = stmt.kind.access();
        let (added, assigned, read) = touched(func, &stmt.kind, &access);
        let mut note = |places: Vec<&Place>, mark: fn(&mut Use)| {
            for place in places {
                let known = uses.entry(whole(place.root)).or_default();
                known.note(&body, place, j);
                known.mixed |= rows.contains_key(&place.root);
                mark(known);
            }
        };
        note(added, |known| known.adds = true);
        note(assigned, |known| known.assigns = true);
        note(read, |known| known.reads = true);
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
fn simple(kind: &StmtKind, pullbacks: &mut Vec<VarId>) -> bool {
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
        StmtKind::Call(call) => shares(call),
        StmtKind::Derivative(Derivative {
            kind, call, second, ..
        }) => match kind {
            // Its arguments are passed again, and shared all of them.
            DerivativeKind::Pullback => second.is_some_and(|id| pullbacks.contains(&id)),
            DerivativeKind::Augmented if shares(call) => {
                pullbacks.extend(second);
                true
            }
            DerivativeKind::Joint => shares(call),
            _ => false,
        },
        _ => false,
    }
}

/// Whether a call only reads its arguments.
fn shares(call: &Call) -> bool {
    call.args.iter().all(|arg| match arg {
        Arg::Ref { mutability, .. } => *mutability == Mutability::Shared,
        Arg::Value(_) => true,
    })
}
