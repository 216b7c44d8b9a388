//! Vectors that a loop makes anew in each trip are made once, for the reverse sweeps only.
//!
//! ```text
//! for p in 0..n {                        let mut t = vec![0.0; k];
//!     let mut t = vec![0.0; k];          for p in 0..n {
//!     ..                                     t.fill(0.0);
//! }                                          ..
//!                                        }
//!
//! for _ in 0..n {                        let mut next = u.clone();
//!     let mut next = u.clone();          for _ in 0..n {
//!     ..                                     next.copy_from_slice(&u);
//!     u = next;                              ..
//! }                                          swap(&mut u, &mut next);
//!                                        }
//! ```
//!
//! Then they are working memory and double buffers, and the other transformations know what
//! to do. It takes vectors of numbers whose length is the same in every trip, and which
//! nobody takes away or may resize. It is done only to loops that are run again
//! ([`crate::analysis::rerun`]): elsewhere the reverse sweep makes such vectors anew from
//! what made them, and would have to save what is overwritten.

use super::tighten::Body;
use crate::ir::visit::walk;
use crate::ir::*;
use std::collections::{HashMap, HashSet};

/// The function with vectors moved out of its loops, and those loops. `not`: loops that
/// keep theirs.
pub(crate) fn hoist(func: &Func, not: &HashSet<LoopId>) -> (Func, HashSet<LoopId>) {
    let mut made = HashMap::new();
    walk(&func.body, &mut |stmt| {
        if let StmtKind::Cell(id, Some(value)) | StmtKind::Let(id, value) = &stmt.kind {
            made.insert(*id, value.clone());
        }
    });
    let mut pass = Hoist {
        func,
        made,
        not,
        moved: HashSet::new(),
        from: HashSet::new(),
    };
    let mut hoisted = func.clone();
    pass.block(&mut hoisted.body);
    (hoisted, pass.from)
}

struct Hoist<'f> {
    func: &'f Func,
    /// What variables begin with.
    made: HashMap<VarId, Value>,
    not: &'f HashSet<LoopId>,
    /// Vectors that were moved out of a loop already: that one sets them in each trip.
    moved: HashSet<VarId>,
    from: HashSet<LoopId>,
}

/// A vector that can be made in front of a loop.
struct Found {
    id: VarId,
    /// Where the body makes it.
    at: usize,
    taken: Option<Taken>,
}

/// Where a body moves a vector into another one: `let value = load id; into = value`.
#[derive(Clone, Copy)]
struct Taken {
    at: usize,
    value: VarId,
    into: VarId,
}

impl Hoist<'_> {
    fn block(&mut self, body: &mut Block) {
        for mut stmt in std::mem::take(&mut body.stmts) {
            let kept = match &stmt.kind {
                StmtKind::Loop(each) => {
                    self.not.contains(&each.id) || self.func.checkpoints.contains_key(&each.id)
                }
                _ => false,
            };
            if !kept {
                for inner in stmt.kind.blocks_mut() {
                    self.block(inner);
                }
                if let StmtKind::Loop(each) = &mut stmt.kind {
                    while let Some(found) = self.find(each) {
                        self.move_out(&found, each, body);
                    }
                }
            }
            body.stmts.push(stmt);
        }
    }

    fn find(&self, each: &Loop) -> Option<Found> {
        let body = Body::of(each);
        let mut stmts = each.body.stmts.iter().enumerate();
        stmts.find_map(|(at, stmt)| match &stmt.kind {
            StmtKind::Cell(id, Some(init)) if self.is_numbers(*id) => {
                let taken = taken(&each.body, *id, at);
                let fixed = match init {
                    Value::Repeat(SeqForm::Vec, Atom::Lit(_), len) => body.fixed(len),
                    Value::Copied(from, _) => self.outlives(from, each, taken),
                    _ => false,
                };
                let value = taken.map(|taken| taken.value);
                let fine = fixed
                    && keeps_length(&each.body, *id, value)
                    && taken.is_none_or(|taken| self.can_swap(init, taken, each));
                fine.then_some(Found { id: *id, at, taken })
            }
            _ => None,
        })
    }

    /// A vector of floats that belongs to the function.
    fn is_numbers(&self, id: VarId) -> bool {
        let var = self.func.var(id);
        let floats = match &var.ty {
            Ty::Seq(elem, SeqForm::Vec) => elem.is_float(),
            _ => false,
        };
        floats && var.cell && var.reference.is_none()
    }

    /// Whether a vector from outside of a loop has one length in it.
    fn outlives(&self, from: &Place, each: &Loop, taken: Option<Taken>) -> bool {
        let value = taken.map(|taken| taken.value);
        from.path.is_empty()
            && self.is_numbers(from.root)
            && !defines(&each.body, from.root)
            && keeps_length(&each.body, from.root, value)
    }

    /// Whether a vector that is moved into another one may change places with that.
    fn can_swap(&self, init: &Value, taken: Taken, each: &Loop) -> bool {
        let length = self.length_of_value(init, taken.value, 8);
        self.is_numbers(taken.into)
            && !defines(&each.body, taken.into)
            && keeps_length(&self.func.body, taken.into, Some(taken.value))
            && length.is_some()
            && length == self.length(taken.into, taken.value, 8)
    }

    fn move_out(&mut self, found: &Found, each: &mut Loop, out: &mut Block) {
        if let Some(taken) = found.taken {
            let swap = StmtKind::Swap(Place::of(taken.into), Place::of(found.id));
            each.body.stmts[taken.at].kind = swap;
            each.body.stmts.remove(taken.at + 1);
        }
        let Stmt { span, kind } = each.body.stmts.remove(found.at);
        let StmtKind::Cell(id, Some(init)) = &kind else {
            return;
        };
        let again = match init {
            Value::Copied(from, _) => Some(StmtKind::CopyFrom(Place::of(*id), from.clone())),
            Value::Repeat(_, elem, len) => {
                let filled = filled(&each.body.stmts[found.at..], *id, len);
                (!filled).then(|| StmtKind::Fill(Place::of(*id), elem.clone()))
            }
            _ => None,
        };
        let again = again.filter(|_| self.moved.insert(*id));
        each.body
            .stmts
            .splice(found.at..found.at, again.map(|kind| Stmt { span, kind }));
        out.push(span, kind);
        self.from.insert(each.id);
    }

    /// How long a vector is at first, by what made it.
    fn length(&self, id: VarId, by: VarId, depth: usize) -> Option<Length> {
        // A vector can get another length on the way; slices and arrays cannot.
        let vector = !matches!(
            self.func.var(id).ty,
            Ty::Seq(_, SeqForm::Slice | SeqForm::Array)
        );
        if vector && !keeps_length(&self.func.body, id, Some(by)) {
            return None;
        }
        match self.made.get(&id) {
            Some(value) => self.length_of_value(value, by, depth),
            None => Some(Length::Of(id)),
        }
    }

    fn length_of_value(&self, value: &Value, by: VarId, depth: usize) -> Option<Length> {
        let depth = depth.checked_sub(1)?;
        match value {
            Value::Repeat(_, _, len) => match len.var().and_then(|id| self.made.get(&id)) {
                Some(Value::Len(place)) if place.path.is_empty() => {
                    self.length(place.root, by, depth)
                }
                _ => Some(Length::Number(len.clone())),
            },
            Value::Copied(place, _) if place.path.is_empty() => self.length(place.root, by, depth),
            _ => None,
        }
    }
}

