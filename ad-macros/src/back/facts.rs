//! What callers may know of a function: constants of its companion.

use super::target::Target;
use crate::analysis::cover;
use crate::analysis::layout::Layout;
use crate::analysis::views::Views;
use crate::ir::visit::walk;
use crate::ir::*;
use crate::transform::reverse::Sweeps;
use proc_macro2::{Literal, TokenStream};
use quote::quote;

impl Target<'_> {
    /// `OVERWRITES`, from the primal, and `READS`, from the split form.
    pub fn facts(&self, sweeps: &Sweeps) -> TokenStream {
        let (layout, views) = (Layout::of(self.func), Views::of(self.func));
        let overwritten = cover::overwritten(self.func, &layout, &views);
        let overwritten = overwritten.iter().map(|extent| match extent {
            Some(by) => {
                let by = by
                    .iter()
                    .map(|position| Literal::usize_unsuffixed(*position));
                quote!(::core::option::Option::Some(&[#(#by),*]))
            }
            None => quote!(::core::option::Option::None),
        });
        let views = Views::of(&sweeps.func);
        let reads = self.func.params.iter().map(|param| {
            let mut read = false;
            walk(&sweeps.reverse, &mut |stmt| {
                read |= reads(&stmt.kind, &views, *param);
            });
            read
        });
        let count = Literal::usize_unsuffixed(self.func.params.len());
        quote! {
            #[doc = "Per argument: the arguments that say how far it is overwritten before it is read."]
            #[doc(hidden)]
            pub const OVERWRITES: ad_rt::Overwrites = ad_rt::Overwrites(&[#(#overwritten),*]);
            #[doc = "Per argument: whether the pullback reads what it holds."]
            #[doc(hidden)]
            pub const READS: [bool; #count] = [#(#reads),*];
        }
    }
}

/// Whether a statement reads the content of a variable: more than its shape.
fn reads(kind: &StmtKind, views: &Views, id: VarId) -> bool {
    if let StmtKind::Let(_, Value::Len(_) | Value::ZeroLike(_))
    | StmtKind::Cell(_, Some(Value::Len(_) | Value::ZeroLike(_))) = kind
    {
        return false;
    }
    let access = kind.access();
    access.variables().any(|other| views.root(other) == id)
}
