//! Every native, on every kind of value and on the edges of each: an answer or a fault, never a
//! panic, never a broken heap, never more memory than allowed.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use sluis_lang::stdlib::{Builtin, Ctx, TABLES};
use sluis_lang::value::Value;
use sluis_lang::value::file::File;
use sluis_lang::value::heap::{ErrorObject, Heap, HeapLimits, Object};

const TEXTS: &[&str] = &[
    "",
    " ",
    ",",
    "a",
    "0",
    "-1",
    "9223372036854775808",
    "1.50",
    ".",
    "🚀é",
    "a,b,,c",
    "(",
    "[",
    "\\",
    "$1",
    "(a+)+$",
    "(?=a)b",
    "[1,2,\"x\"]",
    "{\"a\":{\"b\":1}}",
    "{'a':1",
    "15-Mar-2019",
    "2024-02-29T10:20:30+05:30",
    "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
    "YYYY DDD w W F E a k K h z",
    "'",
    "#,##0.00%",
    "Asia/Kolkata",
    "+05:30",
    "İ",
    "true",
    "a text that is longer than fourteen bytes, with an é",
    "%zz",
    "5a6f",
    "YQ==",
];

const NUMBERS: &[i64] = &[0, 1, -1, 2, 28, 29, 1_000, 86_400_000, i64::MAX, i64::MIN, 253_402_207_200_000];

/// One value of each sort, made anew because natives may change them.
fn samples(heap: &mut Heap) -> Vec<Value> {
    let mut all = vec![Value::Null, Value::Bool(true), Value::Bool(false)];
    all.extend(NUMBERS.iter().map(|n| Value::Int(*n)));
    for decimal in
        [Decimal::MAX, Decimal::MIN, Decimal::new(25, 1), Decimal::new(-1, 28), Decimal::new(50, 1)]
    {
        all.push(heap.decimal(decimal));
    }
    all.extend([Value::Date(0), Value::Date(-4_371_587), Value::Date(2_932_896)]);
    all.extend([
        Value::DateTime(0),
        Value::DateTime(-377_705_023_201_000),
        Value::DateTime(253_402_207_200_000),
    ]);
    for text in TEXTS {
        all.push(heap.text(text));
    }
    let (a, one) = (heap.text("a"), Value::Int(1));
    let cyclic = heap.list(vec![one]);
    heap.edit_list(cyclic, |items| items.push(cyclic));
    let map = heap.map(0);
    heap.map_put(map, a, one);
    heap.map_put(map, one, cyclic);
    all.extend([
        heap.object(Object::Empty),
        heap.list(vec![]),
        heap.list(vec![one, a, Value::Null]),
        cyclic,
        map,
    ]);
    let error = ErrorObject { message: a, line: 1, code: a, thrown: Value::Null };
    all.push(heap.object(Object::Error(Box::new(error))));
    all.extend(kinds_around_others(heap));
    all
}

/// Collections of both sorts, one that holds itself, and files.
fn kinds_around_others(heap: &mut Heap) -> Vec<Value> {
    let (empty, a, one) = (heap.object(Object::Empty), heap.text("a"), Value::Int(1));
    let (values, entries, cyclic) = (heap.list(vec![one, a]), heap.map(0), heap.list(vec![]));
    heap.map_put(entries, a, one);
    heap.map_put(entries, one, Value::Null);
    let inner = [empty, values, entries, cyclic];
    let mut all: Vec<Value> = inner.into_iter().map(|inner| heap.collection(inner)).collect();
    let itself = all[3];
    heap.edit_list(cyclic, |items| items.push(itself));
    for (name, bytes) in
        [("a.csv", &b"a,b\n\"c\nd\""[..]), ("x", &[0xff, 0xfe, 0x00]), ("e.zip", b"PK\x05\x06")]
    {
        all.push(heap.file(File::new(name, bytes)));
    }
    all
}

fn call(heap: &mut Heap, zone: &TimeZone, builtin: &Builtin, args: &[Value]) {
    if !builtin.on.is_empty() && !builtin.on.contains(&heap.kind(args[0])) {
        return;
    }
    let mut fuel = i64::MAX;
    let result = (builtin.run)(&mut Ctx { heap, zone, fuel: &mut fuel }, args);
    match result {
        Ok(value) => assert!(
            heap.is_sound([value].into_iter()),
            "{} broke the heap: {value:?} of {args:?}",
            builtin.name
        ),
        Err(fault) => assert!(!fault.message.is_empty(), "{} faults without a word", builtin.name),
    }
}

