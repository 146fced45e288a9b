//! `sluis doc`.

use crate::home::Home;

#[test]
fn a_page_shows_signature_text_and_examples() {
    let ended = Home::new().run(&["doc", "SUBSTRING"]);
    assert_eq!((ended.code, ended.err.as_str()), (0, ""));
    assert!(ended.out.starts_with("text.substring(start: number, [end: number]) → text\n"), "{}", ended.out);
    assert!(ended.out.contains("Also: ") && ended.out.contains("  →  Del\n"), "{}", ended.out);
}

#[test]
fn a_name_of_several_receivers_shows_all_of_them() {
    let out = Home::new().run(&["doc", "contains"]).out;
    assert!(out.contains("text.contains(") && out.contains("list/map.contains("), "{out}");
}

#[test]
fn statements_tasks_and_host_calls_have_pages() {
    for (name, beginning) in [
        ("for each", "for each name in list"),
        ("invokeurl", "invokeurl [ "),
        ("zoho.crm.invokeConnector", "invokeConnector(api, [data], [options])"),
        ("zoho.currentdate", "zoho.currentdate\n"),
    ] {
        let ended = Home::new().run(&["doc", name]);
        assert!(ended.code == 0 && ended.out.starts_with(beginning), "{name}: {}", ended.out);
    }
    assert_eq!(Home::new().run(&["doc", "for", "each"]).code, 0);
}

#[test]
fn an_unknown_name_is_answered_with_the_one_that_was_meant() {
    let ended = Home::new().run(&["doc", "substrng"]);
    assert_eq!((ended.code, ended.out.as_str()), (2, ""));
    assert!(ended.err.contains("did you mean `substring`?"), "{}", ended.err);
    assert_eq!(Home::new().run(&["doc", "qqqqqqqqqqqq"]).code, 2);
}

#[test]
fn without_a_name_everything_is_listed_by_topic() {
    let out = Home::new().run(&["doc"]).out;
    for part in ["Statements\n", "Text\n", "substring", "for each", "invokeurl"] {
        assert!(out.contains(part), "{part} is not in {out}");
    }
}

#[test]
fn json_holds_the_pages() {
    let json = |args: &[&str]| serde_json::from_str::<serde_json::Value>(&Home::new().run(args).out).unwrap();
    let pages = json(&["doc", "trim", "--format", "json"]);
    assert_eq!((&pages[0]["name"], &pages[0]["kind"]), (&"trim".into(), &"built-in".into()));
    assert!(pages[0]["examples"][0]["source"].is_string(), "{pages}");
    assert!(json(&["doc", "--format", "json"]).as_array().unwrap().len() > 150);
}
