//! `sluis check`.

use crate::home::{Home, example};

#[test]
fn good_scripts_are_answered_with_silence() {
    let ended = Home::new().run(&["check", &example("scripts/hello.dg"), &example("scripts/functions.dg")]);
    assert_eq!((ended.code, ended.out.as_str(), ended.err.as_str()), (0, "", ""));
}

#[test]
fn json_holds_code_place_and_help_of_every_problem() {
    let home = Home::new();
    let file = home.file("a.dg", "info 1;\ninfo unknown_thing(1);\ninfo \"x\".trimm();\n");
    let ended = home.run(&["check", &file, "--format", "json"]);
    assert_eq!(ended.code, 2, "{}", ended.err);
    let reports: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(reports[0]["file"], file.as_str());
    let found = reports[0]["diagnostics"].as_array().unwrap();
    let of = |code: &str| {
        found.iter().find(|d| d["code"] == code).unwrap_or_else(|| panic!("{code} in {found:?}"))
    };
    assert_eq!((&of("E0201")["span"]["line"], &of("E0202")["span"]["line"]), (&2.into(), &3.into()));
    assert!(of("E0202")["help"].as_str().unwrap().contains("trim"));
    assert_eq!(of("E0202")["severity"], "error");
}

#[test]
fn a_check_makes_no_store() {
    let home = Home::new();
    let ended = home.pipe(&["check", "-"], "info invokeConnector(\"nothing.here\");");
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert!(!home.has_store());
}

#[test]
fn connector_ids_are_checked_where_there_is_a_store() {
    let home = Home::new();
    assert_eq!(home.run(&["connector", "release", &example("connectors/gcontacts/connector.yaml")]).code, 0);
    let ended = home.pipe(&["check", "-"], "info invokeConnector(\"gcontacts.pushcontakt\");");
    assert_eq!(ended.code, 2, "{}", ended.err);
    assert!(ended.err.contains("E0212") && ended.err.contains("gcontacts.pushcontact"), "{}", ended.err);
}

#[test]
fn dialect_crm_warns_of_what_zoho_does_not_know() {
    let script = "i = 0; while(i < 2) { i = i + 1; }";
    let ended = Home::new().pipe(&["check", "-", "--dialect", "crm"], script);
    assert_eq!(ended.code, 0);
    assert!(ended.err.contains("W0304"), "{}", ended.err);
    assert_eq!(Home::new().pipe(&["check", "-"], script).err, "");
}
