//! Text: asking what is in it and where, and the parts before and after a separator.
//!
//! Functions that do not mind case compare the small-letter forms of both sides.

use super::args::{self, NOT_NULL, SCALARS};
use super::{Builtin, Ctx, Native, Param, example, param, text, utf16};
use crate::value::Value;
use crate::value::compare;
use crate::value::fault::Run;
use memchr::{memchr, memmem};

const PART: &[Param] = &[param("part", "text")];
const SEPARATOR: &[Param] = &[param("separator", "text")];

const fn question(
    name: &'static str,
    doc: &'static str,
    examples: &'static [super::Example],
    run: Native,
) -> Builtin {
    Builtin { name, aliases: &[], on: SCALARS, params: PART, returns: "boolean", doc, examples, run }
}

pub(super) const TABLE: &[Builtin] = &[
    question(
        "contains",
        "Whether a text stands somewhere in it; case matters. Every text contains the empty one.",
        &[
            example(r#""Hello World".contains("World")"#, "true"),
            example(r#""abc".contains("B")"#, "false"),
            example(r#""abc".contains("")"#, "true"),
            example(r#"1024.contains(2)"#, "true"),
        ],
        |ctx, args| ask(ctx, args, "contains", |text, part| text.contains(part)),
    ),
    question(
        "notContains",
        "Whether a text stands nowhere in it; case matters.",
        &[
            example(r#""abc".notContains("z")"#, "true"),
            example(r#""abc".notContains("")"#, "false"),
            example(r#""abc".notContains("B")"#, "true"),
        ],
        |ctx, args| ask(ctx, args, "notContains", |text, part| !text.contains(part)),
    ),
    question(
        "containsIgnoreCase",
        "Whether a text stands somewhere in it, in any case.",
        &[
            example(r#""ABC".containsIgnoreCase("b")"#, "true"),
            example(r#""ÉTÉ".containsIgnoreCase("é")"#, "true"),
            example(r#""ABC".containsIgnoreCase("z")"#, "false"),
        ],
        |ctx, args| ask_lower(ctx, args, "containsIgnoreCase", |text, part| text.contains(part)),
    ),
    question(
        "startsWith",
        "Whether it begins with a text; case matters.",
        &[example(r#""abc".startsWith("ab")"#, "true"), example(r#""abc".startsWith("A")"#, "false")],
        |ctx, args| ask(ctx, args, "startsWith", |text, part| text.starts_with(part)),
    ),
    question(
        "startsWithIgnoreCase",
        "Whether it begins with a text, in any case.",
        &[
            example(r#""Abc".startsWithIgnoreCase("aB")"#, "true"),
            example(r#""abc".startsWithIgnoreCase("b")"#, "false"),
        ],
        |ctx, args| ask_lower(ctx, args, "startsWithIgnoreCase", |text, part| text.starts_with(part)),
    ),
    question(
        "endsWith",
        "Whether it ends with a text; case matters.",
        &[example(r#""abc".endsWith("bc")"#, "true"), example(r#""abc".endsWith("C")"#, "false")],
        |ctx, args| ask(ctx, args, "endsWith", |text, part| text.ends_with(part)),
    ),
    question(
        "endsWithIgnoreCase",
        "Whether it ends with a text, in any case.",
        &[
            example(r#""abC".endsWithIgnoreCase("Bc")"#, "true"),
            example(r#""abc".endsWithIgnoreCase("B")"#, "false"),
        ],
        |ctx, args| ask_lower(ctx, args, "endsWithIgnoreCase", |text, part| text.ends_with(part)),
    ),
    question(
        "equalsIgnoreCase",
        "Whether two texts are the same, in any case.",
        &[
            example(r#""Zoho".equalsIgnoreCase("zOHO")"#, "true"),
            example(r#""a".equalsIgnoreCase("b")"#, "false"),
        ],
        |ctx, args| ask_lower(ctx, args, "equalsIgnoreCase", |text, part| text == part),
    ),
    Builtin {
        name: "equals",
        aliases: &[],
        on: NOT_NULL,
        params: &[param("other", "any")],
        returns: "boolean",
        doc: "Whether two values are equal, as `==` says.",
        examples: &[
            example(r#""a".equals("a")"#, "true"),
            example(r#""a".equals("A")"#, "false"),
            example("{1, 2}.equals({1, 2})", "true"),
            example(r#""a".equals(null)"#, "false"),
        ],
        run: equals,
    },
    Builtin {
        name: "indexOf",
        aliases: &[],
        on: SCALARS,
        params: PART,
        returns: "number",
        doc: "Position at which a text stands first, from 0; -1 if nowhere.",
        examples: &[
            example(r#""banana".indexOf("na")"#, "2"),
            example(r#""banana".indexOf("x")"#, "-1"),
            example(r#""🚀a".indexOf("a")"#, "2"),
        ],
        run: index_of,
    },
    Builtin {
        name: "find",
        aliases: &[],
        on: SCALARS,
        params: &[param("part", "text"), super::optional("from", "number")],
        returns: "number",
        doc: "Position at which a text stands first, at or after position `from`; -1 if nowhere.",
        examples: &[example(r#""banana".find("na")"#, "2"), example(r#""banana".find("na", 3)"#, "4")],
        run: find,
    },
    Builtin {
        name: "lastIndexOf",
        aliases: &[],
        on: SCALARS,
        params: PART,
        returns: "number",
        doc: "Position at which a text stands last, from 0; -1 if nowhere.",
        examples: &[
            example(r#""banana".lastIndexOf("na")"#, "4"),
            example(r#""banana".lastIndexOf("x")"#, "-1"),
        ],
        run: last_index_of,
    },
    Builtin {
        name: "getOccurenceCount",
        aliases: &[],
        on: SCALARS,
        params: PART,
        returns: "number",
        doc: "How often a text stands in it, overlaps not counted. The name has one r after the u, as documented.",
        examples: &[
            example(r#""banana".getOccurenceCount("a")"#, "3"),
            example(r#""aaa".getOccurenceCount("aa")"#, "1"),
            example(r#""aaa".getOccurenceCount("")"#, "0"),
        ],
        run: get_occurence_count,
    },
    Builtin {
        name: "getPrefix",
        aliases: &[],
        on: SCALARS,
        params: SEPARATOR,
        returns: "text",
        doc: "What stands before the first separator; null if there is none.",
        examples: &[
            example(r#""a@b.c@d".getPrefix("@")"#, "a"),
            example(r#""abc".getPrefix("@")"#, "null"),
            example(r#""aXb".getPrefix("x")"#, "null"),
        ],
        run: get_prefix,
    },
    Builtin {
        name: "getSuffix",
        aliases: &[],
        on: SCALARS,
        params: SEPARATOR,
        returns: "text",
        doc: "What stands after the first separator; null if there is none.",
        examples: &[
            example(r#""a@b.c@d".getSuffix("@")"#, "b.c@d"),
            example(r#""abc".getSuffix("@")"#, "null"),
        ],
        run: get_suffix,
    },
    Builtin {
        name: "getPrefixIgnoreCase",
        aliases: &[],
        on: SCALARS,
        params: SEPARATOR,
        returns: "text",
        doc: "What stands before the first separator, in any case; null if there is none.",
        examples: &[
            example(r#""aXb".getPrefixIgnoreCase("x")"#, "a"),
            example(r#""ab".getPrefixIgnoreCase("x")"#, "null"),
        ],
        run: get_prefix_ignore_case,
    },
    Builtin {
        name: "getSuffixIgnoreCase",
        aliases: &[],
        on: SCALARS,
        params: SEPARATOR,
        returns: "text",
        doc: "What stands after the first separator, in any case; null if there is none.",
        examples: &[
            example(r#""aXb".getSuffixIgnoreCase("x")"#, "b"),
            example(r#""ab".getSuffixIgnoreCase("x")"#, "null"),
            example(r#""abX".getSuffixIgnoreCase("x").length()"#, "0"),
        ],
        run: get_suffix_ignore_case,
    },
];

/// Byte positions at which a part that is not empty stands, overlaps not counted.
pub(super) fn matches(text: &str, part: &str) -> impl Iterator<Item = usize> {
    /// Searching a text of fewer bytes again and again is cheaper than getting ready to search.
    const SMALL: usize = 64;
    let (text, part) = (text.as_bytes(), part.as_bytes());
    let ready = (text.len() >= SMALL && part.len() > 1).then(|| memmem::Finder::new(part));
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = text.get(from..)?;
        let found = match (part, &ready) {
            (&[byte], _) => memchr(byte, rest),
            (_, Some(finder)) => finder.find(rest),
            (_, None) => find_in_few(rest, part),
        };
        let at = from + found?;
        from = at + part.len();
        Some(at)
    })
}

/// Where a part stands in few bytes: what quick searches get ready costs more than looking everywhere.
fn find_in_few(text: &[u8], part: &[u8]) -> Option<usize> {
    let (first, more) = part.split_first()?;
    let mut from = 0;
    loop {
        let rest = text.get(from..)?;
        let at = from + memchr(*first, rest)?;
        if text.get(at + 1..)?.starts_with(more) {
            return Some(at);
        }
        from = at + 1;
    }
}

fn ask(ctx: &mut Ctx<'_>, args: &[Value], name: &str, holds: fn(&str, &str) -> bool) -> Run<Value> {
    let (text, part) = (args::text(ctx, args, 0, name)?, args::text(ctx, args, 1, name)?);
    let (answer, bytes) = (holds(&text, &part), text.len());
    drop((text, part));
    args::charge_text(ctx, bytes);
    Ok(Value::Bool(answer))
}

fn ask_lower(ctx: &mut Ctx<'_>, args: &[Value], name: &str, holds: fn(&str, &str) -> bool) -> Run<Value> {
    let (text, part) = (args::text(ctx, args, 0, name)?, args::text(ctx, args, 1, name)?);
    ctx.heap.reserve(text.len() + part.len())?;
    let (text, part) = (text.to_lowercase(), part.to_lowercase());
    args::charge_text(ctx, 2 * (text.len() + part.len()));
    Ok(Value::Bool(holds(&text, &part)))
}

fn equals(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    compare::equal(ctx.heap, ctx.zone, args[0], args[1]).map(Value::Bool)
}

/// Position in code units of a byte position, or -1.
fn position(
    ctx: &mut Ctx<'_>,
    args: &[Value],
    name: &str,
    search: impl FnOnce(&str, &str) -> Option<usize>,
) -> Run<Value> {
    let (text, part) = (args::text(ctx, args, 0, name)?, args::text(ctx, args, 1, name)?);
    let found = search(&text, &part).map_or(-1, |byte| utf16::unit_of(&text, byte) as i64);
    let bytes = text.len();
    drop((text, part));
    args::charge_text(ctx, bytes);
    Ok(Value::Int(found))
}

fn index_of(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    position(ctx, args, "indexOf", |text, part| text.find(part))
}

fn last_index_of(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    position(ctx, args, "lastIndexOf", |text, part| text.rfind(part))
}

fn find(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let from = if args.len() > 2 { args::int(ctx, args, 2, "find")?.max(0) as usize } else { 0 };
    position(ctx, args, "find", |text, part| {
        let start = utf16::byte_of(text, from);
        text[start..].find(part).map(|at| start + at)
    })
}

fn get_occurence_count(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let name = "getOccurenceCount";
    let (text, part) = (args::text(ctx, args, 0, name)?, args::text(ctx, args, 1, name)?);
    let count = if part.is_empty() { 0 } else { text.matches(&*part).count() };
    let bytes = text.len();
    drop((text, part));
    args::charge_text(ctx, bytes);
    Ok(Value::Int(count as i64))
}

/// The part before or after the first separator, or null.
fn around(ctx: &mut Ctx<'_>, args: &[Value], name: &str, any_case: bool, after: bool) -> Run<Value> {
    let (text, separator) = (args::text(ctx, args, 0, name)?, args::text(ctx, args, 1, name)?);
    let found = if any_case {
        find_any_case(&text, &separator)
    } else {
        text.find(&*separator).map(|at| (at, at + separator.len()))
    };
    let bytes = text.len();
    drop((text, separator));
    args::charge_text(ctx, bytes);
    match found {
        None => Ok(Value::Null),
        Some((_, end)) if after => text::piece(ctx, args, name, end..bytes),
        Some((start, _)) => text::piece(ctx, args, name, 0..start),
    }
}

/// Byte range of the first place where the small-letter forms agree. Small letters may have another
/// length than the original, so the place is found among them and then walked to in the original.
fn find_any_case(text: &str, part: &str) -> Option<(usize, usize)> {
    let lower = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<String>();
    let part = lower(part);
    let start = lower(text).find(&part)?;
    Some((byte_of_lower(text, start), byte_of_lower(text, start + part.len())))
}

/// Byte position of the first character whose small-letter form starts at or after `target`.
fn byte_of_lower(text: &str, target: usize) -> usize {
    let mut lowered = 0;
    let mut reached = |c: char| {
        let start = lowered;
        lowered += c.to_lowercase().map(char::len_utf8).sum::<usize>();
        start >= target
    };
    text.char_indices().find(|(_, c)| reached(*c)).map_or(text.len(), |(at, _)| at)
}

fn get_prefix(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    around(ctx, args, "getPrefix", false, false)
}

fn get_suffix(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    around(ctx, args, "getSuffix", false, true)
}

fn get_prefix_ignore_case(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    around(ctx, args, "getPrefixIgnoreCase", true, false)
}

fn get_suffix_ignore_case(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    around(ctx, args, "getSuffixIgnoreCase", true, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_in_few_and_in_many_bytes_are_the_same() {
        for bits in 0_u32..1 << 9 {
            let text: String = (0..9).map(|at| if bits >> at & 1 == 1 { 'a' } else { 'b' }).collect();
            let long = text.clone() + &"c".repeat(64);
            for part in ["a", "ab", "aa", "aba", "bbab", "abababab"] {
                let wanted: Vec<usize> = text.match_indices(part).map(|(at, _)| at).collect();
                assert_eq!(matches(&text, part).collect::<Vec<_>>(), wanted, "{text} {part}");
                assert_eq!(matches(&long, part).collect::<Vec<_>>(), wanted, "{long} {part}");
            }
        }
    }
}
