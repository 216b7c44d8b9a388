//! The programs of `ad_tests::programs`: the objective, our gradient and the one
//! derived by hand, timed in turn in one process; prints a Markdown table.
//!
//! `--check-time` times `cargo check` of the programs with and without the
//! attribute instead. Without cargo's `--bench` every measurement is one call.

use ad_tests::programs::data::Rng;
use ad_tests::programs::{ba, gmm, heat, lstm, mlp, ode};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

type Plain = Box<dyn FnMut(&[f64]) -> f64>;
type Gradient = Box<dyn FnMut(&[f64], &mut [f64]) -> f64>;

/// What is timed of a program: the objective, then its gradients.
const KINDS: [&str; 4] = ["primal", "reverse", "reverse_with_primal", "by hand"];

/// An objective over one flat list of arguments, and its gradients in the order
/// of [`KINDS`].
struct Program {
    name: &'static str,
    at: Vec<f64>,
    plain: Plain,
    gradients: [Gradient; 3],
}

impl Program {
    /// One call; a gradient goes onto zeros.
    fn call(&mut self, kind: usize, grad: &mut [f64]) -> f64 {
        let at = black_box(&self.at[..]);
        if kind == 0 {
            return (self.plain)(at);
        }
        grad.fill(0.0);
        (self.gradients[kind - 1])(at, black_box(grad))
    }

    /// Seconds for a call, from as many calls as `least` takes.
    fn time(&mut self, kind: usize, grad: &mut [f64], least: Duration) -> f64 {
        let start = Instant::now();
        let mut calls = 0;
        loop {
            black_box(self.call(kind, grad));
            calls += 1;
            let spent = start.elapsed();
            if spent >= least {
                return spent.as_secs_f64() / f64::from(calls);
            }
        }
    }

    /// The largest relative difference of an entry between our gradients and the
    /// one by hand.
    fn difference(&mut self) -> f64 {
        let [ours, same, by_hand] = [1, 2, 3].map(|kind| {
            let mut grad = vec![0.0; self.at.len()];
            self.call(kind, &mut grad);
            grad
        });
        assert_eq!(ours, same);
        let mut largest = 0.0_f64;
        for (a, b) in ours.iter().zip(&by_hand) {
            assert!(a.is_finite() && b.is_finite());
            if a != b {
                largest = largest.max((a - b).abs() / a.abs().max(b.abs()));
            }
        }
        largest
    }
}

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// `v` taken apart at two places.
fn parts(v: &[f64], a: usize, b: usize) -> (&[f64], &[f64], &[f64]) {
    (&v[..a], &v[a..b], &v[b..])
}

fn parts_mut(v: &mut [f64], a: usize, b: usize) -> (&mut [f64], &mut [f64], &mut [f64]) {
    let (first, rest) = v.split_at_mut(a);
    let (second, third) = rest.split_at_mut(b - a);
    (first, second, third)
}

fn gmm_program(name: &'static str, d: usize, k: usize, n: usize) -> Program {
    let data = leak(gmm::inputs(d, k, n));
    let (a, b) = (k, k + k * d);
    let (x, gamma, m) = (&data.x[..], data.gamma, data.m);
    Program {
        name,
        at: [&data.alphas[..], &data.means, &data.icf].concat(),
        plain: Box::new(move |v| {
            let v = parts(v, a, b);
            gmm::gmm_objective(v.0, v.1, v.2, x, gamma, m)
        }),
        gradients: [
            Box::new(move |v, g| {
                let (v, g) = (parts(v, a, b), parts_mut(g, a, b));
                gmm::gmm_objective::reverse(v.0, g.0, v.1, g.1, v.2, g.2, x, gamma, m, 1.0);
                0.0
            }),
            Box::new(move |v, g| {
                let (v, g) = (parts(v, a, b), parts_mut(g, a, b));
                gmm::gmm_objective::reverse_with_primal(
                    v.0, g.0, v.1, g.1, v.2, g.2, x, gamma, m, 1.0,
                )
                .0
            }),
            Box::new(move |v, g| {
                let (v, g) = (parts(v, a, b), parts_mut(g, a, b));
                gmm::gmm_gradient_by_hand(v.0, g.0, v.1, g.1, v.2, g.2, x, gamma, m)
            }),
        ],
    }
}

