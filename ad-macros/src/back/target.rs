//! What is being emitted: the function, its request and its markers.

use crate::attr::Request;
use crate::front::signature::{Param, Signature};
use crate::ir::visit::walk;
use crate::ir::*;
use crate::transform::reverse::{Sweeps, TapeKind};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

pub(crate) struct Target<'a> {
    pub name: Ident,
    pub vis: &'a syn::Visibility,
    pub lifetimes: Vec<syn::GenericParam>,
    pub signature: &'a Signature,
    pub request: &'a Request,
    pub func: &'a Func,
    /// Per parameter: the type parameter of its marker.
    pub marker: Vec<Ident>,
    /// Per parameter: whether it has a shadow.
    pub differentiable: Vec<bool>,
    /// Outputs that receive derivatives from other parameters.
    pub outputs: Vec<(usize, Params)>,
    pub boxed: bool,
    /// The facts about callees that the fused core takes, if there is one.
    pub fused: Option<Vec<Fact>>,
    /// Whether the reverse mode keeps tapes, or calls who may.
    pub memory: bool,
}

impl Target<'_> {
    /// A type parameter per parameter: `X` for `x`.
    pub fn marker_names(signature: &Signature, taken: &TokenStream) -> Vec<Ident> {
        let text = taken.to_string();
        let words: Vec<&str> = text
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .collect();
        let mut names: Vec<String> = Vec::new();
        for param in &signature.params {
            let raw = param.name.to_string();
            let raw = raw.trim_start_matches("r#");
            let mut name: String = raw
                .split('_')
                .map(|word| {
                    let mut letters = word.chars();
                    let first = letters.next().map(|c| c.to_uppercase().to_string());
                    first.unwrap_or_default() + letters.as_str()
                })
                .collect();
            if name.is_empty() || name.starts_with(|c: char| c.is_numeric()) {
                name = format!("Arg{name}");
            }
            while words.contains(&name.as_str()) || names.contains(&name) {
                name.push_str("Marker");
            }
            names.push(name);
        }
        names
            .iter()
            .map(|name| Ident::new(name, Span::call_site()))
            .collect()
    }

    pub fn ret(&self) -> TokenStream {
        match &self.signature.ret {
            Some(ty) => quote!(#ty),
            None => quote!(()),
        }
    }

    /// Type parameters by position, where the shadow can be off.
    pub fn gates(&self) -> Vec<Option<Ident>> {
        let several = self.differentiable.iter().filter(|on| **on).count() > 1;
        self.marker
            .iter()
            .zip(&self.differentiable)
            .map(|(marker, on)| (*on && several).then(|| marker.clone()))
            .collect()
    }

    /// `#[inline]` where there are no loops, but for those whose trips are in the source: the
    /// derivative of a few lines of arithmetic is long for the compiler's own measure, and
    /// much shorter where the caller's values are known.
    pub fn hint(&self) -> TokenStream {
        let mut loops = false;
        walk(&self.func.body, &mut |stmt| {
            if let StmtKind::Loop(each) = &stmt.kind {
                loops |= !each.head.is_fixed();
            }
        });
        if loops {
            TokenStream::new()
        } else {
            quote!(#[inline])
        }
    }

    /// For both sweeps in one: next to a tape a call costs nothing, and without a caller's values
    /// the compiler makes the same of the loops wherever they are called.
    pub fn joint_hint(&self, sweeps: &Sweeps) -> TokenStream {
        let kept = |kind: &TapeKind| !matches!(kind, TapeKind::Slot | TapeKind::Buffer);
        match sweeps.tapes.iter().any(|(_, kind)| kept(kind)) {
            true => quote!(#[inline(never)]),
            false => self.hint(),
        }
    }

    /// The markers of differentiable parameters.
    pub fn varying(&self) -> Vec<&Ident> {
        self.marker
            .iter()
            .zip(&self.differentiable)
            .filter(|(_, on)| **on)
            .map(|(marker, _)| marker)
            .collect()
    }

    /// With one differentiable parameter nothing is left to do where it is off, but for
    /// `primal`.
    pub fn early_return(&self, primal: &TokenStream) -> TokenStream {
        match self.varying().as_slice() {
            [one] => quote!(if !#one::ON { #primal return; }),
            _ => TokenStream::new(),
        }
    }

    /// A call of the function itself, if it writes to an argument.
    pub fn call_for_effect(&self) -> TokenStream {
        let params = &self.signature.params;
        let writes = |param: &Param| param.reference == Some(Mutability::Mutable);
        if !params.iter().any(writes) {
            return TokenStream::new();
        }
        let name = &self.name;
        let args = params
            .iter()
            .map(|param| super::print::ident(&param.name.to_string(), param.name.span()));
        quote!(#name(#(#args),*);)
    }

    /// Lets the tapes of a call leave their memory to each other.
    pub fn scope(&self) -> Option<TokenStream> {
        let scope = self.local("_scope");
        self.memory
            .then(|| quote!(let #scope = ad_rt::Scope::enter();))
    }

    pub fn markers(&self) -> &[Ident] {
        &self.marker
    }

    pub fn generics(&self) -> TokenStream {
        let lifetimes = &self.lifetimes;
        let bounds = self.marker.iter().enumerate().map(|(position, marker)| {
            let constant = !self.differentiable[position]
                && !matches!(
                    crate::attr::nature(&self.signature.params[position].ty),
                    crate::attr::Nature::Discrete | crate::attr::Nature::Unit
                );
            if constant {
                quote!(#marker: ad_rt::OnlyConst)
            } else {
                quote!(#marker: ad_rt::Activity)
            }
        });
        let lifetimes = lifetimes.iter().map(|lifetime| quote!(#lifetime));
        quote!(<#(#lifetimes,)* #(#bounds),*>)
    }

    /// A derivative may not be stored into an argument that is switched off.
    pub fn asserts(&self) -> TokenStream {
        let mut out = TokenStream::new();
        for (position, sources) in &self.outputs {
            let output = &self.marker[*position];
            let sources: Vec<&Ident> = sources.iter().map(|source| &self.marker[*source]).collect();
            if sources.is_empty() {
                continue;
            }
            let message = format!(
                "`{}` stores a derivative into `{}`, which is Const here: give it a shadow with Duplicated",
                self.name, self.signature.params[*position].name
            );
            out.extend(quote! {
                const { ::core::assert!(#output::ON || !(#(#sources::ON)||*), #message) };
            });
        }
        out
    }

    pub fn companion(&self) -> Ident {
        match &self.request.companion {
            Some(name) => name.clone(),
            None => format_ident!("{}", self.name, span = self.name.span()),
        }
    }
}
