//! What the checker finds: tables of script, code and help.

use sluis_lang::catalog::{Catalog, TaskForm};
use sluis_lang::check::{Dialect, Environment, check};
use sluis_lang::diagnostic::Diagnostic;
use sluis_lang::syntax::parse;

fn found_in(text: &str, env: &Environment) -> Vec<Diagnostic> {
    let (program, diagnostics) = parse(text);
    let errors: Vec<_> = diagnostics.iter().filter(|d| d.is_error()).collect();
    assert!(errors.is_empty(), "{text}\n{errors:#?}");
    check(&program, env)
}

fn env() -> Environment {
    Environment {
        variables: vec!["order".into()],
        functions: vec!["billing.total".into()],
        catalog: Some(Catalog::of_ids(["gcontacts.create", "gcontacts.list", "drive.files.list"])),
        ..Environment::default()
    }
}

/// One finding with this code, at these bytes, with this in its help.
#[track_caller]
fn finds(cases: &[(&str, &str, &str, &str)]) {
    for (text, code, place, help) in cases {
        let found = found_in(text, &env());
        let codes: Vec<_> = found.iter().map(|d| d.code.0).collect();
        assert_eq!(codes, [*code], "{text}\n{found:#?}");
        assert_eq!(&text[found[0].span.range()], *place, "{text}");
        let said = found[0].help.clone().unwrap_or_default();
        assert!(said.contains(help), "{text}: {said}");
        assert!(!found[0].label.is_empty(), "{text}: no label");
    }
}

#[track_caller]
fn is_fine(texts: &[&str]) {
    for text in texts {
        assert_eq!(found_in(text, &env()), [], "{text}");
    }
}

#[test]
fn names_that_do_not_exist_are_found_with_the_nearest_that_does() {
    finds(&[
        ("x = gret(1); f() { } greet(a) { }", "E0201", "gret", "`greet`"),
        ("x = trimm(\"a\");", "E0201", "trimm", "`trim`"),
        (
            "x = zoho.crm.invokeConector(\"gcontacts.list\");",
            "E0201",
            "zoho.crm.invokeConector(\"gcontacts.list\")",
            "`zoho.crm.invokeConnector`",
        ),
        ("x = invokeConector(\"gcontacts.list\");", "E0201", "invokeConector", "`invokeConnector`"),
        ("x = billing.totl();", "E0201", "billing.totl", "`billing.total`"),
        ("x = \"a\".tirm();", "E0202", "tirm", "`trim`"),
        ("x = \"a\".nonsense();", "E0202", "nonsense", "reference"),
        ("order(1);", "E0201", "order", "is a variable"),
        ("x = order.ifnull(1);", "E0202", "ifnull", "ifnull(x"),
    ]);
}

#[test]
fn names_of_other_languages_get_the_right_name() {
    finds(&[
        ("x = \"a,b\".split(\",\");", "E0202", "split", "toList"),
        ("x = \"a\".replace(\"a\", \"b\");", "E0202", "replace", "replaceAll"),
        ("x = math.floor(2.5);", "E0201", "math.floor", "x.floor()"),
        ("x = Math.random();", "E0201", "Math.random", "randomNumber"),
        ("x = \"5\".toInt();", "E0202", "toInt", "toLong"),
        ("x = order.keySet();", "E0202", "keySet", "keys()"),
        ("x = \"abc\".substr(1);", "E0202", "substr", "subString"),
        ("order.push(1);", "E0202", "push", "add"),
        ("sleep(5);", "E0201", "sleep", "cannot wait"),
        ("console.log(\"a\");", "E0201", "console.log", "info"),
        ("print(\"a\");", "E0201", "print", "info"),
        ("x = order.length;", "E0202", "length", "size()"),
        ("x = JSON.parse(\"{}\");", "E0201", "JSON.parse", "toMap"),
    ]);
}

