//! Walks: which atoms and places a statement reads, which places it writes.

use super::*;

impl Value {
    /// Calls `see` with every atom the value reads, those of places included.
    pub fn atoms<'a>(&'a self, see: &mut dyn FnMut(&'a Atom)) {
        match self {
            Value::Atom(atom) | Value::Cast(atom, ..) | Value::Negate(atom) => see(atom),
            Value::Rule(_, atoms, _)
            | Value::Inert(_, atoms)
            | Value::List(_, atoms)
            | Value::Tuple(atoms)
            | Value::Helper(_, atoms) => atoms.iter().for_each(see),
            Value::Repeat(_, elem, len) => {
                see(elem);
                see(len);
            }
            Value::Load(place)
            | Value::Len(place)
            | Value::Copied(place, _)
            | Value::ZeroLike(place)
            | Value::Sum(place)
            | Value::Gated(_, place)
            | Value::Own(place)
            | Value::Pooled(place) => place.atoms().for_each(see),
            Value::Opaque(_) => {}
        }
    }

    /// The place the value is read from, if it is.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Value::Load(place)
            | Value::Len(place)
            | Value::Copied(place, _)
            | Value::ZeroLike(place)
            | Value::Sum(place)
            | Value::Gated(_, place)
            | Value::Own(place)
            | Value::Pooled(place) => Some(place),
            _ => None,
        }
    }
}

impl Value {
    pub fn place_mut(&mut self) -> Option<&mut Place> {
        match self {
            Value::Load(place)
            | Value::Len(place)
            | Value::Copied(place, _)
            | Value::ZeroLike(place)
            | Value::Sum(place)
            | Value::Gated(_, place)
            | Value::Own(place)
            | Value::Pooled(place) => Some(place),
            _ => None,
        }
    }
}

/// What one statement does by itself, nested blocks left out.
#[derive(Default)]
pub(crate) struct Access<'a> {
    /// Values it uses.
    pub atoms: Vec<&'a Atom>,
    /// Places it reads.
    pub reads: Vec<&'a Place>,
    /// Places it writes.
    pub writes: Vec<&'a Place>,
    /// Variables it names.
    pub defines: Vec<VarId>,
    /// Variables it mentions in tokens that are passed through.
    pub mentions: Vec<VarId>,
}

impl<'a> Access<'a> {
    fn value(&mut self, value: &'a Value) {
        value.atoms(&mut |atom| self.atoms.push(atom));
        self.reads.extend(value.place());
        if let Value::Opaque(opaque) = value {
            self.opaque(opaque);
        }
    }

    fn opaque(&mut self, opaque: &'a Opaque) {
        self.mentions.extend(opaque.reads.iter().map(|(_, id)| *id));
    }

    fn read(&mut self, place: &'a Place) {
        self.atoms.extend(place.atoms());
        self.reads.push(place);
    }

    fn write(&mut self, place: &'a Place) {
        self.atoms.extend(place.atoms());
        self.writes.push(place);
    }

    fn args(&mut self, args: &'a [Arg]) {
        for arg in args {
            match arg {
                Arg::Value(atom) => self.atoms.push(atom),
                Arg::Ref {
                    place, mutability, ..
                } => {
                    self.read(place);
                    if *mutability == Mutability::Mutable {
                        self.writes.push(place);
                    }
                }
            }
        }
    }

    /// Every variable involved in any way.
    pub fn variables(&self) -> impl Iterator<Item = VarId> {
        let atoms = self.atoms.iter().filter_map(|atom| atom.var());
        let places = self.reads.iter().chain(&self.writes);
        atoms
            .chain(places.map(|place| place.root))
            .chain(self.mentions.iter().copied())
    }
}

