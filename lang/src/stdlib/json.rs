//! Text that answers as the JSON it holds. A connector's `response` is such a text: scripts read it
//! with `get` as if it were a map, or turn it into one first; both must work.

use super::args;
use super::conversion::split;
use super::{Builtin, Ctx, collection, example, param};
use crate::value::fault::Run;
use crate::value::json::{self, Mode};
use crate::value::{Kind, Value};

const TEXT: &[Kind] = &[Kind::Text];

pub(super) const TABLE: &[Builtin] = &[
    Builtin {
        name: "get",
        aliases: &["getJSON"],
        on: TEXT,
        params: &[param("key", "any")],
        returns: "any",
        doc: "A text that is JSON answers as the map or list it holds: the value of a key (null if absent), or the element at a position. A position in any other text means its parts between commas.",
        examples: &[
            example(r#""{\"a\":{\"b\":2}}".get("a").get("b")"#, "2"),
            example(r#""{\"a\":1}".getJSON("x")"#, "null"),
            example(r#""[5,6]".get(1)"#, "6"),
            example(r#""x,y".get(1)"#, "y"),
            example(r#""oops".get("a")"#, "fault E0407"),
        ],
        run: get,
    },
    Builtin {
        name: "size",
        aliases: &[],
        on: TEXT,
        params: &[],
        returns: "number",
        doc: "For a text that is JSON, the number of entries or elements; for any other, of its parts between commas, as `for each` sees them. `length` counts characters.",
        examples: &[
            example(r#""{\"a\":1,\"b\":2}".size()"#, "2"),
            example(r#""a,b,,".size()"#, "4"),
            example(r#""".size()"#, "0"),
        ],
        run: size,
    },
    Builtin {
        name: "containKey",
        aliases: &["containsKey"],
        on: TEXT,
        params: &[param("key", "any")],
        returns: "boolean",
        doc: "For a text that is the JSON of a map: whether it has the key.",
        examples: &[
            example(r#""{\"a\":null}".containKey("a")"#, "true"),
            example(r#""{\"a\":1}".containsKey("A")"#, "false"),
            example(r#""oops".containKey("a")"#, "fault E0407"),
        ],
        run: |ctx, args| {
            let value = as_json(ctx, args, "containKey")?;
            collection::contain_key(ctx, &[value, args[1]])
        },
    },
    Builtin {
        name: "keys",
        aliases: &[],
        on: TEXT,
        params: &[],
        returns: "list",
        doc: "For a text that is the JSON of a map: its keys.",
        examples: &[example(r#""{\"b\":1,\"a\":2}".keys()"#, "b,a"), example(r#""{}".keys().size()"#, "0")],
        run: |ctx, args| {
            let value = as_json(ctx, args, "keys")?;
            collection::keys(ctx, &[value])
        },
    },
];

/// The value in a JSON text.
fn as_json(ctx: &mut Ctx<'_>, args: &[Value], name: &str) -> Run<Value> {
    let text = args::text(ctx, args, 0, name)?.into_owned();
    args::charge_text(ctx, 4 * text.len());
    json::parse(ctx.heap, &text, Mode::Strict)
}

/// The map or list in a JSON text, or a list of the parts of any other text.
fn container(ctx: &mut Ctx<'_>, args: &[Value], name: &str) -> Run<Value> {
    let text = args::text(ctx, args, 0, name)?.into_owned();
    args::charge_text(ctx, text.len());
    if text.trim_start().starts_with(['{', '[']) {
        args::charge_text(ctx, 3 * text.len());
        match json::parse(ctx.heap, &text, Mode::Strict) {
            Err(fault) if fault.is_halt() => return Err(fault),
            Err(_) => {}
            Ok(value) => return Ok(value),
        }
    }
    let (whole, comma) = (ctx.heap.text_owned(text), ctx.heap.text(","));
    split(ctx, whole, comma)
}

fn get(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let by_position = matches!(ctx.heap.kind(args[1]), Kind::Number | Kind::Decimal);
    let value = if by_position { container(ctx, args, "get")? } else { as_json(ctx, args, "get")? };
    match ctx.heap.kind(value) {
        Kind::Map | Kind::List => collection::get(ctx, &[value, args[1]]),
        _ => Err(args::wrong_kind(ctx, &[value], 0, "get", "a map, a list, or the JSON of one")),
    }
}

fn size(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let value = container(ctx, args, "size")?;
    collection::size(ctx, &[value])
}
