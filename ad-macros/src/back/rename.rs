//! User tokens with other variable names in them, format strings included.

use proc_macro2::{Group, Ident, Literal, Span, TokenStream, TokenTree};
use std::collections::HashMap;

pub(super) fn rename(tokens: TokenStream, names: &HashMap<String, Ident>) -> TokenStream {
    let (mut after_dot, mut previous_dot) = (false, false);
    tokens
        .into_iter()
        .map(|tree| {
            let field = after_dot;
            let dot = matches!(&tree, TokenTree::Punct(punct) if punct.as_char() == '.');
            after_dot = dot && !previous_dot;
            previous_dot = dot;
            match tree {
                TokenTree::Ident(name) if !field => match names.get(&name.to_string()) {
                    Some(other) => TokenTree::Ident(other.clone()),
                    None => TokenTree::Ident(name),
                },
                TokenTree::Group(group) => {
                    let mut inner = Group::new(group.delimiter(), rename(group.stream(), names));
                    inner.set_span(group.span());
                    TokenTree::Group(inner)
                }
                TokenTree::Literal(literal) => TokenTree::Literal(format_string(literal, names)),
                tree => tree,
            }
        })
        .collect()
}

/// Captured names in `"{x:.3}"`.
fn format_string(literal: Literal, names: &HashMap<String, Ident>) -> Literal {
    let text = literal.to_string();
    let captured = crate::front::captured(&text);
    let relevant: Vec<&String> = captured
        .iter()
        .filter(|name| names.contains_key(*name))
        .collect();
    if relevant.is_empty() {
        return literal;
    }
    let mut renamed = text;
    for name in relevant {
        for end in ["}", ":"] {
            let (from, to) = (format!("{{{name}{end}"), format!("{{{}{end}", names[name]));
            renamed = renamed.replace(&from, &to);
        }
    }
    let Ok(mut result) = renamed.parse::<Literal>() else {
        return literal;
    };
    result.set_span(Span::call_site().located_at(literal.span()));
    result
}
