//! `sluis fmt FILE|DIR…`: scripts in one style. A file that cannot be read as a script is left alone.

use super::run::{is_stdin, read_text};
use crate::args::Global;
use crate::outcome::{Exit, Outcome, Problem};
use crate::terminal;
use clap::Args;
use similar::TextDiff;
use sluis_lang::format::format;
use sluis_lang::render;
use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
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
        if let Err(problem) = collect(path, &mut files) {
            exit = worse(exit, told(&problem));
        }
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

/// The scripts of a path: itself, or those of a folder.
fn collect(path: &Path, files: &mut BTreeSet<PathBuf>) -> Result<(), Problem> {
    if is_stdin(path) || !path.is_dir() {
        files.insert(path.to_owned());
        return Ok(());
    }
    let before = files.len();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        let unreadable = |error: std::io::Error| {
            Problem::environment(format!("the folder {} cannot be read: {error}", folder.display()))
                .help("check the path and its rights")
        };
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            let kind = entry.file_type().map_err(unreadable)?;
            if kind.is_dir() && !hidden {
                folders.push(entry.path());
            } else if kind.is_file() && entry.path().extension().is_some_and(|extension| extension == "dg") {
                files.insert(entry.path());
            }
        }
    }
    if files.len() == before {
        terminal::note(format!("there is no `.dg` file in {}", path.display()));
    }
    Ok(())
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
            replace(file, &formatted)?;
            terminal::err(format!("formatted {name}\n"));
        }
    }
    Ok(if same { Formatted::Kept } else { Formatted::Changed })
}

/// Puts the text into the file, whole or not at all: it is written beside it and takes its place, with its
/// rights. A link stays one.
fn replace(file: &Path, text: &str) -> Result<(), Problem> {
    let written = fs::canonicalize(file).and_then(|target| {
        let rights = fs::metadata(&target)?.permissions();
        if rights.readonly() {
            return Err(std::io::ErrorKind::PermissionDenied.into());
        }
        let name = target.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let beside = target.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
        let moved = write_new(&beside, text)
            .and_then(|()| fs::set_permissions(&beside, rights))
            .and_then(|()| fs::rename(&beside, &target));
        if moved.is_err() {
            let _ = fs::remove_file(&beside);
        }
        moved
    });
    written.map_err(|error| {
        Problem::environment(format!("{} cannot be written: {error}", file.display()))
            .help("check its rights and those of its folder; `sluis fmt -` formats standard input")
    })
}

fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = fs::File::create_new(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
