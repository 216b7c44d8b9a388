//! Types and constants in the enclosing function and in the function itself.
use ad_runtime::prelude::*;

fn main() {
    const RATE: f64 = 3.0;
    type Real = f64;
    struct Params {
        shift: f64,
    }

    #[autodiff(Reverse, Active, Active, Const)]
    fn shifted(x: Real, params: &Params) -> Real {
        const SQUARED: f64 = RATE * RATE;
        use std::f64::consts::TAU;
        x * SQUARED + params.shift * x + TAU
    }

    #[autodiff]
    fn outer(x: f64) -> f64 {
        inner(x) + local(x)
    }

    #[autodiff]
    fn inner(x: f64) -> f64 {
        RATE * x
    }

    #[autodiff]
    fn local(x: f64) -> f64 {
        x * x
    }

    let params = Params { shift: 1.0 };
    let (dx, ()) = ad_runtime::autodiff!(Reverse, shifted, Active, Active(2.0), Const(&params));
    assert_eq!(dx, 10.0);
    assert_eq!(outer::reverse(2.0, 1.0), 7.0);
}
