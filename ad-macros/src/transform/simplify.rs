//! Arithmetic of the reverse sweep, with fewer and cheaper operations.
//!
//! - Divisions by one divisor share its reciprocal.
//! - What is cleared and then added to is assigned.
//! - What is negated and then added is subtracted.
//!
//! Only adjoints are touched, up to rounding, and quotients of the primal that are computed
//! again for adjoints alone; other primal values stay what they are, bit for bit.

use super::reverse::Sweeps;
use crate::ir::visit::walk;
use crate::ir::*;
use proc_macro2::Span;
use std::collections::{HashMap, HashSet};

/// `primal`: how many variables the primal has; later ones belong to the derivative.
/// `split`: what the forward sweep computed is not at hand.
pub(super) fn simplify(sweeps: &mut Sweeps, primal: usize, split: bool) {
    let mut body = std::mem::take(&mut sweeps.reverse);
    let func = &sweeps.func;
    let forward = func.body.stmts.iter().filter(|_| !split);
    let known = forward
        .filter_map(|stmt| reciprocal(func, stmt))
        .map(|(id, divisor)| (divisor, id))
        .collect();
    let ours = Adjoints {
        primal,
        quotients: quotients(primal, &body),
    };
    block(&mut sweeps.func, &ours, known, &mut body);
    let mut negated = negated(primal, &body);
    for result in sweeps.shadows.iter().flatten() {
        negated.remove(result);
    }
    let mut gone = HashSet::new();
    subtract(&negated, &mut body, &mut gone);
    remove(&gone, &mut body);
    sweeps.reverse = body;
}

/// Which values may be computed in another way.
struct Adjoints {
    primal: usize,
    /// Quotients of the primal that only adjoints are made from.
    quotients: HashSet<VarId>,
}

impl Adjoints {
    fn has(&self, id: VarId) -> bool {
        id.0 as usize >= self.primal
    }

    /// A quotient with its divisor; without a numerator the partial of a square root,
    /// which divides by its result.
    fn quotient<'a>(&self, stmt: &'a Stmt) -> Option<(VarId, Option<&'a Atom>, &'a Atom)> {
        if let StmtKind::Let(id, Value::Helper("sqrt", atoms)) = &stmt.kind {
            return Some((*id, None, &atoms[0]));
        }
        let (id, atoms) = operation(stmt, "div")?;
        let ours = self.has(id) || self.quotients.contains(&id);
        ours.then_some((id, Some(&atoms[0]), &atoms[1]))
    }
}

/// Quotients of the primal that are only factors of adjoints. In loops only: elsewhere the
/// forward sweep has computed the same, and rustc need not do it twice.
fn quotients(primal: usize, body: &Block) -> HashSet<VarId> {
    let (mut found, mut other) = (HashSet::new(), HashSet::new());
    let mut see = |stmt: &Stmt, looped: bool| {
        match operation(stmt, "mul") {
            Some((id, _)) if id.0 as usize >= primal => {}
            _ => other.extend(stmt.kind.access().variables()),
        }
        let quotient = operation(stmt, "div").map(|(id, _)| id);
        found.extend(quotient.filter(|id| looped && (id.0 as usize) < primal));
    };
    walk(body, &mut |stmt| see(stmt, false));
    walk(body, &mut |stmt| {
        if let StmtKind::Loop(each) = &stmt.kind {
            walk(&each.body, &mut |stmt| see(stmt, true));
        }
    });
    found.retain(|id| !other.contains(id));
    found
}

/// `known`: reciprocals, by what they are of.
fn block(func: &mut Func, ours: &Adjoints, mut known: HashMap<VarId, VarId>, body: &mut Block) {
    share_reciprocals(func, ours, &mut known, body);
    assign(func, body);
    for stmt in &mut body.stmts {
        for inner in stmt.kind.blocks_mut() {
            block(func, ours, HashMap::new(), inner);
        }
    }
}

/// A product or quotient.
fn operation<'a>(stmt: &'a Stmt, name: &str) -> Option<(VarId, &'a [Atom])> {
    match &stmt.kind {
        StmtKind::Let(id, Value::Rule(rule, atoms, _)) if rule.name == name => Some((*id, atoms)),
        _ => None,
    }
}

