//! What a piece of code overwrites before it reads it.
//!
//! A scratch array that each iteration of a loop fills anew carries nothing from
//! one iteration to the next, and a parameter that a function fills before it
//! reads it takes nothing from the caller. Elements are not told apart one by one:
//! the first access to the array has to overwrite a range of it whose bounds are
//! fixed, and no later write may reach beyond. What lies outside of the range is
//! then never written at all.

use super::layout::{BlockId, Layout};
use super::views::Views;
use crate::ir::visit::walk;
use crate::ir::*;

/// How far an array is overwritten.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Extent {
    Whole,
    /// From the first bound up to the second.
    Range(Atom, Atom),
    /// As far as a callee says, if it does.
    Callee(Fact),
}

/// A piece of code: a loop body, or a function.
pub(crate) struct Region<'a> {
    pub layout: &'a Layout<'a>,
    pub views: &'a Views,
    pub block: &'a Block,
    /// Whether a bound is the same each time the region runs.
    pub fixed: &'a dyn Fn(&Atom) -> bool,
}

impl Region<'_> {
    /// How far the region overwrites `id` before it reads it; `None` if it may read it first.
    pub fn overwrites(&self, id: VarId) -> Option<Extent> {
        let extent = self.first(self.block, id)?;
        let extent = self.completed(extent, id);
        let mut writes = 0;
        let mut inside = true;
        walk(self.block, &mut |stmt| {
            for place in stmt.kind.access().writes {
                let place = self.views.expand(place);
                if place.root == id {
                    writes += 1;
                    inside &= self.inside(&extent, &place);
                }
            }
        });
        let alone = !matches!(extent, Extent::Callee(_)) || writes == 1;
        (inside && alone).then_some(extent)
    }

    /// What the first access to `id` in a block overwrites.
    fn first(&self, block: &Block, id: VarId) -> Option<Extent> {
        let at = block
            .stmts
            .iter()
            .position(|stmt| self.mentions(stmt, id))?;
        let elsewhere = || {
            let mut later = block.stmts[at + 1..].iter();
            later.any(|stmt| self.mentions(stmt, id))
        };
        match &block.stmts[at].kind {
            StmtKind::Store { place, .. } | StmtKind::Fill(place, _) => self.extent(place, id),
            StmtKind::CopyFrom(to, from) if self.views.root(from.root) != id => self.extent(to, id),
            StmtKind::Call(call) => self.callee(call, id),
            StmtKind::Loop(each) => {
                let Head::Range(range) = &each.head else {
                    return None;
                };
                if crate::transform::breaks(&each.body) {
                    return None;
                }
                if let Some(extent) = self.filled(each, range, id) {
                    return Some(extent);
                }
                // The loop may run no time at all: then nothing else may look.
                let inner = self.first(&each.body, id)?;
                (!elsewhere()).then_some(inner)
            }
            _ => None,
        }
    }

    /// The extent of a whole array or a range of fixed bounds.
    fn extent(&self, place: &Place, id: VarId) -> Option<Extent> {
        let place = self.views.expand(place);
        if place.root != id {
            return None;
        }
        match place.path.as_slice() {
            [] | [Proj::Deref] => Some(Extent::Whole),
            [
                Proj::Range {
                    from,
                    to: Some(to),
                    inclusive: false,
                },
            ] => {
                let from = from.clone().unwrap_or(Atom::int(0));
                ((self.fixed)(&from) && (self.fixed)(to)).then(|| Extent::Range(from, to.clone()))
            }
            _ => None,
        }
    }

    /// `for i in from..to { .. id[i] = e; .. }` without a read before the store.
    fn filled(&self, each: &Loop, range: &Range, id: VarId) -> Option<Extent> {
        if !range.is_whole() {
            return None;
        }
        let mut stmts = each.body.stmts.iter();
        let first = stmts.find(|stmt| self.mentions(stmt, id))?;
        let StmtKind::Store { place, .. } = &first.kind else {
            return None;
        };
        let place = self.views.expand(place);
        let element = [Proj::Index(Atom::Var(range.var))];
        if !self.only(&each.body, id, &element) {
            return None;
        }
        let fixed = (self.fixed)(&range.from) && (self.fixed)(&range.to);
        (place.root == id && place.path == element && fixed)
            .then(|| Extent::Range(range.from.clone(), range.to.clone()))
    }

    /// Whether a block touches no other part of `id` than this one.
    fn only(&self, block: &Block, id: VarId, part: &[Proj]) -> bool {
        let mut only = true;
        walk(block, &mut |stmt| {
            let access = stmt.kind.access();
            let places = access.reads.iter().chain(&access.writes);
            for place in places.map(|place| self.views.expand(place)) {
                only &= place.root != id || place.path == part;
            }
            let atoms = access.atoms.iter().filter_map(|atom| atom.var());
            let mut others = atoms.chain(access.mentions.iter().copied());
            only &= !others.any(|other| self.views.root(other) == id);
        });
        only
    }

    /// A call that gets the whole array as `&mut`, and no other part of it.
    fn callee(&self, call: &Call, id: VarId) -> Option<Extent> {
        let root = |arg: &Arg| match arg {
            Arg::Value(atom) => atom.var(),
            Arg::Ref { place, .. } => Some(self.views.root(place.root)),
        };
        let given: Vec<usize> = (0..call.args.len())
            .filter(|position| root(&call.args[*position]) == Some(id))
            .collect();
        let [argument] = given.as_slice() else {
            return None;
        };
        let Arg::Ref {
            place,
            mutability: Mutability::Mutable,
            ..
        } = &call.args[*argument]
        else {
            return None;
        };
        let whole = self.views.expand(place).path.is_empty();
        let fixed = (0..call.args.len())
            .filter(|position| position == argument || self.fixed_arg(&call.args[*position]));
        whole.then(|| {
            Extent::Callee(Fact {
                callee: call.callee.clone(),
                argument: *argument,
                kind: FactKind::Overwrites(fixed.collect()),
            })
        })
    }

    /// Whether an argument by value, or the length of one by reference, is fixed.
    fn fixed_arg(&self, arg: &Arg) -> bool {
        match arg {
            Arg::Value(atom) => (self.fixed)(atom),
            Arg::Ref { place, .. } => {
                let place = self.views.expand(place);
                let outer = self.layout.home(place.root);
                let inner = self.layout.id(self.block);
                let outside = outer != inner && self.layout.within(inner, outer);
                match place.path.last() {
                    None | Some(Proj::Deref) => outside && !self.replaced(place.root),
                    Some(Proj::Range {
                        from,
                        to: Some(to),
                        inclusive: false,
                    }) => from.iter().all(|from| (self.fixed)(from)) && (self.fixed)(to),
                    _ => false,
                }
            }
        }
    }

    /// Whether the region may give a variable another length.
    fn replaced(&self, id: VarId) -> bool {
        let mut found = false;
        walk(self.block, &mut |stmt| {
            for place in stmt.kind.access().writes {
                let place = self.views.expand(place);
                found |= place.root == id && place.path.is_empty();
            }
        });
        found
    }

    /// `0..n` of an array made with `n` elements is all of it.
    fn completed(&self, extent: Extent, id: VarId) -> Extent {
        let Extent::Range(from, to) = &extent else {
            return extent;
        };
        let made = self.layout.definition(id).map(|made| &made.stmt.kind);
        let length = match made {
            Some(StmtKind::Cell(_, Some(Value::Repeat(_, _, n)))) => Some(n),
            _ => None,
        };
        if from.is_zero() && length == Some(to) {
            return Extent::Whole;
        }
        extent
    }

    /// Whether a write stays inside of what is overwritten.
    fn inside(&self, extent: &Extent, place: &Place) -> bool {
        let Extent::Range(from, to) = extent else {
            return true;
        };
        match place.path.first() {
            Some(Proj::Index(Atom::Var(index))) => self.ranges_over(*index, from, to),
            Some(Proj::Range {
                from: low,
                to: Some(high),
                inclusive: false,
            }) => high == to && (from.is_zero() || low.as_ref() == Some(from)),
            _ => false,
        }
    }

    /// Whether a loop variable stays between the bounds.
    fn ranges_over(&self, index: VarId, from: &Atom, to: &Atom) -> bool {
        let Some(made) = self.layout.definition(index) else {
            return false;
        };
        match &made.stmt.kind {
            StmtKind::Loop(Loop {
                head: Head::Range(range),
                ..
            }) => !range.inclusive && range.to == *to && (from.is_zero() || range.from == *from),
            _ => false,
        }
    }

    fn mentions(&self, stmt: &Stmt, id: VarId) -> bool {
        let touches = |stmt: &Stmt| {
            let access = stmt.kind.access();
            let named = matches!(stmt.kind, StmtKind::View { .. } | StmtKind::Split { .. });
            !named && access.variables().any(|other| self.views.root(other) == id)
        };
        let mut found = touches(stmt);
        for inner in stmt.kind.blocks() {
            walk(inner, &mut |stmt| found |= touches(stmt));
        }
        found
    }
}