fn lstm_program(name: &'static str, l: usize, b: usize, t: usize) -> Program {
    let data = leak(lstm::inputs(l, b, t));
    let seq = &data.sequence[..];
    let (m, e) = (data.main.len(), data.main.len() + data.extra.len());
    Program {
        name,
        at: [&data.main[..], &data.extra, &data.state0].concat(),
        plain: Box::new(move |v| {
            let v = parts(v, m, e);
            lstm::lstm_objective(v.0, v.1, v.2, seq, l, b)
        }),
        gradients: [
            Box::new(move |v, g| {
                let (v, g) = (parts(v, m, e), parts_mut(g, m, e));
                lstm::lstm_objective::reverse(v.0, g.0, v.1, g.1, v.2, g.2, seq, l, b, 1.0);
                0.0
            }),
            Box::new(move |v, g| {
                let (v, g) = (parts(v, m, e), parts_mut(g, m, e));
                lstm::lstm_objective::reverse_with_primal(
                    v.0, g.0, v.1, g.1, v.2, g.2, seq, l, b, 1.0,
                )
                .0
            }),
            Box::new(move |v, g| {
                let (v, g) = (parts(v, m, e), parts_mut(g, m, e));
                lstm::lstm_gradient_by_hand(v.0, g.0, v.1, g.1, v.2, g.2, seq, l, b)
            }),
        ],
    }
}

/// The residuals of `p` observations; the shadow of the residuals is set to the
/// same random seeds before every gradient.
fn ba_program(name: &'static str, cameras: usize, points: usize, p: usize) -> Program {
    let data = leak(ba::inputs(cameras, points, p));
    let (obs, feats) = (&data.obs[..], &data.feats[..]);
    let (a, b) = (data.cams.len(), data.cams.len() + data.pts.len());
    let seeds = &leak(Rng::new(8).uniform_vec(3 * p, -1.0, 1.0))[..];
    let buffers = || (vec![0.0; 3 * p], vec![0.0; 3 * p]);
    let (mut out0, _) = buffers();
    let (mut out1, mut d_out1) = buffers();
    let (mut out2, mut d_out2) = buffers();
    let (mut out3, mut d_out3) = buffers();
    Program {
        name,
        at: [&data.cams[..], &data.pts, &data.ws].concat(),
        plain: Box::new(move |v| {
            let v = parts(v, a, b);
            ba::ba_residuals(v.0, v.1, v.2, obs, feats, black_box(&mut out0));
            out0[0]
        }),
        gradients: [
            Box::new(move |v, g| {
                d_out1.copy_from_slice(seeds);
                let (v, g) = (parts(v, a, b), parts_mut(g, a, b));
                let (out, d_out) = (black_box(&mut out1[..]), black_box(&mut d_out1[..]));
                ba::ba_residuals::reverse(v.0, g.0, v.1, g.1, v.2, g.2, obs, feats, out, d_out);
                0.0
            }),
            Box::new(move |v, g| {
                d_out2.copy_from_slice(seeds);
                let (v, g) = (parts(v, a, b), parts_mut(g, a, b));
                let (out, d_out) = (black_box(&mut out2[..]), black_box(&mut d_out2[..]));
                ba::ba_residuals::reverse_with_primal(
                    v.0, g.0, v.1, g.1, v.2, g.2, obs, feats, out, d_out,
                );
                0.0
            }),
            Box::new(move |v, g| {
                d_out3.copy_from_slice(seeds);
                let (v, g) = (parts(v, a, b), parts_mut(g, a, b));
                let (out, d_out) = (black_box(&mut out3[..]), black_box(&d_out3[..]));
                ba::ba_gradient_by_hand(v.0, g.0, v.1, g.1, v.2, g.2, obs, feats, out, d_out);
                0.0
            }),
        ],
    }
}

fn rk4_program(name: &'static str, steps: usize) -> Program {
    let data = ode::inputs(steps);
    let dt = data.dt;
    Program {
        name,
        at: [&data.y0[..], &data.p].concat(),
        plain: Box::new(move |v| ode::rk4(&v[..2], &v[2..], steps, dt)),
        gradients: [
            Box::new(move |v, g| {
                let (gy, gp) = g.split_at_mut(2);
                ode::rk4::reverse(&v[..2], gy, &v[2..], gp, steps, dt, 1.0);
                0.0
            }),
            Box::new(move |v, g| {
                let (gy, gp) = g.split_at_mut(2);
                ode::rk4::reverse_with_primal(&v[..2], gy, &v[2..], gp, steps, dt, 1.0).0
            }),
            Box::new(move |v, g| {
                let (gy, gp) = g.split_at_mut(2);
                ode::rk4_gradient_by_hand(&v[..2], gy, &v[2..], gp, steps, dt)
            }),
        ],
    }
}

