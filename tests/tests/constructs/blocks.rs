//! Blocks: as values, nested, with statements, with shadowing, with items.
use ad_runtime::prelude::*;
use ad_tests::check;

#[autodiff]
fn block_value(x: f64, y: f64) -> f64 {
    let a = {
        let t = x * y;
        t.sin() + t
    };
    a * { x + a }
}

#[autodiff]
fn nested_blocks(x: f64) -> f64 {
    let y = {
        let a = x * x;
        let b = {
            let c = a.cos();
            c * a
        };
        b + {
            let d = b * a;
            d - x
        }
    };
    y * x
}

#[autodiff]
fn block_statement(x: f64) -> f64 {
    let mut y = x;
    {
        let z = y * y;
        y += z;
        {
            y *= z;
        }
    }
    y
}

#[autodiff]
fn block_shadows_mutable(x: f64) -> f64 {
    let mut y = x;
    {
        let mut y = y * 3.0;
        y += x * x;
        y *= y;
        let _ = y;
    }
    y *= 2.0 * x;
    y
}

#[autodiff]
fn block_in_argument(x: f64) -> f64 {
    let mut count = 0;
    let y = x.max({
        count += 1;
        x * 0.5
    });
    y * count as f64 + {
        count += 2;
        count as f64 * x
    }
}

#[autodiff]
fn block_in_index(x: &[f64]) -> f64 {
    let mut i = 0;
    let a = x[{
        i += 1;
        i
    }];
    a * x[i] + x[{ i - 1 }]
}

#[autodiff]
fn block_of_tuple(x: f64) -> f64 {
    let (a, b) = {
        let s = x.sin();
        (s * x, s + x)
    };
    a * b
}

#[autodiff]
fn items_inside(x: f64) -> f64 {
    const N: usize = 3;
    let mut s = 0.0;
    for i in 0..N {
        s += x.powi(i as i32 + 1);
    }
    {
        const SCALE: f64 = 0.25;
        s *= SCALE;
    }
    s
}

#[autodiff]
fn unit_block(y: &mut [f64], x: f64) {
    let () = {
        y[0] *= x;
    };
    {
        y[1] += y[0];
    };
    y[0] = y[1] * x;
}

#[autodiff]
fn borrow_in_block(y: &mut [f64], x: f64) -> f64 {
    {
        let first = &mut y[0];
        *first *= x;
        *first += x * x;
    }
    {
        let tail = &mut y[1..];
        tail[0] *= x;
    }
    y[0] * y[1]
}

#[test]
fn blocks() {
    check!(block_value(0.7, 1.3));
    check!(nested_blocks(0.7));
    check!(block_statement(0.7));
    check!(block_shadows_mutable(0.7));
    check!(block_in_argument(0.7));
    check!(block_in_index(&[0.7, 0.2, -1.3]));
    check!(block_of_tuple(0.7));
    check!(items_inside(0.7));
    check!(unit_block(&mut [0.7, 0.2], 1.3) -> ());
    check!(borrow_in_block(&mut [0.7, 0.2], 1.3));
}
