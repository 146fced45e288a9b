//! A generated script runs to an end within its limits, and its end does not depend on how often it
//! was stopped, on whether it went through bytes, on when garbage was collected, or on whether a host
//! call was answered at once.

#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use sluis_fuzz::driven::{How, drive, program};
use sluis_fuzz::generator;
use sluis_lang::vm::{Limits, Settings};
use std::sync::Arc;

const LIMITS: Limits = Limits { fuel: 3_000, memory: 1 << 20, text: 1 << 16, depth: 20, ..Limits::local() };

fuzz_target!(|bytes: &[u8]| {
    let mut bytes = Unstructured::new(bytes);
    let how: u8 = bytes.arbitrary().unwrap_or_default();
    let Ok(text) = generator::script(&mut bytes) else { return };
    let Some(program) = program(&text) else { return };
    let whole = drive(Arc::clone(&program), LIMITS, &How::default()).seen;
    let calm = Settings::default();
    let other = match how % 5 {
        0 => {
            let settings = Settings { stress_interruption: true, ..calm };
            How { settings, through_bytes: true, ..How::default() }
        }
        1 => How { settings: Settings { stress_collection: true, ..calm }, ..How::default() },
        2 => How { slice: 1, through_bytes: true, ..How::default() },
        3 => How { at_once: true, ..How::default() },
        _ => How { slice: u64::from(how) * 3, ..How::default() },
    };
    assert_eq!(drive(program, LIMITS, &other).seen, whole, "\n{text}");
});
