//! `#[autodiff(mode, return, arguments.., name = ..)]`, read and checked.

use crate::ctxt::Ctxt;
use crate::front::signature::Signature;
use proc_macro2::{Ident, TokenStream};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    Forward,
    ForwardWithPrimal,
    Reverse,
    ReverseWithPrimal,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Activity {
    Const,
    Active,
    Duplicated,
    DuplicatedNoNeed,
}

/// One attribute line.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub mode: Mode,
    pub ret: Activity,
    pub args: Vec<Activity>,
    /// A free function of that name.
    pub name: Option<Ident>,
}

/// All attribute lines of one function.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub lines: Vec<Line>,
    pub companion: Option<Ident>,
    pub boxed: bool,
    /// Every mode, with the activities of the types.
    pub all: bool,
}

const MODES: &str = "`Forward`, `ForwardWithPrimal`, `Reverse`, `ReverseWithPrimal`";
const ACTIVITIES: &str = "`Const`, `Active`, `Duplicated`, `DuplicatedNoNeed`";

/// What a type allows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Nature {
    /// A float by value, or an array or tuple of floats.
    Value,
    /// Memory: references, slices, `Vec`.
    Memory,
    /// Integers, booleans, text: no derivative.
    Discrete,
    /// `()`.
    Unit,
    /// A type a macro cannot look into.
    Unknown,
}

enum Item {
    Word(Ident),
    Option(Ident, Ident),
}

impl Parse for Item {
    fn parse(input: ParseStream) -> syn::Result<Item> {
        let Ok(name) = input.parse::<Ident>() else {
            return Err(input.error(
                "expected a mode and activities, as in `#[autodiff(Reverse, Active, Duplicated)]`",
            ));
        };
        if input.peek(syn::Token![=]) {
            input.parse::<syn::Token![=]>()?;
            return Ok(Item::Option(name, input.parse()?));
        }
        if input.peek(syn::token::Paren) {
            return Err(syn::Error::new(
                name.span(),
                format!(
                    "`{name}` takes no value here: write `{name}` alone, in the order of the parameters"
                ),
            ));
        }
        Ok(Item::Word(name))
    }
}

/// Reads every line of a function.
pub(crate) fn read(
    cx: &Ctxt,
    lines: &[(TokenStream, proc_macro2::Span)],
    signature: &Signature,
) -> Request {
    let mut request = Request {
        lines: Vec::new(),
        companion: None,
        boxed: false,
        all: false,
    };
    for (tokens, span) in lines {
        let parser = Punctuated::<Item, syn::Token![,]>::parse_terminated;
        match syn::parse::Parser::parse2(parser, tokens.clone()) {
            Ok(items) => line(
                cx,
                items.into_iter().collect(),
                *span,
                signature,
                &mut request,
            ),
            Err(error) => cx.push(error),
        }
    }
    request
}

fn line(
    cx: &Ctxt,
    items: Vec<Item>,
    span: proc_macro2::Span,
    signature: &Signature,
    request: &mut Request,
) {
    let mut words = Vec::new();
    let mut name = None;
    for item in items {
        match item {
            Item::Word(word) if word == "boxed" => request.boxed = true,
            Item::Word(word) => words.push(word),
            Item::Option(key, value) if key == "name" => name = Some(value),
            Item::Option(key, value) if key == "companion" => request.companion = Some(value),
            Item::Option(key, _) => cx.error(
                &key,
                format!("unknown option `{key}`: expected `name` or `companion`"),
            ),
        }
    }
    let Some((first, activities)) = words.split_first() else {
        for line in defaults(cx, signature, name, request) {
            add(cx, line, span, request);
        }
        return;
    };
    let Some(mode) = mode(cx, first) else { return };
    let parsed: Option<Vec<(Activity, &Ident)>> = activities
        .iter()
        .map(|word| activity(cx, word).map(|activity| (activity, word)))
        .collect();
    let Some(parsed) = parsed else { return };
    if let Some(line) = complete(cx, mode, &parsed, first, signature, name) {
        add(cx, line, first.span(), request);
    }
}

/// The first line of a mode owns the plain name; others need one of their own.
fn add(cx: &Ctxt, line: Line, span: proc_macro2::Span, request: &mut Request) {
    if line.name.is_none() && request.lines.iter().any(|other| other.mode == line.mode) {
        cx.error_at(
            span,
            format!(
                "a second line of mode `{:?}` needs a name of its own: add `name = ..`",
                line.mode
            ),
        );
    }
    request.lines.push(line);
}

