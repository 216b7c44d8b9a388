//! What the coefficients of a function's adjoints depend on.
//!
//! The reverse sweep adds to the adjoint of an argument what is linear in the adjoints
//! of the results. Of `out = Q v` the adjoint of `v` gets `Q^T d_out`, whatever `v` is:
//! a caller may add up many `d_out` and apply `Q^T` once.

use crate::ir::*;
use crate::transform::reverse::Sweeps;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Per parameter: the parameters whose values the coefficients of its adjoint depend on;
/// `None` where that is not known.
pub(crate) fn coefficients(sweeps: &Sweeps) -> Vec<Option<BTreeSet<usize>>> {
    let mut sources = Sources {
        func: &sweeps.func,
        from: HashMap::new(),
        params: BTreeMap::new(),
        views: HashMap::new(),
        leaf: true,
    };
    sources.block(&sweeps.func.body, &BTreeSet::new());
    sources.block(&sweeps.reverse, &BTreeSet::new());
    sources.close();
    sweeps
        .shadows
        .iter()
        .map(|shadow| {
            let shadow = shadow.filter(|_| sources.leaf)?;
            Some(sources.params.get(&shadow).cloned().unwrap_or_default())
        })
        .collect()
}

/// Which variables each variable is computed from, in whichever order.
struct Sources<'f> {
    func: &'f Func,
    from: HashMap<VarId, BTreeSet<VarId>>,
    params: BTreeMap<VarId, BTreeSet<usize>>,
    /// Views, and what they are names for.
    views: HashMap<VarId, VarId>,
    /// Nothing else is called, and nothing happens but arithmetic.
    leaf: bool,
}

impl Sources<'_> {
    /// `around`: what decides whether and how often the block runs.
    fn block(&mut self, block: &Block, around: &BTreeSet<VarId>) {
        for stmt in &block.stmts {
            self.stmt(&stmt.kind, around);
        }
    }

    fn stmt(&mut self, kind: &StmtKind, around: &BTreeSet<VarId>) {
        let access = kind.access();
        self.leaf &= match kind {
            StmtKind::Let(_, value) | StmtKind::Cell(_, Some(value)) => {
                !matches!(value, Value::Opaque(_))
            }
            StmtKind::Effect(_) | StmtKind::Call(_) | StmtKind::Derivative(_) => false,
            // Who is left out by an exit depends on its condition.
            StmtKind::Split { .. } | StmtKind::Exit(_) => false,
            _ => true,
        };
        if let StmtKind::View { var, place } = kind {
            self.views.insert(*var, place.root);
        }
        let mut inputs = around.clone();
        inputs.extend(access.atoms.iter().filter_map(|atom| atom.var()));
        inputs.extend(&access.mentions);
        if !self.shape_only(kind) {
            inputs.extend(access.reads.iter().map(|place| place.root));
        }
        let written = access.writes.iter().map(|place| place.root);
        let tape = match kind {
            StmtKind::Push(tape, _) | StmtKind::Keep { tape, .. } => Some(*tape),
            _ => None,
        };
        for id in written.chain(access.defines.iter().copied()).chain(tape) {
            self.from.entry(id).or_default().extend(&inputs);
        }
        let mut inner = around.clone();
        if !matches!(kind, StmtKind::Gate(..)) {
            inner.extend(inputs);
        }
        for block in kind.blocks() {
            self.block(block, &inner);
        }
    }

    /// Whether a statement looks at how long an argument is, and not at what it holds.
    fn shape_only(&self, kind: &StmtKind) -> bool {
        let argument = |place: &Place| {
            let var = self.func.var(place.root);
            let sized = matches!(var.ty, Ty::Seq(_, SeqForm::Slice | SeqForm::Array));
            let keeps = var.reference == Some(Mutability::Shared) || sized;
            matches!(var.role, Role::Param(_)) && keeps && place.path.is_empty()
        };
        match kind {
            StmtKind::Let(_, Value::Len(place) | Value::ZeroLike(place)) => argument(place),
            StmtKind::Cell(_, Some(Value::ZeroLike(place))) => argument(place),
            StmtKind::View { .. } => true,
            _ => false,
        }
    }

    fn root(&self, id: VarId) -> VarId {
        self.views.get(&id).map_or(id, |root| self.root(*root))
    }

    /// Follows everything to the parameters.
    fn close(&mut self) {
        // What happens to a view happens to what it names.
        for view in self.views.keys().copied().collect::<Vec<_>>() {
            let root = self.root(view);
            let from = self.from.get(&view).cloned().unwrap_or_default();
            self.from.entry(root).or_default().extend(from);
            self.from.entry(view).or_default().insert(root);
        }
        for (position, param) in self.func.params.iter().enumerate() {
            self.params.entry(*param).or_default().insert(position);
        }
        loop {
            let mut changed = false;
            for (id, from) in &self.from {
                let mut all = self.params.get(id).cloned().unwrap_or_default();
                let before = all.len();
                for source in from {
                    all.extend(self.params.get(source).into_iter().flatten());
                }
                changed |= all.len() > before;
                self.params.insert(*id, all);
            }
            if !changed {
                return;
            }
        }
    }
}
