//! Tokens of expressions: atoms, places and values, with no needless parentheses.

use crate::analysis::views::Views;
use crate::ir::*;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use std::collections::{BTreeMap, HashMap, HashSet};

/// How tightly an expression binds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Prec {
    Low,
    Or,
    And,
    Compare,
    BitOr,
    BitXor,
    BitAnd,
    Shift,
    Sum,
    Product,
    Cast,
    Unary,
    Postfix,
}

/// An expression as tokens.
#[derive(Clone)]
pub(super) struct Expr {
    pub tokens: TokenStream,
    pub prec: Prec,
    /// Memory the expression reads.
    pub reads: Vec<VarId>,
}

impl Expr {
    pub fn new(tokens: TokenStream, prec: Prec) -> Expr {
        Expr {
            tokens,
            prec,
            reads: Vec::new(),
        }
    }

    fn reading(mut self, others: &[&Expr]) -> Expr {
        for other in others {
            self.reads.extend(&other.reads);
        }
        self
    }

    /// `a * b` for `-a * b`, which is its negative; `a` for `-a`.
    pub fn without_sign(&self) -> Option<Expr> {
        let mut tokens = self.tokens.clone().into_iter();
        let sign = matches!(tokens.next()?, TokenTree::Punct(punct) if punct.as_char() == '-');
        let rest: TokenStream = tokens.collect();
        let casts = |token: TokenTree| matches!(token, TokenTree::Ident(ident) if ident == "as");
        let product = self.prec == Prec::Product && !rest.clone().into_iter().any(casts);
        let signed = sign && (product || self.prec == Prec::Unary);
        signed.then(|| Expr::new(rest, self.prec))
    }

    /// The tokens, in parentheses if they bind less tightly than `prec`.
    pub fn at(&self, prec: Prec) -> TokenStream {
        let tokens = &self.tokens;
        if self.prec >= prec {
            tokens.clone()
        } else {
            quote!((#tokens))
        }
    }
}

/// A value that is printed where it is used.
pub(super) struct Pending {
    /// When it was computed, among the pending ones.
    pub order: usize,
    pub expr: Expr,
    /// Uses still to come.
    pub left: usize,
}

/// How one function body is printed.
pub(crate) struct Printer<'f> {
    pub func: &'f Func,
    pub views: Views,
    /// The type parameter that switches each parameter's shadow; empty: always on.
    pub gates: Vec<Option<Ident>>,
    /// Variables that something writes.
    pub mutated: HashSet<VarId>,
    /// Variables that the last of the blocks writes.
    pub rewritten: HashSet<VarId>,
    /// Variables that are restored from a tape.
    pub popped: HashSet<VarId>,
    /// Cells that are declared with a value.
    pub initialised: HashSet<VarId>,
    /// How often a variable is mentioned in the whole function.
    pub mentions: HashMap<VarId, usize>,
    /// Expressions to be printed where they are used.
    pub pending: BTreeMap<VarId, Pending>,
    pub sequence: usize,
    /// Values that are another variable's, which nothing writes.
    pub alias: HashMap<VarId, VarId>,
    /// Shadows of reference parameters, by the parameter's position.
    pub shadow_param: HashMap<VarId, usize>,
}

impl Printer<'_> {
    /// Notes which shadows are those of reference parameters.
    pub fn shadow_of(&mut self, shadows: &[Option<VarId>]) {
        for (position, shadow) in shadows.iter().enumerate() {
            if let Some(shadow) = shadow
                && self
                    .func
                    .var(self.func.params[position])
                    .reference
                    .is_some()
            {
                self.shadow_param.insert(*shadow, position);
            }
        }
    }

    /// An identifier of the generated code at the user's place.
    pub fn ident(&self, id: VarId) -> Ident {
        let var = self.func.var(id);
        ident(&var.name, var.span)
    }

    pub fn atom(&mut self, atom: &Atom) -> Expr {
        match atom {
            Atom::Var(id) => self.variable(*id),
            Atom::Lit(lit) => {
                let negative = lit.to_token_stream().to_string().starts_with('-');
                let prec = if negative { Prec::Unary } else { Prec::Postfix };
                Expr::new(lit.to_token_stream(), prec)
            }
            Atom::Const(tokens) => {
                let single = tokens.clone().into_iter().count() <= 1;
                let prec = if single { Prec::Postfix } else { Prec::Low };
                Expr::new(tokens.clone(), prec)
            }
        }
    }

