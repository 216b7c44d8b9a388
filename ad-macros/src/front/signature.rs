//! The signature of a function under differentiation.

use crate::ctxt::Ctxt;
use crate::ir::Mutability;
use proc_macro2::Ident;

pub(crate) struct Signature {
    pub params: Vec<Param>,
    /// `None` for `()`.
    pub ret: Option<syn::Type>,
}

pub(crate) struct Param {
    pub name: Ident,
    /// As written, references included.
    pub ty: syn::Type,
    pub mutable: bool,
    pub reference: Option<Mutability>,
}

/// Reads a signature; reports what has no derivative yet.
pub(crate) fn read(cx: &Ctxt, sig: &syn::Signature) -> Option<Signature> {
    refuse(cx, sig);
    let params: Option<Vec<Param>> = sig.inputs.iter().map(|input| param(cx, input)).collect();
    let ret = match &sig.output {
        syn::ReturnType::Default => None,
        syn::ReturnType::Type(_, ty) if is_unit(ty) => None,
        syn::ReturnType::Type(_, ty) => Some((**ty).clone()),
    };
    if let Some(syn::Type::Reference(reference)) = &ret {
        cx.error(
            reference,
            "a function that returns a reference has no derivative yet: return the value, \
             or write into a `&mut` parameter",
        );
    }
    Some(Signature {
        params: params?,
        ret,
    })
}

fn refuse(cx: &Ctxt, sig: &syn::Signature) {
    if let Some(token) = &sig.asyncness {
        cx.error(
            token,
            "an `async fn` cannot be differentiated: move the numeric part into a plain `fn`",
        );
    }
    if let syn::Safety::Unsafe(token) = &sig.safety {
        cx.error(
            token,
            "an `unsafe fn` cannot be differentiated: wrap the numeric part in a safe `fn`",
        );
    }
    if let Some(variadic) = &sig.variadic {
        cx.error(variadic, "a variadic function cannot be differentiated");
    }
    for param in &sig.generics.params {
        if !matches!(param, syn::GenericParam::Lifetime(_)) {
            cx.error(
                param,
                "generic parameters are not supported yet: write the function for `f64` or `f32`",
            );
        }
    }
}

fn param(cx: &Ctxt, input: &syn::FnArg) -> Option<Param> {
    let typed = match input {
        syn::FnArg::Typed(typed) => typed,
        syn::FnArg::Receiver(receiver) => {
            cx.error(
                receiver,
                "methods are not supported yet: move the numeric part into a free `fn` and call it from the method",
            );
            return None;
        }
    };
    let syn::Pat::Ident(name) = &*typed.pat else {
        if let syn::Pat::Wild(wild) = &*typed.pat {
            cx.error(
                wild,
                "give this parameter a name: its derivative is passed beside it",
            );
        } else {
            cx.error(
                &typed.pat,
                "a pattern cannot stand for a parameter here: give the parameter a name and take it apart with `let`",
            );
        }
        return None;
    };
    if let syn::Type::ImplTrait(ty) = &*typed.ty {
        cx.error(
            ty,
            "`impl Trait` parameters are not supported yet: write a concrete type",
        );
    }
    Some(Param {
        name: name.ident.clone(),
        ty: (*typed.ty).clone(),
        mutable: name.mutability.is_some(),
        reference: reference(&typed.ty),
    })
}

fn reference(ty: &syn::Type) -> Option<Mutability> {
    match ty {
        syn::Type::Reference(reference) if reference.mutability.is_some() => {
            Some(Mutability::Mutable)
        }
        syn::Type::Reference(_) => Some(Mutability::Shared),
        syn::Type::Paren(paren) => self::reference(&paren.elem),
        syn::Type::Group(group) => self::reference(&group.elem),
        _ => None,
    }
}

fn is_unit(ty: &syn::Type) -> bool {
    matches!(ty, syn::Type::Tuple(tuple) if tuple.elems.is_empty())
}