fn mode(cx: &Ctxt, word: &Ident) -> Option<Mode> {
    let mode = match word.to_string().as_str() {
        "Forward" => Mode::Forward,
        "ForwardWithPrimal" => Mode::ForwardWithPrimal,
        "Reverse" => Mode::Reverse,
        "ReverseWithPrimal" => Mode::ReverseWithPrimal,
        "ReverseSplitWithPrimal" | "ReverseSplitNoPrimal" => {
            cx.error(
                word,
                format!("mode `{word}` is not supported yet: expected one of {MODES}"),
            );
            return None;
        }
        _ => {
            let message = match word.to_string().as_str() {
                "Const" | "Active" | "Duplicated" | "DuplicatedNoNeed" => {
                    format!("the mode is missing before `{word}`: write one of {MODES} first")
                }
                _ => format!("unknown mode `{word}`: expected one of {MODES}"),
            };
            cx.error(word, message);
            return None;
        }
    };
    Some(mode)
}

fn activity(cx: &Ctxt, word: &Ident) -> Option<Activity> {
    let activity = match word.to_string().as_str() {
        "Const" => Activity::Const,
        "Active" => Activity::Active,
        "Duplicated" => Activity::Duplicated,
        "DuplicatedNoNeed" => Activity::DuplicatedNoNeed,
        "BatchDuplicated" | "BatchDuplicatedNoNeed" | "MixedDuplicated" => {
            cx.error(
                word,
                format!("activity `{word}` is not supported yet: expected one of {ACTIVITIES}"),
            );
            return None;
        }
        _ => {
            cx.error(
                word,
                format!("unknown activity `{word}`: expected one of {ACTIVITIES}"),
            );
            return None;
        }
    };
    Some(activity)
}

/// `#[autodiff]`: every mode, activities from the types.
fn defaults(
    cx: &Ctxt,
    signature: &Signature,
    name: Option<Ident>,
    request: &mut Request,
) -> Vec<Line> {
    if let Some(name) = &name {
        cx.error(
            name,
            "`name = ..` needs a mode: `#[autodiff(Reverse, name = ..)]`",
        );
    }
    request.all = true;
    [Mode::Forward, Mode::Reverse]
        .into_iter()
        .filter_map(|mode| {
            Some(Line {
                mode,
                ret: default_return(signature, mode),
                args: default_args(cx, mode, signature)?,
                name: None,
            })
        })
        .collect()
}

fn default_args(cx: &Ctxt, mode: Mode, signature: &Signature) -> Option<Vec<Activity>> {
    let forward = matches!(mode, Mode::Forward | Mode::ForwardWithPrimal);
    signature
        .params
        .iter()
        .map(|param| match nature(&param.ty) {
            Nature::Value if forward => Some(Activity::Duplicated),
            Nature::Value => Some(Activity::Active),
            Nature::Memory => Some(Activity::Duplicated),
            Nature::Discrete | Nature::Unit => Some(Activity::Const),
            Nature::Unknown => {
                if !forward {
                    cx.error(
                        &param.ty,
                        "no activity follows from this type: write the activities, as in \
                         `#[autodiff(Reverse, Active, Duplicated, Const)]`",
                    );
                }
                None
            }
        })
        .collect()
}

fn default_return(signature: &Signature, mode: Mode) -> Activity {
    let forward = matches!(mode, Mode::Forward | Mode::ForwardWithPrimal);
    match signature.ret.as_ref().map(nature) {
        None | Some(Nature::Unit | Nature::Discrete) => Activity::Const,
        Some(_) if forward => Activity::Duplicated,
        Some(_) => Activity::Active,
    }
}

