//! From `initialize` to `exit`, and what goes wrong in between.

use crate::client::{Client, URI};
use serde_json::{Value, json};
use sluis_lsp::End;

#[test]
fn the_server_says_what_it_can() {
    let (client, answer) = Client::new(json!({}));
    let can = &answer["result"]["capabilities"];
    for provider in [
        "completionProvider",
        "hoverProvider",
        "signatureHelpProvider",
        "definitionProvider",
        "referencesProvider",
        "documentHighlightProvider",
        "documentSymbolProvider",
        "renameProvider",
        "foldingRangeProvider",
        "semanticTokensProvider",
        "documentFormattingProvider",
        "documentRangeFormattingProvider",
        "codeActionProvider",
    ] {
        assert_ne!(can[provider], Value::Null, "{provider}");
    }
    assert_eq!(can["textDocumentSync"]["change"], 2, "changes come in pieces");
    assert_eq!(answer["result"]["serverInfo"]["name"], "sluis");
    assert_eq!(client.leave(), End::Orderly);
}

#[test]
fn a_client_that_vanishes_ends_the_server() {
    let (client, _) = Client::with("x = 1;");
    assert_eq!(client.vanish(), End::Abrupt);
}

#[test]
fn nothing_is_answered_before_initialize_and_after_shutdown() {
    let mut client = Client::silent();
    assert_eq!(client.about("textDocument/hover", (0, 0))["error"]["code"], -32002);
    client.ask("initialize", json!({"capabilities": {}}));
    assert_eq!(client.ask("initialize", json!({"capabilities": {}}))["error"]["code"], -32600);
    client.ask("shutdown", Value::Null);
    assert_eq!(client.about("textDocument/hover", (0, 0))["error"]["code"], -32600);
}

#[test]
fn bad_messages_are_answered_and_the_conversation_goes_on() {
    let (mut client, _) = Client::with("x = 1;");
    client.send_bytes(b"Content-Length: 9\r\n\r\n{nonsense");
    assert_eq!(client.answer_to(&Value::Null)["error"]["code"], -32700);
    client.send_bytes(b"Content-Length: 8\r\n\r\n{\"id\":5}");
    assert_eq!(client.answer_to(&json!(5))["error"]["code"], -32600);
    assert_eq!(client.ask("textDocument/nonsense", json!({}))["error"]["code"], -32601);
    assert_eq!(client.ask("textDocument/hover", json!({"a": 1}))["error"]["code"], -32602);
    let closed =
        json!({"textDocument": {"uri": "file:///other.dg"}, "position": {"line": 0, "character": 0}});
    assert_eq!(client.ask("textDocument/hover", closed)["error"]["code"], -32602);
    client.tell("textDocument/didChange", json!({"nonsense": true}));
    client.tell("$/unknown", json!({}));
    assert!(client.about("textDocument/hover", (0, 0))["result"]["contents"]["value"].is_string());
    assert_eq!(client.leave(), End::Orderly);
}

#[test]
fn diagnostics_follow_the_changes() {
    let (mut client, diagnostics) = Client::with("x = 1\ninfo x;");
    assert_eq!(diagnostics[0]["code"], "E0102");
    assert_eq!(diagnostics[0]["severity"], 1);
    assert_eq!(diagnostics[0]["source"], "sluis");
    assert!(diagnostics[0]["message"].as_str().unwrap().contains("help: every statement"));
    assert_eq!(client.edit((0, 5), (0, 5), ";"), json!([]));
    let wrong = client.edit((1, 5), (1, 6), "y");
    assert_eq!(wrong[0]["code"], "E0204");
    assert_eq!(
        wrong[0]["range"],
        json!({"start": {"line": 1, "character": 5}, "end": {"line": 1, "character": 6}})
    );
    client.tell("textDocument/didClose", json!({"textDocument": {"uri": URI}}));
    assert!(client.about("textDocument/hover", (0, 0))["error"].is_object());
}

#[test]
fn several_changes_in_one_message_are_applied_in_their_order() {
    let (mut client, _) = Client::with("a = 1;\nb = 2;\n");
    let range = |line: u32, from: u32, to: u32| json!({"start": {"line": line, "character": from}, "end": {"line": line, "character": to}});
    let changes = json!([
        {"range": range(1, 0, 6), "text": "info nope;"},
        {"range": range(0, 0, 0), "text": "// first\n"},
    ]);
    client.tell(
        "textDocument/didChange",
        json!({"textDocument": {"uri": URI, "version": 7}, "contentChanges": changes}),
    );
    client.edit_unseen((0, 0), (0, 0), "");
    let symbols = client.ask("textDocument/documentSymbol", json!({"textDocument": {"uri": URI}}));
    assert_eq!(symbols["result"][0]["range"]["start"]["line"], 1);
    assert_eq!(symbols["result"].as_array().unwrap().len(), 1);
}

#[test]
fn a_whole_new_text_is_taken_as_well() {
    let (mut client, _) = Client::with("a = 1;");
    let params = json!({"textDocument": {"uri": URI, "version": 9}, "contentChanges": [{"text": "bc = 1;"}]});
    client.tell("textDocument/didChange", params);
    let symbols = client.ask("textDocument/documentSymbol", json!({"textDocument": {"uri": URI}}));
    assert_eq!(symbols["result"][0]["name"], "bc");
}

#[test]
fn a_cancelled_request_is_answered_all_the_same() {
    let (mut client, _) = Client::with("x = 1;");
    // Whether the server came to it before the cancellation is its business; it must answer once.
    let id = client.send_request("textDocument/semanticTokens/full", json!({"textDocument": {"uri": URI}}));
    client.tell("$/cancelRequest", json!({"id": id}));
    let answer = client.answer_to(&json!(id));
    assert!(answer["error"]["code"] == -32800 || answer["result"].is_object(), "{answer}");
    assert_eq!(client.leave(), End::Orderly);
}

#[test]
fn the_connectors_are_read_again_on_request() {
    let (mut client, _) = Client::with("x = 1;");
    assert_eq!(
        client.ask("workspace/executeCommand", json!({"command": "sluis.reload"}))["result"],
        Value::Null
    );
    assert_eq!(client.diagnostics(), json!([]), "everything is checked again");
    assert!(client.ask("workspace/executeCommand", json!({"command": "rm"}))["error"].is_object());
}
