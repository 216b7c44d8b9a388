//! Float expressions, with a bound on the value and on the slope.
//!
//! Variables count as bounded by [`NOMINAL`]. What is stored is damped until it keeps to that, so
//! that values and derivatives stay moderate however often a loop runs.

use super::scope::{Gen, Kind};

/// The size variables are taken to have.
pub(super) const NOMINAL: f64 = 2.0;

/// A float expression; the text can stand as an operand or a receiver.
#[derive(Clone, Debug)]
pub(super) struct Ex {
    pub text: String,
    /// Size of the value, if variables keep to [`NOMINAL`].
    pub bound: f64,
    /// Sum of the sizes of the partial derivatives.
    pub slope: f64,
    /// Grows faster than linearly in the variables.
    pub wild: bool,
    /// Its type does not depend on the context.
    pub typed: bool,
}

impl Ex {
    fn new(text: String, bound: f64, slope: f64, wild: bool, typed: bool) -> Self {
        Ex {
            text,
            bound,
            slope,
            wild,
            typed,
        }
    }

    fn variable(text: String) -> Self {
        Ex::new(text, NOMINAL, 1.0, false, true)
    }

    fn either(text: String, a: &Ex, b: &Ex) -> Self {
        let (bound, slope) = (a.bound.max(b.bound), a.slope.max(b.slope));
        Ex::new(text, bound, slope, a.wild || b.wild, a.typed || b.typed)
    }
}

