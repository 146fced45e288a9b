//! Connectors that send files against httpbin, which takes a multipart body apart as a web framework does and
//! answers with what it found.

use crate::local::Connector;
use serde_json::{Value, json};
use sluis_engine::{EntryPoint, RunObserver, RunRequest};
use sluis_tests::peers::ServerPeer;
use sluis_tests::place::Place;
use std::collections::BTreeMap;

/// Keeps what a script shows.
#[derive(Default)]
struct Shown(Vec<String>);

impl RunObserver for Shown {
    fn info(&mut self, line: &str) {
        self.0.push(line.to_owned());
    }
}

/// What httpbin says of the request that a script makes through a connector.
async fn echoed(folder: &str, script: &str) -> Value {
    let peer = ServerPeer::python("httpbin", &[]).await.unwrap();
    let connector = Connector::read(folder).moved(|_| Some(format!("{}/anything", peer.host())));
    let place = Place::on_this_machine().await;
    connector.connect(&place, &BTreeMap::new()).await;
    let request = RunRequest {
        org: place.org.clone(),
        user: None,
        label: "echo.dg".to_owned(),
        function: None,
        source: script.to_owned(),
        entry: EntryPoint::Default,
        args: Vec::new(),
        keep: true,
    };
    let mut shown = Shown::default();
    let end = place.engine.run(request, &mut shown).await.unwrap();
    let said = shown.0.first().unwrap_or_else(|| panic!("{end:?}"));
    serde_json::from_str(said).unwrap_or_else(|error| panic!("{error}: {said}"))
}

#[tokio::test]
async fn a_page_and_its_settings_reach_the_renderer_of_pdfs_as_parts() {
    let script = r#"page = "<h1>Café</h1>".toFile("index.html");
        answer = invokeConnector("gotenberg.pdf.html", {"File": page, "Landscape": true, "Pages": "1-5"});
        info answer.get("response");"#;
    let saw = echoed("gotenberg", script).await;
    assert!(saw["url"].as_str().unwrap().ends_with("/forms/chromium/convert/html"), "{saw}");
    assert_eq!(saw["files"], json!({"files": "<h1>Caf\u{e9}</h1>"}));
    let form = &saw["form"];
    assert_eq!((&form["landscape"], &form["nativePageRanges"]), (&json!("true"), &json!("1-5")));
    assert_eq!(
        (&form["paperWidth"], form.get("scale")),
        (&json!("210mm"), None),
        "defaults, and nothing unsaid"
    );
}

#[tokio::test]
async fn attributes_and_content_of_an_upload_reach_box_as_parts() {
    let script = r#"offer = "a \"quoted\" line\r\n--not-a-boundary--".toFile("offer \"1\".txt");
        answer = invokeConnector("box.files.upload",
            {"Attributes": {"name": "offer.txt", "parent": {"id": "0"}}, "File": offer});
        info answer.get("response");"#;
    let saw = echoed("box", script).await;
    assert_eq!(saw["files"], json!({"file": "a \"quoted\" line\r\n--not-a-boundary--"}));
    let attributes: Value = serde_json::from_str(saw["form"]["attributes"].as_str().unwrap()).unwrap();
    assert_eq!(attributes, json!({"name": "offer.txt", "parent": {"id": "0"}}));
    assert_eq!(saw["headers"]["Authorization"], "Bearer ***", "what is echoed holds no token");
}