fn share_reciprocals(
    func: &mut Func,
    ours: &Adjoints,
    reciprocals: &mut HashMap<VarId, VarId>,
    body: &mut Block,
) {
    let mut count: HashMap<VarId, HashSet<Option<VarId>>> = HashMap::new();
    // What an adjoint is divided by: at zero, its own adjoint is no number any more.
    let mut divided = HashSet::new();
    for stmt in &body.stmts {
        if let Some((id, numerator, divisor)) = ours.quotient(stmt)
            && let Some(divisor) = steady(func, divisor)
        {
            if numerator.is_some() && ours.has(id) {
                divided.insert(divisor);
            }
            // Equal quotients are one division already.
            let numerator = numerator.and_then(Atom::var);
            count.entry(divisor).or_default().insert(numerator);
        }
    }
    for stmt in std::mem::take(&mut body.stmts) {
        if let Some((id, divisor)) = reciprocal(func, &stmt) {
            let kind = match reciprocals.get(&divisor) {
                Some(known) if ours.has(id) => StmtKind::Let(id, Value::Atom(Atom::Var(*known))),
                _ => stmt.kind,
            };
            reciprocals.entry(divisor).or_insert(id);
            body.push(stmt.span, kind);
            continue;
        }
        let found = ours.quotient(&stmt).and_then(|(id, numerator, divisor)| {
            let divisor = steady(func, divisor)?;
            let shared = count[&divisor].len() > 1 || reciprocals.contains_key(&divisor);
            let divisor = shared.then_some(divisor)?;
            Some((id, numerator.cloned(), divisor))
        });
        let Some((id, numerator, divisor)) = found else {
            body.stmts.push(stmt);
            continue;
        };
        let span = stmt.span;
        let reciprocal = *reciprocals.entry(divisor).or_insert_with(|| {
            let var = func.var(divisor).clone();
            let name = format!("inv_{}", var.name);
            let inverse = func.fresh(&name, span, var.ty.clone(), Role::Temp);
            let one = Atom::float_for(&func.var(divisor).ty, "1.0");
            let value = Value::operation("div", vec![one, Atom::Var(divisor)]);
            body.push(span, StmtKind::Let(inverse, value));
            inverse
        });
        let inverse = Atom::Var(reciprocal);
        let value = match numerator {
            Some(numerator) => Value::operation("mul", vec![numerator, inverse]),
            None if divided.contains(&divisor) => {
                let half = Atom::float_for(&func.var(divisor).ty, "0.5");
                Value::operation("mul", vec![half, inverse])
            }
            None => Value::Helper("sqrt_with", vec![Atom::Var(divisor), inverse]),
        };
        body.push(span, StmtKind::Let(id, value));
    }
}

/// A reciprocal, of the primal or among the adjoints, and of what.
fn reciprocal(func: &Func, stmt: &Stmt) -> Option<(VarId, VarId)> {
    let (id, atoms) = operation(stmt, "div")?;
    let one = number(&atoms[0]) == Some(1.0);
    Some((id, steady(func, &atoms[1])?)).filter(|_| one)
}

/// Adjoints that are the negative of something which does not change, and are used once.
fn negated(primal: usize, body: &Block) -> HashMap<VarId, Atom> {
    let mut found = HashMap::new();
    let (mut uses, mut written): (HashMap<VarId, usize>, _) = (HashMap::new(), HashSet::new());
    walk(body, &mut |stmt| {
        let access = stmt.kind.access();
        written.extend(access.writes.iter().map(|place| place.root));
        for id in access.variables() {
            *uses.entry(id).or_default() += 1;
        }
        if let StmtKind::Let(id, Value::Negate(atom))
        | StmtKind::Cell(id, Some(Value::Negate(atom))) = &stmt.kind
            && id.0 as usize >= primal
        {
            found.insert(*id, atom.clone());
        }
    });
    let steady = |atom: &Atom| atom.var().is_none_or(|id| !written.contains(&id));
    found.retain(|id, atom| uses.get(id) == Some(&1) && !written.contains(id) && steady(atom));
    found
}

/// `d -= x` for `d += -x`; `gone`: what is not used any more.
fn subtract(negated: &HashMap<VarId, Atom>, body: &mut Block, gone: &mut HashSet<VarId>) {
    for stmt in &mut body.stmts {
        if let StmtKind::Update { op, value, .. } = &mut stmt.kind
            && let Some((id, atom)) = value.var().and_then(|id| negated.get_key_value(&id))
        {
            gone.insert(*id);
            *op = op.flipped();
            *value = atom.clone();
        }
        for inner in stmt.kind.blocks_mut() {
            subtract(negated, inner, gone);
        }
    }
}