    fn variable(&mut self, id: VarId) -> Expr {
        if let Some(pending) = self.pending.get_mut(&id) {
            pending.left -= 1;
            let expr = pending.expr.clone();
            if pending.left == 0 {
                self.pending.remove(&id);
            }
            return expr;
        }
        if let Some(other) = self.alias.get(&id) {
            return self.variable(*other);
        }
        if let Role::Global(tokens) = &self.func.var(id).role {
            return Expr::new(tokens.clone(), Prec::Postfix);
        }
        let mut expr = Expr::new(self.ident(id).to_token_stream(), Prec::Postfix);
        if self.func.var(id).cell {
            expr.reads.push(id);
        }
        expr
    }

    pub fn place(&mut self, place: &Place) -> Expr {
        let mut expr = self.variable(place.root);
        expr.reads.push(self.views.root(place.root));
        for proj in &place.path {
            let base = expr.at(Prec::Postfix);
            let mut reads = expr.reads;
            let (tokens, prec) = match proj {
                Proj::Index(atom) => {
                    let index = self.atom(atom);
                    reads.extend(&index.reads);
                    let index = index.tokens;
                    (quote!(#base[#index]), Prec::Postfix)
                }
                Proj::Range {
                    from,
                    to,
                    inclusive,
                } => {
                    let range = self.range(from.as_ref(), to.as_ref(), *inclusive);
                    reads.extend(&range.reads);
                    let range = range.tokens;
                    (quote!(#base[#range]), Prec::Postfix)
                }
                Proj::Field(index) => {
                    let index = syn::Index::from(*index);
                    (quote!(#base.#index), Prec::Postfix)
                }
                Proj::Deref => (quote!(*#base), Prec::Unary),
            };
            expr = Expr {
                tokens,
                prec,
                reads,
            };
        }
        expr
    }

    pub fn range(&mut self, from: Option<&Atom>, to: Option<&Atom>, inclusive: bool) -> Expr {
        let mut reads = Vec::new();
        let mut bound = |atom: Option<&Atom>| {
            atom.map(|atom| {
                let expr = self.atom(atom);
                reads.extend(&expr.reads);
                expr.at(Prec::Or)
            })
        };
        let (from, to) = (bound(from), bound(to));
        let tokens = if inclusive {
            quote!(#from..=#to)
        } else {
            quote!(#from..#to)
        };
        Expr {
            tokens,
            prec: Prec::Low,
            reads,
        }
    }

    /// `&place` or `&mut place`; a reference is passed on.
    pub fn reference(&mut self, place: &Place, mutability: Mutability) -> TokenStream {
        let held = self.func.var(place.root).reference;
        let bare = place.path.is_empty().then_some(held).flatten();
        let tokens = self.place(place).at(Prec::Unary);
        match (bare, mutability) {
            (Some(Mutability::Shared), _) => tokens,
            (Some(Mutability::Mutable), Mutability::Shared) => quote!(&*#tokens),
            (Some(Mutability::Mutable), Mutability::Mutable) => quote!(&mut *#tokens),
            (None, Mutability::Shared) => quote!(&#tokens),
            (None, Mutability::Mutable) => quote!(&mut #tokens),
        }
    }

    /// The value of a variable that is wanted again: an owned copy unless it is `Copy`.
    pub fn kept(&mut self, atom: &Atom) -> Expr {
        let expr = self.atom(atom);
        match atom.var() {
            Some(id) if self.must_clone(id) => {
                let tokens = expr.at(Prec::Unary);
                Expr {
                    tokens: quote!(ad_rt::own(&#tokens)),
                    prec: Prec::Postfix,
                    reads: expr.reads,
                }
            }
            _ => expr,
        }
    }

    fn must_clone(&self, id: VarId) -> bool {
        let var = self.func.var(id);
        let owned = match &var.ty {
            Ty::Seq(_, form) => !matches!(form, SeqForm::Array),
            Ty::Unknown => true,
            _ => false,
        };
        let local = !matches!(var.role, Role::Global(_));
        owned && local && self.mentions.get(&id).copied().unwrap_or(0) > 1
    }

    pub fn value(&mut self, value: &Value, ty: &Ty, span: Span) -> Expr {
        match value {
            Value::Atom(atom) => self.kept(atom),
            Value::Rule(rule, atoms, form) => self.rule(rule.name, atoms, *form, ty, span),
            Value::Inert(inert, atoms) => self.inert(inert, atoms, span),
            Value::Cast(atom, _, to) => {
                let expr = self.atom(atom);
                let inner = expr.at(Prec::Cast);
                Expr::new(quote!(#inner as #to), Prec::Cast).reading(&[&expr])
            }
            Value::Load(place) => {
                if place.path.is_empty() {
                    let atom = Atom::Var(place.root);
                    return self.kept(&atom);
                }
                self.place(place)
            }
            Value::Len(place) => self.method_of_place(place, quote!(len())),
            Value::List(form, atoms) => self.list(*form, atoms),
            Value::Repeat(form, elem, len) => self.repeat(*form, elem, len),
            Value::Tuple(atoms) => {
                let parts: Vec<Expr> = atoms.iter().map(|atom| self.kept(atom)).collect();
                let tokens = parts.iter().map(|part| &part.tokens);
                let tokens = if parts.len() == 1 {
                    quote!((#(#tokens),*,))
                } else {
                    quote!((#(#tokens),*))
                };
                Expr::new(tokens, Prec::Postfix).reading(&parts.iter().collect::<Vec<_>>())
            }
            Value::Copied(place, CopyForm::ToVec) => self.method_of_place(place, quote!(to_vec())),
            Value::Copied(place, CopyForm::Clone) => self.method_of_place(place, quote!(clone())),
            Value::Opaque(opaque) => Expr::new(self.opaque(opaque), Prec::Low),
            Value::ZeroLike(place) => self.of_place("zero_like", place),
            Value::Own(place) => self.of_place("own", place),
            Value::Pooled(place) => self.of_place("pooled", place),
            Value::Sum(place) => self.of_place("sum", place),
            Value::Helper(name, atoms) => self.helper(name, atoms, ty),
            Value::Negate(atom) => {
                let expr = self.atom(atom);
                let negated = expr.without_sign().unwrap_or_else(|| {
                    let inner = expr.at(Prec::Unary);
                    Expr::new(quote!(-#inner), Prec::Unary)
                });
                negated.reading(&[&expr])
            }
            Value::Gated(gate, place) => self.gated(gate, place),
        }
    }

    fn of_place(&mut self, function: &str, place: &Place) -> Expr {
        let function = Ident::new(function, Span::call_site());
        let reads = vec![self.views.root(place.root)];
        let place = self.reference(place, Mutability::Shared);
        Expr {
            tokens: quote!(ad_rt::#function(#place)),
            prec: Prec::Postfix,
            reads,
        }
    }

    fn method_of_place(&mut self, place: &Place, method: TokenStream) -> Expr {
        let expr = self.place(place);
        let base = expr.at(Prec::Postfix);
        Expr::new(quote!(#base.#method), Prec::Postfix).reading(&[&expr])
    }

    fn gated(&mut self, gate: &Params, place: &Place) -> Expr {
        let expr = self.place(place);
        let Some(on) = self.condition(gate) else {
            return expr;
        };
        let place = &expr.tokens;
        Expr::new(quote!(if #on { #place } else { 0.0 }), Prec::Low).reading(&[&expr])
    }

    /// The condition under which the shadow of a parameter is there.
    pub fn gate_of(&self, shadow: VarId) -> Option<TokenStream> {
        let position = self.shadow_param.get(&shadow)?;
        self.condition(&Params::from([*position]))
    }

    /// Whether one of the parameters is on; `None` if one always is.
    pub fn condition(&self, gate: &Params) -> Option<TokenStream> {
        let markers: Option<Vec<&Ident>> = gate
            .iter()
            .map(|position| self.gates.get(*position).and_then(Option::as_ref))
            .collect();
        let markers = markers?;
        Some(quote!(#(#markers::ON)||*))
    }

    fn list(&mut self, form: SeqForm, atoms: &[Atom]) -> Expr {
        let parts: Vec<Expr> = atoms.iter().map(|atom| self.kept(atom)).collect();
        let tokens = parts.iter().map(|part| &part.tokens);
        let tokens = match form {
            SeqForm::Vec => quote!(::std::vec![#(#tokens),*]),
            _ => quote!([#(#tokens),*]),
        };
        Expr::new(tokens, Prec::Postfix).reading(&parts.iter().collect::<Vec<_>>())
    }

    fn repeat(&mut self, form: SeqForm, elem: &Atom, len: &Atom) -> Expr {
        let (elem, len) = (self.kept(elem), self.atom(len));
        let (e, n) = (&elem.tokens, &len.tokens);
        let tokens = match form {
            SeqForm::Vec => quote!(::std::vec![#e; #n]),
            _ => quote!([#e; #n]),
        };
        Expr::new(tokens, Prec::Postfix).reading(&[&elem, &len])
    }

    fn helper(&mut self, name: &str, atoms: &[Atom], ty: &Ty) -> Expr {
        match name {
            "hollow" => return Expr::new(hollow(ty), Prec::Postfix),
            "cast_like" => {
                let (value, like) = (self.atom(&atoms[0]), self.atom(&atoms[1]));
                let (v, l) = (&value.tokens, like.at(Prec::Unary));
                let tokens = quote!(ad_rt::cast_like(#v, &#l));
                return Expr::new(tokens, Prec::Postfix).reading(&[&value, &like]);
            }
            _ => {}
        }
        let function = Ident::new(name, Span::call_site());
        let parts: Vec<Expr> = atoms.iter().map(|atom| self.atom(atom)).collect();
        let tokens = parts.iter().map(|part| &part.tokens);
        Expr::new(
            quote!(ad_rt::partial::#function(#(#tokens),*)),
            Prec::Postfix,
        )
        .reading(&parts.iter().collect::<Vec<_>>())
    }

    /// A rule's own function; what has no known type must be a number.
    fn rule(&mut self, name: &str, atoms: &[Atom], form: Form, ty: &Ty, span: Span) -> Expr {
        let mut parts: Vec<Expr> = atoms.iter().map(|atom| self.operand(atom)).collect();
        let infix = match name {
            "add" => Some((quote_spanned!(span=> +), Prec::Sum)),
            "sub" => Some((quote_spanned!(span=> -), Prec::Sum)),
            "mul" => Some((quote_spanned!(span=> *), Prec::Product)),
            "div" => Some((quote_spanned!(span=> /), Prec::Product)),
            "rem" => Some((quote_spanned!(span=> %), Prec::Product)),
            _ => None,
        };
        if let Some((operator, prec)) = infix {
            return binary(&parts[0], operator, &parts[1], prec);
        }
        if name == "neg" {
            let inner = parts[0].at(Prec::Unary);
            return Expr::new(quote!(-#inner), Prec::Unary).reading(&[&parts[0]]);
        }
        let method = Ident::new(name, located(span));
        if let Form::Path(width) = form {
            let float = ident(width.name(), span);
            let tokens = parts.iter().map(|part| &part.tokens);
            let tokens = quote!(#float::#method(#(#tokens),*));
            return Expr::new(tokens, Prec::Postfix).reading(&parts.iter().collect::<Vec<_>>());
        }
        let receiver = self.receiver(&atoms[0], &parts[0], ty);
        let rest = parts.split_off(1);
        let tokens = rest.iter().map(|part| &part.tokens);
        let mut all: Vec<&Expr> = rest.iter().collect();
        all.push(&parts[0]);
        Expr::new(quote!(#receiver.#method(#(#tokens),*)), Prec::Postfix).reading(&all)
    }

    fn operand(&mut self, atom: &Atom) -> Expr {
        let unknown = atom.var().is_some_and(|id| {
            let var = self.func.var(id);
            let hidden = var.ty == Ty::Unknown || self.func.foreign.contains(&id);
            hidden && !matches!(var.role, Role::Global(_) | Role::Shadow)
        });
        let expr = self.atom(atom);
        if !unknown {
            return expr;
        }
        let inner = &expr.tokens;
        Expr::new(quote!(ad_rt::scalar(#inner)), Prec::Postfix).reading(&[&expr])
    }

    /// A literal needs its type written out to have methods.
    fn receiver(&self, atom: &Atom, expr: &Expr, ty: &Ty) -> TokenStream {
        if let Atom::Lit(syn::Lit::Float(lit)) = atom
            && lit.suffix().is_empty()
        {
            let name = match ty {
                Ty::Float(Some(Width::F32)) => "f32",
                _ => "f64",
            };
            let text = format!("{}_{name}", lit.base10_digits());
            return syn::LitFloat::new(&text, lit.span()).to_token_stream();
        }
        expr.at(Prec::Postfix)
    }

    fn inert(&mut self, inert: &Inert, atoms: &[Atom], span: Span) -> Expr {
        let parts: Vec<Expr> = atoms.iter().map(|atom| self.atom(atom)).collect();
        let all: Vec<&Expr> = parts.iter().collect();
        let first = &parts[0];
        match inert {
            Inert::Operator(op) => {
                let prec = precedence(op);
                binary(first, op.to_token_stream(), &parts[1], prec)
            }
            Inert::Not => {
                let inner = first.at(Prec::Unary);
                Expr::new(quote!(!#inner), Prec::Unary).reading(&all)
            }
            Inert::Matches(pattern) => {
                let subject = &first.tokens;
                let tokens = quote!(::core::matches!(#subject, #pattern));
                Expr::new(tokens, Prec::Postfix).reading(&all)
            }
            Inert::Function(path) => {
                let args = parts.iter().map(|part| &part.tokens);
                Expr::new(quote!(#path(#(#args),*)), Prec::Postfix).reading(&all)
            }
            Inert::Method(name) => {
                let receiver = first.at(Prec::Postfix);
                let method = Ident::new(&name.to_string(), located(span));
                let rest = parts[1..].iter().map(|part| &part.tokens);
                let by_reference = COMPARING.contains(&name.to_string().as_str());
                let tokens = if by_reference {
                    quote!(#receiver.#method(#(&#rest),*))
                } else {
                    quote!(#receiver.#method(#(#rest),*))
                };
                Expr::new(tokens, Prec::Postfix).reading(&all)
            }
        }
    }

    /// User tokens, with the generated names of the variables in them.
    pub fn opaque(&mut self, opaque: &Opaque) -> TokenStream {
        let names: HashMap<String, Ident> = opaque
            .reads
            .iter()
            .map(|(text, id)| (text.clone(), self.ident(*id)))
            .collect();
        super::rename::rename(opaque.tokens.clone(), &names)
    }
}

/// Inert methods whose arguments are references in std.
const COMPARING: &[&str] = &[
    "total_cmp",
    "partial_cmp",
    "cmp",
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
];

/// A value without content, for a variable that is assigned before it is read.
fn hollow(ty: &Ty) -> TokenStream {
    match ty {
        Ty::Float(Some(Width::F32)) => quote!(0.0_f32),
        Ty::Float(_) => quote!(0.0),
        Ty::Discrete(Some(name)) if name == "bool" => quote!(false),
        _ => quote!(ad_rt::hollow()),
    }
}

fn binary(left: &Expr, operator: TokenStream, right: &Expr, prec: Prec) -> Expr {
    // Comparisons do not chain, and `a as usize < b` does not parse.
    let (mut at_left, mut at_right) = (prec, tighter(prec));
    if matches!(prec, Prec::Compare | Prec::Shift) {
        at_left = Prec::Unary.min(tighter(Prec::Cast));
        at_right = tighter(prec);
        if left.prec > prec && left.prec != Prec::Cast {
            at_left = left.prec;
        }
    }
    let (l, r) = (left.at(at_left), right.at(at_right));
    Expr::new(quote!(#l #operator #r), prec).reading(&[left, right])
}

fn tighter(prec: Prec) -> Prec {
    use Prec::*;
    match prec {
        Low => Or,
        Or => And,
        And => Compare,
        Compare => BitOr,
        BitOr => BitXor,
        BitXor => BitAnd,
        BitAnd => Shift,
        Shift => Sum,
        Sum => Product,
        Product => Cast,
        Cast => Unary,
        Unary | Postfix => Postfix,
    }
}

fn precedence(op: &syn::BinOp) -> Prec {
    use syn::BinOp::*;
    match op {
        BitAnd(_) => Prec::BitAnd,
        BitOr(_) => Prec::BitOr,
        BitXor(_) => Prec::BitXor,
        Shl(_) | Shr(_) => Prec::Shift,
        And(_) => Prec::And,
        Or(_) => Prec::Or,
        _ => Prec::Compare,
    }
}

/// A span of the generated code that rustc reports at the user's place.
pub(super) fn located(span: Span) -> Span {
    Span::call_site().located_at(span)
}

pub(super) fn ident(name: &str, span: Span) -> Ident {
    const KEYWORDS: &[&str] = &[
        "type", "match", "move", "ref", "loop", "fn", "in", "use", "box",
    ];
    if KEYWORDS.contains(&name) {
        return Ident::new_raw(name, located(span));
    }
    Ident::new(name, located(span))
}
