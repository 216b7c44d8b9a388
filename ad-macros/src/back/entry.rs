//! What `autodiff!` calls: any legal set of annotations, checked by traits of the runtime.

use super::core::pointee;
use super::plain::if_fused;
use super::print::ident;
use super::target::Target;
use crate::attr::{Nature, nature};
use crate::ir::Mutability;
use proc_macro2::{Ident, TokenStream};
use quote::quote;

impl Target<'_> {
    pub fn entries(&self) -> TokenStream {
        let mut out = TokenStream::new();
        if self.request.forward() {
            out.extend(self.forward_entry());
        }
        if self.request.reverse() {
            out.extend(self.reverse_entry());
        }
        out
    }

    /// The type parameters: one annotation per argument, and one for the result.
    fn annotations(&self, forward: bool) -> TokenStream {
        let lifetimes = self.lifetimes.iter();
        let mut bounds = TokenStream::new();
        for (position, param) in self.signature.params.iter().enumerate() {
            let marker = &self.marker[position];
            let inner = pointee(&param.ty);
            let discrete = matches!(nature(&param.ty), Nature::Discrete | Nature::Unit)
                || !self.differentiable[position];
            let bound = match (discrete, param.reference, forward) {
                (true, _, _) => quote!(ad_rt::act::Constant),
                (_, Some(Mutability::Mutable), true) => quote!(ad_rt::act::ForwardMut<#inner>),
                (_, Some(_), true) => quote!(ad_rt::act::ForwardRef<#inner>),
                (_, None, true) => quote!(ad_rt::act::ForwardValue<#inner>),
                (_, Some(_), false) => quote!(ad_rt::act::ByRef<#inner>),
                (_, None, false) => quote!(ad_rt::act::ByValue<#inner>),
            };
            bounds.extend(quote!(#marker: #bound,));
        }
        let ret = self.ret();
        let result = self.result_name();
        let returns = if forward {
            quote!(ad_rt::act::ForwardReturn<#ret>)
        } else {
            quote!(ad_rt::act::Return<#ret>)
        };
        quote!(<#(#lifetimes,)* #result: #returns, #bounds>)
    }

    fn result_name(&self) -> Ident {
        let mut name = String::from("Result_");
        while self.marker.iter().any(|marker| *marker == name) {
            name.push('_');
        }
        Ident::new(&name, proc_macro2::Span::call_site())
    }

    fn is_constant(&self, position: usize) -> bool {
        matches!(
            nature(&self.signature.params[position].ty),
            Nature::Discrete | Nature::Unit
        ) || !self.differentiable[position]
    }

    fn forward_entry(&self) -> TokenStream {
        let generics = self.annotations(true);
        let result = self.result_name();
        let mut params = quote!(_: #result,);
        let mut args = TokenStream::new();
        let mut checks = TokenStream::new();
        for (position, param) in self.signature.params.iter().enumerate() {
            let marker = &self.marker[position];
            let (x, ty) = (ident(&param.name.to_string(), param.name.span()), &param.ty);
            let d = self.shadow_name(position);
            if self.is_constant(position) {
                params.extend(quote!(_: #marker, #x: #ty, _: (),));
                args.extend(quote!(ad_rt::Fixed, #x, (),));
                continue;
            }
            params.extend(quote!(_: #marker, #x: #ty, #d: #marker::Shadow<'_>,));
            let text = x.to_string();
            let primal = quote!(#x);
            if param.reference.is_some() {
                checks.extend(quote!(#marker::check(#text, &*#x, &#d);));
            } else {
                checks.extend(quote!(#marker::check(#text, &#x, &#d);));
            }
            let dual = if param.reference.is_some() {
                quote!(#marker::dual(#d))
            } else {
                quote!(#marker::dual(&#d))
            };
            args.extend(quote!(<#marker::Marker as ad_rt::Activity>::MARK, #primal, #dual,));
        }
        let ret = self.ret();
        let core = self.path("__forward");
        let (value, tangent) = (self.local("primal"), self.local("tangent"));
        quote! {
            #[doc(hidden)]
            pub fn __autodiff_forward #generics (#params) -> (#ret, #result::Tangent) {
                #checks
                let (#value, #tangent) = #core(#args);
                (#value, #result::tangent(#tangent))
            }
        }
    }

    fn reverse_entry(&self) -> TokenStream {
        let generics = self.annotations(false);
        let result = self.result_name();
        let mut params = quote!(_: #result,);
        let mut starts = TokenStream::new();
        let (mut joint, mut augmented, mut pullback) =
            (TokenStream::new(), TokenStream::new(), TokenStream::new());
        let mut gradients = TokenStream::new();
        let mut types = TokenStream::new();
        for (position, param) in self.signature.params.iter().enumerate() {
            let marker = &self.marker[position];
            let (x, ty) = (ident(&param.name.to_string(), param.name.span()), &param.ty);
            let d = self.shadow_name(position);
            let again = param.reference.is_some().then(|| quote!(&*#x,));
            let forward = if param.reference == Some(Mutability::Mutable) {
                quote!(&mut *#x)
            } else {
                quote!(#x)
            };
            if self.is_constant(position) {
                params.extend(quote!(_: #marker, #x: #ty, _: (),));
                joint.extend(quote!(ad_rt::Fixed, #x, (),));
                augmented.extend(quote!(ad_rt::Fixed, #forward,));
                pullback.extend(quote!(#again (),));
                gradients.extend(quote!((),));
                types.extend(quote!((),));
                continue;
            }
            let mark = quote!(<#marker::Marker as ad_rt::Activity>::MARK);
            params.extend(quote!(_: #marker, #x: #ty, #d: #marker::Shadow<'_>,));
            if param.reference.is_some() {
                let text = x.to_string();
                starts.extend(quote!(#marker::check(#text, &*#x, &#d);));
                joint.extend(quote!(#mark, #x, #marker::dual(#d),));
                pullback.extend(quote!(#again #marker::dual(#d),));
                gradients.extend(quote!((),));
                types.extend(quote!((),));
            } else {
                let text = x.to_string();
                starts.extend(quote!(let mut #d = #marker::start(#text, &#x, #d);));
                joint.extend(quote!(#mark, #x, #marker::dual(&mut #d),));
                pullback.extend(quote!(#marker::dual(&mut #d),));
                gradients.extend(quote!(#marker::finish(#d),));
                types.extend(quote!(#marker::Gradient,));
            }
            augmented.extend(quote!(#mark, #forward,));
        }
        let ret = self.ret();
        let (value, back) = (self.local("primal"), self.local("pullback"));
        let (reverse, augment) = (self.path("__reverse"), self.path("__augmented"));
        let scope = self.scope();
        let split =
            quote!(let (#value, #back) = #augment(#augmented); #back(#pullback #result::seed()););
        let with_primal = match &self.fused {
            _ if self.signature.ret.is_none() => {
                quote!(#reverse(#joint #result::seed()); let #value = ();)
            }
            Some(needs) => {
                let core = self.path("__reverse_with_primal");
                let one = quote!(#core(#joint #result::seed()));
                // With one differentiable argument, that has to be on.
                let on = match self.varying().as_slice() {
                    [marker] => vec![quote!(<#marker::Marker as ad_rt::Activity>::ON)],
                    _ => Vec::new(),
                };
                let one = if_fused(on, needs, &one, &quote!(#split #value));
                quote!(let #value = #one;)
            }
            None => split,
        };
        quote! {
            #[doc(hidden)]
            pub fn __autodiff_reverse #generics (#params) -> (#types) {
                #scope
                #starts
                #reverse(#joint #result::seed());
                (#gradients)
            }

            #[doc(hidden)]
            pub fn __autodiff_reverse_with_primal #generics (#params) -> (#ret, (#types)) {
                #scope
                #starts
                #with_primal
                (#value, (#gradients))
            }
        }
    }
}
