//! What a run may use is metered, the same on every machine, and no script passes a limit.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use sluis_lang::codes;
use sluis_lang::compile::compile;
use sluis_lang::syntax::parse;
use sluis_lang::value::data::Data;
use sluis_lang::vm::{Entry, EntryError, FaultReport, Limits, Profile, Program, Settings, Step, Vm};
use std::sync::Arc;

fn program(text: &str) -> Arc<Program> {
    let (tree, diagnostics) = parse(text);
    assert!(diagnostics.iter().all(|d| !d.is_error()), "{diagnostics:#?}");
    Arc::new(compile(text, &tree, &[], &[]).unwrap())
}

type Outcome = (Vec<String>, Result<Data, FaultReport>, u64);

fn run_with(text: &str, limits: Limits, settings: Settings, slice: u64) -> Outcome {
    let mut vm = Vm::new(program(text), Entry::Body, vec![], limits, settings).unwrap();
    let mut lines = Vec::new();
    loop {
        match vm.step(slice) {
            Step::Host(call) => {
                lines.push(call.text.unwrap());
                vm.resume(Ok(Data::Null));
            }
            Step::OutOfFuel => {}
            Step::Done(value) => return (lines, Ok(value), vm.fuel_used()),
            Step::Fault(report) => return (lines, Err(report), vm.fuel_used()),
        }
    }
}

fn run(text: &str, limits: Limits) -> Outcome {
    run_with(text, limits, Settings::default(), u64::MAX)
}

fn halts(text: &str, limits: Limits) -> FaultReport {
    run(text, limits).1.unwrap_err()
}

const WORK: &str = r#"
    int f(int n) { if (n < 2) { return n; } return f(n - 1) + f(n - 2); }
    m = Map; m = {}; l = {}; text = "";
    for each x in {1,2,3,4,5,6,7,8,9,10} {
        text = text + "some words for number " + x + "; ";
        m.put("key " + x, {"x": x, "text": text});
        l.add({x, text, x * 1.5});
        try { if (x % 3 == 0) { throw "three " + x; } } catch (e) { l.add(e.message); }
        n = f(x);
    }
    i = 0;
    while (i < 300) { i = i + 1; copy = {"a": i, "b": {i, "long text that lives on the heap " + i}}; }
    info m; info l; info n; info text; info copy;
"#;

fn work() -> String {
    WORK.replace("m = Map; ", "")
}

#[test]
fn fuel_is_the_same_whatever_the_slices() {
    let whole = run(&work(), Limits::local());
    for slice in [0, 1, 7, 100, 5_000] {
        let sliced = run_with(&work(), Limits::local(), Settings::default(), slice);
        assert_eq!((&sliced.0, sliced.2), (&whole.0, whole.2), "slices of {slice}");
    }
    assert!(whole.2 > 1_000);
}

#[test]
fn the_fuel_limit_halts_at_the_same_place_whatever_the_slices() {
    let text = "i = 0; while (true) { i = i + 1; if (i % 100 == 0) { info i; } }";
    let limits = Limits { fuel: 10_000, ..Limits::local() };
    let whole = run(text, limits);
    assert_eq!(whole.1.as_ref().unwrap_err().code, codes::OUT_OF_FUEL);
    assert!(whole.2 >= 10_000 && whole.2 < 10_100);
    for slice in [1, 13, 999] {
        assert_eq!(run_with(text, limits, Settings::default(), slice), whole);
    }
}

#[test]
fn collecting_at_every_safe_point_changes_nothing() {
    let stressed = Settings { stress_collection: true, ..Settings::default() };
    assert_eq!(run_with(&work(), Limits::local(), stressed, u64::MAX), run(&work(), Limits::local()));
}

#[test]
fn no_try_catches_a_halt() {
    let limits = Limits { fuel: 5_000, ..Limits::local() };
    let text = "try { while (true) { } } catch (e) { info e.message; }";
    let (lines, end, _) = run(text, limits);
    assert!(lines.is_empty());
    assert_eq!(end.unwrap_err().code, codes::OUT_OF_FUEL);
}

