use ad_runtime::autodiff;

fn square(x: f64) -> f64 {
    x * x
}

fn main() {
    autodiff!(Reverse, square, Active, Active(1.0));
}
