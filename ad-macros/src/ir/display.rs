//! The IR as text, for snapshots and for reading: close to Rust, one statement a line.

use super::*;
use quote::ToTokens;

/// The text of a function.
pub(crate) fn dump(func: &Func) -> String {
    let params: Vec<&str> = func
        .params
        .iter()
        .map(|id| func.var(*id).name.as_str())
        .collect();
    let mut text = format!("fn ({})\n", params.join(", "));
    text += &dump_block(func, &func.body);
    if let Some(ret) = &func.ret {
        text += &format!("    return {}\n", atom(func, ret));
    }
    text
}

/// The text of one block of a function.
pub(crate) fn dump_block(func: &Func, block: &Block) -> String {
    let mut text = String::new();
    Dump {
        func,
        text: &mut text,
    }
    .block(block, 1);
    text
}

struct Dump<'a> {
    func: &'a Func,
    text: &'a mut String,
}

impl Dump<'_> {
    fn line(&mut self, depth: usize, line: &str) {
        *self.text += &format!("{}{line}\n", "    ".repeat(depth));
    }

    fn block(&mut self, block: &Block, depth: usize) {
        for stmt in &block.stmts {
            self.stmt(&stmt.kind, depth);
        }
    }

    fn name(&self, id: VarId) -> &str {
        &self.func.var(id).name
    }

    fn stmt(&mut self, kind: &StmtKind, depth: usize) {
        let func = self.func;
        let line = match kind {
            StmtKind::If(cond, yes, no) => {
                self.line(depth, &format!("if {}", atom(func, cond)));
                self.block(yes, depth + 1);
                if !no.is_empty() {
                    self.line(depth, "else");
                    self.block(no, depth + 1);
                }
                return;
            }
            StmtKind::Loop(each) => return self.loop_stmt(each, depth),
            StmtKind::Labelled(id, body) => {
                self.line(depth, &format!("block {}", id.0));
                return self.block(body, depth + 1);
            }
            StmtKind::Gate(params, body) => {
                self.line(depth, &format!("gate {params:?}"));
                return self.block(body, depth + 1);
            }
            StmtKind::Let(id, value) => format!("let {} = {}", self.name(*id), text(func, value)),
            StmtKind::Cell(id, Some(value)) => {
                format!("cell {} = {}", self.name(*id), text(func, value))
            }
            StmtKind::Cell(id, None) => format!("cell {}", self.name(*id)),
            StmtKind::Store { place, value, .. } => {
                format!("{} = {}", self::place(func, place), atom(func, value))
            }
            StmtKind::Update { place, op, value } => {
                let op = if *op == Sign::Plus { "+=" } else { "-=" };
                format!("{} {op} {}", self::place(func, place), atom(func, value))
            }
            StmtKind::View { var, place } => {
                format!("view {} = {}", self.name(*var), self::place(func, place))
            }
            StmtKind::Split { lo, hi, place, at } => format!(
                "view {}, {} = split {} at {}",
                self.name(*lo),
                self.name(*hi),
                self::place(func, place),
                atom(func, at)
            ),
            StmtKind::Swap(a, b) => format!("swap {}, {}", place(func, a), place(func, b)),
            StmtKind::Fill(to, value) => {
                format!("fill {} with {}", place(func, to), atom(func, value))
            }
            StmtKind::CopyFrom(to, from) => {
                format!("copy {} from {}", place(func, to), place(func, from))
            }
            StmtKind::Call(call) => self.call(call),
            StmtKind::Effect(opaque) => format!("effect {}", opaque.tokens),
            StmtKind::Exit(Exit::Break(_)) => "break".to_string(),
            StmtKind::Exit(Exit::Continue(_)) => "continue".to_string(),
            StmtKind::Exit(Exit::Diverge) => "diverge".to_string(),
            StmtKind::Accumulate { into, from } => {
                format!("accumulate {} += {}", place(func, into), place(func, from))
            }
            StmtKind::Clear(to) => format!("clear {}", place(func, to)),
            StmtKind::Take(id, from) => {
                format!("let {} = take {}", self.name(*id), place(func, from))
            }
            StmtKind::Push(tape, vars) => {
                format!("push {}: {}", self.name(*tape), self.names(vars))
            }
            StmtKind::Reserve(tape, from, to) => {
                let (from, to) = (atom(func, from), atom(func, to));
                format!("reserve {}: {from}..{to}", self.name(*tape))
            }
            StmtKind::Pop(tape, vars) => format!("pop {}: {}", self.name(*tape), self.names(vars)),
            StmtKind::Keep {
                tape, place: from, ..
            } => {
                format!("keep {}: {}", self.name(*tape), place(func, from))
            }
            StmtKind::Restore {
                tape, place: to, ..
            } => {
                format!("restore {}: {}", self.name(*tape), place(func, to))
            }
            StmtKind::Unless(_, body) => {
                self.line(depth, "unless");
                return self.block(body, depth + 1);
            }
            StmtKind::Given(_, body) => {
                self.line(depth, "given");
                return self.block(body, depth + 1);
            }
            StmtKind::Forget(id) => format!("forget {}", self.name(*id)),
            StmtKind::Derivative(derivative) => {
                format!("{:?} {}", derivative.kind, self.call(&derivative.call))
            }
        };
        self.line(depth, &line);
    }

    fn names(&self, ids: &[VarId]) -> String {
        let names: Vec<&str> = ids.iter().map(|id| self.name(*id)).collect();
        names.join(", ")
    }

    fn call(&self, call: &Call) -> String {
        let args: Vec<String> = call
            .args
            .iter()
            .map(|arg| match arg {
                Arg::Value(value) => atom(self.func, value),
                Arg::Ref {
                    place, mutability, ..
                } => {
                    let sign = if *mutability == Mutability::Mutable {
                        "&mut "
                    } else {
                        "&"
                    };
                    format!("{sign}{}", self::place(self.func, place))
                }
            })
            .collect();
        let callee = call.callee.to_token_stream().to_string().replace(' ', "");
        let out = call.out.map(|id| format!("let {} = ", self.name(id)));
        format!(
            "{}call {callee}({})",
            out.unwrap_or_default(),
            args.join(", ")
        )
    }

    fn loop_stmt(&mut self, each: &Loop, depth: usize) {
        let func = self.func;
        match &each.head {
            Head::Range(range) => {
                let dots = if range.inclusive { "..=" } else { ".." };
                let adapters: String = range
                    .adapters
                    .iter()
                    .map(|adapter| match adapter {
                        Adapter::Rev => " rev".to_string(),
                        Adapter::StepBy(step) => format!(" step {}", atom(func, step)),
                    })
                    .collect();
                let head = format!(
                    "for {} in {}{dots}{}{adapters}",
                    self.name(range.var),
                    atom(func, &range.from),
                    atom(func, &range.to)
                );
                self.line(depth, &head);
            }
            Head::While(test, cond) => {
                self.line(depth, "while");
                self.block(test, depth + 2);
                self.line(depth + 1, &format!("test {}", atom(func, cond)));
            }
            Head::Forever => self.line(depth, "loop"),
            Head::Schedule(schedule) => {
                let names = self.names(&[schedule.step, schedule.from, schedule.to]);
                self.line(depth, &format!("for {names} in schedule"));
            }
            Head::Drain(trips) => {
                let head = format!("repeat {}", self.name(*trips));
                self.line(depth, &head);
            }
        }
        self.block(&each.body, depth + 1);
    }
}

