//! Choosing operations, and files that are too large.

use crate::draft;
use serde_json::{Map, Value, json};
use sluis_import::{ImportError, Selection};

fn only(names: &[&str]) -> Selection {
    Selection { only: names.iter().map(|name| (*name).to_owned()).collect() }
}

#[test]
fn operations_are_chosen_by_id_name_tag_and_beginning() {
    let operation = |id: &str, tag: &str| json!({ "operationId": id, "tags": [tag] });
    let paths = json!({ "/a": { "get": operation("issues/list-all", "Issues"), "put": operation("issues/lock", "Locks"), "post": operation("other", "x") } });
    let draft = draft(&paths, &json!({}));
    let names = |selection: &Selection| -> Vec<String> {
        draft.connector(selection).unwrap().definition.apis.into_keys().collect()
    };
    assert_eq!(names(&only(&["issues/list-all"])), ["issues.list_all"]);
    assert_eq!(names(&only(&["issues.lock"])), ["issues.lock"]);
    assert_eq!(names(&only(&["tag:issues", "other"])), ["issues.list_all", "other"]);
    assert_eq!(names(&only(&["issues/*"])), ["issues.list_all", "issues.lock"]);
    let error = draft.connector(&only(&["isues.lock"])).unwrap_err();
    assert!(error.help().unwrap().contains("did you mean `issues.lock`?"), "{error:?}");
}

#[test]
fn a_file_that_would_be_too_large_names_groups_to_choose_from() {
    let properties: Map<String, Value> =
        (0..60).map(|n| (format!("field_{n}"), json!({ "type": "string" }))).collect();
    let operation = json!({ "tags": ["bulk"], "requestBody": { "content": { "application/json": { "schema": { "properties": properties } } } } });
    let paths: Map<String, Value> =
        (0..200).map(|n| (format!("/p{n}"), json!({ "post": operation }))).collect();
    let draft = draft(&Value::Object(paths), &json!({}));
    let error = draft.connector(&Selection::default()).unwrap_err();
    assert!(matches!(error, ImportError::TooLarge { operations: 200, .. }), "{error:?}");
    assert!(error.help().unwrap().contains("tag:bulk (200)"));
    assert_eq!(draft.connector(&only(&["post_p10*"])).unwrap().definition.apis.len(), 11);
}

#[test]
fn where_nothing_can_be_imported_the_first_reason_is_told() {
    let draft = draft(&json!({ "/a": { "trace": {} } }), &json!({}));
    let error = draft.connector(&Selection::default()).unwrap_err();
    assert!(error.to_string().contains("TRACE"), "{error}");
}
