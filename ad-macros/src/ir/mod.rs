//! The intermediate representation: one function body, small enough to reason about.
//!
//! ```text
//! block  := stmt*
//! stmt   := let v = value              a value, named once
//!         | cell v (= value)?          storage that later statements write
//!         | place = atom | place += atom | place -= atom
//!         | view v = & place           a name for a place
//!         | swap | fill | copy         whole-place effects of std
//!         | v = callee(args)           a call of another function
//!         | if atom block block | loop block
//!         | effect                     tokens that read and do not write
//! value  := atom | rule(atoms) | place | [atoms] | (atoms) | cast | inert(atoms) | opaque
//! place  := v (.field | [atom] | [atom..atom] | *)*
//! atom   := v | literal
//! ```
//!
//! Values are pure and evaluated where they stand. A variable is either
//! *named once* (a `let`: its value never changes, so it may stand for its value
//! anywhere in its scope) or a *cell* (storage; reading it is a `Load` at a point
//! of time). Control flow is structured and there is no phi: what leaves a branch
//! is a cell. `break` stands only in tail position of a loop body; `continue`,
//! labels, `return` and everything else is rewritten to that by
//! `front::structure`. Each variable has a unique name and keeps the user's span.
//!
//! The derivative is written in the same statements, plus the few that
//! [`StmtKind`] lists last: shadows, gates, tapes and derivative calls.

#[cfg(test)]
mod display;
#[cfg(test)]
pub(crate) mod eval;
mod verify;
pub(crate) mod visit;

#[cfg(test)]
pub(crate) use display::{dump, dump_block};
pub(crate) use verify::{verify, verify_sweeps};

use crate::rules::Rule;
use proc_macro2::{Span, TokenStream};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A variable of one [`Func`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) struct VarId(pub u32);

/// A loop, a labelled block or the function itself, as the target of an exit.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) struct LoopId(pub u32);

/// A function under differentiation.
#[derive(Clone, Debug)]
pub(crate) struct Func {
    pub vars: Vec<Var>,
    pub params: Vec<VarId>,
    /// Items declared in the body (`const`, `use`, ..), emitted as they are.
    pub items: Vec<TokenStream>,
    pub body: Block,
    /// What the function returns; `None` for `()`.
    pub ret: Option<Atom>,
    pub ret_ty: Ty,
    pub next_loop: u32,
    /// Names the user has for something: lowering's own variables avoid them.
    pub reserved: BTreeSet<String>,
    /// Variables of types that a macro cannot look into: operators on them are
    /// checked to be those of numbers.
    pub foreign: BTreeSet<VarId>,
    /// Functions declared in the body without a derivative.
    pub plain_fns: BTreeSet<String>,
    /// Loops whose iterations are to be run again from checkpoints.
    pub checkpoints: BTreeMap<LoopId, Checkpoint>,
    /// Names in use.
    pub names: BTreeSet<String>,
    /// Per base, the last number tried.
    pub numbers: HashMap<String, usize>,
}

