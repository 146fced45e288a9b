//! What surrounds the running of scripts: reading and compiling them, starting, stopping in the
//! middle and going on, standing idle. `cargo bench -p sluis-lang --bench costs` prints each beside
//! its goal; times are CPU times, the median of several.

#![allow(clippy::unwrap_used, reason = "a benchmark may fail loudly")]

use cpu_time::ThreadTime;
use sluis_lang::check::{Environment, check};
use sluis_lang::compile::compile;
use sluis_lang::syntax::parse;
use sluis_lang::value::data::Data;
use sluis_lang::vm::{Entry, Limits, Program, Settings, Step, Vm};
use std::hint::black_box;
use std::sync::Arc;

mod document;

const TIMES: usize = 15;

fn main() {
    println!("{:<44} {:>12}  goal", "what", "measured");
    // First, while no memory was given back that could be used again.
    idling();
    reading();
    starting();
    stopping();
    waiting();
}

fn print(what: &str, measured: String, goal: &str) {
    println!("{what:<44} {measured:>12}  {goal}");
}

/// Median CPU seconds of one call.
fn seconds(mut work: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..TIMES)
        .map(|_| {
            let start = ThreadTime::now();
            work();
            start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[TIMES / 2]
}

/// A file of many functions in the idiom of script authors, and calls between them.
fn long_script() -> String {
    let one = |n: usize| {
        format!(
            r##"
// Invoices of one customer, number {n}.
map collect{n}(string customer, int limit)
{{
    result = Map();
    total = 0.00;
    rows = List();
    response = {{"data": {{{{"id": {n}, "amount": 12.50, "open": true}}}}}};
    for each row in response.get("data")
    {{
        if(row.get("open") && row.get("amount") > limit)
        {{
            total = total + row.get("amount") * 1.19;
            rows.add({{"key": customer.toUpperCase() + "#" + row.get("id"), "rank": rows.size() + 1}});
        }}
        else if(ifnull(row.get("id"), 0) == {n})
        {{
            result.put("first", row.get("id").toString().leftpad(10).trim());
        }}
    }}
    result.put("total", total.round(2));
    result.put("previous", summary{}(customer, limit - 1));
    return result;
}}

string summary{n}(string customer, int limit)
{{
    shown = customer.replaceAll("[^a-z]", "").subString(0, 3);
    if(limit <= 0)
    {{
        return "nothing left for " + shown;
    }}
    return shown + ": " + limit;
}}
"##,
            n.saturating_sub(1)
        )
    };
    (0..400).map(one).collect()
}

fn reading() {
    let text = long_script();
    let megabytes = text.len() as f64 / 1e6;
    let (tree, diagnostics) = parse(&text);
    assert!(diagnostics.is_empty(), "{:?}", &diagnostics[..1]);
    // What comes out is let go after the clock stopped.
    let (mut trees, mut programs, mut found) = (Vec::new(), Vec::new(), Vec::new());
    let parsing = seconds(|| trees.push(parse(&text)));
    let compiling = seconds(|| programs.push(compile(&text, &tree, &[], &[]).unwrap()));
    let checking = seconds(|| found.push(check(&tree, &Environment::default())));
    black_box((trees, programs, found));
    let speed = |seconds: f64| format!("{:.1} MB/s", megabytes / seconds);
    print("parse", speed(parsing), "");
    print("compile", speed(compiling), "");
    print("parse and compile", speed(parsing + compiling), "20 MB/s");
    print("check", speed(checking), "");
}

fn program(text: &str, given: &[&str]) -> Arc<Program> {
    let given: Vec<String> = given.iter().map(|name| (*name).to_owned()).collect();
    Arc::new(compile(text, &parse(text).0, &given, &[]).unwrap())
}

fn machine(program: &Arc<Program>, args: Vec<(String, Data)>) -> Vm {
    Vm::new(Arc::clone(program), Entry::Body, args, Limits::local(), Settings::default()).unwrap()
}

fn starting() {
    const RUNS: u32 = 1_000;
    let run = |program: &Arc<Program>| {
        let mut vm = machine(program, vec![]);
        assert!(matches!(vm.step(1_000), Step::Done(_)));
    };
    let whole = seconds(|| {
        for _ in 0..RUNS {
            run(&program("x = 1;", &[]));
        }
    });
    let micros = |seconds: f64| format!("{:.2} µs", seconds / f64::from(RUNS) * 1e6);
    print("empty script: parse, compile, fresh VM, run", micros(whole), "10 µs");
    let ready = program("x = 1;", &[]);
    let again = seconds(|| (0..RUNS).for_each(|_| run(&ready)));
    print("the same, compiled before", micros(again), "");
}

/// A megabyte of script data, taken out at a host call and put back.
fn stopping() {
    let text = "data = document.toMap(); info data.size(); return data.get(\"contacts\").size();";
    let program = program(text, &["document"]);
    let document = Data::Text(document::contacts());
    let mut vm = machine(&program, vec![("document".to_owned(), document)]);
    // The document itself is a constant of the run; what it turned into is the data that counts.
    while !matches!(vm.step(u64::MAX), Step::Host(_)) {}
    let bytes = vm.snapshot();
    let taking = seconds(|| drop(black_box(vm.snapshot())));
    let loading =
        seconds(|| drop(black_box(Vm::restore(Arc::clone(&program), &bytes, Settings::default()).unwrap())));
    let per_megabyte = |seconds: f64| format!("{:.2} ms", seconds * 1e3 / (bytes.len() as f64 / 1e6));
    print("snapshot, its size", format!("{:.2} MB", bytes.len() as f64 / 1e6), "");
    print("snapshot of 1 MB, taking", per_megabyte(taking), "5 ms");
    print("snapshot of 1 MB, loading", per_megabyte(loading), "5 ms");
}

/// A host call at which the machine stops and goes on, as it does for everything that waits.
fn waiting() {
    let program =
        program("sum = 0; while(sum < 100000) { sum = sum + randomNumber(1, 1); } return sum;", &[]);
    let whole = seconds(|| {
        let mut vm = machine(&program, vec![]);
        loop {
            match vm.step(50_000) {
                Step::Host(_) => vm.resume(Ok(Data::Int(1))),
                Step::Done(_) => break,
                _ => {}
            }
        }
    });
    print("stopping at a host call, and going on", format!("{:.0} ns", whole / 1e5 * 1e9), "");
}

/// Bytes that a machine takes which waits at its first host call, by what the process grows.
fn idling() {
    const MACHINES: usize = 10_000;
    let program = program("total = 0; name = \"x\"; info name; return total;", &[]);
    let wait = || {
        let mut vm = machine(&program, vec![]);
        assert!(matches!(vm.step(1_000), Step::Host(_)));
        vm
    };
    let before = resident();
    let machines: Vec<Vm> = (0..MACHINES).map(|_| wait()).collect();
    let bytes = resident().saturating_sub(before) / MACHINES;
    drop(machines);
    print("an idle machine", format!("{bytes} bytes"), "100 kB");
}

fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    pages.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or_default() * 4096
}
