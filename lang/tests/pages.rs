//! Loops over what comes page by page: how the compiler asks for it, and that a machine may stop anywhere.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is an assertion")]

use sluis_lang::value::data::Data;
use sluis_lang::vm::{Entry, HostFault, Limits, Program, Settings, Step, Vm};
use std::sync::Arc;

fn program(source: &str) -> Arc<Program> {
    let built = sluis_lang::build(source, &Default::default());
    built.program.unwrap_or_else(|| panic!("{:?}", built.diagnostics))
}

fn machine(program: &Arc<Program>, limits: Limits) -> Vm {
    Vm::new(program.clone(), Entry::Body, Vec::new(), limits, Settings::default()).unwrap()
}

/// The page of this number, of so many with so many rows each. A walk that goes on remembers the number.
fn page(number: i64, of: i64, rows: i64, text: &str) -> Data {
    let row =
        |at: i64| Data::map([("id", Data::Int(number * rows + at)), ("text", Data::Text(text.to_owned()))]);
    let next = if number + 1 < of { Data::map([("number", Data::Int(number + 1))]) } else { Data::Null };
    Data::map([("items", Data::List((0..rows).map(row).collect())), ("next", next)])
}

fn number(walk: &Data) -> i64 {
    match walk.get("number") {
        Some(Data::Int(number)) => *number,
        other => panic!("{other:?}"),
    }
}

const SUM: &str = r#"
    sum = 0;
    for each row in rows("a.b", {"x": 1})
    {
        if(row.get("id") == 2)
        {
            continue;
        }
        sum = sum + row.get("id");
    }
    return sum;
"#;

#[test]
fn the_first_page_is_asked_for_once_and_then_each_next_one() {
    let program = program(SUM);
    let mut vm = machine(&program, Limits::local());
    let mut asked = Vec::new();
    let sum = loop {
        match vm.step(1000) {
            Step::Host(call) => {
                asked.push(format!("{} {}", call.name, Data::List(call.args.clone()).to_json()));
                let at = if call.name == "firstRows" { 0 } else { number(&call.args[0]) };
                vm.resume(Ok(page(at, 3, 2, "")));
            }
            Step::Done(value) => break value,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(sum, Data::Int(13));
    assert_eq!(
        asked,
        [r#"firstRows ["a.b",{"x":1}]"#, r#"nextPage [{"number":1}]"#, r#"nextPage [{"number":2}]"#]
    );
}

#[test]
fn a_machine_that_is_written_down_at_every_stop_goes_on_alike() {
    let program = program(SUM);
    let mut vm = machine(&program, Limits::local());
    let mut stops = 0;
    let sum = loop {
        let step = vm.step(1);
        let bytes = vm.snapshot();
        vm = Vm::restore(program.clone(), &bytes, Settings::default()).unwrap();
        stops += 1;
        match step {
            Step::Host(call) => {
                let at = if call.name == "firstRows" { 0 } else { number(&call.args[0]) };
                vm.resume(Ok(page(at, 3, 2, "")));
            }
            Step::Done(value) => break value,
            Step::OutOfFuel => {}
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(sum, Data::Int(13));
    assert!(stops > 6, "{stops}");
}

#[test]
fn pages_that_were_walked_over_are_garbage() {
    let limits = Limits { memory: 1 << 20, ..Limits::local() };
    let source = r#"n = 0; for each row in rows("a.b") { n = n + row.get("text").length(); } return n;"#;
    let program = program(source);
    let mut vm = machine(&program, limits);
    let text = "x".repeat(1000);
    let mut most = 0;
    let done = loop {
        match vm.step(100_000) {
            Step::Host(call) => {
                // When a page is asked for, nothing of the one before is held.
                let kept = vm.snapshot().len();
                assert!(kept < 10_000, "{kept} bytes");
                let at = if call.name == "firstRows" { 0 } else { number(&call.args[0]) };
                vm.resume(Ok(page(at, 1000, 100, &text)));
            }
            Step::Done(value) => break value,
            Step::OutOfFuel => {}
            other => panic!("{other:?}"),
        }
        most = most.max(vm.memory_used());
    };
    assert_eq!(done, Data::Int(100_000_000));
    assert!(most <= 1 << 20, "{most}");
}

#[test]
fn a_page_that_fails_can_be_caught_and_the_loop_is_left() {
    let source = r#"
        n = 0;
        try { for each row in rows("a.b") { n = n + 1; } } catch (e) { return e.code + " after " + n; }
        return "no";
    "#;
    let program = program(source);
    let mut vm = machine(&program, Limits::local());
    let done = loop {
        match vm.step(1000) {
            Step::Host(call) if call.name == "firstRows" => vm.resume(Ok(page(0, 2, 5, ""))),
            Step::Host(_) => {
                let reason = "page_failed".to_owned();
                vm.resume(Err(HostFault {
                    reason,
                    message: "status 500".to_owned(),
                    help: None,
                    data: None,
                }));
            }
            Step::Done(value) => break value,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(done, Data::Text("page_failed after 5".to_owned()));
}

#[test]
fn functions_of_that_name_and_loops_with_an_index_are_what_they_were() {
    let run = |source: &str| {
        let program = program(source);
        let mut vm = machine(&program, Limits::local());
        loop {
            match vm.step(1000) {
                Step::Host(call) => {
                    assert_eq!(call.name, "rows");
                    vm.resume(Ok(Data::List(vec![Data::Int(7), Data::Int(8)])));
                }
                Step::Done(value) => return value.to_json(),
                other => panic!("{other:?}"),
            }
        }
    };
    assert_eq!(
        run(
            "list rows(string x) { return {1, 2, 3}; } n = 0; for each r in rows(\"a\") { n = n + r; } return n;"
        ),
        "6"
    );
    assert_eq!(run("n = 0; for each index i in rows(\"a.b\") { n = n + i; } return n;"), "1");
    assert_eq!(run("return rows(\"a.b\").size();"), "2");
}
