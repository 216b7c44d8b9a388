//! The hidden cores: one forward and two reverse forms, for any set of active arguments.
//!
//! Each argument is passed as marker, primal, shadow. A marker that is off makes
//! the shadow hollow, and what touches it stands under `if X::ON`.

use super::print::{Printer, located};
use super::target::Target;
use crate::front::signature::Param;
use crate::ir::*;
use crate::transform::forward::Tangent;
use crate::transform::reverse::{Sweeps, TapeKind};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

impl Target<'_> {
    /// `__forward`: the primal and its tangent.
    pub fn forward_core(&self, tangent: &Tangent) -> TokenStream {
        let shadows = self.shadow_names(&tangent.func, &tangent.shadows);
        let params = self.core_params(&shadows, false);
        let opens = self.open_forward(&shadows);
        let asserts = self.asserts();
        let generics = self.generics();
        let body = super::gates::dissolve(&tangent.func.body, &self.gates());
        let mut printer = Printer::new(&tangent.func, &[&body], self.gates());
        printer.shadow_of(&tangent.shadows);
        let tail: Vec<&Atom> = tangent.func.ret.iter().chain(&tangent.ret).collect();
        for id in tail.iter().filter_map(|atom| atom.var()) {
            *printer.mentions.entry(id).or_default() += 1;
        }
        let stmts = printer.stmts(&body.stmts, &tail, &[]);
        let result = match (&tangent.func.ret, &tangent.ret) {
            (Some(ret), Some(d_ret)) => {
                let (ret, d_ret) = (printer.kept(ret).tokens, printer.kept(d_ret).tokens);
                quote!((#ret, #d_ret))
            }
            _ if self.signature.ret.is_some() => quote!(::core::unreachable!()),
            _ => quote!(((), ())),
        };
        let ret = self.ret();
        let items = &self.func.items;
        let doc = format!(
            "Forward-mode core of `{}`: the primal and the tangent.",
            self.name
        );
        let hint = self.hint();
        quote! {
            #[doc = #doc]
            #[doc(hidden)]
            #hint
            pub fn __forward #generics (#params) -> (#ret, #ret) {
                #(#items)*
                #asserts
                #opens
                #stmts
                #result
            }
        }
    }

    /// `__reverse`: forward and reverse sweep in one; the primal result is dropped.
    pub fn joint_core(&self, sweeps: &Sweeps) -> TokenStream {
        let (signature, body) = self.sweeps_in_one(sweeps, &[]);
        let early = self.early_return(&self.call_for_effect());
        let doc = format!(
            "Reverse-mode core of `{}`: adds to the shadows of the arguments that are on.",
            self.name
        );
        let hint = self.joint_hint(sweeps);
        quote! {
            #[doc = #doc]
            #[doc(hidden)]
            #hint
            pub fn __reverse #signature {
                #early
                #body
            }
        }
    }

    /// `__reverse_with_primal`: both sweeps in one, and the primal result. With one
    /// differentiable parameter, that has to be on.
    pub fn fused_core(&self, sweeps: &Sweeps) -> TokenStream {
        let result: Vec<&Atom> = sweeps.func.ret.iter().collect();
        let (signature, body) = self.sweeps_in_one(sweeps, &result);
        let ret = self.ret();
        let doc = format!(
            "Reverse-mode core of `{}` that returns the primal: adds to the shadows of the \
             arguments that are on.",
            self.name
        );
        let hint = self.joint_hint(sweeps);
        quote! {
            #[doc = #doc]
            #[doc(hidden)]
            #hint
            pub fn __reverse_with_primal #signature -> #ret { #body }
        }
    }

    /// Generics and parameters, and the body of both sweeps that returns `result`.
    fn sweeps_in_one(&self, sweeps: &Sweeps, result: &[&Atom]) -> (TokenStream, TokenStream) {
        let shadows = self.shadow_names(&sweeps.func, &sweeps.shadows);
        let params = self.core_params(&shadows, true);
        let (generics, seed) = (self.generics(), self.seed(sweeps));
        let opens = self.open_reverse(&shadows);
        let asserts = self.asserts();
        let forward = super::gates::dissolve(&sweeps.func.body, &self.gates());
        let reverse = super::gates::dissolve(&sweeps.reverse, &self.gates());
        let mut printer = Printer::new(&sweeps.func, &[&forward, &reverse], self.gates());
        printer.shadow_of(&sweeps.shadows);
        for id in result.iter().filter_map(|atom| atom.var()) {
            *printer.mentions.entry(id).or_default() += 1;
        }
        let tapes = tapes(&printer, sweeps);
        // Apart, so that no borrow of the forward sweep reaches into the reverse sweep.
        let stmts = printer.stmts(&forward.stmts, &[], &[&reverse]);
        let back = printer.stmts(&reverse.stmts, result, &[]);
        let delivers = self.deliver(&shadows);
        let result = result.iter().map(|atom| printer.kept(atom).tokens);
        let items = &self.func.items;
        let body = quote! {
            #(#items)*
            #asserts
            #opens
            #tapes
            #stmts
            #back
            #delivers
            #(#result)*
        };
        (quote!(#generics (#params #seed)), body)
    }

    /// `__augmented`: the primal, and the pullback that owns what it saved.
    pub fn augmented_core(&self, sweeps: &Sweeps) -> TokenStream {
        let shadows = self.shadow_names(&sweeps.func, &sweeps.shadows);
        let generics = self.generics();
        let asserts = self.asserts();
        let params = self.augmented_params();
        let seed = self.seed(sweeps);
        let opens = self.open_reverse(&shadows);
        let delivers = self.deliver(&shadows);
        let early = self.early_return(&TokenStream::new());
        let forward = super::gates::dissolve(&sweeps.func.body, &self.gates());
        let reverse = super::gates::dissolve(&sweeps.reverse, &self.gates());
        let mut printer = Printer::new(&sweeps.func, &[&forward, &reverse], self.gates());
        printer.shadow_of(&sweeps.shadows);
        let tapes = tapes(&printer, sweeps);
        let tail: Vec<&Atom> = sweeps.func.ret.iter().collect();
        let stmts = printer.stmts(&forward.stmts, &tail, &[&reverse]);
        let result = match &sweeps.func.ret {
            Some(ret) => printer.kept(ret).tokens,
            None if self.signature.ret.is_some() => quote!(::core::unreachable!()),
            None => quote!(()),
        };
        let back = printer.stmts(&reverse.stmts, &[], &[]);
        let (types, names) = (self.pullback_types(), self.pullback_params(&shadows));
        let (ret, uses) = (self.ret(), self.markers());
        let seed_ty = self.ret();
        let pullback = quote!(move |#names #seed| { #early #opens #back #delivers });
        let opaque = quote!(impl ::core::ops::FnOnce(#types #seed_ty) + use<#(#uses),*>);
        // The type of a recursive pullback would contain itself: it is boxed, and the
        // box hidden, so that a caller need not look into its type.
        let (boxed, pullback) = if self.boxed {
            let args: Vec<Ident> = (0..self.pullback_arity())
                .map(|n| format_ident!("arg{n}"))
                .collect();
            (
                quote! {
                    let boxed: ::std::boxed::Box<dyn ::core::ops::FnOnce(#types #seed_ty)> =
                        ::std::boxed::Box::new(#pullback);
                },
                quote!(move |#(#args),*| boxed(#(#args),*)),
            )
        } else {
            (TokenStream::new(), pullback)
        };
        let items = &self.func.items;
        let primal = Ident::new(&sweeps.func.free_name("primal"), Span::call_site());
        let doc = format!(
            "Forward sweep of `{}`: the primal, and the pullback for the reverse sweep.",
            self.name
        );
        let hint = self.hint();
        quote! {
            #[doc = #doc]
            #[doc(hidden)]
            #hint
            pub fn __augmented #generics (#params) -> (#ret, #opaque) {
                #(#items)*
                #asserts
                #tapes
                #stmts
                let #primal = #result;
                #boxed
                (#primal, #pullback)
            }
        }
    }

    fn seed(&self, sweeps: &Sweeps) -> TokenStream {
        let seed = Ident::new(&sweeps.func.var(sweeps.seed).name, Span::call_site());
        let ret = self.ret();
        quote!(#seed: #ret)
    }

    /// Names of the shadow parameters: `d_x` for memory, `into_c` for values.
    fn shadow_names(&self, func: &Func, shadows: &[Option<VarId>]) -> Vec<Option<(Ident, Ident)>> {
        shadows
            .iter()
            .zip(&self.signature.params)
            .map(|(shadow, param)| {
                let shadow = (*shadow)?;
                let name = Ident::new(&func.var(shadow).name, located(param.name.span()));
                let passed = if param.reference.is_some() {
                    name.clone()
                } else {
                    let base = format!("into_{}", param.name);
                    Ident::new(&func.free_name(&base), located(param.name.span()))
                };
                Some((name, passed))
            })
            .collect()
    }

    /// Marker, primal and shadow of each parameter.
    fn core_params(&self, shadows: &[Option<(Ident, Ident)>], reverse: bool) -> TokenStream {
        let mut out = TokenStream::new();
        for (position, param) in self.signature.params.iter().enumerate() {
            let marker = &self.marker[position];
            let primal = self.primal(param);
            let inner = pointee(&param.ty);
            let dual = if reverse || param.reference == Some(Mutability::Mutable) {
                quote!(Dual)
            } else {
                quote!(Tangent)
            };
            let name = match &shadows[position] {
                Some((_, passed)) => quote!(#passed),
                None => quote!(_),
            };
            out.extend(quote!(_: #marker, #primal, #name: #marker::#dual<'_, #inner>,));
        }
        out
    }

    fn augmented_params(&self) -> TokenStream {
        let mut out = TokenStream::new();
        for (position, param) in self.signature.params.iter().enumerate() {
            let marker = &self.marker[position];
            let primal = self.primal(param);
            out.extend(quote!(_: #marker, #primal,));
        }
        out
    }

    /// Arguments of the pullback, the seed included.
    fn pullback_arity(&self) -> usize {
        let references = self
            .signature
            .params
            .iter()
            .filter(|param| param.reference.is_some());
        self.signature.params.len() + references.count() + 1
    }

    fn pullback_types(&self) -> TokenStream {
        let mut out = TokenStream::new();
        for (position, param) in self.signature.params.iter().enumerate() {
            let marker = &self.marker[position];
            let inner = pointee(&param.ty);
            if param.reference.is_some() {
                out.extend(quote!(&#inner,));
            }
            out.extend(quote!(#marker::Dual<'_, #inner>,));
        }
        out
    }

    fn pullback_params(&self, shadows: &[Option<(Ident, Ident)>]) -> TokenStream {
        let mut out = TokenStream::new();
        for (position, param) in self.signature.params.iter().enumerate() {
            let marker = &self.marker[position];
            let inner = pointee(&param.ty);
            if param.reference.is_some() {
                let name = super::print::ident(&param.name.to_string(), param.name.span());
                out.extend(quote!(#name: &#inner,));
            }
            let name = match &shadows[position] {
                Some((_, passed)) => quote!(#passed),
                None => quote!(_),
            };
            out.extend(quote!(#name: #marker::Dual<'_, #inner>,));
        }
        out
    }

    fn primal(&self, param: &Param) -> TokenStream {
        let name = super::print::ident(&param.name.to_string(), param.name.span());
        let ty = &param.ty;
        let mutable = (param.mutable && param.reference.is_none()).then(|| quote!(mut));
        quote!(#mutable #name: #ty)
    }

    fn open_reverse(&self, shadows: &[Option<(Ident, Ident)>]) -> TokenStream {
        let mut out = TokenStream::new();
        for (position, param) in self.signature.params.iter().enumerate() {
            let (Some((name, passed)), true) = (&shadows[position], param.reference.is_some())
            else {
                continue;
            };
            out.extend(self.open(position, param, name, passed, true));
        }
        out
    }

    fn open(
        &self,
        position: usize,
        param: &Param,
        name: &Ident,
        passed: &Ident,
        mutable: bool,
    ) -> TokenStream {
        let marker = &self.marker[position];
        let (method, borrow) = if mutable {
            (quote!(open), quote!(&mut))
        } else {
            (quote!(open_tangent), quote!(&))
        };
        if matches!(pointee(&param.ty), syn::Type::Slice(_)) {
            return quote!(let #name = #marker::#method(#passed, #borrow []););
        }
        let hollow = format_ident!("hollow_{}", param.name);
        let ty = pointee(&param.ty);
        let mutable = mutable.then(|| quote!(mut));
        quote! {
            let #mutable #hollow: #ty = ad_rt::hollow();
            let #name = #marker::#method(#passed, #borrow #hollow);
        }
    }

    fn open_forward(&self, shadows: &[Option<(Ident, Ident)>]) -> TokenStream {
        let mut out = TokenStream::new();
        for (position, param) in self.signature.params.iter().enumerate() {
            let Some((name, passed)) = &shadows[position] else {
                continue;
            };
            let marker = &self.marker[position];
            match param.reference {
                Some(mutability) => {
                    let mutable = mutability == Mutability::Mutable;
                    out.extend(self.open(position, param, name, passed, mutable));
                }
                None => {
                    let primal = super::print::ident(&param.name.to_string(), param.name.span());
                    let mutable = param.mutable.then(|| quote!(mut));
                    out.extend(quote! {
                        let #mutable #name = #marker::tangent_of(#passed, &#primal);
                    });
                }
            }
        }
        out
    }

    /// Hands the adjoints of by-value arguments to the caller.
    fn deliver(&self, shadows: &[Option<(Ident, Ident)>]) -> TokenStream {
        let mut out = TokenStream::new();
        for (position, param) in self.signature.params.iter().enumerate() {
            if let (Some((name, passed)), None) = (&shadows[position], param.reference) {
                let marker = &self.marker[position];
                out.extend(quote!(#marker::add(#passed, &#name);));
            }
        }
        out
    }
}

fn tapes(printer: &Printer, sweeps: &Sweeps) -> TokenStream {
    sweeps
        .tapes
        .iter()
        .map(|(tape, kind)| {
            let name = printer.ident(*tape);
            let empty = match kind {
                TapeKind::Pooled => quote!(ad_rt::PooledTape::new()),
                TapeKind::Records => quote!(ad_rt::Tape::new()),
                TapeKind::Slot => quote!(ad_rt::Slot::new()),
                TapeKind::Flat => quote!(ad_rt::Flat::new()),
                TapeKind::Rows => quote!(ad_rt::Rows::new()),
                TapeKind::Buffer => quote!(ad_rt::Buffer::new()),
            };
            quote!(let mut #name = #empty;)
        })
        .collect()
}

/// What a reference points to; other types as they are. Named lifetimes of the
/// reference itself go.
pub(super) fn pointee(ty: &syn::Type) -> syn::Type {
    match ty {
        syn::Type::Reference(reference) => (*reference.elem).clone(),
        syn::Type::Paren(paren) => pointee(&paren.elem),
        syn::Type::Group(group) => pointee(&group.elem),
        ty => ty.clone(),
    }
}
