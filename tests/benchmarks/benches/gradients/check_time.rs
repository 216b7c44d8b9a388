//! What the attribute adds to `cargo check`.

use crate::measure::median;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use std::{fs, io};

/// `source` without the attribute, and without what only its users import.
fn stripped(source: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for line in source.lines() {
        let attribute = inside || line.trim_start().starts_with("#[autodiff");
        inside = attribute && !line.trim_end().ends_with(']');
        if !attribute && line != "use ad_runtime::prelude::*;" {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

/// Copies the sources under `from`, with the attribute or without.
fn copy(from: &Path, to: &Path, keep: bool) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let name = entry?.file_name();
        let (from, to) = (from.join(&name), to.join(name));
        if from.is_dir() {
            copy(&from, &to, keep)?;
        } else {
            let source = fs::read_to_string(from)?;
            fs::write(to, if keep { source } else { stripped(&source) })?;
        }
    }
    Ok(())
}

/// A crate of the programs' modules in a folder of its own.
fn programs_crate(name: &str, keep: bool) -> io::Result<PathBuf> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    copy(
        &tests.join("src/programs"),
        &root.join("src/programs"),
        keep,
    )?;
    let runtime = tests.join("../ad-runtime");
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [workspace]\n\n[dependencies]\nad-runtime = {{ path = {runtime:?} }}\n"
    );
    fs::write(root.join("Cargo.toml"), manifest)?;
    fs::copy(tests.join("../Cargo.lock"), root.join("Cargo.lock"))?;
    Ok(root)
}

/// Seconds of a `cargo check` after the crate's root was touched.
fn check(root: &Path) -> io::Result<f64> {
    fs::write(root.join("src/lib.rs"), "pub mod programs;\n")?;
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let start = Instant::now();
    let out = Command::new(cargo)
        .args(["check", "--offline", "--target-dir"])
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("check"))
        .current_dir(root)
        .output()?;
    let spent = start.elapsed().as_secs_f64();
    let log = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{log}");
    assert!(log.contains("Checking programs-"), "{log}");
    Ok(spent)
}

/// Prints the times of both crates.
pub fn print() -> io::Result<()> {
    let names = ["programs-with", "programs-without"];
    let roots = [
        programs_crate(names[0], true)?,
        programs_crate(names[1], false)?,
    ];
    for root in &roots {
        check(root)?;
    }
    let mut times = [vec![], vec![]];
    for _ in 0..3 {
        for (root, times) in roots.iter().zip(&mut times) {
            times.push(check(root)?);
        }
    }
    println!("| crate | `cargo check` in s, three times | median |");
    println!("|---|---|---|");
    for (name, times) in names.iter().zip(times) {
        let each: Vec<_> = times.iter().map(|t| format!("{t:.2}")).collect();
        println!("| {name} | {} | {:.2} |", each.join(", "), median(times));
    }
    Ok(())
}
