//! One file per construct of the language, one function per way to write it.

#[path = "constructs/assignment.rs"]
mod assignment;
#[path = "constructs/blocks.rs"]
mod blocks;
#[path = "constructs/branches.rs"]
mod branches;
#[path = "constructs/exits.rs"]
mod exits;
#[path = "constructs/for_loops.rs"]
mod for_loops;
#[path = "constructs/matches.rs"]
mod matches;
#[path = "constructs/while_loops.rs"]
mod while_loops;
