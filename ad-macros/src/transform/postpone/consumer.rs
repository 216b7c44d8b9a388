//! What passes an adjoint on.
//!
//! Each trip has to take all of what it reads: what it left would come back in the next
//! one, which behind the loop there is not. So the elements that are read are cleared, and
//! they are the same in every trip.

use super::known::Known;
use super::search::Search;
use crate::ir::visit::walk;
use crate::ir::*;
use std::collections::HashSet;

/// What passes an adjoint on.
pub(super) struct Consumer<'a> {
    search: &'a Search<'a>,
    known: &'a Known,
    body: Block,
    id: VarId,
    own: HashSet<VarId>,
}

impl<'a> Consumer<'a> {
    /// `body`: all the statements that have to do with the adjoint `id`, and with what
    /// they define.
    pub fn of(search: &'a Search, body: Block, id: VarId, known: &'a Known) -> Consumer<'a> {
        let mut own = HashSet::new();
        walk(&body, &mut |stmt| own.extend(stmt.kind.access().defines));
        Consumer {
            search,
            known,
            body,
            id,
            own,
        }
    }

    pub fn linear(&self) -> bool {
        let mut linear = self.takes_all();
        walk(&self.body, &mut |stmt| linear &= self.stmt(&stmt.kind));
        linear
    }

    /// Whether what is read is cleared, the same in every trip.
    fn takes_all(&self) -> bool {
        let (mut read, mut cleared) = (Vec::new(), Vec::new());
        let mut same = true;
        walk(&self.body, &mut |stmt| {
            let access = stmt.kind.access();
            let own = |place: &&&Place| place.root == self.id;
            read.extend(access.reads.iter().filter(own).copied());
            cleared.extend(access.writes.iter().filter(own).copied());
            if let StmtKind::Loop(Loop { head, .. }) = &stmt.kind
                && let Head::Range(range) = head
            {
                same &= self.same(&range.from) && self.same(&range.to);
            }
        });
        let places = read.iter().chain(&cleared);
        same &= places
            .flat_map(|place| place.atoms())
            .all(|atom| self.same(atom));
        same && read.iter().all(|place| cleared.contains(place))
    }

    /// Whether a value does not depend on the trip.
    fn same(&self, atom: &Atom) -> bool {
        let Some(id) = atom.var().filter(|id| self.own.contains(id)) else {
            return self.search.fixed(atom);
        };
        let mut same = true;
        walk(&self.body, &mut |stmt| match &stmt.kind {
            StmtKind::Let(own, value) if *own == id => {
                value.atoms(&mut |atom| same &= self.same(atom));
                same &= value
                    .place()
                    .is_none_or(|place| !self.search.touched.contains(&place.root));
            }
            StmtKind::Cell(own, _) => same &= *own != id,
            _ => {}
        });
        same
    }

    fn stmt(&self, kind: &StmtKind) -> bool {
        let access = kind.access();
        let atoms = access.atoms.iter().all(|atom| self.atom(atom));
        let reads = access.reads.iter().all(|place| self.read(place, kind));
        atoms && reads && access.mentions.is_empty() && self.effect(kind)
    }

    fn atom(&self, atom: &Atom) -> bool {
        match atom.var() {
            Some(id) if self.own.contains(&id) => true,
            _ => !self.search.adjoint(atom) && self.known.computed(self.search, atom),
        }
    }

    fn read(&self, place: &Place, kind: &StmtKind) -> bool {
        let id = place.root;
        let shadow = matches!(self.search.func().var(id).role, Role::Shadow);
        let target = matches!(kind, StmtKind::Update { .. } | StmtKind::Accumulate { .. });
        id == self.id
            || self.own.contains(&id)
            || (shadow && target)
            || (!shadow && !self.search.touched.contains(&id))
    }

    fn effect(&self, kind: &StmtKind) -> bool {
        match kind {
            StmtKind::Let(_, value) | StmtKind::Cell(_, Some(value)) => matches!(
                value,
                Value::Atom(_)
                    | Value::Load(_)
                    | Value::Negate(_)
                    | Value::Cast(..)
                    | Value::Len(_)
                    | Value::Rule(..)
            ),
            StmtKind::Loop(each) => matches!(each.head, Head::Range(_)),
            StmtKind::Gate(..) => true,
            StmtKind::Clear(place) => place.root == self.id,
            StmtKind::Store { place, value, .. } => place.root == self.id && value.is_zero_float(),
            StmtKind::Update { place, .. } => self.target(place.root),
            StmtKind::Accumulate { into, .. } => self.target(into.root),
            _ => false,
        }
    }

    /// What is added to: a sum of the consumer's own, or one that the loop leaves alone.
    fn target(&self, id: VarId) -> bool {
        if self.own.contains(&id) {
            return true;
        }
        let shadow = matches!(self.search.func().var(id).role, Role::Shadow);
        shadow && id != self.id && !self.search.defined(id) && self.search.only_added_to(id)
    }
}
