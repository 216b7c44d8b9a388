//! What is emitted when something is wrong: always the user's item, so that the
//! editor keeps working and no second error follows from the first.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::spanned::Spanned;

/// Arguments of each attribute line, with the place to report them at.
pub(crate) type Lines = [(TokenStream, Span)];

/// The function, and the arguments of all its attribute lines.
pub(crate) fn read_item(
    args: TokenStream,
    item: &TokenStream,
) -> syn::Result<(syn::ItemFn, Vec<(TokenStream, Span)>)> {
    let mut function: syn::ItemFn = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            return Err(match syn::parse2::<syn::Item>(item.clone()) {
                Ok(other) => not_a_function(&other),
                Err(_) => error,
            });
        }
    };
    let mut lines = vec![(args, Span::call_site())];
    for attribute in &function.attrs {
        if is_ours(attribute) {
            let tokens = match &attribute.meta {
                syn::Meta::List(list) => list.tokens.clone(),
                _ => TokenStream::new(),
            };
            lines.push((tokens, attribute.span()));
        }
    }
    function.attrs.retain(|attribute| !is_ours(attribute));
    Ok((function, lines))
}

pub(crate) fn is_ours(attribute: &syn::Attribute) -> bool {
    let last = attribute.path().segments.last();
    last.is_some_and(|segment| segment.ident == "autodiff")
}

fn not_a_function(item: &syn::Item) -> syn::Error {
    let what = match item {
        syn::Item::Struct(_) | syn::Item::Enum(_) => "a type",
        syn::Item::Impl(_) => "an `impl` block",
        syn::Item::Mod(_) => "a module",
        syn::Item::Trait(_) => "a trait",
        _ => "this item",
    };
    syn::Error::new_spanned(
        item,
        format!("`#[autodiff]` on {what} is not supported: annotate a `fn`"),
    )
}

/// The item does not parse, or is no function.
pub(crate) fn unreadable(item: TokenStream, error: syn::Error) -> TokenStream {
    let error = error.to_compile_error();
    quote!(#item #error)
}

/// The function, the errors, and a stub of its derivatives.
///
/// The stub is a type that *is* the first error: rustc stays silent about anything
/// that is looked up in it, so a call of a derivative brings no second error.
pub(crate) fn refused(function: &syn::ItemFn, error: syn::Error) -> TokenStream {
    let (vis, name) = (&function.vis, &function.sig.ident);
    let mut errors = error.into_iter().map(|error| error.into_compile_error());
    if function.sig.receiver().is_some() {
        return quote!(#function #(#errors)*); // No type can stand beside a method.
    }
    let first = errors.next();
    quote! {
        #function
        #[doc(hidden)]
        #[allow(non_camel_case_types, dead_code)]
        #vis type #name = [(); #first];
        #(#errors)*
    }
}
