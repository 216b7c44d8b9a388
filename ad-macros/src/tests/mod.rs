//! Tests of the compiler from inside: the text of its stages, derivatives run by
//! the evaluator, whole expansions, and mutated sources.

mod expansion;
mod fuzz;
mod gradients;
mod stages;

use crate::analysis::activity::Activity;
use crate::analysis::views::Views;
use crate::attr::Request;
use crate::ctxt::Ctxt;
use crate::front::signature::Signature;
use crate::ir::Func;
use crate::transform::passes::Passes;
use crate::transform::{Facts, rewrite, settle, share};
use proc_macro2::TokenStream;

/// A function lowered for tests.
struct Lowered {
    func: Func,
    views: Views,
    activity: Activity,
}

impl Lowered {
    fn facts(&self) -> Facts<'_> {
        Facts {
            func: &self.func,
            views: &self.views,
            activity: &self.activity,
            passes: Passes::default(),
        }
    }
}

/// Lowers a function under a bare `#[autodiff]`.
fn lower(source: &str) -> Lowered {
    let function: syn::ItemFn = syn::parse_str(source).expect("the test input parses");
    let cx = Ctxt::new();
    let signature: Option<Signature> = crate::front::signature::read(&cx, &function.sig);
    let signature = signature.expect("the signature is supported");
    let span = proc_macro2::Span::call_site();
    let request: Request = crate::attr::read(&cx, &[(TokenStream::new(), span)], &signature);
    let mut func = crate::front::lower(&cx, &signature, &function.block);
    cx.check().expect("the test input is supported");
    share::share(&mut func);
    settle::settle(&mut func);
    let differentiable: Vec<bool> = (0..func.params.len())
        .map(|position| request.differentiable(position))
        .collect();
    let func = rewrite::rewritten(&func, &differentiable, &Passes::default());
    assert_eq!(crate::ir::verify(&func), [""; 0]);
    let views = Views::of(&func);
    let activity = Activity::of(&func, &views, &differentiable);
    Lowered {
        func,
        views,
        activity,
    }
}

/// The expansion of a file of annotated functions, formatted.
fn expand(source: &str) -> String {
    let file: syn::File = syn::parse_str(source).expect("the test input parses");
    let mut out = TokenStream::new();
    for item in file.items {
        let syn::Item::Fn(mut function) = item else {
            continue;
        };
        let line = |attr: &syn::Attribute| attr.path().is_ident("autodiff");
        let Some(first) = function.attrs.iter().position(line) else {
            continue;
        };
        let first = function.attrs.remove(first);
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
