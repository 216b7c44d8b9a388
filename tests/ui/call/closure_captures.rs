use ad_runtime::autodiff;

fn main() {
    let y = 2.0;
    let _ = y;
    autodiff!(Reverse, |x: f64| x * y, Active, Active(1.0));
}
