//! Tokens of statements.
//!
//! A value that lowering named and that is used once, in the same block, is
//! printed where it is used. It must not move over a write to what it reads: then
//! it gets its `let` after all.

use super::branch::yields;
use super::print::{Expr, Prec, Printer, ident};
use crate::analysis::timing::changed_unseen;
use crate::analysis::views::Views;
use crate::ir::visit::walk;
use crate::ir::*;
use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, quote};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Uses of variables within one block: at its own level, and nested in it.
#[derive(Default)]
pub(super) struct Uses {
    pub level: HashMap<VarId, usize>,
    pub nested: HashSet<VarId>,
    /// Values that stand beside their partner, which is saved.
    pub beside: HashSet<VarId>,
}

impl<'f> Printer<'f> {
    pub fn new(
        func: &'f Func,
        blocks: &[&Block],
        gates: Vec<Option<proc_macro2::Ident>>,
    ) -> Printer<'f> {
        let mut views = Views::default();
        for block in blocks {
            walk(block, &mut |stmt| views.note(&stmt.kind));
        }
        let mut printer = Printer {
            func,
            views,
            gates,
            mutated: HashSet::new(),
            rewritten: HashSet::new(),
            initialised: HashSet::new(),
            popped: HashSet::new(),
            mentions: HashMap::new(),
            pending: BTreeMap::new(),
            sequence: 0,
            alias: HashMap::new(),
            shadow_param: HashMap::new(),
        };
        for block in blocks {
            printer.rewritten.clear();
            walk(block, &mut |stmt| printer.survey(stmt));
        }
        if let Some(id) = func.ret.as_ref().and_then(Atom::var) {
            *printer.mentions.entry(id).or_default() += 1;
        }
        printer
    }

    fn survey(&mut self, stmt: &Stmt) {
        let access = stmt.kind.access();
        for id in access.variables() {
            *self.mentions.entry(id).or_default() += 1;
        }
        self.mutated
            .extend(changed_unseen(self.func, &self.views, &stmt.kind));
        let first = matches!(&stmt.kind, StmtKind::Store { first: true, .. });
        for place in &access.writes {
            if !first || self.initialised.contains(&place.root) {
                self.mutated.insert(place.root);
                self.mutated.insert(self.views.root(place.root));
                self.rewritten.insert(self.views.root(place.root));
            }
        }
        match &stmt.kind {
            StmtKind::View { var, place } => self.borrowed(*var, place),
            StmtKind::Split { lo, place, .. } => self.borrowed(*lo, place),
            // What comes back from a tape has its own name on both sides.
            StmtKind::Pop(_, vars) => self.popped.extend(vars),
            // A late variable that has a first value is assigned twice.
            StmtKind::Cell(id, Some(_)) => {
                self.initialised.insert(*id);
            }
            _ => {}
        }
    }

    fn borrowed(&mut self, view: VarId, place: &Place) {
        if self.func.var(view).reference == Some(Mutability::Mutable) {
            self.mutated.insert(place.root);
        }
    }

    /// Statements in a row; `tail` are atoms used behind them.
    pub fn stmts(&mut self, stmts: &[Stmt], tail: &[&Atom], nested: &[&Block]) -> TokenStream {
        let uses = self.uses(stmts, tail, nested);
        let outer = std::mem::take(&mut self.pending);
        let mut out = TokenStream::new();
        let mut late: Vec<VarId> = Vec::new();
        for stmt in stmts {
            self.stmt(stmt, &uses, &mut late, &mut out);
        }
        // What `tail` uses stays pending for the caller.
        let mut kept = std::mem::replace(&mut self.pending, outer);
        kept.retain(|id, _| tail.iter().any(|atom| atom.var() == Some(*id)));
        self.pending.extend(kept);
        out
    }

    /// A block in braces.
    pub fn block(&mut self, block: &Block) -> TokenStream {
        let stmts = self.stmts(&block.stmts, &[], &[]);
        quote!({ #stmts })
    }

    fn uses(&self, stmts: &[Stmt], tail: &[&Atom], nested: &[&Block]) -> Uses {
        let mut uses = Uses {
            beside: super::fold::beside(stmts),
            ..Uses::default()
        };
        for stmt in stmts {
            for id in stmt.kind.access().variables() {
                *uses.level.entry(id).or_default() += 1;
            }
            for block in stmt.kind.blocks() {
                walk(block, &mut |stmt| {
                    uses.nested.extend(stmt.kind.access().variables());
                });
            }
        }
        for id in tail.iter().filter_map(|atom| atom.var()) {
            *uses.level.entry(id).or_default() += 1;
        }
        for block in nested {
            walk(block, &mut |stmt| {
                uses.nested.extend(stmt.kind.access().variables());
            });
        }
        uses
    }

    fn stmt(&mut self, stmt: &Stmt, uses: &Uses, late: &mut Vec<VarId>, out: &mut TokenStream) {
        match &stmt.kind {
            StmtKind::Let(id, value) | StmtKind::Cell(id, Some(value))
                if self.is_value(stmt, *id) =>
            {
                self.declare_mentioned(&stmt.kind, late, out);
                if self.aliased(*id, value) {
                    return;
                }
                let ty = self.func.var(*id).ty.clone();
                let expr = self.value(value, &ty, stmt.span);
                // A copy is made when it is asked for, and not inside a borrow of the same memory.
                let moves = matches!(value, Value::Opaque(_) | Value::Gated(..) | Value::Own(_))
                    || self.reads_by_borrow(value);
                match self.folds(*id, Some(value), uses).filter(|_| !moves) {
                    Some(count) => self.pend(*id, expr, count),
                    None => self.emit_let(*id, &expr, false, out),
                }
            }
            StmtKind::Cell(id, None) => late.push(*id),
            StmtKind::If(cond, yes, no) => {
                let cell = late
                    .iter()
                    .position(|id| yields(yes, *id) && yields(no, *id));
                if let Some(index) = cell {
                    let id = late.remove(index);
                    self.declare_mentioned(&stmt.kind, late, out);
                    let cond = self.atom(cond);
                    self.flush_all(out);
                    self.value_if(id, &cond, (yes, no), uses, out);
                    return;
                }
                self.declare_mentioned(&stmt.kind, late, out);
                let cond = self.atom(cond);
                self.flush_all(out);
                out.extend(self.if_tokens(&cond, yes, no));
            }
            _ => {
                self.declare_mentioned(&stmt.kind, late, out);
                self.other(stmt, out);
            }
        }
    }

    /// Whether a value is read through a mutable view, whose borrow should end soon.
    fn reads_by_borrow(&self, value: &Value) -> bool {
        let mutable = |id: VarId| self.func.var(id).reference == Some(Mutability::Mutable);
        let place = value.place();
        place.is_some_and(|place| self.views.is_view(place.root) && mutable(place.root))
    }

    /// `let y;` in front of the first statement that needs it.
    pub(super) fn declare_mentioned(
        &mut self,
        kind: &StmtKind,
        late: &mut Vec<VarId>,
        out: &mut TokenStream,
    ) {
        if late.is_empty() {
            return;
        }
        let mut mentioned: HashSet<VarId> = kind.access().variables().collect();
        for block in kind.blocks() {
            walk(block, &mut |stmt| {
                mentioned.extend(stmt.kind.access().variables());
            });
        }
        late.retain(|id| {
            if !mentioned.contains(id) {
                return true;
            }
            let name = self.ident(*id);
            let mutable = self.mutability(*id);
            let ty = self.annotation(*id, &Expr::new(TokenStream::new(), Prec::Low));
            out.extend(quote!(let #mutable #name #ty;));
            false
        });
    }

    pub(super) fn mutability(&self, id: VarId) -> Option<TokenStream> {
        self.mutated.contains(&id).then(|| quote!(mut))
    }

    pub(super) fn emit_let(&mut self, id: VarId, expr: &Expr, cell: bool, out: &mut TokenStream) {
        let name = self.ident(id);
        let mutable = if cell { self.mutability(id) } else { None };
        let ty = self.annotation(id, expr);
        let tokens = &expr.tokens;
        out.extend(quote!(let #mutable #name #ty = #tokens;));
    }

    /// The type the user wrote; or that of a variable that starts as a bare literal,
    /// where the default would be another one: a later use may have been dropped.
    pub(super) fn annotation(&self, id: VarId, expr: &Expr) -> Option<TokenStream> {
        let var = self.func.var(id);
        if let Some(ty) = &var.annotated {
            return Some(quote!(: #ty));
        }
        let literal = syn::parse2::<syn::Lit>(expr.tokens.clone()).ok()?;
        let name = match (&self.func.var(id).ty, &literal) {
            (Ty::Float(Some(Width::F32)), syn::Lit::Float(lit)) if lit.suffix().is_empty() => "f32",
            (Ty::Discrete(Some(name)), syn::Lit::Int(lit))
                if lit.suffix().is_empty() && name != "i32" =>
            {
                name.as_str()
            }
            _ => return None,
        };
        let ty = ident(name, Span::call_site());
        Some(quote!(: #ty))
    }

    fn other(&mut self, stmt: &Stmt, out: &mut TokenStream) {
        let span = stmt.span;
        let tokens = match &stmt.kind {
            StmtKind::Cell(id, Some(value)) => {
                let ty = self.func.var(*id).ty.clone();
                let expr = self.value(value, &ty, span);
                self.emit_let(*id, &expr, true, out);
                return;
            }
            StmtKind::Store { place, value, .. } => {
                self.flush_indices(place, out);
                self.store(place, value)
            }
            StmtKind::Update { place, op, value } => {
                self.flush_indices(place, out);
                let value = self.atom(value);
                let (op, value) = match value.without_sign() {
                    Some(positive) => (op.flipped(), positive),
                    None => (*op, value),
                };
                let place = self.place(place).tokens;
                let value = &value.tokens;
                match op {
                    Sign::Plus => quote!(#place += #value;),
                    Sign::Minus => quote!(#place -= #value;),
                }
            }
            StmtKind::View { var, place } => {
                let name = self.ident(*var);
                let held = self.func.var(*var).reference.unwrap_or(Mutability::Shared);
                let on = self.gate_of(place.root);
                let place = self.reference(place, held);
                match on {
                    Some(on) => {
                        let hollow = match held {
                            Mutability::Mutable => quote!(&mut []),
                            Mutability::Shared => quote!(&[]),
                        };
                        quote!(let #name = if #on { #place } else { #hollow };)
                    }
                    None => quote!(let #name = #place;),
                }
            }
            StmtKind::Split { lo, hi, place, at } => self.split(*lo, *hi, place, at),
            StmtKind::Swap(left, right) => self.swap(left, right),
            StmtKind::Fill(place, value) => {
                // The slice is borrowed before the value is computed.
                self.flush_reads(&stmt.kind, out);
                let value = self.atom(value).tokens;
                let place = self.place(place).at(Prec::Postfix);
                quote!(#place.fill(#value);)
            }
            StmtKind::CopyFrom(to, from) => {
                let from = self.reference(from, Mutability::Shared);
                let to = self.place(to).at(Prec::Postfix);
                quote!(#to.copy_from_slice(#from);)
            }
            StmtKind::Call(call) => self.call(call),
            StmtKind::Loop(each) => self.loop_tokens(each, out),
            StmtKind::Effect(opaque) => {
                let tokens = self.opaque(opaque);
                quote!(#tokens;)
            }
            StmtKind::Exit(_) => quote!(break;),
            StmtKind::Gate(gate, body) => {
                // Its statements use values of this block: they are printed inside.
                let condition = self.condition(gate);
                self.flush_all(out);
                let body = self.stmts(&body.stmts, &[], &[]);
                match condition {
                    Some(on) => quote!(if #on { #body }),
                    None => body,
                }
            }
            StmtKind::Accumulate { into, from } => {
                let into = self.reference(into, Mutability::Mutable);
                let from = self.reference(from, Mutability::Shared);
                quote!(ad_rt::accumulate(#into, #from);)
            }
            StmtKind::Clear(place) => {
                let place = self.reference(place, Mutability::Mutable);
                quote!(ad_rt::clear(#place);)
            }
            StmtKind::Take(id, place) => {
                let name = self.ident(*id);
                let place = self.reference(place, Mutability::Mutable);
                quote!(let #name = ad_rt::take(#place);)
            }
            StmtKind::Push(tape, vars) => {
                self.flush_vars(vars, out);
                self.record(*tape, vars)
            }
            StmtKind::Reserve(tape, from, to) => {
                let tape = self.ident(*tape);
                let (from, to) = (self.atom(from), self.atom(to));
                if from.tokens.to_string() == "0" {
                    let to = to.tokens;
                    quote!(#tape.reserve(#to);)
                } else {
                    let (from, to) = (from.tokens, to.tokens);
                    quote!(#tape.reserve(usize::saturating_sub(#to, #from));)
                }
            }
            StmtKind::Pop(tape, vars) => {
                let tape = self.ident(*tape);
                let names: Vec<_> = vars.iter().map(|id| self.restored(*id)).collect();
                let pattern = tuple(&names);
                quote!(let #pattern = #tape.pop();)
            }
            StmtKind::Keep {
                tape,
                place,
                unless,
                exchange,
            } => {
                let tape = self.ident(*tape);
                let content = self.reference(place, Mutability::Shared);
                let mut saved = quote!(#tape.keep(#content););
                if let Some(facts) = exchange {
                    let memory = self.reference(place, Mutability::Mutable);
                    let exchange = quote!(#tape.exchange(#memory););
                    saved = if facts.is_empty() {
                        exchange
                    } else {
                        let denied = denied(facts);
                        quote!(if #denied { #saved } else { #exchange })
                    };
                }
                under(unless.as_slice(), saved)
            }
            StmtKind::Restore {
                tape,
                place,
                unless,
            } => {
                let tape = self.ident(*tape);
                let place = self.reference(place, Mutability::Mutable);
                under(unless.as_slice(), quote!(#tape.restore(#place);))
            }
            StmtKind::Forget(_) => TokenStream::new(),
            StmtKind::Unless(facts, body) => {
                self.flush_all(out);
                let body = self.stmts(&body.stmts, &[], &[]);
                under(facts, body)
            }
            StmtKind::Given(facts, body) => {
                self.flush_all(out);
                let body = self.stmts(&body.stmts, &[], &[]);
                let facts = facts.iter().map(holds);
                quote!(if #(#facts)&&* { #body })
            }
            StmtKind::Derivative(derivative) => {
                // Shadows are borrowed before values are computed.
                self.flush_reads(&stmt.kind, out);
                self.derivative(derivative)
            }
            StmtKind::Let(..)
            | StmtKind::Cell(_, None)
            | StmtKind::If(..)
            | StmtKind::Labelled(..) => {
                unreachable!("printed elsewhere, or gone after `structure`")
            }
        };
        self.flush_reads(&stmt.kind, out);
        out.extend(tokens);
    }

    fn store(&mut self, place: &Place, value: &Atom) -> TokenStream {
        let value = self.kept(value);
        let place = self.place(place).tokens;
        let value = &value.tokens;
        quote!(#place = #value;)
    }

    fn split(&mut self, lo: VarId, hi: VarId, place: &Place, at: &Atom) -> TokenStream {
        let mutable = self.func.var(lo).reference == Some(Mutability::Mutable);
        let names = [lo, hi].map(|half| self.ident(half));
        let at = self.atom(at).tokens;
        let on = self.gate_of(place.root);
        let parted = self.place(place).at(Prec::Postfix);
        let (halves, hollow) = if mutable {
            (quote!(#parted.split_at_mut(#at)), quote!(&mut [][..]))
        } else {
            (quote!(#parted.split_at(#at)), quote!(&[][..]))
        };
        let [lo_name, hi_name] = names;
        let Some(on) = on else {
            return quote!(let (#lo_name, #hi_name) = #halves;);
        };
        if let Some(position) = self.shadow_param.get(&place.root).copied() {
            self.shadow_param.extend([(lo, position), (hi, position)]);
        }
        quote!(let (#lo_name, #hi_name) = if #on { #halves } else { (#hollow, #hollow) };)
    }

    fn swap(&mut self, left: &Place, right: &Place) -> TokenStream {
        if crate::transform::is_swap_of_elements(left, right) && left.root == right.root {
            let (Some(Proj::Index(i)), Some(Proj::Index(j))) =
                (left.path.last(), right.path.last())
            else {
                return TokenStream::new();
            };
            let base = Place {
                root: left.root,
                path: left.path[..left.path.len() - 1].to_vec(),
            };
            let (i, j) = (self.atom(i).tokens, self.atom(j).tokens);
            let base = self.place(&base).at(Prec::Postfix);
            return quote!(#base.swap(#i, #j););
        }
        let left = self.reference(left, Mutability::Mutable);
        let right = self.reference(right, Mutability::Mutable);
        quote!(::core::mem::swap(#left, #right);)
    }

    /// A variable that comes back from a tape, and may be written again.
    fn restored(&self, id: VarId) -> TokenStream {
        let name = self.ident(id);
        let mutable = self.rewritten.contains(&id).then(|| quote!(mut));
        quote!(#mutable #name)
    }

    fn record(&mut self, tape: VarId, vars: &[VarId]) -> TokenStream {
        let tape = self.ident(tape);
        let values: Vec<TokenStream> = vars
            .iter()
            .map(|id| {
                let name = self.ident(*id);
                let var = self.func.var(*id);
                let copy = var.ty.is_scalar() || matches!(var.role, Role::Tape);
                if copy {
                    name.to_token_stream()
                } else {
                    quote!(#name.clone())
                }
            })
            .collect();
        let record = tuple(&values);
        quote!(#tape.push(#record);)
    }
}

/// What runs unless all facts hold.
fn under(facts: &[Fact], body: TokenStream) -> TokenStream {
    if facts.is_empty() {
        return body;
    }
    let denied = denied(facts);
    quote!(if #denied { #body })
}

/// Whether one of the facts does not hold.
fn denied(facts: &[Fact]) -> TokenStream {
    let denials = facts.iter().map(|fact| match &fact.kind {
        FactKind::Unread => {
            let (callee, argument) = (&fact.callee, Literal::usize_unsuffixed(fact.argument));
            quote!(#callee::READS[#argument])
        }
        _ => {
            let fact = fact_of(fact);
            quote!(const { !#fact })
        }
    });
    quote!(#(#denials)||*)
}

fn holds(fact: &Fact) -> TokenStream {
    let fact = fact_of(fact);
    quote!(const { #fact })
}

/// A fact as a constant expression.
pub(super) fn fact_of(fact: &Fact) -> TokenStream {
    let callee = &fact.callee;
    let argument = Literal::usize_unsuffixed(fact.argument);
    let by = |name: TokenStream, fixed: &[usize]| {
        let fixed = fixed
            .iter()
            .map(|position| Literal::usize_unsuffixed(*position));
        quote!(#callee::#name.by(#argument, &[#(#fixed),*]))
    };
    match &fact.kind {
        FactKind::Overwrites(fixed) => by(quote!(OVERWRITES), fixed),
        FactKind::Linear(fixed) => by(quote!(LINEAR), fixed),
        FactKind::Unread => quote!(!#callee::READS[#argument]),
    }
}

/// One item as itself, several as a tuple.
pub(super) fn tuple(items: &[impl ToTokens]) -> TokenStream {
    match items {
        [one] => one.to_token_stream(),
        // Records nest where tuples would grow beyond what std implements.
        many if many.len() > 12 => {
            let (head, rest) = many.split_at(11);
            let rest = tuple(rest);
            quote!((#(#head),*, #rest))
        }
        many => quote!((#(#many),*)),
    }
}
