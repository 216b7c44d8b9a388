use ad_runtime::prelude::*;

async fn helper() -> f64 {
    1.0
}

#[autodiff]
fn f(x: f64) -> f64 {
    let y = async { helper().await * x };
    drop(y);
    x
}

fn main() {
    f::reverse(1.0, 1.0);
}
