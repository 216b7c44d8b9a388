//! Partials before adjoints, where adjoints wait for each other.
//!
//! The reverse of a block is linear in the adjoints that enter it: its *roots*. As it is
//! derived, each adjoint is the one before times a partial, so that a root goes through
//! a chain of products. Here each is written as a root times a product of partials, which
//! do not wait for the root:
//!
//! ```text
//! d_b = d_c * p; d_a += d_b * q;         d_a += d_c * (p * q);
//! ```
//!
//! Several contributions of one root become one, and what depends on no root is added
//! first. That pays where the roots come late: in loops that carry adjoints from trip to
//! trip, and in straight functions, which such a loop may call. Elsewhere the products
//! are as good as they were. Only adjoints are touched, up to rounding.
//!
//! Source: Griewank and Walther, *Evaluating Derivatives*, 2nd ed., section 10.2
//! (preaccumulation).

mod form;
mod uses;

use super::reverse::Sweeps;
use super::simplify::{drop_unused, number, plain};
use crate::ir::visit::walk;
use crate::ir::*;
use form::{Combination, Term, literal};
use proc_macro2::Span;
use std::collections::{HashMap, HashSet};
use uses::{Uses, flip, uses};

/// A form of more roots than these is not worth its coefficients.
const ROOTS: usize = 2;

/// `primal`: how many variables the primal has; later ones belong to the derivative.
pub(super) fn linearise(sweeps: &mut Sweeps, primal: usize) {
    let whose = Whose {
        primal,
        seed: sweeps.seed,
    };
    let mut body = std::mem::take(&mut sweeps.reverse);
    let mut loops = false;
    walk(&body, &mut |stmt| {
        loops |= matches!(stmt.kind, StmtKind::Loop(_));
    });
    if !loops {
        let results: Vec<VarId> = sweeps.shadows.iter().flatten().copied().collect();
        straight(&mut sweeps.func, whose, Some(&results), &mut body);
    }
    nested(&mut sweeps.func, whose, &mut body);
    sweeps.reverse = body;
}

/// The innermost loops that carry adjoints.
fn nested(func: &mut Func, whose: Whose, body: &mut Block) {
    for stmt in &mut body.stmts {
        if let StmtKind::Loop(each) = &mut stmt.kind
            && innermost(each)
            && carries(func, each)
        {
            straight(func, whose, None, &mut each.body);
            continue;
        }
        for inner in stmt.kind.blocks_mut() {
            nested(func, whose, inner);
        }
    }
}

fn innermost(each: &Loop) -> bool {
    let mut simple = true;
    walk(&each.body, &mut |stmt| {
        simple &= !matches!(stmt.kind, StmtKind::Loop(_));
    });
    simple
}

/// Whether a number that one trip leaves in a shadow is read in the next.
fn carries(func: &Func, each: &Loop) -> bool {
    let (mut read, mut written, mut own) = (HashSet::new(), HashSet::new(), HashSet::new());
    walk(&each.body, &mut |stmt| {
        let access = stmt.kind.access();
        let updates = matches!(stmt.kind, StmtKind::Update { .. });
        written.extend(access.writes.iter().map(|place| place.root));
        own.extend(access.defines);
        if !updates {
            let whole = access.reads.iter().filter(|place| place.path.is_empty());
            read.extend(whole.map(|place| place.root));
        }
        read.extend(access.atoms.iter().filter_map(|atom| atom.var()));
    });
    read.iter().any(|id| {
        let var = func.var(*id);
        var.cell
            && matches!(var.role, Role::Shadow)
            && var.ty.is_float()
            && written.contains(id)
            && !own.contains(id)
    })
}

/// Which variables are whose.
#[derive(Clone, Copy)]
struct Whose {
    primal: usize,
    seed: VarId,
}

impl Whose {
    /// Whether a variable is a number among the adjoints: values of the primal stay as
    /// they are.
    fn adjoint(self, func: &Func, id: VarId) -> bool {
        id.0 as usize >= self.primal && func.var(id).ty.is_float()
    }
}

