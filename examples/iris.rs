//! Tells three species of iris apart by multinomial logistic regression on Fisher's measurements:
//! the loss is written as plain loops, its gradient is generated, and L-BFGS of the crate argmin
//! does the fitting. Draws the fit as an SVG file.
//!
//! Run: `cargo run --release --example iris`

#![allow(
    clippy::needless_range_loop,
    reason = "loops over indices read as the formulas do, and are what `#[autodiff]` takes"
)]

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use ad_runtime::prelude::*;
use argmin::core::observers::{Observe, ObserverMode};
use argmin::core::{CostFunction, Executor, Gradient, IterState, KV, State};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;
use argmin_math::ArgminL2Norm;
use plotters::prelude::*;

const SPECIES: [&str; CLASSES] = ["setosa", "versicolor", "virginica"];
const CLASSES: usize = 3;
const FEATURES: usize = 4;
const PETAL_LENGTH: usize = 2;
const PETAL_WIDTH: usize = 3;
/// Each class has one weight per feature, then its bias.
const STRIDE: usize = FEATURES + 1;
const PARAMETERS: usize = CLASSES * STRIDE;
const PENALTY: f64 = 1e-3;
const GRADIENT_TOLERANCE: f64 = 1e-6;

// ---------------------------------------------------------------------------------------------
// The model
// ---------------------------------------------------------------------------------------------

/// How much the flower looks like one of the class.
#[autodiff(Reverse, Active, Duplicated, Const, Const)]
fn score(w: &[f64], flower: &[f64], class: usize) -> f64 {
    let mut sum = w[class * STRIDE + FEATURES];
    for j in 0..FEATURES {
        sum += w[class * STRIDE + j] * flower[j];
    }
    sum
}

/// ln(exp(z0) + exp(z1) + ...), shifted by the largest score so that no exponential overflows.
#[autodiff(Reverse, Active, Duplicated)]
fn log_sum_exp(z: &[f64]) -> f64 {
    let mut largest = z[0];
    for c in 1..z.len() {
        largest = largest.max(z[c]);
    }
    let mut sum: f64 = 0.0;
    for c in 0..z.len() {
        sum += (z[c] - largest).exp();
    }
    largest + sum.ln()
}

/// Mean negative log-likelihood of the species, plus the penalty on the size of the weights
/// (not the biases: where the classes lie is no sign of overfitting).
#[autodiff(Reverse, Active, Duplicated, Const, Const, Const)]
fn loss(w: &[f64], flowers: &[f64], species: &[usize], penalty: f64) -> f64 {
    let mut likelihood = 0.0;
    for i in 0..species.len() {
        let flower = &flowers[i * FEATURES..(i + 1) * FEATURES];
        let mut z = [0.0; CLASSES];
        for c in 0..CLASSES {
            z[c] = score(w, flower, c);
        }
        likelihood += z[species[i]] - log_sum_exp(&z);
    }
    let mut squares = 0.0;
    for c in 0..CLASSES {
        for j in 0..FEATURES {
            squares += w[c * STRIDE + j] * w[c * STRIDE + j];
        }
    }
    0.5 * penalty * squares - likelihood / species.len() as f64
}

fn predict(w: &[f64], flower: &[f64]) -> usize {
    let scores = [0, 1, 2].map(|class| score(w, flower, class));
    (0..CLASSES)
        .max_by(|&a, &b| scores[a].total_cmp(&scores[b]))
        .unwrap()
}

// ---------------------------------------------------------------------------------------------
// The data
// ---------------------------------------------------------------------------------------------

struct Iris {
    /// The standardised measurements, flower after flower.
    flowers: Vec<f64>,
    species: Vec<usize>,
    mean: [f64; FEATURES],
    deviation: [f64; FEATURES],
}

impl Iris {
    /// Reads the file; centres every feature and scales it to unit variance, so that one penalty
    /// suits all weights and the loss is well conditioned.
    fn read(text: &str) -> Result<Iris, Box<dyn Error>> {
        let (mut flowers, mut species) = (Vec::new(), Vec::new());
        for record in csv::Reader::from_reader(text.as_bytes()).records() {
            let record = record?;
            for field in record.iter().take(FEATURES) {
                flowers.push(field.parse::<f64>()?);
            }
            let class = SPECIES.iter().position(|&name| name == &record[FEATURES]);
            species.push(class.ok_or("unknown species")?);
        }

        let count = species.len() as f64;
        let (mut mean, mut deviation) = ([0.0; FEATURES], [0.0; FEATURES]);
        for j in 0..FEATURES {
            let column = || flowers.iter().skip(j).step_by(FEATURES);
            mean[j] = column().sum::<f64>() / count;
            let squares: f64 = column().map(|x| (x - mean[j]).powi(2)).sum();
            deviation[j] = (squares / count).sqrt();
        }
        for (k, x) in flowers.iter_mut().enumerate() {
            *x = (*x - mean[k % FEATURES]) / deviation[k % FEATURES];
        }
        Ok(Iris {
            flowers,
            species,
            mean,
            deviation,
        })
    }