#[test]
fn calls_deeper_than_the_limit_halt() {
    let text = "int f(int n) { return f(n + 1); }\ntry { f(0); } catch (e) { info 1; }";
    let report = halts(text, Limits::local());
    assert_eq!((report.code, report.line), (codes::CALLS_TOO_DEEP, 1));
    assert!(report.is_halt() && report.trace.len() <= 50);
    let ok = "int f(int n) { if (n == 0) { return 0; } return 1 + f(n - 1); }\ninfo f(198);";
    assert_eq!(run(ok, Limits::local()).0, ["198"]);
}

#[test]
fn memory_that_is_alive_counts_and_garbage_does_not() {
    let limits = Limits { memory: 8 << 20, fuel: u64::MAX, ..Limits::local() };
    let keeps = r#"l = {}; i = 0; while (true) { i = i + 1; l.add({"n": i, "t": "a text that is kept for ever " + i}); }"#;
    assert_eq!(halts(keeps, limits).code, codes::OUT_OF_MEMORY);
    let drops = r#"i = 0; while (i < 200000) { i = i + 1; x = {"n": i, "t": "a text that is dropped again " + i}; } info i;"#;
    assert_eq!(run(drops, limits).0, ["200000"]);
}

#[test]
fn a_straight_line_of_doublings_meets_a_limit() {
    let limits = Limits { text: 1 << 20, ..Limits::local() };
    let doubling = "x = \"0123456789abcdef\";".to_owned() + &"x = x + x;".repeat(60);
    assert_eq!(halts(&doubling, limits).code, codes::TEXT_TOO_LARGE);
    let many = "x = \"0123456789abcdef\";".to_owned()
        + &"x = x + x;".repeat(15)
        + &(0..80).map(|n| format!("y{n} = \"{n}\" + x;")).collect::<String>();
    let limits = Limits { memory: 16 << 20, ..limits };
    assert_eq!(halts(&many, limits).code, codes::OUT_OF_MEMORY);
}

#[test]
fn copying_long_texts_costs_fuel() {
    let text = "x = \"0123456789abcdef\";".to_owned()
        + &"x = x + x;".repeat(14)
        + "i = 0; while (true) { i = i + 1; y = \"a\" + x; }";
    let limits = Limits { fuel: 1_000_000, ..Limits::local() };
    let mut vm = Vm::new(program(&text), Entry::Body, vec![], limits, Settings::default()).unwrap();
    assert!(matches!(vm.step(u64::MAX), Step::Fault(report) if report.code == codes::OUT_OF_FUEL));
}

#[test]
fn a_value_that_contains_itself_prints_compares_and_leaves_with_a_fault_only() {
    for (text, code) in [
        ("l = {1}; l.add(l); info l;", codes::TOO_NESTED),
        ("l = {1}; l.add(l); k = {1}; k.add(k); info l == k;", codes::TOO_NESTED),
        ("l = {1}; l.add(l); x = \"\" + l;", codes::TOO_NESTED),
        ("l = {1}; l.add(l); return l;", codes::TOO_NESTED),
        ("m = {\"a\": 1}; m.put(\"m\", m); throw m;", codes::TOO_NESTED),
    ] {
        let end = run(text, Limits::local()).1;
        assert_eq!(end.unwrap_err().code, code, "{text}");
    }
    assert_eq!(
        run("l = {1}; l.add(l); try { info l; } catch (e) { info e.code; }", Limits::local()).0,
        ["E0413"]
    );
}

#[test]
fn a_cancelled_run_ends_whatever_it_tries() {
    let text = "try { while (true) { } } catch (e) { info 1; }";
    let mut vm = Vm::new(program(text), Entry::Body, vec![], Limits::local(), Settings::default()).unwrap();
    assert!(matches!(vm.step(100), Step::OutOfFuel));
    vm.cancel();
    assert!(matches!(vm.step(100), Step::Fault(report) if report.code == codes::CANCELLED));
}

