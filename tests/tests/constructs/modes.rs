//! Modes, attribute lines, and the call macro.
use ad_runtime::autodiff;
use ad_runtime::prelude::*;

#[autodiff]
fn f(x: f64, y: f64) -> f64 {
    x * x * y
}

#[autodiff]
fn sum(x: &[f64], a: f64) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() {
        s += a * x[i] * x[i];
    }
    s
}

#[autodiff]
fn write(y: &mut [f64], x: f64) {
    y[0] *= x;
    y[1] = x * x;
}

#[autodiff(Forward)]
fn forward_only(x: f64) -> f64 {
    x * x
}

#[autodiff(Reverse)]
fn reverse_only(x: f64) -> f64 {
    x * x
}

#[autodiff(ForwardWithPrimal)]
fn forward_with_primal_only(x: f64) -> f64 {
    x * x
}

#[autodiff(ReverseWithPrimal)]
fn reverse_with_primal_only(x: f64) -> f64 {
    x * x
}

#[autodiff(Reverse, Active, Active, Const)]
#[autodiff(Reverse, Active, Const, Active, name = d_second)]
#[autodiff(Forward, Duplicated, Duplicated, Const)]
#[autodiff(Forward, Duplicated, Duplicated, Duplicated, name = both)]
#[autodiff(ReverseWithPrimal, Active, Active, Active, name = all)]
fn lines(x: f64, y: f64) -> f64 {
    x * x * y
}

#[autodiff(Reverse, Const, Duplicated, Active)]
#[autodiff(Forward, Const, Duplicated, Duplicated)]
fn result_is_constant(y: &mut [f64], x: f64) -> f64 {
    y[0] *= x;
    7.0 * x
}

#[autodiff(Reverse, Duplicated, Active)]
fn without_return(y: &mut [f64], x: f64) {
    y[0] = x * x;
}

#[autodiff(Reverse, DuplicatedNoNeed, Duplicated)]
#[autodiff(Forward, DuplicatedNoNeed, Duplicated)]
fn no_need(y: &mut [f64], x: &[f64]) {
    for i in 0..y.len() {
        y[i] = x[i] * x[i];
    }
}

#[autodiff(Forward, DuplicatedNoNeed, Duplicated)]
fn no_need_result(x: f64) -> f64 {
    x * x
}

#[autodiff]
pub(crate) fn visible(x: f64) -> f64 {
    2.0 * x
}

#[test]
fn plain_functions() {
    assert_eq!(f::forward(3.0, 1.0, 5.0, 0.0), 30.0);
    assert_eq!(f::forward_with_primal(3.0, 0.0, 5.0, 1.0), (45.0, 9.0));
    assert_eq!(f::reverse(3.0, 5.0, 2.0), (60.0, 18.0));
    assert_eq!(f::reverse_with_primal(3.0, 5.0, 1.0), (45.0, (30.0, 9.0)));

    let mut dx = [0.0; 2];
    assert_eq!(sum::reverse(&[1.0, 2.0], &mut dx, 3.0, 1.0), 5.0);
    assert_eq!(dx, [6.0, 12.0]);
    assert_eq!(
        sum::reverse_with_primal(&[1.0, 2.0], &mut dx, 3.0, 1.0),
        (15.0, 5.0)
    );
    assert_eq!(dx, [12.0, 24.0], "gradients accumulate");

    let (mut y, mut dy) = ([2.0, 3.0], [1.0, 10.0]);
    let dx: f64 = write::reverse(&mut y, &mut dy, 4.0);
    assert_eq!((dx, y, dy), (82.0, [8.0, 16.0], [4.0, 0.0]));
    let (mut y, mut dy) = ([2.0, 3.0], [1.0, 10.0]);
    let dx: f64 = write::reverse_with_primal(&mut y, &mut dy, 4.0);
    assert_eq!((dx, y, dy), (82.0, [8.0, 16.0], [4.0, 0.0]));
    let (mut y, mut dy) = ([2.0, 3.0], [1.0, 10.0]);
    let () = write::forward(&mut y, &mut dy, 4.0, 1.0);
    assert_eq!((y, dy), ([8.0, 16.0], [6.0, 8.0]));
    let () = write::forward_with_primal(&mut y, &mut dy, 4.0, 0.0);
    assert_eq!((y, dy), ([32.0, 16.0], [24.0, 0.0]));
}

#[test]
fn one_mode() {
    assert_eq!(forward_only::forward(3.0, 1.0), 6.0);
    assert_eq!(forward_only::forward_with_primal(3.0, 1.0), (9.0, 6.0));
    assert_eq!(reverse_only::reverse(3.0, 1.0), 6.0);
    assert_eq!(reverse_only::reverse_with_primal(3.0, 1.0), (9.0, 6.0));
    assert_eq!(forward_with_primal_only::forward(3.0, 1.0), 6.0);
    assert_eq!(
        forward_with_primal_only::forward_with_primal(3.0, 1.0),
        (9.0, 6.0)
    );
    assert_eq!(reverse_with_primal_only::reverse(3.0, 1.0), 6.0);
    assert_eq!(
        reverse_with_primal_only::reverse_with_primal(3.0, 1.0),
        (9.0, 6.0)
    );
    assert_eq!(visible::reverse(3.0, 1.0), 2.0);
}

