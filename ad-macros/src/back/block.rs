//! Tokens of statements.
//!
//! A value that lowering named and that is used once, in the same block, is
//! printed where it is used. It must not move over a write to what it reads: then
//! it gets its `let` after all.

use super::print::{Expr, Pending, Prec, Printer, ident};
use crate::ir::visit::walk;
use crate::ir::*;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Uses of variables within one block: at its own level, and nested in it.
#[derive(Default)]
struct Uses {
    level: HashMap<VarId, usize>,
    nested: HashSet<VarId>,
}

impl<'f> Printer<'f> {
    pub fn new(
        func: &'f Func,
        blocks: &[&Block],
        gates: Vec<Option<proc_macro2::Ident>>,
    ) -> Printer<'f> {
        let mut printer = Printer {
            func,
            views: crate::analysis::views::Views::of(func),
            gates,
            mutated: HashSet::new(),
            initialised: HashSet::new(),
            mentions: HashMap::new(),
            pending: BTreeMap::new(),
            sequence: 0,
            alias: HashMap::new(),
            shadow_param: HashMap::new(),
        };
        for block in blocks {
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
        let first = matches!(&stmt.kind, StmtKind::Store { first: true, .. });
        for place in &access.writes {
            if !first || self.initialised.contains(&place.root) {
                self.mutated.insert(place.root);
                self.mutated.insert(self.views.root(place.root));
            }
        }
        match &stmt.kind {
            StmtKind::View { var, place } => self.borrowed(*var, place),
            StmtKind::Split { lo, place, .. } => self.borrowed(*lo, place),
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
        let mut uses = Uses::default();
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

    /// Whether a value is printed where it is used: how often that is.
    fn folds(&self, id: VarId, value: Option<&Value>, uses: &Uses) -> Option<usize> {
        let count = uses.level.get(&id).copied().unwrap_or(0);
        let temp = matches!(self.func.var(id).role, Role::Temp);
        // Reading a variable costs nothing: its name stands for each use.
        let bare = matches!(value, Some(Value::Load(place)) if place.path.is_empty());
        let few = count == 1 || (bare && count > 1 && self.func.var(id).ty.is_scalar());
        (few && temp && !uses.nested.contains(&id)).then_some(count)
    }

    fn pend(&mut self, id: VarId, expr: Expr, left: usize) {
        self.sequence += 1;
        let order = self.sequence;
        self.pending.insert(id, Pending { order, expr, left });
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
                let moves = matches!(value, Value::Opaque(_) | Value::Gated(..) | Value::Own(_));
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
                    self.flush_all(out);
                    self.value_if(id, cond, yes, no, uses, out);
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

    /// A `let`, or a cell that nothing writes and nobody named.
    fn is_value(&self, stmt: &Stmt, id: VarId) -> bool {
        matches!(stmt.kind, StmtKind::Let(..))
            || matches!(self.func.var(id).role, Role::Temp) && !self.mutated.contains(&id)
    }

    /// Notes a value that is another variable's, if that variable never changes.
    fn aliased(&mut self, id: VarId, value: &Value) -> bool {
        let other = match value {
            Value::Atom(Atom::Var(other)) => other,
            Value::Load(place) if place.path.is_empty() => &place.root,
            _ => return false,
        };
        let unnamed = matches!(self.func.var(id).role, Role::Temp);
        let stays = !self.mutated.contains(other) && self.func.var(*other).ty.is_scalar();
        if unnamed && stays && !self.pending.contains_key(other) {
            self.alias.insert(id, *other);
            return true;
        }
        false
    }

    /// `let y;` in front of the first statement that needs it.
    fn declare_mentioned(&mut self, kind: &StmtKind, late: &mut Vec<VarId>, out: &mut TokenStream) {
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

    fn mutability(&self, id: VarId) -> Option<TokenStream> {
        self.mutated.contains(&id).then(|| quote!(mut))
    }

    fn emit_let(&mut self, id: VarId, expr: &Expr, cell: bool, out: &mut TokenStream) {
        let name = self.ident(id);
        let mutable = if cell { self.mutability(id) } else { None };
        let ty = self.annotation(id, expr);
        let tokens = &expr.tokens;
        out.extend(quote!(let #mutable #name #ty = #tokens;));
    }

    /// The type the user wrote; or that of a variable that starts as a bare literal,
    /// where the default would be another one: a later use may have been dropped.
    fn annotation(&self, id: VarId, expr: &Expr) -> Option<TokenStream> {
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

    /// Gives every pending value its `let`.
    fn flush_all(&mut self, out: &mut TokenStream) {
        self.flush(&mut |_| true, out);
    }

    /// Gives pending values that read one of the written variables their `let`.
    fn flush_reads(&mut self, kind: &StmtKind, out: &mut TokenStream) {
        let access = kind.access();
        let written: HashSet<VarId> = access
            .writes
            .iter()
            .flat_map(|place| [place.root, self.views.root(place.root)])
            .collect();
        if !written.is_empty() {
            self.flush(
                &mut |expr| expr.reads.iter().any(|id| written.contains(id)),
                out,
            );
        }
    }

    /// Gives these values their `let`: they are wanted by name.
    fn flush_vars(&mut self, vars: &[VarId], out: &mut TokenStream) {
        let mut hit: Vec<(usize, VarId)> = vars
            .iter()
            .filter_map(|id| self.pending.get(id).map(|pending| (pending.order, *id)))
            .collect();
        hit.sort_unstable();
        for (_, id) in hit {
            if let Some(pending) = self.pending.remove(&id) {
                self.emit_let(id, &pending.expr, false, out);
            }
        }
    }

    /// `v[a..][v[a..].len() - 1] = ..` borrows `v` twice: the index goes first.
    fn flush_indices(&mut self, place: &Place, out: &mut TokenStream) {
        if place.path.len() < 2 {
            return;
        }
        let root = self.views.root(place.root);
        let indices: Vec<VarId> = place
            .atoms()
            .filter_map(Atom::var)
            .filter(|id| {
                let pending = self.pending.get(id);
                pending.is_some_and(|pending| pending.expr.reads.contains(&root))
            })
            .collect();
        self.flush_vars(&indices, out);
    }

    fn flush(&mut self, which: &mut dyn FnMut(&Expr) -> bool, out: &mut TokenStream) {
        let hit: Vec<VarId> = self
            .pending
            .iter()
            .filter(|(_, pending)| which(&pending.expr))
            .map(|(id, _)| *id)
            .collect();
        self.flush_vars(&hit, out);
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
                let place = self.reference(place, held);
                quote!(let #name = #place;)
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
            StmtKind::Pop(tape, vars) => {
                let tape = self.ident(*tape);
                let names: Vec<_> = vars.iter().map(|id| self.ident(*id)).collect();
                let pattern = tuple(&names);
                quote!(let #pattern = #tape.pop();)
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
        let (lo, hi) = (self.ident(lo), self.ident(hi));
        let at = self.atom(at).tokens;
        let place = self.place(place).at(Prec::Postfix);
        if mutable {
            quote!(let (#lo, #hi) = #place.split_at_mut(#at);)
        } else {
            quote!(let (#lo, #hi) = #place.split_at(#at);)
        }
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

    fn loop_tokens(&mut self, each: &Loop, out: &mut TokenStream) -> TokenStream {
        match &each.head {
            Head::Range(range) => {
                let head = self.range_head(range);
                self.flush_all(out);
                let name = self.loop_name(range.var, &each.body);
                let body = self.block(&each.body);
                quote!(for #name in #head #body)
            }
            Head::Forever => {
                self.flush_all(out);
                let body = self.block(&each.body);
                quote!(loop #body)
            }
            Head::Drain(trips) => {
                self.flush_all(out);
                let trips = self.ident(*trips);
                let body = self.block(&each.body);
                quote!(for _ in 0..#trips #body)
            }
            Head::While(test, cond) => {
                self.flush_all(out);
                let stmts = self.stmts(&test.stmts, &[cond], &[]);
                let cond = self.atom(cond);
                let body = self.stmts(&each.body.stmts, &[], &[]);
                if stmts.is_empty() {
                    let cond = &cond.tokens;
                    return quote!(while #cond { #body });
                }
                let cond = cond.at(Prec::Unary);
                quote!(loop { #stmts if !#cond { break; } #body })
            }
        }
    }

    /// `_` where the body does not use the variable.
    fn loop_name(&self, var: VarId, body: &Block) -> TokenStream {
        let mut used = false;
        walk(body, &mut |stmt| {
            used |= stmt.kind.access().variables().any(|id| id == var);
        });
        if used {
            self.ident(var).to_token_stream()
        } else {
            quote!(_)
        }
    }

    fn range_head(&mut self, range: &Range) -> TokenStream {
        let bounds = self.range(Some(&range.from), Some(&range.to), range.inclusive);
        let mut head = bounds.tokens;
        let mut adapters = range.adapters.as_slice();
        // Twice reversed is not reversed.
        let reversed = |pair: &[Adapter]| matches!(pair, [.., Adapter::Rev, Adapter::Rev]);
        if reversed(adapters) {
            adapters = &adapters[..adapters.len() - 2];
        }
        if !adapters.is_empty() {
            head = quote!((#head));
        }
        for adapter in adapters {
            head = match adapter {
                Adapter::Rev => quote!(#head.rev()),
                Adapter::StepBy(step) => {
                    let step = self.atom(step).tokens;
                    quote!(#head.step_by(#step))
                }
            };
        }
        head
    }

    pub fn if_tokens(&mut self, cond: &Expr, yes: &Block, no: &Block) -> TokenStream {
        let yes_tokens = self.stmts(&yes.stmts, &[], &[]);
        let no_tokens = self.stmts(&no.stmts, &[], &[]);
        let test = &cond.tokens;
        if no_tokens.is_empty() {
            return quote!(if #test { #yes_tokens });
        }
        if yes_tokens.is_empty() {
            let test = cond.at(Prec::Unary);
            return quote!(if !#test { #no_tokens });
        }
        if is_lone_if(&no_tokens) {
            return quote!(if #test { #yes_tokens } else #no_tokens);
        }
        quote!(if #test { #yes_tokens } else { #no_tokens })
    }

    /// `let y = if c { a } else { b };`, and `a && b` where that says the same.
    fn value_if(
        &mut self,
        id: VarId,
        cond: &Atom,
        yes: &Block,
        no: &Block,
        uses: &Uses,
        out: &mut TokenStream,
    ) {
        let cond = self.atom(cond);
        let expr = self.value_if_expr(id, &cond, yes, no);
        let inline = expr.prec != Prec::Low;
        match self.folds(id, None, uses).filter(|_| inline) {
            Some(count) => self.pend(id, expr, count),
            None => self.emit_let(id, &expr, true, out),
        }
    }

    fn value_if_expr(&mut self, id: VarId, cond: &Expr, yes: &Block, no: &Block) -> Expr {
        let (yes_tokens, yes_alone) = self.yielded(yes, id);
        let (no_tokens, no_alone) = self.yielded(no, id);
        let test = &cond.tokens;
        let is = |expr: &Option<Expr>, text: &str| {
            expr.as_ref()
                .is_some_and(|expr| expr.tokens.to_string() == text)
        };
        let joined = |operator: TokenStream, right: &Expr, prec: Prec| {
            let left = cond.at(prec);
            let value = right.at(prec);
            let mut reads = cond.reads.clone();
            reads.extend(&right.reads);
            Expr {
                tokens: quote!(#left #operator #value),
                prec,
                reads,
            }
        };
        if let (Some(value), true) = (&yes_alone, is(&no_alone, "false")) {
            return joined(quote!(&&), value, Prec::And);
        }
        if let (true, Some(value)) = (is(&yes_alone, "true"), &no_alone) {
            return joined(quote!(||), value, Prec::Or);
        }
        let tokens = if is_lone_if(&no_tokens) {
            quote!(if #test { #yes_tokens } else #no_tokens)
        } else {
            quote!(if #test { #yes_tokens } else { #no_tokens })
        };
        Expr::new(tokens, Prec::Low)
    }

    /// A block whose value is what it stores into `id`; alone: without statements.
    fn yielded(&mut self, block: &Block, id: VarId) -> (TokenStream, Option<Expr>) {
        let Some((last, init)) = block.stmts.split_last() else {
            return (TokenStream::new(), None);
        };
        match &last.kind {
            StmtKind::Store { value, .. } => {
                let stmts = self.stmts(init, &[value], &[]);
                let value = self.kept(value);
                let tokens = &value.tokens;
                let alone = stmts.is_empty().then(|| value.clone());
                (quote!(#stmts #tokens), alone)
            }
            StmtKind::If(cond, yes, no) => {
                let stmts = self.stmts(init, &[cond], &[yes, no]);
                let cond = self.atom(cond);
                let mut before = stmts;
                self.flush_all(&mut before);
                let inner = self.value_if_expr(id, &cond, yes, no);
                let tokens = &inner.tokens;
                (quote!(#before #tokens), None)
            }
            _ => (self.stmts(&block.stmts, &[], &[]), None),
        }
    }
}

/// Whether a block ends by storing the value of `id`, once.
fn yields(block: &Block, id: VarId) -> bool {
    let Some((last, init)) = block.stmts.split_last() else {
        return false;
    };
    let mentions = |stmts: &[Stmt]| {
        let block = Block {
            stmts: stmts.to_vec(),
        };
        let mut found = false;
        walk(&block, &mut |stmt| {
            found |= stmt.kind.access().variables().any(|other| other == id);
        });
        found
    };
    if mentions(init) {
        return false;
    }
    match &last.kind {
        StmtKind::Store { place, first, .. } => *first && place.root == id && place.path.is_empty(),
        StmtKind::If(_, yes, no) => yields(yes, id) && yields(no, id),
        StmtKind::Effect(opaque) => {
            let text = opaque.tokens.to_string();
            [
                "panic !",
                "unreachable !",
                "todo !",
                "unimplemented !",
                "panic!",
                "unreachable!",
            ]
            .iter()
            .any(|start| text.starts_with(start))
        }
        _ => false,
    }
}

/// Whether tokens are one `if` statement and nothing else.
fn is_lone_if(tokens: &TokenStream) -> bool {
    matches!(
        syn::parse2::<syn::Expr>(tokens.clone()),
        Ok(syn::Expr::If(_))
    )
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