    /// The standardised features of each flower, with its class.
    fn labelled(&self) -> impl Iterator<Item = (&[f64], usize)> {
        self.flowers
            .chunks(FEATURES)
            .zip(self.species.iter().copied())
    }

    fn loss(&self, w: &[f64]) -> f64 {
        loss(w, &self.flowers, &self.species, PENALTY)
    }

    fn gradient(&self, w: &[f64]) -> Vec<f64> {
        let mut dw = vec![0.0; w.len()];
        loss::reverse(w, &mut dw, &self.flowers, &self.species, PENALTY, 1.0);
        dw
    }
}

// ---------------------------------------------------------------------------------------------
// Is the generated gradient right?
// ---------------------------------------------------------------------------------------------

/// Compares the gradient with central differences, at a point where no derivative vanishes.
fn check_gradient(iris: &Iris) {
    let mut w: Vec<f64> = (0..PARAMETERS).map(|k| (1.7 * k as f64).sin()).collect();
    let gradient = iris.gradient(&w);
    let step = 1e-5;
    println!("Gradient check\nparameter     generated   differences    deviation");
    for k in 0..PARAMETERS {
        let centre = w[k];
        w[k] = centre + step;
        let above = iris.loss(&w);
        w[k] = centre - step;
        let below = iris.loss(&w);
        w[k] = centre;
        let difference = (above - below) / (2.0 * step);
        let deviation = (gradient[k] - difference).abs();
        println!(
            "{k:>9}  {:>12.9}  {difference:>12.9}  {deviation:>11.1e}",
            gradient[k]
        );
        assert!(deviation < 1e-8, "wrong derivative for parameter {k}");
    }
    println!("See the generated code: cargo expand -p ad-examples --example iris\n");
}

// ---------------------------------------------------------------------------------------------
// The fit
// ---------------------------------------------------------------------------------------------

struct Problem<'a>(&'a Iris);

impl CostFunction for Problem<'_> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, w: &Vec<f64>) -> Result<f64, argmin::core::Error> {
        Ok(self.0.loss(w))
    }
}

impl Gradient for Problem<'_> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, w: &Vec<f64>) -> Result<Vec<f64>, argmin::core::Error> {
        Ok(self.0.gradient(w))
    }
}

type FitState = IterState<Vec<f64>, Vec<f64>, (), (), (), f64>;

struct Progress;

impl Observe<FitState> for Progress {
    fn observe_iter(&mut self, state: &FitState, _: &KV) -> Result<(), argmin::core::Error> {
        let norm = state.get_gradient().map_or(f64::NAN, |g| g.l2_norm());
        println!(
            "{:>9}  {:>13.10}  {norm:>12.4e}",
            state.get_iter(),
            state.get_cost()
        );
        Ok(())
    }
}

fn fit(iris: &Iris) -> Result<Vec<f64>, argmin::core::Error> {
    println!("Fit\niteration           loss    |gradient|");
    // The ten latest steps stand in for the Hessian.
    let solver =
        LBFGS::new(MoreThuenteLineSearch::new(), 10).with_tolerance_grad(GRADIENT_TOLERANCE)?;
    let result = Executor::new(Problem(iris), solver)
        .configure(|state| state.param(vec![0.0; PARAMETERS]).max_iters(200))
        .add_observer(Progress, ObserverMode::Always)
        .run()?;
    println!("{}\n", result.state().get_termination_status());
    Ok(result
        .state()
        .get_best_param()
        .expect("the fit made a step")
        .clone())
}

// ---------------------------------------------------------------------------------------------
// The results
// ---------------------------------------------------------------------------------------------

/// Prints how often each species is taken for which; returns the fraction that is right.
fn report(iris: &Iris, w: &[f64]) -> f64 {
    let mut counts = [[0; CLASSES]; CLASSES];
    for (flower, class) in iris.labelled() {
        counts[class][predict(w, flower)] += 1;
    }
    println!(
        "{:>12} taken for {}",
        "",
        SPECIES.map(|s| format!("{s:>11}")).concat()
    );
    for (name, row) in SPECIES.iter().zip(counts) {
        println!(
            "{name:>12}           {}",
            row.map(|n| format!("{n:>11}")).concat()
        );
    }
    let right: usize = (0..CLASSES).map(|c| counts[c][c]).sum();
    let accuracy = right as f64 / iris.species.len() as f64;
    println!(
        "accuracy {accuracy:.4} ({right} of {})\n",
        iris.species.len()
    );
    accuracy
}

/// A point of the picture: petal length and width in centimetres.
type Point = (f64, f64);

