use ad_runtime::prelude::*;

struct Model;

impl Model {
    #[autodiff]
    fn energy(x: f64) -> f64 {
        x * x
    }
}

fn main() {
    Model::energy(1.0);
}