#[test]
fn wrong_numbers_of_arguments_are_found() {
    finds(&[
        ("f(a, b) { } x = f(1);", "E0203", "f(1)", "`f(a, b)`"),
        ("x = \"a\".trim(1);", "E0203", "\"a\".trim(1)", "`x.trim()`"),
        ("x = trim();", "E0203", "trim()", "`trim(x)`"),
        ("x = if(true, 1);", "E0203", "if(true, 1)", "if("),
        ("x = ifnull(1);", "E0203", "ifnull(1)", "ifnull("),
        ("invokeConnector();", "E0203", "invokeConnector()", "invokeConnector(api, [data], [options])"),
    ]);
    is_fine(&[
        "x = trim(\"a\"); y = \"a\".trim(); z = Map(); w = List(); v = list({1});",
        "f(a, b) { } x = f(1, 2); y = thisapp.f(1, 2); z = automation.f(1, 2);",
        "x = billing.total(1, 2, 3); y = total();",
        "x = ifnull(null, IF(true, 1, 2));",
        "x = randomNumber(5); y = now(); z = today; w = zoho.currentdate.toString(\"yyyy\");",
    ]);
}

#[test]
fn variables_that_never_have_a_value_are_found() {
    finds(&[
        ("info x;", "E0204", "x", "give it a value"),
        ("info x; x = 1;", "E0204", "x", "first"),
        ("x = x + 1;", "E0204", "x", "first"),
        ("x += 1;", "E0204", "x", "first"),
        ("total = 1; info Total;", "E0204", "Total", "`total`"),
        ("total = 1; info totl;", "E0204", "totl", "`total`"),
        ("if(order == 1) { x = 1; } else { info x; }", "E0204", "x", "first"),
        ("if(order == 1) { x = 1; return; } info x;", "E0204", "x", "first"),
        ("void f() { info order; }", "E0204", "order", ""),
        ("f() { return 1; } x = f;", "E0204", "f", "f(…)"),
        ("m = Map;", "E0204", "Map", "Map()"),
        ("x = undefined;", "E0204", "undefined", "null"),
        ("m = {name: \"a\"};", "E0204", "name", "\"name\""),
        ("x = cusomer.get(\"a\"); customer = 1;", "E0204", "cusomer", "customer"),
        ("x = a.b.c;", "E0204", "a", ""),
        ("a.b = 1;", "E0204", "a", ""),
        ("for each x in list1 { }", "E0204", "list1", ""),
        ("r = invokeurl [ url: adress ];", "E0204", "adress", ""),
    ]);
    is_fine(&[
        "info order;",
        "if(order == 1) { x = 1; } info x;",
        "if(order == 1) { x = 1; } else { x = 2; } info x;",
        "for each i in {1,2} { if(i == 2) { info last; } last = i; }",
        "while(order > 1) { if(a == 1) { break; } a = 1; }",
        "for each i in {1} { x = i; break; } info x; info i;",
        "try { x = 1; y = x; } catch (e) { info e.message; info x; } info e;",
        "f(String a) { b = a; return b; }",
        "m = Map(); m.put(\"a\", 1); m.b = 2; m[\"c\"] = 3;",
        "today = 1; info today;",
    ]);
}

#[test]
fn a_missing_variable_is_named_once() {
    assert_eq!(found_in("info x; info x + x; y = x;", &env()).len(), 1);
}

#[test]
fn a_script_with_unread_parts_is_not_accused_of_missing_variables() {
    let (program, _) = parse("x = 1 +;\ninfo x;");
    assert_eq!(check(&program, &env()), []);
}

#[test]
fn statements_in_the_wrong_place_are_found() {
    finds(&[
        ("break;", "E0205", "break", "for each"),
        ("if(order == 1) { continue; }", "E0205", "continue", "for each"),
        ("void f() { return 1; }", "E0206", "1", "return;"),
        ("f() { } a.F() { } F() { }", "E0207", "F", "another name"),
    ]);
    is_fine(&[
        "for each i in {1} { if(i == 1) { break; } continue; }",
        "void f() { return; } string g() { return \"\"; }",
    ]);
}

#[test]
fn conditions_that_cannot_be_true_or_false_are_found() {
    finds(&[
        ("if(1) { }", "E0208", "1", "compare"),
        ("if(\"a\") { }", "E0208", "\"a\"", "compare"),
        ("if(order + 1) { }", "E0208", "order + 1", "&&"),
        ("while(order - 1) { }", "E0208", "order - 1", "compare"),
        ("if({1,2}) { }", "E0208", "{1,2}", "size"),
        ("x = !5;", "E0208", "5", "compare"),
        ("x = order == 1 || 2;", "E0208", "2", "compare"),
        ("x = if(null, 1, 2);", "E0208", "null", "isNull"),
    ]);
    is_fine(&["if(order) { } if(!order.isEmpty() && isNull(order)) { } while(true) { }"]);
}

