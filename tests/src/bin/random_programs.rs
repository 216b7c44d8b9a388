//! Checks the derivatives of random programs.
//!
//! ```text
//! cargo run -p ad-tests --bin random_programs -- --count 5000 --seed 7
//!     --batch 200    programs in one package
//!     --keep DIR     write failing programs to DIR
//!     --shrink 3     shorten the first failing programs
//!     --only 12      print program 12 and check only that
//!     --first 1000   start at program 1000
//!     --opt 1        optimisation level of the programs
//!     --plain        check the generator: plain functions only
//!     --without all  leave out transformations: the value of `AUTODIFF_WITHOUT`
//! ```

use ad_tests::random::{Failure, Options, Program, Report, run};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

struct Call {
    options: Options,
    keep: Option<PathBuf>,
    only: bool,
}

fn main() -> ExitCode {
    let call = match parse(std::env::args().skip(1)) {
        Ok(call) => call,
        Err(text) => {
            eprintln!("{text}");
            return ExitCode::from(2);
        }
    };
    match check(&call) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn parse(mut args: impl Iterator<Item = String>) -> Result<Call, String> {
    let mut call = Call {
        options: Options::new(7, 1000),
        keep: None,
        only: false,
    };
    while let Some(name) = args.next() {
        if name == "--plain" {
            call.options.plain = true;
            continue;
        }
        let value = args.next().ok_or_else(|| format!("{name} needs a value"))?;
        set(&mut call, &name, &value)?;
    }
    let options = &mut call.options;
    let mode = if options.plain { "plain_" } else { "" };
    let without = options.without.replace(',', "_");
    options.name = format!("random_{mode}{}_{}_{without}", options.seed, options.first);
    Ok(call)
}

fn set(call: &mut Call, name: &str, value: &str) -> Result<(), String> {
    if name == "--keep" {
        call.keep = Some(value.into());
        return Ok(());
    }
    if name == "--without" {
        call.options.without = value.into();
        return Ok(());
    }
    let number: u64 = value
        .parse()
        .map_err(|_| format!("{name} {value}: not a number"))?;
    let options = &mut call.options;
    match name {
        "--count" => options.count = number as usize,
        "--seed" => options.seed = number,
        "--batch" => options.batch = number as usize,
        "--first" => options.first = number as usize,
        "--shrink" => options.shrink = number as usize,
        "--opt" => options.opt_level = number as u8,
        "--only" => {
            (options.first, options.count, call.only) = (number as usize, 1, true);
        }
        _ => return Err(format!("unknown option {name}")),
    }
    Ok(())
}

fn check(call: &Call) -> std::io::Result<bool> {
    let options = &call.options;
    if call.only {
        println!(
            "{}",
            Program::new(options.seed, options.first).module(!options.plain)
        );
    }
    let mut told = 0;
    let report = run(options, |report| {
        for failure in &report.failures[told..] {
            tell(failure, call.keep.as_deref());
        }
        told = report.failures.len();
        progress(report);
    })?;
    Ok(report.failures.is_empty())
}

fn progress(report: &Report) {
    println!("{report}");
}

fn tell(failure: &Failure, keep: Option<&Path>) {
    let Failure {
        seed,
        number,
        message,
        source,
        ..
    } = failure;
    println!("---- seed {seed}, program {number}: {message}\n{source}");
    if let Some(dir) = keep {
        let path = dir.join(format!("s{seed}_p{number}.rs"));
        let written =
            std::fs::create_dir_all(dir).and_then(|()| std::fs::write(&path, &failure.module));
        if let Err(error) = written {
            eprintln!("{}: {error}", path.display());
        }
    }
}
