//! Calls of other functions and of their derivatives.

use super::print::Printer;
use crate::ir::*;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;

impl Printer<'_> {
    pub fn call(&mut self, call: &Call) -> TokenStream {
        let args = self.args(&call.args);
        let callee = &call.callee;
        match call.out {
            Some(id) if self.mentions.contains_key(&id) => {
                let name = self.ident(id);
                quote!(let #name = #callee(#(#args),*);)
            }
            _ => quote!(#callee(#(#args),*);),
        }
    }

    fn args(&mut self, args: &[Arg]) -> Vec<TokenStream> {
        args.iter().map(|arg| self.arg(arg)).collect()
    }

    fn arg(&mut self, arg: &Arg) -> TokenStream {
        match arg {
            Arg::Value(atom) => self.kept(atom).tokens,
            Arg::Ref {
                place,
                passed_on: true,
                ..
            } => self.place(place).tokens,
            Arg::Ref {
                place, mutability, ..
            } => self.reference(place, *mutability),
        }
    }

    pub fn derivative(&mut self, derivative: &Derivative) -> TokenStream {
        match derivative.kind {
            DerivativeKind::Forward => self.forward_call(derivative),
            DerivativeKind::Augmented => self.augmented_call(derivative),
            DerivativeKind::Pullback => self.pullback_call(derivative),
            DerivativeKind::Joint => self.joint_call(derivative),
        }
    }

    /// The path of a core of the callee. Where the callee has no derivative, rustc
    /// reports it at the user's call and names the attribute.
    fn core(&self, call: &Call, name: &str) -> TokenStream {
        let mut path = call.callee.clone();
        for segment in &mut path.segments {
            let span = segment.ident.span();
            segment
                .ident
                .set_span(Span::mixed_site().located_at(span).resolved_at(span));
        }
        let core = proc_macro2::Ident::new(name, super::print::located(call.callee.span()));
        quote!(#path::#core)
    }

    fn forward_call(&mut self, derivative: &Derivative) -> TokenStream {
        let call = &derivative.call;
        let mut args = Vec::new();
        let mut before = TokenStream::new();
        for (arg, shadow) in call.args.iter().zip(&derivative.shadows) {
            let mutable = matches!(
                arg,
                Arg::Ref {
                    mutability: Mutability::Mutable,
                    ..
                }
            );
            args.push(self.marker(shadow));
            args.push(self.arg(arg));
            args.push(self.dual(shadow, mutable, &mut before));
        }
        let core = self.core(call, "__forward");
        let both: Vec<TokenStream> = [call.out, derivative.second]
            .iter()
            .map(|id| match id {
                Some(id) if self.mentions.contains_key(id) => self.ident(*id).to_token_stream(),
                _ => quote!(_),
            })
            .collect();
        if both.iter().all(|name| name.to_string() == "_") {
            return quote!(#before #core(#(#args),*););
        }
        let (out, second) = (&both[0], &both[1]);
        quote!(#before let (#out, #second) = #core(#(#args),*);)
    }

    fn augmented_call(&mut self, derivative: &Derivative) -> TokenStream {
        let call = &derivative.call;
        let mut args = Vec::new();
        for (arg, shadow) in call.args.iter().zip(&derivative.shadows) {
            args.push(self.marker(shadow));
            args.push(self.arg(arg));
        }
        let core = self.core(call, "__augmented");
        let out = match call.out {
            Some(id) if self.mentions.contains_key(&id) => self.ident(id).to_token_stream(),
            _ => quote!(_),
        };
        let pullback = derivative.second.map(|id| self.ident(id));
        quote!(let (#out, #pullback) = #core(#(#args),*);)
    }

    fn pullback_call(&mut self, derivative: &Derivative) -> TokenStream {
        let call = &derivative.call;
        let mut args = Vec::new();
        let mut before = TokenStream::new();
        for (arg, shadow) in call.args.iter().zip(&derivative.shadows) {
            if let Arg::Ref { place, .. } = arg {
                args.push(self.reference(place, Mutability::Shared));
            }
            args.push(self.dual(shadow, true, &mut before));
        }
        args.push(self.seed_of(derivative));
        let pullback = derivative.second.map(|id| self.ident(id));
        quote!(#before #pullback(#(#args),*);)
    }

    fn joint_call(&mut self, derivative: &Derivative) -> TokenStream {
        let call = &derivative.call;
        let mut args = Vec::new();
        let mut before = TokenStream::new();
        for (arg, shadow) in call.args.iter().zip(&derivative.shadows) {
            args.push(self.marker(shadow));
            args.push(self.arg(arg));
            args.push(self.dual(shadow, true, &mut before));
        }
        args.push(self.seed_of(derivative));
        let core = self.core(call, "__reverse");
        quote!(#before #core(#(#args),*);)
    }

    fn seed_of(&mut self, derivative: &Derivative) -> TokenStream {
        match &derivative.seed {
            Some(atom) => self.kept(atom).tokens,
            None => quote!(()),
        }
    }

    /// Whether the argument has a shadow, as a value.
    fn marker(&self, shadow: &ShadowArg) -> TokenStream {
        let Some(params) = &shadow.active else {
            return quote!(ad_rt::Fixed);
        };
        let markers: Option<Vec<_>> = params
            .iter()
            .map(|position| self.gates.get(*position).and_then(Option::as_ref))
            .collect();
        if markers.is_none() && shadow.later.is_none() {
            return quote!(ad_rt::Varied);
        }
        let mut markers = markers
            .unwrap_or_default()
            .into_iter()
            .map(|marker| quote!(#marker))
            .rev();
        let last = markers.next().unwrap_or_else(|| quote!(ad_rt::Varied));
        let union = markers.fold(
            last,
            |union, marker| quote!(<#marker as ad_rt::Activity>::Or<#union>),
        );
        match &shadow.later {
            Some(fact) => {
                let fact = super::block::fact_of(fact);
                quote!(ad_rt::later::<{ #fact }, #union>())
            }
            None => quote!(ad_rt::when::<#union>()),
        }
    }

    /// The shadow of an argument. A part of a shadow that may be switched off is
    /// cut behind the gate only.
    fn dual(&mut self, shadow: &ShadowArg, mutable: bool, before: &mut TokenStream) -> TokenStream {
        let (Some(place), Some(_)) = (&shadow.place, &shadow.active) else {
            return quote!(());
        };
        let held = if mutable {
            Mutability::Mutable
        } else {
            Mutability::Shared
        };
        let on = self.gate_of(place.root);
        let tokens = self.reference(place, held);
        let Some(on) = on.filter(|_| !place.path.is_empty()) else {
            return tokens;
        };
        if matches!(place.path.last(), Some(Proj::Range { .. })) {
            let hollow = if mutable {
                quote!(&mut [])
            } else {
                quote!(&[])
            };
            return quote!(if #on { #tokens } else { #hollow });
        }
        self.sequence += 1;
        let hollow = quote::format_ident!("hollow{}", self.sequence);
        let part = quote::format_ident!("part{}", self.sequence);
        if mutable {
            before.extend(quote!(let mut #hollow = ad_rt::hollow();));
            before.extend(quote!(let #part = if #on { #tokens } else { &mut #hollow };));
        } else {
            before.extend(quote!(let #hollow = ad_rt::hollow();));
            before.extend(quote!(let #part = if #on { #tokens } else { &#hollow };));
        }
        part.to_token_stream()
    }
}
