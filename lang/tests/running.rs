//! Scripts run as their authors expect: control flow, operators, calls, faults.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use sluis_lang::codes;
use sluis_lang::compile::compile;
use sluis_lang::syntax::parse;
use sluis_lang::value::data::Data;
use sluis_lang::vm::{Entry, FaultReport, HostCall, HostFault, Limits, Program, Settings, Step, Vm};
use std::sync::Arc;

fn program(text: &str) -> Arc<Program> {
    let (tree, diagnostics) = parse(text);
    assert!(diagnostics.iter().all(|d| !d.is_error()), "{diagnostics:#?}");
    Arc::new(compile(text, &tree, &[], &["billing.total".to_owned()]).unwrap())
}

fn vm(text: &str, limits: Limits) -> Vm {
    Vm::new(program(text), Entry::Body, vec![], limits, Settings::default()).unwrap()
}

/// Runs to the end; `info` lines are collected, other calls are answered by `answer`.
fn drive(
    vm: &mut Vm,
    mut answer: impl FnMut(&HostCall) -> Result<Data, HostFault>,
) -> (Vec<String>, Result<Data, FaultReport>) {
    let mut lines = Vec::new();
    loop {
        match vm.step(10_000) {
            Step::Done(value) => return (lines, Ok(value)),
            Step::Fault(report) => return (lines, Err(report)),
            Step::OutOfFuel => {}
            Step::Host(call) if call.name == "info" => {
                lines.push(call.text.clone().unwrap());
                vm.resume(Ok(Data::Null));
            }
            Step::Host(call) => {
                let answer = answer(&call);
                vm.resume(answer);
            }
        }
    }
}

fn run(text: &str) -> (Vec<String>, Result<Data, FaultReport>) {
    drive(&mut vm(text, Limits::local()), |call| panic!("unexpected call of {}", call.name))
}

/// The `info` lines of a script that ends well.
fn prints(text: &str) -> String {
    let (lines, end) = run(text);
    end.unwrap();
    lines.join("|")
}

fn faults(text: &str) -> FaultReport {
    run(text).1.unwrap_err()
}

