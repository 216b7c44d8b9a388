//! The plain functions of the companion: one per mode, for people who like plain Rust.

use super::core::pointee;
use super::print::ident;
use super::target::Target;
use crate::attr::{Activity, Line, Mode, Nature, nature};
use crate::ir::{Fact, Mutability};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

impl Target<'_> {
    /// All plain functions, and the free functions that lines name.
    pub fn plain(&self) -> (TokenStream, TokenStream) {
        let mut inside = TokenStream::new();
        let mut free = TokenStream::new();
        let mut taken: Vec<Mode> = Vec::new();
        for line in &self.request.lines {
            for mode in family(line.mode) {
                let exact = self.request.lines.iter().any(|other| other.mode == mode);
                let owner = mode == line.mode || !exact;
                if owner && !taken.contains(&mode) {
                    taken.push(mode);
                    inside.extend(self.function(line, mode, &plain_name(mode)));
                }
            }
            if let Some(name) = &line.name {
                free.extend(self.function(line, line.mode, name));
            }
        }
        (inside, free)
    }

    fn function(&self, line: &Line, mode: Mode, name: &Ident) -> TokenStream {
        match mode {
            Mode::Forward | Mode::ForwardWithPrimal => self.forward(line, mode, name),
            Mode::Reverse | Mode::ReverseWithPrimal => self.reverse(line, mode, name),
        }
    }

    fn forward(&self, line: &Line, mode: Mode, name: &Ident) -> TokenStream {
        let mut params = TokenStream::new();
        let mut args = TokenStream::new();
        let mut checks = TokenStream::new();
        for (position, param) in self.signature.params.iter().enumerate() {
            let (x, ty) = (ident(&param.name.to_string(), param.name.span()), &param.ty);
            params.extend(quote!(#x: #ty,));
            if line.args[position] == Activity::Const {
                args.extend(quote!(ad_rt::Fixed, #x, (),));
                continue;
            }
            let d = self.shadow_name(position);
            params.extend(quote!(#d: #ty,));
            if param.reference.is_some() {
                args.extend(quote!(ad_rt::Varied, #x, #d,));
                checks.extend(check(&x, &d));
            } else {
                args.extend(quote!(ad_rt::Varied, #x, &#d,));
                let text = x.to_string();
                if nature(&param.ty) == Nature::Memory {
                    checks.extend(quote!(ad_rt::check_shape(#text, &#x, &#d);));
                }
            }
        }
        let (core, ret) = (self.path("__forward"), self.ret());
        let tangent = line.ret != Activity::Const;
        let primal = mode == Mode::ForwardWithPrimal;
        let (result, body) = match (primal, tangent) {
            (true, true) => (quote!((#ret, #ret)), quote!(#core(#args))),
            (false, true) => (ret, quote!(#core(#args).1)),
            (true, false) => (ret, quote!(#core(#args).0)),
            (false, false) => (quote!(()), quote!(#core(#args);)),
        };
        let doc = self.forward_doc(primal, tangent);
        self.finish(name, &doc, &params, &result, quote!(#checks #body))
    }

    fn reverse(&self, line: &Line, mode: Mode, name: &Ident) -> TokenStream {
        let mut params = TokenStream::new();
        let mut parts = Parts::default();
        for (position, param) in self.signature.params.iter().enumerate() {
            let (x, ty) = (ident(&param.name.to_string(), param.name.span()), &param.ty);
            params.extend(quote!(#x: #ty,));
            let d = self.shadow_name(position);
            let inner = pointee(ty);
            let again = (param.reference.is_some()).then(|| quote!(&*#x,));
            let activity = line.args[position];
            let (marker, dual) = match activity {
                Activity::Const => (quote!(ad_rt::Fixed), quote!(())),
                Activity::Active => {
                    parts
                        .starts
                        .extend(quote!(let mut #d = ad_rt::zero_like(&#x);));
                    parts.gradients.push(quote!(#d));
                    parts.types.push(quote!(#ty));
                    (quote!(ad_rt::Varied), quote!(&mut #d))
                }
                Activity::Duplicated | Activity::DuplicatedNoNeed => {
                    params.extend(quote!(#d: &mut #inner,));
                    parts.checks.extend(if param.reference.is_some() {
                        check(&x, &d)
                    } else {
                        let text = x.to_string();
                        quote!(ad_rt::check_shape(#text, &#x, &*#d);)
                    });
                    (quote!(ad_rt::Varied), quote!(#d))
                }
            };
            let forward = if param.reference == Some(Mutability::Mutable) {
                quote!(&mut *#x)
            } else {
                quote!(#x)
            };
            parts.shadows |= activity != Activity::Const;
            parts.joint.extend(quote!(#marker, #x, #dual,));
            parts.augmented.extend(quote!(#marker, #forward,));
            parts.pullback.extend(quote!(#again #dual,));
        }
        let seeded = line.ret != Activity::Const;
        let seed = if seeded {
            let ret = self.ret();
            let seed = self.local("seed");
            params.extend(quote!(#seed: #ret));
            quote!(#seed)
        } else {
            self.no_seed()
        };
        let (result, body) = self.reverse_body(mode, &parts, &seed);
        let scope = self.scope();
        let body = quote!(#scope #body);
        let doc = self.reverse_doc(line, mode, seeded);
        self.finish(name, &doc, &params, &result, body)
    }

    /// The seed where the result has no derivative.
    fn no_seed(&self) -> TokenStream {
        match &self.signature.ret {
            None => quote!(()),
            Some(_) => quote!(ad_rt::hollow()),
        }
    }

    fn reverse_body(
        &self,
        mode: Mode,
        parts: &Parts,
        seed: &TokenStream,
    ) -> (TokenStream, TokenStream) {
        let (starts, checks) = (&parts.starts, &parts.checks);
        let (types, gradients) = (group(&parts.types), group(&parts.gradients));
        // Without a result there is no primal to return.
        if mode == Mode::Reverse || self.signature.ret.is_none() {
            let (core, joint) = (self.path("__reverse"), &parts.joint);
            return (
                types,
                quote!(#checks #starts #core(#joint #seed); #gradients),
            );
        }
        let (core, augmented, pullback) =
            (self.path("__augmented"), &parts.augmented, &parts.pullback);
        let (value, back) = (self.local("primal"), self.local("pullback"));
        let call = quote!(let (#value, #back) = #core(#augmented); #back(#pullback #seed););
        // Without a shadow there is nothing to do for the reverse sweep.
        if let Some(needs) = self.fused.as_ref().filter(|_| parts.shadows) {
            let (ret, core, joint) = (self.ret(), self.path("__reverse_with_primal"), &parts.joint);
            let one = quote!(#core(#joint #seed));
            let one = if_fused(Vec::new(), needs, &one, &quote!(#call #value));
            let body = quote!(#checks #starts let #value = #one; (#value, #gradients));
            return (quote!((#ret, #types)), body);
        }
        let call = quote!(#checks #starts #call);
        let ret = self.ret();
        (quote!((#ret, #types)), quote!(#call (#value, #gradients)))
    }

    fn finish(
        &self,
        name: &Ident,
        doc: &str,
        params: &TokenStream,
        result: &TokenStream,
        body: TokenStream,
    ) -> TokenStream {
        let vis = if self.free_visibility(name) {
            let vis = self.vis;
            quote!(#vis)
        } else {
            quote!(pub)
        };
        let lifetimes = &self.lifetimes;
        let generics = if lifetimes.is_empty() {
            TokenStream::new()
        } else {
            quote!(<#(#lifetimes),*>)
        };
        let allow = super::allow();
        let rt = super::runtime();
        let rt = if self.free_visibility(name) {
            rt
        } else {
            TokenStream::new()
        };
        let ret = if result.to_string() == "()" {
            TokenStream::new()
        } else {
            quote!(-> #result)
        };
        quote! {
            #[doc = #doc]
            #allow
            // Not compiled unless it is called.
            #[inline]
            #vis fn #name #generics (#params) #ret { #rt #body }
        }
    }

    /// Free functions have the visibility of the function itself.
    fn free_visibility(&self, name: &Ident) -> bool {
        self.request
            .lines
            .iter()
            .any(|line| line.name.as_ref() == Some(name))
    }

    pub fn path(&self, core: &str) -> TokenStream {
        let companion = self.companion();
        let core = Ident::new(core, Span::call_site());
        quote!(#companion::#core)
    }

    /// A name that no parameter has.
    pub fn local(&self, base: &str) -> Ident {
        let mut name = base.to_string();
        while self.signature.params.iter().any(|param| param.name == name) {
            name.push('_');
        }
        Ident::new(&name, Span::call_site())
    }

    pub fn shadow_name(&self, position: usize) -> Ident {
        let param = &self.signature.params[position];
        let raw = param.name.to_string();
        let base = format!("d_{}", raw.trim_start_matches("r#"));
        let clash = |name: &str| {
            self.signature.params.iter().any(|other| other.name == name) || name == "seed"
        };
        let mut name = base;
        while clash(&name) {
            name.push('_');
        }
        format_ident!("{name}", span = super::print::located(param.name.span()))
    }

    fn forward_doc(&self, primal: bool, tangent: bool) -> String {
        let what = match (primal, tangent) {
            (true, true) => "Returns `(primal, tangent)`.",
            (false, true) => "Returns the tangent of the result.",
            (true, false) => "Returns the primal result.",
            (false, false) => "",
        };
        format!(
            "Forward-mode derivative of `{}`: each tangent stands behind its argument; \
             tangents of `&mut` arguments are updated as the arguments are. {what}",
            self.name
        )
    }

    fn reverse_doc(&self, line: &Line, mode: Mode, seeded: bool) -> String {
        let active = line.args.contains(&Activity::Active);
        let shadows = line
            .args
            .iter()
            .any(|arg| matches!(arg, Activity::Duplicated | Activity::DuplicatedNoNeed));
        let mut doc = format!("Reverse-mode derivative of `{}`.", self.name);
        if shadows {
            doc.push_str(
                " Adds the derivatives to the shadows behind the arguments; the shadow of an \
                 argument that is overwritten is read as its seed.",
            );
        }
        if seeded {
            doc.push_str(" `seed` is the adjoint of the result.");
        }
        let primal = mode == Mode::ReverseWithPrimal && self.signature.ret.is_some();
        match (primal, active) {
            (true, true) => doc.push_str(" Returns `(primal, gradients)`."),
            (true, false) => doc.push_str(" Returns the primal, and `()`."),
            (false, true) => doc.push_str(" Returns the derivatives of the arguments by value."),
            _ => {}
        }
        doc
    }
}

#[derive(Default)]
struct Parts {
    starts: TokenStream,
    checks: TokenStream,
    joint: TokenStream,
    augmented: TokenStream,
    pullback: TokenStream,
    gradients: Vec<TokenStream>,
    /// Whether an argument has a shadow.
    shadows: bool,
    types: Vec<TokenStream>,
}

fn check(x: &Ident, d: &Ident) -> TokenStream {
    let text = x.to_string();
    quote!(ad_rt::check_shape(#text, &*#x, &*#d);)
}

/// The call of the fused core where the conditions and the facts hold, else the other.
pub(super) fn if_fused(
    mut conditions: Vec<TokenStream>,
    needs: &[Fact],
    fused: &TokenStream,
    split: &TokenStream,
) -> TokenStream {
    conditions.extend(needs.iter().map(super::block::fact_of));
    if conditions.is_empty() {
        return fused.clone();
    }
    quote!(if const { #(#conditions)&&* } { #fused } else { #split })
}

/// Nothing, one, or a tuple.
fn group(items: &[TokenStream]) -> TokenStream {
    match items {
        [] => quote!(()),
        [one] => one.clone(),
        many => quote!((#(#many),*)),
    }
}

fn plain_name(mode: Mode) -> Ident {
    let name = match mode {
        Mode::Forward => "forward",
        Mode::ForwardWithPrimal => "forward_with_primal",
        Mode::Reverse => "reverse",
        Mode::ReverseWithPrimal => "reverse_with_primal",
    };
    Ident::new(name, Span::call_site())
}

/// A line of one mode also gives the function with the primal, or without it.
fn family(mode: Mode) -> [Mode; 2] {
    match mode {
        Mode::Forward => [Mode::Forward, Mode::ForwardWithPrimal],
        Mode::ForwardWithPrimal => [Mode::ForwardWithPrimal, Mode::Forward],
        Mode::Reverse => [Mode::Reverse, Mode::ReverseWithPrimal],
        Mode::ReverseWithPrimal => [Mode::ReverseWithPrimal, Mode::Reverse],
    }
}
