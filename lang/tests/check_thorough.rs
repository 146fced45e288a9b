//! What a thorough check finds, and above all what it does not: idioms of production scripts.

use sluis_lang::catalog::{Api, Catalog, Input, InputKind};
use sluis_lang::check::{Dialect, Environment, check};
use sluis_lang::diagnostic::Diagnostic;
use sluis_lang::syntax::parse;

fn env() -> Environment {
    let input = |name: &str, kind, required| Input { name: name.into(), kind, required, ..Input::default() };
    let push = Api {
        id: "gcontacts.push".into(),
        documentation: Some("https://docs.example/push".into()),
        inputs: Some(vec![
            input("First_Name", InputKind::Text, true),
            input("Email_ID", InputKind::Text, true),
            input("Age", InputKind::Number, false),
            input("Tags", InputKind::List, false),
        ]),
        ..Api::default()
    };
    let list = Api { id: "gcontacts.list".into(), ..Api::default() };
    Environment {
        variables: vec!["order".into(), "crmAPIRequest".into()],
        functions: vec!["billing.total".into()],
        catalog: Some(Catalog { namespaces: vec!["gcontacts".into()], apis: vec![push, list] }),
        thorough: true,
        ..Environment::default()
    }
}

fn found_in(text: &str, env: &Environment) -> Vec<Diagnostic> {
    let (program, diagnostics) = parse(text);
    let errors: Vec<_> = diagnostics.iter().filter(|d| d.is_error()).collect();
    assert!(errors.is_empty(), "{text}\n{errors:#?}");
    check(&program, env)
}

/// One finding with this code, at these bytes, with this in its message or help.
#[track_caller]
fn finds(cases: &[(&str, &str, &str, &str)]) {
    for (text, code, place, said) in cases {
        let found = found_in(text, &env());
        let codes: Vec<_> = found.iter().map(|d| d.code.0).collect();
        assert_eq!(codes, [*code], "{text}\n{found:#?}");
        assert_eq!(&text[found[0].span.range()], *place, "{text}");
        let words = format!("{} {}", found[0].message, found[0].help.clone().unwrap_or_default());
        assert!(words.contains(said), "{text}: {words}");
        assert!(!found[0].label.is_empty() && found[0].help.is_some(), "{text}: no label or help");
    }
}

#[track_caller]
fn is_fine(texts: &[&str]) {
    for text in texts {
        let found = found_in(text, &env());
        assert!(found.is_empty(), "{text}\n{found:#?}");
    }
}

#[test]
fn operations_that_always_fault_are_found() {
    finds(&[
        ("t = \"a\"; t.put(\"k\", 1);", "E0216", "put", "a text has no method `put`"),
        ("m = Map(); m.add(1);", "E0216", "add", "a map has no method `add`"),
        ("x = null; info x.size();", "E0216", "size", "called on null"),
        ("m = {\"a\": 1}; info m.get(\"b\").trim();", "E0216", "trim", "null"),
        ("info {1, 2} - 1;", "E0216", "-", "numbers"),
        ("a = {1}; info a + {2};", "E0216", "+", "add"),
        ("info \"2024-01-01\".toDate() - \"2024-01-02\".toDate();", "E0216", "-", "daysBetween"),
        ("info {1} > 2;", "E0216", ">", "size"),
        ("info zoho.currentdate.addDay({1});", "E0216", "{1}", "number"),
        ("info addDay(zoho.currentdate, {1});", "E0216", "{1}", "number"),
        ("info trim({1});", "E0216", "{1}", "takes"),
        ("for each x in 5 { info x; }", "E0216", "5", "list"),
        ("info -{1};", "E0216", "{1}", "number"),
        ("t = \"abc\"; info t[0];", "E0216", "t", "subString"),
        (
            "if(isNull(order)) { t = \"a\"; } else { t = \"b\"; } info t.keys().size() + t.add(1);",
            "E0216",
            "add",
            "text",
        ),
        ("try { l = List(); info l.trim(); } catch (e) { info e; }", "E0216", "trim", "list"),
    ]);
    is_fine(&[
        "info order.get(\"a\").get(\"b\").size();",
        "x = null; if(order) { x = \"a\"; } info x.length();",
        "x = null; for each i in order { if(x != null) { info x.size(); } x = i; } info x;",
        "t = \"{}\"; info t.get(\"a\"); info t.toMap().get(\"a\").get(\"b\");",
        "l = {}; l.add(1); m = {}; m.put(\"a\", 1); info l; info m;",
        "html = \"\"; for each r in order { html = html + \"<tr>\" + r.get(\"a\") + 1 + null + {1} + \"</tr>\"; } info html;",
        "n = \"5\"; info n * 2; info n + 1; info \"12\".addDay(1);",
        "r = zoho.crm.invokeConnector(\"gcontacts.list\"); if(r.get(\"status_code\") == 200) { info r.get(\"response\").toMap().get(\"x\"); }",
        "n = 0; while(n < 3) { n = n + 1; } info n.toString() + zoho.currenttime.toString(\"yyyy\");",
        "string f(String a) { return a.get(\"x\").toLong() + a; } info f({\"x\": 1});",
    ]);
}

