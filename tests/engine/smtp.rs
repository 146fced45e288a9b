//! The connector `smtp` of the catalogue against a real mail server: it is connected, sends, is refused, is put
//! off, and is left without an answer.

use crate::resilience::{Jumping, engine};
use serde_json::{Map, Value, json};
use sluis_engine::{CallOptions, Engine, EntryPoint, NewConnection, RunEnd, RunRequest, Through, Unobserved};
use sluis_invoke::{EgressPolicy, Transport};
use sluis_mail::SmtpConversations;
use sluis_model::connection::ConnectionKey;
use sluis_model::connector::ConnectorDefinition;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::OrgId;
use sluis_tests::peers::{MailMode, MailServer};
use std::path::Path;
use std::sync::Arc;

/// The connector as the catalogue has it.
fn definition() -> ConnectorDefinition {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/connectors/smtp/connector.yaml");
    let text = std::fs::read_to_string(file).unwrap();
    sluis_definition::read("connector.yaml", &text, &|_| Err(String::new())).unwrap()
}

struct World {
    engine: Engine,
    server: MailServer,
    org: OrgId,
    time: Arc<Jumping>,
    _folder: tempfile::TempDir,
}

impl World {
    /// A mail server, the connector, and an engine that may reach this machine.
    async fn new(mode: MailMode, tls: bool) -> Self {
        Self::of(mode, tls, definition()).await
    }

    async fn of(mode: MailMode, tls: bool, definition: ConnectorDefinition) -> Self {
        let server = MailServer::start(mode, tls).await.unwrap();
        let mut mail = SmtpConversations::new();
        if let Some(file) = &server.certificate {
            mail = mail.trusting(&std::fs::read(file).unwrap()).unwrap();
        }
        let policy = EgressPolicy::opening(&["127.0.0.0/8"]).unwrap();
        let transport = Transport::new(policy).mailing_by(Arc::new(mail));
        let folder = tempfile::tempdir().unwrap();
        let time = Jumping::new();
        let engine = engine(folder.path(), &time, Arc::new(transport)).await;
        let org: OrgId = "acme".parse().unwrap();
        engine.ensure_org(&org).await.unwrap();
        engine.release(definition, Default::default()).await.unwrap();
        Self { engine, server, org, time, _folder: folder }
    }

    fn key(&self) -> ConnectionKey {
        ConnectionKey::main(&self.org, &"smtp".parse().unwrap())
    }

    async fn connect(&self, password: &str) -> Result<(), Failure> {
        let wanted = NewConnection {
            variables: [("host", "127.0.0.1"), ("port", &self.server.port.to_string())]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            ..NewConnection::of(self.key())
        };
        let entered = [("user", "mailer"), ("password", password)];
        let entered = entered.map(|(name, value)| (name.to_owned(), value.into())).into();
        self.engine.connect(&wanted, entered).await.map(drop)
    }

    /// A world whose connection works.
    async fn connected(mode: MailMode) -> Self {
        let world = Self::new(mode, false).await;
        world.connect("mail-pw").await.unwrap();
        world
    }

    async fn send(&self, more: Value) -> Result<Value, Failure> {
        let answer = self.engine.invoke(&self.org, &"smtp.send".parse().unwrap(), &inputs(more)).await?;
        Ok(serde_json::from_str(&answer.response).unwrap())
    }

    async fn run(&self, source: &str) -> RunEnd {
        let request = RunRequest {
            org: self.org.clone(),
            user: None,
            label: "mail.dg".to_owned(),
            function: None,
            source: source.to_owned(),
            entry: EntryPoint::Default,
            args: Vec::new(),
            keep: true,
        };
        self.engine.run(request, &mut Unobserved).await.unwrap()
    }
}

fn inputs(more: Value) -> Map<String, Value> {
    let mut all = json!({
        "from": "Ada <ada@example.com>", "to": "bob@example.com", "subject": "Grüße", "text": "hello",
    });
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    all.as_object().unwrap().clone()
}

