//! Every example in the tables of built-ins, run by the real parser and machine: in receiver form,
//! and in free form where the built-in has one.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use sluis_lang::compile::compile;
use sluis_lang::stdlib::{Builtin, TABLES};
use sluis_lang::syntax::ast::{Arg, Expr, ExprKind, StmtKind};
use sluis_lang::syntax::parse;
use sluis_lang::value::data::Data;
use sluis_lang::vm::{Entry, Limits, Settings, Step, Vm};
use std::sync::Arc;

/// What `info` prints of an expression, or `fault CODE`.
fn printed(expression: &str) -> String {
    let script = format!("x = {expression}; info x;");
    let (tree, diagnostics) = parse(&script);
    assert!(diagnostics.iter().all(|d| !d.is_error()), "{script}\n{diagnostics:#?}");
    let program = compile(&script, &tree, &[], &[]).unwrap_or_else(|d| panic!("{script}\n{d:#?}"));
    let mut vm =
        Vm::new(Arc::new(program), Entry::Body, vec![], Limits::local(), Settings::default()).unwrap();
    let mut lines = Vec::new();
    loop {
        match vm.step(1_000_000) {
            Step::Done(_) => return lines.join("|"),
            Step::Fault(report) => return format!("fault {}", report.code),
            Step::OutOfFuel => {}
            Step::Host(call) => {
                lines.push(call.text.unwrap());
                vm.resume(Ok(Data::Null));
            }
        }
    }
}

/// The same call in the other form, if the example is a call of this built-in: `x.f(a)` as `f(x, a)`
/// and the other way round.
fn other_form(builtin: &Builtin, source: &str) -> Option<String> {
    let script = format!("x = {source};");
    let (tree, _) = parse(&script);
    let StmtKind::Assign { value: expr, .. } = &tree.body.first()?.kind else { return None };
    let text = |expr: &Expr| {
        let bytes = &script[expr.span.start as usize..expr.span.end as usize];
        if matches!(expr.kind, ExprKind::Binary { .. }) { format!("({bytes})") } else { bytes.to_owned() }
    };
    let argument = |arg: &Arg| match &arg.key {
        Some(key) => format!("{}: {}", text(key), text(&arg.value)),
        None => text(&arg.value),
    };
    if builtin.on.is_empty() {
        return None;
    }
    match &expr.kind {
        ExprKind::MethodCall { object, name, args } if builtin.answers_to(&name.text) => {
            if matches!(&object.kind, ExprKind::Member { .. } | ExprKind::Var(_)) {
                return None;
            }
            let all: Vec<String> = std::iter::once(text(object)).chain(args.iter().map(argument)).collect();
            Some(format!("{}({})", name.text, all.join(", ")))
        }
        ExprKind::Call { name, args } if builtin.answers_to(&name.text) => {
            let (receiver, rest) = args.split_first()?;
            if matches!(receiver.value.kind, ExprKind::Null) {
                return None;
            }
            let rest: Vec<String> = rest.iter().map(argument).collect();
            Some(format!("{}.{}({})", text(&receiver.value), name.text, rest.join(", ")))
        }
        _ => None,
    }
}

#[test]
fn every_example_prints_what_it_says_in_both_forms() {
    let (mut wrong, mut runs) = (Vec::new(), 0);
    for builtin in TABLES.iter().copied().flatten() {
        for example in builtin.examples {
            let other = other_form(builtin, example.source);
            for source in std::iter::once(example.source.to_owned()).chain(other) {
                runs += 1;
                let got = printed(&source);
                if got != example.prints {
                    wrong.push(format!("{source}\n  prints {got:?}, not {:?}", example.prints));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {runs}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(runs > 400, "only {runs} examples were found");
}

#[test]
fn every_spelling_runs_without_case() {
    for (source, expected) in [
        (r#""a".CONCAT("b")"#, "ab"),
        (r#""abc".subString(1)"#, "bc"),
        ("'05-Mar-2024'.tostring(\"MM\")", "03"),
        (r#""{\"a\":1}".getJson("a")"#, "1"),
        (r#"{"a": 1}.containkey("a")"#, "true"),
        (r#"ZOHO.Encryption.URLENCODE("a b")"#, "a+b"),
    ] {
        assert_eq!(printed(source), expected, "{source}");
    }
}

#[test]
fn natives_that_change_their_receiver_change_every_name_of_it() {
    let after = |setup: &str, shown: &str| {
        let script = format!("{setup} info {shown};");
        let (tree, _) = parse(&script);
        let program = compile(&script, &tree, &[], &[]).unwrap();
        let mut vm =
            Vm::new(Arc::new(program), Entry::Body, vec![], Limits::local(), Settings::default()).unwrap();
        match vm.step(1_000_000) {
            Step::Host(call) => call.text.unwrap(),
            other => panic!("{script}: {other:?}"),
        }
    };
    assert_eq!(after("a = {3, 1, 2}; b = a; a.sort();", "b"), "1,2,3");
    assert_eq!(after("a = {1}; b = a; b.add(2); b.addAll({3, 4});", "a"), "1,2,3,4");
    assert_eq!(after("a = {1}; a.addAll(a);", "a"), "1,1");
    assert_eq!(after("a = {1, 2, 1}; a.removeAll({1});", "a"), "2");
    assert_eq!(after("a = {1, 2, 1}; a.removeElement(1);", "a"), "2,1");
    assert_eq!(after("a = {5, 6}; x = a.remove(0);", "x + \":\" + a"), "5:6");
    assert_eq!(
        after("a = {}; a.put(\"k\", 1); a.putAll({\"j\": 2}); a.put(\"k\", 3);", "a"),
        r#"{"k":3,"j":2}"#
    );
    assert_eq!(after("a = {}; a.add(1);", "a.toString()"), "[1]");
    assert_eq!(after("a = {\"k\": 1}; a.remove(\"k\"); a.clear();", "a"), "{}");
    assert_eq!(
        after("a = {1, 2}; b = list(a); b.add(3); c = map({\"x\": a}); a.clear();", "b + \";\" + c"),
        r#"1,2,3;{"x":[]}"#
    );
}

/// The pages under `spec/stdlib`. `UPDATE_EXPECT=1` writes them anew.
#[test]
fn the_reference_pages_are_those_of_the_tables() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/stdlib");
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    if update {
        std::fs::create_dir_all(&folder).unwrap();
    }
    let mut known = Vec::new();
    for topic in sluis_lang::stdlib::TOPICS {
        let (name, page) = (format!("{}.md", topic.slug), topic.markdown());
        let path = folder.join(&name);
        known.push(name);
        if update {
            std::fs::write(&path, page).unwrap();
        } else {
            let kept = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(kept == page, "{} is out of date: run this test with UPDATE_EXPECT=1", path.display());
        }
    }
    for entry in std::fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(known.contains(&name), "spec/stdlib/{name} belongs to no table");
    }
}
