//! What is answered to each question.

use crate::client::{Client, URI};
use serde_json::{Value, json};

const SCRIPT: &str = "\
// Greets.
string greet(string name)
{
\treturn \"Hello \" + name.trim();
}
m = Map();
m.put(\"name\", greet(\"Ada\"));
info m.get(\"name\");
r = zoho.crm.invokeConnector(\"gcontacts.pushcontact\", m);
info r;
";

fn labels(answer: &Value) -> Vec<String> {
    answer["result"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["label"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn completion_knows_what_stands_before_the_cursor() {
    let (mut client, diagnostics) = Client::with(SCRIPT);
    let codes: Vec<_> = diagnostics.as_array().unwrap().iter().map(|d| d["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["W0305", "E0214", "E0214"], "the API lacks its variables");
    assert_eq!(diagnostics[0]["codeDescription"]["href"], "https://example.com/doc");
    client.edit((9, 0), (9, 0), "m.");
    let methods = client.about("textDocument/completion", (9, 2));
    let found = labels(&methods);
    assert!(found.contains(&"put".into()) && !found.contains(&"addDay".into()), "{found:?}");
    let put = methods["result"].as_array().unwrap().iter().find(|item| item["label"] == "put").unwrap();
    assert_eq!(put["textEdit"]["newText"], "put(${1:key}, ${2:value})$0");
    assert_eq!(put["insertTextFormat"], 2);
    assert!(put["documentation"]["value"].as_str().unwrap().len() > 10);

    client.edit((9, 2), (9, 2), "put(\"\")");
    let keys = client.about("textDocument/completion", (9, 7));
    assert_eq!(
        labels(&keys)[..2],
        ["First_Name", "Last_Name"],
        "the variables of the API that `m` is passed to"
    );
    let ids = client.about("textDocument/completion", (8, 30));
    assert_eq!(labels(&ids), ["gcontacts.pushcontact"]);
}

#[test]
fn a_client_without_snippets_gets_plain_texts() {
    let (mut client, _) = Client::new(json!({}));
    client.open("x = tri");
    let answer = client.about("textDocument/completion", (0, 7));
    let trim = answer["result"].as_array().unwrap().iter().find(|item| item["label"] == "trim").unwrap();
    assert_eq!((&trim["insertTextFormat"], &trim["textEdit"]["newText"]), (&json!(1), &json!("trim")));
    assert_eq!(trim["textEdit"]["range"]["start"]["character"], 4);
}

#[test]
fn hover_and_signature_help_explain() {
    let (mut client, _) = Client::with(SCRIPT);
    let hover = |client: &mut Client, place| {
        client.about("textDocument/hover", place)["result"]["contents"]["value"]
            .as_str()
            .unwrap_or("")
            .to_owned()
    };
    assert!(hover(&mut client, (3, 28)).contains("## trim"));
    assert!(hover(&mut client, (6, 15)).contains("Greets."));
    assert!(hover(&mut client, (8, 14)).contains("Calls an API"));
    assert!(hover(&mut client, (8, 40)).contains("https://example.com/doc"));
    assert!(hover(&mut client, (5, 0)).contains("`m`: map"));
    let help = client.about("textDocument/signatureHelp", (6, 14));
    let help = &help["result"];
    assert_eq!(help["activeParameter"], 1);
    assert!(help["signatures"][0]["label"].as_str().unwrap().starts_with("map.put("), "{help}");
}

#[test]
fn definition_references_and_highlights_point_at_places() {
    let (mut client, _) = Client::with(SCRIPT);
    let definition = client.about("textDocument/definition", (6, 15));
    assert_eq!(definition["result"]["range"]["start"], json!({"line": 1, "character": 7}));
    let lines = |answer: &Value| {
        answer["result"]
            .as_array()
            .unwrap()
            .iter()
            .map(|l| l["range"]["start"]["line"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    let with = json!({"context": {"includeDeclaration": true}});
    let without = json!({"context": {"includeDeclaration": false}});
    assert_eq!(lines(&client.about_with("textDocument/references", (7, 5), with)), [5, 6, 7, 8]);
    assert_eq!(lines(&client.about_with("textDocument/references", (7, 5), without)), [6, 7, 8]);
    let highlights = client.about("textDocument/documentHighlight", (7, 5));
    assert_eq!(highlights["result"][0]["kind"], 3);
    assert_eq!(highlights["result"][1]["kind"], 2);
}

#[test]
fn rename_changes_all_places_or_says_why_not() {
    let (mut client, _) = Client::with(SCRIPT);
    let prepared = client.about("textDocument/prepareRename", (7, 5));
    assert_eq!(prepared["result"]["end"]["character"], 6);
    let renamed = client.about_with("textDocument/rename", (7, 5), json!({"newName": "person"}));
    let edits = renamed["result"]["changes"][URI].as_array().unwrap();
    assert_eq!(edits.len(), 4);
    assert!(edits.iter().all(|edit| edit["newText"] == "person"));
    let refused = client.about_with("textDocument/rename", (7, 5), json!({"newName": "r"}));
    assert_eq!(refused["error"]["code"], -32803);
    assert!(refused["error"]["message"].as_str().unwrap().contains("already"));
    assert!(client.about("textDocument/prepareRename", (0, 3))["error"].is_object());
}

#[test]
fn a_file_and_a_part_of_it_are_formatted_with_small_edits() {
    let (mut client, _) = Client::with("s=\"😀\";x=1;\ny=2;\n");
    let options = json!({"tabSize": 4, "insertSpaces": false});
    let file = json!({"textDocument": {"uri": URI}, "options": options});
    let all = client.ask("textDocument/formatting", file.clone());
    let edits = all["result"].as_array().unwrap();
    assert_eq!(edits[0]["newText"], " ");
    assert_eq!(edits[0]["range"]["start"]["character"], 1);
    assert!(
        edits.iter().any(|edit| edit["newText"] == "\n" && edit["range"]["start"]["character"] == 7),
        "{all}"
    );
    let range = json!({"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 4}});
    let params = json!({"textDocument": {"uri": URI}, "options": options, "range": range});
    let part = client.ask("textDocument/rangeFormatting", params);
    assert!(
        part["result"].as_array().unwrap().iter().all(|edit| edit["range"]["start"]["line"] == 1),
        "{part}"
    );
    assert_eq!(part["result"].as_array().unwrap().len(), 2);
    client.edit((0, 0), (0, 1), "(");
    assert_eq!(client.ask("textDocument/formatting", file)["result"], Value::Null);
}

#[test]
fn fixes_are_offered_one_by_one_and_all_at_once() {
    let (mut client, _) = Client::with("x = 1\ninfo x\n");
    let ask = |client: &mut Client, only: Value| {
        let range = json!({"start": {"line": 0, "character": 5}, "end": {"line": 0, "character": 5}});
        let context = json!({"diagnostics": [], "only": only});
        let params = json!({"textDocument": {"uri": URI}, "range": range, "context": context});
        client.ask("textDocument/codeAction", params)["result"].as_array().unwrap().clone()
    };
    let fixes = ask(&mut client, json!(["quickfix"]));
    assert_eq!(fixes.len(), 1);
    assert_eq!(fixes[0]["title"], "write `;`");
    assert_eq!(fixes[0]["diagnostics"][0]["code"], "E0102");
    assert_eq!(fixes[0]["edit"]["changes"][URI][0]["newText"], ";");
    let all = ask(&mut client, json!(["source"]));
    assert_eq!(all.len(), 1);
    assert_eq!(all[0]["kind"], "source.fixAll");
    assert_eq!(all[0]["edit"]["changes"][URI].as_array().unwrap().len(), 2);
    assert_eq!(ask(&mut client, Value::Null).len(), 2);
}

#[test]
fn symbols_folds_and_tokens_describe_the_file() {
    let (mut client, _) = Client::with(SCRIPT);
    let file = json!({"textDocument": {"uri": URI}});
    let symbols = client.ask("textDocument/documentSymbol", file.clone());
    let names: Vec<_> =
        symbols["result"].as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["greet", "m", "r"]);
    assert_eq!(symbols["result"][0]["children"][0]["name"], "name");
    let folds = client.ask("textDocument/foldingRange", file.clone());
    assert_eq!(folds["result"][0]["startLine"], 2);
    assert_eq!(folds["result"][0]["endLine"], 3);
    let all = client.ask("textDocument/semanticTokens/full", file.clone());
    let all = all["result"]["data"].as_array().unwrap().len();
    let range = json!({"start": {"line": 5, "character": 0}, "end": {"line": 6, "character": 0}});
    let part = client
        .ask("textDocument/semanticTokens/range", json!({"textDocument": {"uri": URI}, "range": range}));
    assert_eq!(part["result"]["data"].as_array().unwrap().len(), 3 * 5, "m, = and Map");
    assert!(all > 3 * 5 && all % 5 == 0);
}