const SEND: &str = r#"info invokeConnector("smtp.send", {"from": "ada@example.com", "to": "bob@example.com", "subject": "s", "text": "m"});"#;

#[tokio::test]
async fn a_wrong_password_is_refused_when_it_is_entered_and_the_good_one_is_tried_by_signing_in() {
    let world = World::new(MailMode::Normal, false).await;
    let refused = world.connect("sw0rdfish").await.unwrap_err();
    assert_eq!(refused.reason, Reason::Denied, "{refused:?}");
    assert!(refused.message.contains("535") && !format!("{refused:?}").contains("sw0rdfish"), "{refused:?}");
    world.connect("mail-pw").await.unwrap();
    let tried = world.engine.test_connection(&world.key()).await.unwrap();
    assert!(tried.ok && tried.status == 250, "{tried:?}");
}

#[tokio::test]
async fn a_script_sends_a_mail_with_files_and_what_arrives_is_what_was_meant() {
    let mut world = World::connected(MailMode::Normal).await;
    let end = world
        .run(
            r#"answer = invokeConnector("smtp.send", {"from": "Ada <ada@example.com>", "to": {"bob@example.com", "\"Doe, Jane\" <jane@example.com>"},
                "cc": "carl@example.com", "bcc": "eve@example.com", "reply_to": "desk@example.com", "subject": "Grüße",
                "text": "plain", "html": "<b>rich</b>", "unsubscribe": "<mailto:stop@example.com>",
                "attachments": {"a,b".toFile("x.csv"), "hi".toFile("y.txt")}}).get("response");
            info answer.get("status_code");
            info answer.get("accepted").size();
            info answer.get("rejected").size();
            info answer.get("message_id");"#,
        )
        .await;
    assert_eq!(end.run.output[..3], ["250", "4", "0"], "{:?}", end.fault);
    let mail = world.server.next().await.unwrap();
    assert_eq!(mail.sender, "ada@example.com");
    assert_eq!(
        mail.recipients,
        ["bob@example.com", "jane@example.com", "carl@example.com", "eve@example.com"]
    );
    let id = format!("Message-ID: {}", end.run.output[3]);
    for line in [
        "From: Ada <ada@example.com>",
        "Cc: carl@example.com",
        "Reply-To: desk@example.com",
        "List-Unsubscribe: <mailto:stop@example.com>",
        "Date: Mon, 23 Nov 2026",
        "multipart/alternative",
        "<b>rich</b>",
        "x.csv",
        "text/csv",
        id.as_str(),
    ] {
        assert!(mail.content.contains(line), "{line}: {}", mail.content);
    }
    assert!(!mail.content.contains("eve@example.com"), "{}", mail.content);
    let call = &end.run.calls[0];
    assert_eq!((call.method.as_str(), call.status, call.wire.attempts.len()), ("MAIL", Some(250), 1));
    assert_eq!(call.url, format!("smtp://127.0.0.1:{}", world.server.port));
    assert!(call.wire.bytes_sent > 0 && call.wire.bytes_received > 0, "{:?}", call.wire);
    let record = serde_json::to_string(&end.run.calls).unwrap();
    assert!(!record.contains("mail-pw") && !record.contains("rich"), "{record}");
}

