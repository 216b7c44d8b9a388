//! Shadows in the reverse sweep: where they are declared, what they start as, and
//! the gates in front of those that may be switched off.

use super::adjoint::Adjoint;
use crate::analysis::layout::BlockId;
use crate::ir::*;
use proc_macro2::Span;

impl Adjoint<'_> {
    /// Whether nobody has contributed to the adjoint of a place. Inside a loop the
    /// iteration reversed before this one may have: then it counts as touched.
    pub(super) fn untouched(&self, place: &Place) -> bool {
        let root = self.facts.views.root(place.root);
        let home = self.layout.home(root);
        let loops = |id: BlockId| self.layout.blocks[id.0].loops.len();
        !self.declared.contains(&root) && loops(self.here) == loops(home)
    }

    /// One number, as opposed to a whole array or tuple.
    pub(super) fn is_number(&self, place: &Place) -> bool {
        self.place_ty(place).is_float()
    }

    pub fn place_ty(&self, place: &Place) -> Ty {
        let place = self.facts.views.expand(place);
        let mut ty = self.func.var(place.root).ty.clone();
        for proj in &place.path {
            ty = match (proj, ty) {
                (Proj::Index(_), Ty::Seq(elem, _)) => *elem,
                (Proj::Range { .. }, Ty::Seq(elem, _)) => Ty::Seq(elem, SeqForm::Slice),
                (Proj::Field(index), Ty::Tuple(items)) => {
                    items.get(*index).cloned().unwrap_or(Ty::Unknown)
                }
                (Proj::Deref, ty) => ty,
                _ => Ty::Unknown,
            };
        }
        ty
    }

    /// A zero of the shape of a variable: from what made it, where that tells.
    pub(super) fn zero_like(&self, id: VarId) -> Value {
        let made = self
            .layout
            .definition(id)
            .map(|definition| &definition.stmt.kind);
        let zero = Atom::float("0.0");
        if self.timing.is_replaced(id)
            && !matches!(self.func.var(id).ty, Ty::Seq(_, SeqForm::Array))
        {
            return Value::ZeroLike(Place::of(id));
        }
        match made {
            Some(StmtKind::Let(_, value) | StmtKind::Cell(_, Some(value))) => match value {
                Value::Repeat(form, elem, len) if self.ty(elem).is_float() => {
                    Value::Repeat(*form, self.typed_zero(&self.ty(elem)), len.clone())
                }
                Value::List(SeqForm::Array, atoms)
                    if atoms.iter().all(|atom| self.ty(atom).is_float()) =>
                {
                    let ty = atoms.first().map_or(Ty::Unknown, |atom| self.ty(atom));
                    let zero = negative_zero(&ty);
                    Value::Repeat(SeqForm::Array, zero, Atom::int(atoms.len()))
                }
                Value::List(form, atoms) if atoms.iter().all(|atom| self.ty(atom).is_float()) => {
                    let ty = atoms.first().map_or(Ty::Unknown, |atom| self.ty(atom));
                    Value::Repeat(*form, self.typed_zero(&ty), Atom::int(atoms.len()))
                }
                Value::Tuple(atoms) if atoms.iter().all(|atom| self.ty(atom).is_float()) => {
                    Value::Tuple(atoms.iter().map(|_| zero.clone()).collect())
                }
                _ => Value::ZeroLike(Place::of(id)),
            },
            _ => Value::ZeroLike(Place::of(id)),
        }
    }

    /// A zero literal of a known width, so that nothing else has to fix it.
    pub(super) fn typed_zero(&self, ty: &Ty) -> Atom {
        match ty {
            Ty::Float(Some(Width::F32)) => Atom::float("0.0_f32"),
            Ty::Float(Some(Width::F64)) => Atom::float("0.0_f64"),
            _ => Atom::float("0.0"),
        }
    }

    /// The place of the shadow that mirrors a place of the primal.
    pub fn shadow_place(&mut self, place: &Place, span: Span) -> Option<Place> {
        let place = self.facts.views.expand(place);
        if !self.facts.active(place.root) {
            return None;
        }
        let shadow = self.shadows.shadow(&mut self.func, place.root);
        if self.declared.insert(place.root) {
            self.declare(place.root, shadow, span);
        }
        Some(Place {
            root: shadow,
            path: place.path,
        })
    }

    /// The parameters whose shadow a place is in: it may be switched off.
    pub(super) fn gate(&self, place: &Place) -> Params {
        self.facts.gate(place)
    }

    pub fn gated(&mut self, place: &Place, kind: StmtKind, span: Span) {
        let mut inner = Block::default();
        inner.push(span, kind);
        let gates = [self.gate(place)];
        self.push_within(&gates, inner, span);
    }

    /// Pushes a block behind all of the gates.
    pub(super) fn push_within(&mut self, gates: &[Params], inner: Block, span: Span) {
        let open = self.open.last_mut().expect("a block is open");
        open.stmts.extend(super::behind(gates, inner, span).stmts);
    }

    /// Declares the shadow of `id` as zero, at the end of the reverse of its block.
    /// `-0.0`: the sum with it is the other summand, whatever that is.
    pub(super) fn declare(&mut self, id: VarId, shadow: VarId, span: Span) {
        let ty = self.func.var(id).ty.clone();
        let zero = match ty {
            Ty::Float(_) => Value::Negate(self.typed_zero(&ty)),
            _ => self.zero_like(id),
        };
        let home = self.layout.depth(id);
        self.open[home].push(span, StmtKind::Cell(shadow, Some(zero)));
    }

    /// Adds `value` to the adjoint of an atom.
    pub fn contribute(&mut self, atom: &Atom, sign: Sign, value: Atom, span: Span) {
        let Some(id) = atom.var().filter(|id| self.facts.active(*id)) else {
            return;
        };
        let ty = self.func.var(id).ty.clone();
        let whole = !ty.is_float();
        let shadow = self.shadows.shadow(&mut self.func, id);
        if !self.declared.contains(&id) {
            self.declared.insert(id);
            let home = self.layout.depth(id);
            if home + 1 == self.open.len() && sign == Sign::Plus {
                let first = Some(Value::Atom(value));
                self.push(span, StmtKind::Cell(shadow, first));
                return;
            }
            if home + 1 == self.open.len() && !whole {
                let first = Some(Value::Negate(value));
                self.push(span, StmtKind::Cell(shadow, first));
                return;
            }
            self.declare(id, shadow, span);
        }
        let place = Place::of(shadow);
        if whole && let Some(from) = value.var() {
            let from = Place::of(from);
            self.push(span, StmtKind::Accumulate { into: place, from });
        } else {
            let op = sign;
            self.push(span, StmtKind::Update { place, op, value });
        }
    }

    /// Whether the adjoint of a variable has been contributed to.
    pub fn touched(&self, id: VarId) -> bool {
        !self.untouched(&Place::of(id))
    }
}

/// An element that is nothing added to.
fn negative_zero(ty: &Ty) -> Atom {
    Atom::Const(match ty {
        Ty::Float(Some(Width::F32)) => quote::quote!(-0.0_f32),
        Ty::Float(Some(Width::F64)) => quote::quote!(-0.0_f64),
        _ => quote::quote!(-0.0),
    })
}
