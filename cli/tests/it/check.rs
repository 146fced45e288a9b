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

#[test]
fn a_folder_is_checked_whole_and_a_file_that_cannot_be_read_hides_no_other() {
    let home = Home::new();
    std::fs::create_dir_all(home.path("scripts/deep/.hidden")).unwrap();
    home.file("scripts/one.dg", "info nosuch;\n");
    home.file("scripts/deep/two.dg", "info nosuch2;\n");
    home.file("scripts/deep/.hidden/three.dg", "info nosuch3;\n");
    home.file("scripts/deep/notes.txt", "not a script");
    std::fs::write(home.path("scripts/broken.dg"), [0xff, 0xfe, 0xfd]).unwrap();
    let ended = home.run(&["check", "scripts", "missing.dg", "scripts/one.dg"]);
    assert_eq!(ended.code, 2, "{}", ended.err);
    for said in ["nosuch`", "nosuch2`", "broken.dg is not UTF-8", "missing.dg cannot be read", "2 errors;"] {
        assert!(ended.err.contains(said), "{said}\n{}", ended.err);
    }
    assert!(!ended.err.contains("nosuch3"), "{}", ended.err);
    assert_eq!(ended.err.matches("sluis explain").count(), 1, "{}", ended.err);
    assert_eq!(home.run(&["check", "missing.dg"]).code, 3);
}

#[test]
fn syntax_alone_ends_with_0_or_2() {
    let home = Home::new();
    assert_eq!(home.pipe(&["check", "-", "--syntax"], "info nosuch(1); break;").code, 0);
    let ended = home.pipe(&["check", "-", "--syntax"], "info (1;");
    assert_eq!(ended.code, 2);
    assert!(ended.err.contains("E0105"), "{}", ended.err);
}

#[test]
fn what_certainly_faults_is_an_error_of_a_check_but_does_not_stop_a_run() {
    let home = Home::new();
    let script = "info 1;\nname = \"Ada\";\nif(1 == 2) { name.put(\"a\", 1); }\n";
    let ended = home.pipe(&["check", "-"], script);
    assert_eq!(ended.code, 2, "{}", ended.err);
    assert!(ended.err.contains("E0216") && ended.err.contains("a text has no method `put`"), "{}", ended.err);
    let ran = home.pipe(&["run", "-"], script);
    assert_eq!((ran.code, ran.out.as_str()), (0, "1\n"), "{}", ran.err);
}

#[test]
fn warnings_stop_a_check_only_where_they_are_denied() {
    let home = Home::new();
    assert_eq!(home.pipe(&["check", "-"], "unused = 1;").code, 0);
    assert_eq!(home.pipe(&["check", "-", "--deny-warnings"], "unused = 1;").code, 2);
}

#[test]
fn safe_fixes_are_made_and_shown_and_others_are_left() {
    let home = Home::new();
    let text = "\u{feff}x = 1\nif(x = 1)\n{\n\tinfo \"a(b\".replaceAll(\"(\", \"\").tirm();\n}\n";
    let file = home.file("a.dg", text);
    let shown = home.run(&["check", &file, "--fix", "--diff"]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text, "a diff writes nothing");
    for line in ["-x = 1\n", "+x = 1;\n", "-if(x = 1)\n", "+if(x == 1)\n"] {
        assert!(shown.err.contains(line), "{line}\n{}", shown.err);
    }
    let ended = home.run(&["check", &file, "--fix"]);
    assert_eq!(ended.code, 2, "the misspelt method stays: {}", ended.err);
    let mended = std::fs::read_to_string(&file).unwrap();
    let wanted = "\u{feff}x = 1;\nif(x == 1)\n{\n\tinfo \"a(b\".replaceAll(\"(\", \"\", true).tirm();\n}\n";
    assert_eq!(mended, wanted);
    assert!(ended.err.contains("3 fixes") && !ended.err.contains("E0102"), "{}", ended.err);
    let piped = home.pipe(&["check", "-", "--fix"], "info 1");
    assert_eq!((piped.code, piped.out.as_str()), (0, "info 1;"));
}

