//! What is legal Rust and has no derivative.
//!
//! One rule, one function. Each message says what is wrong, why, and what to
//! write instead.

use crate::analysis::rerun::Obstacle;
use crate::attr::{Activity, Request};
use crate::ctxt::Ctxt;
use crate::front::signature::Signature;
use crate::ir::visit::walk;
use crate::ir::*;
use crate::transform::{Facts, reverse};

pub(crate) fn check(cx: &Ctxt, facts: &Facts, signature: &Signature, request: &Request) {
    walk(&facts.func.body, &mut |stmt| {
        check_opaque(cx, facts, stmt);
        check_unknown_method(cx, facts, stmt);
        check_local_function(cx, facts, stmt);
        check_constant_output(cx, facts, signature, stmt);
        check_no_need(cx, facts, request, stmt);
    });
}

/// A loop with `#[checkpoint]` has to be able to start again from any iteration.
///
/// ```text
/// #[checkpoint]
/// for i in 0..n { log(i); x = step(x); }      // `log` would run again
/// ```
pub(crate) fn check_checkpoints(cx: &Ctxt, facts: &Facts) {
    if facts.func.checkpoints.is_empty() {
        return;
    }
    for (span, obstacle) in reverse::refused_checkpoints(facts) {
        match obstacle {
            Obstacle::Effect(at) => cx.error_at(
                at,
                "a loop with `#[checkpoint]` is run again from its checkpoints, and this must \
                 not run twice: move it out of the loop, or give the function a derivative",
            ),
            Obstacle::Exits => cx.error_at(
                span,
                "a loop with `#[checkpoint]` must run through all of its range: it has a `break` \
                 or an early `return`",
            ),
            Obstacle::Variable(id) => cx.error_at(
                span,
                format!(
                    "this loop cannot be run again from checkpoints because of `{}`: what goes from \
                     one iteration to the next must be local variables, numbers or arrays of \
                     numbers of known type, and what else it reads must not change afterwards",
                    facts.func.var(id).name
                ),
            ),
        }
    }
}

/// Code that is passed through has no derivative: an active value in it is lost.
///
/// ```text
/// let s = xs.iter().sum();      // an iterator chain over an active slice
/// let bits = x.to_bits();       // hides the value
/// ```
fn check_opaque(cx: &Ctxt, facts: &Facts, stmt: &Stmt) {
    let opaque = match &stmt.kind {
        StmtKind::Let(_, Value::Opaque(opaque))
        | StmtKind::Cell(_, Some(Value::Opaque(opaque))) => opaque,
        StmtKind::Effect(opaque) => opaque,
        _ => return,
    };
    let varied = |id: VarId| facts.activity.is_varied(facts.func, facts.views, id);
    let Some((name, _)) = opaque.reads.iter().find(|(_, id)| varied(*id)) else {
        return;
    };
    let advice = match opaque.why {
        Why::Harmless => return,
        Why::Unsupported => unsupported(&opaque.tokens),
        Why::Macro => {
            "the compiler cannot look into this macro: move it into a function with `#[autodiff]`"
        }
        Why::Method => {
            "no derivative is known for this method: write it as a function with `#[autodiff]`, or as a loop"
        }
        Why::Closure => {
            "closures are not differentiated yet: write a `fn` with `#[autodiff]` and call it"
        }
        Why::Bits => {
            "this hides the value in its bits, and its derivative would be lost: use \
             `stop_gradient(..)` if that is meant"
        }
        Why::Iterator => "iterator chains are not differentiated yet: write a loop over the slice",
    };
    cx.error(
        &opaque.tokens,
        format!("cannot differentiate this: `{name}` carries a derivative; {advice}"),
    );
}

/// What to write instead of an expression that is passed through.
fn unsupported(tokens: &proc_macro2::TokenStream) -> &'static str {
    match syn::parse2::<syn::Expr>(tokens.clone()) {
        Ok(syn::Expr::Field(_)) => {
            "fields of structs are not differentiated yet: pass floats, arrays, slices or tuples"
        }
        Ok(syn::Expr::Struct(_)) => {
            "structs are not differentiated yet: use a tuple, an array or single variables"
        }
        Ok(syn::Expr::Call(call)) if matches!(*call.func, syn::Expr::Path(_)) => {
            "structs, enums and generic functions are not differentiated yet: use tuples, arrays and \
             functions with `#[autodiff]`"
        }
        Ok(syn::Expr::Call(_)) => {
            "only named functions are differentiated: write a `fn` with `#[autodiff]` and call it"
        }
        _ => {
            "this syntax is not differentiated yet: write it with `let`, loops, `if` and calls of \
             annotated functions"
        }
    }
}

