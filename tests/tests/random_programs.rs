//! Derivatives of 260 random programs.

use ad_tests::random::{Options, run};

#[test]
fn derivatives_of_random_programs() {
    let options = Options {
        batch: 260,
        name: "random_test".into(),
        ..Options::new(2024, 260)
    };
    let report = run(&options, |_| {}).expect("cargo can be run");
    println!("{report}");
    for failure in report.failures.iter().take(5) {
        println!(
            "---- seed {}, program {}: {}",
            failure.seed, failure.number, failure.message
        );
        println!("{}", failure.source);
    }
    assert!(report.failures.is_empty(), "{report}");
}
