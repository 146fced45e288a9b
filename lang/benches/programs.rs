//! How long scripts take: a table of nine programs and a host call, each a file in `programs/`.
//!
//! `cargo bench -p sluis-lang --bench programs [NAME…] [rounds=N]` runs each at least nine times and
//! prints the median of its CPU times with the middle half of them. It is the quick look while one
//! works on the machine; ratios to other languages, which alone compare, are `cargo xtask compare`.

#![allow(clippy::unwrap_used, reason = "a benchmark may fail loudly")]

use cpu_time::ThreadTime;
use sluis_lang::compile::compile;
use sluis_lang::syntax::parse;
use sluis_lang::value::data::Data;
use sluis_lang::vm::{Answers, Arguments, Entry, HostFault, Limits, Program, Settings, Step, Vm};
use std::path::Path;
use std::sync::Arc;

mod document;

const ROUNDS: usize = 9;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let rounds = args.iter().find_map(|arg| arg.strip_prefix("rounds=")?.parse().ok()).unwrap_or(ROUNDS);
    let chosen: Vec<&String> = args.iter().filter(|arg| !arg.contains('=')).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/programs");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_suffix(".dg").map(str::to_owned))
        .filter(|name| chosen.is_empty() || chosen.iter().any(|part| name.contains(part.as_str())))
        .collect();
    names.sort();
    let document = document::contacts();
    println!("{:<10} {:>8} {:>17}  answer", "program", "ms", "middle half");
    for name in names {
        let text = std::fs::read_to_string(folder.join(format!("{name}.dg"))).unwrap();
        row(&name, &text, &document, rounds);
    }
}

/// Prints one row.
fn row(name: &str, text: &str, document: &str, rounds: usize) {
    let (tree, diagnostics) = parse(text);
    assert!(diagnostics.iter().all(|d| !d.is_error()), "{name}: {diagnostics:#?}");
    let reads = name == "g_json";
    let given: Vec<String> = if reads { vec!["document".to_owned()] } else { vec![] };
    let program = Arc::new(compile(text, &tree, &given, &[]).unwrap());
    let (mut times, mut answer) = (Vec::new(), Data::Null);
    for _ in 0..rounds {
        let (seconds, found) = run(&program, reads.then_some(document));
        times.push(seconds * 1e3);
        answer = found;
    }
    let (low, time, high) = (quartile(&mut times, 1), quartile(&mut times, 2), quartile(&mut times, 3));
    println!("{name:<10} {time:>8.2} {:>17}  {}", format!("{low:.2}–{high:.2}"), answer.to_json());
}

/// The value below which so many quarters lie; not a number of nothing.
fn quartile(values: &mut [f64], quarters: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get((values.len() * quarters / 4).min(values.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}

/// CPU seconds of one run in a fresh machine, and the answer.
fn run(program: &Arc<Program>, document: Option<&str>) -> (f64, Data) {
    let limits = Limits { fuel: u64::MAX, memory: 2 << 30, ..Limits::local() };
    let args =
        document.map(|text| ("document".to_owned(), Data::Text(text.to_owned()))).into_iter().collect();
    let mut vm = Vm::new(Arc::clone(program), Entry::Body, args, limits, Settings::default()).unwrap();
    let start = ThreadTime::now();
    loop {
        match vm.step_with(50_000, &mut First) {
            Step::OutOfFuel => {}
            Step::Host(call) => vm.resume(Ok(call.args.into_iter().next().unwrap_or_default())),
            Step::Done(answer) => return (start.elapsed().as_secs_f64(), answer),
            Step::Fault(report) => panic!("{}", report.message),
        }
    }
}

/// The host of `j_host`: answers with the first argument.
struct First;

impl Answers for First {
    fn answer(&mut self, _: &'static str, args: Arguments<'_>) -> Option<Result<Data, HostFault>> {
        args.int(0).map(|first| Ok(Data::Int(first)))
    }
}
