//! A stopped run goes on in another process: at every host call of a longer script the machine is
//! turned into bytes, handed to a new process, answered there, and handed back at the next call.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use serde::{Deserialize, Serialize};
use sluis_lang::compile::compile;
use sluis_lang::syntax::parse;
use sluis_lang::value::data::Data;
use sluis_lang::vm::{Entry, HostCall, HostFault, Limits, Program, Settings, Step, Vm};
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;

/// Set in the processes that this test starts.
const CHILD: &str = "SLUIS_RESUME_TEST_CHILD";

const SCRIPT: &str = r#"
    // Shared things: one map under three names, a list inside it, a cycle.
    shared = {"count": 0, "log": {}};
    orders = {};
    for each name in "ann,bob,cy" {
        order = {"buyer": name, "shared": shared, "total": 0.00};
        orders.add(order);
        info "order of " + name;
    }
    loop = {1};
    loop.add(loop);
    longText = "";
    for each index i in {0,1,2,3,4,5,6,7,8,9} {
        longText = longText + "part " + i + ", ";
        info longText;
    }
    previous = longText;
    longText = longText + "end";
    info previous + "|" + longText;
    big = 12345678901234567890.125 * 3;
    info big;
    day = zoho.currentdate;
    info day + 30;
    info '02-Jan-2024 10:30:00';

    decimal price(int n, decimal rate) {
        info "price of " + n;
        if (n == 0) { return 0.10; }
        return price(n - 1, rate) + rate;
    }
    void note(map target, text) {
        target.put("count", target.get("count") + 1);
        target.get("log").add(text);
        info "noted " + text + " as " + target.get("count");
    }
    for each order in orders {
        order.total = price(2, 1.25);
        note(order.get("shared"), "order of " + order.get("buyer"));
    }
    info shared;
    attempts = 0;
    while (attempts < 4) {
        attempts = attempts + 1;
        try {
            try {
                answer = invokeurl [ url: "https://example.com/" + attempts type: GET ];
                info answer.get("status");
            } catch (inner) {
                info inner.code + " on line " + inner.lineNo;
                if (attempts == 2) { throw {"message": "given up", "code": "own"}; }
            }
        } catch (outer) {
            info outer.message + " " + outer.code;
            break;
        }
    }
    same = orders[0].get("shared") == shared;
    info same;
    orders[1].get("shared").put("after", true);
    info shared.get("after");
    info orders;
    return {"orders": orders, "attempts": attempts, "day": day, "big": big};
"#;

fn program() -> Arc<Program> {
    let (tree, diagnostics) = parse(SCRIPT);
    assert!(diagnostics.iter().all(|d| !d.is_error()), "{diagnostics:#?}");
    Arc::new(compile(SCRIPT, &tree, &[], &[]).unwrap())
}

fn answer(call: &HostCall) -> Result<Data, HostFault> {
    match call.name {
        "currentdate" => Ok(Data::Date(19_900)),
        "invokeurl" if call.args[0].get("url").and_then(Data::as_str) == Some("https://example.com/1") => {
            Ok(Data::map([("status", Data::Int(200))]))
        }
        "invokeurl" => {
            Err(HostFault { reason: "timed_out".into(), message: "too slow".into(), help: None, data: None })
        }
        _ => Ok(Data::Null),
    }
}

/// What one process hands to the next.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Stop {
    Call { printed: Option<String>, snapshot: Vec<u8> },
    Done { result: Data, fuel: u64 },
}

/// Runs to the next host call.
fn advance(vm: &mut Vm) -> Stop {
    loop {
        match vm.step(1_000) {
            Step::OutOfFuel => {}
            Step::Host(call) => return Stop::Call { printed: call.text, snapshot: vm.snapshot() },
            Step::Done(result) => return Stop::Done { result, fuel: vm.fuel_used() },
            Step::Fault(report) => panic!("{report:?}"),
        }
    }
}

/// Loads a machine that waits, answers it and runs it to its next stop.
fn go_on(snapshot: &[u8]) -> Stop {
    let mut vm = Vm::restore(program(), snapshot, Settings::default()).unwrap();
    let Step::Host(call) = vm.step(1_000) else { panic!("a restored machine still waits") };
    vm.resume(answer(&call));
    advance(&mut vm)
}

fn in_another_process(snapshot: &[u8]) -> Stop {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_process", "--nocapture", "--test-threads=1"])
        .env(CHILD, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(snapshot).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stderr).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("STOP ")).expect("an answer");
    let bytes: Vec<u8> =
        (0..line.len()).step_by(2).map(|at| u8::from_str_radix(&line[at..at + 2], 16).unwrap()).collect();
    postcard::from_bytes(&bytes).unwrap()
}

/// Not a test of its own: the other process of the test below.
#[test]
fn child_process() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let mut snapshot = Vec::new();
    std::io::stdin().read_to_end(&mut snapshot).unwrap();
    let bytes = postcard::to_stdvec(&go_on(&snapshot)).unwrap();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    eprintln!("STOP {hex}");
}

fn start() -> Vm {
    Vm::new(program(), Entry::Body, vec![], Limits::local(), Settings::default()).unwrap()
}

