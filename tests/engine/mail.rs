//! Mails through a real SMTP server.

use sluis_engine::{Engine, EngineBuilder, EntryPoint, Opened, RunEnd, RunRequest, Unobserved};
use sluis_invoke::{EgressPolicy, Transport};
use sluis_mail::{MailFolder, SmtpMailer};
use sluis_model::id::OrgId;
use sluis_tests::peers::{MailMode, MailServer};
use sluis_vault::{KeyRing, SystemRandomness, Vault};
use std::sync::Arc;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

const SEND: &str = r#"sendmail
    [
        from: "Ada <ada@example.com>"
        to: "bob@example.com, \"Doe, Jane\" <jane@example.com>"
        cc: {"carl@example.com"}
        bcc: "eve@example.com"
        reply to: "desk@example.com"
        subject: "Grüße"
        message: "<b>hello</b>"
    ];
    info "sent";"#;

async fn builder() -> EngineBuilder {
    let store = sluis_store::open_in_memory().await.unwrap();
    let vault = Vault::new(KeyRing::from_text(KEY, "the test").unwrap(), Arc::new(SystemRandomness));
    EngineBuilder::new(
        Arc::new(Opened { store, vault: Arc::new(vault) }),
        Arc::new(Transport::new(EgressPolicy::strict())),
        "http://127.0.0.1:1".parse().unwrap(),
    )
}

async fn engine(smtp: &str) -> Engine {
    builder().await.mailer(Arc::new(SmtpMailer::new(&smtp.into()).unwrap())).build()
}

async fn run(engine: &Engine, source: &str) -> RunEnd {
    let org: OrgId = "acme".parse().unwrap();
    engine.ensure_org(&org).await.unwrap();
    let request = RunRequest {
        org,
        user: None,
        label: "mail.dg".to_owned(),
        function: None,
        source: source.to_owned(),
        entry: EntryPoint::Default,
        args: Vec::new(),
        keep: true,
    };
    engine.run(request, &mut Unobserved).await.unwrap()
}

/// The reason with which sending fails, and everything that is told of it.
async fn fails(smtp: &str) -> (String, String) {
    let end = run(&engine(smtp).await, SEND).await;
    let fault = end.fault.clone().unwrap();
    let told = format!("{end:?} {}", serde_json::to_string(&end.run).unwrap());
    (fault.reason.unwrap(), told)
}

#[tokio::test]
async fn a_mail_reaches_the_server_with_its_headers_and_all_recipients() {
    let mut server = MailServer::start(MailMode::Normal, false).await.unwrap();
    let engine = engine(&format!("smtp://mailer:mail-pw@127.0.0.1:{}", server.port)).await;
    let end = run(&engine, SEND).await;
    assert_eq!(end.run.output, ["sent"], "{:?}", end.fault);
    let mail = server.next().await.unwrap();
    assert_eq!(mail.sender, "ada@example.com");
    assert_eq!(
        mail.recipients,
        ["bob@example.com", "jane@example.com", "carl@example.com", "eve@example.com"]
    );
    for line in
        ["Reply-To: desk@example.com", "Cc: carl@example.com", "Content-Type: text/html", "<b>hello</b>"]
    {
        assert!(mail.content.contains(line), "{line}: {}", mail.content);
    }
    assert!(!mail.content.contains("eve@example.com"), "{}", mail.content);
    let call = &end.run.calls[0];
    assert_eq!((call.api.as_str(), call.status), ("sendmail", Some(250)));
    assert_eq!(call.url, format!("smtp://127.0.0.1:{}", server.port));
    assert!(!format!("{end:?}").contains("mail-pw"));
}

#[tokio::test]
async fn starttls_is_used_where_it_is_required_and_the_certificate_is_checked() {
    let mut server = MailServer::start(MailMode::Normal, true).await.unwrap();
    let certificate = server.certificate.clone().unwrap();
    let address = format!("smtp://mailer:mail-pw@localhost:{}?tls=required", server.port);
    let trusting = engine(&format!("{address}&ca={}", certificate.display())).await;
    let end = run(&trusting, SEND).await;
    assert_eq!(end.run.output, ["sent"], "{:?}", end.fault);
    assert!(server.next().await.unwrap().tls);
    let (reason, told) = fails(&address).await;
    assert_eq!(reason, "unreachable");
    assert!(told.to_lowercase().contains("certificate") && !told.contains("mail-pw"), "{told}");
    let (reason, _) = fails(&format!("smtp://127.0.0.1:{}?tls=none", server.port)).await;
    assert_eq!(reason, "mail_not_configured", "the server demands STARTTLS");
}

