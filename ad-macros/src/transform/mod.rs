//! From a function to its derivatives, in the same IR.
//!
//! - [`share`], [`settle`]: one read for equal reads, none for what no longer changes; [`parts`]: what is taken
//!   out of results.
//! - [`forward`]: each active statement with its tangent beside it.
//! - [`adjoint`], [`partials`], [`memory`], [`places`]: the reverse of each statement, walked backwards; asks
//!   [`template`] (and [`values`]) for the partials and [`calls`] for other functions.
//! - [`restore`], [`plan`], [`replay`], [`reload`], [`rewind`], [`cut`], [`slice`]: what the reverse sweep recomputes and
//!   what it saves.
//! - [`augment`]: the forward sweep with what is saved; [`rerun`]: iterations that are run again
//!   instead.
//! - [`join`], [`joint`]: calls that are differentiated where they run.
//! - [`fuse`]: sums that are taken in the reverse sweep.
//! - [`postpone`]: linear maps out of loops.
//! - [`linear`]: partials before adjoints, where adjoints wait for each other.
//! - [`simplify`]: arithmetic of the adjoints.
//! - [`tighten`]: loops of the reverse sweep made tight.
//! - [`jam`]: sums of several rows at once; [`recall`]: what is dear, kept for the first trips of a loop.
//! - [`direct`]: iterators as indices; [`hoist`]: vectors made once; [`last`]: assignments of which only the last counts;
//!   [`tile`]: loops with checkpoints; [`partners`]: sines beside cosines. All are done to the primal ([`rewrite`]).
//! - [`trips`]: vectors for each trip; [`halves`]: shadows of parts that lie apart.
//! - [`passes`]: which of all this can be left out.
//! - [`tidy`]: drops what nobody reads.
//!
//! Requires: a verified [`Func`]. Guarantees: one too, in two sweeps.

mod adjoint;
pub(crate) use adjoint::is_swap_of_elements;
mod augment;
mod calls;
mod copies;
mod cut;
mod direct;
pub(crate) mod forward;
mod fuse;
mod halves;
mod hoist;
mod jam;
mod join;
mod joint;
mod last;
mod linear;
mod memory;
mod partials;
mod partners;
pub(crate) mod parts;
pub(crate) mod passes;
mod places;
mod plan;
mod postpone;
mod recall;
mod reload;
mod replay;
pub(crate) use replay::breaks;
mod rerun;
mod restore;
pub(crate) mod reverse;
mod rewind;
pub(crate) mod rewrite;
pub(crate) mod settle;
mod shadows;
mod shape;
pub(crate) mod share;
mod simplify;
mod slice;
mod template;
pub(crate) mod tidy;
mod tighten;
mod tile;
mod trips;
mod values;

use crate::analysis::activity::Activity;
use crate::analysis::views::Views;
use crate::ir::*;

/// What the transformations know about the function.
pub(crate) struct Facts<'f> {
    pub func: &'f Func,
    pub views: &'f Views,
    pub activity: &'f Activity,
    pub passes: passes::Passes,
}

impl Facts<'_> {
    pub fn active(&self, id: VarId) -> bool {
        self.activity.is_active(self.func, self.views, id)
    }

    pub fn active_atom(&self, atom: &Atom) -> bool {
        atom.var().is_some_and(|id| self.active(id))
    }

    pub fn active_place(&self, place: &Place) -> bool {
        self.active(self.views.root(place.root))
    }

    /// Whether a derivative of the call is needed.
    pub fn active_call(&self, call: &Call) -> bool {
        let writes = call.args.iter().any(|arg| match arg {
            Arg::Ref {
                place,
                mutability: Mutability::Mutable,
                ..
            } => self.active_place(place),
            _ => false,
        });
        writes || call.out.is_some_and(|id| self.active(id))
    }

    /// The parameters that the shadow of a variable depends on.
    pub fn params(&self, id: VarId) -> Params {
        self.activity.params(self.views.root(id)).clone()
    }

    /// The parameters whose shadow a place is in: it may be switched off.
    pub fn gate(&self, place: &Place) -> Params {
        let root = self.views.root(place.root);
        let var = self.func.var(root);
        match var.role {
            Role::Param(position) if var.reference.is_some() => Params::from([position]),
            _ => Params::new(),
        }
    }
}

/// A block behind all of the gates that can be shut.
fn behind(gates: &[Params], inner: Block, span: proc_macro2::Span) -> Block {
    gates
        .iter()
        .filter(|gate| !gate.is_empty())
        .fold(inner, |inner, gate| {
            let mut outer = Block::default();
            outer.push(span, StmtKind::Gate(gate.clone(), inner));
            outer
        })
}
