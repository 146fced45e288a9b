//! `sluis explain CODE`: the page of a code. The pages of `spec/errors` are part of the binary.

use crate::outcome::{Exit, Outcome, Problem};
use crate::terminal;
use clap::Args;
use sluis_lang::codes::CODES;
use sluis_lang::suggest::closest;

include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// Arguments of `sluis explain`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sluis explain                 every code with its title
  sluis explain E0204           why it is said, an example, and how to mend it")]
pub struct ExplainArgs {
    /// The code, such as E0204; without one all are listed
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

/// The page of a code, in Markdown.
pub fn page(code: &str) -> Option<&'static str> {
    PAGES.iter().find(|(known, _)| known.eq_ignore_ascii_case(code)).map(|(_, page)| *page)
}

/// Runs the verb.
pub fn run(args: &ExplainArgs) -> Outcome {
    let Some(code) = &args.code else {
        for (code, title) in CODES {
            terminal::out(format!("{code}  {title}"));
        }
        return Ok(Exit::Done);
    };
    if let Some(page) = page(code) {
        terminal::out(page.trim_end());
        return Ok(Exit::Done);
    }
    let help = match closest(code, CODES.iter().map(|(code, _)| code.0)) {
        Some(near) => format!("did you mean {near}? `sluis explain` lists all codes"),
        None => "`sluis explain` lists all codes".to_owned(),
    };
    Err(Problem::refused(format!("there is no code `{code}`")).help(help))
}
