//! A run that is stopped after every instruction, turned into bytes and taken up again by another
//! machine prints, returns, faults and pays exactly as one that is left alone: for the cases of the
//! specification and for generated scripts.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod driven;
mod generator;

use arbitrary::Unstructured;
use driven::{How, Outcome, drive, program};
use proptest::prelude::*;
use sluis_lang::vm::{Limits, Settings};
use std::path::{Path, PathBuf};

/// Little, because each instruction costs a whole snapshot and back.
const LIMITS: Limits = Limits { fuel: 1_500, memory: 1 << 20, text: 1 << 16, depth: 20, ..Limits::local() };

fn after_every_instruction() -> How {
    let settings = Settings { stress_interruption: true, ..Settings::default() };
    How { settings, through_bytes: true, ..How::default() }
}

fn outcome(text: &str, how: &How) -> Option<Outcome> {
    Some(drive(program(text)?, LIMITS, how))
}

/// Compares; the number of stops, 0 if the script does not compile.
fn compare(text: &str) -> usize {
    let Some(whole) = outcome(text, &How::default()) else { return 0 };
    let stopped = outcome(text, &after_every_instruction()).unwrap();
    assert_eq!(stopped.seen, whole.seen, "stopped after every instruction:\n{text}");
    let sliced = outcome(text, &How { slice: 1, ..How::default() }).unwrap();
    assert_eq!(sliced.seen, whole.seen, "in slices of one:\n{text}");
    let settings = Settings { stress_collection: true, ..Settings::default() };
    let collected = outcome(text, &How { settings, ..How::default() }).unwrap();
    assert_eq!(collected.seen, whole.seen, "collecting at every safe point:\n{text}");
    let at_once = outcome(text, &How { at_once: true, ..How::default() }).unwrap();
    assert_eq!(at_once.seen, whole.seen, "host calls answered at once:\n{text}");
    stopped.stops
}

/// The scripts of the specification.
fn scripts() -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/lang");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let mut scripts = Vec::new();
    for file in files.into_iter().filter(|file| file.extension().is_some_and(|ending| ending == "md")) {
        let text = std::fs::read_to_string(&file).unwrap();
        for part in text.split("\n```deluge\n").skip(1) {
            scripts.push((file.clone(), part.split("\n```").next().unwrap_or_default().to_owned()));
        }
    }
    scripts
}

#[test]
fn every_script_of_the_specification_can_be_stopped_after_every_instruction() {
    let mut stops = 0;
    let mut ran = 0;
    for (_, script) in scripts() {
        let here = compare(&script);
        stops += here;
        ran += usize::from(here > 0);
    }
    assert!(ran > 100 && stops > 4_000, "{ran} scripts came back {stops} times");
}

#[test]
fn a_stop_after_every_instruction_is_what_it_says() {
    let whole = outcome("x = 1; y = x + 1; z = y * 2; info z;", &after_every_instruction()).unwrap();
    assert!(whole.stops >= 5, "{}", whole.stops);
    assert_eq!(outcome("x = 1; info x;", &How::default()).unwrap().stops, 1);
}

#[test]
fn a_run_that_owes_fuel_for_a_built_in_ends_at_the_same_place_however_it_is_stopped() {
    // The text costs more than the run has, and no loop turns and no function is called behind it.
    let text = "info 1; x = \"0123456789\".repeat(6000); info 2; y = 1; y = y + 1; info y;";
    let whole = outcome(text, &How::default()).unwrap();
    assert!(whole.seen.fuel > LIMITS.fuel, "{}", whole.seen.fuel);
    compare(text);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_generated_script_can_be_stopped_after_every_instruction(bytes in prop::collection::vec(any::<u8>(), 200..2_000)) {
        let text = generator::script(&mut Unstructured::new(&bytes)).unwrap();
        compare(&text);
    }
}

#[test]
fn generated_scripts_are_well_formed_and_do_something() {
    let mut bytes = 0x9e37_79b9_7f4a_7c15_u64;
    let (mut ended, mut faulted, mut lines) = (0, 0, 0);
    for _ in 0..300 {
        let seed: Vec<u8> = std::iter::repeat_with(|| {
            bytes = bytes.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (bytes >> 56) as u8
        })
        .take(1_500)
        .collect();
        let text = generator::script(&mut Unstructured::new(&seed)).unwrap();
        let (_, diagnostics) = sluis_lang::syntax::parse(&text);
        let errors: Vec<_> = diagnostics.iter().filter(|d| d.is_error()).collect();
        assert!(errors.is_empty(), "{errors:?}\n{text}");
        let Some(whole) = outcome(&text, &How::default()) else { continue };
        lines += whole.seen.lines.len();
        if whole.seen.end.is_ok() { ended += 1 } else { faulted += 1 }
    }
    assert!(ended > 20 && faulted > 50 && lines > 500, "{ended} ended, {faulted} faulted, {lines} lines");
}
