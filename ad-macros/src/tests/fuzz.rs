//! Mutated sources and attribute arguments: errors are fine, a panic is not.

use crate::compile::autodiff;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

const SOURCES: &[&str] = &[
    include_str!("../../../tests/src/programs/gmm.rs"),
    include_str!("../../../tests/src/programs/lstm.rs"),
    include_str!("../../../tests/src/programs/ba.rs"),
    include_str!("../../../tests/src/programs/ode.rs"),
    include_str!("../../../tests/src/programs/heat.rs"),
    include_str!("../../../tests/src/programs/mlp.rs"),
];

const ARGUMENTS: &[&str] = &[
    "",
    "Reverse, Active, Duplicated, Const",
    "Forward, Duplicated",
    "Reverse, name = d, Active",
    "Reverse Reverse",
    "name",
    "= = ,",
    "Sideways, Active",
    "Reverse, Const, Const, Const, Const, Const",
];

/// A small generator: xorshift64*.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let bits = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        bits as usize % limit.max(1)
    }
}

/// Drops, doubles, swaps or replaces a few tokens.
fn mutate(tokens: TokenStream, pool: &[TokenTree], random: &mut Random) -> TokenStream {
    let mut trees: Vec<TokenTree> = tokens
        .into_iter()
        .map(|tree| match tree {
            TokenTree::Group(group) if random.below(3) > 0 => {
                let inner = mutate(group.stream(), pool, random);
                TokenTree::Group(Group::new(group.delimiter(), inner))
            }
            tree => tree,
        })
        .collect();
    if trees.len() > 1 && random.below(4) == 0 {
        let (at, other) = (random.below(trees.len()), random.below(trees.len()));
        match random.below(5) {
            0 => {
                trees.remove(at);
            }
            1 => trees.swap(at, other),
            2 => trees.insert(at, trees[other].clone()),
            3 => trees[at] = pool[random.below(pool.len())].clone(),
            _ => trees.insert(at, pool[random.below(pool.len())].clone()),
        }
    }
    trees.into_iter().collect()
}

fn flatten(tokens: TokenStream, pool: &mut Vec<TokenTree>) {
    for tree in tokens {
        if let TokenTree::Group(group) = &tree {
            flatten(group.stream(), pool);
            if group.delimiter() == Delimiter::Brace {
                continue;
            }
        }
        pool.push(tree);
    }
}

#[test]
fn mutated_functions_never_panic() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let rounds: usize = std::env::var("AD_FUZZ").map_or(40, |text| text.parse().unwrap_or(40));
    for source in SOURCES {
        let file: syn::File = syn::parse_str(source).expect("the programs parse");
        let mut pool = Vec::new();
        flatten(quote::quote!(#file), &mut pool);
        for item in &file.items {
            let syn::Item::Fn(function) = item else {
                continue;
            };
            for round in 0..rounds {
                let tokens = quote::quote!(#function);
                let tokens = if round == 0 {
                    tokens
                } else {
                    mutate(tokens, &pool, &mut random)
                };
                let args = ARGUMENTS[random.below(ARGUMENTS.len())];
                let args = args.parse().unwrap_or_default();
                autodiff(args, tokens);
            }
        }
    }
}

#[test]
fn mutated_calls_never_panic() {
    let mut random = Random(7);
    let call: TokenStream =
        "Reverse, f, Active, Duplicated(&x, &mut dx), Const(c), |x: f64| x * x, Active(3.0)"
            .parse()
            .expect("the call is made of tokens");
    let mut pool = Vec::new();
    flatten(call.clone(), &mut pool);
    for _ in 0..500 {
        crate::call::autodiff(mutate(call.clone(), &pool, &mut random));
    }
}
