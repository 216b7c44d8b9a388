//! From the IR to tokens. Nothing here fails.

mod block;
mod branch;
mod call;
mod core;
mod entry;
mod facts;
mod fold;
mod gates;
mod loops;
mod plain;
mod print;
mod rename;
pub(crate) mod target;

use crate::ir::{self, Block, Fact, VarId};
use crate::transform::forward::Tangent;
use crate::transform::reverse::Sweeps;
use proc_macro2::TokenStream;
use quote::quote;
use target::Target;

/// The derivatives of one function, as the modes ask for.
pub(crate) struct Derivatives {
    pub forward: Option<Tangent>,
    pub joint: Option<Sweeps>,
    /// With the primal in one call, if these facts about callees hold.
    pub fused: Option<(Sweeps, Vec<Fact>)>,
    pub split: Option<Sweeps>,
}

impl Derivatives {
    /// The reverse forms, and what people know them by.
    pub fn reverse(&self) -> impl Iterator<Item = (&'static str, &Sweeps)> {
        let fused = self.fused.iter().map(|(sweeps, _)| sweeps);
        let (with_primal, split) = match &self.fused {
            Some((_, needs)) if needs.is_empty() => ("reverse with primal", "pullback"),
            _ => ("reverse with primal in one sweep", "reverse with primal"),
        };
        let joint = self.joint.iter().map(|sweeps| ("reverse", sweeps));
        let fused = fused.map(move |sweeps| (with_primal, sweeps));
        let split = self.split.iter().map(move |sweeps| (split, sweeps));
        joint.chain(fused).chain(split)
    }

    /// What `ir::verify` finds in the derivatives.
    pub fn violations(&self) -> Vec<String> {
        let mut found = Vec::new();
        if let Some(tangent) = &self.forward {
            let ambient: Vec<VarId> = tangent.shadows.iter().flatten().copied().collect();
            found.extend(ir::verify_sweeps(
                &tangent.func,
                &Block::default(),
                &ambient,
            ));
        }
        for (_, sweeps) in self.reverse() {
            let mut ambient: Vec<VarId> = sweeps
                .shadows
                .iter()
                .zip(&sweeps.func.params)
                .filter(|(_, param)| sweeps.func.var(**param).reference.is_some())
                .filter_map(|(shadow, _)| *shadow)
                .collect();
            ambient.push(sweeps.seed);
            found.extend(ir::verify_sweeps(&sweeps.func, &sweeps.reverse, &ambient));
        }
        found
    }
}

/// The companion and the free functions.
pub(crate) fn emit(target: &Target, derivatives: &Derivatives) -> TokenStream {
    let companion = target.companion();
    let vis = target.vis;
    let (plain, free) = target.plain();
    let entries = target.entries();
    let forward = derivatives
        .forward
        .as_ref()
        .map(|tangent| target.forward_core(tangent));
    let joint = derivatives
        .joint
        .as_ref()
        .map(|sweeps| target.joint_core(sweeps));
    let fused = derivatives
        .fused
        .as_ref()
        .map(|(sweeps, _)| target.fused_core(sweeps));
    let split = derivatives
        .split
        .as_ref()
        .map(|sweeps| target.augmented_core(sweeps));
    let facts = derivatives
        .split
        .as_ref()
        .map(|sweeps| target.facts(sweeps));
    let (allow, rt) = (allow(), runtime());
    let count = target.signature.params.len();
    // Who calls derivatives only has used the function, too.
    let used = &target.name;
    let doc = format!("Derivatives of the function `{}`.", target.name);
    quote! {
        #[doc = #doc]
        #[doc(hidden)]
        #[allow(non_camel_case_types)]
        #vis enum #companion {}

        #allow
        const _: () = {
            #rt
            let _ = #used;
            impl ad_rt::Takes<#count> for #companion {}
            impl #companion {
                #facts
                #plain
                #forward
                #joint
                #fused
                #split
                #entries
            }
        };

        #free
    }
}

/// Lints that generated code cannot avoid.
fn allow() -> TokenStream {
    quote!(#[allow(unused, non_snake_case, clippy::all, clippy::pedantic, clippy::nursery)])
}

/// The one path of the runtime.
fn runtime() -> TokenStream {
    quote!(
        use ::ad_runtime::__private as ad_rt;
    )
}
