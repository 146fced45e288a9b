//! A client that speaks the protocol over pipes with a server on a thread.

use serde_json::{Value, json};
use sluis_lang::catalog::{Api, Catalog, Input};
use sluis_lang::check::Environment;
use sluis_lsp::{End, Setup, serve};
use std::io::{BufRead, BufReader, PipeReader, PipeWriter, Read as _, Write as _, pipe};
use std::thread::JoinHandle;

/// Where the client's one script stands.
pub const URI: &str = "file:///scripts/script.dg";

/// A client with the server that it talks to.
pub struct Client {
    output: Option<PipeWriter>,
    input: BufReader<PipeReader>,
    server: Option<JoinHandle<std::io::Result<End>>>,
    id: i64,
    version: i64,
    /// Notifications that came while something else was waited for.
    kept: Vec<Value>,
}

fn environment() -> Environment {
    let input = |name: &str| Input { name: name.into(), required: true, ..Input::default() };
    let api = Api {
        id: "gcontacts.pushcontact".into(),
        description: Some("Adds a contact.".into()),
        documentation: Some("https://example.com/doc".into()),
        inputs: Some(vec![input("First_Name"), input("Last_Name")]),
        task: None,
    };
    let catalog = Catalog { namespaces: vec!["gcontacts".into()], apis: vec![api] };
    Environment { catalog: Some(catalog), ..Environment::default() }
}

impl Client {
    /// A client whose server has heard nothing yet.
    pub fn silent() -> Self {
        let (from_client, output) = pipe().unwrap();
        let (input, to_client) = pipe().unwrap();
        let server = std::thread::spawn(move || {
            let setup = Setup { environment: Box::new(|_| environment()), version: "1".into() };
            serve(BufReader::new(from_client), to_client, setup)
        });
        Self {
            output: Some(output),
            input: BufReader::new(input),
            server: Some(server),
            id: 0,
            version: 0,
            kept: vec![],
        }
    }

    /// A client that has told what it can, and heard what the server can.
    pub fn new(capabilities: Value) -> (Self, Value) {
        let mut client = Self::silent();
        let answer = client.ask("initialize", json!({"processId": null, "capabilities": capabilities}));
        client.tell("initialized", json!({}));
        (client, answer)
    }

    /// A client as most are, with a script open; and the diagnostics of the script.
    pub fn with(text: &str) -> (Self, Value) {
        let snippets = json!({"textDocument": {"completion": {"completionItem": {"snippetSupport": true}}}});
        let (mut client, _) = Self::new(snippets);
        let diagnostics = client.open(text);
        (client, diagnostics)
    }

    /// Opens the script and answers its diagnostics.
    pub fn open(&mut self, text: &str) -> Value {
        self.version += 1;
        let document = json!({"uri": URI, "languageId": "deluge", "version": self.version, "text": text});
        self.tell("textDocument/didOpen", json!({"textDocument": document}));
        self.diagnostics()
    }

    /// Replaces a range and answers the diagnostics of what came of it.
    pub fn edit(&mut self, from: (u32, u32), to: (u32, u32), text: &str) -> Value {
        self.edit_unseen(from, to, text);
        self.diagnostics()
    }

    /// Replaces a range without waiting.
    pub fn edit_unseen(&mut self, from: (u32, u32), to: (u32, u32), text: &str) {
        self.version += 1;
        let range = json!({"start": at(from), "end": at(to)});
        let params = json!({
            "textDocument": {"uri": URI, "version": self.version},
            "contentChanges": [{"range": range, "text": text}],
        });
        self.tell("textDocument/didChange", params);
    }

    /// Waits for the diagnostics of the present version.
    pub fn diagnostics(&mut self) -> Value {
        let version = self.version;
        let wanted = |message: &Value| {
            message["method"] == "textDocument/publishDiagnostics" && message["params"]["version"] == version
        };
        if let Some(kept) = self.kept.iter().position(wanted) {
            return self.kept.remove(kept)["params"]["diagnostics"].take();
        }
        loop {
            let mut message = self.read();
            if wanted(&message) {
                return message["params"]["diagnostics"].take();
            }
        }
    }

    /// Asks something about a place of the script.
    pub fn about(&mut self, method: &str, place: (u32, u32)) -> Value {
        self.about_with(method, place, json!({}))
    }

    /// The same with more parameters.
    pub fn about_with(&mut self, method: &str, place: (u32, u32), more: Value) -> Value {
        let mut params = json!({"textDocument": {"uri": URI}, "position": at(place)});
        for (name, value) in more.as_object().unwrap() {
            params[name] = value.clone();
        }
        self.ask(method, params)
    }

    /// Asks and waits for the whole answer: `result` or `error`.
    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.send_request(method, params);
        self.answer_to(&json!(id))
    }

    /// Sends a request without waiting.
    pub fn send_request(&mut self, method: &str, params: Value) -> i64 {
        self.id += 1;
        self.send(&json!({"jsonrpc": "2.0", "id": self.id, "method": method, "params": params}));
        self.id
    }

    /// Waits for an answer.
    pub fn answer_to(&mut self, id: &Value) -> Value {
        loop {
            let message = self.read();
            if message.get("method").is_some() {
                self.kept.push(message);
            } else if message["id"] == *id {
                return message;
            }
        }
    }

    pub fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        self.send_bytes(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }

    pub fn send_bytes(&mut self, bytes: &[u8]) {
        self.output.as_mut().unwrap().write_all(bytes).unwrap();
    }

    fn read(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.input.read_line(&mut line).unwrap() > 0, "the server is gone");
            match line.trim().strip_prefix("Content-Length: ") {
                Some(number) => length = number.parse().unwrap(),
                None if line.trim().is_empty() => break,
                None => {}
            }
        }
        let mut body = vec![0; length];
        self.input.read_exact(&mut body).unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    /// Leaves as the protocol wants.
    pub fn leave(mut self) -> End {
        assert_eq!(self.ask("shutdown", Value::Null)["result"], Value::Null);
        self.tell("exit", Value::Null);
        self.ended()
    }

    /// Leaves without a word.
    pub fn vanish(mut self) -> End {
        self.output = None;
        self.ended()
    }

    fn ended(&mut self) -> End {
        self.server.take().unwrap().join().unwrap().unwrap()
    }
}

fn at((line, character): (u32, u32)) -> Value {
    json!({"line": line, "character": character})
}