/// Lines, result and fuel of a run that is handed on by `next` at every host call.
fn relay(next: impl Fn(&[u8]) -> Stop) -> (Vec<String>, Data, u64) {
    let mut lines = Vec::new();
    let mut stop = advance(&mut start());
    loop {
        match stop {
            Stop::Call { printed, snapshot } => {
                lines.extend(printed);
                stop = next(&snapshot);
            }
            Stop::Done { result, fuel } => return (lines, result, fuel),
        }
    }
}

fn uninterrupted() -> (Vec<String>, Data, u64) {
    let mut vm = start();
    let mut lines = Vec::new();
    loop {
        match vm.step(u64::MAX) {
            Step::Host(call) => {
                lines.extend(call.text.clone());
                vm.resume(answer(&call));
            }
            Step::Done(result) => return (lines, result, vm.fuel_used()),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_run_handed_to_another_process_at_every_host_call_ends_as_if_nothing_had_happened() {
    let whole = uninterrupted();
    assert!(whole.0.len() > 30, "a longer script");
    assert_eq!(relay(in_another_process), whole);
}

#[test]
fn a_run_that_loops_through_snapshots_in_one_process_ends_the_same() {
    assert_eq!(relay(go_on), uninterrupted());
}

#[test]
fn a_snapshot_of_another_program_is_refused() {
    let mut vm = start();
    let Stop::Call { snapshot, .. } = advance(&mut vm) else { panic!("it stops") };
    let (tree, _) = parse("info 1;");
    let other = Arc::new(compile("info 1;", &tree, &[], &[]).unwrap());
    let refused = Vm::restore(other, &snapshot, Settings::default()).unwrap_err();
    assert_eq!(refused.to_string(), "the snapshot belongs to another version of the script");
}

#[test]
fn changed_or_cut_snapshots_give_an_error_or_another_run_but_never_a_panic() {
    let mut vm = start();
    let mut snapshots = Vec::new();
    while let Step::Host(call) = vm.step(u64::MAX) {
        snapshots.push(vm.snapshot());
        vm.resume(answer(&call));
    }
    let picked: Vec<&Vec<u8>> = snapshots.iter().step_by(6).collect();
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed as usize
    };
    let (mut refused, mut ran) = (0, 0);
    for snapshot in picked {
        for _ in 0..1_500 {
            let mut bytes = snapshot.clone();
            for _ in 0..1 + random() % 3 {
                let at = 33 + random() % (bytes.len() - 33);
                bytes[at] ^= 1 << (random() % 8);
            }
            if random() % 10 == 0 {
                bytes.truncate(random() % bytes.len());
            }
            match Vm::restore(program_once(), &bytes, Settings::default()) {
                Err(_) => refused += 1,
                Ok(mut vm) => {
                    ran += 1;
                    run_briefly(&mut vm);
                }
            }
        }
    }
    assert!(refused > 1_000 && ran > 1_000, "{refused} refused, {ran} ran");
}

fn program_once() -> Arc<Program> {
    static PROGRAM: std::sync::OnceLock<Arc<Program>> = std::sync::OnceLock::new();
    Arc::clone(PROGRAM.get_or_init(program))
}

fn run_briefly(vm: &mut Vm) {
    for _ in 0..200 {
        match vm.step(2_000) {
            Step::Host(call) => {
                let answered = if call.args.len() == 1 && call.name == "invokeurl" {
                    answer(&call)
                } else {
                    Ok(Data::Date(19_900))
                };
                vm.resume(answered);
            }
            Step::OutOfFuel => {}
            Step::Done(_) | Step::Fault(_) => return,
        }
    }
}

/// Whatever a run holds when it stops, it goes on: one that is just over its memory is told so by the
/// fault that it would have had, not by bytes that are called damaged.
#[test]
fn a_run_that_stops_over_its_memory_goes_on_to_its_fault() {
    let text = "shared = {\"n\": 1}; l = {shared, shared, 2.5}; l.add(l); info 1; \
        for each x in {1, 2, 3} { shared.put(\"t\" + x, \"a text that is long enough for the heap\"); info x; }";
    let (tree, _) = parse(text);
    let program = Arc::new(compile(text, &tree, &[], &[]).unwrap());
    let mut faults = 0;
    for memory in 200..3_000 {
        let limits = Limits { memory, ..Limits::local() };
        let Ok(mut vm) = Vm::new(Arc::clone(&program), Entry::Body, vec![], limits, Settings::default())
        else {
            continue;
        };
        loop {
            match vm.step(7) {
                Step::Host(_) => vm.resume(Ok(Data::Null)),
                Step::OutOfFuel => {}
                Step::Done(_) => break,
                Step::Fault(report) => {
                    assert_eq!(report.code, sluis_lang::codes::OUT_OF_MEMORY, "{memory} bytes");
                    faults += 1;
                    break;
                }
            }
            vm = Vm::restore(Arc::clone(&program), &vm.snapshot(), Settings::default())
                .unwrap_or_else(|damage| panic!("{memory} bytes: {damage}"));
        }
    }
    assert!(faults > 100, "{faults}");
}
