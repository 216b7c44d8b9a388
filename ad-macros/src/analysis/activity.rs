//! Which variables carry derivatives.
//!
//! A variable is *varied* if its value depends on a differentiable parameter;
//! the set of those parameters is kept, because a caller may switch each of them
//! off. It is *useful* if a result depends on it. It is *active* if it is both.
//! Both are fixpoints over the whole body, per variable: the order of
//! statements does not matter, and views count as what they are a name for.

use super::views::Views;
use crate::ir::visit::{Access, walk};
use crate::ir::*;
use std::collections::{BTreeMap, HashSet};

pub(crate) struct Activity {
    varied: BTreeMap<VarId, Params>,
    useful: HashSet<VarId>,
}

impl Activity {
    /// `differentiable`: per parameter, whether it has a shadow.
    pub fn of(func: &Func, views: &Views, differentiable: &[bool]) -> Activity {
        let mut activity = Activity {
            varied: BTreeMap::new(),
            useful: HashSet::new(),
        };
        for (position, param) in func.params.iter().enumerate() {
            if differentiable[position] {
                activity.varied.entry(*param).or_default().insert(position);
                if func.var(*param).reference == Some(Mutability::Mutable) {
                    activity.useful.insert(*param);
                }
            }
        }
        activity.useful.extend(
            func.ret
                .as_ref()
                .and_then(Atom::var)
                .map(|id| views.root(id)),
        );
        activity.fixpoint(func, views);
        activity
    }

    fn fixpoint(&mut self, func: &Func, views: &Views) {
        let mut changed = true;
        while changed {
            changed = false;
            walk(&func.body, &mut |stmt| {
                for (sources, targets) in flows(&stmt.kind) {
                    changed |= self.flow(func, views, &sources, &targets);
                }
            });
        }
    }

    /// Lets derivatives flow from `sources` to `targets`, usefulness back.
    fn flow(&mut self, func: &Func, views: &Views, sources: &[VarId], targets: &[VarId]) -> bool {
        let mut changed = false;
        let carrying = |id: &&VarId| func.var(**id).ty.carries();
        let from: Params = sources
            .iter()
            .filter(carrying)
            .flat_map(|id| {
                self.params(views.root(*id))
                    .iter()
                    .copied()
                    .collect::<Vec<_>>()
            })
            .collect();
        for target in targets.iter().filter(carrying) {
            let set = self.varied.entry(views.root(*target)).or_default();
            let before = set.len();
            set.extend(&from);
            changed |= set.len() != before;
        }
        let useful = targets
            .iter()
            .any(|id| self.useful.contains(&views.root(*id)));
        if useful {
            for source in sources {
                changed |= self.useful.insert(views.root(*source));
            }
        }
        changed
    }

    /// The parameters the variable's value depends on.
    pub fn params(&self, root: VarId) -> &Params {
        static NONE: Params = Params::new();
        self.varied.get(&root).unwrap_or(&NONE)
    }

    pub fn is_varied(&self, func: &Func, views: &Views, id: VarId) -> bool {
        func.var(id).ty.carries() && !self.params(views.root(id)).is_empty()
    }

    pub fn is_active(&self, func: &Func, views: &Views, id: VarId) -> bool {
        self.is_varied(func, views, id) && self.useful.contains(&views.root(id))
    }
}

/// Pairs of (what is read, what it flows into) of one statement.
fn flows(kind: &StmtKind) -> Vec<(Vec<VarId>, Vec<VarId>)> {
    let access = kind.access();
    match kind {
        StmtKind::Let(id, value) | StmtKind::Cell(id, Some(value)) => {
            if matches!(value, Value::Inert(..) | Value::Len(_) | Value::Opaque(_)) {
                return Vec::new();
            }
            vec![(data(&access), vec![*id])]
        }
        StmtKind::Store { place, value, .. }
        | StmtKind::Update { place, value, .. }
        | StmtKind::Fill(place, value) => {
            vec![(value.var().into_iter().collect(), vec![place.root])]
        }
        StmtKind::CopyFrom(to, from) => vec![(vec![from.root], vec![to.root])],
        StmtKind::Swap(left, right) => vec![
            (vec![left.root], vec![right.root]),
            (vec![right.root], vec![left.root]),
        ],
        StmtKind::Call(call) => {
            let mut sources = Vec::new();
            let mut targets: Vec<VarId> = call.out.into_iter().collect();
            for arg in &call.args {
                match arg {
                    Arg::Value(atom) => sources.extend(atom.var()),
                    Arg::Ref {
                        place, mutability, ..
                    } => {
                        sources.push(place.root);
                        if *mutability == Mutability::Mutable {
                            targets.push(place.root);
                        }
                    }
                }
            }
            vec![(sources, targets)]
        }
        _ => Vec::new(),
    }
}

/// What a value is computed from, without the indices that choose places.
fn data(access: &Access) -> Vec<VarId> {
    let places = access.reads.iter().map(|place| place.root);
    let indices: HashSet<*const Atom> = access
        .reads
        .iter()
        .flat_map(|place| place.atoms().map(std::ptr::from_ref))
        .collect();
    access
        .atoms
        .iter()
        .filter(|atom| !indices.contains(&std::ptr::from_ref(**atom)))
        .filter_map(|atom| atom.var())
        .chain(places)
        .collect()
}
