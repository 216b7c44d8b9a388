//! Macros: assertions, printing, panics and `vec!`. The rest is opaque.

use super::{Lower, Operand, types::TyId};
use crate::ir::*;
use quote::{ToTokens, quote};
use syn::parse::Parser;
use syn::spanned::Spanned;

/// Macros that only read: an active value inside is fine.
const HARMLESS: &[&str] = &[
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "print",
    "println",
    "eprint",
    "eprintln",
];

/// Macros that do not come back.
const DIVERGING: &[&str] = &["panic", "unreachable", "todo", "unimplemented"];

impl Lower<'_> {
    pub(super) fn macro_stmt(&mut self, mac: &syn::Macro) {
        let name = macro_name(mac);
        if HARMLESS.contains(&name.as_str()) || DIVERGING.contains(&name.as_str()) {
            self.effect(mac, &name);
        } else if name == "vec" {
            self.macro_expr(mac);
        } else {
            let opaque = self.opaque_tokens(quote!(#mac), Why::Macro);
            self.push(mac.span(), StmtKind::Effect(opaque));
        }
    }

    pub(super) fn macro_expr(&mut self, mac: &syn::Macro) -> (Operand, TyId) {
        let name = macro_name(mac);
        if name == "vec" {
            return self.vec_macro(mac);
        }
        if HARMLESS.contains(&name.as_str()) {
            self.effect(mac, &name);
            return self.unit();
        }
        if DIVERGING.contains(&name.as_str()) {
            self.effect(mac, &name);
            return self.never();
        }
        let expr = syn::Expr::Macro(syn::ExprMacro {
            attrs: Vec::new(),
            mac: mac.clone(),
        });
        let why = if name == "matches" || name == "cfg" {
            Why::Harmless
        } else {
            Why::Macro
        };
        self.opaque(&expr, why)
    }

    fn effect(&mut self, mac: &syn::Macro, name: &str) {
        let opaque = self.opaque_tokens(mac.to_token_stream(), Why::Harmless);
        self.push(mac.span(), StmtKind::Effect(opaque));
        if DIVERGING.contains(&name) {
            self.push(mac.span(), StmtKind::Exit(Exit::Diverge));
        }
    }

    /// `vec![a; n]` and `vec![a, b]`.
    fn vec_macro(&mut self, mac: &syn::Macro) -> (Operand, TyId) {
        let tokens = mac.tokens.clone();
        if let Ok(repeat) = syn::parse2::<syn::ExprRepeat>(quote!([#tokens])) {
            let (elem, elem_kind) = self.atom(&repeat.expr);
            let (len, len_kind) = self.atom(&repeat.len);
            let usize_kind = self.types.discrete("usize");
            self.types.unify(len_kind, usize_kind);
            let kind = self.types.seq(elem_kind, SeqForm::Vec);
            let value = Value::Repeat(SeqForm::Vec, elem, len);
            return (Operand::Atom(self.bind(value, kind, mac.span())), kind);
        }
        let parser = syn::punctuated::Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated;
        match parser.parse2(tokens) {
            Ok(elems) => self.list(SeqForm::Vec, elems.iter(), mac.span()),
            Err(error) => {
                self.cx.push(error);
                self.never()
            }
        }
    }
}

/// Whether the macro does not come back.
pub(super) fn diverges(mac: &syn::Macro) -> bool {
    DIVERGING.contains(&macro_name(mac).as_str())
}

fn macro_name(mac: &syn::Macro) -> String {
    let last = mac.path.segments.last();
    last.map(|segment| segment.ident.to_string())
        .unwrap_or_default()
}
