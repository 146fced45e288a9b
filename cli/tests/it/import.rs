//! `sluis connector import …`.

use crate::home::Home;

const PETS: &str = r#"
openapi: 3.0.3
info: { title: Pets, version: "1" }
servers: [{ url: https://pets.example.com }]
paths:
  /pets:
    get: { operationId: listPets, summary: Lists pets, parameters: [{ name: page, in: query }] }
    post:
      operationId: sendPet
      requestBody: { $ref: '#/components/requestBodies/gone' }
"#;

#[test]
fn a_scan_lists_operations_and_why_some_cannot_be_imported() {
    let home = Home::new();
    let ended = home.run(&["connector", "import", "openapi", &home.file("pets.yaml", PETS), "--scan"]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert!(ended.out.contains("yes  listPets  GET     /pets\n"), "{}", ended.out);
    assert!(
        ended.out.contains("no   sendPet   POST    /pets\n      its body is not described"),
        "{}",
        ended.out
    );
    assert!(ended.out.contains("answers page by page"), "{}", ended.out);
    assert!(ended.err.contains("1 of 2 operations of OpenAPI 3.0.3 can be imported"), "{}", ended.err);
}

#[test]
fn what_is_imported_passes_the_check_and_can_be_released() {
    let home = Home::new();
    let file = home.file("pets.yaml", PETS);
    let out = home.path("connector.yaml").display().to_string();
    let import = ["connector", "import", "openapi", &file, "--namespace", "zoo", "--out", &out];
    let ended = home.run(&import);
    assert_eq!((ended.code, ended.out.as_str()), (0, ""), "{}", ended.err);
    assert!(ended.err.contains("sendPet is left out: its body is not described"), "{}", ended.err);
    assert!(ended.err.contains("zoo: 1 of 2 operations are imported"), "{}", ended.err);
    assert_eq!(home.run(&["connector", "check", &out]).code, 0);
    assert!(home.run(&["connector", "release", &out]).err.contains("zoo 1 is released"));
    let again = home.run(&import);
    assert_eq!(again.code, 2, "{}", again.err);
    assert!(again.err.contains("is there already"), "{}", again.err);
}

#[test]
fn an_operation_that_is_not_there_is_answered_with_the_one_that_was_meant() {
    let home = Home::new();
    let file = home.file("pets.yaml", PETS);
    let ended = home.run(&["connector", "import", "openapi", &file, "--only", "listPet"]);
    assert_eq!(ended.code, 2);
    assert!(ended.err.contains("did you mean `listPets`?"), "{}", ended.err);
    let ended = home.run(&["connector", "import", "openapi", &file, "--only", "sendPet"]);
    assert!(ended.err.contains("none of the 1 operations can be imported"), "{}", ended.err);
    assert_eq!(home.run(&["connector", "import", "postman", &file]).code, 2);
    assert_eq!(home.run(&["connector", "import", "openapi", "nowhere.yaml"]).code, 3);
}

#[test]
fn a_line_of_curl_becomes_a_file_without_its_token() {
    let home = Home::new();
    let line =
        "curl https://api.example.com/pets -H 'Authorization: Bearer s3cr3t' --json '{\"name\": \"Rex\"}'";
    let ended = home.pipe(&["connector", "import", "curl", "-"], line);
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert!(!ended.out.contains("s3cr3t"), "{}", ended.out);
    let file = home.file("connector.yaml", &ended.out);
    assert_eq!(home.run(&["connector", "check", &file]).code, 0);
    assert_eq!(home.run(&["connector", "import", "curl", line]).out, ended.out);
}
