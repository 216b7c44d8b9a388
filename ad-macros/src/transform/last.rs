//! The last write counts.
//!
//! `if x[i] > m { m = x[i] }` in a loop: of all the assignments only the last one leaves
//! anything, and what `m` held before is only compared. So the loop keeps its own `m`,
//! which no derivative depends on, and where it was assigned last; the assignment itself
//! is done once, behind the loop:
//!
//! ```text
//! for i { if x[i] > m { m = x[i] } }       for i { if x[i] > m2 { m2 = x[i]; at = i; set = true } }
//!                                          if set { m = x[at] }
//! ```
//!
//! The reverse sweep then has nothing to do for the loop, and no tape says which of the
//! trips assigned. The value is computed again from what it was computed from the first
//! time, which the loop must not write, but for an element that only belongs to the trip: it
//! is the same, bit for bit.

use crate::analysis::views::Views;
use crate::ir::visit::{map_atoms, map_places, walk};
use crate::ir::*;
use proc_macro2::Span;
use std::collections::{HashMap, HashSet};

pub(crate) fn last_writes(func: &mut Func) {
    let views = Views::of(func);
    let mut body = std::mem::take(&mut func.body);
    block(func, &views, &mut body);
    func.body = body;
}

fn block(func: &mut Func, views: &Views, body: &mut Block) {
    let stmts = std::mem::take(&mut body.stmts);
    for mut stmt in stmts {
        for inner in stmt.kind.blocks_mut() {
            block(func, views, inner);
        }
        let mut behind = Block::default();
        if let StmtKind::Loop(each) = &mut stmt.kind
            && !func.checkpoints.contains_key(&each.id)
        {
            for found in found(func, views, each) {
                rewrite(func, each, &found, body, &mut behind);
            }
        }
        body.stmts.push(stmt);
        body.stmts.extend(behind.stmts);
    }
}

/// An assignment of which only the last counts.
struct Found {
    /// What is assigned.
    into: VarId,
    value: Atom,
    /// What computes the value, in order, views written out.
    lets: Vec<(VarId, Value)>,
    span: Span,
}

fn found(func: &Func, views: &Views, each: &Loop) -> Vec<Found> {
    let Head::Range(range) = &each.head else {
        return Vec::new();
    };
    let body = Body::of(views, each, range.var);
    let mut assigned = Vec::new();
    conditional(&each.body, false, &mut assigned);
    let assigned = assigned.into_iter();
    assigned
        .filter(|(into, _, _)| body.only_compared(func, *into))
        .filter_map(|(into, value, span)| {
            let mut lets = Vec::new();
            body.value(&value, &mut lets)?;
            Some(Found {
                into,
                value,
                lets,
                span,
            })
        })
        .collect()
}

/// Assignments of whole variables in branches, inner loops left out.
fn conditional(block: &Block, inside: bool, found: &mut Vec<(VarId, Atom, Span)>) {
    for stmt in &block.stmts {
        match &stmt.kind {
            StmtKind::Store { place, value, .. } if inside && place.path.is_empty() => {
                found.push((place.root, value.clone(), stmt.span));
            }
            StmtKind::If(_, yes, no) => {
                conditional(yes, true, found);
                conditional(no, true, found);
            }
            _ => {}
        }
    }
}

/// What a loop body does.
struct Body<'a> {
    views: &'a Views,
    /// The views of the body itself.
    own: Views,
    body: &'a Block,
    each: VarId,
    values: HashMap<VarId, &'a Value>,
    defined: HashSet<VarId>,
    written: HashMap<VarId, usize>,
    writes: Vec<Write>,
    /// What code that is passed through may change.
    unseen: HashSet<VarId>,
    /// How many writes there are in front of a value.
    known_at: HashMap<VarId, usize>,
}