impl StmtKind {
    pub fn access(&self) -> Access<'_> {
        let mut access = Access::default();
        match self {
            StmtKind::Let(id, value) => {
                access.value(value);
                access.defines.push(*id);
            }
            StmtKind::Cell(id, value) => {
                if let Some(value) = value {
                    access.value(value);
                }
                access.defines.push(*id);
            }
            StmtKind::Store { place, value, .. } => {
                access.atoms.push(value);
                access.write(place);
            }
            StmtKind::Update { place, value, .. } => {
                access.atoms.push(value);
                access.reads.push(place);
                access.write(place);
            }
            StmtKind::View { var, place } => {
                access.atoms.extend(place.atoms());
                access.reads.push(place);
                access.defines.push(*var);
            }
            StmtKind::Split { lo, hi, place, at } => {
                access.atoms.push(at);
                access.read(place);
                access.defines.extend([*lo, *hi]);
            }
            StmtKind::Swap(left, right) => {
                access.reads.extend([left, right]);
                access.write(left);
                access.write(right);
            }
            StmtKind::Fill(place, value) => {
                access.atoms.push(value);
                access.write(place);
            }
            StmtKind::CopyFrom(to, from) => {
                access.write(to);
                access.read(from);
            }
            StmtKind::Call(call) => {
                access.args(&call.args);
                access.defines.extend(call.out);
            }
            StmtKind::If(cond, _, _) => access.atoms.push(cond),
            StmtKind::Loop(each) => match &each.head {
                Head::Range(range) => {
                    access.atoms.extend([&range.from, &range.to]);
                    for adapter in &range.adapters {
                        if let Adapter::StepBy(step) = adapter {
                            access.atoms.push(step);
                        }
                    }
                    access.defines.push(range.var);
                }
                Head::While(_, cond) => access.atoms.push(cond),
                Head::Forever => {}
                Head::Drain(tape) => access.mentions.push(*tape),
                Head::Schedule(schedule) => {
                    let (start, end) = &schedule.range;
                    access.atoms.extend([start, end, &schedule.budget]);
                    let defines = [schedule.step, schedule.from, schedule.to];
                    access.defines.extend(defines);
                }
            },
            StmtKind::Effect(opaque) => access.opaque(opaque),
            StmtKind::Exit(_) | StmtKind::Labelled(..) | StmtKind::Gate(..) => {}
            StmtKind::Accumulate { into, from } => {
                access.reads.push(into);
                access.write(into);
                access.read(from);
            }
            StmtKind::Clear(place) => access.write(place),
            StmtKind::Take(id, place) => {
                access.reads.push(place);
                access.write(place);
                access.defines.push(*id);
            }
            StmtKind::Push(tape, vars) => {
                access.mentions.push(*tape);
                access.mentions.extend(vars);
            }
            StmtKind::Reserve(tape, from, to) => {
                access.mentions.push(*tape);
                access.atoms.extend([from, to]);
            }
            StmtKind::Pop(tape, vars) => {
                access.mentions.push(*tape);
                access.defines.extend(vars);
            }
            StmtKind::Keep {
                tape,
                place,
                exchange,
                ..
            } => {
                access.read(place);
                access.writes.extend(exchange.as_ref().map(|_| place));
                access.mentions.push(*tape);
            }
            StmtKind::Restore { tape, place, .. } => {
                access.write(place);
                access.mentions.push(*tape);
            }
            StmtKind::Forget(_) | StmtKind::Unless(..) | StmtKind::Given(..) => {}
            StmtKind::Derivative(derivative) => derivative_access(derivative, &mut access),
        }
        access
    }

    /// The blocks nested in the statement, in order.
    pub fn blocks(&self) -> Vec<&Block> {
        match self {
            StmtKind::If(_, yes, no) => vec![yes, no],
            StmtKind::Loop(each) => match &each.head {
                Head::While(test, _) => vec![test, &each.body],
                _ => vec![&each.body],
            },
            StmtKind::Labelled(_, body)
            | StmtKind::Gate(_, body)
            | StmtKind::Unless(_, body)
            | StmtKind::Given(_, body) => vec![body],
            _ => Vec::new(),
        }
    }

    pub fn blocks_mut(&mut self) -> Vec<&mut Block> {
        match self {
            StmtKind::If(_, yes, no) => vec![yes, no],
            StmtKind::Loop(each) => match &mut each.head {
                Head::While(test, _) => vec![test, &mut each.body],
                _ => vec![&mut each.body],
            },
            StmtKind::Labelled(_, body)
            | StmtKind::Gate(_, body)
            | StmtKind::Unless(_, body)
            | StmtKind::Given(_, body) => vec![body],
            _ => Vec::new(),
        }
    }
}

fn derivative_access<'a>(derivative: &'a Derivative, access: &mut Access<'a>) {
    access.args(&derivative.call.args);
    access.atoms.extend(&derivative.seed);
    for place in derivative
        .shadows
        .iter()
        .filter_map(|arg| arg.place.as_ref())
    {
        access.reads.push(place);
        access.write(place);
    }
    match derivative.kind {
        DerivativeKind::Forward | DerivativeKind::Augmented => {
            access.defines.extend(derivative.call.out);
            access.defines.extend(derivative.second);
        }
        DerivativeKind::Pullback => access.mentions.extend(derivative.second),
        DerivativeKind::Joint => {}
    }
}

impl Stmt {
    /// Whether the statement, or one nested in it, has to do with a variable.
    pub fn involves(&self, id: VarId) -> bool {
        let own = self.kind.access().variables().any(|other| other == id);
        let mut inner = self.kind.blocks().into_iter();
        own || inner.any(|block| block.stmts.iter().any(|stmt| stmt.involves(id)))
    }
}

/// Calls `see` with every statement, outer before inner.
pub(crate) fn walk<'a>(block: &'a Block, see: &mut dyn FnMut(&'a Stmt)) {
    for stmt in &block.stmts {
        see(stmt);
        for inner in stmt.kind.blocks() {
            walk(inner, see);
        }
    }
}

