//! `cargo bench -p ad-bench [-- OPTION.. FILTER..]`: the objective and its derivatives of
//! every workload whose name contains one of the filters, timed in turn in one process;
//! prints a Markdown table.
//!
//! `--append` adds the table to `docs/benchmarks.md` as well. `--ours` leaves out all but
//! our gradient; `--effects` measures it without each transformation. `--check-time` times
//! `cargo check` of the programs with and without the attribute instead. Without cargo's
//! `--bench` the workloads are the reduced ones and every measurement is one call.

mod check_time;
mod effects;
mod machine;
mod measure;
mod table;

use ad_bench::catalog::{self, Entry, Scale};
use measure::Effort;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// The workloads that the filters choose.
fn chosen(scale: Scale, filters: &[&String]) -> Vec<Entry> {
    let mut entries = catalog::entries(scale);
    entries.retain(|e| filters.is_empty() || filters.iter().any(|f| e.name.contains(&f[..])));
    entries
}

/// Adds a section with `table` to the results.
fn append(table: &str) -> io::Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/benchmarks.md");
    let mut file = File::options().append(true).open(path)?;
    write!(file, "\n{}\n\n{table}", machine::heading())
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let given = |flag: &str| arguments.iter().any(|argument| argument == flag);
    if given("--check-time") {
        return check_time::print();
    }
    let filters: Vec<&String> = arguments.iter().filter(|a| !a.starts_with('-')).collect();
    if given("--effects") {
        return effects::print(&filters);
    }
    let (scale, effort) = if given("--bench") {
        (Scale::Full, Effort::FULL)
    } else {
        (Scale::Reduced, Effort::ONE_CALL)
    };
    let entries = chosen(scale, &filters);
    let results = measure::all(scale, &entries, effort, given("--ours"));
    let table = table::table(&results);
    print!("{table}");
    if given("--append") {
        append(&table)?;
    }
    Ok(())
}
