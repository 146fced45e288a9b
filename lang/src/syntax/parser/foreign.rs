//! Constructs of other languages: recognised, explained once with the way to write them here, and
//! passed over so that the rest is still read.

use super::expr::{Node, expr, expr_or_bad, starts_value};
use super::input::{In, Parsed};
use super::recover::{past_bracket, past_statement};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::token::{Op, TokenKind};

/// Reports a construct of another language with what to write instead.
pub(super) fn alien(i: In<'_>, span: Span, message: impl Into<String>, help: impl Into<String>) {
    i.report(Diagnostic::error(codes::NOT_DELUGE, span, message).help(help));
}

/// Reports an operator of another language; others pass.
pub(super) fn operator(i: In<'_>, op: Op) {
    let (message, help) = match op {
        Op::StrictEq => ("`===` is not an operator here", "write `==`"),
        Op::StrictNe => ("`!==` is not an operator here", "write `!=`"),
        Op::AngleNe => ("`<>` is not an operator here", "write `!=`"),
        Op::And => ("`&` is not an operator here", "write `&&`; there are no bit operators"),
        Op::Or => ("`|` is not an operator here", "write `||`; there are no bit operators"),
        Op::Power => ("`**` is not an operator here", "write `x.power(2)`"),
        Op::Coalesce => ("`??` is not an operator here", "write `ifnull(value, otherwise)`"),
        Op::SafeDot => {
            ("`?.` is not an operator here", "test first: `if(x != null) { … }`, or use `ifnull(x, Map())`")
        }
        _ => return,
    };
    alien(i, i.span(), message, help);
}

/// Reports `and`, `or`, `not`.
pub(super) fn word_operator(i: In<'_>, sign: &str) {
    let word = i.text_of(i.peek(0));
    alien(i, i.span(), format!("`{word}` is not an operator here"), format!("write `{sign}`"));
}

/// `x++`, `x--` after an operand.
pub(super) fn is_step(i: In<'_>) -> bool {
    let sign_apart = matches!(i.op(2), Some(Op::Plus | Op::Minus)) && !i.glued(1);
    is_double_sign(i) && (!starts_value(i.skip(2)) || i.peek(2).starts_line || sign_apart)
}

/// `++x`, `--x`
pub(super) fn is_step_before(i: In<'_>) -> bool {
    is_double_sign(i) && i.word(2).is_some() && i.glued(1)
}

fn is_double_sign(i: In<'_>) -> bool {
    i.op(0) == i.op(1) && matches!(i.op(0), Some(Op::Plus | Op::Minus)) && i.glued(0)
}

/// Reports `++` or `--`.
pub(super) fn step(i: In<'_>) {
    let sign = if i.is_op(Op::Plus) { "+" } else { "-" };
    let before =
        i.before().filter(|token| token.kind == TokenKind::Ident && token.span.end == i.span().start);
    let name = before.map(|token| i.text_of(token)).or_else(|| i.word(2)).unwrap_or("x");
    let span = i.span().to(i.peek(1).span);
    alien(
        i,
        span,
        format!("`{sign}{sign}` is not an operator here"),
        format!("write `{name} = {name} {sign} 1;`"),
    );
}

/// `c ? a : b` after its condition.
pub(super) fn ternary<'a>(i: In<'a>, condition: Node) -> Parsed<'a, Node> {
    let Some(_level) = i.deeper() else { return Ok(give_up(i)) };
    let text = |span: Span| i.ctx.text.get(span.range()).unwrap_or_default().to_string();
    let (mut rest, yes) = expr_or_bad(i.skip(1));
    let mut help = "write `if(condition, a, b)`".to_string();
    let mut span = condition.expr.span.to(yes.expr.span);
    if rest.is_op(Op::Colon) {
        let (after, no) = expr_or_bad(rest.skip(1));
        span = span.to(no.expr.span);
        rest = after;
        if span.end - span.start < 80 {
            help = format!(
                "write `if({}, {}, {})`",
                text(condition.expr.span),
                text(yes.expr.span),
                text(no.expr.span)
            );
        }
    }
    i.say(Diagnostic::error(codes::NOT_DELUGE, i.span(), "there is no `? :` operator").help(help));
    Ok((rest, Node::bad(span)))
}

/// Too deep: nothing more of the statement is read.
fn give_up(i: In<'_>) -> (In<'_>, Node) {
    i.too_deep(i.span());
    (past_statement(i), Node::bad(i.span()))
}

/// Operands of other languages that begin with a name.
pub(super) fn operand(i: In<'_>) -> Option<(In<'_>, Node)> {
    let word = i.word(0)?;
    if let Some(found) = lambda(i) {
        return Some(found);
    }
    let before_name = i.word(1).is_some() && !i.peek(1).starts_line;
    let (message, help) = match word {
        "new" if before_name => ("there is no `new`", "make a map with `Map()`, a list with `List()`"),
        "await" if before_name => ("there is no `await`", "calls wait for their answer by themselves"),
        "typeof" if before_name => {
            ("there is no `typeof`", "test for what is expected, e.g. `isNull(x)`, `isNumber(x)`")
        }
        _ => return None,
    };
    let Some(_level) = i.deeper() else { return Some(give_up(i)) };
    alien(i, i.span(), message, help);
    Some(expr_or_bad(i.skip(1))).map(|(rest, node)| (rest, Node::bad(i.span().to(node.expr.span))))
}

