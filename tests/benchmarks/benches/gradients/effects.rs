//! What each transformation of the compiler is worth: the gradients compiled without it.

use std::fmt::Write;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

/// The names that `AUTODIFF_WITHOUT` takes.
fn switches() -> Vec<&'static str> {
    let passes = include_str!("../../../../ad-macros/src/transform/passes.rs");
    let named = passes.lines().filter(|line| line.contains("(Pass::"));
    named.filter_map(|line| line.split('"').nth(1)).collect()
}

/// One setting: per workload, the ratio of our gradient and the KiB it needs.
struct Column {
    name: String,
    cells: Vec<(String, [String; 2])>,
}

/// Prints two tables: ratios of our gradient, and its memory, with everything on, with
/// nothing that has a name, and without each transformation. Workloads as on the command line.
pub fn print(filters: &[&String]) -> io::Result<()> {
    let mut columns = Vec::new();
    for without in ["", "all", ""].into_iter().chain(switches()) {
        let column = measured(without, filters)?;
        eprintln!("measured: {}", column.name);
        columns.push(column);
    }
    for (number, what) in ["ratio", "KiB"].into_iter().enumerate() {
        print!("{}", table(&columns, number, what));
    }
    Ok(())
}

/// Compiles everything that carries the attribute, and measures it.
fn measured(without: &str, filters: &[&String]) -> io::Result<Column> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    // Cargo does not see the variable.
    let root = File::options()
        .append(true)
        .open(tests.join("src/lib.rs"))?;
    root.set_modified(SystemTime::now())?;
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("effects");
    fs::create_dir_all(&target)?;
    let out = Command::new(env!("CARGO"))
        .args([
            "bench",
            "--quiet",
            "--bench",
            "gradients",
            "--manifest-path",
        ])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .arg("--target-dir")
        .arg(target)
        .args(["--", "--ours"])
        .args(filters)
        .env("AUTODIFF_WITHOUT", without)
        .output()?;
    if !out.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&out.stderr)));
    }
    let text = String::from_utf8_lossy(&out.stdout);
    let cells = text.lines().filter(|line| line.starts_with("| ")).skip(1);
    Ok(Column {
        name: match without {
            "" => "everything on".into(),
            name => format!("`{name}`"),
        },
        cells: cells.filter_map(cell).collect(),
    })
}

/// The workload, the ratio and the memory of a row.
fn cell(row: &str) -> Option<(String, [String; 2])> {
    let mut cells = row
        .trim_matches('|')
        .split('|')
        .map(|cell| cell.trim().to_owned());
    let name = cells.next()?;
    Some((name, [cells.nth(2)?, cells.next()?]))
}

fn table(columns: &[Column], number: usize, what: &str) -> String {
    let names: Vec<&str> = columns.iter().map(|column| &column.name[..]).collect();
    let mut table = format!("\n| {what} | {} |\n", names.join(" | "));
    writeln!(table, "|---{}|", "|---:".repeat(columns.len())).expect("text takes text");
    for (row, (name, _)) in columns[0].cells.iter().enumerate() {
        let cells = columns
            .iter()
            .map(|column| &column.cells[row].1[number][..]);
        let cells = cells.collect::<Vec<_>>().join(" | ");
        writeln!(table, "| {name} | {cells} |").expect("text takes text");
    }
    table
}