fn pendulum_program(name: &'static str, steps: usize) -> Program {
    let data = ode::inputs(steps);
    let (dt, end) = (data.dt, data.t_end);
    Program {
        name,
        at: data.pendulum.to_vec(),
        plain: Box::new(move |v| ode::pendulum(v[0], v[1], v[2], v[3], dt, end)),
        gradients: [
            Box::new(move |v, g| {
                let (a, b, c, d) = ode::pendulum::reverse(v[0], v[1], v[2], v[3], dt, end, 1.0);
                g.copy_from_slice(&[a, b, c, d]);
                0.0
            }),
            Box::new(move |v, g| {
                let (primal, (a, b, c, d)) =
                    ode::pendulum::reverse_with_primal(v[0], v[1], v[2], v[3], dt, end, 1.0);
                g.copy_from_slice(&[a, b, c, d]);
                primal
            }),
            Box::new(move |v, g| {
                ode::pendulum_gradient_by_hand(v[0], v[1], v[2], v[3], dt, end, g)
            }),
        ],
    }
}

fn heat_program(name: &'static str, side: usize, steps: usize) -> Program {
    let data = leak(heat::inputs(side, side, steps));
    let (n, goal, dt) = (side * side, &data.target[..], data.dt);
    Program {
        name,
        at: [&data.u0[..], &data.k].concat(),
        plain: Box::new(move |v| heat::heat_misfit(&v[..n], &v[n..], goal, side, steps, dt)),
        gradients: [
            Box::new(move |v, g| {
                let ((u, k), (gu, gk)) = (v.split_at(n), g.split_at_mut(n));
                heat::heat_misfit::reverse(u, gu, k, gk, goal, side, steps, dt, 1.0);
                0.0
            }),
            Box::new(move |v, g| {
                let ((u, k), (gu, gk)) = (v.split_at(n), g.split_at_mut(n));
                heat::heat_misfit::reverse_with_primal(u, gu, k, gk, goal, side, steps, dt, 1.0).0
            }),
            Box::new(move |v, g| {
                let ((u, k), (gu, gk)) = (v.split_at(n), g.split_at_mut(n));
                heat::heat_gradient_by_hand(u, gu, k, gk, goal, side, steps, dt)
            }),
        ],
    }
}

fn mlp_program(name: &'static str, sizes: &'static [usize], n: usize) -> Program {
    let data = leak(mlp::inputs(sizes, n));
    let (x, labels) = (&data.x[..], &data.labels[..]);
    Program {
        name,
        at: data.weights.clone(),
        plain: Box::new(move |v| mlp::mlp_loss(v, x, labels, sizes)),
        gradients: [
            Box::new(move |v, g| {
                mlp::mlp_loss::reverse(v, g, x, labels, sizes, 1.0);
                0.0
            }),
            Box::new(move |v, g| mlp::mlp_loss::reverse_with_primal(v, g, x, labels, sizes, 1.0).0),
            Box::new(move |v, g| mlp::mlp_gradient_by_hand(v, g, x, labels, sizes)),
        ],
    }
}

fn programs() -> Vec<Program> {
    vec![
        gmm_program("gmm d=2 k=5 n=1000", 2, 5, 1000),
        gmm_program("gmm d=10 k=25 n=200", 10, 25, 200),
        lstm_program("lstm l=2 b=14 t=1024", 2, 14, 1024),
        ba_program("ba p=1000", 10, 200, 1000),
        rk4_program("ode rk4, 1e5 steps", 100_000),
        pendulum_program("ode pendulum, 1e5 steps", 100_000),
        heat_program("heat 128x128, 100 steps", 128, 100),
        mlp_program("mlp 64-128-64-10, batch 64", &[64, 128, 64, 10], 64),
    ]
}

fn median(mut x: Vec<f64>) -> f64 {
    x.sort_by(f64::total_cmp);
    x[x.len() / 2]
}

/// The size of this process's memory and the largest it has been, in KiB; `None`
/// where the system does not tell.
fn memory() -> Option<(usize, usize)> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    Some((field("VmSize:")?, field("VmPeak:")?))
}

