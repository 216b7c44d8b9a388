//! Statements of a generated function as a tree, so that parts can be taken out.

/// A statement.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Line(String),
    /// `head { .. } head { .. } close`; every head ends with `{`.
    Block {
        parts: Vec<(String, Vec<Node>)>,
        close: String,
    },
}

impl Node {
    pub(super) fn line(text: impl Into<String>) -> Self {
        Node::Line(text.into())
    }

    pub(super) fn block(head: impl Into<String>, body: Vec<Node>) -> Self {
        Node::Block {
            parts: vec![(head.into(), body)],
            close: "}".into(),
        }
    }
}

/// Writes statements as source lines.
pub(super) fn render(nodes: &[Node], indent: usize, out: &mut String) {
    for node in nodes {
        match node {
            Node::Line(text) => put(text, indent, out),
            Node::Block { parts, close } => {
                for (head, body) in parts {
                    put(head, indent, out);
                    render(body, indent + 1, out);
                }
                put(close, indent, out);
            }
        }
    }
}

/// Lines of a head or close after the first, and before the last brace, belong inside.
fn put(text: &str, indent: usize, out: &mut String) {
    for line in text.lines() {
        for _ in 0..indent {
            out.push_str("    ");
        }
        out.push_str(line);
        out.push('\n');
    }
}

/// How many statements there are, nested ones included.
pub(super) fn count(nodes: &[Node]) -> usize {
    nodes
        .iter()
        .map(|node| match node {
            Node::Line(_) => 1,
            Node::Block { parts, .. } => {
                1 + parts.iter().map(|(_, body)| count(body)).sum::<usize>()
            }
        })
        .sum()
}

/// What to do with one statement while shrinking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// Take it out.
    Remove,
    /// Put the statements of its first block in its place.
    Unwrap,
    /// Make the expression of a line simpler, in one of several ways.
    Simplify(usize),
}

/// Cuts statement number `at`, counted in source order; `None` if that changes nothing.
pub(super) fn cut(nodes: &[Node], at: usize, how: Cut) -> Option<Vec<Node>> {
    let mut left = at;
    let mut changed = false;
    let nodes = cut_within(nodes, &mut left, how, &mut changed);
    changed.then_some(nodes)
}

fn cut_within(nodes: &[Node], left: &mut usize, how: Cut, changed: &mut bool) -> Vec<Node> {
    let mut out = Vec::new();
    for node in nodes {
        if *changed {
            out.push(node.clone());
            continue;
        }
        if *left == 0 {
            cut_node(node, how, changed, &mut out);
            *left = usize::MAX;
            continue;
        }
        *left -= 1;
        out.push(descend(node, left, how, changed));
    }
    out
}

fn cut_node(node: &Node, how: Cut, changed: &mut bool, out: &mut Vec<Node>) {
    match (how, node) {
        (Cut::Remove, _) => *changed = true,
        (Cut::Unwrap, Node::Block { parts, .. }) => {
            *changed = true;
            out.extend(parts[0].1.iter().cloned());
        }
        (Cut::Simplify(way), Node::Line(text)) => match simpler(text).into_iter().nth(way) {
            Some(text) => {
                *changed = true;
                out.push(Node::Line(text));
            }
            None => out.push(node.clone()),
        },
        _ => out.push(node.clone()),
    }
}

fn descend(node: &Node, left: &mut usize, how: Cut, changed: &mut bool) -> Node {
    let Node::Block { parts, close } = node else {
        return node.clone();
    };
    let parts = parts
        .iter()
        .map(|(head, body)| (head.clone(), cut_within(body, left, how, changed)))
        .collect();
    let close = close.clone();
    Node::Block { parts, close }
}

/// Shorter versions of a line: without a term of a sum, or with a number for something in
/// parentheses. Not all of them compile.
fn simpler(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut starts = Vec::new();
    let mut term = text.find("= ").map_or(0, |at| at + 2);
    for (at, c) in text.char_indices() {
        match c {
            '(' => starts.push(at),
            ')' => {
                if let Some(start) = starts.pop() {
                    found.push(format!("{}0.5_f64{}", &text[..start], &text[at + 1..]));
                    found.push(format!(
                        "{}0.5_f64{}",
                        &text[..head(text, start)],
                        &text[at + 1..]
                    ));
                }
            }
            '+' if starts.is_empty() && text[at..].starts_with("+ ") && at >= term => {
                found.push(format!("{}{}", &text[..term], &text[at + 2..]));
                found.push(format!(
                    "{}{}",
                    &text[..at],
                    if text.ends_with(';') { ";" } else { "" }
                ));
                term = at + 2;
            }
            _ => {}
        }
    }
    found.retain(|shorter| shorter.len() < text.len());
    found
}

/// Where the callee of a call starts whose arguments start at `open`.
fn head(text: &str, open: usize) -> usize {
    let part = |c: char| c.is_alphanumeric() || "_:.[]".contains(c);
    text[..open].rfind(|c| !part(c)).map_or(0, |at| at + 1)
}
