//! Integration tasks and the HTTP tasks, against a server that answers in the shapes of the service.

use crate::harness::Seen;
use crate::stand_in::StandIn;
use serde_json::{Value, json};
use sluis_engine::{Engine, EngineBuilder, EntryPoint, Opened, RunEnd, RunRequest, Unobserved};
use sluis_invoke::{EgressPolicy, HostPort, Transport};
use sluis_model::connector::{AuthConfig, ConnectorDefinition};
use sluis_model::id::OrgId;
use sluis_vault::{KeyRing, SystemRandomness, Vault};
use std::sync::Arc;

/// An engine on a store in memory that may call the stand-in, and the stand-in.
struct World {
    engine: Engine,
    server: StandIn,
}

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn org() -> OrgId {
    "acme".parse().unwrap()
}

impl World {
    /// Without any connector.
    async fn empty() -> Self {
        let server = StandIn::start().await;
        let store = sluis_store::open_in_memory().await.unwrap();
        let ring = KeyRing::from_text(KEY, "the test").unwrap();
        let vault = Arc::new(Vault::new(ring, Arc::new(SystemRandomness)));
        let policy = EgressPolicy::allowing(vec![HostPort::parse(&server.host).unwrap()]);
        let engine = EngineBuilder::new(
            Arc::new(Opened { store, vault }),
            Arc::new(Transport::new(policy)),
            "http://127.0.0.1:1".parse().unwrap(),
        )
        .build();
        engine.ensure_org(&org()).await.unwrap();
        Self { engine, server }
    }

    /// With the connector of the examples, its addresses turned to the stand-in.
    async fn with_crm() -> Self {
        let world = Self::empty().await;
        world.engine.release(world.crm(), Default::default()).await.unwrap();
        world
    }

    fn crm(&self) -> ConnectorDefinition {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/connectors/zoho-crm/connector.yaml");
        let text = std::fs::read_to_string(file).unwrap();
        let text = text.replace("https://www.zohoapis.com", &format!("http://{}", self.server.host));
        let text = text.replace("hosts: [www.zohoapis.com]", &format!("hosts: [\"{}\"]", self.server.host));
        let mut definition = sluis_definition::read("connector.yaml", &text, &|_| Err("no files".into()))
            .unwrap_or_else(|problems| panic!("{problems:#?}"));
        definition.auth = AuthConfig::None {};
        definition
    }

    async fn run(&self, source: &str) -> RunEnd {
        self.engine.run(self.request(source), &mut Unobserved).await.unwrap()
    }

    /// The lines that a script prints that ends without a fault.
    async fn prints(&self, source: &str) -> Vec<String> {
        let end = self.run(source).await;
        assert!(end.fault.is_none(), "{:?}", end.run.status);
        end.run.output
    }

    fn request(&self, source: &str) -> RunRequest {
        RunRequest {
            org: org(),
            user: None,
            label: "test.dg".to_owned(),
            function: None,
            source: source.to_owned(),
            entry: EntryPoint::Default,
            args: Vec::new(),
            keep: false,
        }
    }

    fn add(&self, module: &str, fields: Value) -> String {
        let Value::Object(fields) = fields else { panic!() };
        self.server.kept.lock().unwrap().add(module, fields)
    }
}

