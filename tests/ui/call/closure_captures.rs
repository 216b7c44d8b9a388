use ad_runtime::autodiff;
use ad_runtime::prelude::*;

fn main() {
    let y = 2.0;
    autodiff!(Reverse, |x: f64| x * y, Active, Active(1.0));
}