#[test]
fn operators_follow_precedence_and_kinds() {
    assert_eq!(prints("info 1 + 2 * 3;"), "7");
    assert_eq!(prints("info 6 / 2; info 7 / 2; info 2 * 1.5; info 7 % 3; info -7 % 3;"), "3|3.5|3.0|1|-1");
    assert_eq!(prints(r#"info 1 + 2 + "a" + 1 + 2;"#), "3a12");
    assert_eq!(prints(r#"info null + "x"; info "x" + true; info "" + 1.50;"#), "nullx|xtrue|1.50");
    assert_eq!(prints(r#"info "5" * 2; info "7" - "2";"#), "10|5");
    assert_eq!(
        prints(r#"info 5 == "5"; info "" == null; info null == null; info 1 != 2;"#),
        "true|false|true|true"
    );
    assert_eq!(
        prints(r#"info 2 in {1,2}; info 3 not in {1,2}; info "abc" contains "b"; info "abc" like "a%";"#),
        "true|true|true|true"
    );
    assert_eq!(
        prints("x = null; info x is null; info x is not null; info !true; info -(3); "),
        "true|false|false|-3"
    );
    assert_eq!(prints("info 3 > 2; info 2 >= 2; info 1 > 2; info 1.5 <= 1.50;"), "true|true|false|true");
    assert_eq!(
        prints("info '02-Jan-2024' > '01-Feb-2023'; info \"02-Jan-2024\" > \"01-Feb-2023\";"),
        "true|true"
    );
    assert_eq!(prints("info '01-Feb-2024' < '02-Jan-2024';"), "false");
}

#[test]
fn conditions_choose_and_short_circuit() {
    let text = r#"
        m = null;
        if (m != null && m.get("a") == 1) { info "no"; } else if (m == null || m.get("b") == 2) { info "yes"; } else { info "no"; }
        x = 5;
        if (!(x > 3) || x == 4) { info "no"; } else { info "right"; }
        info if(x > 3, "big", m.get("never"));
        info ifnull(m, "default");
        info ifnull(x, m.get("never"));
        b = x > 1 && x < 10;
        c = x < 1 || x > 10;
        info b; info c;
    "#;
    assert_eq!(prints(text), "yes|right|big|default|5|true|false");
}

#[test]
fn loops_walk_lists_maps_and_text() {
    assert_eq!(prints("t = 0; for each x in {1,2,3} { t = t + x; } info t; info x;"), "6|3");
    assert_eq!(
        prints(
            r#"for each i in "a,b,,".toString() { info "<" + i + ">"; }"#.replace(".toString()", "").as_str()
        ),
        "<a>|<b>|<>|<>"
    );
    assert_eq!(prints(r#"m = {"a":1,"b":2}; for each k in m { info k; }"#), "a|b");
    assert_eq!(prints("for each index i in {7,8} { info i; }"), "0|1");
    assert_eq!(
        prints(
            "i = 0; while (i < 10) { i = i + 1; if (i == 2) { continue; } if (i == 5) { break; } info i; }"
        ),
        "1|3|4"
    );
    assert_eq!(
        prints(
            "for each x in {1,2} { for each y in {1,2} { if (y == 2) { continue; } info x + \"-\" + y; } }"
        ),
        "1-1|2-1"
    );
}

#[test]
fn a_loop_sees_neither_added_elements_nor_falls_over_removed_ones() {
    assert_eq!(prints("l = {1,2,3}; for each x in l { l.add(x); } info l;"), "1,2,3,1,2,3");
}

#[test]
fn functions_call_each_other_before_and_after_their_declaration() {
    let text = r"
        info fib(15);
        int fib(int n) { if (n < 2) { return n; } return fib(n - 1) + fib(n - 2); }
        info thisapp.even(10);
        bool even(int n) { if (n == 0) { return true; } return odd(n - 1); }
        bool odd(int n) { if (n == 0) { return false; } return even(n - 1); }
        void nothing() { }
        info nothing();
    ";
    assert_eq!(prints(text), "610|true|null");
}

#[test]
fn lists_and_maps_are_shared_by_reference() {
    let text = r#"
        void mark(map m) { m.put("seen", true); m.other = 1; m["third"] = 2; }
        m = {"a": 1};
        mark(m);
        info m;
        a = {1};
        b = a;
        b.add(2);
        info a;
        e = {};
        e.add(1);
        info e;
        info m.a; info m.none; info a[1];
        a[0] = 9; a[0] += 1; m.a += 5;
        info a; info m.a;
    "#;
    assert_eq!(prints(text), r#"{"a":1,"seen":true,"other":1,"third":2}|1,2|1|1|null|2|10,2|6"#);
}

#[test]
fn a_fault_can_be_caught_with_its_message_line_and_code() {
    let text =
        "try {\n  x = 1 / 0;\n} catch (e) {\n  info e.message; info e.lineNo; info e.code;\n}\ninfo \"on\";";
    assert_eq!(prints(text), "a division by zero|2|E0408|on");
}

#[test]
fn a_fault_leaves_nested_calls_loops_and_tries() {
    let text = r#"
        void deep(int n) { if (n == 0) { throw "bottom"; } deep(n - 1); }
        for each x in {1,2} {
            try {
                try { deep(x * 3); } catch (inner) { throw inner.message + " again"; }
            } catch (outer) { info outer.message; continue; }
            info "never";
        }
        try { for each x in {1} { break; } info "after break"; } catch (e) { info "never"; }
        int early() { try { return 7; } catch (e) { return 8; } }
        try { y = early(); throw {"message": "m", "code": "C", "extra": y}; }
        catch (e) { info e.message; info e.code; info e.extra; }
    "#;
    assert_eq!(prints(text), "bottom again|bottom again|after break|m|C|7");
}

#[test]
fn an_assignment_whose_value_faults_changes_nothing() {
    let text = r#"x = true; try { x = false || null; } catch (e) { info x; } y = 1; try { y = ifnull(null, 1 / 0); } catch (e) { info y; }"#;
    assert_eq!(prints(text), "true|1");
}

#[test]
fn a_variable_without_a_value_faults_only_where_it_is_read() {
    let report = faults("if (1 == 2) { x = 1; }\ninfo \"here\";\ninfo x;");
    assert_eq!((report.code, report.line), (codes::NO_VALUE, 3));
    assert_eq!(report.message, "variable `x` got no value on this path");
    assert_eq!(prints("if (1 == 1) { x = 1; } info x;"), "1");
    assert_eq!(faults("void f() { info y; } y = 1; f();").code, codes::NO_VALUE);
}

#[test]
fn a_method_on_null_names_what_was_null() {
    let report = faults("m = {\"a\": null};\ninfo 1;\nx = m.get(\"a\").get(\"b\");");
    assert_eq!((report.code, report.line), (codes::NULL_RECEIVER, 3));
    assert!(report.message.contains("`m.get(\"a\")` on line 3"), "{}", report.message);
}

#[test]
fn a_condition_must_be_true_or_false() {
    let report = faults("x = null;\nif (x) { info 1; }");
    assert_eq!((report.code, report.line), (codes::NOT_BOOLEAN, 2));
    assert!(report.message.contains("`x` on line 2"), "{}", report.message);
    assert_eq!(faults("x = 1; y = true && x;").code, codes::NOT_BOOLEAN);
    assert_eq!(faults("x = \"a\"; while (x) { }").code, codes::NOT_BOOLEAN);
}

#[test]
fn an_uncaught_fault_carries_the_way_it_came() {
    let report = faults("void f() {\n  g();\n}\nvoid g() {\n  throw \"no\";\n}\nf();");
    let trace: Vec<(&str, u32)> = report.trace.iter().map(|t| (t.function.as_str(), t.line)).collect();
    assert_eq!(trace, [("g", 5), ("f", 2), ("main", 7)]);
    assert_eq!(report.to_diagnostic().code, codes::THROWN);
}

#[test]
fn a_host_call_stops_the_machine_and_its_failure_can_be_caught() {
    let text = r#"
        r = invokeurl [ url: "https://example.com" type: GET Content-Type: "x" ];
        info r.get("n") + 1;
        info zoho.currentdate;
        try { zoho.crm.invokeConnector("a.b", {"k": 1}); } catch (e) { info e.code; info e.message; }
        info billing.total(1, "two");
    "#;
    let mut seen = Vec::new();
    let (lines, end) = drive(&mut vm(text, Limits::local()), |call| {
        seen.push(format!("{}({}) {}", call.name, Data::List(call.args.clone()).to_json(), call.line));
        match call.name {
            "invokeurl" => Ok(Data::map([("n", Data::Int(41))])),
            "currentdate" => Ok(Data::Date(0)),
            "callFunction" => Ok(Data::Text("done".into())),
            _ => Err(HostFault {
                reason: "not_authorized".into(),
                message: "no".into(),
                help: None,
                data: None,
            }),
        }
    });
    end.unwrap();
    assert_eq!(lines, ["42", "01-Jan-1970", "not_authorized", "no", "done"]);
    assert_eq!(
        seen,
        [
            r#"invokeurl([{"url":"https://example.com","type":"GET","content-type":"x"}]) 2"#,
            "currentdate([]) 4",
            r#"invokeConnector(["a.b",{"k":1}]) 5"#,
            r#"callFunction(["billing.total",[1,"two"]]) 6"#,
        ]
    );
}

#[test]
fn the_top_level_may_return_a_value() {
    assert_eq!(run("return {\"a\": {1, 2.50}}; info 1;").1.unwrap().to_json(), r#"{"a":[1,2.50]}"#);
}

#[test]
fn scripts_at_the_edge_of_what_the_parser_takes_still_compile_and_run() {
    let runs = |text: &str| {
        let (tree, diagnostics) = parse(text);
        if diagnostics.iter().any(|d| d.is_error()) {
            return None;
        }
        let program = Arc::new(compile(text, &tree, &[], &[]).unwrap());
        let mut vm = Vm::new(program, Entry::Body, vec![], Limits::local(), Settings::default()).unwrap();
        match vm.step(u64::MAX) {
            Step::Done(value) => Some(value),
            other => panic!("{other:?}"),
        }
    };
    let mut largest = [0; 4];
    for n in [10_usize, 100, 1_000, 10_000] {
        let sum = format!("return 0{};", "+1".repeat(n));
        let words = format!("return \"\"{};", " + \"x\"".repeat(n));
        let product = format!("return 1{};", "*1".repeat(n));
        let logic = format!("x = true; return x{};", " && x".repeat(n));
        for (at, (text, wanted)) in [
            (sum, Data::Int(n as i64)),
            (words, Data::Text("x".repeat(n))),
            (product, Data::Int(1)),
            (logic, Data::Bool(true)),
        ]
        .into_iter()
        .enumerate()
        {
            if let Some(value) = runs(&text) {
                assert_eq!(value, wanted);
                largest[at] = n;
            }
        }
        let list = format!("return {{{}}};", vec!["1"; n].join(","));
        assert_eq!(runs(&list), Some(Data::List(vec![Data::Int(1); n])));
    }
    assert!(largest.iter().all(|n| *n >= 100), "{largest:?}");
}

#[test]
fn a_loop_body_too_long_for_short_jumps_still_runs() {
    let body = "if (x > 3) { x = x + 1; } else { x = x + 2; } ".repeat(4_000);
    let text = format!("x = 0; t = 0; while (t < 2) {{ t = t + 1; if (t > 0) {{ {body} }} }} return x;");
    let limits = Limits::local();
    let (_, end) = drive(&mut vm(&text, limits), |call| panic!("{call:?}"));
    assert_eq!(end.unwrap(), Data::Int(8_002));
}
