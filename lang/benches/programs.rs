//! How fast scripts run: a table of nine programs and a host call, each a file in `programs/`,
//! against the same work in Lua 5.4.
//!
//! `cargo bench -p sluis-lang --bench programs [NAME…] [rounds=N]` runs each program and its twin in
//! turns, at least nine times, and prints the median of the ratios of CPU time with the middle half
//! of them. Without `lua5.4` (and its `cjson`) on the path, or with `alone=yes`, only our own times are shown.

#![allow(clippy::unwrap_used, reason = "a benchmark may fail loudly")]

use cpu_time::ThreadTime;
use sluis_lang::compile::compile;
use sluis_lang::syntax::parse;
use sluis_lang::value::data::Data;
use sluis_lang::vm::{Answers, Arguments, Entry, HostFault, Limits, Program, Settings, Step, Vm};
use std::path::{Path, PathBuf};
use std::process::Command;
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
    let alone = args.iter().any(|arg| arg == "alone=yes");
    let lua = Lua::new(&document, alone);
    println!("{:<10} {:>8} {:>8} {:>7} {:>13}  answer", "program", "ms", "Lua ms", "ratio", "middle half");
    let mut medians = Vec::new();
    for name in names {
        let text = std::fs::read_to_string(folder.join(format!("{name}.dg"))).unwrap();
        let twin = folder.join(format!("{name}.lua"));
        medians.extend(row(&name, &text, &document, rounds, |answer| lua.seconds(&twin, answer)));
    }
    if medians.len() > 1 {
        let mean = (medians.iter().map(|ratio| ratio.ln()).sum::<f64>() / medians.len() as f64).exp();
        println!("{:<10} {mean:>26.3}", "geometric");
    }
}

/// Prints one row; the median ratio.
fn row(
    name: &str,
    text: &str,
    document: &str,
    rounds: usize,
    twin: impl Fn(&Data) -> Option<f64>,
) -> Option<f64> {
    let (tree, diagnostics) = parse(text);
    assert!(diagnostics.iter().all(|d| !d.is_error()), "{name}: {diagnostics:#?}");
    let given: Vec<String> = if name == "g_json" { vec!["document".to_owned()] } else { vec![] };
    let program = Arc::new(compile(text, &tree, &given, &[]).unwrap());
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let mut answer = Data::Null;
    for _ in 0..rounds {
        let (seconds, found) = run(&program, if name == "g_json" { Some(document) } else { None });
        answer = found;
        ours.push(seconds);
        if let Some(lua) = twin(&answer) {
            theirs.push(lua);
            ratios.push(seconds / lua);
        }
    }
    let (ours, theirs) = (quartile(&mut ours, 2), quartile(&mut theirs, 2));
    let (low, ratio, high) = (quartile(&mut ratios, 1), quartile(&mut ratios, 2), quartile(&mut ratios, 3));
    println!(
        "{name:<10} {:>8.2} {:>8.2} {ratio:>7.3} {:>13}  {}",
        ours * 1e3,
        theirs * 1e3,
        format!("{low:.3}–{high:.3}"),
        answer.to_json()
    );
    (!ratios.is_empty()).then_some(ratio)
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

/// The twins, run by `lua5.4`.
struct Lua {
    driver: PathBuf,
    document: PathBuf,
    alone: bool,
}

impl Lua {
    fn new(document: &str, alone: bool) -> Self {
        let folder = std::env::temp_dir();
        let (driver, file) =
            (folder.join("sluis-bench-driver.lua"), folder.join("sluis-bench-contacts.json"));
        let text = "local file = io.open(arg[2], 'rb') DOCUMENT = file:read('a') file:close() host = math.max \
                    local run = assert(loadfile(arg[1])) local start = os.clock() local answer = run() \
                    print(os.clock() - start, answer)";
        std::fs::write(&driver, text).unwrap();
        std::fs::write(&file, document).unwrap();
        Self { driver, document: file, alone }
    }

    /// CPU seconds that Lua takes for the same answer; none if there is no Lua.
    fn seconds(&self, twin: &Path, answer: &Data) -> Option<f64> {
        if self.alone {
            return None;
        }
        let output = Command::new("lua5.4").arg(&self.driver).arg(twin).arg(&self.document).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        let (time, result) = text.trim().split_once('\t')?;
        assert_eq!(result, answer.to_json(), "Lua finds another answer in {}", twin.display());
        time.parse().ok()
    }
}
