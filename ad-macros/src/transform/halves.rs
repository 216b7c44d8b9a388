//! Shadows of parts that lie apart, lent to one call.
//!
//! `layer(hidden, cell)` with `let (hidden, cell) = state.split_at_mut(b)` wants the shadows of
//! both halves at once. They are parts of one variable, which is split like the primal, in front
//! of the call. Fields of a tuple lie apart as they are.
//!
//! Last of all: no other pass has to know that two variables are the same memory.

use super::passes::{Pass, Passes};
use crate::ir::*;
use proc_macro2::Span;
use std::collections::BTreeMap;

/// A number and what leads to its place.
type Part = (usize, Vec<Proj>);

/// How the first difference of some paths tells them apart.
enum Step {
    Fields(Vec<Vec<Part>>),
    /// Both sides of `at`, behind as many projections; paths go on from the halves.
    Halves {
        behind: usize,
        at: Atom,
        lo: Vec<Part>,
        hi: Vec<Part>,
    },
}

/// What is lent to a call.
pub(super) struct Lent {
    places: BTreeMap<VarId, Vec<Place>>,
    /// Whether parts of one variable are told apart.
    parts: bool,
}

impl Lent {
    pub fn nothing(passes: &Passes) -> Lent {
        Lent {
            places: BTreeMap::new(),
            parts: passes.on(Pass::Halves),
        }
    }

    /// Whether the place can be lent, too.
    pub fn allows(&self, place: &Place) -> bool {
        self.places.get(&place.root).is_none_or(|lent| {
            let all: Vec<Place> = lent.iter().chain([place]).cloned().collect();
            self.parts && apart(&all)
        })
    }

    /// Lends the place, if that is allowed.
    pub fn lend(&mut self, place: &Place) -> bool {
        let allowed = self.allows(place);
        if allowed {
            self.places
                .entry(place.root)
                .or_default()
                .push(place.clone());
        }
        allowed
    }
}

/// Whether all of these parts of one variable can be lent at the same time.
fn apart(places: &[Place]) -> bool {
    fn all_apart(parts: &[Part]) -> bool {
        parts.len() < 2
            || match step(parts) {
                Some(Step::Fields(groups)) => groups.iter().all(|group| all_apart(group)),
                Some(Step::Halves { lo, hi, .. }) => all_apart(&lo) && all_apart(&hi),
                None => false,
            }
    }
    let parts: Vec<Part> = places.iter().map(|place| (0, place.path.clone())).collect();
    all_apart(&parts)
}

fn step(parts: &[Part]) -> Option<Step> {
    let first = &parts[0].1;
    let same = |depth: usize| {
        parts
            .iter()
            .all(|(_, path)| path.get(depth) == first.get(depth))
    };
    let behind = (0..first.len()).find(|depth| !same(*depth))?;
    let mut fields: BTreeMap<usize, Vec<Part>> = BTreeMap::new();
    let (mut lo, mut hi, mut cuts) = (Vec::new(), Vec::new(), Vec::new());
    for (number, path) in parts {
        let rest = || (*number, path[behind + 1..].to_vec());
        match path.get(behind)? {
            Proj::Field(index) => {
                let group = fields.entry(*index).or_default();
                group.push((*number, path.clone()));
            }
            Proj::Range {
                from: None,
                to: Some(at),
                inclusive: false,
            } => {
                lo.push(rest());
                cuts.push(at);
            }
            Proj::Range {
                from: Some(at),
                to: None,
                ..
            } => {
                hi.push(rest());
                cuts.push(at);
            }
            _ => return None,
        }
    }
    if cuts.is_empty() {
        return Some(Step::Fields(fields.into_values().collect()));
    }
    let at = cuts[0].clone();
    let one_cut = fields.is_empty() && cuts.iter().all(|cut| **cut == at);
    one_cut.then_some(Step::Halves { behind, at, lo, hi })
}

/// Splits shadows in front of the calls that want parts of them.
pub(crate) fn split_shadows(func: &mut Func, block: &mut Block) {
    for mut stmt in std::mem::take(&mut block.stmts) {
        for inner in stmt.kind.blocks_mut() {
            split_shadows(func, inner);
        }
        if let StmtKind::Derivative(derivative) = &mut stmt.kind {
            let mut halves = Halves {
                func,
                out: block,
                span: stmt.span,
                places: Vec::new(),
            };
            for (root, parts) in shared(derivative) {
                halves.divide(root, parts);
            }
            for (number, place) in halves.places {
                derivative.shadows[number].place = Some(place);
            }
        }
        block.stmts.push(stmt);
    }
}

/// The parts of variables of which a call wants several, and writes one.
fn shared(derivative: &Derivative) -> BTreeMap<VarId, Vec<Part>> {
    let mut parts: BTreeMap<VarId, Vec<Part>> = BTreeMap::new();
    if derivative.kind == DerivativeKind::Augmented {
        return parts;
    }
    let mut written = Vec::new();
    let forward = derivative.kind == DerivativeKind::Forward;
    for (number, (shadow, arg)) in derivative
        .shadows
        .iter()
        .zip(&derivative.call.args)
        .enumerate()
    {
        if let (Some(place), Some(_)) = (&shadow.place, &shadow.active) {
            let part = (number, place.path.clone());
            parts.entry(place.root).or_default().push(part);
            let mutable = Mutability::Mutable;
            if !forward || matches!(arg, Arg::Ref { mutability, .. } if *mutability == mutable) {
                written.push(place.root);
            }
        }
    }
    parts.retain(|root, parts| parts.len() > 1 && written.contains(root));
    parts
}

struct Halves<'a> {
    func: &'a mut Func,
    out: &'a mut Block,
    span: Span,
    /// Per argument, by number: its place behind the splits.
    places: Vec<(usize, Place)>,
}

impl Halves<'_> {
    fn divide(&mut self, base: VarId, parts: Vec<Part>) {
        let step = if parts.len() > 1 { step(&parts) } else { None };
        match step {
            Some(Step::Fields(groups)) => groups
                .into_iter()
                .for_each(|group| self.divide(base, group)),
            Some(Step::Halves { behind, at, lo, hi }) => {
                let place = Place {
                    root: base,
                    path: parts[0].1[..behind].to_vec(),
                };
                let halves = ["lo", "hi"].map(|side| self.half(base, side));
                let split = StmtKind::Split {
                    lo: halves[0],
                    hi: halves[1],
                    place,
                    at,
                };
                self.out.push(self.span, split);
                self.divide(halves[0], lo);
                self.divide(halves[1], hi);
            }
            None => {
                let place = |path| Place { root: base, path };
                let places = parts
                    .into_iter()
                    .map(|(number, path)| (number, place(path)));
                self.places.extend(places);
            }
        }
    }

    fn half(&mut self, base: VarId, side: &str) -> VarId {
        let name = format!("{}_{side}", self.func.var(base).name);
        let ty = Ty::Seq(Box::new(Ty::Unknown), SeqForm::Slice);
        let id = self.func.fresh(&name, self.span, ty, Role::Shadow);
        self.func.var_mut(id).reference = Some(Mutability::Mutable);
        id
    }
}
