//! Expansions as they are read in review.

use super::expand;

/// Prints the expansion of the file that `AD_EXPAND` names.
#[test]
fn show() {
    if let Ok(path) = std::env::var("AD_EXPAND") {
        let source = std::fs::read_to_string(path).expect("the file is there");
        println!("{}", expand(&source));
    }
}