/// Per parameter, whether the function overwrites it before it reads it: then the
/// parameters whose lengths and values say how far.
pub(crate) fn overwritten(func: &Func, layout: &Layout, views: &Views) -> Vec<Option<Vec<usize>>> {
    let origin = |atom: &Atom| origin(func, layout, atom);
    let region = Region {
        layout,
        views,
        block: &func.body,
        fixed: &|atom| origin(atom).is_some(),
    };
    func.params
        .iter()
        .enumerate()
        .map(|(position, param)| {
            if func.var(*param).reference != Some(Mutability::Mutable) {
                return None;
            }
            if !keeps_length(func.var(*param)) {
                return None;
            }
            match region.overwrites(*param)? {
                Extent::Whole => Some(vec![position]),
                Extent::Range(from, to) => {
                    let mut origins = origin(&from)?;
                    origins.extend(origin(&to)?);
                    Some(origins.into_iter().collect())
                }
                Extent::Callee(_) => None,
            }
        })
        .collect()
}

/// Whether what a parameter refers to has one length for good.
fn keeps_length(var: &Var) -> bool {
    let sized = matches!(var.ty, Ty::Seq(_, SeqForm::Slice | SeqForm::Array));
    match var.reference {
        Some(Mutability::Shared) => true,
        Some(Mutability::Mutable) => sized,
        None => false,
    }
}

/// The parameters whose value, or whose length, an integer is computed from.
fn origin(func: &Func, layout: &Layout, atom: &Atom) -> Option<Params> {
    let Some(id) = atom.var() else {
        return Some(Params::new());
    };
    let var = func.var(id);
    if let Role::Param(position) = var.role {
        let plain = !var.cell && matches!(var.ty, Ty::Discrete(_));
        return plain.then(|| Params::from([position]));
    }
    let made = layout.definition(id)?;
    if made.stmt.kind.access().defines != [id] || var.cell || layout.home(id) != BlockId(0) {
        return None;
    }
    match &made.stmt.kind {
        StmtKind::Let(_, Value::Len(place)) if place.path.is_empty() => {
            match func.var(place.root).role {
                Role::Param(position) if keeps_length(func.var(place.root)) => {
                    Some(Params::from([position]))
                }
                _ => None,
            }
        }
        StmtKind::Let(_, Value::Rule(_, atoms, _)) if matches!(var.ty, Ty::Discrete(_)) => {
            let mut origins = Params::new();
            for atom in atoms {
                origins.extend(origin(func, layout, atom)?);
            }
            Some(origins)
        }
        _ => None,
    }
}