#[tokio::test]
async fn nothing_in_a_value_becomes_a_header_or_a_recipient() {
    let world = World::connected(MailMode::Normal).await;
    let evil = "x\r\nBcc: all@example.com";
    for more in [
        json!({"subject": evil}),
        json!({"to": format!("bob@example.com{evil}")}),
        json!({"to": [format!("bob@example.com>{evil}")]}),
        json!({"from": format!("ada@example.com\n{evil}")}),
        json!({"cc": "carl@example.com\r"}),
        json!({"bcc": "eve@example.com\0"}),
        json!({"reply_to": evil}),
        json!({"sender": evil}),
        json!({"in_reply_to": evil}),
        json!({"to": "bob@example.com> SIZE=1"}),
        json!({"to": "nobody"}),
        json!({"to": []}),
        json!({"attachments": {"name": "a\r\nBcc: all@example.com", "base64": "eA=="}}),
    ] {
        let refused = world.send(more.clone()).await.unwrap_err();
        assert_eq!(refused.reason, Reason::InvalidInput, "{more}: {refused:?}");
        assert!(!refused.message.contains('\n'), "{refused:?}");
    }
}

#[tokio::test]
async fn a_recipient_that_the_server_does_not_know_is_told_beside_those_it_takes() {
    let mut world = World::connected(MailMode::Normal).await;
    let answer = world.send(json!({"to": "bob@example.com, nobody@example.com"})).await.unwrap();
    assert_eq!(answer["accepted"], json!(["bob@example.com"]));
    assert_eq!(answer["rejected"][0]["address"], "nobody@example.com");
    assert_eq!(answer["rejected"][0]["status_code"], 550);
    assert_eq!(world.server.next().await.unwrap().recipients, ["bob@example.com"]);
    let refused = world.send(json!({"to": "nobody@example.com"})).await.unwrap_err();
    assert_eq!((refused.reason, refused.answer.unwrap().status_code), (Reason::MailRefused, 550));
}

#[tokio::test]
async fn a_mail_that_is_put_off_is_sent_again_by_itself() {
    let mut world = World::connected(MailMode::TemporaryFailureOnce).await;
    let end = world.run(SEND).await;
    assert!(end.fault.is_none(), "{:?}", end.fault);
    assert!(world.server.next().await.is_ok());
    let attempts = &end.run.calls[0].wire.attempts;
    assert_eq!(attempts.len(), 2, "{attempts:?}");
    assert!(attempts[0].error.as_ref().unwrap().contains("451 4.3.0 try again later"), "{attempts:?}");
    assert_eq!(world.time.waited().len(), 1);
}

