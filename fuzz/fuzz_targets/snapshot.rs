//! Bytes that claim to be a stopped run give an error or another run, never a panic, never more
//! memory than the input deserves, and never a run that breaks its limits.
//!
//! The first byte chooses a script; the header, which names version and script, is put in front, so
//! that the fuzzer works on what lies behind it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sluis_fuzz::driven::program;
use sluis_lang::value::data::Data;
use sluis_lang::vm::{Entry, Limits, Program, Settings, Step, Vm};
use std::sync::{Arc, OnceLock};

const LIMITS: Limits = Limits { fuel: 5_000, memory: 1 << 20, text: 1 << 16, depth: 20, ..Limits::local() };

const SCRIPTS: &[&str] = &[
    "shared = {\"n\": 1}; l = {shared, shared, 2.5}; l.add(l); info 1; for each x in {1, 2, 3} { shared.put(\"t\" + x, \"a text that is long enough for the heap\"); info x; } info shared;",
    "int f(int n) { try { info n; if (n == 0) { throw \"deep\"; } return f(n - 1) + 1; } catch (e) { info e; throw {\"m\": e.message}; } } try { f(3); } catch (e) { info e.lineNo; } return 12345678901234567890.5;",
    "x = zoho.currentdate; y = invokeurl [ url: \"https://example.com\" type: GET ]; return {\"x\": x, \"y\": y.get(\"a\")};",
];

/// A script and the bytes that every snapshot of it begins with.
fn prepared(which: usize) -> &'static (Arc<Program>, Vec<u8>) {
    static PREPARED: OnceLock<Vec<(Arc<Program>, Vec<u8>)>> = OnceLock::new();
    let all = PREPARED.get_or_init(|| SCRIPTS.iter().map(|text| prepare(text)).collect());
    &all[which % all.len()]
}

fn prepare(text: &str) -> (Arc<Program>, Vec<u8>) {
    let program = program(text).expect("a sound script");
    let mut vm = Vm::new(Arc::clone(&program), Entry::Body, vec![], LIMITS, Settings::default()).expect("no arguments");
    let header = vm.snapshot()[..33].to_vec();
    (program, header)
}

fuzz_target!(|bytes: &[u8]| {
    let Some((which, rest)) = bytes.split_first() else { return };
    let (program, header) = prepared(usize::from(*which));
    let bytes: Vec<u8> = header.iter().chain(rest).copied().collect();
    let Ok(mut vm) = Vm::restore(Arc::clone(program), &bytes, Settings::default()) else { return };
    for _ in 0..50 {
        match vm.step(500) {
            Step::Host(_) => vm.resume(Ok(Data::Date(19_900))),
            Step::OutOfFuel => {}
            Step::Done(_) | Step::Fault(_) => return,
        }
        let again = vm.snapshot();
        vm = Vm::restore(Arc::clone(program), &again, Settings::default()).expect("its own snapshot");
    }
});
