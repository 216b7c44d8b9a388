//! Forward mode: beside each active statement the same statement of its tangent.

use super::Facts;
use super::halves::{Lent, split_shadows};
use super::shadows::{Shadows, zero_of};
use super::template::Template;
use crate::ir::*;
use proc_macro2::Span;

/// A function with its tangent.
pub(crate) struct Tangent {
    pub func: Func,
    /// The tangent of the result.
    pub ret: Option<Atom>,
    /// The shadow of each differentiable parameter.
    pub shadows: Vec<Option<VarId>>,
}

pub(crate) fn forward(facts: &Facts) -> Tangent {
    let mut pass = Forward {
        facts,
        func: facts.func.clone(),
        shadows: Shadows::default(),
        out: vec![Block::default()],
    };
    let shadows = facts
        .func
        .params
        .iter()
        .map(|param| facts.active(*param).then(|| pass.shadow(*param)))
        .collect();
    pass.statements(&facts.func.body);
    let ret = facts
        .func
        .ret
        .as_ref()
        .map(|ret| pass.tangent(ret, Span::call_site()));
    let body = pass.out.pop().expect("the body is open");
    let mut func = pass.func;
    func.body = body;
    let mut tangent = Tangent { func, ret, shadows };
    super::tidy::tidy_forward(&mut tangent);
    let mut body = std::mem::take(&mut tangent.func.body);
    split_shadows(&mut tangent.func, &mut body);
    tangent.func.body = body;
    tangent
}

struct Forward<'f> {
    facts: &'f Facts<'f>,
    func: Func,
    shadows: Shadows,
    out: Vec<Block>,
}