#[test]
fn tasks_are_checked() {
    finds(&[
        ("x = lunch [ speed: 1 ];", "E0209", "lunch", "invokeurl"),
        ("x = invokurl [ url: \"u\" ];", "E0209", "invokurl", "`invokeurl`"),
        ("x = invokeurl [ type: GET ];", "E0210", "invokeurl", "url"),
        ("x = invokeurl [ url: \"u\" hedaers: order ];", "E0210", "hedaers", "`headers`"),
        ("x = invokeurl [ url: \"u\" url: \"v\" ];", "E0210", "url", "keep one"),
        ("x = invokeurl [ url: \"u\" type: GETT ];", "E0210", "GETT", "`GET`"),
        ("x = invokeurl [ url: \"u\" method: GET ];", "E0210", "method", "`type`"),
        ("x = order.convertToPDF();", "E0213", "convertToPDF", "invokeurl"),
        ("x = Collection(\"a\":1, 2);", "E0203", "2", "every value a key"),
        ("x = Collection(1, \"a\":2);", "E0203", "\"a\":2", "or none"),
        ("x = Collection(); x.insert();", "E0203", "x.insert()", "x.insert(values)"),
        ("sendmail [ from: \"a\" to: \"b\" ]", "E0210", "sendmail", "subject: "),
        ("sendmail [ from: \"a\" to: \"b\" subject: \"s\" body: \"m\" ]", "E0210", "body", "`message`"),
        ("sendmail [ from: \"a\" to: \"b\" sbject: \"s\" subject: \"t\" ]", "E0210", "sbject", "`subject`"),
        ("sendmail [ from: \"a\" to: \"b\" subject: \"s\" content type: HTLM ]", "E0210", "HTLM", "`HTML`"),
        ("sendmail(order);", "E0210", "sendmail(order)", "sendmail [ "),
        ("x = invokeapi [ service: zohocrm ];", "E0210", "invokeapi", "path: "),
        ("x = invokeapi [ service: zohocrm path: \"x\" url: \"u\" ];", "E0210", "url", "`path`"),
        ("x = invokeurl [ url: \"u\" response-format: PDF ];", "E0210", "PDF", "FILE"),
        ("x = getUrl(\"u\");", "W0330", "getUrl(\"u\")", "invokeurl ["),
        ("x = postUrl(\"u\", Map());", "W0330", "postUrl(\"u\", Map())", "type: POST"),
        ("x = invokeUrl(\"u\", \"GET\");", "W0330", "invokeUrl(\"u\", \"GET\")", "invokeurl ["),
        ("openUrl(\"javascript:alert(1)\", \"new window\");", "E0223", "\"javascript:alert(1)\"", "mailto"),
        ("sendsms [ to: \"1\" message: \"m\" ]", "E0221", "sendsms", "`sms`"),
        ("pushNotification [ to: \"1\" message: \"m\" ]", "E0221", "pushNotification", "`push`"),
        (
            "x = zoho.crm.getRecordById(\"Deals\", 1);",
            "E0221",
            "zoho.crm.getRecordById",
            "examples/connectors/zoho-crm",
        ),
        ("x = intuit.quickbooks.create(\"c\", \"Customer\");", "E0221", "intuit.quickbooks.create", "task: "),
        ("x = zoho.appname.toString();", "E0211", "zoho.appname.toString()", "input"),
        ("x = thisapp.variables.rate;", "E0211", "thisapp.variables.rate", "input"),
        ("x = zoho.appname;", "E0211", "zoho.appname", "input"),
        ("x = zoho.currentdat;", "E0211", "zoho.currentdat", "`zoho.currentdate`"),
    ]);
    is_fine(&[
        "x = invokeurl [ URL: \"u\" type: patch Content-Type: \"a\" response-format: TEXT detailed: true ];",
        "x = invokeapi [ service: zohocrm path: \"v8/Leads\" type: GET ];",
        "sendmail [ from: zoho.adminuserid to: order subject: \"s\" message: \"m\" reply to: \"r\" content type: HTML Attachments: file: order ]",
        "openUrl(\"/help\", \"same window\"); openUrl(order, \"new window\"); openUrl(\"mailto:a@example.com\", \"x\");",
    ]);
}

