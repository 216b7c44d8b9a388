//! From syntax to the intermediate representation.
//!
//! Lowering names every intermediate value once and keeps the order of
//! evaluation. Sugar is rewritten here, never given a form of its own:
//! op-assignments, `while` conditions, patterns, value `if`s, early exits.

mod branch;
mod call;
pub(crate) mod checkpoint;
mod expr;
mod late;
mod loops;
mod macros;
mod method;
mod opaque;
mod place;
mod scope;
pub(crate) mod signature;
mod stmt;
mod structure;
mod tuples;
mod types;

use crate::ctxt::Ctxt;
use crate::ir::*;
pub(crate) use opaque::captured;
use proc_macro2::Span;
use scope::Scopes;
use signature::Signature;
use types::{TyId, Types};

/// What an expression is, before it is decided how it is used.
#[derive(Clone, Debug)]
enum Operand {
    Atom(Atom),
    /// Somewhere in memory; loading it makes a value.
    Place(Place),
    /// A reference to a place.
    Ref(Place, Mutability),
    Unit,
    /// Evaluation does not come back: `return`, `break`, a panic.
    Never,
}

/// Where `break` and `continue` go.
struct Target {
    id: LoopId,
    label: Option<String>,
    /// Receives the value of `break value`.
    result: Option<VarId>,
    /// A labelled block: only a labelled `break` reaches it.
    block: bool,
}

/// The lowering of one function.
struct Lower<'a> {
    cx: &'a Ctxt,
    func: Func,
    types: Types,
    /// Kind of each variable, parallel to `func.vars`.
    kinds: Vec<TyId>,
    scopes: Scopes,
    /// Blocks under construction; the last one receives statements.
    open: Vec<Block>,
    targets: Vec<Target>,
    /// The function itself, as a target of `return`.
    exit: LoopId,
    /// Receives returned values where the function has a `return`.
    returned: Option<VarId>,
    ret_kind: TyId,
}

/// Lowers a function body.
pub(crate) fn lower(cx: &Ctxt, signature: &Signature, body: &syn::Block) -> Func {
    let mut types = Types::default();
    let ret_kind = match &signature.ret {
        Some(ty) => types.of_syn(ty),
        None => types.tuple(Vec::new()),
    };
    let mut lower = Lower {
        cx,
        func: Func {
            vars: Vec::new(),
            params: Vec::new(),
            items: Vec::new(),
            body: Block::default(),
            ret: None,
            ret_ty: Ty::Unknown,
            next_loop: 0,
            reserved: reserved(signature, body),
            foreign: std::collections::BTreeSet::new(),
            plain_fns: std::collections::BTreeSet::new(),
            checkpoints: std::collections::BTreeMap::new(),
            names: std::collections::BTreeSet::new(),
            numbers: std::collections::HashMap::new(),
        },
        types,
        kinds: Vec::new(),
        scopes: Scopes::default(),
        open: vec![Block::default()],
        targets: Vec::new(),
        exit: LoopId(0),
        returned: None,
        ret_kind,
    };
    opaque::refuse_cfg(cx, body);
    lower.params(signature);
    lower.body(signature, body);
    lower.finish()
}

/// Every identifier the user writes, and what generated code calls its own.
fn reserved(signature: &Signature, body: &syn::Block) -> std::collections::BTreeSet<String> {
    fn collect(tokens: proc_macro2::TokenStream, names: &mut std::collections::BTreeSet<String>) {
        for tree in tokens {
            match tree {
                proc_macro2::TokenTree::Ident(name) => {
                    names.insert(name.to_string());
                }
                proc_macro2::TokenTree::Group(group) => collect(group.stream(), names),
                _ => {}
            }
        }
    }
    let mut names = std::collections::BTreeSet::new();
    collect(quote::ToTokens::to_token_stream(body), &mut names);
    names.extend(signature.params.iter().map(|param| param.name.to_string()));
    names.extend(["result", "seed"].map(String::from));
    names
}

