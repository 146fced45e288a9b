//! `sluis run`.

use crate::home::{Home, example};

#[test]
fn hello_runs_with_nothing_set_up_and_makes_no_store() {
    let home = Home::new();
    let ended = home.run(&["run", &example("scripts/hello.dg")]);
    assert_eq!(
        (ended.code, ended.out.as_str(), ended.err.as_str()),
        (0, "Hello, Ada!\nHello, Alan!\nHello, Grace!\n", "")
    );
    assert!(!home.has_store());
}

#[test]
fn an_uncaught_fault_is_drawn_and_ends_with_1() {
    let home = Home::new();
    let ended = home.run(&["run", &home.file("a.dg", "info \"before\";\nx = 1 / 0;\ninfo \"after\";\n")]);
    assert_eq!((ended.code, ended.out.as_str()), (1, "before\n"), "{}", ended.err);
    assert!(ended.err.contains("E0408") && ended.err.contains("a.dg:2:"), "{}", ended.err);
}

#[test]
fn five_syntax_errors_are_all_reported_and_end_with_2() {
    let home = Home::new();
    let script = "x = ;\ny = 1 +;\nif(x > ) { }\nz = {1, ;\ninfo \"a\" \"b\";\nfor each in x { }\n";
    let ended = home.run(&["run", &home.file("bad.dg", script)]);
    assert_eq!((ended.code, ended.out.as_str()), (2, ""), "{}", ended.err);
    let drawn = ended.err.matches("Error:").count();
    assert!(drawn >= 5, "{drawn} errors in\n{}", ended.err);
    for line in 1..=5 {
        assert!(ended.err.contains(&format!("bad.dg:{line}:")), "line {line} in\n{}", ended.err);
    }
}

#[test]
fn a_store_that_cannot_be_used_is_no_fault_of_the_script_and_ends_with_3() {
    let home = Home::new();
    std::fs::create_dir_all(home.path("data")).unwrap();
    home.file("data/sluis.redb", "this is no store");
    let script = home.file("a.dg", "info 1;\nx = isAuthorized(\"gcontacts\");\n");
    let data = home.path("data");
    let ended = home.run(&["--data-dir", data.to_str().unwrap(), "run", &script]);
    assert_eq!((ended.code, ended.out.as_str()), (3, "1\n"), "{}", ended.err);
    assert!(ended.err.contains("sluis.redb"), "{}", ended.err);
}

#[test]
fn a_missing_file_ends_with_3_and_says_which() {
    let ended = Home::new().run(&["run", "nowhere.dg"]);
    assert_eq!(ended.code, 3);
    assert!(ended.err.contains("nowhere.dg cannot be read"), "{}", ended.err);
}

#[test]
fn a_function_of_the_file_is_called_with_arguments_by_name() {
    let home = Home::new();
    let file = example("scripts/functions.dg");
    let ended = home.run(&["run", &file, "--call", "greet", "--arg", "name=Ada Lovelace", "--json"]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    let record: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!((&record["status"], &record["value"]), (&"done".into(), &"Hello, Ada Lovelace!".into()));
    let ended = home.run(&["run", &file, "--call", "invoice", "--arg", "prices=[19.90, 5, 0.1]", "--json"]);
    let record: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(record["output"], serde_json::json!(["3 items", "Hello, customer!"]), "{record}");
    assert!(record.get("source").is_none());
}

#[test]
fn a_wrong_way_to_begin_ends_with_2_and_says_what_there_is() {
    let home = Home::new();
    let file = example("scripts/functions.dg");
    let ended = home.run(&["run", &file, "--call", "great"]);
    assert_eq!(ended.code, 2);
    assert!(ended.err.contains("greet"), "{}", ended.err);
    let ended = home.run(&["run", &file]);
    assert_eq!(ended.code, 2);
    assert!(ended.err.contains("--call"), "{}", ended.err);
    let ended = home.run(&["run", &file, "--call", "greet", "--arg", "nothing"]);
    assert_eq!(ended.code, 2);
    assert!(ended.err.contains("name=value"), "{}", ended.err);
}

#[test]
fn a_script_comes_from_standard_input_with_variables_from_the_command_line() {
    let ended = Home::new().pipe(&["run", "-", "--arg", "n=5"], "info n * 2;");
    assert_eq!((ended.code, ended.out.as_str()), (0, "10\n"), "{}", ended.err);
}

#[test]
fn an_unknown_function_is_answered_with_the_one_that_was_meant() {
    let ended = Home::new().pipe(&["run", "-"], "info \" a \".trimm();");
    assert_eq!(ended.code, 2);
    assert!(ended.err.contains("did you mean") && ended.err.contains("trim"), "{}", ended.err);
}

#[test]
fn fuel_ends_a_loop_that_does_not_end() {
    let ended = Home::new().pipe(&["run", "-", "--fuel", "10000"], "x = 0; while(true) { x = x + 1; }");
    assert_eq!(ended.code, 1);
    assert!(ended.err.contains("E0501"), "{}", ended.err);
}

#[test]
fn a_reader_that_goes_away_is_no_reason_to_panic() {
    let home = Home::new();
    let file =
        home.file("many.dg", "i = 0; while(i < 20000) { info \"a line that fills the pipe\"; i = i + 1; }");
    let mut child = home
        .command(&["run", &file])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ended = crate::home::ended(child.wait_with_output().unwrap());
    assert_eq!((ended.code, ended.err.as_str()), (0, ""));
}

#[test]
fn an_unauthorized_connector_faults_with_who_can_mend_it() {
    let home = Home::new();
    let released = home.run(&["connector", "release", &example("connectors/gcontacts/connector.yaml")]);
    assert_eq!(released.code, 0, "{}", released.err);
    let ended = home.run(&["run", &example("scripts/push_contact.dg")]);
    assert_eq!(ended.code, 1, "{}", ended.err);
    assert!(ended.err.contains("not authorized") && ended.err.contains("sluis authorize"), "{}", ended.err);
    let ended = home.pipe(&["run", "-"], "info invokeConnector(\"gcontact.pushcontact\");");
    assert_eq!(ended.code, 1, "{}", ended.err);
    assert!(ended.err.contains("did you mean `gcontacts`?"), "{}", ended.err);
}
