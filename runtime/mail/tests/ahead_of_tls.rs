//! What happens before TLS stands: against servers that a script of lines plays, as somebody on the network
//! could who wants the password.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is an assertion")]

use sluis_engine::mail::{Mail, MailRequest};
use sluis_invoke::{MailAccount, MailError, MailOrder, MailPort as _};
use sluis_mail::SmtpConversations;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A server that answers each line with the next of these, and then hangs up; it ends with the lines that it saw.
async fn server(answers: &'static [&'static str]) -> (SocketAddr, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let going = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        let mut seen = Vec::new();
        write.write_all(b"220 mail.example.com ESMTP\r\n").await.unwrap();
        for answer in answers {
            match lines.next_line().await {
                Ok(Some(line)) => seen.push(line),
                _ => return seen,
            }
            write.write_all(answer.as_bytes()).await.unwrap();
        }
        // What comes now may be TLS, which is no text.
        if let Ok(Some(line)) = lines.next_line().await {
            seen.push(line);
        }
        seen
    });
    (address, going)
}

fn order(address: SocketAddr, may_be_plain: bool) -> MailOrder {
    let mail = Mail {
        from: "ada@example.com".into(),
        to: vec!["bob@example.com".into()],
        text: Some("hello".into()),
        ..Mail::default()
    };
    MailOrder {
        shown: address.to_string(),
        tls_name: "mail.example.com".into(),
        addresses: vec![address],
        tls_from_start: false,
        may_be_plain,
        account: Some(MailAccount::Password { user: "mailer".into(), password: "sw0rdfish".into() }),
        request: MailRequest::Send(Arc::new(mail)),
        within: Duration::from_secs(20),
    }
}

fn nothing_was_told(seen: &[String]) {
    let told =
        |line: &String| line.starts_with("AUTH") || line.starts_with("MAIL") || line.contains("sw0rdfish");
    assert!(!seen.iter().any(told), "{seen:?}");
}

#[tokio::test]
async fn nobody_signs_in_with_a_server_that_offers_no_tls() {
    let (address, going) = server(&["250-mail.example.com\r\n250 AUTH PLAIN LOGIN\r\n", "221 bye\r\n"]).await;
    let ended = SmtpConversations::new().converse(order(address, false)).await;
    assert_eq!(ended, Err(MailError::NotOffered));
    nothing_was_told(&going.await.unwrap());
}

#[tokio::test]
async fn what_is_said_ahead_of_tls_is_not_taken_for_an_answer_of_the_server() {
    let (address, going) = server(&[
        "250-mail.example.com\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n",
        "220 go ahead\r\n250-evil.example\r\n250 AUTH PLAIN\r\n235 welcome\r\n",
    ])
    .await;
    let ended = SmtpConversations::new().converse(order(address, true)).await;
    assert!(matches!(ended, Err(MailError::Tls(_) | MailError::NotConnected(_))), "{ended:?}");
    nothing_was_told(&going.await.unwrap());
}

#[tokio::test]
async fn a_server_that_takes_no_password_gets_none() {
    let (address, going) = server(&["250 mail.example.com\r\n", "221 bye\r\n"]).await;
    let ended = SmtpConversations::new().converse(order(address, true)).await;
    assert!(
        matches!(&ended, Err(MailError::NoMechanism(why)) if why.contains("PLAIN or LOGIN")),
        "{ended:?}"
    );
    nothing_was_told(&going.await.unwrap());
}

#[tokio::test]
async fn what_the_server_says_before_the_mail_is_handed_over_tells_that_it_was_not() {
    let (address, _going) =
        server(&["250-mail.example.com\r\n250 AUTH PLAIN\r\n", "454 4.7.0 not now\r\n"]).await;
    let ended = SmtpConversations::new().converse(order(address, true)).await;
    assert!(
        matches!(&ended, Err(MailError::Deferred(line)) if line.enhanced() == Some("4.7.0")),
        "{ended:?}"
    );
    let (address, _going) =
        server(&["250-mail.example.com\r\n250 AUTH PLAIN\r\n", "235 2.7.0 fine\r\n"]).await;
    let ended = SmtpConversations::new().converse(order(address, true)).await;
    assert!(matches!(ended, Err(MailError::BrokeBefore(_))), "{ended:?}");
}
