//! Columns beyond ASCII.

use crate::client::Client;
use serde_json::{Value, json};

const TEXT: &str = "s = \"😀é\"; info s;\ninfo nope;";

fn column(answer: &Value) -> Value {
    answer["result"]["start"]["character"].clone()
}

#[test]
fn columns_are_utf_16_unless_the_client_offers_bytes() {
    let (mut client, answer) = Client::new(json!({}));
    assert_eq!(answer["result"]["capabilities"]["positionEncoding"], "utf-16");
    client.open(TEXT);
    // `s` after the text: s, blank, =, blank, quote, two units, é, quote, ;, blank, info, blank.
    assert_eq!(column(&client.about("textDocument/prepareRename", (0, 16))), 16);

    let (mut client, answer) = Client::new(json!({"general": {"positionEncodings": ["utf-8", "utf-16"]}}));
    assert_eq!(answer["result"]["capabilities"]["positionEncoding"], "utf-8");
    client.open(TEXT);
    assert_eq!(column(&client.about("textDocument/prepareRename", (0, 19))), 19);
}

#[test]
fn an_edit_behind_an_emoji_hits_what_was_meant() {
    let (mut client, diagnostics) = Client::with(TEXT);
    assert_eq!(diagnostics[0]["code"], "E0204");
    assert_eq!(client.edit((1, 5), (1, 9), "s"), json!([]));
    // The emoji goes; what follows keeps its meaning.
    assert_eq!(client.edit((0, 5), (0, 7), ""), json!([]));
    assert_eq!(column(&client.about("textDocument/prepareRename", (0, 14))), 14);
}

#[test]
fn tokens_over_several_lines_are_cut_and_measured_in_the_agreed_units() {
    let (mut client, _) = Client::with("/* 😀\né */ x = 1;");
    let uri = crate::client::URI;
    let answer = client.ask("textDocument/semanticTokens/full", json!({"textDocument": {"uri": uri}}));
    let data: Vec<u64> =
        answer["result"]["data"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect();
    assert_eq!(data[..3], [0, 0, 5], "the comment's first line: five units");
    assert_eq!(data[5..8], [1, 0, 4], "its second line");
    assert_eq!(data[10..13], [0, 5, 1], "x");
}