struct Linear<'f> {
    func: &'f mut Func,
    whose: Whose,
    /// Whether the block is the body of a loop: what does not change there is no root.
    looped: bool,
    uses: Uses,
    /// Adjoints that have not been computed.
    forms: HashMap<VarId, Combination>,
    /// Where they come from.
    spans: HashMap<VarId, Span>,
    /// Computed with the other sign.
    flipped: HashSet<VarId>,
    /// Whole adjoints that come from outside: elements of them are roots.
    outside: HashSet<VarId>,
    out: Block,
}

/// `results`: what the function returns; `None`: the block is the body of a loop.
fn straight(func: &mut Func, whose: Whose, results: Option<&[VarId]>, body: &mut Block) {
    let uses = uses(func, whose, body);
    let mut linear = Linear {
        func,
        whose,
        looped: results.is_none(),
        uses,
        forms: HashMap::new(),
        spans: HashMap::new(),
        flipped: HashSet::new(),
        outside: HashSet::from([whose.seed]),
        out: Block::default(),
    };
    for stmt in std::mem::take(&mut body.stmts) {
        linear.stmt(stmt);
    }
    for result in results.unwrap_or_default() {
        linear.compute(*result);
    }
    let flipped = linear.flipped;
    *body = linear.out;
    flip(body, &flipped);
    drop_unused(body, results.unwrap_or_default());
}

