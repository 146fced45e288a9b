//! What is offered at which place; `‸` is the cursor.

use super::*;
use crate::ide::marked::at_cursor;

fn at(text: &str) -> Vec<Completion> {
    let (document, offset) = at_cursor(text);
    completions(&document, offset)
}

fn labels(text: &str) -> Vec<String> {
    at(text).into_iter().map(|item| item.label).collect()
}

fn has(text: &str, label: &str) -> bool {
    labels(text).iter().any(|found| found == label)
}

#[test]
fn methods_fit_the_kind_of_their_receiver() {
    for (text, yes, no) in [
        ("x = \"a\".‸", "toUpperCase", "put"),
        ("m = Map();\nm.‸", "put", "toUpperCase"),
        ("m = Map();\nm.pu‸;\ninfo 1;", "put", "addDay"),
        ("l = {1, 2};\nx = l.‸", "get", "toUpperCase"),
        ("x = zoho.currentdate.‸", "addDay", "put"),
        ("x = \"a\".toUpperCase().‸", "trim", "put"),
        ("void f(string s) { x = s.‸ }", "trim", "put"),
        ("m = Map();\nif (m.‸\n{ info 1; }", "containKey", "trim"),
        ("m = {\"a\": 1};\nx = f(1, m.‸", "keys", "trim"),
    ] {
        assert!(has(text, yes), "{text}: {yes} is missing");
        assert!(!has(text, no), "{text}: {no} does not fit");
    }
    let of_date = labels("x = zoho.currentdate.‸");
    let place = |name: &str| of_date.iter().position(|label| label == name);
    assert!(place("addDay") < place("toUpperCase"), "what is made for dates comes first: {of_date:?}");
    assert!(has("x = unknown.‸", "put") && has("x = unknown.‸", "trim"), "anything may fit the unknown");
    assert!(has("try { } catch (e) { info e.‸ }", "message"));
}

#[test]
fn variables_functions_and_built_ins_begin_a_value() {
    let text = "// Says hello.\nstring greet(string name) { inner = 1; return name; }\nouter = 2;\nx = ‸";
    for label in ["outer", "greet", "Map", "ifnull", "zoho.currentdate", "true"] {
        assert!(has(text, label), "{label}");
    }
    assert!(!has(text, "inner") && !has(text, "name"), "variables of functions stay there");
    let inside = "string greet(string name) { inner = 1; x = ‸ }\nouter = 2;";
    assert!(has(inside, "inner") && has(inside, "name") && !has(inside, "outer"));
    let greet = at(text).into_iter().find(|item| item.label == "greet").unwrap();
    assert_eq!(greet.doc.as_deref(), Some("Says hello."));
    assert_eq!(greet.snippet.as_deref(), Some("greet(${1:name})$0"));
    assert!(has("‸", "for each") && !has("x = ‸", "for each"));
}

#[test]
fn what_is_being_typed_is_not_offered_as_a_variable() {
    assert!(!has("count = 1;\nco‸", "co"));
    assert!(has("count = 1;\nco‸", "count"));
}

#[test]
fn a_dotted_name_is_completed_segment_by_segment() {
    let zoho = labels("x = zoho.‸");
    assert!(zoho.iter().any(|l| l == "crm") && zoho.iter().any(|l| l == "currentdate"), "{zoho:?}");
    assert!(!zoho.iter().any(|l| l == "trim"), "{zoho:?}");
    assert!(has("x = zoho.crm.‸", "invokeConnector"));
    assert!(has("x = zoho.encryption.‸", "urlEncode"));
    assert!(has("void tools.f() { }\ntools.‸", "f"));
}

