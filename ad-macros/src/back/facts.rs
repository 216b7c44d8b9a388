//! What callers may know of a function: constants of its companion.

use super::target::Target;
use crate::analysis::coefficients::coefficients;
use crate::analysis::cover;
use crate::analysis::layout::Layout;
use crate::analysis::views::Views;
use crate::ir::visit::walk;
use crate::transform::reverse::Sweeps;
use proc_macro2::{Literal, TokenStream};
use quote::quote;

impl Target<'_> {
    /// `OVERWRITES`, from the primal; `READS` and `LINEAR`, from the split form.
    pub fn facts(&self, sweeps: &Sweeps) -> TokenStream {
        let (layout, views) = (Layout::of(self.func), Views::of(self.func));
        let overwritten = cover::overwritten(self.func, &layout, &views);
        let overwritten = overwritten.into_iter().map(dependence);
        let linear = coefficients(sweeps).into_iter().map(dependence);
        let views = Views::of(&sweeps.func);
        let reads = self.func.params.iter().map(|param| {
            let mut read = false;
            walk(&sweeps.reverse, &mut |stmt| {
                let access = stmt.kind.access();
                read |= access.variables().any(|id| views.root(id) == *param);
            });
            read
        });
        let count = Literal::usize_unsuffixed(self.func.params.len());
        quote! {
            #[doc = "Per argument: the arguments that say how far it is overwritten before it is read."]
            #[doc(hidden)]
            pub const OVERWRITES: ad_rt::Dependence = ad_rt::Dependence(&[#(#overwritten),*]);
            #[doc = "Per argument: whether the pullback looks at it."]
            #[doc(hidden)]
            pub const READS: [bool; #count] = [#(#reads),*];
            #[doc = "Per argument: the arguments that the coefficients of its adjoint depend on."]
            #[doc(hidden)]
            pub const LINEAR: ad_rt::Dependence = ad_rt::Dependence(&[#(#linear),*]);
        }
    }
}

fn dependence(on: Option<impl IntoIterator<Item = usize>>) -> TokenStream {
    match on {
        Some(on) => {
            let on = on.into_iter().map(Literal::usize_unsuffixed);
            quote!(::core::option::Option::Some(&[#(#on),*]))
        }
        None => quote!(::core::option::Option::None),
    }
}
