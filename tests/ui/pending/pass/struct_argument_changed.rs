//! A method may change a struct between two reads. The derivative is 2 today.
use ad_runtime::prelude::*;

struct Counter(f64);

impl Counter {
    fn bump(&mut self) {
        self.0 += 1.0;
    }

    fn get(&self) -> f64 {
        self.0
    }
}

#[autodiff(Reverse, Active, Active, Const)]
fn f(x: f64, counter: &mut Counter) -> f64 {
    let first = x * counter.get();
    counter.bump();
    first + x * counter.get()
}

fn main() {
    let mut counter = Counter(1.0);
    let (dx, ()) = ad_runtime::autodiff!(Reverse, f, Active, Active(1.0), Const(&mut counter));
    assert_eq!(dx, 3.0);
}