#[tokio::test]
async fn what_the_server_refuses_says_why_and_who_can_mend_it() {
    let busy = World::connected(MailMode::TemporaryFailure).await;
    let deferred = busy.send(json!({})).await.unwrap_err();
    assert_eq!((deferred.reason, deferred.answer.unwrap().retry), (Reason::MailDeferred, true));
    let strict = World::connected(MailMode::PermanentFailure).await;
    let refused = strict.send(json!({})).await.unwrap_err();
    let answer = refused.answer.unwrap();
    assert_eq!((refused.reason, answer.status_code), (Reason::MailRefused, 550));
    assert_eq!(answer.response["enhanced_code"], "5.7.1");
    assert_eq!(answer.who.unwrap().as_str(), "admin");
    let end = strict.run(r#"try { invokeConnector("smtp.send", {"from": "a@example.com", "to": "b@example.com", "subject": "s", "text": "m"}); }
        catch (e) { info e.code; info e.status_code; }"#).await;
    assert_eq!(end.run.output, ["mail_refused", "550"], "{:?}", end.fault);
    assert_eq!(end.run.calls[0].wire.attempts.len(), 1, "it is not tried again");
    let normal = World::connected(MailMode::Normal).await;
    let large = normal.send(json!({"text": "0123456789abcdef\n".repeat(80_000)})).await.unwrap_err();
    assert_eq!(large.reason, Reason::TooLarge, "{large:?}");
}

#[tokio::test]
async fn a_mail_that_may_have_been_taken_on_is_not_sent_again() {
    let mut world = World::connected(MailMode::Drop).await;
    let end = world.run(SEND).await;
    assert_eq!(end.fault.as_ref().unwrap().reason.as_deref(), Some("unreachable"), "{:?}", end.fault);
    assert!(world.server.next().await.is_ok(), "the server has it");
    let attempts = &end.run.calls[0].wire.attempts;
    assert_eq!(attempts.len(), 1, "{attempts:?}");
    let again = world.engine.run_again(&world.org, &end.run.id, &mut Unobserved).await.unwrap();
    assert_eq!(again.fault.unwrap().reason.as_deref(), Some("ambiguous"));
    let open = world.engine.open_calls(&world.org, &end.run.id).await.unwrap();
    assert_eq!(open[0].api, "smtp.send");
}

#[tokio::test]
async fn a_server_that_never_answers_the_mail_leaves_it_open_when_the_time_is_up() {
    let world = World::connected(MailMode::Silent).await;
    let options = CallOptions { timeout: Some(std::time::Duration::from_secs(2)), ..CallOptions::default() };
    let api = "smtp.send".parse().unwrap();
    let failure = world
        .engine
        .invoke_with(&world.org, &api, &inputs(json!({})), &Through::default(), &options)
        .await
        .unwrap_err();
    assert_eq!(failure.reason, Reason::Timeout);
    assert!(failure.help.unwrap().contains("may still have acted"));
}

#[tokio::test]
async fn starttls_and_tls_from_the_start_check_the_certificate() {
    for mode in [MailMode::Normal, MailMode::Tls] {
        let mut definition = definition();
        if mode == MailMode::Tls {
            definition.service.base_url = Some("smtps://${host}:${port}".to_owned());
        }
        let mut world = World::of(mode, true, definition.clone()).await;
        world.connect("mail-pw").await.unwrap();
        world.send(json!({})).await.unwrap();
        assert!(world.server.next().await.unwrap().tls, "{mode:?}");
        // Whoever does not trust the authority sends nothing.
        let policy = EgressPolicy::opening(&["127.0.0.0/8"]).unwrap();
        let transport = Transport::new(policy).mailing_by(Arc::new(SmtpConversations::new()));
        let folder = tempfile::tempdir().unwrap();
        let other = engine(folder.path(), &world.time, Arc::new(transport)).await;
        let doubting = World { engine: other, ..world };
        doubting.engine.ensure_org(&doubting.org).await.unwrap();
        doubting.engine.release(definition, Default::default()).await.unwrap();
        let refused = doubting.connect("mail-pw").await.unwrap_err();
        assert!(refused.message.to_lowercase().contains("certificate"), "{refused:?}");
        assert!(!format!("{refused:?}").contains("mail-pw"));
    }
}

#[tokio::test]
async fn a_token_signs_in_for_the_mailbox_that_sends() {
    let mut file = serde_json::to_value(definition()).unwrap();
    file["auth"] = json!({"scheme": "bearer"});
    file["apis"]["check"]["body"] = json!({"sign_in": "${mailbox}"});
    file["apis"]["check"]["inputs"] = json!({"mailbox": {"type": "text", "default": "ada@example.com"}});
    let mut world = World::of(MailMode::Normal, false, serde_json::from_value(file).unwrap()).await;
    let connect = async |token: &str| {
        let wanted = NewConnection {
            variables: [("host", "127.0.0.1"), ("port", &world.server.port.to_string())]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            ..NewConnection::of(world.key())
        };
        let entered = [("token".to_owned(), token.into())].into();
        world.engine.connect(&wanted, entered).await
    };
    assert_eq!(connect("bad-token").await.unwrap_err().reason, Reason::Denied);
    connect("good-token").await.unwrap();
    world.send(json!({})).await.unwrap();
    assert_eq!(world.server.next().await.unwrap().sender, "ada@example.com");
    let other = world.send(json!({"from": "mallory@example.com"})).await.unwrap_err();
    assert_eq!(other.reason, Reason::NeedsReauthorization, "the token is not for that mailbox");
}

#[tokio::test]
async fn a_mail_is_explained_without_being_sent() {
    let world = World::connected(MailMode::Normal).await;
    let file = json!({"name": "a.txt", "media_type": "text/plain", "base64": "aGVsbG8="});
    let more = json!({"bcc": "eve@example.com", "html": "<b>x</b>", "attachments": file});
    let api = "smtp.send".parse().unwrap();
    let told = world.engine.explain(&world.org, &api, &inputs(more), &Through::default()).await.unwrap();
    for line in [
        "AUTH with user and password ***",
        "MAIL FROM:<ada@example.com>",
        "RCPT TO:<eve@example.com>",
        "Subject: Grüße",
        "[text/html, 8 bytes]",
        "[attachment a.txt, text/plain, 5 bytes]",
    ] {
        assert!(told.request.contains(line), "{line}: {}", told.request);
    }
    assert!(
        told.curl.contains("--mail-rcpt 'bob@example.com'") && told.curl.contains("--ssl-reqd"),
        "{}",
        told.curl
    );
    let shown = format!("{told} {}", serde_json::to_string(&told).unwrap());
    assert!(!shown.contains("mail-pw") && !shown.contains("bWFpbGVy"), "{shown}");
    let part = |at: &str| told.parts.iter().find(|part| part.at == at).unwrap().value.clone();
    assert_eq!(part("body /subject").as_deref(), Some("Grüße"));
}

#[tokio::test]
async fn a_workflow_backend_sends_a_mail_as_any_other_command() {
    let mut world = World::connected(MailMode::Normal).await;
    let listed = world.engine.proxy_commands(&world.org).await.unwrap();
    assert!(serde_json::to_string(&listed).unwrap().contains("sendtext"), "{listed:?}");
    let told = world.engine.proxy_do(&world.org, "smtp", "send", inputs(json!({}))).await;
    assert_eq!(told.status, 200);
    assert!(told.body.to_string().contains("2.0.0 kept"), "{}", told.body);
    assert_eq!(world.server.next().await.unwrap().recipients, ["bob@example.com"]);
    let refused =
        world.engine.proxy_do(&world.org, "smtp", "send", inputs(json!({"to": "nobody@example.com"}))).await;
    assert!(refused.body.to_string().contains("mail_refused"), "{}", refused.body);
}

#[tokio::test]
async fn files_come_in_every_shape_of_the_data_argument() {
    let mut world = World::connected(MailMode::Normal).await;
    let end = world
        .run(
            r#"file = "a,b".toFile("x.csv");
            base = {"from": "ada@example.com", "to": "bob@example.com", "subject": "s", "text": "m"};
            invokeConnector("smtp.send", {"VARIABLES": base, "FILE": {"fileParam": "content", "file": file}});
            invokeConnector("smtp.send", {"VARIABLES": base, "PARTS": {{"content": file}}});
            base.put("CRMAPIFILES", {"attachments": file});
            invokeConnector("smtp.send", base);"#,
        )
        .await;
    assert!(end.fault.is_none(), "{:?}", end.fault);
    for _ in 0..3 {
        let mail = world.server.next().await.unwrap();
        assert!(mail.content.contains("filename=\"x.csv\""), "{}", mail.content);
    }
}

#[tokio::test]
async fn only_what_the_operator_has_opened_is_reached() {
    let server = MailServer::start(MailMode::Normal, false).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let transport = Transport::new(EgressPolicy::strict()).mailing_by(Arc::new(SmtpConversations::new()));
    let time = Jumping::new();
    let engine = engine(folder.path(), &time, Arc::new(transport)).await;
    let org: OrgId = "acme".parse().unwrap();
    engine.ensure_org(&org).await.unwrap();
    engine.release(definition(), Default::default()).await.unwrap();
    let world = World { engine, server, org, time, _folder: folder };
    let refused = world.connect("mail-pw").await.unwrap_err();
    assert_eq!(refused.reason, Reason::Forbidden, "{refused:?}");
    assert!(refused.help.unwrap().contains("operator"));
}
