//! The compiler behind `#[autodiff]`: derivatives of plain Rust functions, as Rust
//! source, at compile time.
//!
//! Users depend on `ad-runtime`, which re-exports what is here and documents it.
//! The way through the code starts in `compile.rs`.

mod analysis;
mod attr;
mod back;
mod call;
mod check;
mod compile;
mod ctxt;
mod fallback;
mod front;
mod ir;
mod report;
mod rules;
#[cfg(test)]
mod tests;
mod transform;

use proc_macro::TokenStream;

/// Generates the derivatives of a function.
#[proc_macro_attribute]
pub fn autodiff(args: TokenStream, item: TokenStream) -> TokenStream {
    compile::autodiff(args.into(), item.into()).into()
}

/// Calls a derivative: what `ad_runtime::autodiff!` expands to.
#[doc(hidden)]
#[proc_macro]
pub fn autodiff_call(input: TokenStream) -> TokenStream {
    call::autodiff(input.into()).into()
}
