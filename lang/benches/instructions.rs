//! How many machine instructions scripts take, counted by valgrind: the same on a busy machine as on
//! a quiet one, so that a change of one in a hundred shows.
//!
//! `cargo bench -p sluis-lang --bench instructions [NAME…]` runs the programs of `programs/`, scaled
//! down, each in a child under `valgrind --tool=cachegrind`, and takes off what the same child needs
//! to start and to read the program. Time is told by the bench `programs` alone.

#![allow(clippy::unwrap_used, reason = "a benchmark may fail loudly")]

use sluis_lang::compile::compile;
use sluis_lang::syntax::parse;
use sluis_lang::value::data::Data;
use sluis_lang::vm::{Entry, Limits, Settings, Step, Vm};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

mod document;

/// Programs with what is written in them and what is put in its place to make them shorter.
const SCALED: &[(&str, &str, &str)] = &[
    ("a_fib", "fib(27)", "fib(17)"),
    ("b_loop", "10000000", "50000"),
    ("c_nested", "1000", "200"),
    ("d_map", "300000", "10000"),
    ("e_text", "200000", "5000"),
    ("f_records", "200000", "5000"),
    ("g_json", "", ""),
    ("h_dates", "100000", "2000"),
    ("i_try", "500000", "10000"),
    ("j_host", "1000000", "10000"),
];

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    if let [word, name, what] = &args[..]
        && word == "child"
    {
        return child(name, what == "run");
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        return println!("There is no valgrind on the path: nothing is counted.");
    }
    println!("{:<10} {:>14}", "program", "instructions");
    for (name, ..) in SCALED {
        if args.is_empty() || args.iter().any(|part| name.contains(part.as_str())) {
            let (with, without) = (instructions(name, "run"), instructions(name, "load"));
            println!("{name:<10} {:>14}", with.saturating_sub(without));
        }
    }
}

/// Runs a child under valgrind and reads the line `I refs: 1,234`.
fn instructions(name: &str, what: &str) -> u64 {
    let output = Command::new("valgrind")
        .args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"])
        .arg(std::env::current_exe().unwrap())
        .args(["child", name, what])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {text}");
    let line = text.lines().find_map(|line| line.split_once("refs:")).expect("valgrind counts");
    line.1.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

/// Loads a program and, if wanted, runs it.
fn child(name: &str, run: bool) {
    let (_, from, to) = SCALED.iter().find(|(program, ..)| *program == name).unwrap();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("benches/programs/{name}.dg"));
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{name} no longer says {from}");
    let text = if from.is_empty() { text } else { text.replace(from, to) };
    let reads = name == "g_json";
    let given = if reads { vec!["document".to_owned()] } else { vec![] };
    let args = if reads { vec![("document".to_owned(), Data::Text(document::contacts()))] } else { vec![] };
    let (tree, diagnostics) = parse(&text);
    assert!(diagnostics.iter().all(|d| !d.is_error()), "{name}: {diagnostics:#?}");
    let program = Arc::new(compile(&text, &tree, &given, &[]).unwrap());
    let limits = Limits { fuel: u64::MAX, memory: 2 << 30, ..Limits::local() };
    let mut vm = Vm::new(program, Entry::Body, args, limits, Settings::default()).unwrap();
    if !run {
        return;
    }
    loop {
        match vm.step(50_000) {
            Step::OutOfFuel => {}
            Step::Host(call) => vm.resume(Ok(call.args.into_iter().next().unwrap_or_default())),
            Step::Done(_) => return,
            Step::Fault(report) => panic!("{name}: {}", report.message),
        }
    }
}