fn atom(func: &Func, atom: &Atom) -> String {
    match atom {
        Atom::Var(id) => func.var(*id).name.clone(),
        Atom::Lit(lit) => lit.to_token_stream().to_string(),
        Atom::Const(tokens) => tokens.to_string(),
    }
}

fn atoms(func: &Func, list: &[Atom]) -> String {
    let items: Vec<String> = list.iter().map(|item| atom(func, item)).collect();
    items.join(", ")
}

fn place(func: &Func, place: &Place) -> String {
    let mut text = func.var(place.root).name.clone();
    for proj in &place.path {
        text = match proj {
            Proj::Index(at) => format!("{text}[{}]", atom(func, at)),
            Proj::Range {
                from,
                to,
                inclusive,
            } => {
                let bound =
                    |at: &Option<Atom>| at.as_ref().map(|at| atom(func, at)).unwrap_or_default();
                let dots = if *inclusive { "..=" } else { ".." };
                format!("{text}[{}{dots}{}]", bound(from), bound(to))
            }
            Proj::Field(index) => format!("{text}.{index}"),
            Proj::Deref => format!("*{text}"),
        };
    }
    text
}

fn text(func: &Func, value: &Value) -> String {
    match value {
        Value::Atom(value) => atom(func, value),
        Value::Rule(rule, list, _) => format!("{}({})", rule.name, atoms(func, list)),
        Value::Inert(Inert::Operator(op), list) => {
            format!("({}) on {}", op.to_token_stream(), atoms(func, list))
        }
        Value::Inert(Inert::Not, list) => format!("not({})", atoms(func, list)),
        Value::Inert(Inert::Matches(pattern), list) => {
            format!("matches({}, {pattern})", atoms(func, list))
        }
        Value::Inert(Inert::Function(path), list) => format!("{path}({})", atoms(func, list)),
        Value::Inert(Inert::Method(name), list) => format!("{name}({})", atoms(func, list)),
        Value::Cast(value, _, to) => format!("{} as {to}", atom(func, value)),
        Value::Load(from) => format!("load {}", place(func, from)),
        Value::Len(from) => format!("len {}", place(func, from)),
        Value::List(_, list) => format!("[{}]", atoms(func, list)),
        Value::Repeat(_, elem, len) => format!("[{}; {}]", atom(func, elem), atom(func, len)),
        Value::Tuple(list) => format!("({})", atoms(func, list)),
        Value::Copied(from, _) => format!("copy of {}", place(func, from)),
        Value::Opaque(opaque) => format!("opaque {}", opaque.tokens),
        Value::ZeroLike(from) => format!("zero like {}", place(func, from)),
        Value::Helper(name, list) => format!("{name}({})", atoms(func, list)),
        Value::Sum(from) => format!("sum {}", place(func, from)),
        Value::Negate(value) => format!("-{}", atom(func, value)),
        Value::Gated(params, from) => format!("gate {params:?} {}", place(func, from)),
        Value::Own(from) => format!("own {}", place(func, from)),
        Value::Pooled(from) => format!("pooled {}", place(func, from)),
    }
}