const POINT_COLOURS: [RGBColor; CLASSES] = [
    RGBColor(0, 114, 178),
    RGBColor(230, 120, 0),
    RGBColor(0, 135, 95),
];
const REGION_COLOURS: [RGBColor; CLASSES] = [
    RGBColor(214, 232, 245),
    RGBColor(253, 232, 205),
    RGBColor(209, 237, 226),
];

/// The part of a convex polygon where `height`, which must be affine, is not negative.
fn clip(polygon: &[Point], height: impl Fn(Point) -> f64) -> Vec<Point> {
    let mut kept = Vec::new();
    for (i, &a) in polygon.iter().enumerate() {
        let b = polygon[(i + 1) % polygon.len()];
        let (above_a, above_b) = (height(a), height(b));
        if above_a >= 0.0 {
            kept.push(a);
        }
        if (above_a >= 0.0) != (above_b >= 0.0) {
            let t = above_a / (above_a - above_b);
            kept.push((a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1)));
        }
    }
    kept
}

/// Where in the frame the class has the largest score, for a flower with average sepals.
fn region(iris: &Iris, w: &[f64], class: usize, frame: &[Point]) -> Vec<Point> {
    let score_at = |(length, width): Point, class: usize| {
        let mut flower = [0.0; FEATURES];
        flower[PETAL_LENGTH] = (length - iris.mean[PETAL_LENGTH]) / iris.deviation[PETAL_LENGTH];
        flower[PETAL_WIDTH] = (width - iris.mean[PETAL_WIDTH]) / iris.deviation[PETAL_WIDTH];
        score(w, &flower, class)
    };
    (0..CLASSES)
        .filter(|&rival| rival != class)
        .fold(frame.to_vec(), |polygon, rival| {
            clip(&polygon, |point| {
                score_at(point, class) - score_at(point, rival)
            })
        })
}

fn draw(iris: &Iris, w: &[f64], path: &Path) -> Result<(), Box<dyn Error>> {
    let root = SVGBackend::new(path, (800, 600)).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .caption(
            "Iris by petal size; regions for average sepals",
            ("sans-serif", 24),
        )
        .margin(16)
        .x_label_area_size(48)
        .y_label_area_size(56)
        .build_cartesian_2d(0.5..7.5, 0.0..2.75)?;

    let frame = [(0.5, 0.0), (7.5, 0.0), (7.5, 2.75), (0.5, 2.75)];
    for class in 0..CLASSES {
        let polygon = region(iris, w, class, &frame);
        chart.draw_series([Polygon::new(polygon, REGION_COLOURS[class].filled())])?;
    }
    chart
        .configure_mesh()
        .disable_mesh()
        .x_desc("petal length (cm)")
        .y_desc("petal width (cm)")
        .label_style(("sans-serif", 15))
        .axis_desc_style(("sans-serif", 17))
        .draw()?;

    let place = |flower: &[f64]| {
        let centimetres = |j: usize| iris.mean[j] + iris.deviation[j] * flower[j];
        (centimetres(PETAL_LENGTH), centimetres(PETAL_WIDTH))
    };
    for class in 0..CLASSES {
        let colour = POINT_COLOURS[class];
        let members = iris.labelled().filter(|&(_, c)| c == class);
        // Half transparent, for flowers of equal size lie on one another.
        let points = members.map(|(f, _)| Circle::new(place(f), 5, colour.mix(0.55).filled()));
        chart
            .draw_series(points)?
            .label(SPECIES[class])
            .legend(move |(x, y)| Circle::new((x + 10, y), 5, colour.filled()));
    }
    let wrong = iris
        .labelled()
        .filter(|&(flower, class)| predict(w, flower) != class);
    chart
        .draw_series(wrong.map(|(f, _)| Circle::new(place(f), 9, BLACK.stroke_width(2))))?
        .label("taken for another")
        .legend(|(x, y)| Circle::new((x + 10, y), 7, BLACK.stroke_width(2)));
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE)
        .border_style(BLACK.mix(0.4))
        .label_font(("sans-serif", 15))
        .draw()?;
    root.present()?;
    Ok(())
}

/// The build directory of the workspace, whose contents nobody commits.
fn target_directory() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(directory) => directory.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("target"),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let iris = Iris::read(include_str!("data/iris.csv"))?;
    assert_eq!(iris.species.len(), 150);
    check_gradient(&iris);

    let w = fit(&iris)?;
    let norm = iris.gradient(&w).l2_norm();
    assert!(
        norm < 10.0 * GRADIENT_TOLERANCE,
        "the fit stopped at a gradient of {norm:e}"
    );

    let accuracy = report(&iris, &w);
    assert!(
        accuracy >= 0.97,
        "only {accuracy} of the flowers told apart"
    );

    let path = target_directory().join("iris.svg");
    fs::create_dir_all(target_directory())?;
    draw(&iris, &w, &path)?;
    println!("picture written to {}", path.display());
    Ok(())
}
