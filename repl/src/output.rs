//! Writing to the terminal. Results go to standard output, everything about them to standard
//! error; a reader that went away is no reason to panic.

use anstyle::{AnsiColor, Style};
use std::io::Write as _;

const BAD: Style = AnsiColor::Red.on_default().bold();
const NOTE: Style = AnsiColor::Cyan.on_default().bold();

/// A result.
pub fn out(text: impl AsRef<str>) {
    let _ = writeln!(anstream::stdout().lock(), "{}", text.as_ref());
}

/// A drawing that ends with its own newline.
pub fn drawing(text: &str) {
    let _ = write!(anstream::stderr().lock(), "{text}");
}

/// What is in the way, and what to do about it.
pub fn problem(message: &str, help: Option<&str>) {
    let _ = writeln!(anstream::stderr().lock(), "{BAD}sluis:{BAD:#} {message}");
    if let Some(help) = help {
        let _ = writeln!(anstream::stderr().lock(), "  {NOTE}help{NOTE:#}: {help}");
    }
}
