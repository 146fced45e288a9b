//! A server that is killed in the middle of runs: they go on, and what they have done is not done twice.

use crate::home::{Home, free_port};
use crate::serve::{answer, ask};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A service that counts writes, and answers what is slow only when it is told to.
struct Service {
    port: u16,
    writes: Arc<Mutex<Vec<String>>>,
    /// Hears of each slow request, and lets it be answered.
    slow: Receiver<TcpStream>,
}

impl Service {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let writes = Arc::new(Mutex::new(Vec::new()));
        let (tell, slow) = channel();
        let kept = writes.clone();
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                let (kept, tell) = (kept.clone(), tell.clone());
                std::thread::spawn(move || serve(socket.unwrap(), &kept, &tell));
            }
        });
        Self { port, writes, slow }
    }

    /// The next slow request that arrives.
    fn next_slow(&self) -> TcpStream {
        self.slow.recv_timeout(Duration::from_secs(30)).unwrap()
    }
}

/// One request of a connection that is closed after it.
fn serve(mut socket: TcpStream, writes: &Mutex<Vec<String>>, slow: &Sender<TcpStream>) {
    let mut lines = BufReader::new(socket.try_clone().unwrap()).lines();
    let Some(Ok(first)) = lines.next() else { return };
    while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
    if first.starts_with("POST") {
        writes.lock().unwrap().push(first);
        finish(&mut socket);
    } else {
        slow.send(socket).unwrap();
    }
}

fn finish(socket: &mut TcpStream) {
    // Whoever asked may be dead.
    let _ = write!(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
}

/// A server that listens.
fn serving(home: &Home, port: u16, service: u16) -> Child {
    let (url, allowed) = (format!("http://127.0.0.1:{port}"), format!("127.0.0.1:{service}"));
    let mut child = home
        .command(&["serve", "--public-url", &url, "--allow-host", &allowed])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut err = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("listening on") {
        assert_ne!(err.read_line(&mut said).unwrap(), 0, "{said}");
    }
    // What it says later is read away, so that it never waits for us.
    std::thread::spawn(move || err.lines().for_each(drop));
    child
}

#[cfg(unix)]
#[test]
fn runs_of_a_server_that_is_killed_go_on_and_do_nothing_twice() {
    const KILLS: usize = 3;
    let (home, port, service) = (Home::new(), free_port(), Service::start());
    let mut server = serving(&home, port, service.port);
    let token = std::fs::read_to_string(home.path(".local/share/sluis/api-token")).unwrap();
    let token = token.trim().to_owned();
    let at = format!("http://127.0.0.1:{}", service.port);
    let source = format!(
        "info \"begun\";\ninvokeurl [url: \"{at}/make\" type: POST parameters: \"a\"];\n\
         info \"made\";\nreturn invokeurl [url: \"{at}/slow\" type: GET];"
    );
    let body = format!("{{\"source\": {source:?}}}");
    ask(port, "PUT /api/v1/orgs/acme", &token, "{}");
    let stored = ask(port, "PUT /api/v1/orgs/acme/functions/work", &token, &body);
    assert!(stored.contains(" 200 "), "{stored}");
    // Nobody hears the answer: the server dies first.
    let mut caller = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(
        caller,
        "POST /api/v1/orgs/acme/functions/work/run HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\
         Authorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
    )
    .unwrap();
    for _ in 0..KILLS {
        let asked = service.next_slow();
        server.kill().unwrap();
        server.wait().unwrap();
        drop(asked);
        server = serving(&home, port, service.port);
    }
    finish(&mut service.next_slow());
    let until = Instant::now() + Duration::from_secs(30);
    let runs = loop {
        let runs = answer(port, "/api/v1/orgs/acme/runs", &token);
        if runs.contains("\"done\"") || Instant::now() > until {
            break runs;
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    assert!(runs.contains("\"done\"") && runs.contains(&format!("\"attempts\":{}", KILLS + 1)), "{runs}");
    assert_eq!(*service.writes.lock().unwrap(), ["POST /make HTTP/1.1"], "the write was made once");
    assert_eq!(runs.matches("run_id").count(), 1, "{runs}");
    let id = runs.split("\"run_id\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    let run = answer(port, &format!("/api/v1/orgs/acme/runs/{id}"), &token);
    assert!(run.contains(r#""output":["begun","made"]"#), "{run}");
    server.kill().unwrap();
    server.wait().unwrap();
    // What there was is seen from the command line as well.
    let listed = home.run(&["runs", "list", "--org", "acme", "--state", "done"]);
    assert!(listed.code == 0 && listed.out.contains(&id), "{} {}", listed.out, listed.err);
    let shown = home.run(&["runs", "show", &id, "--org", "acme"]);
    assert!(shown.out.contains("info  made") && shown.out.contains("call  POST"), "{}", shown.out);
    let tailed = home.run(&["runs", "tail", &id, "--org", "acme"]);
    assert!(tailed.code == 0 && tailed.out.contains("info  begun"), "{} {}", tailed.out, tailed.err);
    let again = home.run(&["runs", "again", &id, "--org", "acme"]);
    assert!(again.code != 0 && again.err.contains("has ended well"), "{}", again.err);
}
