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

#[tokio::test]
async fn content_of_an_upload_reaches_dropbox_as_it_is_and_its_arguments_beside_it() {
    let script = r#"offer = "café \"1\"".toFile("offer.txt");
        answer = invokeConnector("dropbox.files.upload", {"Path": "/Offers/é \"1\".txt", "File": offer,
            "Mode": "overwrite"});
        info answer.get("response");"#;
    let saw = echoed("dropbox", script).await;
    assert_eq!(saw["data"], "caf\u{e9} \"1\"");
    assert_eq!(saw["headers"]["Content-Type"], "application/octet-stream");
    let arg: Value = serde_json::from_str(saw["args"]["arg"].as_str().unwrap()).unwrap();
    let path = "/Offers/\u{e9} \"1\".txt";
    assert_eq!(arg, json!({"path": path, "mode": "overwrite", "autorename": false, "mute": false}));
}

#[tokio::test]
async fn metadata_and_content_of_an_upload_reach_google_drive_as_related_parts() {
    let script = r#"offer = "%PDF-1.7".toFile("offer.pdf");
        answer = invokeConnector("googledrive.files.upload", {"Name": "4711.pdf", "File": offer, "Parents": {"0AK"}});
        info answer.get("response");"#;
    let saw = echoed("google-drive", script).await;
    assert_eq!(saw["args"]["uploadType"], "multipart");
    let kind = saw["headers"]["Content-Type"].as_str().unwrap();
    assert!(kind.starts_with("multipart/related; boundary="), "{kind}");
    let body = saw["data"].as_str().unwrap();
    let boundary = kind.split_once("boundary=").unwrap().1.split(';').next().unwrap().trim_matches('"');
    let parts: Vec<&str> = body.split(&format!("--{boundary}")).collect();
    assert_eq!(parts.len(), 4, "two parts between three boundaries: {body}");
    let (head, metadata) = parts[1].split_once("\r\n\r\n").unwrap();
    assert!(head.to_lowercase().contains("content-type: application/json; charset=utf-8"), "{head}");
    let metadata: Value = serde_json::from_str(metadata.trim()).unwrap();
    assert_eq!(metadata, json!({"name": "4711.pdf", "parents": ["0AK"]}));
    assert!(parts[2].to_lowercase().contains("content-type: application/pdf"), "{}", parts[2]);
    assert!(parts[2].trim_end().ends_with("%PDF-1.7"), "{}", parts[2]);
}

#[tokio::test]
async fn maps_and_lists_reach_stripe_in_brackets_and_twilio_as_repeated_fields() {
    let script = r#"answer = invokeConnector("stripe.customers.create",
            {"Name": "Ada & Co", "Languages": {"en", "de"}, "Metadata": {"order": "47=11"}});
        info answer.get("response");"#;
    let saw = echoed("stripe", script).await;
    let wanted = json!({"name": "Ada & Co", "preferred_locales[0]": "en", "preferred_locales[1]": "de",
        "metadata[order]": "47=11"});
    assert_eq!(saw["form"], wanted);
    assert!(saw["headers"]["Idempotency-Key"].as_str().is_some_and(|key| key.len() == 36), "{saw}");
    let script = r#"answer = invokeConnector("twilio.messages.send", {"To": "+1 & 2", "From": "+3", "Text": "a+b",
            "Media": {"https://example.com/1", "https://example.com/2"}});
        info answer.get("response");"#;
    let form = echoed("twilio", script).await["form"].clone();
    assert_eq!(form["MediaUrl"], json!(["https://example.com/1", "https://example.com/2"]));
    assert_eq!((&form["To"], &form["Body"]), (&json!("+1 & 2"), &json!("a+b")));
}

#[tokio::test]
async fn a_write_has_a_key_against_repeats_and_one_of_the_callers_own_wins() {
    let create = |key: &str| {
        format!(
            r#"answer = invokeConnector("mollie.payments.create", {{"Value": "10.00", "Description": "Order 4711",
                "Return_To": "https://shop.example/4711"{key}}});
            info answer.get("response");"#
        )
    };
    let made = echoed("mollie", &create("")).await["headers"]["Idempotency-Key"].clone();
    assert_eq!(made.as_str().map(str::len), Some(36), "{made}");
    let own = echoed("mollie", &create(r#", "Key": "order-4711""#)).await;
    assert_eq!(own["headers"]["Idempotency-Key"], "order-4711");
}