impl Linear<'_> {
    fn stmt(&mut self, stmt: Stmt) {
        let span = stmt.span;
        match &stmt.kind {
            StmtKind::Let(id, value) | StmtKind::Cell(id, Some(value)) => {
                let cell = matches!(stmt.kind, StmtKind::Cell(..));
                let local = !cell || self.uses.updates.contains_key(id);
                if let Value::Atom(Atom::Var(from)) = value
                    && self.outside.contains(from)
                    && !self.func.var(*id).ty.is_float()
                {
                    self.outside.insert(*id);
                }
                if local
                    && self.func.var(*id).ty.is_float()
                    && let Some(form) = self.value(*id, value, span)
                {
                    self.forms.insert(*id, form);
                    self.spans.insert(*id, span);
                    return;
                }
            }
            StmtKind::Update { place, op, value }
                if place.path.is_empty() && self.forms.contains_key(&place.root) =>
            {
                let (into, op) = (place.root, *op);
                *self.uses.updates.entry(into).or_insert(1) -= 1;
                let mut more = self.form(value, span);
                if op == Sign::Minus {
                    more.negate();
                }
                let mut sum = self.forms[&into].clone();
                self.add(&mut sum, more, span);
                if sum.terms.len() <= ROOTS {
                    self.forms.insert(into, sum);
                    self.spans.insert(into, span);
                    return;
                }
                *self.uses.updates.entry(into).or_default() += 1;
            }
            _ => {}
        }
        self.compute_used(&stmt);
        if let StmtKind::Let(id, value) = &stmt.kind
            && self.func.var(*id).ty.is_float()
            && self.enters(value)
        {
            self.forms.insert(*id, Combination::of(*id));
        }
        self.out.stmts.push(stmt);
    }

    /// Whether a value is a root: an adjoint from outside, or made of others.
    fn enters(&self, value: &Value) -> bool {
        if let Value::Load(place) | Value::Gated(_, place) = value {
            let shadow = matches!(self.func.var(place.root).role, Role::Shadow);
            let changing = !self.looped || self.uses.written.contains(&place.root);
            return (shadow && changing) || self.outside.contains(&place.root);
        }
        let mut depends = false;
        value.atoms(&mut |atom| depends |= self.depends(atom));
        depends
    }

    /// The form of a new adjoint; `None`: it is computed as it stands.
    fn value(&mut self, id: VarId, value: &Value, span: Span) -> Option<Combination> {
        let ty = self.func.var(id).ty.clone();
        match value {
            Value::Atom(atom) => {
                let linear = self.depends(atom)
                    || (atom.is_zero_float() && self.whose.adjoint(self.func, id));
                linear.then(|| self.form(atom, span))
            }
            Value::Load(place) if place.path.is_empty() => {
                let known = self.forms.get(&place.root)?;
                Some(known.clone())
            }
            Value::Negate(atom) => self.negated(atom, span),
            Value::Rule(rule, atoms, _) => match (rule.name, atoms.as_slice()) {
                ("neg", [atom]) => self.negated(atom, span),
                ("mul", [d, by]) | ("mul", [by, d]) if self.depends(d) && self.partial(by) => {
                    self.scaled(d, by, "mul", ty, span)
                }
                ("div", [d, by]) if self.depends(d) && self.partial(by) => {
                    self.scaled(d, by, "div", ty, span)
                }
                ("add" | "sub", [left, right]) if self.depends(left) && self.depends(right) => {
                    let mut sum = self.form(left, span);
                    let mut more = self.form(right, span);
                    if rule.name == "sub" {
                        more.negate();
                    }
                    self.add(&mut sum, more, span);
                    (sum.terms.len() <= ROOTS).then_some(sum)
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn negated(&mut self, atom: &Atom, span: Span) -> Option<Combination> {
        let mut form = self.depends(atom).then(|| self.form(atom, span))?;
        form.negate();
        Some(form)
    }

    /// A root times, or by, a partial. Sums are computed, and are roots from there.
    fn scaled(
        &mut self,
        d: &Atom,
        by: &Atom,
        name: &str,
        ty: Ty,
        span: Span,
    ) -> Option<Combination> {
        let single = |form: &Combination| form.free.is_empty() && form.terms.len() == 1;
        if !single(&self.form(d, span)) {
            self.compute(d.var()?);
        }
        let mut form = self.form(d, span);
        let by = self.steady(by, span);
        let term = form.terms.first_mut()?;
        match (number(&by), term.partial.take()) {
            (Some(factor), partial) if name == "mul" && plain(term.scale * factor) => {
                term.scale *= factor;
                term.partial = partial;
            }
            (_, None) if name == "mul" => term.partial = Some(by),
            (_, partial) => {
                let partial = partial.unwrap_or_else(|| literal(1.0, &ty));
                term.partial = Some(self.rule(name, [partial, by], ty, span));
            }
        }
        Some(form)
    }

    /// Whether an atom can be a partial: a float that depends on no root.
    fn partial(&self, atom: &Atom) -> bool {
        let float = atom.var().is_none_or(|id| self.func.var(id).ty.is_float());
        float && !self.depends(atom)
    }

    fn depends(&self, atom: &Atom) -> bool {
        let root = |id| (id == self.whose.seed && !self.looped) || self.forms.contains_key(&id);
        atom.var().is_some_and(root)
    }

    fn form(&mut self, atom: &Atom, span: Span) -> Combination {
        match atom.var() {
            Some(id) if self.forms.contains_key(&id) => self.forms[&id].clone(),
            Some(id) if id == self.whose.seed && !self.looped => Combination::of(id),
            _ if atom.is_zero_float() => Combination::default(),
            _ => Combination {
                free: vec![(Sign::Plus, self.steady(atom, span))],
                terms: Vec::new(),
            },
        }
    }

    /// What the atom is now, for later.
    fn steady(&mut self, atom: &Atom, span: Span) -> Atom {
        match atom.var().filter(|id| self.uses.written.contains(id)) {
            Some(id) => {
                let ty = self.func.var(id).ty.clone();
                let now = self.func.fresh("t", span, ty, Role::Temp);
                self.out
                    .push(span, StmtKind::Let(now, Value::Atom(atom.clone())));
                Atom::Var(now)
            }
            None => atom.clone(),
        }
    }

    /// Adds to a form; partials of one root are added up.
    fn add(&mut self, sum: &mut Combination, more: Combination, span: Span) {
        sum.free.extend(more.free);
        for term in more.terms {
            let Some(known) = sum.terms.iter_mut().find(|known| known.root == term.root) else {
                sum.terms.push(term);
                continue;
            };
            if known.partial == term.partial {
                known.scale += term.scale;
                // What cancels is gone: it has no sign either.
                sum.terms.retain(|term| term.scale != 0.0);
                continue;
            }
            let ty = self.func.var(term.root).ty.clone();
            let first = self.product(known, known.scale.abs(), &ty, span);
            let second = self.product(&term, term.scale.abs(), &ty, span);
            let same = (known.scale < 0.0) == (term.scale < 0.0);
            let name = if same { "add" } else { "sub" };
            let both = self.rule(name, [first, second], ty, span);
            known.partial = Some(both);
            known.scale = known.scale.signum();
        }
    }

    /// `scale * partial`, without the root.
    fn product(&mut self, term: &Term, scale: f64, ty: &Ty, span: Span) -> Atom {
        match &term.partial {
            None => literal(scale, ty),
            Some(partial) if scale == 1.0 => partial.clone(),
            Some(partial) => {
                let atoms = [partial.clone(), literal(scale, ty)];
                self.rule("mul", atoms, ty.clone(), span)
            }
        }
    }

    /// Computes the adjoints that a statement uses.
    fn compute_used(&mut self, stmt: &Stmt) {
        let mut used: Vec<VarId> = stmt.kind.access().variables().collect();
        for inner in stmt.kind.blocks() {
            walk(inner, &mut |stmt| {
                used.extend(stmt.kind.access().variables())
            });
        }
        for id in used {
            self.compute(id);
        }
    }

    fn compute(&mut self, id: VarId) {
        let Some(form) = self.forms.get(&id).cloned().filter(|form| !form.is(id)) else {
            return;
        };
        let span = self.spans[&id];
        let still = self.uses.updates.get(&id).is_some_and(|more| *more > 0);
        let ty = self.func.var(id).ty.clone();
        let value = match self.sum(&form, &ty, span) {
            (Sign::Plus, value) => value,
            (Sign::Minus, value) if self.uses.added.contains(&id) && !still => {
                self.flipped.insert(id);
                value
            }
            (Sign::Minus, value) => {
                let atom = self.bind(value, ty, span);
                Value::Negate(atom)
            }
        };
        self.forms.remove(&id);
        if still {
            self.out.push(span, StmtKind::Cell(id, Some(value)));
        } else {
            self.func.var_mut(id).cell = false;
            self.out.push(span, StmtKind::Let(id, value));
            // From here on it counts by itself.
            self.forms.insert(id, Combination::of(id));
        }
    }

    /// The value of a form, or its negative.
    fn sum(&mut self, form: &Combination, ty: &Ty, span: Span) -> (Sign, Value) {
        let mut parts = Vec::new();
        for (sign, atom) in &form.free {
            parts.push((*sign, Value::Atom(atom.clone())));
        }
        for term in &form.terms {
            let sign = if term.scale < 0.0 {
                Sign::Minus
            } else {
                Sign::Plus
            };
            let root = Atom::Var(term.root);
            let value = if term.partial.is_none() && term.scale.abs() == 1.0 {
                Value::Atom(root)
            } else {
                let partial = self.product(term, term.scale.abs(), ty, span);
                Value::operation("mul", vec![root, partial])
            };
            parts.push((sign, value));
        }
        // What is added comes before what is taken away, so that nothing is negated.
        let first = parts.iter().position(|(sign, _)| *sign == Sign::Plus);
        let negative = first.is_none() && !parts.is_empty();
        let mut parts = parts.into_iter().enumerate().collect::<Vec<_>>();
        parts.sort_by_key(|(at, _)| Some(*at) != first);
        let mut parts = parts.into_iter().map(|(_, part)| part);
        let Some((_, mut sum)) = parts.next() else {
            return (Sign::Plus, Value::Atom(literal(-0.0, ty)));
        };
        for (sign, value) in parts {
            let plus = negative || sign == Sign::Plus;
            let left = self.bind(sum, ty.clone(), span);
            let right = self.bind(value, ty.clone(), span);
            sum = Value::operation(if plus { "add" } else { "sub" }, vec![left, right]);
        }
        let sign = if negative { Sign::Minus } else { Sign::Plus };
        (sign, sum)
    }

    fn rule(&mut self, name: &str, atoms: [Atom; 2], ty: Ty, span: Span) -> Atom {
        self.bind(Value::operation(name, atoms.to_vec()), ty, span)
    }

    fn bind(&mut self, value: Value, ty: Ty, span: Span) -> Atom {
        if let Value::Atom(atom) = value {
            return atom;
        }
        let id = self.func.fresh("t", span, ty, Role::Temp);
        self.out.push(span, StmtKind::Let(id, value));
        Atom::Var(id)
    }
}