/// Calls `see` with every atom of every statement, to be replaced.
pub(crate) fn map_atoms(block: &mut Block, see: &mut dyn FnMut(&mut Atom)) {
    for stmt in &mut block.stmts {
        atoms_mut(&mut stmt.kind, see);
        for inner in stmt.kind.blocks_mut() {
            map_atoms(inner, see);
        }
    }
}

fn atoms_mut(kind: &mut StmtKind, see: &mut dyn FnMut(&mut Atom)) {
    places_mut(kind, &mut |place| place.atoms_mut().for_each(&mut *see));
    match kind {
        StmtKind::Let(_, value) | StmtKind::Cell(_, Some(value)) => own_atoms_mut(value, see),
        StmtKind::Store { value: atom, .. }
        | StmtKind::Update { value: atom, .. }
        | StmtKind::Fill(_, atom)
        | StmtKind::Split { at: atom, .. }
        | StmtKind::If(atom, ..) => see(atom),
        StmtKind::Call(call) => call_atoms_mut(call, see),
        StmtKind::Derivative(derivative) => {
            call_atoms_mut(&mut derivative.call, see);
            derivative.seed.iter_mut().for_each(see);
        }
        StmtKind::Loop(each) => match &mut each.head {
            Head::Range(range) => {
                see(&mut range.from);
                see(&mut range.to);
                for adapter in &mut range.adapters {
                    if let Adapter::StepBy(step) = adapter {
                        see(step);
                    }
                }
            }
            Head::While(_, cond) => see(cond),
            Head::Forever | Head::Drain(_) => {}
            Head::Schedule(schedule) => {
                see(&mut schedule.range.0);
                see(&mut schedule.range.1);
                see(&mut schedule.budget);
            }
        },
        StmtKind::Reserve(_, from, to) => {
            see(from);
            see(to);
        }
        _ => {}
    }
}

/// The arguments by value.
fn call_atoms_mut(call: &mut Call, see: &mut dyn FnMut(&mut Atom)) {
    for arg in &mut call.args {
        if let Arg::Value(atom) = arg {
            see(atom);
        }
    }
}

/// The atoms of a value but for those of its place.
fn own_atoms_mut(value: &mut Value, see: &mut dyn FnMut(&mut Atom)) {
    match value {
        Value::Atom(atom) | Value::Cast(atom, ..) | Value::Negate(atom) => see(atom),
        Value::Rule(_, atoms, _)
        | Value::Inert(_, atoms)
        | Value::List(_, atoms)
        | Value::Tuple(atoms)
        | Value::Helper(_, atoms) => atoms.iter_mut().for_each(see),
        Value::Repeat(_, elem, len) => {
            see(elem);
            see(len);
        }
        _ => {}
    }
}

/// Calls `see` with every place of every statement, to be replaced.
pub(crate) fn map_places(block: &mut Block, see: &mut dyn FnMut(&mut Place)) {
    for stmt in &mut block.stmts {
        places_mut(&mut stmt.kind, see);
        for inner in stmt.kind.blocks_mut() {
            map_places(inner, see);
        }
    }
}

fn places_mut(kind: &mut StmtKind, see: &mut dyn FnMut(&mut Place)) {
    match kind {
        StmtKind::Let(_, value) | StmtKind::Cell(_, Some(value)) => {
            value.place_mut().into_iter().for_each(see);
        }
        StmtKind::Store { place, .. }
        | StmtKind::Update { place, .. }
        | StmtKind::Fill(place, _)
        | StmtKind::View { place, .. }
        | StmtKind::Split { place, .. }
        | StmtKind::Clear(place)
        | StmtKind::Take(_, place)
        | StmtKind::Keep { place, .. }
        | StmtKind::Restore { place, .. } => see(place),
        StmtKind::Swap(left, right)
        | StmtKind::CopyFrom(left, right)
        | StmtKind::Accumulate {
            into: left,
            from: right,
        } => {
            see(left);
            see(right);
        }
        StmtKind::Call(call) => call_places_mut(call, see),
        StmtKind::Derivative(derivative) => {
            call_places_mut(&mut derivative.call, see);
            for arg in &mut derivative.shadows {
                arg.place.iter_mut().for_each(&mut *see);
            }
        }
        StmtKind::Cell(_, None)
        | StmtKind::If(..)
        | StmtKind::Loop(_)
        | StmtKind::Effect(_)
        | StmtKind::Exit(_)
        | StmtKind::Labelled(..)
        | StmtKind::Gate(..)
        | StmtKind::Forget(_)
        | StmtKind::Unless(..)
        | StmtKind::Given(..)
        | StmtKind::Reserve(..)
        | StmtKind::Push(..)
        | StmtKind::Pop(..) => {}
    }
}

fn call_places_mut(call: &mut Call, see: &mut dyn FnMut(&mut Place)) {
    for arg in &mut call.args {
        if let Arg::Ref { place, .. } = arg {
            see(place);
        }
    }
}
