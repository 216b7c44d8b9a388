//! Batches as cargo packages: write, build, run.

use super::program::Program;
use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Time one program may take.
const PATIENCE: Duration = Duration::from_secs(60);

const PARTS: &[(&str, &str)] = &[
    ("rng.rs", include_str!("rng.rs")),
    ("support.rs", include_str!("support.rs")),
    ("checks.rs", include_str!("checks.rs")),
    ("compare.rs", include_str!("compare.rs")),
];

/// What became of one program.
#[derive(Clone, Debug)]
pub(super) enum Fate {
    /// Points that were not smooth, and all points.
    Passed {
        skipped: usize,
        points: usize,
    },
    /// It does not compile.
    Rejected(String),
    Failed(String),
}

/// Where and how packages are made.
pub(super) struct Harness {
    /// Name of the package and of its folder.
    pub name: String,
    pub attribute: bool,
    pub opt_level: u8,
    /// Transformations that are left out: the value of `AUTODIFF_WITHOUT`.
    pub without: String,
    /// Binaries a package is split into: they are compiled in parallel.
    pub shards: usize,
}

/// The folder of the workspace.
fn workspace() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests).to_path_buf()
}

/// Where packages go: inside the target folder.
fn base() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target = target.unwrap_or_else(|| "target".into());
    workspace().join(target).join("random")
}

impl Harness {
    /// Builds and runs programs; the fate of each, by number.
    pub(super) fn run(&self, programs: &[Program]) -> io::Result<BTreeMap<usize, Fate>> {
        let mut fates = BTreeMap::new();
        let mut left: Vec<&Program> = programs.iter().collect();
        while !left.is_empty() {
            self.write(&left)?;
            let errors = self.build()?;
            if errors.is_empty() {
                break;
            }
            if let Some(whole) = errors.get(&None) {
                return Err(io::Error::other(format!(
                    "the batch cannot be built:\n{whole}"
                )));
            }
            left.retain(|program| !errors.contains_key(&Some(program.number())));
            let rejected = errors
                .into_iter()
                .filter_map(|(number, text)| Some((number?, text)));
            fates.extend(rejected.map(|(number, text)| (number, Fate::Rejected(text))));
        }
        for (number, fate) in self.execute(&left)? {
            fates.insert(number, fate);
        }
        Ok(fates)
    }

    fn dir(&self) -> PathBuf {
        base().join(&self.name)
    }

