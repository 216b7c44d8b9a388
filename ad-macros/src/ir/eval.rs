//! An interpreter of the IR, for tests: primal and derivatives on plain values.
//!
//! It shares no code with the back end, so that a test can tell a wrong
//! transformation from wrong printing. Calls of other functions and opaque code
//! are not interpreted.

use super::*;
use std::collections::HashMap;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Datum {
    Float(f64),
    Int(i64),
    Bool(bool),
    Seq(Vec<Datum>),
    Unit,
}

use Datum::{Bool, Float, Int, Seq, Unit};

/// The variables of a running function.
pub(crate) struct Machine<'f> {
    func: &'f Func,
    vars: HashMap<VarId, Datum>,
    tapes: HashMap<VarId, Vec<Vec<Datum>>>,
    views: crate::analysis::views::Views,
    broken: bool,
}

impl<'f> Machine<'f> {
    pub fn new(func: &'f Func) -> Machine<'f> {
        Machine {
            func,
            vars: HashMap::new(),
            tapes: HashMap::new(),
            views: crate::analysis::views::Views::of(func),
            broken: false,
        }
    }

    pub fn set(&mut self, id: VarId, value: Datum) {
        self.vars.insert(id, value);
    }

    pub fn get(&self, id: VarId) -> Datum {
        self.vars[&id].clone()
    }

    pub fn result(&self) -> Datum {
        self.func.ret.as_ref().map_or(Unit, |ret| self.atom(ret))
    }

    pub fn run(&mut self, block: &Block) {
        for stmt in &block.stmts {
            self.stmt(&stmt.kind);
        }
    }

    fn stmt(&mut self, kind: &StmtKind) {
        match kind {
            StmtKind::Let(id, value) | StmtKind::Cell(id, Some(value)) => {
                let value = self.value(value);
                self.vars.insert(*id, value);
            }
            StmtKind::View { .. } => self.views.note(kind),
            StmtKind::Cell(..) | StmtKind::Split { .. } => {}
            StmtKind::Effect(_) => {}
            StmtKind::Store { place, value, .. } => {
                let value = self.atom(value);
                *self.place_mut(place) = value;
            }
            StmtKind::Update { place, op, value } => {
                let (old, new) = (self.load(place), self.atom(value));
                let name = if *op == Sign::Plus { "add" } else { "sub" };
                *self.place_mut(place) = rule(name, &[old, new]);
            }
            StmtKind::Swap(a, b) => {
                let (x, y) = (self.load(a), self.load(b));
                *self.place_mut(a) = y;
                *self.place_mut(b) = x;
            }
            StmtKind::Clear(place) => {
                let zero = zero(&self.load(place));
                *self.place_mut(place) = zero;
            }
            StmtKind::Take(id, place) => {
                let value = self.load(place);
                *self.place_mut(place) = zero(&value);
                self.vars.insert(*id, value);
            }
            StmtKind::Accumulate { into, from } => {
                let sum = add(&self.load(into), &self.load(from));
                *self.place_mut(into) = sum;
            }
            StmtKind::If(cond, yes, no) => {
                let branch = if self.atom(cond) == Bool(true) {
                    yes
                } else {
                    no
                };
                self.run(branch);
            }
            StmtKind::Gate(_, body) => self.run(body),
            StmtKind::Loop(each) => self.loop_stmt(each),
            StmtKind::Exit(_) => self.broken = true,
            StmtKind::Push(tape, vars) => {
                let record = vars.iter().map(|id| self.vars[id].clone()).collect();
                self.tapes.entry(*tape).or_default().push(record);
            }
            StmtKind::Pop(tape, vars) => {
                let record = self.tapes.get_mut(tape).and_then(Vec::pop);
                let record = record.expect("the tape holds a record");
                self.vars.extend(vars.iter().copied().zip(record));
            }
            StmtKind::Keep { tape, place, .. } => {
                let record = vec![self.load(place)];
                self.tapes.entry(*tape).or_default().push(record);
            }
            StmtKind::Restore { tape, place, .. } => {
                let record = self.tapes.get_mut(tape).and_then(Vec::pop);
                let mut record = record.expect("the tape holds a record");
                *self.place_mut(place) = record.remove(0);
            }
            StmtKind::Forget(_) | StmtKind::Reserve(..) => {}
            StmtKind::Unless(_, body) => self.run(body),
            StmtKind::Given(..) => {}
            other => panic!("the evaluator does not know {other:?}"),
        }
    }

    fn loop_stmt(&mut self, each: &Loop) {
        match &each.head {
            Head::Range(range) => {
                for at in self.trips(range) {
                    self.vars.insert(range.var, Int(at));
                    if self.trip(&each.body) {
                        return;
                    }
                }
            }
            Head::While(test, cond) => loop {
                self.run(test);
                if self.atom(cond) != Bool(true) || self.trip(&each.body) {
                    return;
                }
            },
            Head::Schedule(_) => panic!("the evaluator does not know schedules"),
            Head::Forever => while !self.trip(&each.body) {},
            Head::Drain(trips) => {
                let Int(count) = self.vars[trips] else {
                    panic!("trips are counted");
                };
                for _ in 0..count {
                    self.trip(&each.body);
                }
            }
        }
    }

    /// One iteration; whether it left the loop.
    fn trip(&mut self, body: &Block) -> bool {
        self.run(body);
        std::mem::take(&mut self.broken)
    }

    fn trips(&self, range: &Range) -> Vec<i64> {
        let (Int(from), Int(to)) = (self.atom(&range.from), self.atom(&range.to)) else {
            panic!("bounds are integers");
        };
        let to = to + i64::from(range.inclusive);
        let mut trips: Vec<i64> = (from..to).collect();
        for adapter in &range.adapters {
            match adapter {
                Adapter::Rev => trips.reverse(),
                Adapter::StepBy(step) => {
                    let Int(step) = self.atom(step) else {
                        panic!("a step is an integer");
                    };
                    trips = trips.into_iter().step_by(step as usize).collect();
                }
            }
        }
        trips
    }

    fn atom(&self, atom: &Atom) -> Datum {
        match atom {
            Atom::Var(id) => self.vars[id].clone(),
            Atom::Lit(syn::Lit::Float(lit)) => Float(lit.base10_parse().expect("a float")),
            Atom::Lit(syn::Lit::Int(lit)) => Int(lit.base10_parse().expect("an integer")),
            Atom::Lit(syn::Lit::Bool(lit)) => Bool(lit.value),
            Atom::Const(tokens) => constant(&tokens.to_string()),
            Atom::Lit(other) => panic!("the evaluator does not know {other:?}"),
        }
    }

    fn atoms(&self, atoms: &[Atom]) -> Vec<Datum> {
        atoms.iter().map(|atom| self.atom(atom)).collect()
    }

    fn index(&self, atom: &Atom) -> usize {
        match self.atom(atom) {
            Int(at) => at as usize,
            other => panic!("{other:?} is no index"),
        }
    }

    fn load(&self, place: &Place) -> Datum {
        let place = self.views.expand(place);
        let mut value = self.vars[&place.root].clone();
        for proj in &place.path {
            value = match (proj, value) {
                (Proj::Index(at), Seq(items)) => items[self.index(at)].clone(),
                (Proj::Field(at), Seq(items)) => items[*at].clone(),
                (Proj::Range { from, to, .. }, Seq(items)) => {
                    let from = from.as_ref().map_or(0, |at| self.index(at));
                    let to = to.as_ref().map_or(items.len(), |at| self.index(at));
                    Seq(items[from..to].to_vec())
                }
                (_, value) => value,
            };
        }
        value
    }

    fn place_mut(&mut self, place: &Place) -> &mut Datum {
        let place = self.views.expand(place);
        let mut offset = 0;
        let mut path = Vec::new();
        for proj in &place.path {
            match proj {
                Proj::Index(at) => path.push(self.index(at) + std::mem::take(&mut offset)),
                Proj::Field(at) => path.push(*at),
                Proj::Range { from, .. } => {
                    offset += from.as_ref().map_or(0, |at| self.index(at));
                }
                Proj::Deref => {}
            }
        }
        let mut value = self.vars.entry(place.root).or_insert(Unit);
        for at in path {
            let Seq(items) = value else {
                panic!("only sequences have parts");
            };
            value = &mut items[at];
        }
        value
    }

    fn value(&self, value: &Value) -> Datum {
        match value {
            Value::Atom(atom) => self.atom(atom),
            Value::Negate(atom) => rule("neg", &[self.atom(atom)]),
            Value::Rule(line, atoms, _) => rule(line.name, &self.atoms(atoms)),
            Value::Helper("hollow", _) => Float(0.0),
            Value::Helper(name, atoms) => helper(name, &self.atoms(atoms)),
            Value::Inert(inert, atoms) => self::inert(inert, &self.atoms(atoms)),
            Value::Cast(atom, to, _) => match (self.atom(atom), to) {
                (Int(value), Ty::Float(_)) => Float(value as f64),
                (Float(value), Ty::Discrete(_)) => Int(value as i64),
                (value, _) => value,
            },
            Value::Load(place)
            | Value::Own(place)
            | Value::Pooled(place)
            | Value::Copied(place, _)
            | Value::Gated(_, place) => self.load(place),
            Value::Len(place) => match self.load(place) {
                Seq(items) => Int(items.len() as i64),
                other => panic!("{other:?} has no length"),
            },
            Value::List(_, atoms) | Value::Tuple(atoms) => Seq(self.atoms(atoms)),
            Value::Repeat(_, elem, len) => Seq(vec![self.atom(elem); self.index(len)]),
            Value::ZeroLike(place) => zero(&self.load(place)),
            Value::Sum(place) => match self.load(place) {
                Seq(items) => items.iter().fold(Float(0.0), |sum, item| add(&sum, item)),
                other => other,
            },
            Value::Opaque(opaque) => panic!("the evaluator does not know {}", opaque.tokens),
        }
    }
}

/// A constant length, or `-0.0_f64`.
fn constant(text: &str) -> Datum {
    let text = text.replace(' ', "");
    let float = text.trim_end_matches("_f64").trim_end_matches("_f32");
    match text.parse() {
        Ok(length) => Int(length),
        Err(_) => Float(float.parse().expect("a constant number")),
    }
}

fn zero(value: &Datum) -> Datum {
    match value {
        Seq(items) => Seq(items.iter().map(zero).collect()),
        Float(_) => Float(0.0),
        Int(_) => Int(0),
        Bool(_) => Bool(false),
        Unit => Unit,
    }
}

fn add(a: &Datum, b: &Datum) -> Datum {
    match (a, b) {
        (Seq(xs), Seq(ys)) => Seq(xs.iter().zip(ys).map(|(x, y)| add(x, y)).collect()),
        (Float(x), Float(y)) => Float(x + y),
        (a, _) => a.clone(),
    }
}

fn rule(name: &str, args: &[Datum]) -> Datum {
    match args {
        [Float(x)] => Float(match name {
            "neg" => -x,
            "sin" => x.sin(),
            "cos" => x.cos(),
            "exp" => x.exp(),
            "ln" => x.ln(),
            "sqrt" => x.sqrt(),
            "tanh" => x.tanh(),
            "abs" => x.abs(),
            other => panic!("the evaluator does not know `{other}`"),
        }),
        [Float(x), Float(y)] => Float(match name {
            "add" => x + y,
            "sub" => x - y,
            "mul" => x * y,
            "div" => x / y,
            other => panic!("the evaluator does not know `{other}`"),
        }),
        [Float(x), Int(n)] if name == "powi" => Float(x.powi(*n as i32)),
        [Int(x), Int(y)] => Int(match name {
            "add" => x + y,
            "sub" => x - y,
            "mul" => x * y,
            "div" => x / y,
            "rem" => x % y,
            other => panic!("the evaluator does not know `{other}`"),
        }),
        other => panic!("the evaluator does not know `{name}` of {other:?}"),
    }
}

fn helper(name: &str, args: &[Datum]) -> Datum {
    use ad_runtime::partial;
    match (name, args) {
        ("sqrt", [Float(out)]) => Float(partial::sqrt(*out)),
        ("sqrt_with", [Float(out), Float(inverse)]) => Float(partial::sqrt_with(*out, *inverse)),
        ("tanh", [Float(x), Float(out)]) => Float(partial::tanh(*x, *out)),
        ("abs", [Float(x)]) => Float(partial::abs(*x)),
        ("powi", [Float(x), Int(n)]) => Float(partial::powi(*x, *n as i32)),
        other => panic!("the evaluator does not know {other:?}"),
    }
}

fn inert(inert: &Inert, args: &[Datum]) -> Datum {
    match (inert, args) {
        (Inert::Not, [Bool(value)]) => Bool(!value),
        (Inert::Operator(op), [Float(x), Float(y)]) => compare(op, x, y),
        (Inert::Operator(op), [Int(x), Int(y)]) => compare(op, x, y),
        other => panic!("the evaluator does not know {other:?}"),
    }
}

fn compare<T: PartialOrd>(op: &syn::BinOp, x: &T, y: &T) -> Datum {
    Bool(match op {
        syn::BinOp::Lt(_) => x < y,
        syn::BinOp::Le(_) => x <= y,
        syn::BinOp::Gt(_) => x > y,
        syn::BinOp::Ge(_) => x >= y,
        syn::BinOp::Eq(_) => x == y,
        _ => x != y,
    })
}