/// A method of an integer may be anything: `flag.then_some(x)`, an extension trait.
fn check_unknown_method(cx: &Ctxt, facts: &Facts, stmt: &Stmt) {
    let (StmtKind::Let(_, value) | StmtKind::Cell(_, Some(value))) = &stmt.kind else {
        return;
    };
    let Value::Inert(Inert::Method(name), atoms) = value else {
        return;
    };
    let known = crate::rules::INACTIVE.contains(&name.to_string().as_str());
    let varied = |atom: &Atom| {
        let varied = |id: VarId| facts.activity.is_varied(facts.func, facts.views, id);
        atom.var().is_some_and(varied)
    };
    if !known && atoms.iter().any(varied) {
        cx.error(
            name,
            format!(
                "cannot differentiate this: no derivative is known for the method `{name}`, and an argument \
                 carries one; write it as a function with `#[autodiff]`"
            ),
        );
    }
}

/// A function declared in the body hides one of the same name that has a derivative.
fn check_local_function(cx: &Ctxt, facts: &Facts, stmt: &Stmt) {
    let StmtKind::Call(call) = &stmt.kind else {
        return;
    };
    let name = call
        .callee
        .get_ident()
        .map(ToString::to_string)
        .unwrap_or_default();
    if facts.func.plain_fns.contains(&name) && facts.active_call(call) {
        cx.error(
            &call.callee,
            format!(
                "the local function `{name}` has no derivative: annotate it with `#[autodiff]`"
            ),
        );
    }
}

/// A derivative stored into an argument without a shadow is lost.
fn check_constant_output(cx: &Ctxt, facts: &Facts, signature: &Signature, stmt: &Stmt) {
    let access = stmt.kind.access();
    for place in &access.writes {
        let root = facts.views.root(place.root);
        let var = facts.func.var(root);
        let Role::Param(position) = var.role else {
            continue;
        };
        let shadowless = !facts.activity.params(root).contains(&position);
        let lost = facts.activity.is_varied(facts.func, facts.views, root);
        if var.reference == Some(Mutability::Mutable) && shadowless && lost {
            cx.error_at(
                stmt.span,
                format!(
                    "this stores a value that carries a derivative into `{}`, which is `Const`: annotate \
                     `{}` with `Duplicated`, or store `stop_gradient(..)`",
                    signature.params[position].name, signature.params[position].name
                ),
            );
        }
    }
}

/// What need not be produced may not be read back.
fn check_no_need(cx: &Ctxt, facts: &Facts, request: &Request, stmt: &Stmt) {
    let unneeded = |id: VarId| match facts.func.var(id).role {
        Role::Param(position) => request
            .lines
            .iter()
            .any(|line| line.args.get(position) == Some(&Activity::DuplicatedNoNeed)),
        _ => false,
    };
    let (StmtKind::Let(_, value) | StmtKind::Cell(_, Some(value))) = &stmt.kind else {
        return;
    };
    if let Value::Load(place) | Value::Copied(place, _) = value {
        let root = facts.views.root(place.root);
        let written = facts.func.var(root).reference == Some(Mutability::Mutable);
        if written && unneeded(root) {
            cx.error_at(
                stmt.span,
                format!(
                    "`{}` is `DuplicatedNoNeed`: its primal need not be produced, so it cannot be read here; \
                     write `Duplicated`",
                    facts.func.var(root).name
                ),
            );
        }
    }
}

/// Whether the function calls itself.
pub(crate) fn is_recursive(func: &Func, name: &proc_macro2::Ident) -> bool {
    let mut found = false;
    walk(&func.body, &mut |stmt| {
        if let StmtKind::Call(call) = &stmt.kind {
            found |= call.callee.is_ident(name);
        }
    });
    found
}