fn complete(
    cx: &Ctxt,
    mode: Mode,
    parsed: &[(Activity, &Ident)],
    mode_word: &Ident,
    signature: &Signature,
    name: Option<Ident>,
) -> Option<Line> {
    let count = signature.params.len();
    let (ret, args) = if parsed.is_empty() {
        (
            default_return(signature, mode),
            default_args(cx, mode, signature)?,
        )
    } else if parsed.len() == count + 1 {
        check_return(cx, mode, parsed[0].0, parsed[0].1, signature);
        check_args(cx, mode, &parsed[1..], signature);
        (
            parsed[0].0,
            parsed[1..].iter().map(|(activity, _)| *activity).collect(),
        )
    } else if parsed.len() == count {
        check_args(cx, mode, parsed, signature);
        (
            default_return(signature, mode),
            parsed.iter().map(|(activity, _)| *activity).collect(),
        )
    } else {
        let words: Vec<&Ident> = parsed.iter().map(|(_, word)| *word).collect();
        cx.error(
            quote::quote!(#mode_word #(#words)*),
            format!(
                "expected one activity for the return value and {count} for the parameters, found {}",
                parsed.len()
            ),
        );
        return None;
    };
    Some(Line {
        mode,
        ret,
        args,
        name,
    })
}

fn check_return(cx: &Ctxt, mode: Mode, activity: Activity, word: &Ident, signature: &Signature) {
    let forward = matches!(mode, Mode::Forward | Mode::ForwardWithPrimal);
    let nature = signature.ret.as_ref().map_or(Nature::Unit, nature);
    match (activity, nature) {
        (Activity::Const, _) => {}
        (_, Nature::Unit) => cx.error(
            word,
            "the function returns nothing: write `Const` for the return value, or leave it out",
        ),
        (_, Nature::Discrete) => cx.error(
            word,
            "the return type has no derivative: write `Const` for the return value",
        ),
        (Activity::Active, _) if forward => cx.error(
            word,
            "`Active` is for reverse mode: in forward mode the return value is `Duplicated`",
        ),
        (Activity::Duplicated | Activity::DuplicatedNoNeed, _) if !forward => cx.error(
            word,
            format!(
                "`{word}` is for forward mode: in reverse mode the return value is `Active` or `Const`"
            ),
        ),
        _ => {}
    }
}

fn check_args(cx: &Ctxt, mode: Mode, parsed: &[(Activity, &Ident)], signature: &Signature) {
    let forward = matches!(mode, Mode::Forward | Mode::ForwardWithPrimal);
    for ((activity, word), param) in parsed.iter().zip(&signature.params) {
        let nature = nature(&param.ty);
        let message = match (activity, nature) {
            (Activity::Const, _) => continue,
            (_, Nature::Discrete | Nature::Unit) => {
                format!(
                    "parameter `{}` has no derivative: write `Const`",
                    param.name
                )
            }
            (Activity::Active, _) if forward => format!(
                "`Active` is for reverse mode: in forward mode parameter `{}` is `Duplicated` or `Const`",
                param.name
            ),
            (Activity::Active, Nature::Memory) => format!(
                "`Active` cannot annotate `{}`: it is memory, and its derivative needs a place to go; \
                 write `Duplicated`, or `Const`",
                param.name
            ),
            (Activity::Duplicated | Activity::DuplicatedNoNeed, Nature::Value)
                if !forward && param.reference.is_none() =>
            {
                format!(
                    "`{word}` cannot annotate `{}` in reverse mode: it is passed by value, and its derivative \
                     is returned; write `Active`, or `Const`",
                    param.name
                )
            }
            _ => continue,
        };
        cx.error(word, message);
    }
}

/// What the type allows, as far as a macro can tell.
pub(crate) fn nature(ty: &syn::Type) -> Nature {
    match ty {
        syn::Type::Reference(reference) => match nature(&reference.elem) {
            Nature::Value | Nature::Memory => Nature::Memory,
            other => other,
        },
        syn::Type::Paren(paren) => nature(&paren.elem),
        syn::Type::Group(group) => nature(&group.elem),
        syn::Type::Slice(slice) => match nature(&slice.elem) {
            Nature::Value | Nature::Memory => Nature::Memory,
            other => other,
        },
        syn::Type::Array(array) => nature(&array.elem),
        syn::Type::Tuple(tuple) => of_tuple(tuple),
        syn::Type::Path(path) => of_path(&path.path),
        _ => Nature::Unknown,
    }
}

fn of_tuple(tuple: &syn::TypeTuple) -> Nature {
    let natures: Vec<Nature> = tuple.elems.iter().map(nature).collect();
    if natures.is_empty() {
        Nature::Unit
    } else if natures.contains(&Nature::Unknown) {
        Nature::Unknown
    } else if natures.contains(&Nature::Memory) {
        Nature::Memory
    } else if natures.contains(&Nature::Value) {
        Nature::Value
    } else {
        Nature::Discrete
    }
}

fn of_path(path: &syn::Path) -> Nature {
    let Some(last) = path.segments.last() else {
        return Nature::Unknown;
    };
    match last.ident.to_string().as_str() {
        "f32" | "f64" => Nature::Value,
        "usize" | "isize" | "u8" | "u16" | "u32" | "u64" | "u128" | "i8" | "i16" | "i32"
        | "i64" | "i128" | "bool" | "char" | "str" | "String" => Nature::Discrete,
        "Vec" => match &last.arguments {
            syn::PathArguments::AngleBracketed(args) => match args.args.first() {
                Some(syn::GenericArgument::Type(elem)) => match nature(elem) {
                    Nature::Value | Nature::Memory => Nature::Memory,
                    other => other,
                },
                _ => Nature::Unknown,
            },
            _ => Nature::Unknown,
        },
        _ => Nature::Unknown,
    }
}

impl Request {
    pub fn forward(&self) -> bool {
        let forward = |line: &Line| matches!(line.mode, Mode::Forward | Mode::ForwardWithPrimal);
        self.lines.iter().any(forward)
    }

    pub fn reverse(&self) -> bool {
        let reverse = |line: &Line| matches!(line.mode, Mode::Reverse | Mode::ReverseWithPrimal);
        self.lines.iter().any(reverse)
    }

    /// Whether parameter `position` has a shadow in some line.
    pub fn differentiable(&self, position: usize) -> bool {
        self.lines.iter().any(|line| {
            line.args
                .get(position)
                .is_some_and(|arg| *arg != Activity::Const)
        })
    }
}