    fn shard<'p>(&self, programs: &[&'p Program], shard: usize) -> Vec<&'p Program> {
        programs
            .iter()
            .skip(shard)
            .step_by(self.shards)
            .copied()
            .collect()
    }

    fn write(&self, programs: &[&Program]) -> io::Result<()> {
        let dir = self.dir();
        let src = dir.join("src");
        if src.exists() {
            fs::remove_dir_all(&src)?;
        }
        fs::create_dir_all(&src)?;
        fs::write(dir.join("Cargo.toml"), self.manifest())?;
        if self.attribute {
            fs::copy(workspace().join("Cargo.lock"), dir.join("Cargo.lock"))?;
        }
        for (name, text) in PARTS {
            fs::write(src.join(name), text)?;
        }
        for program in programs {
            let path = src.join(format!("p{}.rs", program.number()));
            fs::write(path, program.module(self.attribute))?;
        }
        for shard in 0..self.shards {
            let text = root(&self.shard(programs, shard));
            fs::write(src.join(format!("shard{shard}.rs")), text)?;
        }
        Ok(())
    }

    fn manifest(&self) -> String {
        let name = &self.name;
        let mut text = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\nautobins = false\n\n[workspace]\n\n\
             [profile.dev]\nopt-level = {}\ndebug = false\nincremental = false\n\n\
             [profile.dev.build-override]\nopt-level = 1\n",
            self.opt_level
        );
        if self.attribute {
            let path = workspace().join("ad-runtime");
            text += &format!("\n[dependencies]\nad-runtime = {{ path = {path:?} }}\n");
        }
        for shard in 0..self.shards {
            text +=
                &format!("\n[[bin]]\nname = \"{name}_{shard}\"\npath = \"src/shard{shard}.rs\"\n");
        }
        text
    }

    /// The first error of each program that does not compile.
    fn build(&self) -> io::Result<HashMap<Option<usize>, String>> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args([
                "build",
                "--offline",
                "--quiet",
                "--keep-going",
                "--message-format",
                "short",
            ])
            .arg("--target-dir")
            .arg(base().join("target"))
            .env("AUTODIFF_WITHOUT", &self.without)
            .current_dir(self.dir())
            .output()?;
        if output.status.success() {
            return Ok(HashMap::new());
        }
        let text = String::from_utf8_lossy(&output.stderr);
        let mut errors = HashMap::new();
        for line in text.lines() {
            if let Some(number) = offender(line) {
                errors
                    .entry(Some(number))
                    .or_insert_with(|| line.to_string());
            }
        }
        if errors.is_empty() {
            errors.insert(None, text.into_owned());
        }
        Ok(errors)
    }

    fn execute(&self, programs: &[&Program]) -> io::Result<Vec<(usize, Fate)>> {
        let found: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..self.shards)
                .map(|shard| {
                    let programs = self.shard(programs, shard);
                    scope.spawn(move || self.execute_shard(shard, &programs))
                })
                .collect();
            threads.into_iter().map(|thread| thread.join()).collect()
        });
        let mut fates = Vec::new();
        for shard in found {
            fates.extend(shard.map_err(|_| io::Error::other("a thread of the harness panicked"))??);
        }
        Ok(fates)
    }

    /// Runs one binary, again from the next program on where one does not come back.
    fn execute_shard(&self, shard: usize, programs: &[&Program]) -> io::Result<Vec<(usize, Fate)>> {
        let mut fates = Vec::new();
        let mut from = 0;
        while programs.iter().any(|program| program.number() >= from) {
            let (text, end) = self.execute_from(shard, from)?;
            fates.extend(text.lines().filter_map(fate));
            if text.lines().any(|line| line == "end") {
                break;
            }
            let begun = text
                .lines()
                .filter_map(|line| line.strip_prefix("begin "))
                .next_back();
            let Some(number) = begun.and_then(|number| number.parse::<usize>().ok()) else {
                return Err(io::Error::other(format!(
                    "shard {shard} did not start: {end}"
                )));
            };
            fates.push((number, Fate::Failed(end)));
            from = number + 1;
        }
        Ok(fates)
    }

    /// The output of a binary, and how it ended.
    fn execute_from(&self, shard: usize, from: usize) -> io::Result<(String, String)> {
        let name = format!("{}_{shard}{}", self.name, std::env::consts::EXE_SUFFIX);
        let log = self.dir().join(format!("shard{shard}.out"));
        let mut child = Command::new(base().join("target/debug").join(name))
            .arg(from.to_string())
            .stdout(File::create(&log)?)
            .stderr(Stdio::null())
            .spawn()?;
        let (mut size, mut since) = (0, Instant::now());
        let end = loop {
            if let Some(status) = child.try_wait()? {
                break format!("ended with {status}");
            }
            let now = fs::metadata(&log)?.len();
            if now > size {
                (size, since) = (now, Instant::now());
            }
            if since.elapsed() > PATIENCE {
                child.kill()?;
                child.wait()?;
                break "does not come back".to_string();
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        Ok((fs::read_to_string(&log)?, end))
    }
}

/// The root of a binary.
fn root(programs: &[&Program]) -> String {
    let mut text =
        String::from("#![allow(warnings)]\n\nmod checks;\nmod compare;\nmod rng;\nmod support;\n");
    for program in programs {
        text += &format!("mod p{};\n", program.number());
    }
    text += "\nfn main() {\n    support::run(&[\n";
    for program in programs {
        text += &format!("        p{}::case,\n", program.number());
    }
    text + "    ]);\n}\n"
}

/// The program an error line of rustc is about: `src/p12.rs:3:5: error[E0499]: ..`.
fn offender(line: &str) -> Option<usize> {
    let (file, rest) = line.split_once(".rs:")?;
    if !rest.contains(": error") {
        return None;
    }
    let name = file.rsplit(['/', '\\']).next()?;
    name.strip_prefix('p')?.parse().ok()
}

/// A line of a binary: `result 12 ok 0 5` or `result 12 fail ..`.
fn fate(line: &str) -> Option<(usize, Fate)> {
    let rest = line.strip_prefix("result ")?;
    let (number, verdict) = rest.split_once(' ')?;
    let number = number.parse().ok()?;
    let fate = match verdict.split_once(' ')? {
        ("ok", counts) => {
            let (skipped, points) = counts.split_once(' ')?;
            let (skipped, points) = (skipped.parse().ok()?, points.parse().ok()?);
            Fate::Passed { skipped, points }
        }
        (_, text) => Fate::Failed(text.to_string()),
    };
    Some((number, fate))
}
