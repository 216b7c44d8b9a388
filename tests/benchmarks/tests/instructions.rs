//! The instructions that a gradient executes for each one of its objective, against the
//! ratios in `instructions.txt`. Needs `valgrind`; passes without.
//!
//! `UPDATE_RATIOS=1 cargo test -p ad-bench --test instructions` rewrites the file.

use ad_bench::catalog::{self, Scale};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The calls that are counted, after one that is not: it pays for the set-up.
const CALLS: usize = 10;

/// How far a ratio may be above the committed one.
const TOLERANCE: f64 = 1.1;

/// Builds `ad-bench-count` as users build programs.
fn build() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    let out = Command::new(env!("CARGO"))
        .args(["build", "--release", "--bin", "ad-bench-count"])
        .args(["--message-format", "json-render-diagnostics"])
        .args([
            "--manifest-path",
            concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
        ])
        .arg("--target-dir")
        .arg(target.expect("a folder of cargo's"))
        .output()
        .expect("cargo starts");
    let (messages, log) = (
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr),
    );
    assert!(out.status.success(), "{log}");
    let (_, rest) = messages.split_once("\"executable\":\"").expect("a program");
    PathBuf::from(rest.split('"').next().expect("its path"))
}

/// The instructions that the program executes, as `callgrind` counts them.
fn instructions(program: &Path, name: &str, method: &str, calls: usize) -> u64 {
    let out = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([name, method, &calls.to_string()])
        .output()
        .expect("valgrind starts");
    let log = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{log}");
    let (_, rest) = log.split_once("Collected :").expect("a count");
    let count = rest.split_whitespace().next().expect("a number");
    count.parse().expect("a number")
}

/// The instructions of our derivative for each of the objective.
fn ratio(program: &Path, name: &str) -> f64 {
    let [primal, ours] = ["primal", "ours"].map(|method| {
        let count = |calls| instructions(program, name, method, calls);
        (count(1 + CALLS) - count(1)) as f64
    });
    ours / primal
}

/// The ratio and the name of a workload on each line.
fn committed(text: &str) -> BTreeMap<&str, f64> {
    text.lines()
        .map(|line| {
            let (ratio, name) = line.split_once(' ').expect("a ratio and a name");
            (name, ratio.parse().expect("a ratio"))
        })
        .collect()
}

/// What is wrong with the workload's ratio.
fn complaint(name: &str, ratio: f64, committed: &BTreeMap<&str, f64>) -> Option<String> {
    match committed.get(name) {
        None => Some(format!("{name}: {ratio:.3}, not in the file")),
        Some(before) if ratio > before * TOLERANCE => {
            Some(format!("{name}: {ratio:.3}, was {before:.3}"))
        }
        Some(_) => None,
    }
}

/// Prints at once; what a test prints by the macros is shown only when it fails.
fn say(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}

#[test]
fn gradients_execute_no_more_instructions() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        say("skipped: no valgrind\n");
        return;
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/instructions.txt");
    let program = build();
    let entries = catalog::entries(Scale::Reduced).into_iter();
    let ratios: Vec<(String, f64)> = entries
        .map(|entry| (entry.name.clone(), ratio(&program, &entry.name)))
        .collect();

    if env::var_os("UPDATE_RATIOS").is_some_and(|value| value == "1") {
        let lines = ratios
            .iter()
            .map(|(name, ratio)| format!("{ratio:.3} {name}\n"));
        let text: String = lines.collect();
        say(&text);
        fs::write(file, text).expect("the file can be written");
        return;
    }
    let text = fs::read_to_string(file).expect("the committed ratios");
    let committed = committed(&text);
    let complaints = ratios
        .iter()
        .filter_map(|(name, ratio)| complaint(name, *ratio, &committed));
    let complaints: Vec<String> = complaints.collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
