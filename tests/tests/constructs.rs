//! One file per construct of the language, one function per way to write it.

#![allow(
    clippy::all,
    dead_code,
    dropping_copy_types,
    unused_assignments,
    unused_braces,
    unused_must_use,
    unused_variables,
    reason = "the cases write what people write, and some only their derivatives call"
)]

#[path = "constructs/algorithms.rs"]
mod algorithms;
#[path = "constructs/assignment.rs"]
mod assignment;
#[path = "constructs/blocks.rs"]
mod blocks;
#[path = "constructs/branches.rs"]
mod branches;
#[path = "constructs/calls.rs"]
mod calls;
#[path = "constructs/checkpoints.rs"]
mod checkpoints;
#[path = "constructs/copies.rs"]
mod copies;
#[path = "constructs/discrete_arrays.rs"]
mod discrete_arrays;
#[path = "constructs/effects.rs"]
mod effects;
#[path = "constructs/elements.rs"]
mod elements;
#[path = "constructs/estimation.rs"]
mod estimation;
#[path = "constructs/exchange.rs"]
mod exchange;
#[path = "constructs/exits.rs"]
mod exits;
#[path = "constructs/for_loops.rs"]
mod for_loops;
#[path = "constructs/fuse.rs"]
mod fuse;
#[path = "constructs/halves.rs"]
mod halves;
#[path = "constructs/histories.rs"]
mod histories;
#[path = "constructs/hoist.rs"]
mod hoist;
#[path = "constructs/indices.rs"]
mod indices;
#[path = "constructs/integers.rs"]
mod integers;
#[path = "constructs/interchange.rs"]
mod interchange;
#[path = "constructs/jam.rs"]
mod jam;
#[path = "constructs/last.rs"]
mod last;
#[path = "constructs/matches.rs"]
mod matches;
#[path = "constructs/memory.rs"]
mod memory;
#[path = "constructs/methods.rs"]
mod methods;
#[path = "constructs/modes.rs"]
mod modes;
#[path = "constructs/neighbours.rs"]
mod neighbours;
#[path = "constructs/partials.rs"]
mod partials;
#[path = "constructs/partners.rs"]
mod partners;
#[path = "constructs/postpone.rs"]
mod postpone;
#[path = "constructs/recall.rs"]
mod recall;
#[path = "constructs/regressions.rs"]
mod regressions;
#[path = "constructs/rewind.rs"]
mod rewind;
#[path = "constructs/rotations.rs"]
mod rotations;
#[path = "constructs/shapes.rs"]
mod shapes;
#[path = "constructs/simulations.rs"]
mod simulations;
#[path = "constructs/solvers.rs"]
mod solvers;
#[path = "constructs/steps.rs"]
mod steps;
#[path = "constructs/tables.rs"]
mod tables;
#[path = "constructs/tails.rs"]
mod tails;
#[path = "constructs/time_loops.rs"]
mod time_loops;
#[path = "constructs/transformations.rs"]
mod transformations;
#[path = "constructs/types.rs"]
mod types;
#[path = "constructs/while_loops.rs"]
mod while_loops;