/// Prints by how many KiB one call raises the peak of this process's memory.
fn memory_of_call(program: usize, kind: usize) -> Option<()> {
    let mut program = programs().swap_remove(program);
    let mut grad = vec![0.0; program.at.len()];
    // What the set-up gave back is taken again, so that the call finds none free.
    let mut ballast: Vec<Vec<u8>> = Vec::with_capacity(1 << 10);
    let (mut size, mut peak) = memory()?;
    while size < peak && ballast.len() < ballast.capacity() {
        ballast.push(Vec::with_capacity(((peak - size) * 1024).max(8192) - 4096));
        (size, peak) = memory()?;
    }
    black_box(program.call(kind, &mut grad));
    println!("{}", memory()?.1 - peak);
    black_box(ballast);
    Some(())
}

/// What [`memory_of_call`] prints in a process of its own, with an allocator that
/// asks the system for every block of a page or more.
fn memory_in_child(program: usize, kind: usize) -> Option<usize> {
    let out = Command::new(std::env::current_exe().ok()?)
        .args(["--memory", &program.to_string(), &kind.to_string()])
        .env("MALLOC_MMAP_THRESHOLD_", "4096")
        .env("MALLOC_MMAP_MAX_", "1000000")
        .env("MALLOC_TOP_PAD_", "0")
        .output()
        .ok()?;
    String::from_utf8(out.stdout).ok()?.trim().parse().ok()
}

fn compare(rounds: usize, least: Duration) {
    let mut programs = programs();
    let mut grads: Vec<_> = programs.iter().map(|p| vec![0.0; p.at.len()]).collect();
    let differences: Vec<f64> = programs.iter_mut().map(Program::difference).collect();
    let mut times = vec![[[0.0; 4]; 8]; rounds];
    assert_eq!(times[0].len(), programs.len());
    for (r, round) in times.iter_mut().enumerate() {
        for i in 0..programs.len() {
            let p = (i + r) % programs.len();
            for j in 0..KINDS.len() {
                let kind = (j + r) % KINDS.len();
                round[p][kind] = programs[p].time(kind, &mut grads[p], least);
            }
        }
    }

    println!(
        "| program | {} in ms | {} | {} | {} | difference | KiB: {} | {} | {} |",
        KINDS[0], KINDS[1], KINDS[2], KINDS[3], KINDS[0], KINDS[1], KINDS[3]
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for (p, program) in programs.iter().enumerate() {
        let primal = median(times.iter().map(|round| round[p][0]).collect());
        print!("| {} | {:.3}", program.name, primal * 1e3);
        for kind in 1..KINDS.len() {
            let ratios = times.iter().map(|round| round[p][kind] / round[p][0]);
            print!(" | {:.2}", median(ratios.collect()));
        }
        print!(" | {:.1e}", differences[p]);
        for kind in [0, 1, 3] {
            match memory_in_child(p, kind) {
                Some(kib) => print!(" | {kib}"),
                None => print!(" | ?"),
            }
        }
        println!(" |");
    }
}

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

/// A crate of the programs' modules in a folder of its own.
fn programs_crate(name: &str, keep: bool) -> std::io::Result<PathBuf> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let to = root.join("src/programs");
    std::fs::create_dir_all(&to)?;
    for entry in std::fs::read_dir(tests.join("src/programs"))? {
        let entry = entry?;
        let source = std::fs::read_to_string(entry.path())?;
        let source = if keep { source } else { stripped(&source) };
        std::fs::write(to.join(entry.file_name()), source)?;
    }
    let runtime = tests.join("../ad-runtime");
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [workspace]\n\n[dependencies]\nad-runtime = {{ path = {runtime:?} }}\n"
    );
    std::fs::write(root.join("Cargo.toml"), manifest)?;
    std::fs::copy(tests.join("../Cargo.lock"), root.join("Cargo.lock"))?;
    Ok(root)
}

/// Seconds of a `cargo check` after the crate's root was touched.
fn check(root: &Path) -> std::io::Result<f64> {
    std::fs::write(root.join("src/lib.rs"), "pub mod programs;\n")?;
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

fn check_time() -> std::io::Result<()> {
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

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let [_, flag, program, kind] = &args[..]
        && flag == "--memory"
    {
        let index = |arg: &str| arg.parse().expect("an index");
        let _ = memory_of_call(index(program), index(kind));
    } else if args.iter().any(|arg| arg == "--check-time") {
        check_time().expect("the crates can be written and checked");
    } else if args.iter().any(|arg| arg == "--bench") {
        compare(11, Duration::from_millis(30));
    } else {
        compare(1, Duration::ZERO);
    }
}
