//! Adjoints as linear forms.

use crate::ir::*;
use proc_macro2::Span;

/// An adjoint: what depends on no root, and the roots with their partials.
#[derive(Clone, Default)]
pub(super) struct Combination {
    pub free: Vec<(Sign, Atom)>,
    pub terms: Vec<Term>,
}

/// `scale * root * partial`
#[derive(Clone)]
pub(super) struct Term {
    pub root: VarId,
    pub scale: f64,
    pub partial: Option<Atom>,
}

impl Combination {
    /// A root itself.
    pub fn of(root: VarId) -> Combination {
        let term = Term {
            root,
            scale: 1.0,
            partial: None,
        };
        Combination {
            free: Vec::new(),
            terms: vec![term],
        }
    }

    pub fn is(&self, root: VarId) -> bool {
        self.free.is_empty() && matches!(self.terms.as_slice(), [term] if term.root == root)
    }

    pub fn negate(&mut self) {
        self.free
            .iter_mut()
            .for_each(|(sign, _)| *sign = sign.flipped());
        self.terms.iter_mut().for_each(|term| term.scale *= -1.0);
    }
}

pub(super) fn literal(value: f64, ty: &Ty) -> Atom {
    let width = match ty {
        Ty::Float(Some(Width::F32)) => "_f32",
        _ => "",
    };
    let text = format!("{:?}{width}", value.abs());
    if value.is_sign_negative() {
        let literal = syn::LitFloat::new(&text, Span::call_site());
        return Atom::Const(quote::quote!(-#literal));
    }
    Atom::float(&text)
}
