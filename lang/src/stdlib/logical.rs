//! Questions about any value, and the two conditional expressions.

use super::args::{self, ANYTHING};
use super::{Builtin, Ctx, Example, Native, example, param};
use crate::value::fault::Run;
use crate::value::{Kind, Value, convert, date};

const fn question(
    name: &'static str,
    doc: &'static str,
    examples: &'static [Example],
    run: Native,
) -> Builtin {
    Builtin { name, aliases: &[], on: ANYTHING, params: &[], returns: "boolean", doc, examples, run }
}

pub(super) const TABLE: &[Builtin] = &[
    Builtin {
        name: "if",
        aliases: &[],
        on: &[],
        params: &[param("condition", "boolean"), param("then", "any"), param("otherwise", "any")],
        returns: "any",
        doc: "The second value if the condition is true, else the third. Only the one that is answered is worked out.",
        examples: &[
            example(r#"if(2 > 1, "yes", "no")"#, "yes"),
            example(r#"if(false, "x".toLong(), "safe")"#, "safe"),
        ],
        run: conditional,
    },
    Builtin {
        name: "ifnull",
        aliases: &[],
        on: &[],
        params: &[param("value", "any"), param("default", "any")],
        returns: "any",
        doc: "The value, or the default if the value is null. An empty text is not null.",
        examples: &[
            example("ifnull(null, 0)", "0"),
            example(r#"ifNull("", "x").length()"#, "0"),
            example(r#"ifnull(5, "x".toLong())"#, "5"),
        ],
        run: if_null,
    },
    question(
        "isNull",
        "Whether the value is null or an empty text.",
        &[
            example("isNull(null)", "true"),
            example(r#"isNull("")"#, "true"),
            example(r#"" ".isNull()"#, "false"),
            example("isNull({})", "false"),
        ],
        is_null,
    ),
    question(
        "isBlank",
        "Whether the value is null, a text of blanks only, or an empty list or map.",
        &[
            example(r#"isBlank(" ")"#, "true"),
            example("isBlank({})", "true"),
            example("isBlank(null)", "true"),
            example("isBlank(0)", "false"),
        ],
        is_blank,
    ),
    question(
        "isEmpty",
        "Whether the value is null, an empty text, or a list or map without elements. A blank is not empty.",
        &[
            example(r#""".isEmpty()"#, "true"),
            example(r#"" ".isEmpty()"#, "false"),
            example("List().isEmpty()", "true"),
            example(r#"{"a": 1}.isEmpty()"#, "false"),
            example("isEmpty(null)", "true"),
        ],
        is_empty,
    ),
    question(
        "isText",
        "Whether the value is a text that is no number; null for lists, maps and booleans.",
        &[
            example(r#"isText("Hello")"#, "true"),
            example(r#"isText("123")"#, "false"),
            example(r#"isText("")"#, "true"),
            example("isText({1})", "null"),
        ],
        is_text,
    ),
    question(
        "isNumber",
        "Whether the value is a number or a text that holds one.",
        &[
            example(r#"isNumber("123")"#, "true"),
            example("isNumber(1.5)", "true"),
            example(r#"isNumber("12a")"#, "false"),
            example(r#"isNumber("")"#, "false"),
        ],
        is_number,
    ),
    question(
        "isDate",
        "Whether the value is a date or a text that holds one in the default or an ISO format.",
        &[
            example("'05-Mar-2024'.isDate()", "true"),
            example(r#"isDate("2024-03-05T10:00:00Z")"#, "true"),
            example(r#"isDate("30-Feb-2024")"#, "false"),
            example("isDate(5)", "false"),
        ],
        is_date,
    ),
];

/// Runs only where the compiler could not make a branch of it.
fn conditional(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    match args[0] {
        Value::Bool(condition) => Ok(args[if condition { 1 } else { 2 }]),
        _ => Err(args::wrong_kind(ctx, args, 0, "if", "true or false")),
    }
}

/// Runs only where the compiler could not make a branch of it.
fn if_null(_: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    Ok(if args[0].is_null() { args[1] } else { args[0] })
}

fn is_null(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    Ok(Value::Bool(args[0].is_null() || ctx.heap.str(&args[0]).is_some_and(str::is_empty)))
}

fn has_no_elements(ctx: &Ctx<'_>, value: Value) -> bool {
    match ctx.heap.kind(value) {
        Kind::Empty => true,
        Kind::List => ctx.heap.as_list(value).is_some_and(<[_]>::is_empty),
        Kind::Map => ctx.heap.as_map(value).is_some_and(<[_]>::is_empty),
        Kind::Collection => has_no_elements(ctx, ctx.heap.opened(value)),
        _ => false,
    }
}

fn is_blank(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let blank_text = ctx.heap.str(&args[0]).is_some_and(|text| text.trim().is_empty());
    Ok(Value::Bool(args[0].is_null() || blank_text || has_no_elements(ctx, args[0])))
}

fn is_empty(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    let empty_text = ctx.heap.str(&args[0]).is_some_and(str::is_empty);
    Ok(Value::Bool(args[0].is_null() || empty_text || has_no_elements(ctx, args[0])))
}

fn is_text(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    Ok(match ctx.heap.kind(args[0]) {
        Kind::List | Kind::Map | Kind::Empty | Kind::Collection | Kind::File | Kind::Boolean => Value::Null,
        _ => Value::Bool(ctx.heap.str(&args[0]).is_some_and(|text| !convert::is_numeric(text))),
    })
}

fn is_number(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    Ok(Value::Bool(match ctx.heap.kind(args[0]) {
        Kind::Number | Kind::Decimal => true,
        _ => ctx.heap.str(&args[0]).is_some_and(convert::is_numeric),
    }))
}

fn is_date(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    Ok(Value::Bool(match ctx.heap.kind(args[0]) {
        Kind::Date | Kind::DateTime => true,
        _ => ctx.heap.str(&args[0]).is_some_and(|text| date::parse_date_text(text, ctx.zone).is_some()),
    }))
}
