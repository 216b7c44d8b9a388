//! The compiler on one screen.

use crate::analysis::activity::Activity;
use crate::analysis::views::Views;
use crate::attr::{self, Request};
use crate::back::target::Target;
use crate::back::{self, Derivatives};
use crate::check;
use crate::ctxt::Ctxt;
use crate::fallback;
use crate::front::{self, checkpoint, signature};
use crate::ir::{self, Func, Mutability};
use crate::report;
use crate::transform::passes::{Pass, Passes};
use crate::transform::reverse::{self, Form};
use crate::transform::{Facts, forward, parts, rewrite, settle, share};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

/// `#[autodiff(args)] item`: the item, and its derivatives.
pub(crate) fn autodiff(args: TokenStream, item: TokenStream) -> TokenStream {
    let (function, lines) = match fallback::read_item(args, &item) {
        Ok(read) => read,
        Err(error) => return fallback::unreadable(item, error),
    };
    match differentiate(&function, &lines) {
        Ok(derivatives) => {
            let function = checkpoint::without(&function);
            quote!(#function #derivatives)
        }
        Err(error) => fallback::refused(&checkpoint::without(&function), error),
    }
}

/// The whole pipeline: parse, lower, check, analyse, differentiate, emit.
fn differentiate(function: &syn::ItemFn, lines: &fallback::Lines) -> syn::Result<TokenStream> {
    let cx = Ctxt::new();
    let signature = signature::read(&cx, &function.sig);
    let Some(signature) = signature else {
        return cx.check().map(|()| TokenStream::new());
    };
    let request = attr::read(&cx, lines, &signature);
    let mut primal = front::lower(&cx, &signature, &function.block);
    cx.check()?; // Below, the input is well formed.

    share::share(&mut primal);
    settle::settle(&mut primal);
    parts::own_parts(&mut primal);
    verified(function, ir::verify(&primal))?;
    let views = Views::of(&primal);
    let differentiable: Vec<bool> = (0..primal.params.len())
        .map(|position| request.differentiable(position))
        .collect();
    let activity = Activity::of(&primal, &views, &differentiable);
    let facts = Facts {
        func: &primal,
        views: &views,
        activity: &activity,
        passes: Passes::from_env(),
    };
    let cx = Ctxt::new();
    check::check(&cx, &facts, &signature, &request);
    let pieces = rewrite::rewritten(&primal, &differentiable, &facts.passes);
    let views = Views::of(&pieces);
    let activity = Activity::of(&pieces, &views, &differentiable);
    let tiled = Facts {
        func: &pieces,
        views: &views,
        activity: &activity,
        passes: Passes::from_env(),
    };
    check::check_checkpoints(&cx, &tiled);
    cx.check()?; // Below, nothing can fail.

    let own = function.sig.ident.to_string();
    let wanted = request.reverse();
    let reverse = |form| wanted.then(|| reverse::reverse(&tiled, &own, form));
    let fused = || reverse::fused(&tiled, &own);
    let derivatives = Derivatives {
        forward: request.forward().then(|| forward::forward(&facts)),
        joint: reverse(Form::Joint),
        fused: (wanted && facts.passes.on(Pass::Fuse))
            .then(fused)
            .flatten(),
        split: reverse(Form::Split),
    };
    verified(function, derivatives.violations())?;
    for (form, sweeps) in derivatives.reverse() {
        report::report(&own, form, sweeps);
    }
    let mut target = target(function, &signature, &request, &facts, differentiable);
    target.fused = derivatives.fused.as_ref().map(|(_, needs)| needs.clone());
    target.memory = derivatives
        .reverse()
        .any(|(_, sweeps)| sweeps.needs_memory());
    Ok(back::emit(&target, &derivatives))
}

/// In debug builds a pass that breaks the rules of the IR is reported as the mistake
/// of the compiler that it is.
fn verified(function: &syn::ItemFn, violations: Vec<String>) -> syn::Result<()> {
    match violations.first() {
        Some(first) if cfg!(debug_assertions) => Err(syn::Error::new(
            function.sig.ident.span(),
            format!("this is a mistake of `#[autodiff]` itself, please report it: {first}"),
        )),
        _ => Ok(()),
    }
}

fn target<'a>(
    function: &'a syn::ItemFn,
    signature: &'a signature::Signature,
    request: &'a Request,
    facts: &Facts<'a>,
    differentiable: Vec<bool>,
) -> Target<'a> {
    let func: &Func = facts.func;
    let outputs = func
        .params
        .iter()
        .enumerate()
        .filter_map(|(position, param)| {
            let output = func.var(*param).reference == Some(Mutability::Mutable);
            let mut sources = facts.params(*param);
            sources.remove(&position);
            (output && differentiable[position]).then_some((position, sources))
        });
    let generics = &function.sig.generics.params;
    Target {
        name: function.sig.ident.clone(),
        vis: &function.vis,
        lifetimes: generics.iter().cloned().collect(),
        signature,
        request,
        func,
        marker: Target::marker_names(signature, &function.to_token_stream()),
        outputs: outputs.collect(),
        differentiable,
        fused: None,
        memory: false,
        boxed: request.boxed || check::is_recursive(func, &function.sig.ident),
    }
}
