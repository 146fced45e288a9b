//! Results that go to a new file, or to standard output.

use crate::outcome::Problem;
use crate::terminal;
use std::io::Write as _;
use std::path::Path;

/// Writes a text to a file that must not be there yet, or without one to standard output.
pub fn write_new(file: Option<&Path>, text: &str) -> Result<(), Problem> {
    let Some(file) = file else {
        terminal::out_as_is(text);
        return Ok(());
    };
    write_new_bytes(file, text.as_bytes())
}

/// Writes bytes to a file that must not be there yet.
pub fn write_new_bytes(file: &Path, bytes: &[u8]) -> Result<(), Problem> {
    let create = || {
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(file)?;
        file.write_all(bytes)
    };
    create().map_err(|error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Problem::refused(format!("{} is there already", file.display()))
            .help("name a new file, or move that one away"),
        _ => Problem::environment(format!("{} cannot be written: {error}", file.display())),
    })
}
