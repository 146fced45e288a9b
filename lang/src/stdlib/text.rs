//! Text: taking pieces, changing case, padding, repeating, lengths. Searching and replacing stand in
//! `text_search` and `text_replace`.
//!
//! Positions are those of [`utf16`](super::utf16).

use super::args::{self, SCALARS};
use super::{Builtin, Ctx, example, optional, param, utf16};
use crate::codes;
use crate::value::fault::{Fault, Run};
use crate::value::{Kind, Value};
use std::ops::Range;

pub(super) const TABLE: &[Builtin] = &[
    Builtin {
        name: "length",
        aliases: &["len"],
        on: SCALARS,
        params: &[],
        returns: "number",
        doc: "How many characters a text has. Characters outside the basic plane, such as most emoji, count as two.",
        examples: &[
            example(r#""abc".length()"#, "3"),
            example(r#""🚀".len()"#, "2"),
            example(r#""".length()"#, "0"),
        ],
        run: length,
    },
    Builtin {
        name: "substring",
        aliases: &["subText", "mid"],
        on: SCALARS,
        params: &[param("start", "number"), optional("end", "number")],
        returns: "text",
        doc: "The characters from `start` up to, but not including, `end`; without `end`, or with a negative one, to the last. Positions count from 0. A position beyond the text faults.",
        examples: &[
            example(r#""Deluge".substring(0, 3)"#, "Del"),
            example(r#""Deluge".subText(2)"#, "luge"),
            example(r#""Deluge".mid(1, 3)"#, "el"),
            example(r#""abc".substring(1, -1)"#, "bc"),
            example(r#""abc".substring(2, 2)"#, ""),
            example(r#""abc".substring(1, 7)"#, "fault E0404"),
        ],
        run: substring,
    },
    Builtin {
        name: "left",
        aliases: &[],
        on: SCALARS,
        params: &[param("count", "number")],
        returns: "text",
        doc: "The first characters of a text; all of it if it is shorter.",
        examples: &[example(r#""Deluge".left(3)"#, "Del"), example(r#""ab".left(5)"#, "ab")],
        run: left,
    },
    Builtin {
        name: "right",
        aliases: &[],
        on: SCALARS,
        params: &[param("count", "number")],
        returns: "text",
        doc: "The last characters of a text; all of it if it is shorter.",
        examples: &[example(r#""Deluge".right(2)"#, "ge"), example(r#""ab".right(5)"#, "ab")],
        run: right,
    },
    Builtin {
        name: "trim",
        aliases: &[],
        on: SCALARS,
        params: &[],
        returns: "text",
        doc: "The text without blanks, tabs and line breaks at its two ends.",
        examples: &[example(r#"" a b ".trim()"#, "a b"), example(r#""\n x\t".trim().length()"#, "1")],
        run: trim,
    },
    Builtin {
        name: "ltrim",
        aliases: &[],
        on: SCALARS,
        params: &[],
        returns: "text",
        doc: "The text without blanks, tabs and line breaks at its start.",
        examples: &[example(r#"" a ".ltrim() + "|""#, "a |"), example(r#"" \n".ltrim().length()"#, "0")],
        run: ltrim,
    },
    Builtin {
        name: "rtrim",
        aliases: &[],
        on: SCALARS,
        params: &[],
        returns: "text",
        doc: "The text without blanks, tabs and line breaks at its end.",
        examples: &[example(r#"" a ".rtrim() + "|""#, " a|"), example(r#""a\t\n".rtrim().length()"#, "1")],
        run: rtrim,
    },
    Builtin {
        name: "toLowerCase",
        aliases: &[],
        on: SCALARS,
        params: &[],
        returns: "text",
        doc: "The text in small letters.",
        examples: &[example(r#""aBÉ".toLowerCase()"#, "abé"), example(r#""ÀÉ 1".toLowerCase()"#, "àé 1")],
        run: to_lower_case,
    },
    Builtin {
        name: "toUpperCase",
        aliases: &[],
        on: SCALARS,
        params: &[],
        returns: "text",
        doc: "The text in capital letters.",
        examples: &[
            example(r#""aBé".toUpperCase()"#, "ABÉ"),
            example(r#""straße".toUpperCase()"#, "STRASSE"),
        ],
        run: to_upper_case,
    },
    Builtin {
        name: "proper",
        aliases: &[],
        on: SCALARS,
        params: &[],
        returns: "text",
        doc: "Each word with a capital first letter and small letters after it.",
        examples: &[
            example(r#""zoho crm".proper()"#, "Zoho Crm"),
            example(r#""JEAN-LUC o'neil".proper()"#, "Jean-Luc O'Neil"),
        ],
        run: proper,
    },
    Builtin {
        name: "reverse",
        aliases: &[],
        on: SCALARS,
        params: &[],
        returns: "text",
        doc: "The characters in opposite order.",
        examples: &[example(r#""abc".reverse()"#, "cba"), example(r#""a🚀".reverse()"#, "🚀a")],
        run: reverse,
    },
    Builtin {
        name: "repeat",
        aliases: &[],
        on: SCALARS,
        params: &[param("count", "number")],
        returns: "text",
        doc: "The text that many times in a row; empty for 0.",
        examples: &[
            example(r#""ab".repeat(3)"#, "ababab"),
            example(r#""ab".repeat(0)"#, ""),
            example(r#""ab".repeat(-1)"#, "fault E0416"),
        ],
        run: repeat,
    },
    Builtin {
        name: "leftpad",
        aliases: &[],
        on: SCALARS,
        params: &[param("width", "number")],
        returns: "text",
        doc: "The text with blanks put in front until it has `width` characters; unchanged if it has that many.",
        examples: &[
            example(r#""7".leftpad(3)"#, "  7"),
            example(r#""abc".leftpad(2)"#, "abc"),
            example(r#""".leftpad(4).toList("").size()"#, "4"),
        ],
        run: leftpad,
    },
    Builtin {
        name: "rightpad",
        aliases: &[],
        on: SCALARS,
        params: &[param("width", "number")],
        returns: "text",
        doc: "The text with blanks added until it has `width` characters; unchanged if it has that many.",
        examples: &[example(r#""7".rightpad(3) + "|""#, "7  |"), example(r#""7".rightpad(-3)"#, "7")],
        run: rightpad,
    },
    Builtin {
        name: "concat",
        aliases: &[],
        on: SCALARS,
        params: &[param("text", "text")],
        returns: "text",
        doc: "The text with another one after it.",
        examples: &[example(r#""a".concat("b")"#, "ab"), example(r#""n".concat(1.50)"#, "n1.50")],
        run: concat,
    },
    Builtin {
        name: "getAlpha",
        aliases: &[],
        on: SCALARS,
        params: &[],
        returns: "text",
        doc: "Only the letters of a text.",
        examples: &[
            example(r#""a-1 b".getAlpha()"#, "ab"),
            example(r#""123".getAlpha()"#, ""),
            example(r#""Zoë 7".getAlpha()"#, "Zoë"),
        ],
        run: get_alpha,
    },
    Builtin {
        name: "getAlphaNumeric",
        aliases: &[],
        on: SCALARS,
        params: &[],
        returns: "text",
        doc: "Only the letters and digits of a text.",
        examples: &[example(r#""a-1 b".getAlphaNumeric()"#, "a1b"), example(r#""--".getAlphaNumeric()"#, "")],
        run: get_alpha_numeric,
    },
    Builtin {
        name: "removeAllAlpha",
        aliases: &[],
        on: SCALARS,
        params: &[],
        returns: "text",
        doc: "The text without its letters.",
        examples: &[
            example(r#""a-1".removeAllAlpha()"#, "-1"),
            example(r#""abc".removeAllAlpha()"#, ""),
            example(r#""12 é".removeAllAlpha() + "|""#, "12 |"),
        ],
        run: remove_all_alpha,
    },
    Builtin {
        name: "removeAllAlphaNumeric",
        aliases: &[],
        on: SCALARS,
        params: &[],
        returns: "text",
        doc: "The text without its letters and digits.",
        examples: &[
            example(r#""a-1".removeAllAlphaNumeric()"#, "-"),
            example(r#""+1 (555)".removeAllAlphaNumeric()"#, "+ ()"),
        ],
        run: remove_all_alpha_numeric,
    },
    Builtin {
        name: "isAscii",
        aliases: &[],
        on: SCALARS,
        params: &[],
        returns: "boolean",
        doc: "Whether all characters are ASCII: no accents, no emoji.",
        examples: &[example(r#""abc".isAscii()"#, "true"), example(r#""é".isAscii()"#, "false")],
        run: is_ascii,
    },
];

/// Makes a text of the bytes `range` of the receiver.
pub(super) fn piece(ctx: &mut Ctx<'_>, args: &[Value], name: &str, range: Range<usize>) -> Run<Value> {
    args::charge_text(ctx, range.len());
    if ctx.heap.kind(args[0]) == Kind::Text {
        return Ok(ctx.heap.text_piece(&args[0], range));
    }
    let piece = args::text(ctx, args, 0, name)?.get(range).unwrap_or_default().to_owned();
    Ok(ctx.heap.text_owned(piece))
}

/// Makes a text by changing the receiver; `change` may at most triple its length.
fn changed(ctx: &mut Ctx<'_>, args: &[Value], name: &str, change: impl FnOnce(&str) -> String) -> Run<Value> {
    let text = args::text(ctx, args, 0, name)?;
    let bytes = text.len();
    ctx.heap.reserve_text(bytes)?;
    let new = change(&text);
    ctx.heap.reserve_text(new.len())?;
    args::charge_text(ctx, bytes + new.len());
    Ok(ctx.heap.text_owned(new))
}

fn length(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    match args.first() {
        Some(value @ Value::Short { len, .. }) if ctx.heap.is_ascii(value) => {
            return Ok(Value::Int(i64::from(*len)));
        }
        Some(value @ Value::Text { len, .. }) if ctx.heap.is_ascii(value) => {
            return Ok(Value::Int(i64::from(*len)));
        }
        _ => {}
    }
    let text = args::text(ctx, args, 0, "length")?;
    let (units, bytes) = (utf16::len(&text), text.len());
    args::charge_text(ctx, bytes);
    Ok(Value::Int(units as i64))
}

/// Where the text is known as ASCII, positions are bytes and nothing but the piece is looked at.
fn substring(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let ascii = ctx.heap.is_ascii(&args[0]);
    let text = args::text(ctx, args, 0, "substring")?;
    let len = if ascii { text.len() } else { utf16::len(&text) };
    let start = args::index(args::int(ctx, args, 1, "substring")?, len, true, "text")?;
    let end = match args.get(2).filter(|end| !end.is_null()) {
        Some(_) => args::int(ctx, args, 2, "substring")?,
        None => -1,
    };
    let end = if end < 0 { len } else { args::index(end, len, true, "text")? };
    if end < start {
        return Err(Fault::new(
            codes::INDEX_OUT_OF_RANGE,
            format!("`substring` ends at {end}, before its start at {start}"),
        )
        .with_help("the second number is the position after the last character, not a count"));
    }
    let range = if ascii { start..end } else { utf16::byte_of(&text, start)..utf16::byte_of(&text, end) };
    drop(text);
    piece(ctx, args, "substring", range)
}

/// A count, which may not be negative.
fn count(ctx: &Ctx<'_>, args: &[Value], name: &str) -> Run<usize> {
    let count = args::int(ctx, args, 1, name)?;
    usize::try_from(count).map_err(|_| {
        Fault::new(codes::BAD_ARGUMENT, format!("`{name}` needs a count of 0 or more, but this is {count}"))
    })
}

fn left(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let count = count(ctx, args, "left")?;
    let end = utf16::byte_of(&args::text(ctx, args, 0, "left")?, count);
    piece(ctx, args, "left", 0..end)
}

fn right(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let count = count(ctx, args, "right")?;
    let text = args::text(ctx, args, 0, "right")?;
    let (start, bytes) = (utf16::byte_of(&text, utf16::len(&text).saturating_sub(count)), text.len());
    drop(text);
    piece(ctx, args, "right", start..bytes)
}

/// What `trim` takes away: as in Java, everything up to the blank, and nothing beyond ASCII.
fn is_blank(c: char) -> bool {
    c <= ' '
}

fn trim(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let text = args::text(ctx, args, 0, "trim")?;
    let start = text.len() - text.trim_start_matches(is_blank).len();
    let end = text.trim_end_matches(is_blank).len().max(start);
    drop(text);
    piece(ctx, args, "trim", start..end)
}

fn ltrim(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let text = args::text(ctx, args, 0, "ltrim")?;
    let (start, end) = (text.len() - text.trim_start_matches(is_blank).len(), text.len());
    drop(text);
    piece(ctx, args, "ltrim", start..end)
}

fn rtrim(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let end = args::text(ctx, args, 0, "rtrim")?.trim_end_matches(is_blank).len();
    piece(ctx, args, "rtrim", 0..end)
}

/// The receiver with every byte changed, if it is a small text of ASCII: no allocation is needed.
fn small_ascii(ctx: &mut Ctx<'_>, args: &[Value], change: fn(&mut [u8])) -> Option<Value> {
    let mut buffer = [0; 64];
    let text = ctx.heap.str(&args[0])?.as_bytes();
    let copy = buffer.get_mut(..text.len()).filter(|_| text.is_ascii())?;
    copy.copy_from_slice(text);
    change(copy);
    args::charge_text(ctx, 2 * copy.len());
    Some(ctx.heap.text_of_bytes(copy))
}

fn to_lower_case(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    match small_ascii(ctx, args, <[u8]>::make_ascii_lowercase) {
        Some(lower) => Ok(lower),
        None => changed(ctx, args, "toLowerCase", str::to_lowercase),
    }
}

fn to_upper_case(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    match small_ascii(ctx, args, <[u8]>::make_ascii_uppercase) {
        Some(upper) => Ok(upper),
        None => changed(ctx, args, "toUpperCase", str::to_uppercase),
    }
}

fn proper(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    changed(ctx, args, "proper", |text| {
        let mut out = String::with_capacity(text.len());
        let mut inside = false;
        for c in text.chars() {
            if inside {
                out.extend(c.to_lowercase());
            } else {
                out.extend(c.to_uppercase());
            }
            inside = c.is_alphanumeric();
        }
        out
    })
}

fn reverse(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    changed(ctx, args, "reverse", |text| text.chars().rev().collect())
}

fn repeat(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let count = count(ctx, args, "repeat")?;
    let text = args::text(ctx, args, 0, "repeat")?;
    let bytes = text.len().saturating_mul(count);
    ctx.heap.reserve_text(bytes)?;
    let repeated = if bytes == 0 { String::new() } else { text.repeat(count) };
    args::charge_text(ctx, bytes);
    Ok(ctx.heap.text_owned(repeated))
}

fn padded(ctx: &mut Ctx<'_>, args: &[Value], name: &str, in_front: bool) -> Run<Value> {
    let width = usize::try_from(args::int(ctx, args, 1, name)?).unwrap_or(0);
    let text = args::text(ctx, args, 0, name)?;
    let blanks = width.saturating_sub(utf16::len(&text));
    let bytes = text.len().saturating_add(blanks);
    ctx.heap.reserve_text(bytes)?;
    let blanks = " ".repeat(blanks);
    let padded = if in_front { blanks + &text } else { text.into_owned() + &blanks };
    args::charge_text(ctx, bytes);
    Ok(ctx.heap.text_owned(padded))
}

fn leftpad(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    padded(ctx, args, "leftpad", true)
}

fn rightpad(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    padded(ctx, args, "rightpad", false)
}

fn concat(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let more = args::text(ctx, args, 1, "concat")?.into_owned();
    args::charge_text(ctx, more.len());
    let first = match ctx.heap.str(&args[0]) {
        Some(_) => args[0],
        None => {
            let text = args::text(ctx, args, 0, "concat")?.into_owned();
            ctx.heap.text_owned(text)
        }
    };
    ctx.heap.concat(first, &more)
}

fn kept(ctx: &mut Ctx<'_>, args: &[Value], name: &str, keep: fn(char) -> bool) -> Run<Value> {
    changed(ctx, args, name, |text| text.chars().filter(|c| keep(*c)).collect())
}

fn get_alpha(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    kept(ctx, args, "getAlpha", char::is_alphabetic)
}

fn get_alpha_numeric(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    kept(ctx, args, "getAlphaNumeric", char::is_alphanumeric)
}

fn remove_all_alpha(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    kept(ctx, args, "removeAllAlpha", |c| !c.is_alphabetic())
}

fn remove_all_alpha_numeric(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    kept(ctx, args, "removeAllAlphaNumeric", |c| !c.is_alphanumeric())
}

fn is_ascii(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let text = args::text(ctx, args, 0, "isAscii")?;
    let (ascii, bytes) = (text.is_ascii(), text.len());
    args::charge_text(ctx, bytes);
    Ok(Value::Bool(ascii))
}
