//! The loop over messages, from the first to `exit`.

use crate::capabilities;
use crate::convert;
use crate::positions::Encoding;
use crate::requests::{self, Refused};
use crate::session::Session;
use crate::wire::{self, Incoming};
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::notification::{self as notify, Notification as _};
use lsp_types::request::{self, Request as _};
use lsp_types::{
    CancelParams, DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    InitializeParams, InitializeResult, NumberOrString, PublishDiagnosticsParams, ServerInfo, Uri,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use sluis_lang::check::Environment;
use std::collections::VecDeque;
use std::io::{self, BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

/// Messages that wait while one is answered; more wait in the pipe.
const WAITING: usize = 256;

/// Answers what scripts are checked against, given the folders of the workspace as URIs.
pub type Surroundings = Box<dyn Fn(&[String]) -> Environment>;

/// What the server is started with.
pub struct Setup {
    /// What scripts are checked against: asked for when the folders of the workspace (as URIs) are
    /// known, and again when the client says that files changed or runs [`RELOAD`].
    pub environment: Surroundings,
    /// The version that the client is told.
    pub version: String,
}

/// The command that reads the connectors again.
pub const RELOAD: &str = "sluis.reload";

/// How a conversation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// `shutdown`, then `exit`.
    Orderly,
    /// `exit` without `shutdown`, or the input ended.
    Abrupt,
}

/// Speaks with one client until it leaves. Diagnostics are sent when no message waits, so that a
/// burst of changes is checked once, without any clock.
///
/// # Errors
/// The output cannot be written.
pub fn serve(mut input: impl BufRead + Send + 'static, output: impl Write, setup: Setup) -> io::Result<End> {
    let (sender, receiver) = sync_channel(WAITING);
    // Ends with its input, or when nobody listens any more.
    std::thread::spawn(move || {
        while let Ok(Some(incoming)) = wire::read(&mut input) {
            if sender.send(incoming).is_err() {
                break;
            }
        }
    });
    let mut server = Server {
        output,
        setup,
        state: State::New,
        session: Session::default(),
        snippets: false,
        folders: vec![],
    };
    server.run(&receiver)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Running,
    Stopped,
}

struct Server<W> {
    output: W,
    setup: Setup,
    state: State,
    session: Session,
    /// Whether the client knows texts with places to fill.
    snippets: bool,
    /// Of the workspace, as URIs.
    folders: Vec<String>,
}

impl<W: Write> Server<W> {
    fn run(&mut self, receiver: &Receiver<Incoming>) -> io::Result<End> {
        let mut waiting = VecDeque::new();
        loop {
            waiting.extend(receiver.try_iter());
            let next = match waiting.pop_front() {
                Some(next) => next,
                None => {
                    self.publish()?;
                    match receiver.recv() {
                        Ok(next) => next,
                        Err(_) => return Ok(End::Abrupt),
                    }
                }
            };
            match next {
                Incoming::Malformed { id, code, reason } => {
                    wire::refuse(&mut self.output, &id, code, &reason)?
                }
                Incoming::Message(Message::Request(request)) => self.request(request)?,
                Incoming::Message(Message::Notification(notification)) => {
                    if notification.method == notify::Exit::METHOD {
                        let orderly = self.state == State::Stopped;
                        return Ok(if orderly { End::Orderly } else { End::Abrupt });
                    }
                    waiting.extend(receiver.try_iter());
                    self.notification(notification, &mut waiting)?;
                }
                // We ask the client nothing.
                Incoming::Message(Message::Response(_)) => {}
            }
        }
    }

    fn send(&mut self, message: impl Into<Message>) -> io::Result<()> {
        wire::write(&mut self.output, &message.into())
    }

    fn refuse(&mut self, id: RequestId, code: ErrorCode, reason: impl Into<String>) -> io::Result<()> {
        self.send(Response::new_err(id, code as i32, reason.into()))
    }

    fn request(&mut self, request: Request) -> io::Result<()> {
        let id = request.id.clone();
        match (self.state, request.method.as_str()) {
            (State::New, request::Initialize::METHOD) => self.initialize(request),
            (State::New, _) => {
                self.refuse(id, ErrorCode::ServerNotInitialized, "the first request is `initialize`")
            }
            (State::Stopped, _) => self.refuse(id, ErrorCode::InvalidRequest, "the server was shut down"),
            (State::Running, request::Initialize::METHOD) => {
                self.refuse(id, ErrorCode::InvalidRequest, "`initialize` comes once")
            }
            (State::Running, request::Shutdown::METHOD) => {
                self.state = State::Stopped;
                self.send(Response::new_ok(id, Value::Null))
            }
            (State::Running, request::ExecuteCommand::METHOD) => {
                let known = request.params.get("command").and_then(Value::as_str) == Some(RELOAD);
                if !known {
                    return self.refuse(
                        id,
                        ErrorCode::InvalidParams,
                        format!("the only command is `{RELOAD}`"),
                    );
                }
                self.reload();
                self.send(Response::new_ok(id, Value::Null))
            }
            (State::Running, _) => self.answer(request),
        }
    }

    /// A question about a text. A mistake of ours in one answer must not cost the author the server.
    fn answer(&mut self, request: Request) -> io::Result<()> {
        let Request { id, method, params } = request;
        let (session, snippets) = (&self.session, self.snippets);
        let answered =
            catch_unwind(AssertUnwindSafe(|| requests::answer(session, snippets, &method, params)));
        match answered {
            Ok(Ok(value)) => self.send(Response::new_ok(id, value)),
            Ok(Err(Refused { code, reason })) => self.refuse(id, code, reason),
            Err(_) => {
                let reason = format!("a mistake in the server while answering `{method}`");
                self.refuse(id, ErrorCode::InternalError, reason)
            }
        }
    }

    fn initialize(&mut self, request: Request) -> io::Result<()> {
        let params: InitializeParams = match serde_json::from_value(request.params) {
            Ok(params) => params,
            Err(error) => return self.refuse(request.id, ErrorCode::InvalidParams, error.to_string()),
        };
        let offered = params.capabilities.general.and_then(|general| general.position_encodings);
        let encoding = Encoding::choose(offered.as_deref().unwrap_or_default());
        let item = params.capabilities.text_document.and_then(|text| text.completion);
        let item = item.and_then(|completion| completion.completion_item);
        self.snippets = item.and_then(|item| item.snippet_support).unwrap_or(false);
        let folders = params.workspace_folders.unwrap_or_default();
        self.folders = folders.into_iter().map(|folder| folder.uri.as_str().to_owned()).collect();
        #[expect(deprecated, reason = "clients that know no folders still send it")]
        if let (true, Some(root)) = (self.folders.is_empty(), params.root_uri) {
            self.folders.push(root.as_str().to_owned());
        }
        self.session = Session::new(encoding, Arc::new((self.setup.environment)(&self.folders)));
        self.state = State::Running;
        let server_info = ServerInfo { name: "sluis".to_owned(), version: Some(self.setup.version.clone()) };
        let capabilities = capabilities::of_server(encoding);
        let result = InitializeResult { capabilities, server_info: Some(server_info) };
        self.send(Response::new_ok(request.id, result))
    }

    fn reload(&mut self) {
        self.session.set_environment(Arc::new((self.setup.environment)(&self.folders)));
    }

    fn notification(&mut self, sent: Notification, waiting: &mut VecDeque<Incoming>) -> io::Result<()> {
        if self.state != State::Running {
            return Ok(());
        }
        match sent.method.as_str() {
            notify::DidOpenTextDocument::METHOD => {
                if let Some(params) = self.read::<DidOpenTextDocumentParams>(sent)? {
                    let opened = params.text_document;
                    self.session.open(opened.uri, opened.version, opened.text);
                }
            }
            notify::DidChangeTextDocument::METHOD => {
                if let Some(params) = self.read::<DidChangeTextDocumentParams>(sent)? {
                    let changed = params.text_document;
                    self.session.change(&changed.uri, changed.version, params.content_changes);
                }
            }
            notify::DidCloseTextDocument::METHOD => {
                if let Some(params) = self.read::<DidCloseTextDocumentParams>(sent)?
                    && self.session.close(&params.text_document.uri)
                {
                    self.publish_one(params.text_document.uri, None, vec![])?;
                }
            }
            notify::DidChangeWatchedFiles::METHOD => self.reload(),
            notify::Cancel::METHOD => {
                if let Some(params) = self.read::<CancelParams>(sent)? {
                    self.cancel(&params.id, waiting)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Answers a request that still waits with a refusal.
    fn cancel(&mut self, id: &NumberOrString, waiting: &mut VecDeque<Incoming>) -> io::Result<()> {
        let id = match id {
            NumberOrString::Number(number) => RequestId::from(*number),
            NumberOrString::String(text) => RequestId::from(text.clone()),
        };
        let is_it = |one: &Incoming| matches!(one, Incoming::Message(Message::Request(r)) if r.id == id);
        match waiting.iter().position(is_it) {
            Some(at) => {
                waiting.remove(at);
                self.refuse(id, ErrorCode::RequestCanceled, "cancelled")
            }
            None => Ok(()),
        }
    }

    /// The parameters of a notification; those that cannot be read are told as a log message, because
    /// a notification has no answer.
    fn read<T: DeserializeOwned>(&mut self, sent: Notification) -> io::Result<Option<T>> {
        match serde_json::from_value(sent.params) {
            Ok(params) => Ok(Some(params)),
            Err(error) => {
                let params = lsp_types::LogMessageParams {
                    typ: lsp_types::MessageType::ERROR,
                    message: format!("`{}` cannot be read: {error}", sent.method),
                };
                self.send(Notification::new(notify::LogMessage::METHOD.to_owned(), params))?;
                Ok(None)
            }
        }
    }

    /// Sends the diagnostics of everything that changed.
    fn publish(&mut self) -> io::Result<()> {
        while let Some(open) = self.session.next_stale() {
            let (uri, version) = (open.uri.clone(), open.version);
            let found = catch_unwind(AssertUnwindSafe(|| convert::diagnostics(open)));
            if let Ok(found) = found {
                self.publish_one(uri, Some(version), found)?;
            }
        }
        Ok(())
    }

    fn publish_one(
        &mut self,
        uri: Uri,
        version: Option<i32>,
        diagnostics: Vec<lsp_types::Diagnostic>,
    ) -> io::Result<()> {
        let params = PublishDiagnosticsParams { uri, diagnostics, version };
        self.send(Notification::new(notify::PublishDiagnostics::METHOD.to_owned(), params))
    }
}
