//! Code that is passed through as the user's tokens.
//!
//! It may read variables and write none. Whether it may see an active value is
//! decided after the activity analysis, by [`Why`].

use super::{Lower, Operand, types::TyId};
use crate::ir::*;
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::Visit;

impl Lower<'_> {
    /// An expression of which only the value is known.
    pub(super) fn opaque(&mut self, expr: &syn::Expr, why: Why) -> (Operand, TyId) {
        if let Some((node, message)) = writes(expr) {
            self.cx.error(node, message);
            return self.never();
        }
        let why = if matches!(expr, syn::Expr::Closure(_)) {
            Why::Closure
        } else {
            why
        };
        let opaque = self.opaque_tokens(expr.to_token_stream(), why);
        let kind = self.types.unknown();
        (
            Operand::Atom(self.bind(Value::Opaque(opaque), kind, expr.span())),
            kind,
        )
    }

    /// Tokens with the local variables that occur in them.
    pub(super) fn opaque_tokens(&self, tokens: TokenStream, why: Why) -> Opaque {
        let mut reads = Vec::new();
        self.collect(&tokens, &mut reads);
        Opaque { tokens, reads, why }
    }

    fn collect(&self, tokens: &TokenStream, reads: &mut Vec<(String, VarId)>) {
        let (mut after_dot, mut previous_dot) = (false, false);
        for tree in tokens.clone() {
            match &tree {
                TokenTree::Ident(name) if !after_dot => self.note(name, reads),
                TokenTree::Group(group) => self.collect(&group.stream(), reads),
                TokenTree::Literal(literal) => {
                    for name in captured(&literal.to_string()) {
                        self.note(&syn::Ident::new(&name, literal.span()), reads);
                    }
                }
                _ => {}
            }
            // `.field`, and not `..end`.
            let dot = matches!(&tree, TokenTree::Punct(punct) if punct.as_char() == '.');
            after_dot = dot && !previous_dot;
            previous_dot = dot;
        }
    }

    fn note(&self, name: &syn::Ident, reads: &mut Vec<(String, VarId)>) {
        let text = name.to_string();
        if let Some(binding) = self.scopes.find(name)
            && !reads.iter().any(|(known, _)| *known == text)
        {
            reads.push((text, binding.var));
        }
    }
}

/// Names captured by a format string: `"{x:.3} {y}"`.
pub(crate) fn captured(literal: &str) -> Vec<String> {
    if !literal.starts_with('"') && !literal.starts_with('r') {
        return Vec::new();
    }
    let mut names = Vec::new();
    for part in literal.replace("{{", "").split('{').skip(1) {
        let name: String = part
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        let starts = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
        if starts && syn::parse_str::<syn::Ident>(&name).is_ok() {
            names.push(name);
        }
    }
    names
}

/// Whether a `return` or a panic may end the body before its last expression.
pub(super) fn leaves_early(body: &syn::Block) -> bool {
    struct Finder(bool);
    impl<'ast> Visit<'ast> for Finder {
        fn visit_expr_return(&mut self, _: &'ast syn::ExprReturn) {
            self.0 = true;
        }
        fn visit_macro(&mut self, mac: &'ast syn::Macro) {
            self.0 |= super::macros::diverges(mac);
        }
        fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut finder = Finder(false);
    finder.visit_block(body);
    finder.0
}

/// `#[cfg]` inside a body: a macro does not know which side is compiled.
pub(super) fn refuse_cfg(cx: &crate::ctxt::Ctxt, body: &syn::Block) {
    struct Finder<'a>(&'a crate::ctxt::Ctxt);
    impl<'ast> Visit<'ast> for Finder<'_> {
        fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
            if attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr") {
                self.0.error(
                    attribute,
                    "`#[cfg]` inside a differentiated body is not supported yet: put it on the whole \
                     function, once per case, or use `if cfg!(..)`",
                );
            }
        }
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    Finder(cx).visit_block(body);
}

/// The first part of an expression that writes a variable or leaves the flow.
fn writes(expr: &syn::Expr) -> Option<(TokenStream, &'static str)> {
    const CHANGES: &str = "this changes a variable inside an expression that cannot be \
        differentiated: write a loop, or make the change a statement of its own";
    const LEAVES: &str = "this leaves an expression that cannot be differentiated: \
        use `if` with `return`, `break` or `continue` as a statement";
    const TRY: &str = "`?` is not supported yet: test with `if` and `return` a value";
    const AWAIT: &str =
        "`.await` cannot be differentiated: move the numeric part into a plain `fn`";
    const GROWS: &str = "a growing `Vec` cannot be differentiated yet: make it with its length, \
        `vec![0.0; n]`, and store by index";
    struct Finder(Option<(TokenStream, &'static str)>);
    impl<'ast> Visit<'ast> for Finder {
        fn visit_expr(&mut self, node: &'ast syn::Expr) {
            let found = match node {
                syn::Expr::Assign(_) => Some(CHANGES),
                syn::Expr::Break(_) | syn::Expr::Continue(_) | syn::Expr::Return(_) => Some(LEAVES),
                syn::Expr::Try(_) => Some(TRY),
                syn::Expr::Await(_) => Some(AWAIT),
                syn::Expr::Binary(binary) if super::expr::is_assignment(&binary.op) => {
                    Some(CHANGES)
                }
                syn::Expr::Reference(reference) if reference.mutability.is_some() => Some(CHANGES),
                syn::Expr::MethodCall(call) if call.method == "iter_mut" => Some(CHANGES),
                syn::Expr::MethodCall(call) if call.method == "push" => Some(GROWS),
                _ => None,
            };
            if let (Some(message), None) = (found, &self.0) {
                self.0 = Some((node.to_token_stream(), message));
            }
            syn::visit::visit_expr(self, node);
        }
    }
    let mut finder = Finder(None);
    finder.visit_expr(expr);
    finder.0
}