/// Calls with all choices for the first two arguments, and a third that walks along with them.
fn exercise(builtin: &Builtin, zone: &TimeZone) {
    let limits = HeapLimits { memory: 8 << 20, text: 1 << 20 };
    let places = builtin.params.len() + usize::from(!builtin.on.is_empty());
    let required = builtin.required() + usize::from(!builtin.on.is_empty());
    let count = samples(&mut Heap::new(limits)).len();
    // The second argument changes slowly: patterns are then compiled once and kept.
    for second in 0..if places < 2 { 1 } else { count } {
        let mut heap = Heap::new(limits);
        let all = samples(&mut heap);
        for first in 0..count {
            let third = all[(first * 7 + second * 3) % count];
            let args = [all[first], all[second], third, all[(first + second) % count]];
            for given in required..=places {
                call(&mut heap, zone, builtin, &args[..given]);
            }
            // What is kept may have grown past the limit; then the next calls fault.
            let _ = heap.collect(all.iter().copied());
        }
    }
}

#[test]
fn every_native_answers_or_faults_on_every_kind_of_value() {
    let zone = sluis_lang::value::date::zone::find("America/New_York").unwrap();
    for builtin in TABLES.iter().copied().flatten() {
        exercise(builtin, &zone);
    }
}

#[test]
fn a_text_is_refused_before_it_is_made_too_large() {
    let mut heap = Heap::new(HeapLimits { memory: 1 << 20, text: 10_000 });
    let long = heap.text(&"a".repeat(5_000));
    let (x, empty, a, huge) = (heap.text("xyz"), heap.text(""), heap.text("a"), Value::Int(i64::MAX));
    let calls: &[(&str, &[Value])] = &[
        ("repeat", &[x, huge]),
        ("repeat", &[long, Value::Int(3)]),
        ("leftpad", &[x, huge]),
        ("rightpad", &[x, Value::Int(10_001)]),
        ("replaceAll", &[long, a, x]),
        ("replaceAll", &[long, empty, x]),
        ("replaceAll", &[long, a, x, Value::Bool(true)]),
        ("encodeUrl", &[long]),
        ("textToHex", &[long]),
        ("concat", &[long, long]),
    ];
    for (name, args) in calls {
        let builtin = sluis_lang::stdlib::find(name).next().unwrap();
        let mut fuel = i64::MAX;
        let last = match *name {
            "encodeUrl" | "textToHex" | "concat" => heap.text(&"é".repeat(4_000)),
            _ => args[0],
        };
        let mut args = args.to_vec();
        args[0] = last;
        let fault = (builtin.run)(&mut Ctx { heap: &mut heap, zone: &TimeZone::UTC, fuel: &mut fuel }, &args);
        assert_eq!(fault.unwrap_err().code, sluis_lang::codes::TEXT_TOO_LARGE, "{name}");
    }
}

#[test]
fn work_is_paid_for() {
    let mut heap = Heap::default();
    let long = heap.text(&"ab ".repeat(100_000));
    let numbers = heap.list((0..10_000).map(Value::Int).collect());
    let (part, blank) = (heap.text("zz"), heap.text(" "));
    for (name, args) in [
        ("trim", vec![long]),
        ("contains", vec![long, part]),
        ("replaceAll", vec![long, part, blank]),
        ("toList", vec![long, blank]),
        ("toUpperCase", vec![long]),
        ("sort", vec![numbers]),
        ("distinct", vec![numbers]),
        ("toString", vec![numbers]),
    ] {
        let kind = heap.kind(args[0]);
        let builtin = sluis_lang::stdlib::find(name).find(|b| b.on.contains(&kind)).unwrap();
        let mut fuel = 1_000_000;
        (builtin.run)(&mut Ctx { heap: &mut heap, zone: &TimeZone::UTC, fuel: &mut fuel }, &args).unwrap();
        assert!(fuel < 990_001, "{name} cost {}", 1_000_000 - fuel);
    }
}