/// A length: a number, or what it is of a variable.
#[derive(PartialEq)]
enum Length {
    Number(Atom),
    Of(VarId),
}

fn defines(block: &Block, id: VarId) -> bool {
    let mut found = false;
    walk(block, &mut |stmt| {
        found |= stmt.kind.access().defines.contains(&id)
    });
    found
}

/// Where a block moves a vector into another one, as the last thing that it does with it.
fn taken(block: &Block, id: VarId, made: usize) -> Option<Taken> {
    let at = block.stmts.iter().rposition(|stmt| stmt.involves(id))?;
    let [first, second, rest @ ..] = &block.stmts[at..] else {
        return None;
    };
    let StmtKind::Let(value, Value::Load(from)) = &first.kind else {
        return None;
    };
    let StmtKind::Store {
        place,
        value: stored,
        ..
    } = &second.kind
    else {
        return None;
    };
    let moved = *from == Place::of(id) && stored.var() == Some(*value) && at > made;
    let last = place.path.is_empty() && !rest.iter().any(|stmt| stmt.involves(*value));
    (moved && last).then_some(Taken {
        at,
        value: *value,
        into: place.root,
    })
}

/// Whether nothing in a block replaces a vector, takes it away or may change its length,
/// but for the move by way of `value`.
fn keeps_length(block: &Block, id: VarId, value: Option<VarId>) -> bool {
    let mut fine = true;
    walk(block, &mut |stmt| {
        let access = stmt.kind.access();
        let whole = |place: &Place| {
            let deref = matches!(place.path.as_slice(), [] | [Proj::Deref]);
            place.root == id && deref
        };
        let named = access.atoms.iter().any(|atom| atom.var() == Some(id));
        fine &= !named && !access.mentions.contains(&id);
        fine &= match &stmt.kind {
            StmtKind::Let(other, Value::Load(place)) if whole(place) => value == Some(*other),
            StmtKind::Store {
                place,
                value: other,
                ..
            } if whole(place) => value.is_some() && other.var() == value,
            StmtKind::Let(_, Value::Len(_) | Value::Copied(..))
            | StmtKind::Cell(_, Some(Value::Copied(..)))
            | StmtKind::Fill(..)
            | StmtKind::CopyFrom(..) => true,
            StmtKind::Call(call) => call.args.iter().all(|arg| match arg {
                Arg::Ref {
                    place, mutability, ..
                } => !whole(place) || *mutability == Mutability::Shared,
                Arg::Value(_) => true,
            }),
            _ => {
                let mut places = access.reads.iter().chain(&access.writes);
                !places.any(|place| whole(place))
            }
        };
    });
    fine
}

/// Whether the first that statements do with a vector of a length is to set all of it.
fn filled(stmts: &[Stmt], id: VarId, len: &Atom) -> bool {
    let first = stmts.iter().find(|stmt| stmt.involves(id));
    let Some(StmtKind::Loop(each)) = first.map(|stmt| &stmt.kind) else {
        return false;
    };
    let Head::Range(range) = &each.head else {
        return false;
    };
    let all = range.is_plain() && !super::breaks(&each.body);
    let element = Place::of(id).then(Proj::Index(Atom::Var(range.var)));
    let mut own = each.body.stmts.iter().filter(|stmt| stmt.involves(id));
    let set = own.next().is_some_and(|stmt| match &stmt.kind {
        StmtKind::Store { place, .. } => *place == element,
        _ => false,
    });
    all && set && range.from.is_zero() && range.to == *len
}
