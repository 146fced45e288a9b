//! `sluis lsp` as an editor starts it: a whole conversation over the pipes of a real process. What is
//! answered to which question is tested beside the server.

use crate::home::{Home, example};
use serde_json::{Value, json};

/// A message as it goes over the pipe.
fn framed(message: &Value) -> String {
    let text = message.to_string();
    format!("Content-Length: {}\r\n\r\n{text}", text.len())
}

/// The messages that came over a pipe.
fn messages(mut out: &str) -> Vec<Value> {
    let mut found = Vec::new();
    while let Some(rest) = out.strip_prefix("Content-Length: ") {
        let (length, rest) = rest.split_once("\r\n\r\n").unwrap();
        let (body, rest) = rest.split_at(length.parse().unwrap());
        found.push(serde_json::from_str(body).unwrap());
        out = rest;
    }
    assert_eq!(out, "", "nothing but messages may come over standard output");
    found
}

#[test]
fn an_editor_is_helped_and_connector_files_of_its_folder_are_known() {
    let home = Home::new();
    let yaml = std::fs::read_to_string(example("connectors/gcontacts/connector.yaml")).unwrap();
    home.file("connector.yaml", &yaml);
    let folder = url::Url::from_directory_path(home.path(".")).unwrap();
    let uri = "untitled:script";
    let text = "d = Map();\nd.put(\"\", 1);\nr = invokeConnector(\"gcontacts.pushcontact\", d);\ninfo r;";
    let request = |id: i32, method: &str, params: Value| {
        framed(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))
    };
    let tell =
        |method: &str, params: Value| framed(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    let folders = json!([{"uri": folder.as_str(), "name": "work"}]);
    let conversation = [
        request(1, "initialize", json!({"capabilities": {}, "workspaceFolders": folders})),
        tell("initialized", json!({})),
        "Content-Length: 3\r\n\r\n{{{".to_owned(),
        tell(
            "textDocument/didOpen",
            json!({"textDocument": {"uri": uri, "languageId": "deluge", "version": 3, "text": text}}),
        ),
        request(
            2,
            "textDocument/completion",
            json!({"textDocument": {"uri": uri}, "position": {"line": 1, "character": 7}}),
        ),
        request(3, "shutdown", Value::Null),
        tell("exit", Value::Null),
    ];
    let ended = home.pipe(&["lsp", "--stdio"], &conversation.concat());
    assert_eq!((ended.code, ended.err.as_str()), (0, ""));
    assert!(!home.has_store(), "helping an editor makes no store");
    let heard = messages(&ended.out);
    let answer = |id: Value| heard.iter().find(|message| message["id"] == id).unwrap();
    assert_eq!(answer(json!(1))["result"]["serverInfo"]["name"], "sluis");
    assert_eq!(answer(Value::Null)["error"]["code"], -32700);
    let items = answer(json!(2))["result"].as_array().unwrap();
    assert_eq!(items[0]["label"], "Email_ID");
    assert_eq!(answer(json!(3))["result"], Value::Null);
}

#[test]
fn an_editor_that_leaves_without_a_word_is_noticed() {
    assert_eq!(Home::new().pipe(&["lsp"], "").code, 1);
}