#[test]
fn several_lines() {
    assert_eq!(lines::reverse(3.0, 5.0, 1.0), 30.0);
    assert_eq!(
        lines::reverse_with_primal(3.0, 5.0, 1.0),
        (45.0, (30.0, 9.0))
    );
    assert_eq!(d_second(3.0, 5.0, 2.0), 18.0);
    assert_eq!(lines::forward(3.0, 1.0, 5.0), 30.0);
    assert_eq!(both(3.0, 1.0, 5.0, 1.0), 39.0);
    assert_eq!(all(3.0, 5.0, 1.0), (45.0, (30.0, 9.0)));
}

#[test]
fn constant_results() {
    let (mut y, mut dy) = ([2.0], [1.0]);
    let dx: f64 = result_is_constant::reverse(&mut y, &mut dy, 4.0);
    assert_eq!((y, dy, dx), ([8.0], [4.0], 2.0));
    let (mut y, mut dy) = ([2.0], [1.0]);
    assert_eq!(
        result_is_constant::forward_with_primal(&mut y, &mut dy, 4.0, 1.0),
        28.0
    );
    assert_eq!((y, dy), ([8.0], [6.0]));
    let (mut y, mut dy) = ([2.0], [1.0]);
    assert_eq!(without_return::reverse(&mut y, &mut dy, 4.0), 8.0);
    assert_eq!((y, dy), ([16.0], [0.0]));
}

#[test]
fn no_need_to_produce() {
    let (mut y, mut dy, mut dx) = ([0.0; 2], [1.0, 2.0], [0.0; 2]);
    no_need::reverse(&mut y, &mut dy, &[3.0, 5.0], &mut dx);
    assert_eq!((dy, dx), ([0.0; 2], [6.0, 20.0]));
    no_need::forward(&mut y, &mut dy, &[3.0, 5.0], &[1.0, 0.0]);
    assert_eq!(dy, [6.0, 0.0]);
    assert_eq!(no_need_result::forward(3.0, 1.0), 6.0);
}

#[test]
fn macro_reverse() {
    assert_eq!(
        autodiff!(Reverse, f, Active, Active(3.0), Active(5.0)),
        (30.0, 9.0)
    );
    assert_eq!(
        autodiff!(Reverse, f, Active, Active(3.0), Const(5.0)),
        (30.0, ())
    );
    assert_eq!(
        autodiff!(Reverse, f, Active, Const(3.0), Active(5.0)),
        ((), 9.0)
    );
    assert_eq!(
        autodiff!(Reverse, f, Active, Const(3.0), Const(5.0)),
        ((), ())
    );
    assert_eq!(
        autodiff!(ReverseWithPrimal, f, Active, Const(3.0), Active(5.0)),
        (45.0, ((), 9.0))
    );
    assert_eq!(
        autodiff!(ReverseWithPrimal, f, Const, Active(3.0), Active(5.0)),
        (45.0, (0.0, 0.0))
    );

    let mut dx = [1.0; 2];
    let x = [1.0, 2.0];
    let ((), da) = autodiff!(Reverse, sum, Active, Duplicated(&x, &mut dx), Active(3.0));
    assert_eq!((da, dx), (5.0, [7.0, 13.0]));
    let ((), da) = autodiff!(Reverse, sum, Active, Const(&x), Active(3.0));
    assert_eq!(da, 5.0);
    let (y, ((), ())) = autodiff!(
        ReverseWithPrimal,
        sum,
        Active,
        Duplicated(&x, &mut dx),
        Const(3.0)
    );
    assert_eq!((y, dx), (15.0, [13.0, 25.0]));

    let v = vec![1.0, 2.0];
    let mut dv = vec![0.0; 2];
    autodiff!(Reverse, sum, Active, Duplicated(&v, &mut dv), Const(3.0));
    autodiff!(
        Reverse,
        sum,
        Active,
        Duplicated(&v[1..], &mut dv[1..]),
        Const(3.0)
    );
    assert_eq!(dv, [6.0, 24.0]);
}