#[test]
fn conditions_are_judged_by_kinds() {
    finds(&[
        ("t = \"yes\"; if(t) { }", "E0208", "t", "compare"),
        ("l = List(); if(!l) { }", "E0208", "l", "list"),
        ("n = 5; x = order && n; info x;", "E0208", "n", "number"),
    ]);
    is_fine(&[
        "b = order.contains(\"x\"); if(b && !order.isEmpty()) { }",
        "x = true; if(order) { x = false; } if(x) { }",
    ]);
}

#[test]
fn comparisons_that_never_hold_are_found_and_blank_ones_are_sound() {
    finds(&[
        ("b = order.isEmpty(); if(b == \"true\") { }", "W0306", "b == \"true\"", "without quotes"),
        ("l = {1}; if(l == \"1\") { }", "W0306", "l == \"1\"", "contains"),
        ("m = Map(); if(m != 0) { }", "W0306", "m != 0", "always true"),
    ]);
    is_fine(&[
        "l = {1}; if(l != \"\" && l != null) { } m = Map(); if(m == \"\" || m == null || m == {}) { }",
        "x = null; if(x == \"a\") { }",
        "n = 5; if(n == \"5\") { } d = zoho.currentdate; if(d == \"01-Jan-2024\" || '01-Jan-2024' == d) { }",
        "if(order.get(\"a\") == true || order == \"x\") { }",
    ]);
}

#[test]
fn variables_with_a_value_on_some_ways_only_are_found() {
    finds(&[
        ("if(order) { x = 1; } info x;", "W0307", "x", "may have no value"),
        ("try { x = order.get(\"a\"); } catch (e) { info e; } info x;", "W0307", "x", "before"),
        ("if(order) { x = 1; } else { info 2; } info x + x;", "W0307", "x", ""),
    ]);
    is_fine(&[
        "if(order) { x = 1; } else { x = 2; } info x;",
        "if(order) { x = 1; } if(order) { info x; }",
        "for each i in order { last = i; } info last;",
        "if(order == 1) { x = 1; } else if(order == 2) { x = 2; } info x;",
        "if(order) { x = 1; } else { return; } info x;",
        "try { x = 1; } catch (e) { return; } info x;",
        "ok = false; if(order) { x = 1; ok = true; } info ok && x == 1;",
        "if(order) { x = 1; } for each i in order { info x; }",
        "while(true) { if(order) { x = 1; break; } } info x;",
    ]);
}

#[test]
fn variables_that_are_never_read_are_found() {
    finds(&[
        ("total = 0; info order;", "W0308", "total", "never read"),
        ("count = 0; for each x in order { cuont = 1; info count; }", "W0308", "cuont", "`count`"),
        ("f() { x = \"a\".trim(); x = 2; }", "W0308", "x", "remove"),
    ]);
    is_fine(&[
        "response = invokeConnector(\"gcontacts.list\"); for each i in {1,2} { info 1; }",
        "f(String unused) { info 1; } try { info 1; } catch (e) { info 2; }",
        "r = billing.total(1); order = 5; _spare = 1;",
        "x = 0; x = x + 1; m = Map(); m.put(\"a\", 1);",
    ]);
}

#[test]
fn conditions_with_one_answer_are_found() {
    finds(&[
        ("if(order != 1 || order != 2) { }", "W0309", "order != 1 || order != 2", "`&&`"),
        (
            "s = order.get(\"s\"); if(s == \"open\" && s == \"closed\") { }",
            "W0309",
            "s == \"open\" && s == \"closed\"",
            "`||`",
        ),
        (
            "if(order.get(\"a\") == order.get(\"a\")) { }",
            "W0309",
            "order.get(\"a\") == order.get(\"a\")",
            "same",
        ),
        ("if(order.size() >= 0) { }", "W0309", "order.size() >= 0", "> 0"),
    ]);
    is_fine(&[
        "if(order != 1 && order != 2 || order == 5) { } if(order == \"5\" && order == \"5.0\") { }",
        "if(true) { } while(true) { break; } if(order.size() > 0 && order.get(\"a\") == order.get(\"b\")) { }",
    ]);
}

