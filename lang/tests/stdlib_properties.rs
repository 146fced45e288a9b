//! Laws that hold for all texts, numbers and dates.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use jiff::tz::TimeZone;
use proptest::prelude::*;
use sluis_lang::stdlib::{self, Ctx};
use sluis_lang::value::Value;
use sluis_lang::value::date::{self, pattern::Pattern};
use sluis_lang::value::fault::Run;
use sluis_lang::value::heap::Heap;
use sluis_lang::value::json::{self, Mode};
use sluis_lang::value::print::to_text;

fn call(heap: &mut Heap, name: &str, args: &[Value]) -> Run<Value> {
    let kind = heap.kind(args[0]);
    let builtin = stdlib::find(name).find(|b| b.on.contains(&kind)).unwrap();
    let mut fuel = i64::MAX;
    (builtin.run)(&mut Ctx { heap, zone: &TimeZone::UTC, fuel: &mut fuel }, args)
}

fn text_of(heap: &mut Heap, name: &str, args: &[Value]) -> String {
    let value = call(heap, name, args).unwrap();
    to_text(heap, &TimeZone::UTC, value).unwrap()
}

/// JSON texts as this crate writes them.
fn json_text() -> impl Strategy<Value = String> {
    let quoted = |text: String| {
        let mut out = String::new();
        json::write_string(&text, &mut out);
        out
    };
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|b| b.to_string()),
        any::<i64>().prop_map(|n| n.to_string()),
        (any::<i32>(), 0_u32..9).prop_map(|(n, scale)| format!("{n}.{scale:03}")),
        any::<String>().prop_map(quoted),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::btree_map("[a-z]{1,6}", inner, 0..12).prop_map(|map| {
                let entries: Vec<String> = map.iter().map(|(k, v)| format!("\"{k}\":{v}")).collect();
                format!("{{{}}}", entries.join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn json_that_is_read_is_written_alike(text in json_text()) {
        let mut heap = Heap::default();
        let value = json::parse(&mut heap, &text, Mode::Strict).unwrap();
        let mut out = String::new();
        json::write(&heap, &TimeZone::UTC, value, &mut out).unwrap();
        prop_assert_eq!(&out, &text);
        let lenient = json::parse(&mut heap, &text, Mode::Lenient);
        let is_container = text.starts_with(['[', '{']);
        prop_assert!(lenient.is_ok() || !is_container);
    }

    #[test]
    fn no_text_makes_the_json_reader_panic(text in ".{0,60}", shape in "[\\[\\]{}:,'\"\\\\a-z0-9eu.+ -]{0,40}") {
        let mut heap = Heap::default();
        for text in [&text, &shape] {
            for mode in [Mode::Strict, Mode::Lenient] {
                let _ = json::parse(&mut heap, text, mode);
            }
        }
    }

    #[test]
    fn two_pieces_of_a_text_make_the_whole(text in "[a-cé🚀]{0,12}", cut in 0_i64..12) {
        let mut heap = Heap::default();
        let value = heap.text(&text);
        let Value::Int(len) = call(&mut heap, "length", &[value]).unwrap() else { panic!() };
        let cut = Value::Int(cut.min(len));
        let left = text_of(&mut heap, "substring", &[value, Value::Int(0), cut]);
        let right = text_of(&mut heap, "substring", &[value, cut]);
        prop_assert_eq!(left + &right, text);
    }

    #[test]
    fn prefix_separator_and_suffix_make_the_whole(text in "[ab,;é]{0,12}", separator in "[,;é]{1,2}") {
        let mut heap = Heap::default();
        let (value, sep) = (heap.text(&text), heap.text(&separator));
        if text.contains(&separator) {
            let prefix = text_of(&mut heap, "getPrefix", &[value, sep]);
            let suffix = text_of(&mut heap, "getSuffix", &[value, sep]);
            prop_assert_eq!(prefix + &separator + &suffix, text);
        } else {
            prop_assert!(call(&mut heap, "getPrefix", &[value, sep]).unwrap().is_null());
        }
    }

    #[test]
    fn encoded_text_decodes_to_itself(text in any::<String>()) {
        let mut heap = Heap::default();
        for (encode, decode) in
            [("encodeUrl", "urlDecode"), ("base64Encode", "base64Decode"), ("textToHex", "hexToText")]
        {
            let value = heap.text(&text);
            let encoded = call(&mut heap, encode, &[value]).unwrap();
            prop_assert_eq!(text_of(&mut heap, decode, &[encoded]), &text[..]);
        }
    }

    #[test]
    fn a_date_written_by_a_pattern_is_read_by_it(
        millis in -62_000_000_000_000_i64..250_000_000_000_000,
        zone in prop::sample::select(vec!["UTC", "Asia/Kolkata", "America/New_York", "+12:45"]),
        pattern in prop::sample::select(vec![
            "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
            "EEE, d MMMM yyyy hh:mm:ss.SSS a Z",
            "yyyyMMddHHmmssSSSXX",
            "dd/MM/yyyy kk:mm:ss.SSSSSS XXX",
        ]),
    ) {
        let zone = date::zone::find(zone).unwrap();
        let pattern = Pattern::compile(pattern).unwrap();
        // Offsets of seconds, as before standard time, have no place in these patterns.
        prop_assume!(zone.to_offset(jiff::Timestamp::from_millisecond(millis).unwrap()).seconds() % 60 == 0);
        let text = pattern.format(Value::DateTime(millis), &zone).unwrap();
        let parsed = pattern.parse(&text).unwrap();
        let back = date::instant_value(parsed.civil, &parsed.zone.unwrap()).unwrap();
        prop_assert!(matches!(back, Value::DateTime(m) if m == millis), "{text} gave {back:?}");
    }

    #[test]
    fn no_pattern_and_text_make_the_date_reader_panic(pattern in "[yYMdDHhKkmsSaEuwWFGzZXx' :/-]{0,20}", text in "[0-9A-Za-z :+/-]{0,30}") {
        if let Ok(pattern) = Pattern::compile(&pattern) {
            let _ = pattern.parse(&text);
        }
        let _ = date::parse_date_text(&text, &TimeZone::UTC);
    }

    #[test]
    fn months_added_and_taken_away_move_at_most_to_the_months_end(days in -300_000_i32..300_000, months in 0_i64..240) {
        let mut heap = Heap::default();
        let later = call(&mut heap, "addMonth", &[Value::Date(days), Value::Int(months)]).unwrap();
        let back = call(&mut heap, "subMonth", &[later, Value::Int(months)]).unwrap();
        let Value::Date(back) = back else { panic!("{back:?}") };
        prop_assert!((0..=3).contains(&(days - back)), "{days} became {back}");
    }

    #[test]
    fn a_sorted_list_is_in_order_and_complete(mut numbers in prop::collection::vec(any::<i64>(), 0..40)) {
        let mut heap = Heap::default();
        let list = heap.list(numbers.iter().map(|n| Value::Int(*n)).collect());
        call(&mut heap, "sort", &[list]).unwrap();
        numbers.sort_unstable();
        let sorted: Vec<i64> =
            heap.as_list(list).unwrap().iter().map(|v| if let Value::Int(n) = v { *n } else { 0 }).collect();
        prop_assert_eq!(sorted, numbers);
    }

    #[test]
    fn no_regular_expression_makes_a_native_panic(pattern in "[ab()\\[\\]{}*+?.|^$\\\\dwpQEuk<>=!,0-9-]{0,16}", text in "[ab1 é]{0,20}") {
        let mut heap = Heap::default();
        let (text, pattern, put) = (heap.text(&text), heap.text(&pattern), heap.text("<$1>"));
        let _ = call(&mut heap, "replaceAll", &[text, pattern, put]);
        let _ = call(&mut heap, "matches", &[text, pattern]);
    }
}
