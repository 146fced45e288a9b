//! Text: replacing and removing, and asking whether a regular expression matches.

use super::args::{self, SCALARS};
use super::pattern::{self, Refusal};
use super::text_search;
use super::{Builtin, Ctx, Native, Param, example, optional, param};
use crate::value::Value;
use crate::value::fault::Run;
use crate::value::text::TextBuilder;

const REPLACE: &[Param] =
    &[param("search", "text"), param("replacement", "text"), optional("literal", "boolean")];

const fn replacing(
    name: &'static str,
    doc: &'static str,
    examples: &'static [super::Example],
    run: Native,
) -> Builtin {
    Builtin { name, aliases: &[], on: SCALARS, params: REPLACE, returns: "text", doc, examples, run }
}

pub(super) const TABLE: &[Builtin] = &[
    replacing(
        "replaceAll",
        "The text with every match replaced. `search` is a regular expression in Java's syntax, and `$1` in the replacement its first group, unless `literal` is true. A `search` that is no regular expression, such as `(`, is taken literally.",
        &[
            example(r#""a.b".replaceAll(".", "-", true)"#, "a-b"),
            example(r#""a.b".replaceAll(".", "-")"#, "---"),
            example(r#""f(x)".replaceAll("(", "")"#, "fx)"),
            example(r#""2024-03-05".replaceAll("(\\d+)-(\\d+)-(\\d+)", "$3/$2/$1")"#, "05/03/2024"),
            example(r#""a  b   c".replaceAll("\\s+", " ")"#, "a b c"),
            example(r#""x$y".replaceAll("$", "$1", true)"#, "x$1y"),
        ],
        |ctx, args| replace(ctx, args, "replaceAll", false, false),
    ),
    replacing(
        "replaceAllIgnoreCase",
        "As `replaceAll`, in any case.",
        &[
            example(r#""aAb".replaceAllIgnoreCase("a", "x")"#, "xxb"),
            example(r#""A.a".replaceAllIgnoreCase("a.", "x", true)"#, "xa"),
        ],
        |ctx, args| replace(ctx, args, "replaceAllIgnoreCase", true, false),
    ),
    replacing(
        "replaceFirst",
        "As `replaceAll`, but only the first match is replaced.",
        &[
            example(r#""aa".replaceFirst("a", "x")"#, "xa"),
            example(r#""a.b.c".replaceFirst(".", "-", true)"#, "a-b.c"),
        ],
        |ctx, args| replace(ctx, args, "replaceFirst", false, true),
    ),
    replacing(
        "replaceFirstIgnoreCase",
        "As `replaceFirst`, in any case.",
        &[
            example(r#""bAa".replaceFirstIgnoreCase("a", "x")"#, "bxa"),
            example(r#""bBb".replaceFirstIgnoreCase("z", "x")"#, "bBb"),
        ],
        |ctx, args| replace(ctx, args, "replaceFirstIgnoreCase", true, true),
    ),
    Builtin {
        name: "matches",
        aliases: &[],
        on: SCALARS,
        params: &[param("pattern", "text")],
        returns: "boolean",
        doc: "Whether a regular expression in Java's syntax matches the whole text.",
        examples: &[
            example(r#""AB12".matches("[A-Z]{2}[0-9]{2}")"#, "true"),
            example(r#""AB123".matches("[A-Z]{2}[0-9]{2}")"#, "false"),
            example(r#""abc".matches("(")"#, "fault E0412"),
            example(r#""pass1word".matches("(?=.*\\d)[a-z\\d]{8,}")"#, "true"),
        ],
        run: matches,
    },
    Builtin {
        name: "remove",
        aliases: &[],
        on: SCALARS,
        params: &[param("part", "text")],
        returns: "text",
        doc: "The text without any occurrence of `part`, which is taken literally.",
        examples: &[
            example(r#""banana".remove("na")"#, "ba"),
            example(r#""a.b".remove(".")"#, "ab"),
            example(r#""abc".remove("")"#, "abc"),
        ],
        run: remove,
    },
    Builtin {
        name: "removeFirstOccurence",
        aliases: &[],
        on: SCALARS,
        params: &[param("part", "text")],
        returns: "text",
        doc: "The text without the first occurrence of `part`. The name has one r after the u, as documented.",
        examples: &[
            example(r#""banana".removeFirstOccurence("na")"#, "bana"),
            example(r#""abc".removeFirstOccurence("x")"#, "abc"),
        ],
        run: remove_first,
    },
    Builtin {
        name: "removeLastOccurence",
        aliases: &[],
        on: SCALARS,
        params: &[param("part", "text")],
        returns: "text",
        doc: "The text without the last occurrence of `part`. The name has one r after the u, as documented.",
        examples: &[
            example(r#""a,b,".removeLastOccurence(",")"#, "a,b"),
            example(r#""banana".removeLastOccurence("na")"#, "bana"),
        ],
        run: remove_last,
    },
];

fn replace(ctx: &mut Ctx<'_>, args: &[Value], name: &str, any_case: bool, first: bool) -> Run<Value> {
    let literal = args::flag(ctx, args, 3, name, false)?;
    let text = args::text(ctx, args, 0, name)?;
    let search = args::text(ctx, args, 1, name)?;
    let replacement = args::text(ctx, args, 2, name)?;
    if !any_case && (literal || (is_plain(&search) && !replacement.contains(['$', '\\']))) {
        let new = literally(ctx, &text, &search, &replacement, first)?;
        let work = text.len() + new.len();
        drop((text, search, replacement));
        args::charge_text(ctx, work);
        return Ok(ctx.heap.text_built(new));
    }
    let compiled = match literal {
        true => None,
        false => match pattern::compile(&search, any_case, false) {
            Ok(compiled) => Some(compiled),
            Err(Refusal::Syntax(_)) => None,
            Err(refusal) => return Err(refusal.fault(&search)),
        },
    };
    let new = match &compiled {
        Some(compiled) => by_pattern(ctx, compiled, &text, first, |groups, out| {
            pattern::expand(&replacement, &text, groups, out);
        })?,
        None if any_case => {
            let escaped = regex::escape(&search);
            let compiled = pattern::compile(&escaped, true, false).map_err(|r| r.fault(&search))?;
            by_pattern(ctx, &compiled, &text, first, |_, out| out.push_str(&replacement))?
        }
        None => literally(ctx, &text, &search, &replacement, first)?.into(),
    };
    let work = search.len() * 16 + text.len() + new.len();
    drop((text, search, replacement));
    args::charge_text(ctx, work);
    Ok(ctx.heap.text_owned(new))
}

/// Whether a regular expression is a plain text that stands for itself.
fn is_plain(search: &str) -> bool {
    !search.is_empty() && !search.bytes().any(|byte| b"\\.+*?()|[]{}^$".contains(&byte))
}

fn by_pattern(
    ctx: &Ctx<'_>,
    compiled: &pattern::Compiled,
    text: &str,
    first: bool,
    put: impl Fn(&pattern::Groups, &mut String),
) -> Run<String> {
    ctx.heap.reserve_text(text.len())?;
    let mut out = String::with_capacity(text.len());
    let mut last = 0;
    compiled.for_each(text, |groups| {
        let (start, end) = groups.first().copied().flatten().unwrap_or((last, last));
        out.push_str(&text[last..start]);
        put(groups, &mut out);
        last = end;
        ctx.heap.reserve_text(out.len() + text.len() - last)?;
        Ok(!first)
    })?;
    out.push_str(&text[last..]);
    Ok(out)
}

fn literally(ctx: &Ctx<'_>, text: &str, search: &str, replacement: &str, first: bool) -> Run<TextBuilder> {
    if search.is_empty() {
        let most = if first { 1 } else { text.chars().count() + 1 };
        ctx.heap.reserve_text(most.saturating_mul(replacement.len()).saturating_add(text.len()))?;
        return Ok(text.replacen(search, replacement, most).into());
    }
    let count = if first { 1 } else { usize::MAX };
    let mut new = TextBuilder::default();
    let mut last = 0;
    for at in text_search::matches(text, search).take(count) {
        ctx.heap.reserve_text(new.len().saturating_add(replacement.len()) + text.len() - last)?;
        new.push_str(&text[last..at]);
        new.push_str(replacement);
        last = at + search.len();
    }
    ctx.heap.reserve_text(new.len() + text.len() - last)?;
    new.push_str(&text[last..]);
    Ok(new)
}

fn matches(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let (text, source) = (args::text(ctx, args, 0, "matches")?, args::text(ctx, args, 1, "matches")?);
    let compiled = pattern::compile(&source, false, true).map_err(|refusal| refusal.fault(&source))?;
    let answer = compiled.is_match(&text)?;
    let work = source.len() * 16 + text.len();
    drop((text, source));
    args::charge_text(ctx, work);
    Ok(Value::Bool(answer))
}

fn without(
    ctx: &mut Ctx<'_>,
    args: &[Value],
    name: &str,
    cut: impl FnOnce(&str, &str) -> String,
) -> Run<Value> {
    let (text, part) = (args::text(ctx, args, 0, name)?, args::text(ctx, args, 1, name)?);
    ctx.heap.reserve_text(text.len())?;
    let (new, bytes) = (cut(&text, &part), text.len());
    drop((text, part));
    args::charge_text(ctx, 2 * bytes);
    Ok(ctx.heap.text_owned(new))
}

fn remove(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    without(
        ctx,
        args,
        "remove",
        |text, part| if part.is_empty() { text.to_owned() } else { text.replace(part, "") },
    )
}

fn cut(text: &str, at: Option<usize>, len: usize) -> String {
    match at {
        Some(at) => [&text[..at], &text[at + len..]].concat(),
        None => text.to_owned(),
    }
}

fn remove_first(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    without(ctx, args, "removeFirstOccurence", |text, part| cut(text, text.find(part), part.len()))
}

fn remove_last(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    without(ctx, args, "removeLastOccurence", |text, part| cut(text, text.rfind(part), part.len()))
}