/// `x => …`, `(a, b) -> …`, `function(x) { … }`, all as values.
pub(super) fn lambda(i: In<'_>) -> Option<(In<'_>, Node)> {
    let params = if i.is_op(Op::ParenOpen) { i.mate().map(|mate| i.jump(mate + 1)) } else { Some(i.skip(1)) };
    let arrow = params.filter(|at| at.is_op(Op::Arrow) || at.is_op(Op::ThinArrow));
    let anonymous = i.is_one_of(0, &["function", "lambda", "func"])
        && i.is_op_at(1, Op::ParenOpen)
        && past_bracket(i.skip(1)).is_op(Op::BraceOpen);
    let body = match arrow {
        Some(arrow) => arrow.skip(1),
        None if anonymous => past_bracket(i.skip(1)),
        None => return None,
    };
    let Some(_level) = i.deeper() else { return Some(give_up(i)) };
    alien(
        i,
        arrow.map_or(i.span(), |arrow| arrow.span()),
        "a function cannot be a value here",
        "use a loop: `for each x in list { … }`, or declare a function and call it by its name",
    );
    let rest = if body.is_op(Op::BraceOpen) { past_bracket(body) } else { expr_or_bad(body).0 };
    Some((rest, Node::bad(i.span().to(rest.gap()))))
}

/// A word before an expression that prints, in other languages.
pub(super) fn prints(i: In<'_>) -> Option<Parsed<'_, Node>> {
    let printing = i.is_one_of(0, &["print", "echo", "puts", "println"]);
    let value =
        printing && starts_value(i.skip(1)) && !i.is_op_at(1, Op::ParenOpen) && !i.peek(1).starts_line;
    if !value || i.is_op_at(1, Op::SquareOpen) {
        return None;
    }
    alien(i, i.span(), format!("`{}` is not a statement", i.text_of(i.peek(0))), "write `info value;`");
    Some(expr(i.skip(1)))
}

/// Statements of other languages with a block: `switch`, `do`, C's `for`, `class` … Skipped whole.
pub(super) fn block_statement(i: In<'_>) -> Option<In<'_>> {
    let word = i.word(0)?;
    let braces_follow = |at: In<'_>| at.is_op(Op::BraceOpen);
    let after_brackets = i.is_op_at(1, Op::ParenOpen).then(|| past_header(i.skip(1)));
    let block = after_brackets.filter(|at| braces_follow(*at));
    let (message, help, block) = match word.to_ascii_lowercase().as_str() {
        "for" if i.is_op_at(1, Op::ParenOpen) => (
            "there is no `for` with a counter",
            "walk over a list: `for each x in list { … }`, or over its positions: `for each index i in list { … }`",
            block,
        ),
        "switch" | "match" => {
            ("there is no `switch`", "write `if(…) { … } else if(…) { … } else { … }`", Some(block?))
        }
        "foreach" => ("`foreach` is two words", "write `for each x in list { … }`", foreach_body(i)),
        "unless" => ("there is no `unless`", "write `if(!condition) { … }`", Some(block?)),
        "until" => ("there is no `until`", "write `while(!condition) { … }`", Some(block?)),
        "with" | "using" => ("there is no such block", "use a variable", Some(block?)),
        "do" if braces_follow(i.skip(1)) => {
            ("there is no `do … while`", "write `while(condition) { … }`", Some(i.skip(1)))
        }
        "class" | "struct" | "interface" if i.word(1).is_some() && braces_follow(i.skip(2)) => {
            ("there are no classes", "use a map for data and functions for behaviour", Some(i.skip(2)))
        }
        _ => return None,
    };
    alien(i, i.span(), message, help);
    let mut rest = block.map_or(i.skip(1), past_bracket);
    if i.is_word(0, "do") && rest.is_word(0, "while") {
        rest = past_bracket(rest.skip(1));
    }
    if block.is_none() {
        rest = super::recover::next_statement(i, rest.at);
    }
    Some(rest)
}

/// After the brackets of a header, also if the semicolons in them spoiled their pairing.
fn past_header(open: In<'_>) -> In<'_> {
    if open.mate().is_some() {
        return past_bracket(open);
    }
    let mut i = open.skip(1);
    while !(i.is_end() || i.is_op(Op::BraceOpen) || i.is_op(Op::BraceClose) || i.peek(0).starts_line) {
        i = i.skip(1);
    }
    i
}

/// How far the head of a foreign loop may reach; looking ahead must stay cheap.
const MAX_HEAD_TOKENS: usize = 100;

fn foreach_body(i: In<'_>) -> Option<In<'_>> {
    let mut at = i.skip(1);
    while at.at < i.at + MAX_HEAD_TOKENS
        && !(at.is_end() || at.is_op(Op::Semicolon) || at.is_op(Op::BraceClose))
    {
        if at.is_op(Op::BraceOpen) {
            return Some(at);
        }
        at = if at.is_op(Op::ParenOpen) { past_bracket(at) } else { at.skip(1) };
    }
    None
}

/// Words before a name in a declaration: `let x = 1;`, `String x = "";`. How many tokens to pass over.
pub(super) fn declaration(i: In<'_>) -> usize {
    const WORDS: &[&str] = &["let", "var", "const", "dim", "final", "auto", "local", "my"];
    let named = i.word(1).is_some() && (i.is_op_at(2, Op::Set) || i.is_op_at(2, Op::Semicolon));
    if !named || i.peek(1).starts_line {
        return 0;
    }
    let declares = i.is_one_of(0, WORDS);
    if !declares && !super::function::types().any(|ty| i.is_word(0, ty)) {
        return 0;
    }
    let name = i.word(1).unwrap_or_default();
    let first = i.text_of(i.peek(0));
    alien(i, i.span(), format!("variables are not declared with `{first}`"), format!("write `{name} = …;`"));
    1
}