/// Drops the definitions of variables.
fn remove(gone: &HashSet<VarId>, body: &mut Block) {
    body.stmts.retain(|stmt| match &stmt.kind {
        StmtKind::Let(id, _) | StmtKind::Cell(id, _) => !gone.contains(id),
        _ => true,
    });
    for stmt in &mut body.stmts {
        for inner in stmt.kind.blocks_mut() {
            remove(gone, inner);
        }
    }
}

/// `d = 0.0; d += x` is `d = x`.
fn assign(func: &mut Func, body: &mut Block) {
    let mut at = 0;
    while at < body.stmts.len() {
        match first_sum(&body.stmts, at) {
            Some(sum) => {
                body.stmts.remove(at);
                let Stmt { span, kind } = &mut body.stmts[sum - 1];
                let span = *span;
                if let Some(kind) = set(func, kind) {
                    body.stmts.insert(sum - 1, Stmt { span, kind });
                }
            }
            None => at += 1,
        }
    }
}

/// For a statement that clears a place, the next that touches it, if that adds to it.
fn first_sum(stmts: &[Stmt], at: usize) -> Option<usize> {
    let (gate, StmtKind::Store { place, value, .. }) = behind_gate(&stmts[at].kind) else {
        return None;
    };
    if !value.is_zero_float() {
        return None;
    }
    let next = (at + 1..stmts.len()).find(|next| stmts[*next].involves(place.root))?;
    match behind_gate(&stmts[next].kind) {
        (other, StmtKind::Update { place: to, .. }) => {
            (gate == other && to == place).then_some(next)
        }
        _ => None,
    }
}

/// A statement that may stand behind a gate, with that.
fn behind_gate(kind: &StmtKind) -> (Option<&Params>, &StmtKind) {
    match kind {
        StmtKind::Gate(gate, inner) => match inner.stmts.as_slice() {
            [one] => (Some(gate), &one.kind),
            _ => (None, kind),
        },
        kind => (None, kind),
    }
}

/// Makes an addition an assignment; what it takes in front for a subtraction.
fn set(func: &mut Func, kind: &mut StmtKind) -> Option<StmtKind> {
    if let StmtKind::Gate(_, inner) = kind {
        return set(func, &mut inner.stmts[0].kind);
    }
    let StmtKind::Update { place, op, value } = kind else {
        return None;
    };
    let place = place.clone();
    let (mut value, op) = (value.clone(), *op);
    let mut before = None;
    if op == Sign::Minus {
        let ty = value
            .var()
            .map_or(Ty::Float(None), |id| func.var(id).ty.clone());
        let negated = func.fresh("t", Span::call_site(), ty, Role::Temp);
        before = Some(StmtKind::Let(negated, Value::Negate(value)));
        value = Atom::Var(negated);
    }
    *kind = StmtKind::assign(place, value);
    before
}

/// A float that has one value throughout.
fn steady(func: &Func, atom: &Atom) -> Option<VarId> {
    let id = atom.var()?;
    let var = func.var(id);
    (var.ty.is_float() && !var.cell).then_some(id)
}

pub(super) fn number(atom: &Atom) -> Option<f64> {
    match atom {
        Atom::Lit(syn::Lit::Float(literal)) => literal.base10_parse().ok(),
        _ => None,
    }
}

/// Whether a product of literals can be written down as one, in both widths.
pub(super) fn plain(value: f64) -> bool {
    (1e-30..1e30).contains(&value.abs())
}

/// Drops values of a block that nothing uses any more, but for `results`.
pub(super) fn drop_unused(body: &mut Block, results: &[VarId]) {
    let mut used: HashSet<VarId> = results.iter().copied().collect();
    let mut kept = Vec::new();
    for stmt in std::mem::take(&mut body.stmts).into_iter().rev() {
        if let StmtKind::Let(id, value) = &stmt.kind
            && !matches!(value, Value::Opaque(_))
            && !used.contains(id)
        {
            continue;
        }
        used.extend(stmt.kind.access().variables());
        for inner in stmt.kind.blocks() {
            walk(inner, &mut |stmt| {
                used.extend(stmt.kind.access().variables())
            });
        }
        kept.push(stmt);
    }
    kept.reverse();
    body.stmts = kept;
}
