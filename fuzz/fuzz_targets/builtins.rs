//! Every built-in, with arguments of every kind: a value or a fault with words, never a panic, never
//! a broken heap, and what it answers can be printed or says why not.

#![no_main]

use arbitrary::{Result, Unstructured};
use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use sluis_fuzz::values;
use sluis_lang::stdlib::{Builtin, Ctx, TABLES};
use sluis_lang::value::heap::{Heap, HeapLimits};
use sluis_lang::value::print::to_text;

const LIMITS: HeapLimits = HeapLimits { memory: 4 << 20, text: 1 << 18 };

fn call(bytes: &mut Unstructured<'_>) -> Result<()> {
    let all: Vec<&Builtin> = TABLES.iter().copied().flatten().collect();
    let builtin = *bytes.choose(&all)?;
    let mut heap = Heap::new(LIMITS);
    let receivers = usize::from(!builtin.on.is_empty());
    let count = bytes.int_in_range(builtin.required()..=builtin.params.len())? + receivers;
    let mut args = Vec::with_capacity(count);
    for _ in 0..count {
        args.push(values::value(bytes, &mut heap, 3)?);
    }
    if receivers == 1 && !builtin.on.contains(&heap.kind(args[0])) {
        return Ok(());
    }
    let zone = TimeZone::UTC;
    let mut fuel = i64::MAX;
    let answer = (builtin.run)(&mut Ctx { heap: &mut heap, zone: &zone, fuel: &mut fuel }, &args);
    let live = args.iter().copied();
    match answer {
        Ok(value) => {
            assert!(heap.is_sound(live.chain([value])), "{} broke the heap", builtin.name);
            let _ = to_text(&heap, &zone, value);
        }
        Err(fault) => assert!(!fault.message.is_empty() && heap.is_sound(live), "{}", builtin.name),
    }
    Ok(())
}

fuzz_target!(|bytes: &[u8]| {
    let mut bytes = Unstructured::new(bytes);
    // Several calls from one input: patterns are compiled once and kept.
    for _ in 0..3 {
        if bytes.is_empty() || call(&mut bytes).is_err() {
            return;
        }
    }
});
