//! `#[checkpoint]` in front of a loop: what it asks for, and the function without it.

use super::Lower;
use crate::ir::*;
use syn::visit_mut::VisitMut;

const USAGE: &str = "write `#[checkpoint]` for as many checkpoints as the square root of the trips, or `#[checkpoint(budget = n)]` for `n` of them";

/// The loop's own attribute, if it has one.
fn ours(attributes: &[syn::Attribute]) -> Option<&syn::Attribute> {
    attributes.iter().find(|attribute| is_ours(attribute))
}

fn is_ours(attribute: &syn::Attribute) -> bool {
    let last = attribute.path().segments.last();
    last.is_some_and(|segment| segment.ident == "checkpoint")
}

/// The function as rustc gets it.
pub(crate) fn without(function: &syn::ItemFn) -> syn::ItemFn {
    struct Strip;
    impl VisitMut for Strip {
        fn visit_attributes_mut(&mut self, attributes: &mut Vec<syn::Attribute>) {
            attributes.retain(|attribute| !is_ours(attribute));
        }
    }
    let mut function = function.clone();
    Strip.visit_block_mut(&mut function.block);
    function
}

impl Lower<'_> {
    /// What the attributes of a loop over a range ask for.
    pub(super) fn checkpoint(&mut self, attributes: &[syn::Attribute]) -> Option<Checkpoint> {
        let attribute = ours(attributes)?;
        let span = syn::spanned::Spanned::span(attribute);
        let budget = match &attribute.meta {
            syn::Meta::Path(_) => None,
            syn::Meta::List(list) => {
                let Some(budget) = budget(list) else {
                    self.cx.error(attribute, USAGE);
                    return None;
                };
                let (budget, kind) = self.atom(&budget);
                let usize_kind = self.types.discrete("usize");
                self.types.unify(kind, usize_kind);
                Some(budget)
            }
            syn::Meta::NameValue(_) => {
                self.cx.error(attribute, USAGE);
                return None;
            }
        };
        Some(Checkpoint { budget, span })
    }

    /// Other loops cannot have checkpoints.
    pub(super) fn no_checkpoint(&mut self, attributes: &[syn::Attribute]) {
        if let Some(attribute) = ours(attributes) {
            self.cx.error(
                attribute,
                "checkpoints need a loop whose trips are known when it starts: \
                 `for i in a..b` over `usize`, without `rev` or `step_by`",
            );
        }
    }
}

/// `budget = n`
fn budget(list: &syn::MetaList) -> Option<syn::Expr> {
    let setting: syn::MetaNameValue = syn::parse2(list.tokens.clone()).ok()?;
    setting.path.is_ident("budget").then_some(setting.value)
}