#[test]
fn integration_tasks_are_checked_against_the_connectors_that_declare_them() {
    let mut catalog = Catalog::of_ids(["zohocrm.read", "sms.send"]);
    catalog.apis[0].task = Some(TaskForm {
        name: "zoho.crm.getRecordById".into(),
        parameters: vec!["module".into(), "id".into(), "options".into()],
        required: 2,
    });
    let env = Environment { catalog: Some(catalog), ..env() };
    let codes = |text: &str| {
        let found = found_in(text, &env);
        found.into_iter().map(|d| (d.code.0, d.help.unwrap_or_default())).collect::<Vec<_>>()
    };
    assert_eq!(
        codes("x = zoho.crm.v8.getRecordByID(\"Deals\", 1); sendsms [ to: \"1\" message: \"m\" ]"),
        []
    );
    assert_eq!(codes("x = intuit.quickbooks.create(1, 2);")[0].0, "E0221");
    let few = codes("x = zoho.crm.getRecordById(\"Deals\");");
    assert_eq!(few[0].0, "E0222");
    assert!(few[0].1.contains("zoho.crm.getRecordById(module, id[, options])"), "{few:?}");
    let near = codes("x = zoho.crm.getRecordsById(\"Deals\", 1);");
    assert!(near[0].0 == "E0221" && near[0].1.contains("`zoho.crm.getRecordById`"), "{near:?}");
    assert_eq!(found_in("x = zoho.crm.nothing(1);", &Environment::default()), []);
}

#[test]
fn connectors_that_are_not_installed_are_found() {
    finds(&[
        ("x = invokeConnector(\"gcontact.list\");", "E0212", "\"gcontact.list\"", "`gcontacts`"),
        ("x = invokeConnector(\"gcontacts.lst\");", "E0212", "\"gcontacts.lst\"", "`gcontacts.list`"),
        ("x = invokeConnector(\"gcontacts\");", "E0212", "\"gcontacts\"", "connector.api"),
        ("authorize(\"gcontact\");", "E0212", "\"gcontact\"", "`gcontacts`"),
        ("x = zoho.crm.isConnectorAuthorized(\"slack\");", "E0212", "\"slack\"", "drive, gcontacts"),
        ("x = invokeurl [ url: \"u\" connection: \"gcontact\" ];", "E0212", "\"gcontact\"", "`gcontacts`"),
    ]);
    is_fine(&[
        "x = invokeConnector(\"gcontacts.list\", Map()); y = invokeConnector(\"drive.files.list\"); authorize(\"drive\");",
        "x = invokeConnector(order);",
    ]);
    assert_eq!(found_in("x = invokeConnector(\"no.such\");", &Environment::default()), []);
}

#[test]
fn code_that_is_never_reached_is_warned_about_once() {
    for text in [
        "return; x = 1; y = 2;",
        "f() { if(true) { return 1; } else { throw \"a\"; } x = 1; }",
        "for each i in {1} { break; x = i; }",
    ] {
        let found = found_in(text, &env());
        assert_eq!(found.iter().map(|d| d.code.0).collect::<Vec<_>>(), ["W0302"], "{text}");
        assert!(!found[0].is_error());
    }
    is_fine(&["if(order == 1) { return; } x = 1;", "for each i in {1} { break; } x = 1;", "return;;"]);
}

#[test]
fn while_is_warned_about_in_the_dialect_that_lacks_it() {
    let text = "while(order) { order = false; }";
    is_fine(&[text]);
    let crm = Environment { dialect: Dialect::Crm, ..env() };
    assert_eq!(found_in(text, &crm).iter().map(|d| d.code.0).collect::<Vec<_>>(), ["W0304"]);
}

#[test]
fn the_deepest_tree_is_checked_on_a_small_stack() {
    let chain = |part: &str, n: usize| format!("a = 1; x = a{};", part.repeat(n));
    let texts = vec![
        chain(" + a", 990),
        chain(".trim()", 990),
        chain("[a]", 990),
        format!("x = {}1;", "!".repeat(990)),
        format!("x = {}1{};", "if(true, 1, ".repeat(95), ")".repeat(95)),
        format!("x = {}1{};", "{\"a\": {1, ".repeat(45), "}}".repeat(45)),
        format!("{}{}", "if(true) { for each x in {1} { ".repeat(45), "}}".repeat(45)),
    ];
    let run = move || {
        for text in texts {
            let (program, diagnostics) = parse(&text);
            assert!(diagnostics.is_empty(), "{diagnostics:?}");
            check(&program, &Environment::default());
        }
    };
    std::thread::Builder::new().stack_size(1 << 20).spawn(run).unwrap().join().unwrap();
}
