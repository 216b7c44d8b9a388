//! `ad-bench-count NAME METHOD CALLS` calls the objective (`primal`) or our derivative
//! (`ours`) of a reduced workload, to have its instructions counted from outside.

use ad_bench::catalog::{self, Scale};
use ad_bench::problem::Method;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, method, calls] = &arguments[..] else {
        panic!("a workload, a method and a number of calls");
    };
    let calls: usize = calls.parse().expect("a number of calls");
    let entry = catalog::find(Scale::Reduced, name).expect("a workload's name");
    let mut workload = entry.make();
    for _ in 0..calls {
        match &method[..] {
            "primal" => workload.primal(),
            "ours" => workload.derive(Method::Ours),
            _ => panic!("neither `primal` nor `ours`"),
        }
    }
}
