//! From one kind of value to another: `toString`, `toLong`, `toList`, `toMap` and the like. Dates
//! stand in `datetime`.

use super::args::{self, MAPS, NOT_NULL, NUMBERS, SCALARS};
use super::text_search::matches;
use super::{Builtin, Ctx, example, number, optional};
use crate::codes;
use crate::value::convert;
use crate::value::date::zone;
use crate::value::fault::{Fault, Run};
use crate::value::json::{self, Mode};
use crate::value::{Kind, Value, print};

const TEXT_OR_LIST: &[Kind] = &[Kind::Text, Kind::Number, Kind::Decimal, Kind::List, Kind::Empty];

pub(super) const TABLE: &[Builtin] = &[
    Builtin {
        name: "toString",
        aliases: &["toText"],
        on: NOT_NULL,
        params: &[optional("format", "text"), optional("zone", "text")],
        returns: "text",
        doc: "The value as text: lists and maps as JSON, dates in the default format. With a format, a date (or a text that holds one) in the letters of Java's `SimpleDateFormat`; with a zone, as a clock there shows it.",
        examples: &[
            example("{1, \"a\"}.toString()", r#"[1,"a"]"#),
            example("{\"a\": 1.50}.toString()", r#"{"a":1.50}"#),
            example("1.50.toString()", "1.50"),
            example("'05-Mar-2024'.toString(\"yyyy-MM-dd\")", "2024-03-05"),
            example("'05-Mar-2024 14:30:00'.toString(\"dd/MM/yyyy hh:mm a\")", "05/03/2024 02:30 PM"),
            example("\"2024-03-05T10:00:00Z\".toString(\"HH:mm\", \"Asia/Kolkata\")", "15:30"),
            example("'05-Mar-2024'.toText(\"EEEE, d MMMM\")", "Tuesday, 5 March"),
            example("5.toString(\"yyyy\")", "fault E0402"),
        ],
        run: to_string,
    },
    Builtin {
        name: "toLong",
        aliases: &["toNumber"],
        on: &[Kind::Number, Kind::Decimal, Kind::Text, Kind::Date, Kind::DateTime],
        params: &[],
        returns: "number",
        doc: "A whole number: fractions are cut off, not rounded; dates become milliseconds since 1970-01-01 UTC. A text that is no number faults.",
        examples: &[
            example(r#""100".toLong()"#, "100"),
            example("99.9.toLong()", "99"),
            example(r#""8.75".toNumber()"#, "8"),
            example(r#""4150868000001234567".toLong()"#, "4150868000001234567"),
            example("'02-Jan-1970'.toLong()", "86400000"),
            example(r#""".toLong()"#, "fault E0405"),
            example(r#""134A123B".toLong()"#, "fault E0405"),
        ],
        run: number::to_long,
    },
    Builtin {
        name: "toDecimal",
        aliases: &[],
        on: NUMBERS,
        params: &[],
        returns: "decimal",
        doc: "A decimal number, with at least one digit after the point.",
        examples: &[
            example(r#""1.50".toDecimal()"#, "1.5"),
            example("5.toDecimal()", "5.0"),
            example(r#""".toDecimal()"#, "fault E0405"),
        ],
        run: number::to_decimal,
    },
    Builtin {
        name: "toList",
        aliases: &[],
        on: SCALARS,
        params: &[optional("separator", "text")],
        returns: "list",
        doc: "The parts of a text between separators, a comma if none is given; parts are not trimmed. An empty separator splits into characters, an empty text gives an empty list, and a text that is a JSON array gives its elements.",
        examples: &[
            example(r#""a, b".toList().toString()"#, r#"["a"," b"]"#),
            example(r#""a|b||".toList("|").size()"#, "4"),
            example(r#""abc".toList("").get(1)"#, "b"),
            example(r#""abc".toList(";").size()"#, "1"),
            example(r#""".toList().size()"#, "0"),
            example(r#""[1, [2, 3]]".toList().get(1).get(0)"#, "2"),
        ],
        run: to_list,
    },
    Builtin {
        name: "toList",
        aliases: &["toJSONList"],
        on: args::LISTS,
        params: &[optional("separator", "text")],
        returns: "list",
        doc: "A list is returned as it is.",
        examples: &[example("{1, 2}.toList().size()", "2"), example("{1, 2}.toJSONList().get(0)", "1")],
        run: |_, args| Ok(args[0]),
    },
    Builtin {
        name: "toListString",
        aliases: &[],
        on: TEXT_OR_LIST,
        params: &[],
        returns: "list",
        doc: "A list of texts: the parts of a text between commas, not trimmed, or the elements of a list as texts.",
        examples: &[
            example(r#""1,2".toListString().toString()"#, r#"["1","2"]"#),
            example(r#"{1, 2.50}.toListString().toString()"#, r#"["1","2.50"]"#),
            example(r#""[1,2]".toListString().get(0)"#, "[1"),
            example(r#""".toListString().size()"#, "0"),
        ],
        run: to_list_string,
    },
    Builtin {
        name: "toJSONList",
        aliases: &[],
        on: &[Kind::Text],
        params: &[],
        returns: "list",
        doc: "The elements of a text that is a JSON array; single quotes are accepted.",
        examples: &[
            example(r#""[{\"id\":1}]".toJSONList().get(0).get("id")"#, "1"),
            example(r#""['a','b']".toJSONList().get(1)"#, "b"),
            example(r#""{\"a\":1}".toJSONList()"#, "fault E0407"),
            example(r#""oops".toJSONList()"#, "fault E0407"),
        ],
        run: to_json_list,
    },
    Builtin {
        name: "toMap",
        aliases: &[],
        on: &[Kind::Text],
        params: &[],
        returns: "map",
        doc: "The map in a text that is a JSON object. Keys and words without quotes are accepted.",
        examples: &[
            example(r#""{\"a\":{\"b\":2}}".toMap().get("a").get("b")"#, "2"),
            example(r#""{company:Zoho, product:Creator}".toMap().get("product")"#, "Creator"),
            example(r#""[1]".toMap()"#, "fault E0407"),
            example(r#""<html>".toMap()"#, "fault E0407"),
        ],
        run: to_map,
    },
    Builtin {
        name: "toMap",
        aliases: &[],
        on: MAPS,
        params: &[],
        returns: "map",
        doc: "A map is returned as it is.",
        examples: &[example("{\"a\": 1}.toMap().get(\"a\")", "1"), example("{}.toMap().size()", "0")],
        run: |_, args| Ok(args[0]),
    },
];

fn to_string(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    if args.len() > 1 && !args[1].is_null() {
        let pattern = args::date_pattern(ctx, args, 1, "toString")?;
        let value = args::date(ctx, args, 0, "toString")?;
        let shown = match args.get(2).filter(|zone| !zone.is_null()) {
            Some(_) => {
                let zone = zone::find(&args::text(ctx, args, 2, "toString")?)?;
                let instant = crate::value::date::millis(value, ctx.zone)?.unwrap_or_default();
                pattern.format(Value::DateTime(instant), &zone)?
            }
            None => pattern.format(value, ctx.zone)?,
        };
        ctx.charge(16);
        return Ok(ctx.heap.text_owned(shown));
    }
    if ctx.heap.kind(args[0]) == Kind::Text {
        return Ok(args[0]);
    }
    let text = print::to_text(ctx.heap, ctx.zone, args[0])?;
    args::charge_text(ctx, 4 * text.len());
    Ok(ctx.heap.text_owned(text))
}

fn to_list(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let text = args::text(ctx, args, 0, "toList")?;
    let bytes = text.len();
    let json = args.len() == 1 && text.trim_start().starts_with('[') && text.trim_end().ends_with(']');
    let json = json.then(|| text.into_owned());
    args::charge_text(ctx, bytes);
    if let Some(text) = json
        && let Ok(list) = json::parse(ctx.heap, &text, Mode::Lenient)
    {
        args::charge_text(ctx, 4 * text.len());
        return Ok(list);
    }
    let text = as_text(ctx, args, 0, "toList")?;
    let separator = match args.get(1) {
        Some(_) => as_text(ctx, args, 1, "toList")?,
        None => ctx.heap.text(","),
    };
    split(ctx, text, separator)
}

fn to_list_string(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    if ctx.heap.as_list(args[0]).is_none() {
        let text = as_text(ctx, args, 0, "toListString")?;
        let bytes = ctx.heap.str(&text).map_or(0, str::len);
        args::charge_text(ctx, bytes);
        let comma = ctx.heap.text(",");
        return split(ctx, text, comma);
    }
    let items = args::items(ctx, args, 0, "toListString")?;
    let mut texts = Vec::with_capacity(items.len());
    for item in items {
        let text = print::to_text(ctx.heap, ctx.zone, item)?;
        args::charge_text(ctx, text.len());
        texts.push(ctx.heap.text_owned(text));
    }
    Ok(ctx.heap.list(texts))
}

/// A text argument as a value of its own.
fn as_text(ctx: &mut Ctx<'_>, args: &[Value], at: usize, name: &str) -> Run<Value> {
    if let Some(text @ (Value::Short { .. } | Value::Text { .. })) = args.get(at) {
        return Ok(*text);
    }
    let text = args::text(ctx, args, at, name)?.into_owned();
    Ok(ctx.heap.text_owned(text))
}

/// A list of the parts of a text between separators; of the characters for an empty separator.
pub(super) fn split(ctx: &mut Ctx<'_>, whole: Value, separator: Value) -> Run<Value> {
    let separator = ctx.heap.str(&separator).unwrap_or_default();
    let text = ctx.heap.str(&whole).unwrap_or_default();
    if text.is_empty() {
        return Ok(ctx.heap.list(vec![]));
    }
    // What a small text makes is small; the limit is asked before a large one is cut up.
    if text.len() > UNASKED {
        let parts = match separator {
            "" => text.chars().count(),
            _ => matches(text, separator).count() + 1,
        };
        ctx.heap.reserve(parts * size_of::<Value>() + text.len())?;
    }
    let (mut items, mut long) = (Vec::new(), Vec::new());
    let mut cut = |start: usize, end: usize| {
        items.push(Value::short(&text[start..end]).unwrap_or_else(|| {
            long.push((items.len(), start..end));
            Value::Null
        }));
    };
    if separator.is_empty() {
        text.char_indices().for_each(|(at, c)| cut(at, at + c.len_utf8()));
    } else {
        let mut start = 0;
        for at in matches(text, separator) {
            cut(start, at);
            start = at + separator.len();
        }
        cut(start, text.len());
    }
    for (at, range) in long {
        items[at] = ctx.heap.text_piece(&whole, range);
    }
    ctx.charge(items.len());
    Ok(ctx.heap.list(items))
}

/// Texts of up to this many bytes are cut without asking for memory.
const UNASKED: usize = 4 << 10;

/// Reads a text that must be JSON of one kind.
fn parsed(ctx: &mut Ctx<'_>, args: &[Value], name: &str, wanted: Kind, instead: &str) -> Run<Value> {
    let text = args::text(ctx, args, 0, name)?.into_owned();
    args::charge_text(ctx, 4 * text.len());
    let value = json::parse(ctx.heap, &text, Mode::Lenient)?;
    let kind = ctx.heap.kind(value);
    if kind == wanted {
        return Ok(value);
    }
    Err(Fault::new(
        codes::NOT_JSON,
        format!(
            "`{name}` needs the JSON of a {}, but {} is that of a {}",
            wanted.name(),
            convert::quoted(&text),
            kind.name()
        ),
    )
    .with_help(format!("use {instead} for this text")))
}

fn to_json_list(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    parsed(ctx, args, "toJSONList", Kind::List, "toMap()")
}

fn to_map(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    parsed(ctx, args, "toMap", Kind::Map, "toJSONList()")
}
