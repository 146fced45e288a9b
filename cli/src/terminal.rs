//! What is written to the terminal. Results go to standard output, everything said about them to
//! standard error. A reader that went away (`sluis … | head -1`) is no reason to panic: the rest is
//! dropped and the work goes on.

use crate::args::Global;
use crate::outcome::Problem;
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use std::io::Write as _;

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const NOTE: Style = AnsiColor::Cyan.on_default().bold();
const HEED: Style = AnsiColor::Yellow.on_default().bold();
const DIM: Style = Style::new().dimmed();

/// Settles once whether there is colour: `--no-color` and `NO_COLOR` say no, a pipe says no.
pub fn set_up(global: &Global) {
    if global.no_color {
        ColorChoice::Never.write_global();
    }
}

/// Whether standard error takes colour.
pub fn colored_errors() -> bool {
    AutoStream::choice(&std::io::stderr()) != ColorChoice::Never
}

/// A line of the result.
pub fn out(line: impl AsRef<str>) {
    let _ = writeln!(std::io::stdout().lock(), "{}", line.as_ref());
}

/// One line of a long result; whether anyone still reads.
pub fn out_to_reader(line: impl AsRef<str>) -> bool {
    writeln!(std::io::stdout().lock(), "{}", line.as_ref()).is_ok()
}

/// A text of the result, with its own line ends.
pub fn out_as_is(text: impl AsRef<str>) {
    let _ = write!(std::io::stdout().lock(), "{}", text.as_ref());
}

/// A text of the result that may hold colours.
pub fn out_colored(text: impl AsRef<str>) {
    let _ = writeln!(anstream::stdout().lock(), "{}", text.as_ref());
}

/// A text about the result, as it stands.
pub fn err(text: impl AsRef<str>) {
    let _ = write!(anstream::stderr().lock(), "{}", text.as_ref());
}

/// One step of a longer work, with its verb at a fixed column, on standard output.
pub fn step(verb: &str, text: impl AsRef<str>) {
    out_colored(format!("{GOOD}{verb:>12}{GOOD:#} {}", text.as_ref()));
}

/// A step that did not succeed.
pub fn failed_step(verb: &str, text: impl AsRef<str>) {
    out_colored(format!("{BAD}{verb:>12}{BAD:#} {}", text.as_ref()));
}

/// A line below a step, aligned with its text.
pub fn detail(text: impl AsRef<str>) {
    out_colored(format!("{:>12} {DIM}{}{DIM:#}", "", text.as_ref()));
}

/// Something that waits for the person: `! gcontacts asks …`.
pub fn heed(text: impl AsRef<str>) {
    err(format!("{HEED}!{HEED:#} {}\n", text.as_ref()));
}

/// Something that is done: `✓ gcontacts is authorized …`.
pub fn success(text: impl AsRef<str>) {
    err(format!("{GOOD}✓{GOOD:#} {}\n", text.as_ref()));
}

/// Something good to know.
pub fn note(text: impl AsRef<str>) {
    err(format!("{NOTE}note{NOTE:#}: {}\n", text.as_ref()));
}

/// What is in the way, and what to do about it.
pub fn problem(problem: &Problem) {
    let reason = problem.reason.map(|reason| format!("  {DIM}({reason}){DIM:#}")).unwrap_or_default();
    err(format!("{BAD}sluis:{BAD:#} {}{reason}\n", problem.message));
    if let Some(help) = &problem.help {
        err(format!("  {NOTE}help{NOTE:#}: {}\n", help.replace('\n', "\n        ")));
    }
}

/// Whether standard output takes colour.
pub fn colored_output() -> bool {
    AutoStream::choice(&std::io::stdout()) != ColorChoice::Never
}
