//! Kinds by unification: float, discrete, sequence, tuple or unknown.
//!
//! Rust never mixes types in arithmetic, so `a * b` makes the kinds of `a`, `b`
//! and the result one. References are looked through. A contradiction is left
//! to rustc, which reports it on the user's own function.

use crate::ir::{SeqForm, Ty, Width};

/// A kind under inference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TyId(usize);

#[derive(Clone, Debug)]
enum Node {
    Link(TyId),
    Unknown,
    Float(Option<Width>),
    Discrete(Option<String>),
    Seq(TyId, SeqForm),
    Tuple(Vec<TyId>),
}

#[derive(Default)]
pub(crate) struct Types {
    nodes: Vec<Node>,
}

impl Types {
    pub fn unknown(&mut self) -> TyId {
        self.add(Node::Unknown)
    }

    pub fn float(&mut self) -> TyId {
        self.add(Node::Float(None))
    }

    /// An integer of a type still to be found.
    pub fn integer(&mut self) -> TyId {
        self.add(Node::Discrete(None))
    }

    pub fn discrete(&mut self, name: &str) -> TyId {
        self.add(Node::Discrete(Some(name.to_string())))
    }

    pub fn seq(&mut self, elem: TyId, form: SeqForm) -> TyId {
        self.add(Node::Seq(elem, form))
    }

    pub fn tuple(&mut self, items: Vec<TyId>) -> TyId {
        self.add(Node::Tuple(items))
    }

    fn add(&mut self, node: Node) -> TyId {
        self.nodes.push(node);
        TyId(self.nodes.len() - 1)
    }

    fn root(&self, mut id: TyId) -> TyId {
        while let Node::Link(next) = self.nodes[id.0] {
            id = next;
        }
        id
    }

    /// Makes two kinds one, as far as they agree.
    pub fn unify(&mut self, a: TyId, b: TyId) {
        let (a, b) = (self.root(a), self.root(b));
        if a == b {
            return;
        }
        match (self.nodes[a.0].clone(), self.nodes[b.0].clone()) {
            (Node::Unknown, _) => self.nodes[a.0] = Node::Link(b),
            (_, Node::Unknown) => self.nodes[b.0] = Node::Link(a),
            (Node::Float(None), Node::Float(_)) | (Node::Discrete(None), Node::Discrete(_)) => {
                self.nodes[a.0] = Node::Link(b);
            }
            (Node::Float(_), Node::Float(None)) | (Node::Discrete(_), Node::Discrete(None)) => {
                self.nodes[b.0] = Node::Link(a);
            }
            (Node::Seq(x, _), Node::Seq(y, _)) => self.unify(x, y),
            (Node::Tuple(xs), Node::Tuple(ys)) => {
                for (x, y) in xs.into_iter().zip(ys) {
                    self.unify(x, y);
                }
            }
            // Not what it seemed: unknown values keep their derivative.
            (Node::Float(_), Node::Discrete(_)) | (Node::Discrete(_), Node::Float(_)) => {
                self.nodes[a.0] = Node::Unknown;
                self.nodes[b.0] = Node::Link(a);
            }
            _ => {}
        }
    }

    /// The element kind of a sequence; an unknown kind becomes one.
    pub fn elem(&mut self, id: TyId) -> TyId {
        let id = self.root(id);
        match self.nodes[id.0] {
            Node::Seq(elem, _) => elem,
            Node::Unknown => {
                let elem = self.unknown();
                self.nodes[id.0] = Node::Seq(elem, SeqForm::Unknown);
                elem
            }
            _ => self.unknown(),
        }
    }

    /// The kind of one field of a tuple.
    pub fn field(&mut self, id: TyId, index: usize) -> TyId {
        match &self.nodes[self.root(id).0] {
            Node::Tuple(items) if index < items.len() => items[index],
            _ => self.unknown(),
        }
    }

    pub fn is_discrete(&self, id: TyId) -> bool {
        matches!(self.nodes[self.root(id).0], Node::Discrete(_))
    }

    pub fn is_seq(&self, id: TyId) -> bool {
        matches!(self.nodes[self.root(id).0], Node::Seq(..))
    }

    /// What is known in the end.
    pub fn resolve(&self, id: TyId) -> Ty {
        self.resolve_within(id, 0)
    }

    fn resolve_within(&self, id: TyId, depth: usize) -> Ty {
        if depth > 16 {
            return Ty::Unknown; // `a[i] = a` and the like: rustc reports it.
        }
        match &self.nodes[self.root(id).0] {
            Node::Float(width) => Ty::Float(*width),
            Node::Discrete(name) => Ty::Discrete(name.clone()),
            Node::Seq(elem, form) => {
                Ty::Seq(Box::new(self.resolve_within(*elem, depth + 1)), *form)
            }
            Node::Tuple(items) => Ty::Tuple(
                items
                    .iter()
                    .map(|item| self.resolve_within(*item, depth + 1))
                    .collect(),
            ),
            Node::Unknown | Node::Link(_) => Ty::Unknown,
        }
    }

    /// The kind a written type has. Aliases and user types are unknown.
    pub fn of_syn(&mut self, ty: &syn::Type) -> TyId {
        match ty {
            syn::Type::Reference(reference) => self.of_syn(&reference.elem),
            syn::Type::Paren(paren) => self.of_syn(&paren.elem),
            syn::Type::Group(group) => self.of_syn(&group.elem),
            syn::Type::Slice(slice) => self.seq_of(&slice.elem, SeqForm::Slice),
            syn::Type::Array(array) => self.seq_of(&array.elem, SeqForm::Array),
            syn::Type::Tuple(tuple) => {
                let items = tuple.elems.iter().map(|elem| self.of_syn(elem)).collect();
                self.tuple(items)
            }
            syn::Type::Path(path) => self.of_path(&path.path),
            _ => self.unknown(),
        }
    }

    fn seq_of(&mut self, elem: &syn::Type, form: SeqForm) -> TyId {
        let elem = self.of_syn(elem);
        self.seq(elem, form)
    }

    fn of_path(&mut self, path: &syn::Path) -> TyId {
        let Some(last) = path.segments.last() else {
            return self.unknown();
        };
        let name = last.ident.to_string();
        match name.as_str() {
            "f32" => self.add(Node::Float(Some(Width::F32))),
            "f64" => self.add(Node::Float(Some(Width::F64))),
            "Vec" => match &last.arguments {
                syn::PathArguments::AngleBracketed(args) => match args.args.first() {
                    Some(syn::GenericArgument::Type(elem)) => self.seq_of(elem, SeqForm::Vec),
                    _ => {
                        let elem = self.unknown();
                        self.seq(elem, SeqForm::Vec)
                    }
                },
                _ => {
                    let elem = self.unknown();
                    self.seq(elem, SeqForm::Vec)
                }
            },
            "usize" | "isize" | "u8" | "u16" | "u32" | "u64" | "u128" | "i8" | "i16" | "i32"
            | "i64" | "i128" | "bool" | "char" | "str" | "String" => self.discrete(&name),
            _ => self.unknown(),
        }
    }
}
