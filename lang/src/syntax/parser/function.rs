//! Function headers and bodies: `string standalone.greet(String name) { … }`.

use super::foreign::alien;
use super::input::{Fail, In, Parsed, any_name};
use super::recover::{self, bracketed};
use super::stmt::block;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::syntax::ast::{Function, Ident, Param};
use crate::syntax::token::{Op, TokenKind};
use nom::Parser;
use nom::combinator::opt;

/// Words for the types of values, any case: in headers, and in `List:String(…)`.
pub(super) const VALUE_TYPES: &[&str] = &[
    "string",
    "text",
    "int",
    "long",
    "bigint",
    "number",
    "float",
    "decimal",
    "bool",
    "boolean",
    "date",
    "datetime",
    "time",
    "timestamp",
    "map",
    "list",
];

/// Words for types that stand in headers alone.
const HEADER_TYPES: &[&str] = &["void", "double", "file", "collection", "key-value"];

/// Type words of headers, any case.
pub(super) fn types() -> impl Iterator<Item = &'static str> {
    HEADER_TYPES.iter().chain(VALUE_TYPES).copied()
}

/// Words with which other languages begin a function.
const FUNCTION_WORDS: &[&str] = &["function", "def", "fn", "func", "sub"];

/// Words that begin a statement with a block or a name after them, and never a function.
const NOT_A_NAME: &[&str] = &[
    "if", "else", "for", "while", "try", "catch", "return", "info", "throw", "switch", "match", "foreach",
    "unless", "until", "do", "elif", "elsif", "elseif", "finally", "with", "using", "new", "await", "insert",
    "delete",
];

/// How far a dotted name is followed; looking ahead must stay cheap.
const MAX_NAME_TOKENS: usize = 32;

/// A header found by looking ahead: where its parts stand.
struct Header {
    /// The return type and how many tokens it takes.
    returns: Option<Ident>,
    /// Where the name begins.
    name: usize,
    /// Where the `(` stands.
    open: usize,
    /// A word of another language stands before the name.
    foreign: Option<usize>,
}

/// Whether a function begins here.
pub(super) fn is_header(i: In<'_>) -> bool {
    header(i).is_some()
}

fn header(start: In<'_>) -> Option<Header> {
    let first = start.word(0)?;
    if NOT_A_NAME.iter().any(|word| word.eq_ignore_ascii_case(first)) {
        return None;
    }
    let mut i = start;
    let mut returns = None;
    let mut foreign = None;
    if i.is_word(0, "key") && i.is_op_at(1, Op::Minus) && i.is_word(2, "value") && i.word(3).is_some() {
        returns = Some(Ident { text: "key-value".to_string(), span: i.span().to(i.peek(2).span) });
        i = i.skip(3);
    } else if i.word(1).is_some() && !i.is_one_of(0, FUNCTION_WORDS) {
        returns = Some(i.ident(0));
        i = i.skip(1);
    }
    if i.is_one_of(0, FUNCTION_WORDS) && i.word(1).is_some() {
        foreign = Some(i.at);
        i = i.skip(1);
    }
    let name = i.at;
    i = i.skip(1);
    while i.is_op(Op::Dot) && i.word(1).is_some() && i.at < name + MAX_NAME_TOKENS {
        i = i.skip(2);
    }
    if !i.is_op(Op::ParenOpen) {
        return None;
    }
    let typed = returns.as_ref().is_some_and(|ty| types().any(|word| ty.is(word)));
    let body = i.mate().is_some_and(|mate| i.jump(mate + 1).is_op(Op::BraceOpen));
    (typed || body || foreign.is_some()).then_some(Header { returns, name, open: i.at, foreign })
}

/// A function, if one begins here: put with the others of the file.
pub(super) fn function(start: In<'_>) -> Option<In<'_>> {
    let header = header(start)?;
    if start.ctx.blocks_open.get() > 0 {
        start.report(
            Diagnostic::error(
                codes::UNEXPECTED,
                start.span(),
                "a function cannot stand inside another block",
            )
            .label("this function is inside a block")
            .help("move it out, or close the block before it with `}`"),
        );
    }
    if let Some(at) = header.foreign {
        let word = start.jump(at);
        let name = word.word(1).unwrap_or("f");
        let help = format!("write the type of its result instead: `void {name}(String id) {{ … }}`");
        alien(
            word,
            word.span(),
            format!("functions are not declared with `{}`", word.text_of(word.peek(0))),
            help,
        );
    }
    let name = name_parts(start.jump(header.name), header.open);
    let (rest, params) = bracketed(start.jump(header.open), param);
    let (rest, body) = if rest.is_op(Op::BraceOpen) {
        block(rest)
    } else {
        recover::report(rest, &Fail { at: rest.at, want: vec!["`{` and the body of the function"] });
        (recover::next_statement(start, rest.at), vec![])
    };
    let span = start.span().to(rest.gap());
    let function = Function { name, returns: header.returns, params: params.items, body, span };
    start.ctx.functions.borrow_mut().push(function);
    Some(rest)
}

fn name_parts(i: In<'_>, end: usize) -> Vec<Ident> {
    (0..end.saturating_sub(i.at))
        .filter(|ahead| i.peek(*ahead).kind == TokenKind::Ident)
        .map(|a| i.ident(a))
        .collect()
}

/// `String id` or `id`
fn param(i: In<'_>) -> Parsed<'_, Param> {
    let key_value = i.is_word(0, "key") && i.is_op_at(1, Op::Minus) && i.is_word(2, "value");
    let (i, first, second) = if key_value {
        let ty = Ident { text: "key-value".to_string(), span: i.span().to(i.peek(2).span) };
        let (i, name) = any_name(i.skip(3))?;
        (i, ty, Some(name))
    } else {
        let (i, (first, second)) = (any_name, opt(any_name)).parse(i)?;
        (i, first, second)
    };
    Ok(match second {
        Some(name) => (i, Param { ty: Some(first), name }),
        None => (i, Param { ty: None, name: first }),
    })
}
