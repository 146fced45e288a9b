//! Runs a case with the language alone: no engine, no store, no clock.

use crate::case::Case;
use crate::outcome::{self, Outcome, places};
use sluis_lang::catalog::{Catalog, Input, TaskForm};
use sluis_lang::check::{Dialect, Environment};
use sluis_lang::value::data::Data;
use sluis_lang::vm::{Entry, Limits, Profile, Settings, Step, Vm};

/// Small enough that a case which runs into one ends at once.
pub const LIMITS: Limits =
    Limits { fuel: 2_000_000, memory: 16 << 20, text: 1 << 20, depth: 75, ..Limits::local() };

/// The arguments of a case, in the order of its `input` fence.
pub fn arguments(case: &Case) -> Vec<(String, Data)> {
    let Some(input) = case.part("input") else { return Vec::new() };
    let place = || format!("{}:{}", case.file.display(), input.lines.start + 1);
    match Data::from_json(&input.text) {
        Ok(Data::Map(entries)) => entries
            .into_iter()
            .map(|(name, value)| (name.as_str().expect("JSON keys are texts").to_owned(), value))
            .collect(),
        Ok(_) => panic!("{}: ```input holds a JSON object", place()),
        Err(fault) => panic!("{}: ```input is not JSON: {}", place(), fault.message),
    }
}

/// What stands behind the fence's name: `cancelled` at its first `info`, read in the dialect `crm`, or
/// checked `thorough`ly, or run under the limits of a profile: `profile-creator`.
fn detail(case: &Case) -> &str {
    let detail = case.part("deluge").map_or("", |script| script.detail.as_str());
    let known = ["", "cancelled", "crm", "thorough"].contains(&detail) || profile(detail).is_some();
    assert!(known, "{}:{}: ```deluge {detail} means nothing", case.file.display(), case.line);
    detail
}

fn profile(detail: &str) -> Option<Profile> {
    detail.strip_prefix("profile-")?.parse().ok()
}

/// Whether only the language alone can be given what the case needs: a checker that knows connectors
/// or another dialect, or somebody who cancels.
pub fn is_needed(case: &Case) -> bool {
    case.part("installed").is_some() || !detail(case).is_empty()
}

/// Ids, one a line. Behind an API may stand its variables, `ns.api name:text size:number?`, and how it
/// is called as an integration task, `ns.api = zoho.crm.call(a, b?)`; what has a `?` may be left out.
fn installed(text: &str) -> Catalog {
    let lines = || text.lines().map(|line| line.split_once(" = ").unwrap_or((line, "")));
    let mut catalog = Catalog::of_ids(lines().filter_map(|(left, _)| left.split(' ').next()));
    for (left, form) in lines() {
        let mut words = left.split(' ');
        let Some(api) = words.next().and_then(|id| catalog.apis.iter_mut().find(|api| api.id == id)) else {
            continue;
        };
        let inputs: Vec<Input> = words.map(input).collect();
        api.inputs = (!inputs.is_empty()).then_some(inputs);
        api.task = (!form.is_empty()).then(|| task(form));
    }
    catalog
}

fn task(form: &str) -> TaskForm {
    let (name, list) = form.trim_end_matches(')').split_once('(').expect("a task is written `name(a, b)`");
    let parameters: Vec<&str> = list.split(',').map(str::trim).collect();
    TaskForm {
        name: name.to_owned(),
        required: parameters.iter().filter(|name| !name.ends_with('?')).count(),
        parameters: parameters.iter().map(|name| name.trim_end_matches('?').to_owned()).collect(),
    }
}

fn input(word: &str) -> Input {
    let required = !word.ends_with('?');
    let (name, kind) = word.trim_end_matches('?').split_once(':').expect("a variable is `name:kind`");
    let kind = serde_json::from_value(kind.into()).expect("the kind is one of `InputKind`");
    Input { name: name.to_owned(), kind, required, ..Input::default() }
}

/// Runs it. `Err` names a host call that only an engine can answer.
pub fn run(case: &Case) -> Result<Outcome, &'static str> {
    run_text(case, &case.part("deluge").expect("a case has a script").text)
}

/// Runs another text in its place.
pub fn run_text(case: &Case, source: &str) -> Result<Outcome, &'static str> {
    let args = arguments(case);
    let limits = profile(detail(case)).map_or(LIMITS, Limits::of);
    let environment = Environment {
        variables: args.iter().map(|(name, _)| name.clone()).collect(),
        catalog: case.part("installed").map(|fence| installed(&fence.text)),
        thorough: detail(case) == "thorough",
        dialect: if detail(case) == "crm" { Dialect::Crm } else { Dialect::default() },
        count_statements: limits.counts_statements(),
        ..Environment::default()
    };
    let built = sluis_lang::build(source, &environment);
    let Some(program) = built.program else { return Ok(Outcome::refused(source, &built.diagnostics)) };
    let mut vm = Vm::new(program, Entry::Body, args, limits, Settings::default())
        .unwrap_or_else(|error| panic!("{}:{}: {error}", case.file.display(), case.line));
    let mut outcome = Outcome { diagnostics: places(source, &built.diagnostics), ..Outcome::default() };
    loop {
        match vm.step(10_000) {
            Step::OutOfFuel => {}
            Step::Host(call) => match call.text {
                Some(text) if call.name == "info" => {
                    outcome.prints.extend(text.split('\n').map(str::to_owned));
                    vm.resume(Ok(Data::Null));
                    if detail(case) == "cancelled" {
                        vm.cancel();
                    }
                }
                _ => return Err(call.name),
            },
            Step::Done(value) => {
                outcome.set_value(value.to_json());
                return Ok(outcome);
            }
            Step::Fault(report) => {
                outcome.fault = Some(outcome::fault(report.code.0, report.line, &report.message));
                return Ok(outcome);
            }
        }
    }
}