#[tokio::test]
async fn what_the_server_says_no_to_is_told_apart() {
    let busy = MailServer::start(MailMode::TemporaryFailure, false).await.unwrap();
    let (reason, told) = fails(&format!("smtp://mailer:mail-pw@127.0.0.1:{}", busy.port)).await;
    assert_eq!(reason, "mail_deferred");
    assert!(told.contains("451") && told.contains("try again later"), "{told}");
    let strict = MailServer::start(MailMode::PermanentFailure, false).await.unwrap();
    let (reason, told) = fails(&format!("smtp://mailer:mail-pw@127.0.0.1:{}", strict.port)).await;
    assert_eq!(reason, "mail_refused");
    assert!(told.contains("550"), "{told}");
    let (reason, told) = fails(&format!("smtp://mailer:sw0rdfish@127.0.0.1:{}", strict.port)).await;
    assert_eq!(reason, "mail_not_configured");
    assert!(!told.contains("sw0rdfish"), "{told}");
    let (reason, _) = fails("smtp://127.0.0.1:1").await;
    assert_eq!(reason, "unreachable");
}

#[tokio::test]
async fn a_mail_that_is_too_large_for_the_server_is_refused_for_good() {
    let server = MailServer::start(MailMode::Normal, false).await.unwrap();
    let engine = engine(&format!("smtp://mailer:mail-pw@127.0.0.1:{}", server.port)).await;
    let script = r#"big = "0123456789abcdef".repeat(80000);
        sendmail [ from: "a@example.com" to: "b@example.com" subject: "s" message: big ]"#;
    let fault = run(&engine, script).await.fault.unwrap();
    assert_eq!(fault.reason.as_deref(), Some("mail_refused"), "{}", fault.message);
}

#[tokio::test]
async fn several_mails_go_out_one_after_the_other() {
    let mut server = MailServer::start(MailMode::Normal, false).await.unwrap();
    let engine = engine(&format!("smtp://mailer:mail-pw@127.0.0.1:{}", server.port)).await;
    let script = r#"for each name in {"a","b","c"}
        {
            sendmail [ from: "x@example.com" to: name + "@example.com" subject: name message: name content type: TEXT ]
        }"#;
    assert!(run(&engine, script).await.fault.is_none());
    for name in ["a", "b", "c"] {
        let mail = server.next().await.unwrap();
        assert_eq!(mail.recipients, [format!("{name}@example.com")]);
        assert!(mail.content.contains("text/plain"), "{}", mail.content);
    }
}

#[tokio::test]
async fn without_a_mail_server_the_fault_says_how_to_name_one() {
    let end = run(&builder().await.build(), SEND).await;
    let fault = end.fault.unwrap();
    assert_eq!(fault.reason.as_deref(), Some("mail_not_configured"));
    let help = fault.help.unwrap();
    assert!(help.contains("SLUIS_SMTP_URL") && help.contains("--mail-dir"), "{help}");
}

#[tokio::test]
async fn in_a_mail_folder_each_mail_is_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let engine = builder().await.mailer(Arc::new(MailFolder::new(folder.path()))).build();
    let end = run(&engine, SEND).await;
    assert!(end.fault.is_none(), "{:?}", end.fault);
    let text = std::fs::read_to_string(folder.path().join("mail-0001.eml")).unwrap();
    assert!(text.contains("From: Ada <ada@example.com>") && text.contains("<b>hello</b>"), "{text}");
    assert!(end.run.calls[0].url.ends_with("mail-0001.eml"));
}

#[tokio::test]
async fn a_header_cannot_be_smuggled_into_a_mail() {
    let folder = tempfile::tempdir().unwrap();
    let engine = builder().await.mailer(Arc::new(MailFolder::new(folder.path()))).build();
    let script = r#"evil = "x\r\nBcc: all@example.com";
        try { sendmail [ from: "a@example.com" to: "b@example.com" subject: evil message: "m" ] } catch (e) { info e.code; }
        try { sendmail [ from: "a@example.com" to: evil subject: "s" message: "m" ] } catch (e) { info e.code; }
        try { sendmail [ from: "a@example.com" + evil to: "b@example.com" subject: "s" ] } catch (e) { info e.code; }"#;
    let end = run(&engine, script).await;
    assert_eq!(end.run.output, ["invalid_input"; 3], "{:?}", end.fault);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn files_are_attached_up_to_a_limit() {
    let folder = tempfile::tempdir().unwrap();
    let engine = builder().await.mailer(Arc::new(MailFolder::new(folder.path()))).build();
    let script = r#"f = "a,b".toFile("x.csv");
        g = "hello".toFile("y.txt");
        sendmail [ from: "a@example.com" to: "b@example.com" subject: "s" message: "m" Attachments: file: f, file: g ]
        big = "0123456789abcdef".repeat(20000);
        list = List();
        f = big.toFile("big.txt");
        for each i in "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50"
        {
            list.add(f);
        }
        try { sendmail [ from: "a@example.com" to: "b@example.com" subject: "s" Attachments: file: list ] } catch (e) { info e.code; }"#;
    let end = run(&engine, script).await;
    assert_eq!(end.run.output, ["too_large"], "{:?}", end.fault);
    let text = std::fs::read_to_string(folder.path().join("mail-0001.eml")).unwrap();
    assert!(text.contains("x.csv") && text.contains("y.txt") && text.contains("text/csv"), "{text}");
}
