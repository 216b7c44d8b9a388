//! Whole programs: a main function `f` and its helpers.

use super::glue::glue;
use super::maps::called;
use super::rng::Rng;
use super::scope::{Gen, Kind, Own, Var};
use super::tree::{Cut, Node, count, cut, render};
use std::fmt::Write;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ParamKind {
    Slice { len: usize, mutable: bool },
    Float,
    Int { max: usize },
    Bool,
}

#[derive(Clone, Debug)]
pub(super) struct Param {
    pub name: String,
    pub kind: ParamKind,
    /// Declared `mut`.
    mutable: bool,
}

/// A generated function.
#[derive(Clone, Debug)]
pub(super) struct Function {
    pub name: String,
    pub params: Vec<Param>,
    /// Returns a float.
    pub returns: bool,
    pub body: Vec<Node>,
}

/// A generated program.
#[derive(Clone, Debug)]
pub struct Program {
    seed: u64,
    number: usize,
    /// Chooses the points it is checked at.
    points: usize,
    /// Helpers first, then `f`.
    functions: Vec<Function>,
}

impl Function {
    pub(super) fn writes(&self) -> bool {
        self.params
            .iter()
            .any(|param| matches!(param.kind, ParamKind::Slice { mutable: true, .. }))
    }

    fn render(&self, attribute: bool, out: &mut String) {
        let params: Vec<String> = self.params.iter().map(Param::declaration).collect();
        let ret = if self.returns { " -> f64" } else { "" };
        if attribute {
            out.push_str("#[autodiff]\n");
        }
        writeln!(out, "fn {}({}){ret} {{", self.name, params.join(", "))
            .expect("a string takes all");
        render(&self.body, 1, out);
        out.push_str("}\n\n");
    }
}

impl Param {
    fn declaration(&self) -> String {
        let name = &self.name;
        match self.kind {
            ParamKind::Slice { mutable: false, .. } => format!("{name}: &[f64]"),
            ParamKind::Slice { mutable: true, .. } => format!("{name}: &mut [f64]"),
            ParamKind::Float if self.mutable => format!("mut {name}: f64"),
            ParamKind::Float => format!("{name}: f64"),
            ParamKind::Int { .. } => format!("{name}: usize"),
            ParamKind::Bool => format!("{name}: bool"),
        }
    }

    fn variable(&self) -> Var {
        let (kind, mutable) = match self.kind {
            ParamKind::Slice { len, mutable } => (
                Kind::Seq {
                    len,
                    own: Own::Borrowed,
                },
                mutable,
            ),
            ParamKind::Float => (Kind::Float, self.mutable),
            ParamKind::Int { max } => (Kind::Int { max }, false),
            ParamKind::Bool => (Kind::Bool, false),
        };
        Var::new(&self.name, kind, mutable)
    }
}

/// Parameters with unlike names; at least one carries floats in, and one out if `returns` is false.
fn params(rng: &mut Rng, helper: bool, returns: bool) -> Vec<Param> {
    let mut kinds = vec![match (returns, rng.below(4)) {
        (false, _) => slice(rng, helper, true),
        (true, 0) => ParamKind::Float,
        (true, 1) => slice(rng, helper, true),
        (true, _) => slice(rng, helper, false),
    }];
    for _ in 0..rng.weighted(&[1, 4, 4, 1]) {
        kinds.push(match rng.weighted(&[3, 3, 4, 4, 1]) {
            0 => slice(rng, helper, false),
            1 => slice(rng, helper, true),
            2 => ParamKind::Float,
            3 => ParamKind::Int {
                max: rng.between(1, 4),
            },
            _ => ParamKind::Bool,
        });
    }
    let first = rng.below(kinds.len());
    kinds.swap(0, first);
    let mut params: Vec<Param> = Vec::new();
    for kind in kinds {
        let name = name(rng, kind, &params);
        let mutable = kind == ParamKind::Float && rng.chance(0.25);
        params.push(Param {
            name,
            kind,
            mutable,
        });
    }
    params
}

fn slice(rng: &mut Rng, helper: bool, mutable: bool) -> ParamKind {
    let len = if helper {
        rng.between(2, 4)
    } else {
        rng.between(4, 6)
    };
    ParamKind::Slice { len, mutable }
}

