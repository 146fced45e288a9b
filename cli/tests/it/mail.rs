//! The connector `smtp` of the catalogue, through the binary: connected, explained, called.

use crate::home::{Home, example};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};

/// A mail server that lets `mailer` with `mail-pw` in and takes everything, one connection after the other.
fn mail_server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || listener.incoming().for_each(|stream| serve(stream.unwrap())));
    port
}

fn serve(mut stream: TcpStream) {
    // \0mailer\0mail-pw
    const GOOD: &str = "AUTH PLAIN AG1haWxlcgBtYWlsLXB3";
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let _ = stream.write_all(b"220 ready\r\n");
    while let Some(Ok(line)) = lines.next() {
        let answer = match line.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" => "250-mail\r\n250 AUTH PLAIN",
            "AUTH" if line == GOOD => "235 2.7.0 welcome",
            "AUTH" => "535 5.7.8 no",
            "DATA" => {
                let _ = stream.write_all(b"354 go ahead\r\n");
                lines.by_ref().map_while(Result::ok).find(|line| line == ".");
                "250 2.0.0 kept"
            }
            "QUIT" => return,
            _ => "250 2.0.0 fine",
        };
        let _ = stream.write_all(format!("{answer}\r\n").as_bytes());
    }
}

#[test]
fn a_mail_is_explained_and_sent_from_the_command_line() {
    let (home, port) = (Home::new(), mail_server());
    let allowed = format!("127.0.0.1:{port}");
    let (host, at) = ("host=127.0.0.1".to_owned(), format!("port={port}"));
    let open = ["--allow-host", &allowed];
    let released = home.run(&["connector", "release", &example("connectors/smtp/connector.yaml")]);
    assert_eq!(released.code, 0, "{}", released.err);
    let connect = ["authorize", "smtp", "--var", &host, "--var", &at, "--fields", "-"];
    let connect = [&connect[..], &open].concat();
    let refused = home.pipe(&connect, r#"{"user": "mailer", "password": "sw0rdfish"}"#);
    assert!(refused.code != 0 && refused.err.contains("535 5.7.8"), "{}", refused.err);
    assert!(!refused.err.contains("sw0rdfish"), "{}", refused.err);
    let connected = home.pipe(&connect, r#"{"user": "mailer", "password": "mail-pw"}"#);
    assert_eq!(connected.code, 0, "{}", connected.err);
    let call = [
        "call",
        "smtp.sendtext",
        "from=ada@example.com",
        "to=bob@example.com",
        "subject=Hello",
        "text=Dear Bob",
    ];
    let explained = home.run(&[&call[..], &["--explain"], &open].concat());
    assert_eq!(explained.code, 0, "{}", explained.err);
    for told in ["RCPT TO:<bob@example.com>", "Subject: Hello", "AUTH with user and password ***", "Dear Bob"]
    {
        assert!(explained.out.contains(told), "{told}: {}", explained.out);
    }
    assert!(!explained.out.contains("mail-pw"), "{}", explained.out);
    let sent = home.run(&[&call[..], &open].concat());
    assert_eq!(sent.code, 0, "{}", sent.err);
    assert!(sent.out.contains("\"accepted\"") && sent.out.contains("2.0.0 kept"), "{}", sent.out);
    let evil = home.run(&[&call[..4], &["subject=a\nBcc: eve@example.com", "text=x"], &open].concat());
    assert!(evil.code != 0 && evil.err.contains("line break"), "{}", evil.err);
}
