//! What is open in the editor: texts with their versions, and what was read from each.

use crate::positions::{Encoding, Lines};
use lsp_types::{Position, Range, TextDocumentContentChangeEvent, Uri};
use sluis_lang::check::Environment;
use sluis_lang::ide::Document;
use sluis_lang::source::Span;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A text in the editor.
#[derive(Debug)]
pub(crate) struct Open {
    pub uri: Uri,
    pub version: i32,
    /// Its diagnostics have not been sent since it changed.
    pub stale: bool,
    text: String,
    /// Read when somebody asks, so that a burst of changes is read once.
    read: OnceCell<File>,
    encoding: Encoding,
    environment: Arc<Environment>,
}

/// A text with everything that was read from it.
#[derive(Debug)]
pub(crate) struct File {
    pub document: Document,
    pub lines: Lines,
}

impl File {
    pub fn offset(&self, position: Position) -> u32 {
        self.lines.offset(self.document.text(), position)
    }

    pub fn range(&self, span: Span) -> Range {
        self.lines.range(self.document.text(), span)
    }

    pub fn span(&self, range: Range) -> Span {
        self.lines.span(self.document.text(), range)
    }
}

impl Open {
    pub fn file(&self) -> &File {
        self.read.get_or_init(|| File {
            document: Document::new(self.text.clone(), Arc::clone(&self.environment)),
            lines: Lines::new(&self.text, self.encoding),
        })
    }

    fn change(&mut self, change: TextDocumentContentChangeEvent) {
        match change.range {
            Some(range) => {
                let span = Lines::new(&self.text, self.encoding).span(&self.text, range);
                self.text.replace_range(span.range(), &change.text);
            }
            None => self.text = change.text,
        }
    }

    fn forget(&mut self) {
        self.read = OnceCell::new();
        self.stale = true;
    }
}

/// Everything that is open.
#[derive(Debug, Default)]
pub(crate) struct Session {
    open: BTreeMap<String, Open>,
    encoding: Encoding,
    environment: Arc<Environment>,
}

impl Session {
    pub fn new(encoding: Encoding, environment: Arc<Environment>) -> Self {
        Self { open: BTreeMap::new(), encoding, environment }
    }

    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Reads everything again against other connectors.
    pub fn set_environment(&mut self, environment: Arc<Environment>) {
        self.environment = environment;
        for open in self.open.values_mut() {
            open.environment = Arc::clone(&self.environment);
            open.forget();
        }
    }

    pub fn open(&mut self, uri: Uri, version: i32, text: String) {
        let open = Open {
            version,
            stale: true,
            text,
            read: OnceCell::new(),
            encoding: self.encoding,
            environment: Arc::clone(&self.environment),
            uri: uri.clone(),
        };
        self.open.insert(uri.as_str().to_owned(), open);
    }

    /// Changes in their order; those of a text that is not open are ignored.
    pub fn change(&mut self, uri: &Uri, version: i32, changes: Vec<TextDocumentContentChangeEvent>) {
        let Some(open) = self.open.get_mut(uri.as_str()) else { return };
        changes.into_iter().for_each(|change| open.change(change));
        open.version = version;
        open.forget();
    }

    /// Whether it was open.
    pub fn close(&mut self, uri: &Uri) -> bool {
        self.open.remove(uri.as_str()).is_some()
    }

    pub fn get(&self, uri: &Uri) -> Option<&Open> {
        self.open.get(uri.as_str())
    }

    /// One whose diagnostics are to be sent; it counts as told from now on.
    pub fn next_stale(&mut self) -> Option<&Open> {
        let open = self.open.values_mut().find(|open| open.stale)?;
        open.stale = false;
        Some(open)
    }
}
