//! What surrounds the running of scripts: reading and translating them, starting an empty one, turning
//! a stopped run into bytes and back, and the memory of a run that does nothing.
//!
//! `cargo xtask bench micro [NAME]`. We mean to read, check and translate at least
//! 20 MB of source a second, to start an empty script within 10 µs, to take and to load a snapshot of
//! 1 MB of data within 5 ms, and to hold an idle run in less than 100 kB.

#![allow(clippy::unwrap_used, reason = "a benchmark may fail loudly")]

use criterion::{Criterion, Throughput, criterion_group};
use sluis_lang::check::{Environment, check};
use sluis_lang::compile::compile;
use sluis_lang::syntax::parse;
use sluis_lang::vm::{Entry, Limits, Program, Settings, Step, Vm};
use std::fmt::Write;
use std::hint::black_box;
use std::sync::Arc;

/// Source as authors write it, of about this many bytes.
fn source(bytes: usize) -> String {
    let mut text = String::new();
    for n in 0.. {
        if text.len() >= bytes {
            break;
        }
        write!(
            text,
            r#"// Contacts of page {n}, those without an address left out.
map page{n}(map request, int number)
{{
    found = Map();
    rows = request.get("contacts");
    for each contact in rows
    {{
        email = ifnull(contact.get("email"), "").trim().toLowerCase();
        if(email.contains("@") && contact.get("score") >= number * 1.5)
        {{
            name = contact.get("first_name") + " " + contact.get("last_name");
            found.put(email, {{"name": name, "page": {n}, "open": true}});
        }}
        else
        {{
            info "left out on page " + number + ": " + contact.get("id");
        }}
    }}
    return found;
}}
"#
        )
        .unwrap();
    }
    text
}

fn program(text: &str) -> Arc<Program> {
    let (tree, diagnostics) = parse(text);
    assert!(diagnostics.iter().all(|d| !d.is_error()), "{diagnostics:#?}");
    Arc::new(compile(text, &tree, &[], &[]).unwrap())
}

fn translate(c: &mut Criterion) {
    // A thousand functions at most may stand in a script; this is about two hundred.
    let text = source(150_000);
    let mut group = c.benchmark_group("source");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("parse", |b| b.iter(|| parse(black_box(&text))));
    let (tree, _) = parse(&text);
    group.bench_function("check", |b| b.iter(|| check(black_box(&tree), &Environment::default())));
    group.bench_function("compile", |b| b.iter(|| compile(black_box(&text), &tree, &[], &[]).unwrap()));
    group.bench_function("parse_and_compile", |b| {
        b.iter(|| {
            let (tree, _) = parse(black_box(&text));
            compile(&text, &tree, &[], &[]).unwrap()
        });
    });
    group.finish();
}

fn start(program: Arc<Program>) -> Vm {
    let limits = Limits { fuel: u64::MAX, ..Limits::local() };
    Vm::new(program, Entry::Body, vec![], limits, Settings::default()).unwrap()
}

fn empty_script(c: &mut Criterion) {
    let ready = program("");
    let mut group = c.benchmark_group("empty_script");
    group.bench_function("parse_compile_run", |b| {
        b.iter(|| assert!(matches!(start(program(black_box(""))).step(1_000), Step::Done(_))));
    });
    group.bench_function("run", |b| {
        b.iter(|| assert!(matches!(start(Arc::clone(&ready)).step(1_000), Step::Done(_))));
    });
    group.finish();
}

/// A run that stands still with about a megabyte of records.
fn stopped() -> Vm {
    let text = r#"
        rows = List();
        n = 0;
        while(n < 6000)
        {
            n = n + 1;
            rows.add({"id": 4000000000 + n, "name": "Contact with the number " + n, "total": n * 1.25, "tags": {"all", n}});
        }
        info rows.size();
        return rows.size();
    "#;
    let mut vm = start(program(text));
    while !matches!(vm.step(1_000_000), Step::Host(_)) {}
    vm
}

fn snapshot(c: &mut Criterion) {
    let mut vm = stopped();
    let bytes = vm.snapshot();
    let program = Arc::clone(vm.program());
    let mut group = c.benchmark_group("snapshot");
    println!("a snapshot of {} bytes, of a run that uses {}", bytes.len(), vm.memory_used());
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("take", |b| b.iter(|| vm.snapshot()));
    group.bench_function("load", |b| {
        b.iter(|| Vm::restore(Arc::clone(&program), black_box(&bytes), Settings::default()).unwrap());
    });
    group.finish();
}

/// Resident bytes of this process; none where the system does not tell.
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse::<usize>().ok().map(|kb| kb * 1024)
}

/// What one run adds to the process that has not begun, for a program of some size.
fn idle() {
    const RUNS: usize = 2_000;
    let program = program(&source(20_000));
    let Some(before) = resident() else { return };
    let all: Vec<Vm> = (0..RUNS).map(|_| start(Arc::clone(&program))).collect();
    let bytes = resident().unwrap_or(before).saturating_sub(before) / RUNS;
    println!("an idle run holds {bytes} bytes ({} runs)", all.len());
}

criterion_group!(micro, translate, empty_script, snapshot);

fn main() {
    idle();
    micro();
    Criterion::default().configure_from_args().final_summary();
}