impl<'a> Body<'a> {
    fn of(views: &'a Views, each: &'a Loop, var: VarId) -> Body<'a> {
        let mut body = Body {
            views,
            own: Views::default(),
            body: &each.body,
            each: var,
            values: HashMap::new(),
            defined: HashSet::from([var]),
            written: HashMap::new(),
            writes: Vec::new(),
            unseen: HashSet::new(),
            known_at: HashMap::new(),
        };
        walk(&each.body, &mut |stmt| {
            let access = stmt.kind.access();
            body.defined.extend(&access.defines);
            for place in &access.writes {
                *body.written.entry(views.root(place.root)).or_default() += 1;
                let value = match &stmt.kind {
                    StmtKind::Store { value, .. } => value.var(),
                    _ => None,
                };
                body.writes.push(Write {
                    place: views.expand(place),
                    at: body.writes.len(),
                    value,
                });
            }
            // Code that is passed through may write what it mentions.
            for id in access.mentions {
                *body.written.entry(views.root(id)).or_default() += 1;
                body.unseen.insert(views.root(id));
            }
            if let StmtKind::Let(id, value) = &stmt.kind {
                body.values.insert(*id, value);
                body.known_at.insert(*id, body.writes.len());
            }
            body.own.note(&stmt.kind);
        });
        body
    }

    /// Whether a number from outside is written once in the loop, and otherwise compared.
    fn only_compared(&self, func: &Func, id: VarId) -> bool {
        let var = func.var(id);
        let local = matches!(var.role, Role::Local | Role::Temp) && var.reference.is_none();
        let number = var.cell && var.ty.is_float();
        if !local || !number || self.defined.contains(&id) || self.written.get(&id) != Some(&1) {
            return false;
        }
        let mut reads = HashSet::new();
        let mut fine = true;
        walk(self.body, &mut |stmt| {
            let access = stmt.kind.access();
            let mut places = access.reads.iter().chain(&access.writes);
            let named = places.any(|place| self.views.root(place.root) == id);
            match &stmt.kind {
                StmtKind::Let(read, Value::Load(place)) if place.path.is_empty() && named => {
                    reads.insert(*read);
                }
                StmtKind::Store { place, .. } if place.path.is_empty() => {}
                _ => fine &= !named,
            }
        });
        let compared = |stmt: &Stmt| {
            matches!(
                &stmt.kind,
                StmtKind::Let(_, Value::Inert(Inert::Operator(_), _))
            )
        };
        walk(self.body, &mut |stmt| {
            let access = stmt.kind.access();
            let mut atoms = access.atoms.iter().filter_map(|atom| atom.var());
            fine &= compared(stmt) || !atoms.any(|atom| atom == id || reads.contains(&atom));
        });
        fine
    }

    /// Collects what computes a value from the loop variable and what the loop leaves alone.
    fn value(&self, atom: &Atom, lets: &mut Vec<(VarId, Value)>) -> Option<()> {
        let Some(id) = atom.var() else {
            return Some(());
        };
        if id == self.each || lets.iter().any(|(known, _)| *known == id) {
            return Some(());
        }
        if !self.defined.contains(&id) {
            return (!self.written.contains_key(&id)).then_some(());
        }
        if let Some(element) = self.element(id) {
            lets.push((id, element));
            return Some(());
        }
        let mut value = (*self.values.get(&id)?).clone();
        match &mut value {
            Value::Load(place) | Value::Len(place) => {
                // Views of the body are written out: behind the loop they are gone. Those
                // from outside stay, for what they borrow cannot be named.
                let root = self.views.root(place.root);
                *place = self.own.expand(place);
                let written = self.written.contains_key(&root) && !self.of_trip(place, id);
                if self.defined.contains(&place.root) || written {
                    return None;
                }
            }
            Value::Atom(_) | Value::Rule(..) | Value::Cast(..) => {}
            _ => return None,
        }
        let mut operands = Vec::new();
        value.atoms(&mut |atom| operands.push(atom.clone()));
        for operand in &operands {
            self.value(operand, lets)?;
        }
        lets.push((id, value));
        Some(())
    }

    /// Whether a place that a value is read from, or stored to, is an element that the loop writes
    /// in this trip only, and not behind that.
    fn of_trip(&self, place: &Place, value: VarId) -> bool {
        let place = self.views.expand(place);
        let own = [Proj::Index(Atom::Var(self.each))];
        let writes = |write: &&Write| write.place.root == place.root;
        let mut writes = self.writes.iter().filter(writes);
        place.path == own
            && !self.defined.contains(&place.root)
            && !self.unseen.contains(&place.root)
            && writes.all(|write| {
                let behind = self.known_at.get(&value).is_none_or(|at| write.at > *at);
                let other = behind && write.value != Some(value);
                write.place.path == own && !other
            })
    }

    /// The element that every trip stores a value to.
    fn element(&self, id: VarId) -> Option<Value> {
        let mut stored = self.body.stmts.iter().filter_map(|stmt| match &stmt.kind {
            StmtKind::Store { place, value, .. } if value.var() == Some(id) => Some(place),
            _ => None,
        });
        let place = self.views.expand(stored.next()?);
        self.of_trip(&place, id).then_some(Value::Load(place))
    }
}

