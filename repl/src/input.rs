//! Where inputs come from: an editor in a terminal, or a pipe. Both gather lines until the script
//! they make is complete.

use crate::ReplError;
use crate::assist::Assist;
use crate::session::Session;
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{CompletionType, Config, Editor};
use sluis_lang::syntax::complete::{Completeness, is_complete};
use std::io::{BufRead as _, IsTerminal as _};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// One answer to the prompt.
pub enum Line {
    /// A complete input.
    Text(String),
    /// Ctrl-C: what was typed is dropped.
    Dropped,
    /// Ctrl-D, or the end of the pipe.
    End,
}

/// Where inputs come from.
pub enum Input {
    /// A person.
    Terminal(Box<Editor<Assist, FileHistory>>, Option<PathBuf>),
    /// A pipe or a file.
    Piped,
}

impl Input {
    /// An editor if there is a terminal.
    pub fn open(runtime: &Arc<Runtime>, session: &Session) -> Result<Self, ReplError> {
        if !std::io::stdin().is_terminal() {
            return Ok(Self::Piped);
        }
        let config = Config::builder()
            .completion_type(CompletionType::List)
            .history_ignore_space(true)
            .auto_add_history(true)
            .build();
        let mut editor = Editor::with_config(config).map_err(unreadable)?;
        editor.set_helper(Some(Assist::new(Arc::clone(runtime), session)));
        let history = session.options.history.clone();
        if let Some(file) = &history {
            // A first start has none; a history that cannot be read is no reason not to start.
            let _ = editor.load_history(file);
        }
        Ok(Self::Terminal(Box::new(editor), history))
    }

    /// Tells the editor what can be completed now.
    pub fn refresh(&mut self, session: &Session) {
        if let Self::Terminal(editor, _) = self
            && let Some(assist) = editor.helper_mut()
        {
            assist.refresh(session);
        }
    }

    /// Reads one input.
    pub fn next(&mut self, number: usize) -> Result<Line, ReplError> {
        match self {
            Self::Piped => next_piped(),
            Self::Terminal(editor, _) => match editor.readline(&format!("sluis[{number}]> ")) {
                Ok(text) => Ok(Line::Text(text)),
                Err(ReadlineError::Interrupted) => Ok(Line::Dropped),
                Err(ReadlineError::Eof) => Ok(Line::End),
                Err(error) => Err(unreadable(error)),
            },
        }
    }

    /// Keeps the history for the next time.
    pub fn close(self) {
        if let Self::Terminal(mut editor, Some(file)) = self {
            if let Some(folder) = file.parent() {
                let _ = std::fs::create_dir_all(folder);
            }
            let _ = editor.save_history(&file);
        }
    }
}

/// Lines until they make a complete script, or the pipe ends.
fn next_piped() -> Result<Line, ReplError> {
    let mut text = String::new();
    loop {
        let read = std::io::stdin().lock().read_line(&mut text);
        let bytes = read.map_err(|error| ReplError::Input(error.to_string()))?;
        if bytes == 0 {
            return Ok(if text.trim().is_empty() { Line::End } else { Line::Text(text) });
        }
        if text.trim_start().starts_with(':') || is_complete(&text) == Completeness::Complete {
            return Ok(Line::Text(text));
        }
    }
}

fn unreadable(error: ReadlineError) -> ReplError {
    ReplError::Input(error.to_string())
}