#[test]
fn macro_memory() {
    let (mut y, mut dy) = ([2.0, 3.0], [1.0, 10.0]);
    let ((), dx) = autodiff!(
        Reverse,
        write,
        Const,
        Duplicated(&mut y, &mut dy),
        Active(4.0)
    );
    assert_eq!((dx, y, dy), (82.0, [8.0, 16.0], [4.0, 0.0]));
    let (mut y, mut dy) = ([2.0, 3.0], [1.0, 10.0]);
    let ((), ((), ())) = autodiff!(
        ReverseWithPrimal,
        write,
        Const,
        Duplicated(&mut y, &mut dy),
        Const(4.0)
    );
    assert_eq!((y, dy), ([8.0, 16.0], [4.0, 0.0]));
    let (mut y, mut dy) = ([2.0, 3.0], [1.0, 10.0]);
    autodiff!(
        Forward,
        write,
        Const,
        Duplicated(&mut y, &mut dy),
        Duplicated(4.0, 1.0)
    );
    assert_eq!((y, dy), ([8.0, 16.0], [6.0, 8.0]));
    let (mut y, mut dy, mut dx) = ([0.0; 2], [1.0, 2.0], [0.0; 2]);
    autodiff!(
        Reverse,
        no_need,
        Const,
        DuplicatedNoNeed(&mut y, &mut dy),
        Duplicated(&[3.0, 5.0], &mut dx)
    );
    assert_eq!(dx, [6.0, 20.0]);
}

#[test]
fn macro_forward() {
    assert_eq!(
        autodiff!(Forward, f, Duplicated(3.0, 1.0), Duplicated(5.0, 1.0)),
        (39.0,)
    );
    assert_eq!(
        autodiff!(Forward, f, Duplicated(3.0, 1.0), Const(5.0)),
        (30.0,)
    );
    assert_eq!(
        autodiff!(Forward, f, Duplicated, Const(3.0), Duplicated(5.0, 1.0)),
        (9.0,)
    );
    assert_eq!(autodiff!(Forward, f, Const(3.0), Const(5.0)), (0.0,));
    assert_eq!(
        autodiff!(ForwardWithPrimal, f, Duplicated(3.0, 1.0), Const(5.0)),
        (45.0, 30.0)
    );
    assert_eq!(
        autodiff!(
            ForwardWithPrimal,
            f,
            Const,
            Duplicated(3.0, 1.0),
            Const(5.0)
        ),
        (45.0, ())
    );
    let x = [1.0, 2.0];
    assert_eq!(
        autodiff!(Forward, sum, Duplicated(&x, &[1.0, 0.0]), Const(3.0)),
        (6.0,)
    );
    assert_eq!(
        autodiff!(Forward, sum, Const(&x), Duplicated(3.0, 1.0)),
        (5.0,)
    );
    let v = x.to_vec();
    let dv = vec![0.0, 1.0];
    assert_eq!(
        autodiff!(Forward, sum, Duplicated(&v, &dv), Duplicated(3.0, 0.0)),
        (12.0,)
    );
}

#[test]
fn macro_closures() {
    assert_eq!(
        autodiff!(Reverse, |x: f64| x * x, Active, Active(3.0)),
        (6.0,)
    );
    assert_eq!(
        autodiff!(
            Reverse,
            |x: f64, y: f64| x * y.sin(),
            Active,
            Active(3.0),
            Const(0.0)
        ),
        (0.0, ())
    );
    assert_eq!(
        autodiff!(
            ReverseWithPrimal,
            |x: f64| {
                let y = x * x;
                y * x
            },
            Active,
            Active(2.0)
        ),
        (8.0, (12.0,))
    );
    assert_eq!(
        autodiff!(
            ForwardWithPrimal,
            |x: f64| -> f64 { x.exp() },
            Duplicated(0.0, 2.0)
        ),
        (1.0, 2.0)
    );
    let mut dx = [0.0; 2];
    autodiff!(
        Reverse,
        |x: &[f64]| x[0] * x[1],
        Active,
        Duplicated(&[3.0, 5.0], &mut dx)
    );
    assert_eq!(dx, [5.0, 3.0]);
    assert_eq!(
        autodiff!(Forward, |x: f32| x * x, Duplicated(3.0, 1.0)),
        (6.0,)
    );
}

mod nested {
    use ad_runtime::prelude::*;

    #[autodiff]
    pub fn g(x: f64) -> f64 {
        x * 4.0
    }
}

#[test]
fn macro_paths() {
    assert_eq!(autodiff!(Reverse, nested::g, Active, Active(1.0)), (4.0,));
    assert_eq!(
        autodiff!(Reverse, self::nested::g, Active, Active(1.0),),
        (4.0,)
    );
    assert_eq!(nested::g::reverse(1.0, 2.0), 8.0);
}

#[autodiff]
#[autodiff(ReverseWithPrimal, Const, name = squared_only)]
#[autodiff(Reverse, Const, name = squared_too)]
fn square_all(y: &mut [f64]) {
    for i in 0..y.len() {
        y[i] = y[i] * y[i];
    }
}

#[test]
fn without_a_shadow_the_function_still_runs() {
    let squares = [0.25, 4.0];
    let mut y = [0.5, 2.0];
    autodiff!(ReverseWithPrimal, square_all, Const, Const(&mut y));
    assert_eq!(y, squares);
    let mut y = [0.5, 2.0];
    autodiff!(Reverse, square_all, Const, Const(&mut y));
    assert_eq!(y, squares);
    let mut y = [0.5, 2.0];
    squared_only(&mut y);
    assert_eq!(y, squares);
    let mut y = [0.5, 2.0];
    squared_too(&mut y);
    assert_eq!(y, squares);
}