#[tokio::test]
async fn a_script_from_production_runs_through_the_tasks_of_the_example_connector() {
    let world = World::with_crm().await;
    let account =
        world.add("Accounts", json!({"Account_Name": "Acme", "Owner": {"name": "Ada", "id": "17"}}));
    let deal = world.add(
        "Deals",
        json!({"Deal_Name": "Big", "Amount": 12.5, "Account_Name": {"name": "Acme", "id": account}}),
    );
    world.add(
        "Contacts",
        json!({"Last_Name": "Lovelace", "Email": "ada@example.com", "Account_Name": {"id": account}}),
    );
    let script = format!(
        r#"dealId = "{deal}";
           deal = zoho.crm.getRecordById("Deals", dealId.toLong());
           accountId = deal.get("Account_Name").get("id");
           info deal.get("Deal_Name") + " " + deal.get("Amount") + " " + accountId.toLong();
           contacts = zoho.crm.getRelatedRecords("Contacts", "Accounts", accountId);
           for each c in contacts
           {{
               info c.get("Email");
           }}
           found = zoho.crm.searchRecords("Contacts", "(Email:equals:nobody@example.com)");
           if(found.isEmpty())
           {{
               values = Map();
               values.put("Last_Name", "Babbage");
               values.put("Email", "nobody@example.com");
               created = zoho.crm.v8.createRecord("Contacts", values, {{"trigger":{{"workflow"}}}});
               info created.get("id") != null;
           }}
           again = zoho.crm.searchRecords("Contacts", "(Email:equals:nobody@example.com)", 1, 200);
           info again.size() + " " + again.get(0).get("Last_Name");
           updated = zoho.crm.updateRecord("Contacts", again.get(0).get("id"), {{"Phone":"1"}}, {{"trigger":{{}}}});
           info updated.get("id") == again.get(0).get("id");
           failed = zoho.crm.createRecord("Contacts", {{"Email":"x"}});
           info failed.get("code") + " " + failed.get("details").get("api_name");
           missing = zoho.crm.getRecordById("Deals", 1);
           info missing.get("status") + " " + missing.get("code");
           info zoho.crm.getOrgVariable("acme__Key");
           info zoho.crm.getRecords("Contacts").size();
           info zoho.crm.upsert("Contacts", {{"Last_Name":"Byron"}}, {{"duplicate_check_fields":{{"Email"}}}}).get("id") != null;
           info zoho.crm.convertLead(7, {{"overwrite":true}}).get("id");
           info zoho.crm.deleteRecord("Deals", dealId).get("id") == dealId;
           info zoho.crm.getRecords("Deals").isEmpty();"#
    );
    let printed = world.prints(&script).await;
    assert_eq!(
        printed,
        [
            format!("Big 12.5 {account}").as_str(),
            "ada@example.com",
            "true",
            "1 Babbage",
            "true",
            "MANDATORY_NOT_FOUND Last_Name",
            "error INVALID_DATA",
            "value of acme__Key",
            "2",
            "true",
            "7",
            "true",
            "true"
        ]
    );
}

