//! What the checker says of kinds is what the machine does: every built-in and every operator is run
//! with values of every kind, and what comes of it is among what was foretold.

use sluis_lang::check::kinds::{KindSet, infer};
use sluis_lang::check::{Environment, check};
use sluis_lang::codes;
use sluis_lang::diagnostic::Diagnostic;
use sluis_lang::stdlib::TABLES;
use sluis_lang::syntax::parse;
use sluis_lang::value::Kind;
use sluis_lang::value::data;
use sluis_lang::vm::{Entry, Limits, Settings, Step, Vm};

/// An expression of each kind; of some kinds several, where the content matters.
const VALUES: &[&str] = &[
    "null",
    "true",
    "12",
    "2.5",
    "\"word\"",
    "\"12\"",
    "\"{\\\"a\\\":1}\"",
    "\"05-Mar-2024\"",
    "'05-Mar-2024'.toDate()",
    "'05-Mar-2024 10:00:00'.toTime()",
    "{}",
    "{1, 2}",
    "Collection(1, 2)",
    "Collection(\"k\": 1)",
    "\"a,b\".toFile(\"x.csv\")",
    "{\"a\": 1}",
];

/// The kind of the value that a script returns; `None` if it faults or cannot be compiled.
fn outcome(script: &str) -> Option<Kind> {
    let built = sluis_lang::build(script, &Environment::default());
    let mut vm = Vm::new(built.program?, Entry::Body, Vec::new(), Limits::local(), Settings::default())
        .expect("no arguments are asked for");
    loop {
        match vm.step(1_000_000) {
            Step::Done(value) => return Some(data::kind(&value)),
            Step::Fault(_) | Step::Host(_) => return None,
            Step::OutOfFuel => {}
        }
    }
}

/// What is foretold of the last expression of a script.
fn foretold(expr: &str) -> KindSet {
    let script = format!("x = {expr};");
    let (program, _) = parse(&script);
    let found = infer(&program, &Environment::default());
    found.ending_at(script.len() as u32 - 1).map_or(KindSet::ANY, |known| known.kinds)
}

/// What a thorough check says of an expression: that it faults, that it is always true or false.
fn said(expr: &str) -> (bool, Option<bool>) {
    let (program, _) = parse(&format!("info {expr};"));
    let found = check(&program, &Environment { thorough: true, ..Environment::default() });
    let whole = |d: &&Diagnostic| d.code == codes::NEVER_EQUAL;
    let always = found.iter().find(whole).map(|d| d.message.ends_with("always true"));
    (found.iter().any(|d| d.code == codes::CERTAIN_FAULT), always)
}

#[track_caller]
fn holds(expr: &str) {
    let (faults, always) = said(expr);
    assert!(!faults || outcome(&format!("return {expr};")).is_none(), "`{expr}` does not fault");
    if let Some(always) = always {
        let script = format!("if(({expr}) == {always}) {{ return 1; }} return null;");
        assert_eq!(outcome(&script), Some(Kind::Number), "`{expr}` is not always {always}");
    }
    let Some(kind) = outcome(&format!("return {expr};")) else { return };
    let kinds = foretold(expr);
    if kinds.has(Kind::Empty) && kind == Kind::Map {
        return; // An empty brace leaves the machine as an empty map.
    }
    assert!(kinds.has(kind), "`{expr}` is of kind {kind:?}, not of {kinds:?}");
}

#[test]
fn every_operator_gives_what_was_foretold() {
    for left in VALUES {
        for op in
            ["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "in", "contains", "like"]
        {
            for right in VALUES {
                holds(&format!("{left} {op} {right}"));
            }
        }
        holds(&format!("-{left}"));
    }
}

#[test]
fn what_cannot_be_walked_over_or_looked_into_faults() {
    for value in VALUES {
        for expr in [format!("{value}[0]"), format!("({value}).name"), format!("{value}[\"k\"]")] {
            holds(&expr);
        }
        let walk = format!("for each x in {value} {{ info 1; }}");
        let (program, _) = parse(&walk);
        let found = check(&program, &Environment { thorough: true, ..Environment::default() });
        let said = found.iter().any(|d| d.code == codes::CERTAIN_FAULT);
        let walked = format!("for each x in {value} {{ y = x; }} return 1;");
        assert_ne!(said, outcome(&walked).is_some(), "{walk}");
    }
}

#[test]
fn every_built_in_gives_what_was_foretold() {
    let mut seen = 0;
    for builtin in TABLES.iter().copied().flatten() {
        for example in builtin.examples {
            holds(example.source);
            seen += 1;
        }
        for receiver in VALUES {
            for arg in VALUES.iter().step_by(2) {
                let args = vec![*arg; builtin.required()].join(", ");
                if !builtin.on.is_empty() {
                    holds(&format!("{receiver}.{}({args})", builtin.name));
                }
            }
        }
    }
    assert!(seen > 200, "{seen}");
}
