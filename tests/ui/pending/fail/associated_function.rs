use ad_runtime::prelude::*;

// Four errors of rustc on generated code; the macro cannot see the `impl`.
struct Model;

impl Model {
    #[autodiff]
    fn energy(x: f64) -> f64 {
        x * x
    }
}

fn main() {}