#[test]
fn keys_that_the_file_uses_are_offered_where_a_key_stands() {
    let text = "m = {\"name\": 1, \"age\": 2};\nn = Map();\nn.put(\"other\", 1);\nx = m.get(\"‸\");";
    let found = at(text);
    let labels: Vec<_> = found.iter().map(|item| item.label.as_str()).collect();
    assert_eq!(labels, ["age", "name", "other"], "those of the variable come first");
    assert_eq!(found[0].detail, "key of m");
    assert!(has("m.put(\"name\", 1);\nx = m.get(\"na‸", "name"), "the text may be unclosed");
    assert!(labels_are_empty("m.put(\"name\", 1);\nx = \"‸\";"));
    assert!(labels_are_empty("m.put(\"name\", 1);\nm.put(\"a\", \"‸\");"), "a value is no key");
}

fn labels_are_empty(text: &str) -> bool {
    labels(text).is_empty()
}

#[test]
fn connector_ids_and_their_variables_are_offered() {
    let ids = labels("r = zoho.crm.invokeConnector(\"‸\", m);");
    assert_eq!(ids, ["gcontacts.listcontacts", "gcontacts.pushcontact"]);
    assert_eq!(labels("authorize(\"g‸"), ["gcontacts"]);
    assert_eq!(labels("r = invokeurl [ url: u connection: \"‸\" ]"), ["gcontacts"]);
    for text in [
        "r = invokeConnector(\"gcontacts.pushcontact\", {\"‸\": 1});",
        "r = invokeConnector(\"gcontacts.pushcontact\", {\"First_Name\": 1, \"‸",
        "d = Map();\nd.put(\"‸\", 1);\nr = invokeConnector(\"gcontacts.pushcontact\", d);",
        "d = {\"‸\": 1};\nr = zoho.crm.invokeConnector(\"gcontacts.pushcontact\", d);",
    ] {
        assert_eq!(labels(text), ["First_Name", "Phone"], "{text}");
    }
    let quoted = at("r = invokeConnector(\"gcontacts.pushcontact\", {‸});");
    assert_eq!(quoted[0].insert, "\"First_Name\"");
    let nested = "r = invokeConnector(\"gcontacts.pushcontact\", {\"Phone\": {\"‸\"}});";
    assert!(!has(nested, "First_Name"), "an inner map is not the data of the call");
}

#[test]
fn a_task_offers_the_keys_it_lacks_and_the_words_of_its_values() {
    let keys = labels("r = invokeurl [ url: u\n ‸ ]");
    assert!(keys.iter().any(|key| key == "type") && !keys.iter().any(|key| key == "url"), "{keys:?}");
    assert!(has("r = invokeurl [ type: ‸ ]", "POST"));
    assert!(has("u = 1;\nr = invokeurl [ url: ‸ ]", "u"));
    assert!(has("r = invokeurl [\n\turl: \"a\"\n\thea‸", "headers"), "the task may be unclosed");
}

#[test]
fn nothing_is_offered_in_comments_and_for_new_names() {
    for text in ["// x.‸", "/* ‸ */", "for each ‸", "x = 12‸"] {
        assert!(labels_are_empty(text), "{text}");
    }
}

#[test]
fn a_called_name_gets_no_second_pair_of_brackets() {
    let item = at("m = Map();\nm.pu‸(1, 2);").into_iter().find(|item| item.label == "put").unwrap();
    assert_eq!((item.insert.as_str(), item.snippet), ("put", None));
}

#[test]
fn any_place_of_any_beginning_of_a_script_can_be_completed() {
    let text = "// ä\nstring f(string a) { return a.get(\"é\"); }\nm = {\"k\": [1, 'x']};\n\
                r = invokeurl [ url: \"😀\" type: GET ];\nif (m.get(\"k\") != null) { info f(m.‸";
    for end in (0..text.len()).filter(|at| text.is_char_boundary(*at)) {
        let document = crate::ide::marked::document(&text[..end]);
        for at in [end, end / 2, end.saturating_sub(1)].map(|at| at as u32) {
            completions(&document, at);
            crate::ide::hover(&document, at);
            crate::ide::signatures(&document, at);
            crate::ide::references(&document, at);
        }
    }
}