impl Lower<'_> {
    fn params(&mut self, signature: &Signature) {
        for (position, param) in signature.params.iter().enumerate() {
            let kind = self.types.of_syn(&param.ty);
            let id = self.declare(&param.name, kind, Role::Param(position));
            let var = self.func.var_mut(id);
            var.reference = param.reference;
            var.cell = param.mutable && param.reference.is_none();
            self.func.params.push(id);
            if crate::attr::nature(&param.ty) == crate::attr::Nature::Unknown {
                self.func.foreign.insert(id);
            }
            self.scopes
                .bind(&param.name, id, param.mutable && param.reference.is_none());
        }
    }

    fn body(&mut self, signature: &Signature, body: &syn::Block) {
        let span = Span::call_site();
        let returns = opaque::leaves_early(body);
        let value = signature.ret.is_some();
        if !returns {
            let (operand, kind) = self.block(body);
            self.func.ret = self.tail_value(operand, kind, value);
            return;
        }
        if value {
            let result = self.fresh("result", span, self.ret_kind, Role::Temp);
            self.func.var_mut(result).cell = true;
            self.push(span, StmtKind::Cell(result, None));
            self.returned = Some(result);
        }
        self.open.push(Block::default());
        match self.returned {
            Some(result) => self.block_into(body, result),
            None => {
                self.block(body);
            }
        }
        let inner = self.open.pop().expect("the body was opened above");
        self.push(span, StmtKind::Labelled(self.exit, inner));
        self.func.ret = self.returned.map(Atom::Var);
    }

    fn tail_value(&mut self, operand: Operand, kind: TyId, value: bool) -> Option<Atom> {
        if !value {
            return None;
        }
        self.types.unify(kind, self.ret_kind);
        match operand {
            Operand::Never | Operand::Unit => None,
            operand => Some(self.atom_of(operand, kind, Span::call_site())),
        }
    }

    fn finish(mut self) -> Func {
        self.func.body = self.open.pop().expect("the body is the last open block");
        for (var, kind) in self.func.vars.iter_mut().zip(&self.kinds) {
            var.ty = self.types.resolve(*kind);
        }
        self.func.ret_ty = self.types.resolve(self.ret_kind);
        structure::structure(&mut self.func);
        late::mark_first(&mut self.func);
        self.func
    }

    /// A variable the user named.
    fn declare(&mut self, name: &syn::Ident, kind: TyId, role: Role) -> VarId {
        let base = name.to_string();
        let base = base.strip_prefix("r#").unwrap_or(&base).to_string();
        let id = self.func.fresh(&base, name.span(), Ty::Unknown, role);
        self.kinds.push(kind);
        id
    }

    /// A variable lowering needs.
    fn fresh(&mut self, base: &str, span: Span, kind: TyId, role: Role) -> VarId {
        let id = self.func.fresh(base, span, Ty::Unknown, role);
        self.kinds.push(kind);
        id
    }

    fn push(&mut self, span: Span, kind: StmtKind) {
        self.open
            .last_mut()
            .expect("a block is always open")
            .push(span, kind);
    }

    /// Runs `fill` with a new block open and returns that block.
    fn nested(&mut self, fill: impl FnOnce(&mut Self)) -> Block {
        self.open.push(Block::default());
        self.scopes.enter();
        fill(self);
        self.scopes.leave();
        self.open.pop().expect("the block was opened above")
    }

    /// Names a value.
    fn bind(&mut self, value: Value, kind: TyId, span: Span) -> Atom {
        let base = self.base_name(&value);
        let id = self.fresh(&base, span, kind, Role::Temp);
        self.push(span, StmtKind::Let(id, value));
        Atom::Var(id)
    }

    /// `x_i` for a read of `x[i]`, `x_len` for its length, `t` for the rest.
    fn base_name(&self, value: &Value) -> String {
        let (place, suffix) = match value {
            Value::Load(place) => (place, ""),
            Value::Len(place) => (place, "_len"),
            _ => return "t".to_string(),
        };
        let root = self.func.var(place.root);
        if matches!(root.role, Role::Global(_)) {
            return "t".to_string();
        }
        let mut name = root.name.clone();
        for atom in place.atoms() {
            match atom {
                Atom::Var(id) if !matches!(self.func.var(*id).role, Role::Global(_)) => {
                    name.push('_');
                    name.push_str(&self.func.var(*id).name);
                }
                Atom::Lit(syn::Lit::Int(lit)) => {
                    name.push('_');
                    name.push_str(lit.base10_digits());
                }
                _ => {}
            }
        }
        if name.len() > 24 {
            name.clone_from(&root.name);
        }
        name + suffix
    }

    fn kind_of(&self, id: VarId) -> TyId {
        self.kinds[id.0 as usize]
    }
}
