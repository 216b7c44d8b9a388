//! Every method against the derivative by hand.

use ad_bench::catalog::{self, Scale};
use ad_bench::problem::check;

#[test]
fn methods_agree() {
    for entry in catalog::entries(Scale::Reduced) {
        check(&entry.name, &mut *entry.make());
    }
}