impl Forward<'_> {
    fn statements(&mut self, block: &Block) {
        for stmt in &block.stmts {
            self.stmt(stmt);
        }
    }

    fn nested(&mut self, block: &Block) -> Block {
        self.out.push(Block::default());
        self.statements(block);
        self.out.pop().expect("opened above")
    }

    fn push(&mut self, span: Span, kind: StmtKind) {
        let block = self.out.last_mut().expect("a block is open");
        block.push(span, kind);
    }

    fn bind(&mut self, value: Value, ty: Ty, span: Span) -> Atom {
        let id = self.func.fresh("t", span, ty, Role::Temp);
        self.push(span, StmtKind::Let(id, value));
        Atom::Var(id)
    }

    fn shadow(&mut self, id: VarId) -> VarId {
        self.shadows.shadow(&mut self.func, id)
    }

    /// The tangent of an atom; zero if it is not active.
    fn tangent(&mut self, atom: &Atom, span: Span) -> Atom {
        if let Some(id) = atom.var().filter(|id| self.facts.active(*id)) {
            return Atom::Var(self.shadow(id));
        }
        match atom.var() {
            Some(id) => {
                let ty = self.func.var(id).ty.clone();
                match zero_of(&ty) {
                    Some(Value::Atom(zero)) => zero,
                    _ => self.bind(Value::ZeroLike(Place::of(id)), ty, span),
                }
            }
            None => match atom {
                Atom::Lit(syn::Lit::Float(_)) => Atom::float("0.0"),
                Atom::Const(tokens) if !tokens.is_empty() => atom.clone(),
                atom => atom.clone(),
            },
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        let span = stmt.span;
        match &stmt.kind {
            StmtKind::Let(id, value) => {
                self.push(span, stmt.kind.clone());
                if self.facts.active(*id) {
                    let tangent = self.value(*id, value, span);
                    let shadow = self.shadow(*id);
                    self.push(span, StmtKind::Let(shadow, tangent));
                }
            }
            StmtKind::Cell(id, value) => {
                self.push(span, stmt.kind.clone());
                if self.facts.active(*id) {
                    let tangent = value.as_ref().map(|value| self.value(*id, value, span));
                    let shadow = self.shadow(*id);
                    self.push(span, StmtKind::Cell(shadow, tangent));
                }
            }
            StmtKind::Store {
                place,
                value,
                first,
            } => {
                if self.facts.active_place(place) {
                    let tangent = self.tangent(value, span);
                    self.store(place, tangent, *first, span);
                }
                self.push(span, stmt.kind.clone());
            }
            StmtKind::Update { place, op, value } => {
                self.push(span, stmt.kind.clone());
                if self.facts.active_place(place) && self.facts.active_atom(value) {
                    let value = self.tangent(value, span);
                    let target = self.shadow_place(place);
                    let op = *op;
                    let update = StmtKind::Update {
                        place: target,
                        op,
                        value,
                    };
                    self.gated(place, update, span);
                }
            }
            StmtKind::Swap(left, right) => {
                self.push(span, stmt.kind.clone());
                if self.facts.active_place(left) {
                    self.swap(left, right, span);
                }
            }
            StmtKind::Fill(place, value) => {
                self.push(span, stmt.kind.clone());
                if self.facts.active_place(place) {
                    self.fill(place, value, span);
                }
            }
            StmtKind::CopyFrom(to, from) => {
                self.push(span, stmt.kind.clone());
                if self.facts.active_place(to) {
                    self.copy(to, from, span);
                }
            }
            StmtKind::Call(call) => {
                if self.facts.active_call(call) {
                    self.call(call, span);
                } else {
                    self.push(span, stmt.kind.clone());
                }
            }
            StmtKind::If(cond, yes, no) => {
                let (yes, no) = (self.nested(yes), self.nested(no));
                self.push(span, StmtKind::If(cond.clone(), yes, no));
            }
            StmtKind::Loop(each) => {
                let head = match &each.head {
                    Head::While(test, cond) => Head::While(self.nested(test), cond.clone()),
                    head => head.clone(),
                };
                let body = self.nested(&each.body);
                let id = each.id;
                self.push(span, StmtKind::Loop(Loop { id, head, body }));
            }
            _ => self.push(span, stmt.kind.clone()),
        }
    }

    /// The tangent of a value.
    fn value(&mut self, id: VarId, value: &Value, span: Span) -> Value {
        match value {
            Value::Atom(atom) => Value::Atom(self.tangent(atom, span)),
            Value::Rule(rule, atoms, form) => self.rule(id, (rule, *form), atoms, span),
            Value::Cast(atom, ty, tokens) => {
                if !self.facts.active_atom(atom) {
                    return Value::Atom(Atom::float("0.0"));
                }
                Value::Cast(self.tangent(atom, span), ty.clone(), tokens.clone())
            }
            Value::Load(place) if !self.facts.active_place(place) => self.zero(id),
            Value::Load(place) => match self.gate(place) {
                gate if gate.is_empty() => Value::Load(self.shadow_place(place)),
                gate if self.func.var(id).ty.is_float() => {
                    Value::Gated(gate, self.shadow_place(place))
                }
                gate => {
                    let yes = Value::Own(self.shadow_place(place));
                    self.either(gate, yes, Value::ZeroLike(place.clone()))
                }
            },
            Value::Copied(place, form) => self.copied(id, place, *form),
            Value::List(form, atoms) => {
                let atoms = atoms.iter().map(|atom| self.tangent(atom, span)).collect();
                Value::List(*form, atoms)
            }
            Value::Repeat(form, atom, len) => {
                Value::Repeat(*form, self.tangent(atom, span), len.clone())
            }
            Value::Tuple(atoms) => {
                Value::Tuple(atoms.iter().map(|atom| self.tangent(atom, span)).collect())
            }
            _ => self.zero(id),
        }
    }

    /// A zero for the tangent of a variable.
    fn zero(&self, id: VarId) -> Value {
        zero_of(&self.func.var(id).ty).unwrap_or(Value::ZeroLike(Place::of(id)))
    }

    fn copied(&mut self, id: VarId, place: &Place, form: CopyForm) -> Value {
        if !self.facts.active_place(place) {
            return Value::ZeroLike(Place::of(id));
        }
        let gate = self.gate(place);
        let shadow = self.shadow_place(place);
        if gate.is_empty() {
            return Value::Copied(shadow, form);
        }
        // Switched off, the shadow is hollow: a zero of the shape of the primal.
        let (yes, no) = (Value::Copied(shadow, form), Value::ZeroLike(Place::of(id)));
        self.either(gate, yes, no)
    }

    /// `yes` where the gate is open, else `no`.
    fn either(&mut self, gate: Params, yes: Value, no: Value) -> Value {
        let span = Span::call_site();
        let cell = self.func.fresh("made", span, Ty::Unknown, Role::Temp);
        self.func.var_mut(cell).cell = true;
        self.push(span, StmtKind::Cell(cell, Some(no)));
        let mut inner = Block::default();
        let value = self.func.fresh("t", span, Ty::Unknown, Role::Temp);
        inner.push(span, StmtKind::Let(value, yes));
        inner.push(span, StmtKind::assign(Place::of(cell), Atom::Var(value)));
        self.push(span, StmtKind::Gate(gate, inner));
        Value::Load(Place::of(cell))
    }

    fn rule(
        &mut self,
        id: VarId,
        (rule, form): (&'static crate::rules::Rule, Form),
        atoms: &[Atom],
        span: Span,
    ) -> Value {
        let mut sum: Option<Value> = None;
        let ty = self.func.var(id).ty.clone();
        for (index, text) in rule.contributions.iter().enumerate() {
            if text.is_empty() || !self.facts.active_atom(&atoms[index]) {
                continue;
            }
            let d = self.tangent(&atoms[index], span);
            let part = Template {
                known: &|_, _| None,
                func: &mut self.func,
                out: self.out.last_mut().expect("a block is open"),
                span,
                names: super::template::names(rule, atoms, id, d),
                ty: ty.clone(),
                form,
            }
            .instantiate(text);
            sum = Some(self.plus(sum, part, &ty, span));
        }
        sum.unwrap_or_else(|| self.zero(id))
    }

    fn plus(
        &mut self,
        sum: Option<Value>,
        part: super::template::Contribution,
        ty: &Ty,
        span: Span,
    ) -> Value {
        match (sum, part.sign) {
            (None, Sign::Plus) => Value::Atom(part.value),
            (None, Sign::Minus) => Value::Negate(part.value),
            (Some(sum), sign) => {
                let left = match sum {
                    Value::Atom(atom) => atom,
                    sum => self.bind(sum, ty.clone(), span),
                };
                let name = if sign == Sign::Plus { "add" } else { "sub" };
                Value::operation(name, vec![left, part.value])
            }
        }
    }

    fn store(&mut self, place: &Place, tangent: Atom, first: bool, span: Span) {
        let target = self.shadow_place(place);
        let store = StmtKind::Store {
            place: target,
            value: tangent,
            first,
        };
        self.gated(place, store, span);
    }

    fn swap(&mut self, left: &Place, right: &Place, span: Span) {
        let (a, b) = (self.shadow_place(left), self.shadow_place(right));
        if a.root != b.root || super::adjoint::is_swap_of_elements(&a, &b) {
            self.gated(left, StmtKind::Swap(a, b), span);
            return;
        }
        let mut inner = Block::default();
        let (x, y) = (
            self.func.fresh("t", span, Ty::Unknown, Role::Temp),
            self.func.fresh("t", span, Ty::Unknown, Role::Temp),
        );
        inner.push(span, StmtKind::Let(x, Value::Own(a.clone())));
        inner.push(span, StmtKind::Let(y, Value::Own(b.clone())));
        for (place, value) in [(a, Atom::Var(y)), (b, Atom::Var(x))] {
            inner.push(span, StmtKind::assign(place, value));
        }
        self.within(&[self.gate(left)], inner, span);
    }

    fn fill(&mut self, place: &Place, value: &Atom, span: Span) {
        let target = self.shadow_place(place);
        let kind = if self.facts.active_atom(value) {
            StmtKind::Fill(target, self.tangent(value, span))
        } else {
            StmtKind::Clear(target)
        };
        self.gated(place, kind, span);
    }

    fn copy(&mut self, to: &Place, from: &Place, span: Span) {
        let target = self.shadow_place(to);
        if !self.facts.active_place(from) {
            self.gated(to, StmtKind::Clear(target), span);
            return;
        }
        let source = self.shadow_place(from);
        let mut inner = Block::default();
        if source.root == target.root {
            let copy = self.func.fresh("t", span, Ty::Unknown, Role::Temp);
            inner.push(span, StmtKind::Let(copy, Value::Own(source)));
            inner.push(span, StmtKind::CopyFrom(target, Place::of(copy)));
        } else {
            if !self.gate(from).is_empty() {
                self.gated(to, StmtKind::Clear(target.clone()), span);
            }
            inner.push(span, StmtKind::CopyFrom(target, source));
        }
        self.within(&[self.gate(to), self.gate(from)], inner, span);
    }

    fn call(&mut self, call: &Call, span: Span) {
        let mut lent = Lent::nothing(&self.facts.passes);
        let mut after = Vec::new();
        let mutable_roots: Vec<VarId> =
            call.args.iter().filter_map(|arg| self.lends(arg)).collect();
        let shadows = call
            .args
            .iter()
            .map(|arg| self.shadow_arg(arg, &mutable_roots, &mut lent, &mut after, span))
            .collect();
        let second = call.out.map(|out| self.shadow(out));
        let derivative = Derivative {
            kind: DerivativeKind::Forward,
            call: call.clone(),
            shadows,
            seed: None,
            second,
        };
        self.push(span, StmtKind::Derivative(derivative));
        for (place, kind) in after {
            self.gated(&place, kind, span);
        }
    }

    /// The root whose shadow a mutable argument lends.
    fn lends(&self, arg: &Arg) -> Option<VarId> {
        match arg {
            Arg::Ref {
                place,
                mutability: Mutability::Mutable,
                ..
            } => Some(self.facts.views.root(place.root)),
            _ => None,
        }
    }

    fn shadow_arg(
        &mut self,
        arg: &Arg,
        mutable: &[VarId],
        lent: &mut Lent,
        after: &mut Vec<(Place, StmtKind)>,
        span: Span,
    ) -> ShadowArg {
        let (place, mutability) = match arg {
            Arg::Value(atom) => match atom.var() {
                Some(id) => (Place::of(id), Mutability::Shared),
                None => {
                    return ShadowArg {
                        active: None,
                        place: None,
                        later: None,
                    };
                }
            },
            Arg::Ref {
                place, mutability, ..
            } => (place.clone(), *mutability),
        };
        if !self.facts.active_place(&place) {
            return ShadowArg {
                active: None,
                place: None,
                later: None,
            };
        }
        let root = self.facts.views.root(place.root);
        let active = Some(self.facts.params(root));
        let shadow = self.shadow_place(&place);
        if !mutable.contains(&root) || lent.lend(&shadow) {
            return ShadowArg {
                active,
                place: Some(shadow),
                later: None,
            };
        }
        let temp = self.func.fresh("d_temp", span, Ty::Unknown, Role::Shadow);
        self.func.var_mut(temp).cell = true;
        let gate = self.gate(&place);
        let start = if gate.is_empty() {
            Value::Own(shadow.clone())
        } else {
            let hollow = Value::Helper("hollow", Vec::new());
            self.either(gate, Value::Own(shadow.clone()), hollow)
        };
        self.push(span, StmtKind::Cell(temp, Some(start)));
        if mutability == Mutability::Mutable {
            after.push((place, StmtKind::CopyFrom(shadow, Place::of(temp))));
        }
        ShadowArg {
            active,
            place: Some(Place::of(temp)),
            later: None,
        }
    }

    fn shadow_place(&mut self, place: &Place) -> Place {
        let place = self.facts.views.expand(place);
        Place {
            root: self.shadow(place.root),
            path: place.path,
        }
    }

    fn gate(&self, place: &Place) -> Params {
        self.facts.gate(place)
    }

    fn gated(&mut self, place: &Place, kind: StmtKind, span: Span) {
        let mut inner = Block::default();
        inner.push(span, kind);
        self.within(&[self.gate(place)], inner, span);
    }

    fn within(&mut self, gates: &[Params], inner: Block, span: Span) {
        let open = self.out.last_mut().expect("a block is open");
        open.stmts.extend(super::behind(gates, inner, span).stmts);
    }
}