impl Gen<'_> {
    /// A random expression.
    pub(super) fn float(&mut self, depth: usize) -> Ex {
        if depth == 0 || self.rng.chance(0.2) {
            return self.leaf();
        }
        match self.rng.weighted(&[32, 44, 5, 3, 3, 6]) {
            0 => self.unary(depth),
            1 => self.binary(depth),
            2 => self.value_if(depth),
            3 => self.value_match(depth),
            4 => self.value_block(depth),
            _ => self.call_value().unwrap_or_else(|| self.binary(depth)),
        }
    }

    pub(super) fn literal(&mut self) -> Ex {
        let size = self
            .rng
            .pick(&[0.0, 0.1, 0.25, 0.3, 0.5, 0.5, 0.75, 1.0, 1.5, 2.0]);
        let text = match self.rng.below(8) {
            0 => format!("(-{size:?})"),
            1 => format!("{size:?}_f64"),
            _ => format!("{size:?}"),
        };
        let typed = text.ends_with("f64");
        Ex::new(text, size, 0.0, false, typed)
    }

    fn leaf(&mut self) -> Ex {
        let choice = self.rng.weighted(&[40, 36, 10, 6, 8]);
        let found = match choice {
            0 => self.scalar_leaf(),
            1 => self.element(),
            2 => None,
            3 => self.pair_leaf(),
            _ => self.int_leaf(),
        };
        match found {
            Some(leaf) => leaf,
            None if choice == 2 => self.literal(),
            None => match self.element() {
                Some(leaf) => leaf,
                None => self.scalar_leaf().unwrap_or_else(|| self.literal()),
            },
        }
    }

    pub(super) fn scalar_leaf(&mut self) -> Option<Ex> {
        let ids = self.readable(|var| var.kind == Kind::Float);
        if ids.is_empty() {
            return None;
        }
        // Recent variables more often: otherwise most of the code has no effect.
        let id = ids[ids.len() - 1 - self.rng.below(ids.len()).min(self.rng.below(ids.len()))];
        let var = &self.vars[id];
        let text = if var.deref {
            format!("(*{})", var.name)
        } else {
            var.name.clone()
        };
        Some(Ex::variable(text))
    }

    fn pair_leaf(&mut self) -> Option<Ex> {
        let ids = self.readable(|var| var.kind == Kind::Pair);
        if ids.is_empty() {
            return None;
        }
        let id = self.rng.pick(&ids);
        let field = self.rng.below(2);
        Some(Ex::variable(format!("{}.{field}", self.vars[id].name)))
    }

    pub(super) fn element(&mut self) -> Option<Ex> {
        let seq = self.seq(false)?;
        let index = self.index(&seq);
        Some(Ex::variable(format!("{}[{index}]", seq.name)))
    }

    fn int_leaf(&mut self) -> Option<Ex> {
        let int = self.int_var()?;
        let text = format!("({int} as f64 * 0.2)");
        Some(Ex::new(text, 1.0, 0.0, false, true))
    }

    /// `receiver.name(args)` or `f64::name(receiver, args)`.
    fn method(&mut self, receiver: &Ex, name: &str, args: &[&str]) -> String {
        if receiver.typed && self.rng.chance(0.93) {
            return format!("{}.{name}({})", receiver.text, args.join(", "));
        }
        let mut all = vec![receiver.text.as_str()];
        all.extend(args);
        format!("f64::{name}({})", all.join(", "))
    }

    fn unary(&mut self, depth: usize) -> Ex {
        let a = self.float(depth - 1);
        let (b, s) = (a.bound, a.slope);
        let (name, bound, slope) = match self.rng.below(11) {
            0 | 1 => ("sin", 1.0, s),
            2 => ("cos", 1.0, s),
            3 => ("tanh", 1.0, s),
            4 => ("atan", 1.6, s),
            5 => ("abs", b, s),
            6 => return Ex::new(format!("(-{})", a.text), b, s, a.wild, a.typed),
            7 => return self.power(&a),
            8 => return self.exponential(&a),
            9 => return self.rooted(&a, "sqrt", b + 1.0),
            _ => return self.rooted(&a, "ln", (b * b + 1.0).ln()),
        };
        let wild = name == "abs" && a.wild;
        Ex::new(self.method(&a, name, &[]), bound, slope, wild, true)
    }

    fn power(&mut self, a: &Ex) -> Ex {
        let n = self.rng.between(2, 3);
        let text = self.method(a, "powi", &[&n.to_string()]);
        let slope = n as f64 * a.bound.powi(n as i32 - 1) * a.slope;
        Ex::new(text, a.bound.powi(n as i32), slope, a.slope > 0.0, true)
    }

    fn exponential(&mut self, a: &Ex) -> Ex {
        let name = self.rng.pick(&["sin", "tanh", "cos"]);
        let text = self.method(a, name, &[]);
        Ex::new(format!("{text}.exp()"), 2.8, 2.8 * a.slope, false, true)
    }

    /// `(a * a + 1.0).sqrt()` and the like: smooth everywhere.
    fn rooted(&mut self, a: &Ex, name: &str, bound: f64) -> Ex {
        let inner = format!("({0} * {0} + 1.0)", a.text);
        let inner = Ex::new(inner, bound, a.slope, a.wild, a.typed);
        Ex::new(self.method(&inner, name, &[]), bound, a.slope, a.wild, true)
    }

    fn binary(&mut self, depth: usize) -> Ex {
        let a = self.float(depth - 1);
        let b = self.float(depth - 1);
        match self.rng.weighted(&[22, 16, 26, 10, 5, 5, 6, 4]) {
            0 => self.sum(&a, "+", &b),
            1 => self.sum(&a, "-", &b),
            2 => product(&a, &b),
            3 => self.quotient(&a, &b),
            4 => Ex {
                typed: true,
                ..Ex::either(self.method(&a, "max", &[&b.text]), &a, &b)
            },
            5 => Ex {
                typed: true,
                ..Ex::either(self.method(&a, "min", &[&b.text]), &a, &b)
            },
            6 => self.fused(&a, &b),
            _ => self.length(&a, &b),
        }
    }

    fn sum(&mut self, a: &Ex, op: &str, b: &Ex) -> Ex {
        let text = format!("({} {op} {})", a.text, b.text);
        let (bound, slope) = (a.bound + b.bound, a.slope + b.slope);
        Ex::new(text, bound, slope, a.wild || b.wild, a.typed || b.typed)
    }

    fn quotient(&mut self, a: &Ex, b: &Ex) -> Ex {
        let text = if b.typed && self.rng.chance(0.5) {
            format!("({} / ({}.sin() + 1.5))", a.text, b.text)
        } else {
            format!("({} / ({1} * {1} + 1.0))", a.text, b.text)
        };
        let slope = 2.0 * a.slope + 4.0 * a.bound * b.slope;
        let wild = a.wild || (a.slope > 0.0 && b.slope > 0.0);
        Ex::new(text, 2.0 * a.bound, slope, wild, a.typed || b.typed)
    }

    fn fused(&mut self, a: &Ex, b: &Ex) -> Ex {
        let c = self.leaf();
        let text = self.method(a, "mul_add", &[&b.text, &c.text]);
        let both = product(a, b);
        let (bound, slope) = (both.bound + c.bound, both.slope + c.slope);
        Ex::new(text, bound, slope, both.wild || c.wild, true)
    }

    fn length(&mut self, a: &Ex, b: &Ex) -> Ex {
        let text = self.method(a, "hypot", &[&b.text]);
        let (bound, slope) = (a.bound + b.bound, a.slope + b.slope);
        Ex::new(text, bound, slope, a.wild || b.wild, true)
    }

    fn value_if(&mut self, depth: usize) -> Ex {
        let cond = self.boolean(1);
        let (a, b) = (self.float(depth - 1), self.float(depth - 1));
        let text = format!("(if {cond} {{ {} }} else {{ {} }})", a.text, b.text);
        Ex::either(text, &a, &b)
    }

    fn value_match(&mut self, depth: usize) -> Ex {
        let (subject, arms) = self.subject();
        let mut all = self.float(depth - 1);
        let mut text = format!("(match {subject} {{ {} => {}", arms[0], all.text);
        for arm in &arms[1..] {
            let value = self.float(depth - 1);
            text += &format!(", {arm} => {}", value.text);
            all = Ex::either(String::new(), &all, &value);
        }
        Ex {
            text: text + " })",
            ..all
        }
    }

    fn value_block(&mut self, depth: usize) -> Ex {
        let inner = self.float(depth - 1);
        let name = self.fresh();
        self.enter();
        self.declare(super::scope::Var::new(&name, Kind::Float, false));
        let rest = self.float(depth - 1);
        self.leave();
        let text = format!("({{ let {name}: f64 = {}; {} }})", inner.text, rest.text);
        let slope = rest.slope * inner.slope.max(1.0);
        Ex::new(text, rest.bound, slope, true, rest.typed)
    }

    /// A value returned by a helper function.
    pub(super) fn returned(&self, text: String) -> Ex {
        Ex::new(text, NOMINAL, 2.0, false, true)
    }

    /// An expression fit to be stored: damped to the nominal size.
    pub(super) fn settled(&mut self, depth: usize) -> Ex {
        let raw = self.float(depth);
        let limit = if self.in_loop() { 1.0 } else { 3.0 };
        self.settle(raw, limit)
    }

    pub(super) fn settle(&mut self, mut ex: Ex, limit: f64) -> Ex {
        if ex.bound > NOMINAL || ex.wild {
            let name = self.rng.pick(&["sin", "tanh", "cos", "atan", "sin"]);
            let text = self.method(&ex, name, &[]);
            ex = Ex::new(text, 1.6, ex.slope, false, true);
        }
        if ex.slope > limit {
            let factor = ((limit / ex.slope * 20.0).floor() / 20.0).max(0.1);
            ex.text = format!("({factor:?} * {})", ex.text);
            ex.slope *= factor;
        }
        ex
    }
}

fn product(a: &Ex, b: &Ex) -> Ex {
    let text = format!("({} * {})", a.text, b.text);
    let slope = a.bound * b.slope + b.bound * a.slope;
    let wild = a.wild || b.wild || (a.slope > 0.0 && b.slope > 0.0);
    Ex::new(text, a.bound * b.bound, slope, wild, a.typed || b.typed)
}