#[tokio::test]
async fn an_option_that_is_not_given_is_left_out_and_an_empty_one_is_sent() {
    let world = World::with_crm().await;
    world.prints(r#"x = zoho.crm.createRecord("Leads", {"a":1}); y = zoho.crm.createRecord("Leads", {"a":1}, {"trigger":List()});"#).await;
    let arrived = world.server.arrived();
    let sent: Vec<Value> = arrived.iter().map(|one| serde_json::from_slice(&one.body).unwrap()).collect();
    assert_eq!(sent, [json!({"data": [{"a": 1}]}), json!({"data": [{"a": 1}], "trigger": []})]);
}

#[tokio::test]
async fn a_task_that_no_connector_offers_says_which_to_install() {
    let world = World::empty().await;
    let script = r#"try { zoho.crm.getRecordById("Deals", 1); } catch (e) { info e.code; info e.message; }
                    zoho.crm.getRecordById("Deals", 1);"#;
    let end = world.run(script).await;
    assert_eq!(end.run.output[0], "connector_not_found");
    assert!(end.run.output[1].contains("zoho.crm.getRecordById"), "{:?}", end.run.output);
    let fault = end.fault.unwrap();
    assert!(fault.help.unwrap().contains("examples/connectors/zoho-crm"));
    world.engine.release(world.crm(), Default::default()).await.unwrap();
    let near = world.run(r#"zoho.crm.getRecordsById("Deals", 1);"#).await.fault.unwrap();
    assert!(near.help.unwrap().contains("`zoho.crm.getRecordById`"));
    let other = world.run(r#"zoho.books.getRecords("invoices");"#).await.fault.unwrap();
    assert!(other.help.unwrap().contains("task: { name: zoho.books.getRecords }"));
}

#[tokio::test]
async fn too_many_values_and_unknown_options_fault_before_anything_is_sent() {
    let world = World::with_crm().await;
    for (call, said) in [
        (r#"zoho.crm.getRecordById("Deals", 1, 2)"#, "2 values"),
        (r#"zoho.crm.createRecord("Deals", Map(), {"triger":{}})"#, "`triger`"),
        (r#"zoho.crm.createRecord("Deals", Map(), "workflow")"#, "a map"),
        (r#"zoho.crm.getRecordById("Deals")"#, "`Record_ID`"),
    ] {
        let fault = world.run(&format!("x = {call};")).await.fault.unwrap();
        assert_eq!(fault.reason.as_deref(), Some("invalid_input"), "{call}");
        assert!(fault.message.contains(said), "{call}: {}", fault.message);
    }
    assert!(world.server.arrived().is_empty());
}

#[tokio::test]
async fn the_old_forms_of_invokeurl_run_and_warn() {
    let world = World::empty().await;
    let script = r#"a = getUrl("http://HOST/echo?q=1");
                    info a.toMap().get("query");
                    b = getUrl("http://HOST/echo", {"X-One":"1"}, false);
                    info b.get("responseCode") + " " + b.get("responseText").get("x");
                    c = postUrl("http://HOST/echo", {"k":"v w"});
                    info c.toMap().get("body");
                    d = invokeUrl("http://HOST/echo", "PUT", "raw", {"X-One":"2"}, true);
                    info d.get("responseText").get("method") + d.get("responseText").get("body");"#;
    let end = world.run(&script.replace("HOST", &world.server.host)).await;
    assert_eq!(end.run.output, ["q=1", "200 1", "k=v+w", "PUTraw"], "{:?}", end.run.status);
    assert_eq!(end.warnings.iter().map(|w| w.code.0).collect::<Vec<_>>(), ["W0330"; 4]);
}

#[tokio::test]
async fn invokeapi_reaches_the_service_of_a_released_connector() {
    let world = World::with_crm().await;
    world.add("Leads", json!({"Last_Name": "L"}));
    let script = r#"r = invokeapi [ service: zohocrm path: "v8/Leads" type: GET parameters: {"page":1} ];
                    info r.get("data").get(0).get("Last_Name");
                    r = invokeapi [ service: "CRM" path: "/v8/Leads" detailed: true ];
                    info r.get("responseCode");
                    try { invokeapi [ service: desk path: "x" ]; } catch (e) { info e.code; info e.message; }"#;
    let printed = world.prints(script).await;
    assert_eq!(printed[..3], ["L", "200", "connector_not_found"]);
    assert!(printed[3].contains("`desk`"));
    assert_eq!(world.server.arrived()[0].target, "/crm/v8/Leads?page=1");
}

#[tokio::test]
async fn sendsms_and_notifications_are_apis_of_a_released_connector() {
    let world = World::empty().await;
    let fault = world.run(r#"sendsms [ to: "1" message: "m" ]"#).await.fault.unwrap();
    assert_eq!(fault.reason.as_deref(), Some("connector_not_found"));
    assert!(fault.message.contains("`sms.send`") && fault.help.unwrap().contains("namespace `sms`"));
    let url = format!("http://{}/echo", world.server.host);
    for namespace in ["sms", "push"] {
        let definition = json!({
            "sluis": 1, "namespace": namespace, "service": {"name": "S"}, "auth": {"scheme": "none"},
            "hosts": [world.server.host],
            "apis": {"send": {"method": "POST", "url": url, "body": {"json": {"to": "${to}", "text": "${message}"}}}}
        });
        world.engine.release(serde_json::from_value(definition).unwrap(), Default::default()).await.unwrap();
    }
    world
        .prints(r#"sendsms [ to: "+44" message: "hello" ]  pushNotification [ to: "ada" message: "hi" ]"#)
        .await;
    let arrived = world.server.arrived();
    assert_eq!(String::from_utf8_lossy(&arrived[0].body), r#"{"to":"+44","text":"hello"}"#);
    assert_eq!(String::from_utf8_lossy(&arrived[1].body), r#"{"to":"ada","text":"hi"}"#);
}

#[tokio::test]
async fn the_last_address_that_a_script_opens_stands_in_its_record() {
    let world = World::empty().await;
    let script = r#"openUrl("https://a.example/", "same window");
                    page = "https://b.example/x?y=" + encodeUrl("ä");
                    openUrl(page, "popup window", "height=100");
                    info "and on";
                    try { openUrl("java" + "script:alert(1)", "new window"); } catch (e) { info e.code; }"#;
    let end = world.run(script).await;
    assert_eq!(end.run.output, ["and on", "invalid_input"]);
    let opened = serde_json::to_value(&end.run).unwrap()["open"].clone();
    assert_eq!(
        opened,
        json!({"url": "https://b.example/x?y=%C3%A4", "window": "popup window", "options": "height=100"})
    );
    assert!(serde_json::to_value(&world.run("info 1;").await.run).unwrap().get("open").is_none());
}

#[tokio::test]
async fn what_a_task_sends_is_recorded_as_a_call_of_its_api() {
    let world = World::with_crm().await;
    let mut seen = Seen::default();
    let request = world.request(r#"x = zoho.crm.createRecord("Leads", {"Last_Name":"L"});"#);
    let end = world.engine.run(request, &mut seen).await.unwrap();
    assert_eq!(end.run.calls[0].api, "zohocrm.createRecord");
    assert!(seen.wires[0].contains("POST /crm/v8/Leads") && seen.wires[0].contains("\"Last_Name\":\"L\""));
}

#[tokio::test]
async fn a_released_task_is_known_to_the_checker_with_its_parameters() {
    let world = World::with_crm().await;
    let catalog = world.engine.catalog().await.unwrap();
    let (api, form) = catalog.task("ZOHO.crm.v8.updaterecord").unwrap();
    assert_eq!(api.id, "zohocrm.updateRecord");
    assert_eq!((form.parameters.join(" "), form.required), ("Module Record_ID Record options".to_owned(), 3));
    let names: Vec<&str> = api.inputs.as_ref().unwrap().iter().map(|input| input.name.as_str()).collect();
    assert_eq!(names, ["Module", "Record_ID", "Record", "trigger"]);
}

#[tokio::test]
async fn files_are_sent_as_parts_and_texts_beside_them() {
    let world = World::empty().await;
    let script = r#"f = "a,b".toFile("x.csv");
        g = "{}".toFile("y.json");
        g.setParamName("second");
        r = invokeurl [ url: "http://HOST/echo" type: POST parameters: {"note":"n"} files: {f, g}
                        headers: {"Content-Type":"multipart/form-data"} ];
        info r.get("method");
        r = invokeurl [ url: "http://HOST/echo" type: PUT files: {"doc": f} ];
        try { invokeurl [ url: "http://HOST/echo" files: f ]; } catch (e) { info e.code; }
        try { invokeurl [ url: "http://HOST/echo" type: POST files: "text" ]; } catch (e) { info e.code; }"#;
    let printed = world.prints(&script.replace("HOST", &world.server.host)).await;
    assert_eq!(printed, ["POST", "invalid_input", "invalid_input"]);
    let arrived = world.server.arrived();
    let (first, second) = (&arrived[0], &arrived[1]);
    assert!(first.content_type.starts_with("multipart/form-data; boundary="), "{}", first.content_type);
    let text = String::from_utf8_lossy(&first.body);
    for part in [
        "name=\"note\"\r\n\r\nn\r\n",
        "name=\"file\"; filename=\"x.csv\"\r\nContent-Type: text/csv\r\n\r\na,b\r\n",
        "name=\"second\"; filename=\"y.json\"\r\nContent-Type: application/json\r\n\r\n{}\r\n",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(second.method, "PUT");
    assert!(String::from_utf8_lossy(&second.body).contains("name=\"doc\"; filename=\"x.csv\""));
    assert_eq!(arrived.len(), 2);
}

#[tokio::test]
async fn an_answer_is_a_file_where_it_is_no_text_or_where_one_is_asked_for() {
    let world = World::empty().await;
    let script = r#"f = invokeurl [ url: "http://HOST/bytes" type: GET ];
        info f.isFile() + " " + f.getFileName() + " " + f.getFileSize() + " " + f.getFileType();
        info invokeurl [ url: "http://HOST/bytes?json" type: GET ].get("a");
        j = invokeurl [ url: "http://HOST/bytes?json" type: GET response-format: TEXT ];
        info j.length();
        k = invokeurl [ url: "http://HOST/bytes?json" type: GET response-format: FILE ];
        info k.getFileContent();
        info invokeurl [ url: "http://HOST/bytes?latin" type: GET response-decoding: "ISO-8859-1" ];
        d = invokeurl [ url: "http://HOST/bytes" type: GET detailed: true ];
        info d.get("responseCode") + " " + d.get("responseText").getFileSize();
        again = invokeurl [ url: "http://HOST/echo" type: POST files: f ];
        try { invokeurl [ url: "http://HOST/echo" response-decoding: "martian" ]; } catch (e) { info e.code; }"#;
    let printed = world.prints(&script.replace("HOST", &world.server.host)).await;
    assert_eq!(
        printed,
        ["true invoice.pdf 12 application/pdf", "1", "7", "{\"a\":1}", "grüße", "200 12", "invalid_input"]
    );
    let sent = world.server.arrived().pop().unwrap().body;
    assert!(sent.windows(12).any(|window| window == b"%PDF-1.7\n\x00\xff\xfe"), "the bytes are the same");
}

#[tokio::test]
async fn a_file_is_attached_to_a_record() {
    let world = World::with_crm().await;
    let script = r#"f = "a,b".toFile("x.csv");
        info zoho.crm.attachFile("Deals", 7, f).get("id");
        try { zoho.crm.attachFile("Deals", 7, "text"); } catch (e) { info e.code; info e.message; }
        r = invokeConnector("zohocrm.attachFile", {"Module":"Deals", "Record_ID":8, "CRMAPIFILES":{"File":f}});
        info r.get("status_code");
        try { invokeConnector("zohocrm.deleteRecord", {"Module":"Deals", "Record_ID":f}); } catch (e) { info e.code; }"#;
    let printed = world.prints(script).await;
    assert_eq!(printed[0], "7");
    assert_eq!(printed[1], "invalid_input");
    assert!(printed[2].contains("`File`") && printed[2].contains("must be a file"), "{}", printed[2]);
    assert_eq!(printed[3..], ["200", "invalid_input"]);
    let arrived = world.server.arrived();
    assert_eq!(arrived.len(), 2);
    assert!(String::from_utf8_lossy(&arrived[0].body).contains("name=\"file\"; filename=\"x.csv\""));
}
