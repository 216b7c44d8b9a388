//! `ad-bench-memory NAME..` prints for each of these full workloads a line of the most
//! bytes that one call of our derivative holds at once, a tab, and those by hand.
//!
//! It is a program of its own, for its allocator counts and would slow the measurements.

use ad_bench::catalog::{self, Scale};
use ad_bench::problem::{Method, Workload};
use peakmem_alloc::{INSTRUMENTED_SYSTEM, PeakMemAlloc, PeakMemAllocTrait};
use std::alloc::System;

#[global_allocator]
static ALLOCATOR: &PeakMemAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The bytes that one call needs at once.
fn bytes(workload: &mut dyn Workload, method: Method) -> usize {
    ALLOCATOR.reset_peak_memory();
    workload.derive(method);
    ALLOCATOR.get_peak_memory()
}

fn main() {
    for name in std::env::args().skip(1) {
        let entry = catalog::find(Scale::Full, &name).expect("a workload's name");
        let mut workload = entry.make();
        let [ours, by_hand] = [Method::Ours, Method::ByHand].map(|m| bytes(&mut *workload, m));
        println!("{ours}\t{by_hand}");
    }
}