#[test]
fn loops_and_functions_without_end_are_found() {
    finds(&[
        ("i = 0; while(i < 10) { info i; }", "W0310", "while(i < 10", "change one"),
        ("while(true) { info 1; }", "W0310", "while(true", "break"),
        ("f(int n) { info n; return f(n - 1); }", "W0311", "f(n - 1)", "a way that ends"),
        ("f(n) { if(n > 1) { f(1); } else { return f(2); } }", "W0311", "f(1)", ""),
    ]);
    is_fine(&[
        "i = 0; while(i < 10) { i = i + 1; } while(true) { if(order) { break; } }",
        "f(l) { while(l.size() > 0) { l.remove(0); } } g() { while(true) { return 1; } }",
        "f(int n) { if(n < 2) { return 1; } return n * f(n - 1); }",
        "f(n) { return if(n < 2, 1, f(n - 1)); } g(n) { for each x in n { g(x); } }",
        "while(zoho.currenttime < order) { info 1; } f() { check(); f(); } check() { throw \"x\"; }",
        "done = false; while(!done) { r = invokeConnector(\"gcontacts.list\"); done = r.get(\"status_code\") == 200; }",
    ]);
}

#[test]
fn secrets_are_found_and_never_repeated() {
    let token = ["9f86d081", "884c7d65", "9a2feaa0"].concat();
    for text in [
        format!("m = {{\"client_secret\": \"{token}\"}}; info m;"),
        format!("m = Map(); m.put(\"api_key\", \"{token}\"); info m;"),
        format!("authToken = \"{token}\"; info authToken;"),
        format!("h = {{\"Authorization\": \"Bearer {token}\"}}; info h;"),
        "u = \"https://ada:hunter2@db.example.net/\"; info u;".to_owned(),
        "p = {\"password\": \"hunter2!\"}; info p;".to_owned(),
    ] {
        let found = found_in(&text, &env());
        let codes: Vec<_> = found.iter().map(|d| d.code.0).collect();
        assert_eq!(codes, ["W0312"], "{text}\n{found:#?}");
        let told = format!("{found:?}") + &sluis_lang::render::render("a.dg", &text, &found, false);
        assert!(!told.contains(&token) && !told.contains("hunter2"), "{told}");
    }
    is_fine(&[
        "token = order.get(\"token\"); h = {\"Authorization\": \"Bearer \" + token}; info h;",
        "m = {\"password\": \"Password\", \"token\": \"\", \"client_secret\": order, \"key\": \"customer_name\"}; info m;",
        "id = \"4839218000000123456\"; u = \"https://www.zohoapis.com/crm/v2/Leads?page=1\"; info id + u;",
    ]);
}

#[test]
fn date_traps_are_found() {
    finds(&[
        ("info zoho.currentdate.toString(\"YYYY-MM-dd\");", "W0313", "\"YYYY-MM-dd\"", "`yyyy`"),
        ("info \"x\".toDate(\"yyyy-mm-dd\");", "W0313", "\"yyyy-mm-dd\"", "`MM`"),
        ("info zoho.currentdate.days360(order);", "W0314", "days360", "daysBetween"),
        ("info monthsBetween(order, order);", "W0314", "monthsBetween", "calendar"),
        ("info order.replaceAll(\".\", \"\");", "W0315", "\".\"", "any character"),
        ("info order.replaceAll(\"$1\", \"\");", "W0315", "\"$1\"", "never matches"),
    ]);
    is_fine(&[
        "info zoho.currentdate.toString(\"yyyy-MM-dd'T'HH:mm:ssXXX\"); info 5.toString(); info order.toString(\"dd MMM\");",
        "info order.replaceAll(\"[^0-9]\", \"\"); info order.replaceAll(\".\", \"\", true); info order.replaceAll(\",\", \"\");",
    ]);
}

#[test]
fn arguments_are_compared_with_declared_types_leniently() {
    finds(&[
        ("f(Map m) { info m; } f(5);", "W0316", "5", "declared `Map`"),
        ("void f(int n) { info n; } f({1});", "W0316", "{1}", "list"),
    ]);
    is_fine(&[
        "f(String s, int n, date d, Deal x) { info s; info n; info d; info x; } f({1}, \"5\", \"01-Jan-2024\", 1); f(null, null, null, null);",
    ]);
}

