//! `sluis fmt FILE|DIR…`: scripts in one style. A file that cannot be read as a script is left alone.

use super::run::{is_stdin, read_text};
use crate::args::Global;
use crate::outcome::{Exit, Outcome, Problem};
use crate::{script_files, terminal};
use clap::Args;
use similar::TextDiff;
use sluis_lang::format::format;
use sluis_lang::render;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Arguments of `sluis fmt`.
#[derive(Debug, Args)]
#[command(after_help = "\
Of a folder, the `.dg` files in it and below are formatted, but not those in hidden folders.
Exit codes: 0 done; 1 with --check or --diff, some script is not formatted; 2 a script has errors
and was left alone; 3 a file cannot be read or written.

Examples:
  sluis fmt hello.dg functions/
  sluis fmt --check .
  cat hello.dg | sluis fmt -")]
pub struct FmtArgs {
    /// Scripts, and folders of scripts; `-` reads standard input and writes standard output
    #[arg(value_name = "FILE|DIR", required = true)]
    paths: Vec<PathBuf>,
    /// Write nothing; name the scripts that would change
    #[arg(long)]
    check: bool,
    /// Write nothing; show what would change
    #[arg(long)]
    diff: bool,
}

/// Runs the verb.
pub fn run(_: &Global, args: &FmtArgs) -> Outcome {
    let mut exit = Exit::Done;
    let mut files = BTreeSet::new();
    for path in &args.paths {
        let (found, outcome) = script_files::collect(path);
        if let Err(problem) = outcome {
            exit = worse(exit, told(&problem));
        } else if found.is_empty() {
            terminal::note(format!("there is no `.dg` file in {}", path.display()));
        }
        files.extend(found);
    }
    let (mut changed, mut count) = (0_usize, 0_usize);
    for file in &files {
        count += 1;
        match one(file, args) {
            Ok(Formatted::Kept) => {}
            Ok(Formatted::Changed) => changed += 1,
            Ok(Formatted::Refused) => exit = worse(exit, Exit::Refused),
            Err(problem) => exit = worse(exit, told(&problem)),
        }
    }
    if changed > 0 && (args.check || args.diff) {
        terminal::err(format!("sluis: {changed} of {count} would change; `sluis fmt` writes them\n"));
        exit = worse(exit, Exit::Failed);
    }
    Ok(exit)
}

/// What became of a script.
enum Formatted {
    /// It is as it should be.
    Kept,
    /// It was changed, or would be.
    Changed,
    /// It has errors, which were shown.
    Refused,
}

fn told(problem: &Problem) -> Exit {
    terminal::problem(problem);
    problem.exit
}

fn worse(one: Exit, other: Exit) -> Exit {
    let rank = |exit: Exit| match exit {
        Exit::Done => 0,
        Exit::Failed => 1,
        Exit::Refused => 2,
        Exit::Environment => 3,
    };
    if rank(other) > rank(one) { other } else { one }
}

fn one(file: &Path, args: &FmtArgs) -> Result<Formatted, Problem> {
    let source = read_text(file)?;
    let name = file.display().to_string();
    let formatted = match format(&source) {
        Ok(formatted) => formatted,
        Err(errors) => {
            terminal::err(render::render(&name, &source, &errors, terminal::colored_errors()));
            terminal::note(format!("{name} has errors and was left alone"));
            return Ok(Formatted::Refused);
        }
    };
    let same = formatted == source;
    if args.diff && !same {
        let diff = TextDiff::from_lines(&source, &formatted);
        terminal::out_as_is(diff.unified_diff().header(&name, &format!("{name} (formatted)")).to_string());
    }
    if args.check && !args.diff && !same {
        terminal::out(&name);
    }
    if !args.check && !args.diff {
        if is_stdin(file) {
            terminal::out_as_is(&formatted);
        } else if !same {
            script_files::replace(file, &formatted)?;
            terminal::err(format!("formatted {name}\n"));
        }
    }
    Ok(if same { Formatted::Kept } else { Formatted::Changed })
}