fn name(rng: &mut Rng, kind: ParamKind, taken: &[Param]) -> String {
    let pool: &[&str] = match kind {
        ParamKind::Slice { mutable: false, .. } => &["x", "x", "v", "input", "dx"],
        ParamKind::Slice { mutable: true, .. } => &["y", "y", "out", "state", "dy"],
        ParamKind::Float => &["c", "c", "scale", "p", "a", "step"],
        ParamKind::Int { .. } => &["n", "n", "m", "steps"],
        ParamKind::Bool => &["flag", "up"],
    };
    let base = rng.pick(pool);
    if taken.iter().all(|param| param.name != base) {
        return base.to_string();
    }
    format!("{base}{}", taken.len())
}

fn function(rng: &mut Rng, name: String, helpers: &[Function], helper: bool) -> Function {
    let returns = rng.chance(if helper { 0.6 } else { 0.75 });
    let params = params(rng, helper, returns);
    let fuel = if helper {
        rng.between(2, 6)
    } else {
        rng.between(5, 20)
    };
    let mut g = Gen::new(rng, helpers, fuel, returns);
    for param in &params {
        g.declare(param.variable());
    }
    if helper {
        g.overwrite_argument();
    }
    while g.fuel > 0 {
        g.statements(1);
    }
    let result = g.remains();
    if returns {
        g.line(result);
    } else if let Some(seq) = g.seq(true) {
        let index = g.plain_index(seq.len);
        g.line(format!(
            "{}[{index}] = {};",
            seq.name,
            if seq.own == Own::Vec { "0.5" } else { &result }
        ));
    }
    let body = g.open.pop().expect("the body is open");
    Function {
        name,
        params,
        returns,
        body,
    }
}

impl Program {
    /// Program `number` of a seed.
    pub fn new(seed: u64, number: usize) -> Self {
        let mut rng = Rng::new(seed, number as u64 + 1);
        let mut functions = Vec::new();
        for at in 0..rng.weighted(&[4, 4, 3, 2]) {
            let helper = function(&mut rng, format!("h{at}"), &functions, true);
            functions.push(helper);
        }
        let main = function(&mut rng, "f".into(), &functions, false);
        functions.push(main);
        Program {
            seed,
            number,
            points: number,
            functions,
        }
    }

    /// The number of the program.
    pub fn number(&self) -> usize {
        self.number
    }

    /// The same program, checked at the same points, under another number.
    pub(super) fn renumbered(&self, number: usize) -> Self {
        Program {
            number,
            ..self.clone()
        }
    }

    /// Characters of source.
    pub(super) fn size(&self) -> usize {
        self.functions(false).len()
    }

    /// Programs with a statement, a helper or a part of an expression less.
    pub(super) fn smaller(&self) -> Vec<Program> {
        let mut found = Vec::new();
        for at in 0..self.functions.len() - 1 {
            let mut program = self.clone();
            program.functions.remove(at);
            found.push(program);
        }
        let ways = (0..24).map(Cut::Simplify);
        let ways: Vec<Cut> = [Cut::Remove, Cut::Unwrap].into_iter().chain(ways).collect();
        for (at, function) in self.functions.iter().enumerate() {
            for statement in 0..count(&function.body) {
                for body in ways
                    .iter()
                    .filter_map(|how| cut(&function.body, statement, *how))
                {
                    let mut program = self.clone();
                    program.functions[at].body = body;
                    found.push(program);
                }
            }
        }
        found.retain(|program| program.size() < self.size());
        found.sort_by_key(Program::size);
        found
    }

    /// The functions as Rust source, without the glue.
    pub fn functions(&self, attribute: bool) -> String {
        let mut out = String::new();
        for function in &self.functions {
            function.render(attribute, &mut out);
        }
        let mut all = String::new();
        called(&out, attribute, &mut all);
        all + &out
    }

    /// The module of the program: its functions, and a `case` the harness can run.
    pub fn module(&self, attribute: bool) -> String {
        let mut out = format!("//! Seed {}, program {}.\n\n", self.seed, self.number);
        out.push_str("use crate::support::{Case, Derivatives, Flat};\n");
        if attribute {
            out.push_str("use ad_runtime::prelude::*;\n");
        }
        out.push('\n');
        out.push_str(&self.functions(attribute));
        let main = &self.functions[self.functions.len() - 1];
        glue(main, (self.number, self.points), attribute, &mut out);
        out
    }
}
