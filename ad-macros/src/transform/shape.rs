//! Whose length may change: who asks only for a length, or for a zero of the same
//! shape, does not need the content.

use crate::analysis::views::Views;
use crate::ir::visit::walk;
use crate::ir::*;
use quote::ToTokens;
use std::collections::{HashMap, HashSet};

/// How surely a variable keeps its shape.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Shape {
    Changes,
    /// Kept if the facts about callees hold: who overwrites a slice cannot resize it.
    KeptIfFacts,
    Kept,
}

pub(super) struct Shapes {
    of: HashMap<VarId, Shape>,
}

impl Shapes {
    pub fn of(blocks: &[&Block], views: &Views) -> Shapes {
        let overwriting = overwriting(blocks);
        let mut shapes = Shapes { of: HashMap::new() };
        for block in blocks {
            walk(block, &mut |stmt| {
                shapes.note(&stmt.kind, views, &overwriting)
            });
        }
        shapes
    }

    pub fn get(&self, id: VarId) -> Shape {
        self.of.get(&id).copied().unwrap_or(Shape::Kept)
    }

    fn note(&mut self, kind: &StmtKind, views: &Views, overwriting: &HashSet<(VarId, String)>) {
        match kind {
            StmtKind::Store { place, .. } => self.lower(place, views, Shape::Changes),
            StmtKind::Swap(left, right) => {
                self.lower(left, views, Shape::Changes);
                self.lower(right, views, Shape::Changes);
            }
            StmtKind::Call(call) | StmtKind::Derivative(Derivative { call, .. }) => {
                let callee = call.callee.to_token_stream().to_string();
                for arg in &call.args {
                    if let Arg::Ref {
                        place,
                        mutability: Mutability::Mutable,
                        ..
                    } = arg
                    {
                        let root = views.root(place.root);
                        let shape = if overwriting.contains(&(root, callee.clone())) {
                            Shape::KeptIfFacts
                        } else {
                            Shape::Changes
                        };
                        self.lower(place, views, shape);
                    }
                }
            }
            _ => {}
        }
    }

    fn lower(&mut self, place: &Place, views: &Views, shape: Shape) {
        let place = views.expand(place);
        if place.path.is_empty() {
            let known = self.of.entry(place.root).or_insert(Shape::Kept);
            *known = shape.min(*known);
        }
    }
}

/// Variables, and the callees that overwrite them if a fact holds.
fn overwriting(blocks: &[&Block]) -> HashSet<(VarId, String)> {
    let mut found = HashSet::new();
    for block in blocks {
        walk(block, &mut |stmt| {
            if let StmtKind::Restore {
                place,
                unless: Some(fact),
                ..
            } = &stmt.kind
                && matches!(fact.kind, FactKind::Overwrites(_))
            {
                found.insert((place.root, fact.callee.to_token_stream().to_string()));
            }
        });
    }
    found
}