#[test]
fn variables_of_connector_calls_are_compared_with_the_release() {
    finds(&[
        (
            "info invokeConnector(\"gcontacts.push\", {\"First_Name\": \"Ada\"});",
            "E0214",
            "{\"First_Name\": \"Ada\"}",
            "Email_ID",
        ),
        (
            "m = Map(); m.put(\"First_Name\", \"Ada\"); info zoho.crm.invokeConnector(\"gcontacts.push\", m);",
            "E0214",
            "m",
            "Email_ID",
        ),
        (
            "info invokeConnector(\"gcontacts.push\", {\"First_Name\": \"Ada\", \"Emial_ID\": \"a\"});",
            "W0305",
            "\"Emial_ID\"",
            "`Email_ID`",
        ),
        (
            "info invokeConnector(\"gcontacts.push\", {\"First_Name\": {1}, \"Email_ID\": \"a\"});",
            "E0215",
            "{1}",
            "a text, not a list",
        ),
        (
            "m = {\"First_Name\": \"a\", \"Email_ID\": \"b\"}; m.put(\"Tags\", \"x\"); info invokeConnector(\"gcontacts.push\", m);",
            "E0215",
            "m",
            "a list, not a text",
        ),
    ]);
    is_fine(&[
        "info invokeConnector(\"gcontacts.push\", order); info invokeConnector(\"gcontacts.list\", {\"any\": 1});",
        "m = Map(); if(order) { m.put(\"First_Name\", \"a\"); } m.put(\"Email_ID\", order); info invokeConnector(\"gcontacts.push\", m);",
        "m = Map(); for each k in order { m.put(k, 1); } info invokeConnector(\"gcontacts.push\", m);",
        "fill(Map m) { m.put(\"First_Name\", 1); } m = Map(); fill(m); info invokeConnector(\"gcontacts.push\", m);",
        "m = order.toMap(); info invokeConnector(\"gcontacts.push\", m);",
        "m = Map(); n = m; n.put(\"First_Name\", 1); n.put(\"Email_ID\", 1); n.put(\"Age\", \"36\"); info invokeConnector(\"gcontacts.push\", m);",
    ]);
    let found = found_in("info invokeConnector(\"gcontacts.push\", Map());", &env());
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].url.as_deref(), Some("https://docs.example/push"));
}

#[test]
fn connector_variables_are_compared_even_in_a_check_that_is_not_thorough() {
    let quick = Environment { thorough: false, ..env() };
    let found = found_in("x = 1; info invokeConnector(\"gcontacts.push\", Map());", &quick);
    assert_eq!(found.iter().map(|d| d.code.0).collect::<Vec<_>>(), ["E0214", "E0214"]);
}

#[test]
fn throw_is_warned_about_in_the_dialect_that_lacks_it() {
    let crm = Environment { dialect: Dialect::Crm, ..env() };
    let found = found_in("if(order) { throw \"a\"; }", &crm);
    assert_eq!(found.iter().map(|d| d.code.0).collect::<Vec<_>>(), ["W0317"]);
}

#[test]
fn one_mistake_gives_one_message() {
    finds(&[("break; info 1;", "E0205", "break", "for each")]);
}

#[test]
fn the_deepest_tree_is_judged_on_a_small_stack() {
    let chain = |part: &str, n: usize| format!("a = 1; x = a{}; info x;", part.repeat(n));
    let texts = vec![
        chain(" + a", 990),
        chain(" && a == 1", 900),
        chain(" || a != 1", 900),
        chain(".trim()", 990),
        format!("x = {}true; info x;", "!".repeat(990)),
        format!("x = {}1{}; info x;", "if(true, 1, ".repeat(95), ")".repeat(95)),
        format!("x = {}1{}; info x;", "{\"a\": {1, ".repeat(45), "}}".repeat(45)),
        format!("{}{}", "if(true) { for each x in {1} { ".repeat(45), "}}".repeat(45)),
        format!("{}{}", "while(true) { a = 1; info a; ".repeat(90), "}".repeat(90)),
    ];
    let run = move || {
        for text in texts {
            let (program, diagnostics) = parse(&text);
            assert!(diagnostics.is_empty(), "{diagnostics:?}");
            check(&program, &Environment { thorough: true, ..Environment::default() });
        }
    };
    std::thread::Builder::new().stack_size(1 << 20).spawn(run).unwrap().join().unwrap();
}