#[test]
fn a_secret_is_told_of_but_shown_nowhere() {
    let home = Home::new();
    let token = ["4b1d6f3a", "5c8e7f0a", "2c9e8f7d"].concat();
    let script = format!("x = {{\"client_secret\": \"{token}\"}}\ninfo x;\n");
    home.file("a.dg", &script);
    for args in [
        vec!["check", "a.dg"],
        vec!["check", "a.dg", "--format", "json"],
        vec!["check", "a.dg", "--format", "sarif"],
        vec!["check", "a.dg", "--diff"],
    ] {
        let ended = home.run(&args);
        assert!((ended.out.clone() + &ended.err).contains("W0312"), "{args:?}: {ended:?}");
        assert!(!(ended.out + &ended.err).contains(&token), "{args:?}");
    }
}

#[test]
fn sarif_holds_rules_places_fixes_and_relative_addresses() {
    let home = Home::new();
    std::fs::create_dir(home.path("my scripts")).unwrap();
    home.file("my scripts/a.dg", "x = 1;\nif(x = 1) { info \"é\".tirm(); }\n");
    let ended = home.run(&["check", "my scripts", "--format", "sarif"]);
    assert_eq!(ended.code, 2, "{}", ended.err);
    let log: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let ids: Vec<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["E0202", "W0301"]);
    assert!(rules[0]["help"]["markdown"].as_str().unwrap().contains("## The mend"));
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 2);
    assert_eq!((&results[0]["ruleId"], &results[0]["level"]), (&"W0301".into(), &"warning".into()));
    let place = &results[1]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "my%20scripts/a.dg");
    let region = &place["region"];
    assert_eq!(
        (&region["startLine"], &region["startColumn"], &region["endColumn"]),
        (&2.into(), &22.into(), &26.into())
    );
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(ids[index], result["ruleId"]);
        let change = &result["fixes"][0]["artifactChanges"][0];
        assert!(change["replacements"][0]["insertedContent"]["text"].is_string());
    }
    assert_eq!(ended.out, home.run(&["check", "my scripts", "--format", "sarif"]).out, "the order is stable");
}

#[test]
fn variables_of_connector_calls_are_checked_against_the_release_with_a_link() {
    let home = Home::new();
    assert_eq!(home.run(&["connector", "release", &example("connectors/gcontacts/connector.yaml")]).code, 0);
    let script =
        "info invokeConnector(\"gcontacts.pushcontact\", {\"First_Nam\": \"Ada\", \"Last_Name\": \"L\"});";
    let ended = home.pipe(&["check", "-"], script);
    assert_eq!(ended.code, 2, "{}", ended.err);
    for said in [
        "E0214",
        "needs the variable `Email_ID`",
        "W0305",
        "did you mean `First_Name`?",
        "http://127.0.0.1:7880/",
    ] {
        assert!(ended.err.contains(said), "{said}\n{}", ended.err);
    }
}

#[test]
fn variables_that_only_a_template_names_are_known_too() {
    let home = Home::new();
    let definition = "sluis: 1\nnamespace: words\nservice: { name: Words, api_version: v1 }\nauth: { scheme: none }\n\
                      hosts: [\"api.example.com\"]\napis:\n  find:\n    method: GET\n    \
                      url: https://api.example.com/find\n    query: { q: \"${Word}\" }\n    effect: read\n";
    let file = home.file("connector.yaml", definition);
    let released = home.run(&["connector", "release", &file]);
    assert_eq!(released.code, 0, "{}", released.err);
    let check = |script: &str| home.pipe(&["check", "-"], script).err;
    assert_eq!(check("info invokeConnector(\"words.find\", {\"Word\": \"x\"});"), "");
    let lacking = check("info invokeConnector(\"words.find\", Map());");
    assert!(lacking.contains("E0214") && lacking.contains("`Word`"), "{lacking}");
}

#[cfg(unix)]
#[test]
fn functions_that_the_organisation_has_stored_are_known() {
    let home = Home::new();
    crate::serve::store_function(&home, "acme", "greeting.greet", "return \"hello \" + name;");
    let script = home.file("a.dg", "info greeting.greet(\"Ada\"); info greeting.gret(\"Ada\");");
    let ended = home.run(&["check", &script, "--org", "acme"]);
    assert!(
        ended.err.contains("greeting.gret`") && !ended.err.contains("`greeting.greet` is"),
        "{}",
        ended.err
    );
    assert!(ended.err.contains("did you mean `greeting.greet`"), "{}", ended.err);
    assert!(ended.err.contains("1 error"), "{}", ended.err);
    let ended = home.run(&["check", &script, "--org", "acne"]);
    assert!(ended.err.contains("did you mean `acme`?"), "{}", ended.err);
}
