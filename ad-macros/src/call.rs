//! `autodiff!(mode, function, return, arguments..)`: one direct call of the companion.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;

const ANNOTATIONS: &str =
    "`Const(x)`, `Active(x)`, `Duplicated(x, shadow)`, `DuplicatedNoNeed(x, shadow)`";

struct Input {
    mode: syn::Ident,
    function: syn::Expr,
    rest: Vec<syn::Expr>,
}

impl Parse for Input {
    fn parse(input: ParseStream) -> syn::Result<Input> {
        let mode = input.parse()?;
        input.parse::<syn::Token![,]>()?;
        let function = input.parse()?;
        if !input.is_empty() {
            input.parse::<syn::Token![,]>()?;
        }
        let rest = Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated(input)?;
        Ok(Input {
            mode,
            function,
            rest: rest.into_iter().collect(),
        })
    }
}

pub(crate) fn autodiff(input: TokenStream) -> TokenStream {
    expand(input).unwrap_or_else(|error| error.to_compile_error())
}

fn expand(input: TokenStream) -> syn::Result<TokenStream> {
    let input: Input = syn::parse2(input)?;
    let mode = input.mode.to_string();
    let (entry, forward) = match mode.as_str() {
        "Forward" | "ForwardWithPrimal" => ("__autodiff_forward", true),
        "Reverse" => ("__autodiff_reverse", false),
        "ReverseWithPrimal" => ("__autodiff_reverse_with_primal", false),
        _ => {
            return Err(syn::Error::new(
                input.mode.span(),
                format!(
                    "unknown mode `{mode}`: expected one of `Forward`, `ForwardWithPrimal`, `Reverse`, \
                     `ReverseWithPrimal`"
                ),
            ));
        }
    };
    let (ret, args) = split(&input, forward)?;
    let args: Vec<TokenStream> = args.iter().map(annotation).collect::<syn::Result<_>>()?;
    let count = args.len();
    let (function, definition) = callee(&input.function, forward)?;
    let entry = syn::Ident::new(entry, input.mode.span());
    let call = quote_spanned!(input.function.span()=> #function::#entry(#ret, #(#args),*));
    let call = match mode.as_str() {
        "Forward" => quote!(ad_rt::act::slot(#call.1)),
        _ => call,
    };
    Ok(quote!({
        use ::ad_runtime::__private as ad_rt;
        #definition
        const _: () = ad_rt::takes::<#function, #count>();
        #call
    }))
}

/// The annotation of the result, and those of the arguments.
fn split(input: &Input, forward: bool) -> syn::Result<(TokenStream, Vec<syn::Expr>)> {
    match input.rest.split_first() {
        Some((syn::Expr::Path(path), args)) => {
            let name = path
                .path
                .get_ident()
                .map(ToString::to_string)
                .unwrap_or_default();
            if !["Const", "Active", "Duplicated", "DuplicatedNoNeed"].contains(&name.as_str()) {
                return Err(syn::Error::new_spanned(
                    path,
                    "unknown activity of the return value: expected `Const`, `Active` or `Duplicated`",
                ));
            }
            let word = syn::Ident::new(&name, path.span());
            Ok((marker(&word), args.to_vec()))
        }
        _ if forward => Ok((quote!(ad_rt::act::Duplicated), input.rest.clone())),
        _ => Err(syn::Error::new_spanned(
            &input.function,
            "the activity of the return value is missing: write `Active` or `Const` after the function",
        )),
    }
}

/// `Duplicated(&x, &mut dx)`: marker, primal, shadow.
fn annotation(expr: &syn::Expr) -> syn::Result<TokenStream> {
    let wrong = |message: String| Err(syn::Error::new_spanned(expr, message));
    let syn::Expr::Call(call) = expr else {
        return wrong(format!(
            "expected an annotated argument: one of {ANNOTATIONS}"
        ));
    };
    let name = match &*call.func {
        syn::Expr::Path(path) => path.path.get_ident().cloned(),
        _ => None,
    };
    let Some(name) = name else {
        return wrong(format!(
            "expected an annotated argument: one of {ANNOTATIONS}"
        ));
    };
    let args: Vec<&syn::Expr> = call.args.iter().collect();
    match (name.to_string().as_str(), args.as_slice()) {
        ("Const" | "Active", [x]) => {
            let marker = marker(&name);
            let none = quote_spanned!(name.span()=> ());
            Ok(quote!(#marker, #x, #none))
        }
        ("Duplicated" | "DuplicatedNoNeed", [x, shadow]) => {
            let marker = marker(&name);
            Ok(quote!(#marker, #x, #shadow))
        }
        ("Const" | "Active", _) => wrong(format!("`{name}` takes one argument: `{name}(x)`")),
        ("Duplicated" | "DuplicatedNoNeed", _) => wrong(format!(
            "`{name}` takes the primal and its shadow: `{name}(x, shadow)`"
        )),
        _ => wrong(format!(
            "unknown activity `{name}`: expected one of {ANNOTATIONS}"
        )),
    }
}

/// The type of an annotation, with the span of the user's word: errors point there.
fn marker(word: &syn::Ident) -> TokenStream {
    quote_spanned!(word.span()=> ad_rt::act::#word)
}

/// The path of the companion. A closure literal becomes a function in place.
fn callee(function: &syn::Expr, forward: bool) -> syn::Result<(TokenStream, TokenStream)> {
    match function {
        syn::Expr::Path(path) => Ok((quote!(#path), TokenStream::new())),
        syn::Expr::Closure(closure) => from_closure(closure, forward),
        other => Err(syn::Error::new_spanned(
            other,
            "expected the name of a function with `#[autodiff]`, or a closure literal",
        )),
    }
}

fn from_closure(
    closure: &syn::ExprClosure,
    forward: bool,
) -> syn::Result<(TokenStream, TokenStream)> {
    let mut params = Vec::new();
    let mut float = None;
    for input in &closure.inputs {
        let syn::Pat::Type(typed) = input else {
            return Err(syn::Error::new_spanned(
                input,
                "the parameters of a differentiated closure need types: `|x: f64| ..`",
            ));
        };
        let ty = &typed.ty;
        let text = quote!(#ty).to_string();
        for name in ["f64", "f32"] {
            if float.is_none() && text.contains(name) {
                float = Some(syn::Ident::new(name, typed.span()));
            }
        }
        params.push(quote!(#typed));
    }
    let ret = match (&closure.output, float) {
        (syn::ReturnType::Type(_, ty), _) => quote!(#ty),
        (syn::ReturnType::Default, Some(float)) => quote!(#float),
        (syn::ReturnType::Default, None) => quote!(f64),
    };
    let body = match &*closure.body {
        syn::Expr::Block(block) => quote!(#block),
        body => quote!({ #body }),
    };
    let modes = if forward {
        quote!(Forward)
    } else {
        quote!(Reverse)
    };
    let definition = quote! {
        #[::ad_runtime::__private::autodiff(#modes)]
        fn closure(#(#params),*) -> #ret #body
    };
    Ok((quote!(closure), definition))
}
