//! How fast scripts run: a table of nine programs and a host call, each a file in `programs/`.
//!
//! `cargo bench -p sluis-lang` prints the least of several runs, and beside it the ratio to the same
//! work in Lua 5.4 where `lua5.4` is on the path and a program stands beside ours. Names given as
//! arguments choose programs.

#![allow(clippy::unwrap_used, reason = "a benchmark may fail loudly")]

use sluis_lang::compile::compile;
use sluis_lang::syntax::parse;
use sluis_lang::value::data::Data;
use sluis_lang::vm::{Entry, Limits, Program, Settings, Step, Vm};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

const RUNS: usize = 5;

fn main() {
    let chosen: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/programs");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_suffix(".dg").map(str::to_owned))
        .filter(|name| chosen.is_empty() || chosen.iter().any(|part| name.contains(part.as_str())))
        .collect();
    names.sort();
    println!("{:<12} {:>14} {:>12} {:>14}  answer", "program", "ns", "fuel", "ratio to Lua");
    for name in names {
        let text = std::fs::read_to_string(folder.join(format!("{name}.dg"))).unwrap();
        row(&name, &text, &folder.join(format!("{name}.lua")));
    }
    empty_script();
}

fn row(name: &str, text: &str, lua: &Path) {
    let (tree, diagnostics) = parse(text);
    assert!(diagnostics.iter().all(|d| !d.is_error()), "{name}: {diagnostics:#?}");
    let given: Vec<String> = if name == "g_json" { vec!["document".to_owned()] } else { vec![] };
    let program = match compile(text, &tree, &given, &[]) {
        Ok(program) => Arc::new(program),
        Err(diagnostics) => return println!("{name:<12} does not compile: {}", diagnostics[0].message),
    };
    let mut best: Option<(Duration, u64, Data)> = None;
    let mut ratios = Vec::new();
    for _ in 0..RUNS {
        let (time, fuel, answer) = match run(&program, name) {
            Ok(run) => run,
            Err(message) => return println!("{name:<12} faults: {message}"),
        };
        ratios.extend(lua_time(lua, &answer).map(|lua| time.as_secs_f64() / lua));
        if best.as_ref().is_none_or(|(least, ..)| time < *least) {
            best = Some((time, fuel, answer));
        }
    }
    ratios.sort_by(f64::total_cmp);
    let ratio = ratios.get(ratios.len() / 2).map_or("-".to_owned(), |ratio| format!("{ratio:.2}"));
    if let Some((time, fuel, answer)) = best {
        println!("{name:<12} {:>14} {fuel:>12} {ratio:>14}  {}", time.as_nanos(), answer.to_json());
    }
}

fn run(program: &Arc<Program>, name: &str) -> Result<(Duration, u64, Data), String> {
    let limits = Limits { fuel: u64::MAX, memory: 2 << 30, ..Limits::local() };
    let args = if name == "g_json" { vec![("document".to_owned(), Data::Text(document()))] } else { vec![] };
    let mut vm = Vm::new(Arc::clone(program), Entry::Body, args, limits, Settings::default()).unwrap();
    let start = Instant::now();
    loop {
        match vm.step(50_000) {
            Step::OutOfFuel => {}
            Step::Host(call) => vm.resume(Ok(call.args.into_iter().next().unwrap_or_default())),
            Step::Done(answer) => return Ok((start.elapsed(), vm.fuel_used(), answer)),
            Step::Fault(report) => return Err(report.message),
        }
    }
}

/// Seconds that Lua takes for the same answer; none if there is no Lua or no program for it.
fn lua_time(file: &Path, answer: &Data) -> Option<f64> {
    if !file.exists() {
        return None;
    }
    let driver = "local f = assert(loadfile(arg[1])) local s = os.clock() local r = f() \
                  print(os.clock() - s, r)";
    let runner = std::env::temp_dir().join("sluis-bench-driver.lua");
    std::fs::write(&runner, driver).ok()?;
    let output = Command::new("lua5.4").arg(&runner).arg(file).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (time, result) = text.trim().split_once('\t')?;
    assert_eq!(result, answer.to_json(), "Lua finds another answer in {}", file.display());
    time.parse().ok()
}

/// About a megabyte of contacts.
fn document() -> String {
    let contacts: Vec<String> = (0..3_400_i64)
        .map(|n| {
            format!(
                r#"{{"id":{},"first_name":"First{n}","last_name":"Last{}","email":"User.{n}@Example.com","active":{},"score":{},"company":"Company {}","tags":["tag{}","all"],"phones":[{{"kind":"work","number":"+49 30 {n:06}"}}],"address":{{"street":"Street {n}","city":"City {}","country":"{}"}},"balance":{}.{:02}}}"#,
                4_000_000_000_000_000_000 + n,
                n * 7 % 1000,
                n % 5 != 0,
                n * 31 % 100,
                n % 97,
                n % 13,
                n % 50,
                if n % 11 == 0 { "XX" } else { "DE" },
                n * 17 % 10_000,
                n % 100
            )
        })
        .collect();
    format!(r#"{{"contacts":[{}]}}"#, contacts.join(","))
}

/// What a run costs that does nothing.
fn empty_script() {
    const TIMES: u32 = 2_000;
    let text = "x = 1;";
    let start = Instant::now();
    for _ in 0..TIMES {
        let (tree, _) = parse(text);
        let program = Arc::new(compile(text, &tree, &[], &[]).unwrap());
        let mut vm = Vm::new(program, Entry::Body, vec![], Limits::local(), Settings::default()).unwrap();
        assert!(matches!(vm.step(1_000), Step::Done(_)));
    }
    println!("{:<12} {:>14}  parse, compile, run", "empty", (start.elapsed() / TIMES).as_nanos());
}
