//! Bytes that claim to be a stopped run give an error or another run, never a panic, never more
//! memory than the input deserves, and never a run that breaks its limits.
//!
//! The first byte chooses a script; the header, which names version and script, is put in front, so
//! that the fuzzer works on what lies behind it: on bytes of its own, or on changes of a true snapshot.

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

/// A script, the bytes that every snapshot of it begins with, and what follows them at each stop.
struct Prepared {
    program: Arc<Program>,
    header: Vec<u8>,
    stops: Vec<Vec<u8>>,
}

fn prepared(which: usize) -> &'static Prepared {
    static PREPARED: OnceLock<Vec<Prepared>> = OnceLock::new();
    let all = PREPARED.get_or_init(|| SCRIPTS.iter().map(|text| prepare(text)).collect());
    &all[which % all.len()]
}

fn prepare(text: &str) -> Prepared {
    let program = program(text).expect("a sound script");
    let start = Vm::new(Arc::clone(&program), Entry::Body, vec![], LIMITS, Settings::default());
    let mut vm = start.expect("no arguments");
    let mut all = vec![vm.snapshot()];
    while let Step::Host(_) = vm.step(u64::MAX) {
        all.push(vm.snapshot());
        vm.resume(Ok(Data::Date(19_900)));
    }
    // Version and digest of the script.
    let (header, _) = all[0].split_at(33);
    let stops = all.iter().map(|bytes| bytes[33..].to_vec()).collect();
    Prepared { header: header.to_vec(), program, stops }
}

/// What stands behind the header: a true snapshot with some bytes changed, or anything at all.
fn body(prepared: &Prepared, how: u8, rest: &[u8]) -> Vec<u8> {
    if how < 128 {
        return rest.to_vec();
    }
    let mut bytes = prepared.stops[usize::from(how) % prepared.stops.len()].clone();
    for edit in rest.chunks_exact(3) {
        let at = usize::from(u16::from_le_bytes([edit[0], edit[1]])) % bytes.len();
        bytes[at] = edit[2];
    }
    bytes
}

fuzz_target!(|bytes: &[u8]| {
    let [which, how, rest @ ..] = bytes else { return };
    let prepared = prepared(usize::from(*which));
    let program = &prepared.program;
    let bytes = [prepared.header.clone(), body(prepared, *how, rest)].concat();
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
