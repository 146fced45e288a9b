//! Inputs and scripts far beyond what anybody writes end in a diagnostic, a fault or a limit, and the
//! memory they take stays in proportion. Each is run in a child process, whose peak is its own.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use sluis_lang::check::Environment;
use sluis_lang::vm::{Entry, Limits, Settings, Step, Vm};
use std::process::{Command, Stdio};

/// Names what the process that a test starts has to do.
const CHILD: &str = "SLUIS_EXTREMES_TEST_CHILD";

/// What a child does, how it must end, and how much memory it may take, in MB.
struct Extreme {
    name: &'static str,
    source: fn() -> String,
    ends: &'static str,
    megabytes: u64,
}

const MILLION_ELEMENTS: &str = "l = List(); i = 0; while(i < 1000000) { i = i + 1; l.add(i); } info l.size(); \
    l.sort(false); info l.get(0); m = Map(); for each x in l { m.put(x, x); } info m.size();";
const DOUBLING: &str = "x = \"0123456789\"; i = 0; while(i < 40) { i = i + 1; x = x + x; } info x.length();";
const MANY_LINES: &str =
    "x = \"\"; while(true) { x = x + \"a line of a report that never ends, and is never sent\\n\"; }";
const KEPT: &str = "l = {}; while(true) { l.add(\"a text that is kept \" + l.size()); }";

const EXTREMES: &[Extreme] = &[
    Extreme {
        name: "brackets",
        source: || "x = ".to_owned() + &"(".repeat(1_000_000),
        ends: "E0109",
        megabytes: 150,
    },
    Extreme {
        name: "lists",
        source: || "x = ".to_owned() + &"{".repeat(200_000) + &"}".repeat(200_000) + ";",
        ends: "E0109",
        megabytes: 150,
    },
    Extreme {
        name: "blocks",
        source: || "if(true) { ".repeat(100_000) + &"}".repeat(100_000),
        ends: "E0109",
        megabytes: 150,
    },
    Extreme {
        name: "negations",
        source: || "x = ".to_owned() + &"!".repeat(500_000) + "true;",
        ends: "E0109",
        megabytes: 150,
    },
    Extreme {
        name: "minuses",
        source: || "x = ".to_owned() + &"- ".repeat(300_000) + "1;",
        ends: "E0109",
        megabytes: 150,
    },
    Extreme {
        name: "sums",
        source: || "x = 1".to_owned() + &" + 1".repeat(300_000) + ";",
        ends: "E0109",
        megabytes: 150,
    },
    Extreme {
        name: "calls",
        source: || "x = \"a\"".to_owned() + &".trim()".repeat(200_000) + ";",
        ends: "E0109",
        megabytes: 150,
    },
    Extreme {
        name: "else_ifs",
        source: || "if(true) { }".to_owned() + &" else if(true) { }".repeat(100_000),
        ends: "done",
        megabytes: 200,
    },
    Extreme {
        name: "ten_megabytes",
        source: || "total = 0;\n".to_owned() + &"total = total + 1; // one more\n".repeat(330_000),
        ends: "done",
        megabytes: 600,
    },
    Extreme {
        name: "ten_megabytes_of_text",
        source: || format!("x = \"{}\"; info x.length();", "é".repeat(5_000_000)),
        ends: "done",
        megabytes: 200,
    },
    Extreme {
        name: "ten_megabytes_of_noise",
        source: || "§ ` ~ \\ ".repeat(1_000_000),
        ends: "E0",
        megabytes: 700,
    },
    Extreme {
        name: "unclosed_text",
        source: || "x = \"".to_owned() + &"a ".repeat(5_000_000),
        ends: "E0",
        megabytes: 200,
    },
    Extreme {
        name: "names",
        source: || (0..200_000).map(|n| format!("v{n} = {n};\n")).collect(),
        ends: "done",
        megabytes: 400,
    },
    Extreme {
        name: "million_elements",
        source: || MILLION_ELEMENTS.to_owned(),
        ends: "done",
        megabytes: 250,
    },
    Extreme { name: "doubling", source: || DOUBLING.to_owned(), ends: "E0504", megabytes: 250 },
    Extreme { name: "hundred_megabytes", source: || MANY_LINES.to_owned(), ends: "E0504", megabytes: 350 },
    Extreme {
        name: "repeat",
        source: || "x = \"0123456789\".repeat(10000000); info x.length();".to_owned(),
        ends: "E0504",
        megabytes: 100,
    },
    Extreme {
        name: "pad",
        source: || "x = \"\".leftpad(100000000); info x.length();".to_owned(),
        ends: "E0504",
        megabytes: 100,
    },
    Extreme { name: "kept", source: || KEPT.to_owned(), ends: "E0502", megabytes: 500 },
];

/// How a source ends: the code of its first error or of its fault, or `done`.
fn end_of(source: &str) -> String {
    let built = sluis_lang::build(source, &Environment::default());
    assert!(built.diagnostics.len() <= 4_000, "{} diagnostics", built.diagnostics.len());
    if let Some(error) = built.diagnostics.iter().find(|d| d.is_error()) {
        return error.code.0.to_owned();
    }
    let limits = Limits { fuel: 300_000_000, ..Limits::local() };
    let mut vm = Vm::new(built.program.unwrap(), Entry::Body, vec![], limits, Settings::default()).unwrap();
    loop {
        match vm.step(1_000_000) {
            Step::OutOfFuel => {}
            Step::Host(_) => vm.resume(Ok(sluis_lang::value::data::Data::Null)),
            Step::Done(_) => return "done".to_owned(),
            Step::Fault(report) => return report.code.0.to_owned(),
        }
    }
}

/// The most memory of this process that was resident, in MB; 0 where the system does not tell.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// Not a test of its own: the other process of the test below.
#[test]
fn child_process() {
    let Ok(name) = std::env::var(CHILD) else { return };
    let extreme = EXTREMES.iter().find(|extreme| extreme.name == name).unwrap();
    let end = end_of(&(extreme.source)());
    eprintln!("END {end} {}", peak());
}

#[test]
fn what_is_far_too_large_or_too_deep_ends_in_words_and_in_bounded_memory() {
    let mut wrong = Vec::new();
    for extreme in EXTREMES {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child_process", "--nocapture", "--test-threads=1"])
            .env(CHILD, extreme.name)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let Some(line) = text.lines().find_map(|line| line.strip_prefix("END ")) else {
            wrong.push(format!("{} breaks down: {text}", extreme.name));
            continue;
        };
        let (end, megabytes) = line.split_once(' ').unwrap();
        let megabytes: u64 = megabytes.parse().unwrap();
        if !end.starts_with(extreme.ends) || megabytes > extreme.megabytes {
            let Extreme { name, ends, megabytes: allowed, .. } = extreme;
            wrong.push(format!("{name} ends in {end} (meant {ends}…) with {megabytes} MB of {allowed}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
