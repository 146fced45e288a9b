//! What the checker knows of the kinds of values, as an editor asks for it.

use sluis_lang::check::Environment;
use sluis_lang::check::kinds::{infer, variables_at};
use sluis_lang::syntax::parse;

/// What is known of the variables where `¦` stands.
fn at(marked: &str) -> Vec<String> {
    let offset = marked.find('¦').expect("the place is marked");
    let text = marked.replace('¦', "");
    let (program, _) = parse(&text);
    let env = Environment { variables: vec!["given".into()], ..Environment::default() };
    variables_at(&program, &env, offset as u32)
        .into_iter()
        .filter(|(name, _)| name != "given")
        .map(|(name, known)| {
            let keys: Vec<_> = known.keys.iter().map(|(key, kinds)| format!("{key}: {kinds:?}")).collect();
            let keys = if keys.is_empty() { String::new() } else { format!(" ({})", keys.join(", ")) };
            format!("{name} {:?}{keys}", known.kinds)
        })
        .collect()
}

#[test]
fn literals_operators_and_built_ins_tell_of_kinds() {
    let text =
        "a = 1 + 2; b = a / 2; c = \"x\" + a; d = c.length(); e = {1}; f = given.get(\"k\"); g = !f; ¦";
    assert_eq!(
        at(text),
        [
            "a {number}",
            "b {decimal}",
            "c {text}",
            "d {null, number, decimal}",
            "e {list}",
            "f any",
            "g {boolean}"
        ]
    );
    assert_eq!(at("d = zoho.currentdate; n = d.addDay(1).toString(\"yyyy\"); ¦")[1], "n {null, text}");
}

#[test]
fn branches_are_joined_and_those_that_leave_do_not_count() {
    assert_eq!(at("if(given) { a = 1; } else { a = \"x\"; } ¦"), ["a {number, text}"]);
    assert_eq!(at("a = null; if(given) { a = \"x\"; return; } ¦"), ["a {null}"]);
    assert_eq!(at("a = null; if(given) { a = 1; ¦ } else { a = 1.5; }"), ["a {number}"]);
    assert_eq!(at("if(given) { a = 1; } else if(given) { a = true; ¦ }"), ["a {boolean}"]);
    assert_eq!(at("a = 1; try { a = \"x\"; } catch (e) { ¦ }"), ["a {number, text}", "e {error}"]);
}

#[test]
fn loops_are_repeated_until_nothing_new_comes() {
    assert_eq!(at("n = 0; while(n < 3) { ¦ n = n + 1; }"), ["n {number}"]);
    assert_eq!(at("t = \"\"; for each x in given { t = t + x; } ¦"), ["t {text}", "x any"]);
    assert_eq!(at("a = 1; for each x in given { info a; ¦ a = \"x\"; }")[0], "a {number, text}");
    assert_eq!(at("a = 1; while(true) { if(given) { a = \"x\"; break; } } ¦"), ["a {text}"]);
    assert_eq!(at("for each index i in given { ¦ }"), ["i {number}"]);
    let chain = "a = 0; b = 0; c = 0; for each x in given { c = b; b = a; a = \"t\"; } ¦";
    assert_eq!(at(chain)[..3], ["a {number, text}", "b {number, text}", "c {number, text}"]);
}

#[test]
fn questions_about_null_tell_of_what_follows() {
    let maybe = "a = null; if(given) { a = \"x\"; } ";
    assert_eq!(at(&format!("{maybe} if(a != null) {{ ¦ }}")), ["a {text}"]);
    assert_eq!(at(&format!("{maybe} if(a == null) {{ return; }} ¦")), ["a {text}"]);
    assert_eq!(at(&format!("{maybe} if(!isNull(a) && given) {{ ¦ }}")), ["a {text}"]);
    assert_eq!(at(&format!("{maybe} if(a is null || given) {{ return; }} ¦")), ["a {text}"]);
    assert_eq!(at(&format!("{maybe} if(isNull(a)) {{ ¦ }}")), ["a {null, text}"]);
}

#[test]
fn keys_of_maps_are_known_while_only_the_script_changes_them() {
    assert_eq!(
        at("m = Map(); m.put(\"a\", 1); m.put(\"b\", \"x\"); ¦"),
        ["m {map} (a: {number}, b: {text})"]
    );
    assert_eq!(at("m = {\"a\": 1}; n = m; n.put(\"b\", 2); x = m.get(\"b\"); ¦")[2], "x {number}");
    assert_eq!(at("m = {\"a\": 1}; x = m.get(\"z\"); ¦")[1], "x {null}");
    assert_eq!(at("m = {\"a\": 1}; m.put(given, 1); x = m.get(\"z\"); ¦")[1], "x any");
    assert_eq!(at("f(Map x) { } m = {\"a\": 1}; f(m); x = m.get(\"a\"); ¦")[1], "x any");
    assert_eq!(
        at("l = List(); for each x in given { m = Map(); m.put(\"a\", x); l.add(m); } ¦")[1],
        "m {map} (a: any)"
    );
}

#[test]
fn parameters_are_of_their_declared_types_for_an_editor() {
    assert_eq!(
        at("void f(String s, Map m, Deal d) { ¦ }"),
        ["d any", "m {null, empty {}, map}", "s {null, text}"]
    );
    assert_eq!(at("void f(int n) { x = n + 1; ¦ }"), ["n {null, number}", "x {number}"]);
}

#[test]
fn half_a_line_is_no_hindrance() {
    assert_eq!(at("m = Map();\nm.put(\"a\", 1);\nm.¦")[0], "m {map} (a: {number})");
    assert_eq!(at("l = {1, 2};\nif(l.¦"), ["l {list}"]);
}

#[test]
fn expressions_are_found_by_their_end() {
    let text = "m = {\"a\": {\"b\": 1}}; x = m.get(\"a\").get(\"b\"); y = x[\"k\"];";
    let (program, _) = parse(text);
    let found = infer(&program, &Environment::default());
    let end = text.find(".get(\"b\")").expect("it stands there") as u32;
    assert_eq!(format!("{:?}", found.ending_at(end).expect("an expression ends there").kinds), "{map}");
    assert_eq!(found.keys_of("m").collect::<Vec<_>>(), ["a"]);
    assert_eq!(found.all_keys().collect::<Vec<_>>(), ["a", "k"]);
}
