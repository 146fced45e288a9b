//! A generated script runs to an end within its limits, and its end does not depend on how often it
//! was stopped, on whether it went through bytes, or on when garbage was collected.

#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use sluis_fuzz::driven::{drive, program};
use sluis_fuzz::generator;
use sluis_lang::vm::{Limits, Settings};
use std::sync::Arc;

const LIMITS: Limits = Limits { fuel: 3_000, memory: 1 << 20, text: 1 << 16, depth: 20, ..Limits::local() };

fuzz_target!(|bytes: &[u8]| {
    let mut bytes = Unstructured::new(bytes);
    let how: u8 = bytes.arbitrary().unwrap_or_default();
    let Ok(text) = generator::script(&mut bytes) else { return };
    let Some(program) = program(&text) else { return };
    let calm = Settings::default();
    let whole = drive(Arc::clone(&program), LIMITS, &calm, u64::MAX, false).seen;
    let other = match how % 4 {
        0 => drive(program, LIMITS, &Settings { stress_interruption: true, ..calm }, u64::MAX, true),
        1 => drive(program, LIMITS, &Settings { stress_collection: true, ..calm }, u64::MAX, false),
        2 => drive(program, LIMITS, &calm, 1, true),
        _ => drive(program, LIMITS, &calm, u64::from(how) * 3, false),
    };
    assert_eq!(other.seen, whole, "\n{text}");
});