/// `#[checkpoint]` on a loop.
#[derive(Clone, Debug)]
pub(crate) struct Checkpoint {
    /// How many checkpoints there may be at a time; `None`: as the square root of the
    /// number of trips.
    pub budget: Option<Atom>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct Var {
    /// Unique in the function; the user's own name where that is free.
    pub name: String,
    pub span: Span,
    pub ty: Ty,
    pub role: Role,
    /// Storage that statements write, as opposed to a value named once.
    pub cell: bool,
    /// A parameter of reference type, or a view.
    pub reference: Option<Mutability>,
    /// The type, where the user wrote it.
    pub annotated: Option<TokenStream>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mutability {
    Shared,
    Mutable,
}

#[derive(Clone, Debug)]
pub(crate) enum Role {
    /// The parameter of this position.
    Param(usize),
    /// Named by the user.
    Local,
    /// Introduced by lowering.
    Temp,
    /// A constant, static or other path that is not a local variable.
    Global(TokenStream),
    /// The adjoint or tangent of another variable.
    Shadow,
    /// Saved in the forward sweep for the reverse sweep: tapes and pullbacks.
    Tape,
}

/// What is known of a type. A macro sees no types: this is inferred from the
/// signature, literals, casts and the way values are used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ty {
    /// `f32`, `f64`, or a float whose width is not known.
    Float(Option<Width>),
    /// Integers, booleans, characters: no derivative. The name where known.
    Discrete(Option<String>),
    /// Slices, arrays and `Vec`.
    Seq(Box<Ty>, SeqForm),
    Tuple(Vec<Ty>),
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    F32,
    F64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SeqForm {
    Array,
    Vec,
    Slice,
    Unknown,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Block {
    pub stmts: Vec<Stmt>,
}

#[derive(Clone, Debug)]
pub(crate) struct Stmt {
    pub span: Span,
    pub kind: StmtKind,
}

#[derive(Clone, Debug)]
pub(crate) enum StmtKind {
    /// A value, named once.
    Let(VarId, Value),
    /// Storage, with its first value unless it is initialised later.
    Cell(VarId, Option<Value>),
    /// `place = atom`. `first`: nothing was in the place before.
    Store {
        place: Place,
        value: Atom,
        first: bool,
    },
    /// `place += atom` or `place -= atom`.
    Update {
        place: Place,
        op: Sign,
        value: Atom,
    },
    /// `let v = &place` or `&mut place`.
    View {
        var: VarId,
        place: Place,
    },
    /// `let (lo, hi) = place.split_at(at)` or `split_at_mut`.
    Split {
        lo: VarId,
        hi: VarId,
        place: Place,
        at: Atom,
    },
    Swap(Place, Place),
    Fill(Place, Atom),
    CopyFrom(Place, Place),
    Call(Call),
    If(Atom, Block, Block),
    Loop(Loop),
    /// User tokens that may read variables and write none.
    Effect(Opaque),
    /// Leaves a loop, a block or the function. After `structure` only
    /// `Break` of the innermost loop in tail position is left.
    Exit(Exit),
    /// A labelled block; gone after `structure`.
    Labelled(LoopId, Block),

    // Derivative code only, from here on.
    /// Runs when one of the parameters in the set has a shadow.
    Gate(Params, Block),
    /// `accumulate(&mut place, &other)`: adds whole values.
    Accumulate {
        into: Place,
        from: Place,
    },
    /// Sets a whole place to zero.
    Clear(Place),
    /// `let v = take(&mut place)`: the whole value, leaving zero.
    Take(VarId, Place),
    /// Saves the variables as one record.
    Push(VarId, Vec<VarId>),
    /// Makes room on a tape for as many records as there are numbers between the two.
    Reserve(VarId, Atom, Atom),
    /// Restores the variables of the last record.
    Pop(VarId, Vec<VarId>),
    /// Saves the content of a place, unless the fact holds. `exchange`: if these facts
    /// hold, the place gets other memory of the same length instead of a copy being made.
    Keep {
        tape: VarId,
        place: Place,
        unless: Option<Fact>,
        exchange: Option<Vec<Fact>>,
    },
    /// Puts the content saved last back into the place, unless the fact holds.
    Restore {
        tape: VarId,
        place: Place,
        unless: Option<Fact>,
    },
    /// What the variable holds is of no use from here on: it is written before it is
    /// read. Prints nothing.
    Forget(VarId),
    /// Runs unless all of the facts hold.
    Unless(Vec<Fact>, Block),
    /// Runs if all of the facts hold.
    Given(Vec<Fact>, Block),
    /// A call of a derivative of another function.
    Derivative(Derivative),
}

/// What a caller may ask of a callee: a constant of the callee's companion.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    pub callee: syn::Path,
    /// The argument, by position.
    pub argument: usize,
    pub kind: FactKind,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FactKind {
    /// The callee writes the argument before it reads it, to an extent that depends
    /// on no other arguments than these.
    Overwrites(Vec<usize>),
    /// The pullback does not look at the argument.
    Unread,
    /// The adjoint of the argument is linear in those of the results, with coefficients
    /// that are made of these arguments only.
    Linear(Vec<usize>),
}

impl PartialEq for Fact {
    fn eq(&self, other: &Fact) -> bool {
        let path = |fact: &Fact| quote::ToTokens::to_token_stream(&fact.callee).to_string();
        self.argument == other.argument && self.kind == other.kind && path(self) == path(other)
    }
}

/// A set of parameters, by position.
pub(crate) type Params = BTreeSet<usize>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    Plus,
    Minus,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Break(LoopId),
    Continue(LoopId),
    /// The path ends in a panic: nothing follows.
    Diverge,
}

#[derive(Clone, Debug)]
pub(crate) struct Loop {
    pub id: LoopId,
    pub head: Head,
    pub body: Block,
}

#[derive(Clone, Debug)]
pub(crate) enum Head {
    /// `for var in from..to`, possibly `..=`, stepped and reversed.
    Range(Range),
    /// `while`: the block computes the condition.
    While(Block, Atom),
    Forever,
    /// Derivative code: as many trips as the tape holds records.
    Drain(VarId),
    /// Derivative code: the steps that reverse a loop from checkpoints.
    Schedule(Box<Schedule>),
}

impl Head {
    /// Whether the number of trips is in the source.
    pub fn is_fixed(&self) -> bool {
        let literal = |atom: &Atom| matches!(atom, Atom::Lit(_));
        matches!(self, Head::Range(range) if literal(&range.from) && literal(&range.to))
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Range {
    pub var: VarId,
    pub from: Atom,
    pub to: Atom,
    pub inclusive: bool,
    /// Adapters in the user's order: `.rev()`, `.step_by(n)`.
    pub adapters: Vec<Adapter>,
}

/// `for (step, from, to) in schedule(start, end, budget)`
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    /// What is to be done, and for which iterations.
    pub step: VarId,
    pub from: VarId,
    pub to: VarId,
    pub range: (Atom, Atom),
    pub budget: Atom,
}

#[derive(Clone, Debug)]
pub(crate) enum Adapter {
    Rev,
    StepBy(Atom),
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    Atom(Atom),
    /// A function or operator of the rules table.
    Rule(&'static Rule, Vec<Atom>, Form),
    /// A scalar function without derivative: comparisons, bit operations, ..
    Inert(Inert, Vec<Atom>),
    /// `atom as type`.
    Cast(Atom, Ty, TokenStream),
    Load(Place),
    /// `place.len()`.
    Len(Place),
    /// `[a, b]` or `vec![a, b]`.
    List(SeqForm, Vec<Atom>),
    /// `[a; n]` or `vec![a; n]`; the length of an array is the user's tokens.
    Repeat(SeqForm, Atom, Atom),
    Tuple(Vec<Atom>),
    /// `place.to_vec()` or `place.clone()`.
    Copied(Place, CopyForm),
    Opaque(Opaque),

    // Derivative code only, from here on.
    /// A zero of the shape of the place.
    ZeroLike(Place),
    /// A helper of the runtime, by name.
    Helper(&'static str, Vec<Atom>),
    /// The sum of the elements of a place.
    Sum(Place),
    /// `-atom`; no rule, so that it may stand for what has no sign.
    Negate(Atom),
    /// The place where the parameters of the gate are on, else zero.
    Gated(Params, Place),
    /// An owned copy of a place.
    Own(Place),
    /// A copy of an array in memory of the pool.
    Pooled(Place),
}

/// How a function of the table is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `x.sin()`, and operators.
    Method,
    /// `f64::sin(x)`: the type may follow from nothing else.
    Path(Width),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CopyForm {
    ToVec,
    Clone,
}

#[derive(Clone, Debug)]
pub(crate) enum Inert {
    /// A binary operator of Rust that has no derivative: `<`, `&`, `<<`, ..
    Operator(syn::BinOp),
    /// `!`
    Not,
    /// `matches!(atom, pattern)`
    Matches(TokenStream),
    /// `receiver.method(args)`
    Method(proc_macro2::Ident),
    /// `stop_gradient(arg)`, by the path the user wrote.
    Function(TokenStream),
}

/// User tokens that are passed through. They write no variable.
#[derive(Clone, Debug)]
pub(crate) struct Opaque {
    pub tokens: TokenStream,
    /// The local variables that occur, by the name they have in the tokens.
    pub reads: Vec<(String, VarId)>,
    pub why: Why,
}

/// Why tokens are opaque: it decides which of them may see an active value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// Assertions and printing: reading an active value is fine.
    Harmless,
    /// An expression outside the language.
    Unsupported,
    /// A macro that is not known.
    Macro,
    /// A method that is not known.
    Method,
    /// A closure.
    Closure,
    /// Hides the value in its bits.
    Bits,
    /// An iterator chain.
    Iterator,
}

#[derive(Clone, Debug)]
pub(crate) enum Atom {
    Var(VarId),
    Lit(syn::Lit),
    /// Tokens of a constant expression: an array length, `-1.0`.
    Const(TokenStream),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Place {
    pub root: VarId,
    pub path: Vec<Proj>,
}

#[derive(Clone, Debug)]
pub(crate) enum Proj {
    Index(Atom),
    Range {
        from: Option<Atom>,
        to: Option<Atom>,
        inclusive: bool,
    },
    Field(usize),
    Deref,
}

#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// The result; `None` where the user drops it.
    pub out: Option<VarId>,
    pub callee: syn::Path,
    pub args: Vec<Arg>,
    /// The reverse sweep runs the callee again: nothing is lost without this call.
    pub repeated: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Arg {
    Value(Atom),
    /// A reference: written `&place` / `&mut place`, or a reference passed on.
    Ref {
        place: Place,
        mutability: Mutability,
        /// The callee may take a mutable reference as a shared one.
        passed_on: bool,
    },
}

/// A call of a derivative of another function, for a [`Call`] of the primal.
#[derive(Clone, Debug)]
pub(crate) struct Derivative {
    pub kind: DerivativeKind,
    pub call: Call,
    /// Per argument: the marker and the shadow.
    pub shadows: Vec<ShadowArg>,
    /// Reverse: the seed.
    pub seed: Option<Atom>,
    /// Forward: the tangent of the result. Augmented: the pullback.
    pub second: Option<VarId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DerivativeKind {
    /// `let (out, second) = callee::__forward(..)`
    Forward,
    /// `let (out, second) = callee::__augmented(..)`
    Augmented,
    /// `second(again, shadow, .., seed)`
    Pullback,
    /// `callee::__reverse(..)`
    Joint,
}

#[derive(Clone, Debug)]
pub(crate) struct ShadowArg {
    /// Which parameters decide whether the argument has a shadow; `None`: it has none.
    pub active: Option<Params>,
    /// Where the shadow is.
    pub place: Option<Place>,
    /// If the fact holds, the adjoint comes from a later call.
    pub later: Option<Fact>,
}

impl ShadowArg {
    pub fn none() -> ShadowArg {
        ShadowArg {
            active: None,
            place: None,
            later: None,
        }
    }
}

impl Func {
    pub fn var(&self, id: VarId) -> &Var {
        &self.vars[id.0 as usize]
    }

    pub fn var_mut(&mut self, id: VarId) -> &mut Var {
        &mut self.vars[id.0 as usize]
    }

    pub fn add(&mut self, var: Var) -> VarId {
        self.names.insert(var.name.clone());
        self.vars.push(var);
        VarId(self.vars.len() as u32 - 1)
    }

    /// A fresh variable, named after `base` with the first free suffix.
    pub fn fresh(&mut self, base: &str, span: Span, ty: Ty, role: Role) -> VarId {
        let theirs = matches!(role, Role::Local | Role::Param(_)) && self.reserved.contains(base);
        let name = if theirs && !self.names.contains(base) {
            base.to_string()
        } else {
            let name = self.free_name(base);
            let number = name.trim_start_matches(base).trim_start_matches('_');
            if let Ok(number) = number.parse() {
                self.numbers.insert(base.to_string(), number);
            }
            name
        };
        self.add(Var {
            name,
            span,
            ty,
            role,
            cell: false,
            reference: None,
            annotated: None,
        })
    }

    /// `base`, or `base2`, `base3`, .. : a name no variable has.
    pub fn free_name(&self, base: &str) -> String {
        let taken = |name: &str| self.reserved.contains(name) || self.names.contains(name);
        if !taken(base) {
            return base.to_string();
        }
        let join = if base.ends_with(|c: char| c.is_ascii_digit()) {
            "_"
        } else {
            ""
        };
        let last = self.numbers.get(base).copied().unwrap_or(1);
        (last + 1..)
            .map(|n| format!("{base}{join}{n}"))
            .find(|name| !taken(name))
            .expect("there is always a free number")
    }

    pub fn fresh_loop(&mut self) -> LoopId {
        self.next_loop += 1;
        LoopId(self.next_loop)
    }
}

impl StmtKind {
    /// `place = value`, for a place that has held a value before.
    pub fn assign(place: Place, value: Atom) -> StmtKind {
        let first = false;
        StmtKind::Store {
            place,
            value,
            first,
        }
    }
}

impl Sign {
    pub fn flipped(self) -> Sign {
        match self {
            Sign::Plus => Sign::Minus,
            Sign::Minus => Sign::Plus,
        }
    }
}

impl Width {
    pub fn name(self) -> &'static str {
        match self {
            Width::F32 => "f32",
            Width::F64 => "f64",
        }
    }
}

impl Exit {
    pub fn target(self) -> Option<LoopId> {
        match self {
            Exit::Break(id) | Exit::Continue(id) => Some(id),
            Exit::Diverge => None,
        }
    }
}

impl Block {
    pub fn push(&mut self, span: Span, kind: StmtKind) {
        self.stmts.push(Stmt { span, kind });
    }

    pub fn is_empty(&self) -> bool {
        self.stmts.is_empty()
    }
}

impl Place {
    pub fn of(root: VarId) -> Place {
        Place {
            root,
            path: Vec::new(),
        }
    }

    pub fn then(mut self, proj: Proj) -> Place {
        self.path.push(proj);
        self
    }

    /// The atoms that choose the place.
    pub fn atoms(&self) -> impl Iterator<Item = &Atom> {
        self.path.iter().flat_map(|proj| match proj {
            Proj::Index(atom) => vec![atom],
            Proj::Range { from, to, .. } => from.iter().chain(to.iter()).collect(),
            Proj::Field(_) | Proj::Deref => Vec::new(),
        })
    }

    pub fn atoms_mut(&mut self) -> impl Iterator<Item = &mut Atom> {
        self.path.iter_mut().flat_map(|proj| match proj {
            Proj::Index(atom) => vec![atom],
            Proj::Range { from, to, .. } => from.iter_mut().chain(to.iter_mut()).collect(),
            Proj::Field(_) | Proj::Deref => Vec::new(),
        })
    }
}

impl Range {
    /// Whether it runs through all of `from..to`, in either direction.
    pub fn is_whole(&self) -> bool {
        let stepped = |adapter: &Adapter| matches!(adapter, Adapter::StepBy(_));
        !self.inclusive && !self.adapters.iter().any(stepped)
    }

    /// Whether it runs through all of `from..to`, as it is written.
    pub fn is_plain(&self) -> bool {
        !self.inclusive && self.adapters.is_empty()
    }

    /// Whether it runs upwards, as the reverse of one that runs down does.
    pub fn runs_up(&self) -> bool {
        let turns = |adapter: &&Adapter| matches!(adapter, Adapter::Rev);
        self.adapters.iter().filter(turns).count().is_multiple_of(2)
    }
}

impl Value {
    /// An operator or a function of the table.
    pub fn operation(name: &str, atoms: Vec<Atom>) -> Value {
        let rule = crate::rules::find(name).expect("operations are in the table");
        Value::Rule(rule, atoms, Form::Method)
    }
}

impl Atom {
    pub fn var(&self) -> Option<VarId> {
        match self {
            Atom::Var(id) => Some(*id),
            Atom::Lit(_) | Atom::Const(_) => None,
        }
    }

    /// A float literal without a suffix.
    pub fn float(value: &str) -> Atom {
        Atom::Lit(syn::Lit::Float(syn::LitFloat::new(
            value,
            Span::call_site(),
        )))
    }

    /// A float literal of a type; with a suffix if that is `f32`.
    pub fn float_for(ty: &Ty, digits: &str) -> Atom {
        match ty {
            Ty::Float(Some(Width::F32)) => Atom::float(&format!("{digits}_f32")),
            _ => Atom::float(digits),
        }
    }

    /// An integer literal without a suffix.
    pub fn int(value: usize) -> Atom {
        Atom::Lit(syn::Lit::Int(syn::LitInt::new(
            &value.to_string(),
            Span::call_site(),
        )))
    }

    /// The integer zero.
    pub fn is_zero(&self) -> bool {
        matches!(self, Atom::Lit(syn::Lit::Int(lit)) if lit.base10_digits() == "0")
    }

    /// The zero that adjoints start with, of either sign.
    pub fn is_zero_float(&self) -> bool {
        let tokens = match self {
            Atom::Const(tokens) => tokens.to_string(),
            Atom::Lit(lit) => quote::ToTokens::to_token_stream(lit).to_string(),
            Atom::Var(_) => return false,
        };
        let digits = tokens.trim_start_matches(['-', ' ']);
        let digits = digits.trim_end_matches("_f64").trim_end_matches("_f32");
        digits == "0.0"
    }

    pub fn boolean(value: bool) -> Atom {
        Atom::Lit(syn::Lit::Bool(syn::LitBool::new(value, Span::call_site())))
    }
}

impl PartialEq for Atom {
    fn eq(&self, other: &Atom) -> bool {
        match (self, other) {
            (Atom::Var(a), Atom::Var(b)) => a == b,
            (Atom::Lit(a), Atom::Lit(b)) => a == b,
            (Atom::Const(a), Atom::Const(b)) => a.to_string() == b.to_string(),
            _ => false,
        }
    }
}

impl Proj {
    /// `[..]`
    pub fn everything() -> Proj {
        Proj::Range {
            from: None,
            to: None,
            inclusive: false,
        }
    }
}

impl PartialEq for Proj {
    fn eq(&self, other: &Proj) -> bool {
        match (self, other) {
            (Proj::Index(a), Proj::Index(b)) => a == b,
            (Proj::Field(a), Proj::Field(b)) => a == b,
            (Proj::Deref, Proj::Deref) => true,
            (
                Proj::Range {
                    from: a,
                    to: b,
                    inclusive: c,
                },
                Proj::Range {
                    from: d,
                    to: e,
                    inclusive: f,
                },
            ) => a == d && b == e && c == f,
            _ => false,
        }
    }
}

impl Ty {
    /// Whether values of the type can carry a derivative.
    pub fn carries(&self) -> bool {
        match self {
            Ty::Float(_) | Ty::Unknown => true,
            Ty::Discrete(_) => false,
            Ty::Seq(elem, _) => elem.carries(),
            Ty::Tuple(items) => items.iter().any(Ty::carries),
        }
    }

    pub fn is_float(&self) -> bool {
        matches!(self, Ty::Float(_))
    }

    /// One number: no parts, `Copy`.
    pub fn is_scalar(&self) -> bool {
        matches!(self, Ty::Float(_) | Ty::Discrete(_))
    }

    pub fn is_usize(&self) -> bool {
        matches!(self, Ty::Discrete(Some(name)) if name == "usize")
    }

    pub fn discrete(name: &str) -> Ty {
        Ty::Discrete(Some(name.to_string()))
    }
}