/// A place that a loop writes, views written out.
struct Write {
    place: Place,
    at: usize,
    /// What is stored.
    value: Option<VarId>,
}

fn rewrite(
    func: &mut Func,
    each: &mut Loop,
    found: &Found,
    before: &mut Block,
    behind: &mut Block,
) {
    let Head::Range(range) = &each.head else {
        return;
    };
    let span = found.span;
    let var = func.var(found.into).clone();
    let mut cell = |name: &str, ty: Ty, value: Value| {
        let id = func.fresh(name, span, ty, Role::Temp);
        func.var_mut(id).cell = true;
        before.push(span, StmtKind::Cell(id, Some(value)));
        id
    };
    let before_it = Value::Load(Place::of(found.into));
    let own = cell(&format!("{}_so_far", var.name), var.ty.clone(), before_it);
    let index = Value::Atom(range.from.clone());
    let at = cell(&format!("{}_at", var.name), Ty::Unknown, index);
    let no = Value::Atom(Atom::boolean(false));
    let set = cell(&format!("{}_set", var.name), Ty::discrete("bool"), no);
    func.var_mut(at).ty = func.var(range.var).ty.clone();
    let range_var = range.var;
    map_places(&mut each.body, &mut |place| {
        if place.root == found.into {
            place.root = own;
        }
    });
    map_atoms(&mut each.body, &mut |atom| {
        if *atom == Atom::Var(found.into) {
            *atom = Atom::Var(own);
        }
    });
    note(&mut each.body, own, (at, set), range_var);
    assign(func, found, (at, set), range_var, behind);
}

/// Has the assignment note where it happened.
fn note(body: &mut Block, own: VarId, (at, set): (VarId, VarId), each: VarId) {
    let stmts = std::mem::take(&mut body.stmts);
    for mut stmt in stmts {
        for inner in stmt.kind.blocks_mut() {
            note(inner, own, (at, set), each);
        }
        let (span, is_it) = match &stmt.kind {
            StmtKind::Store { place, .. } => (stmt.span, place.root == own),
            _ => (stmt.span, false),
        };
        body.stmts.push(stmt);
        let notes = [(at, Atom::Var(each)), (set, Atom::boolean(true))];
        for (id, value) in notes.into_iter().filter(|_| is_it) {
            body.push(span, StmtKind::assign(Place::of(id), value));
        }
    }
}

/// The assignment behind the loop.
fn assign(
    func: &mut Func,
    found: &Found,
    (at, set): (VarId, VarId),
    each: VarId,
    behind: &mut Block,
) {
    let span = found.span;
    let mut inner = Block::default();
    let mut same: HashMap<VarId, VarId> = HashMap::new();
    let mut bind = |func: &mut Func, id: VarId, value: Value, inner: &mut Block| {
        let ty = func.var(id).ty.clone();
        let name = func.var(id).name.clone();
        let again = func.fresh(&name, span, ty, Role::Temp);
        inner.push(span, StmtKind::Let(again, value));
        same.insert(id, again);
        map_atoms(inner, &mut |atom| {
            if let Some(other) = atom.var().and_then(|id| same.get(&id)) {
                *atom = Atom::Var(*other);
            }
        });
    };
    bind(func, each, Value::Load(Place::of(at)), &mut inner);
    for (id, value) in &found.lets {
        bind(func, *id, value.clone(), &mut inner);
    }
    let value = match found.value.var().and_then(|id| same.get(&id)) {
        Some(again) => Atom::Var(*again),
        None => found.value.clone(),
    };
    inner.push(span, StmtKind::assign(Place::of(found.into), value));
    let test = func.fresh("t", span, Ty::discrete("bool"), Role::Temp);
    behind.push(span, StmtKind::Let(test, Value::Load(Place::of(set))));
    behind.push(span, StmtKind::If(Atom::Var(test), inner, Block::default()));
}
