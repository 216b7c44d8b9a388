//! Tests of the compiler from inside: text of stages, and whole expansions.

mod expansion;

use proc_macro2::TokenStream;

/// The expansion of a file of annotated functions, formatted.
fn expand(source: &str) -> String {
    let file: syn::File = syn::parse_str(source).expect("the test input parses");
    let mut out = TokenStream::new();
    for item in file.items {
        let syn::Item::Fn(mut function) = item else {
            continue;
        };
        let first = function.attrs.remove(0);
        let args = match &first.meta {
            syn::Meta::List(list) => list.tokens.clone(),
            _ => TokenStream::new(),
        };
        let item = quote::quote!(#function);
        out.extend(crate::compile::autodiff(args, item));
    }
    match syn::parse2::<syn::File>(out.clone()) {
        Ok(file) => prettyplease::unparse(&file),
        Err(error) => panic!("the expansion does not parse: {error}\n{out}"),
    }
}
