//! Views are names for places: `row[j]` with `row = &w[a..b]` is `w[a..b][j]`.

use crate::ir::visit::walk;
use crate::ir::*;
use std::collections::HashMap;

#[derive(Default)]
pub(crate) struct Views {
    base: HashMap<VarId, Place>,
}

impl Views {
    pub fn of(func: &Func) -> Views {
        let mut views = Views::default();
        walk(&func.body, &mut |stmt| views.note(&stmt.kind));
        views
    }

    /// Takes note of a statement, if it declares views.
    pub fn note(&mut self, kind: &StmtKind) {
        match kind {
            StmtKind::View { var, place } => {
                self.base.insert(*var, place.clone());
            }
            StmtKind::Split { lo, hi, place, at } => {
                let half = |from, to| {
                    place.clone().then(Proj::Range {
                        from,
                        to,
                        inclusive: false,
                    })
                };
                self.base.insert(*lo, half(None, Some(at.clone())));
                self.base.insert(*hi, half(Some(at.clone()), None));
            }
            _ => {}
        }
    }

    /// Those of the views that a condition holds for.
    pub fn only(&self, wanted: impl Fn(VarId) -> bool) -> Views {
        let base = self.base.iter().filter(|(id, _)| wanted(**id));
        Views {
            base: base.map(|(id, place)| (*id, place.clone())).collect(),
        }
    }

    pub fn is_view(&self, id: VarId) -> bool {
        self.base.contains_key(&id)
    }

    /// The same place, named from a variable that is no view.
    pub fn expand(&self, place: &Place) -> Place {
        let Some(base) = self.base.get(&place.root) else {
            return place.clone();
        };
        let mut path = base.path.clone();
        // `*view` is the place itself; `view[i]` looks through the reference.
        path.extend(
            place
                .path
                .iter()
                .filter(|proj| !matches!(proj, Proj::Deref))
                .cloned(),
        );
        self.expand(&Place {
            root: base.root,
            path,
        })
    }

    pub fn root(&self, id: VarId) -> VarId {
        self.expand(&Place::of(id)).root
    }
}
