//! Two variables that print alike and differ in hygiene stay two.
use ad_runtime::prelude::*;

macro_rules! define {
    ($name:ident, $x:ident, $body:expr) => {
        #[autodiff]
        fn $name($x: f64) -> f64 {
            let t = $x * $x;
            let y = $body;
            y + t
        }
    };
}

define!(cube, t, t * t * t);
define!(shifted, y, {
    let t = y + 1.0;
    t * y
});

fn main() {
    assert_eq!(cube::reverse(2.0, 1.0), 16.0);
    assert_eq!(cube::forward(2.0, 1.0), 16.0);
    assert_eq!(shifted::reverse(2.0, 1.0), 9.0);
}
