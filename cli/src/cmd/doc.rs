//! `sluis doc [NAME]`: the page of a built-in, a host call, a task or a statement; without a name, what
//! there is.

use crate::args::Global;
use crate::outcome::{Exit, Outcome, Problem};
use crate::terminal;
use clap::{Args, ValueEnum};
use serde_json::json;
use sluis_lang::manual;

/// Arguments of `sluis doc`.
#[derive(Debug, Args)]
#[command(after_help = "\
The same pages stand in spec/stdlib and behind `:help` in `sluis repl`.

Examples:
  sluis doc
  sluis doc substring
  sluis doc for each
  sluis doc toString --format json")]
pub struct DocArgs {
    /// What to look up, in any case
    #[arg(value_name = "NAME", num_args = 0..)]
    name: Vec<String>,
    /// For a person, or JSON for a tool
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Text for the terminal
    Human,
    /// An array of pages; without a name, of all of them
    Json,
}

/// Runs the verb.
pub fn run(_: &Global, args: &DocArgs) -> Outcome {
    let name = args.name.join(" ");
    if name.is_empty() {
        return contents(args.format);
    }
    let pages = manual::pages(&name);
    if pages.is_empty() {
        let problem = Problem::refused(format!("there is no page on `{name}`"));
        return Err(match manual::meant(&name) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?  sluis doc {meant}")),
            None => problem.help("`sluis doc` lists everything there is"),
        });
    }
    match args.format {
        Format::Json => terminal::out(json!(pages).to_string()),
        Format::Human => {
            let pages: Vec<String> = pages.iter().map(manual::Page::plain).collect();
            terminal::out_as_is(pages.join("\n"));
        }
    }
    Ok(Exit::Done)
}

/// How wide the list of names may be.
const WIDTH: usize = 92;

fn contents(format: Format) -> Outcome {
    if format == Format::Json {
        terminal::out(json!(manual::all().collect::<Vec<_>>()).to_string());
        return Ok(Exit::Done);
    }
    for chapter in manual::contents() {
        terminal::out(chapter.topic);
        let mut line = String::new();
        for name in chapter.names {
            if !line.is_empty() && line.chars().count() + 2 + name.chars().count() > WIDTH {
                terminal::out(format!("  {line}"));
                line.clear();
            }
            if !line.is_empty() {
                line.push_str(", ");
            }
            line.push_str(name);
        }
        terminal::out(format!("  {line}\n"));
    }
    terminal::out("`sluis doc NAME` shows one with its examples.");
    Ok(Exit::Done)
}