#[test]
fn arguments_are_matched_by_name_and_converted_by_declared_type() {
    let text = "string f(Int id, String name, decimal d, bool b, map m) { return id + 1 + name + d + b + m.get(\"k\"); }";
    let args = |id: &str| {
        vec![
            ("d".to_owned(), Data::from("1.50")),
            ("name".to_owned(), Data::Int(7)),
            ("id".to_owned(), Data::from(id)),
            ("b".to_owned(), Data::from("true")),
            ("m".to_owned(), Data::from(r#"{"k": "v"}"#)),
        ]
    };
    let start =
        |args| Vm::new(program(text), Entry::Named("f".into()), args, Limits::local(), Settings::default());
    let mut vm = start(args("12")).unwrap();
    assert!(matches!(vm.step(u64::MAX), Step::Done(Data::Text(text)) if text == "1371.50truev"));
    assert!(
        matches!(start(args("twelve")), Err(EntryError::WrongType { parameter, .. }) if parameter == "id")
    );
    let mut missing = args("12");
    missing.pop();
    assert!(matches!(start(missing), Err(EntryError::Missing { parameter, .. }) if parameter == "m"));
    let mut unknown = args("12");
    unknown.push(("nam".to_owned(), Data::Null));
    let message = start(unknown).unwrap_err().to_string();
    assert_eq!(message, "`f` has no parameter `nam`; did you mean `name`?");
}

#[test]
fn an_unknown_entry_says_what_was_meant() {
    let started = Vm::new(
        program("void greet() { }"),
        Entry::Named("gret".into()),
        vec![],
        Limits::local(),
        Settings::default(),
    );
    assert_eq!(started.unwrap_err().to_string(), "the script has no function `gret`; did you mean `greet`?");
}

#[test]
fn a_snapshot_keeps_the_count_of_statements_and_fits_only_a_counting_program() {
    let text = "i = 0; while (i < 100) { i = i + 1; } info i; while (true) { i = i + 1; }";
    let (tree, _) = parse(text);
    let counted = Arc::new(sluis_lang::compile::compile_counted(text, &tree, &[], &[]).unwrap());
    let limits = Limits { statements: 300, ..Limits::of(Profile::Creator) };
    let mut vm = Vm::new(counted.clone(), Entry::Body, vec![], limits, Settings::default()).unwrap();
    assert!(matches!(vm.step(u64::MAX), Step::Host(_)));
    let bytes = vm.snapshot();
    assert!(Vm::restore(program(text), &bytes, Settings::default()).is_err());
    let mut vm = Vm::restore(counted, &bytes, Settings::default()).unwrap();
    assert!(matches!(vm.step(u64::MAX), Step::Host(_)));
    vm.resume(Ok(Data::Null));
    // Two before, two hundred in the first loop, one `info`, the rest in the second.
    let Step::Fault(report) = vm.step(u64::MAX) else { panic!("it goes on") };
    assert_eq!(report.code, codes::PLATFORM_LIMIT);
    assert!(vm.fuel_used() < 2_000);
}

#[test]
fn registers_of_calls_inside_each_other_count_as_memory() {
    let many: String = (0..400).map(|n| format!("v{n} = n;")).collect();
    let text = format!(
        "int deep(int n) {{ {many} if(n == 0) {{ return 0; }} return deep(n - 1); }} info deep(150);"
    );
    let roomy = Limits { memory: 4 << 20, ..Limits::local() };
    assert!(run(&text, roomy).1.is_ok());
    let tight = Limits { memory: 256 << 10, ..Limits::local() };
    assert_eq!(halts(&text, tight).code, codes::OUT_OF_MEMORY);
}

#[test]
fn a_loop_pays_for_each_turn_whatever_its_condition_looks_like() {
    for condition in ["i < 1000000", "1000000 > i", "i <= 1000000", "!(i >= 1000000)"] {
        let text = format!("i = 0; while({condition}) {{ i = i + 1; }}");
        let limits = Limits { fuel: 10_000, ..Limits::local() };
        assert_eq!(halts(&text, limits).code, codes::OUT_OF_FUEL, "{condition}");
    }
}
