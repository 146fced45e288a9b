//! The scripts of `examples/scripts`: formatted, without a warning, and doing what they are there to show.
//! Those that call a connector are given the answers that the sample provider would give.

mod expected;
mod service;

use expected::{CALLS, RUNS};
use service::Service;
use sluis_lang::build;
use sluis_lang::catalog::Catalog;
use sluis_lang::check::Environment;
use sluis_lang::format::format;
use sluis_lang::value::data::Data;
use sluis_lang::vm::{Entry, Limits, Settings, Step, Vm};
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples/scripts")
}

fn source(name: &str) -> String {
    std::fs::read_to_string(folder().join(format!("{name}.dg")))
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// What a script printed, and what it returned, as JSON.
fn ran(name: &str, entry: Entry, args: Vec<(String, Data)>, service: &mut Service) -> (String, String) {
    let apis = ["pushcontact", "listcontacts", "getcontact", "account"];
    let catalog = Catalog::of_ids(apis.map(|api| format!("gcontacts.{api}")).iter().map(String::as_str));
    let environment = Environment { catalog: Some(catalog), ..Environment::default() };
    let built = build(&source(name), &environment);
    assert!(built.diagnostics.is_empty(), "{name}: {:?}", built.diagnostics);
    let program = built.program.unwrap_or_else(|| panic!("{name} is no program"));
    let mut vm = Vm::new(program, entry, args, Limits::local(), Settings::default())
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut prints = String::new();
    loop {
        match vm.step(u64::MAX) {
            Step::Host(call) => {
                let answer = match call.text {
                    Some(line) => {
                        prints += &format!("{line}\n");
                        Ok(Data::Null)
                    }
                    None => service.answer(call.name, &call.args),
                };
                vm.resume(answer);
            }
            Step::Done(value) => return (prints, value.to_json()),
            Step::Fault(fault) => panic!("{name}: {} in line {}", fault.message, fault.line),
            Step::OutOfFuel => {}
        }
    }
}

#[test]
fn every_script_does_what_it_is_there_to_show() {
    for run in RUNS {
        let mut service = Service::new(run.contacts, run.troubles);
        let (prints, value) = ran(run.script, Entry::Body, vec![], &mut service);
        assert_eq!(prints.trim_end(), run.prints.trim(), "{}", run.script);
        assert_eq!(value, run.returns, "{}", run.script);
        assert_eq!(service.requests(), run.requests.trim(), "{}", run.script);
    }
}

#[test]
fn the_functions_that_a_header_calls_answer_what_they_should() {
    for call in CALLS {
        let Ok(Data::Map(args)) = Data::from_json(call.args) else { panic!("{}", call.args) };
        let args =
            args.into_iter().map(|(name, value)| (name.as_str().unwrap_or_default().to_owned(), value));
        let entry = Entry::Named(call.function.to_owned());
        let (_, value) = ran(call.script, entry, args.collect(), &mut Service::new(0, &[]));
        assert_eq!(value, call.returns, "{}", call.script);
    }
}

#[test]
fn every_script_of_the_folder_is_formatted_and_listed() {
    let readme = std::fs::read_to_string(folder().join("README.md")).expect("the folder has a list");
    let guide = std::fs::read_to_string(folder().join("../../docs/SCRIPTS.md")).expect("there is a guide");
    let mut long = 0;
    for entry in std::fs::read_dir(folder()).expect("the folder is there") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "dg") {
            continue;
        }
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let text = source(&name);
        assert_eq!(format(&text).as_ref(), Ok(&text), "{name} is not formatted: sluis fmt examples/scripts");
        assert!(
            readme.contains(&format!("`{name}.dg`")),
            "examples/scripts/README.md does not list {name}.dg"
        );
        if text.lines().count() >= 60 {
            long += 1;
            assert!(RUNS.iter().any(|run| run.script == name), "{name} is run by no test");
            assert!(guide.contains(&format!("{name}.dg")), "docs/SCRIPTS.md does not name {name}.dg");
        }
    }
    assert!(long >= 12, "only {long} longer scripts");
}
