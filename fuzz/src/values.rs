//! Values of every kind out of bytes, for built-ins: edges first, anything else now and then.

use arbitrary::{Result, Unstructured};
use rust_decimal::Decimal;
use sluis_lang::value::Value;
use sluis_lang::value::heap::{ErrorObject, Heap, Object};

const TEXTS: &[&str] = &[
    "",
    " ",
    ",",
    "a",
    "0",
    "-1",
    "1.50",
    "9223372036854775808",
    "🚀é",
    "a,b,,c",
    "(a+)+$",
    "[1,2,\"x\"]",
    "{\"a\":{\"b\":1}}",
    "15-Mar-2019",
    "2024-02-29T10:20:30+05:30",
    "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
    "#,##0.00%",
    "Asia/Kolkata",
    "İ",
    "a text that is longer than fourteen bytes, with an é",
    "%zz",
    "YQ==",
];

const NUMBERS: &[i64] =
    &[0, 1, -1, 2, 7, 12, 28, 29, 31, 1_000, 86_400_000, i64::MAX, i64::MIN, 253_402_207_200_000];
/// What instants and days are there: the years -9999 to 9999.
const MILLIS: std::ops::RangeInclusive<i64> = -377_705_023_201_000..=253_402_207_200_000;
const DAYS: std::ops::RangeInclusive<i32> = -4_371_587..=2_932_896;

/// A value, with at most so many containers inside each other.
///
/// # Errors
/// Never in practice: without bytes it is null.
pub fn value(bytes: &mut Unstructured<'_>, heap: &mut Heap, depth: usize) -> Result<Value> {
    let kinds = if depth == 0 { 9 } else { 14 };
    Ok(match bytes.int_in_range(0..=kinds - 1)? {
        0 => Value::Null,
        1 => Value::Bool(bytes.arbitrary()?),
        2 => Value::Int(*bytes.choose(NUMBERS)?),
        3 => Value::Int(bytes.arbitrary()?),
        4 => decimal(bytes, heap)?,
        5 => heap.text(bytes.choose(TEXTS)?),
        6 => heap.text(bytes.arbitrary::<&str>()?),
        7 => Value::Date(bytes.int_in_range(DAYS)?),
        8 => Value::DateTime(bytes.int_in_range(MILLIS)?),
        9 => heap.object(Object::Empty),
        10 => list(bytes, heap, depth)?,
        11 => map(bytes, heap, depth)?,
        12 => {
            let list = list(bytes, heap, depth)?;
            heap.edit_list(list, |items| items.push(list));
            list
        }
        _ => {
            let (message, thrown) = (heap.text(bytes.choose(TEXTS)?), value(bytes, heap, depth - 1)?);
            heap.object(Object::Error(Box::new(ErrorObject { message, line: 1, code: message, thrown })))
        }
    })
}

fn decimal(bytes: &mut Unstructured<'_>, heap: &mut Heap) -> Result<Value> {
    let (mantissa, scale) = (bytes.arbitrary::<i64>()?, bytes.int_in_range(0..=28)?);
    Ok(heap.decimal(match bytes.int_in_range(0..=3)? {
        0 => Decimal::MAX,
        1 => Decimal::MIN,
        _ => Decimal::new(mantissa, scale),
    }))
}

fn list(bytes: &mut Unstructured<'_>, heap: &mut Heap, depth: usize) -> Result<Value> {
    let count = bytes.int_in_range(0..=5)?;
    let items = (0..count).map(|_| value(bytes, heap, depth - 1)).collect::<Result<_>>()?;
    Ok(heap.list(items))
}

fn map(bytes: &mut Unstructured<'_>, heap: &mut Heap, depth: usize) -> Result<Value> {
    let map = heap.map(0);
    for _ in 0..bytes.int_in_range(0..=4)? {
        let (key, held) = (value(bytes, heap, 0)?, value(bytes, heap, depth - 1)?);
        heap.map_put(map, key, held);
    }
    Ok(map)
}
