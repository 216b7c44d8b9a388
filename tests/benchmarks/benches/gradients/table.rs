//! Results as a Markdown table.

use crate::measure::{MethodResults, Results};
use ad_bench::problem::Method;
use std::fmt::Write;

/// A row for every workload, a column for every method that one of them has.
pub fn table(results: &[Results]) -> String {
    let used = |method: &Method| results.iter().any(|r| of(r, *method).is_some());
    let methods: Vec<Method> = Method::ALL.into_iter().filter(used).collect();
    let mut table = head(&methods);
    for result in results {
        table.push_str(&row(result, &methods));
    }
    table
}

fn of(results: &Results, method: Method) -> Option<&MethodResults> {
    results.methods.iter().find(|m| m.method == method)
}

fn head(methods: &[Method]) -> String {
    let mut head = "| workload | primal in ms | ours in ms".to_owned();
    for method in methods {
        write!(head, " | {method}").expect("text takes text");
    }
    head += " | KiB: ours | by hand | difference |\n|---";
    head += &"|---:".repeat(methods.len() + 5);
    head + "|\n"
}

fn row(results: &Results, methods: &[Method]) -> String {
    let ours = of(results, Method::Ours);
    let mut cells = vec![
        results.name.clone(),
        digits(results.primal * 1e3),
        ours.map_or_else(String::new, |m| digits(m.time * 1e3)),
    ];
    for &method in methods {
        let ratio = of(results, method).map(|m| format!("{:.2}", m.ratio));
        cells.push(ratio.unwrap_or_default());
    }
    for i in 0..2 {
        let kib = results.memory.map(|bytes| bytes[i].div_ceil(1024));
        cells.push(kib.map_or_else(String::new, |kib| kib.to_string()));
    }
    cells.push(format!("{:.1e}", results.difference));
    format!("| {} |\n", cells.join(" | "))
}

/// A time with some three digits.
fn digits(x: f64) -> String {
    let places = match x {
        x if x < 1.0 => 4,
        x if x < 10.0 => 3,
        x if x < 100.0 => 2,
        _ => 1,
    };
    format!("{x:.places$}")
}
