//! The command line.

use crate::engines::{self, ENGINES, Engine};
use crate::task::{self, PROGRAMS, Program};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;

/// What `--help` prints.
pub const HELP: &str = "\
sluis-compare [--programs a_fib,json] [--engines sluis,lua5.4] [--rounds 9] [--base lua5.4] [--json FILE]

Runs the programs on the engines, one child process each, in rounds, and prints ratios of CPU time.

  --programs  parts of their names; all if not given
  --engines   their names; all of this build if not given
  --rounds    how often each is run; 9 if not given
  --base      the engine that counts as 1: lua5.4 if the system has it, else mlua
  --json      where to write all samples";

/// What the command line asks for.
#[derive(Debug)]
pub enum Asked {
    /// The page above.
    Help,
    /// One run inside this process; what the rounds start.
    Child {
        /// Name of the engine.
        engine: String,
        /// Name of the program.
        program: String,
    },
    /// All rounds.
    Compare(Arguments),
}

/// What is compared.
#[derive(Debug)]
pub struct Arguments {
    /// In the order of the table.
    pub programs: Vec<&'static Program>,
    /// In the order of the table.
    pub engines: Vec<&'static Engine>,
    /// At least one.
    pub rounds: usize,
    /// Name of the engine that counts as 1.
    pub base: Option<String>,
    /// Where the samples go.
    pub json: Option<PathBuf>,
}

impl Arguments {
    /// Reads the command line.
    ///
    /// # Errors
    /// When something in it is unknown or has no value.
    pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Asked> {
        let mut arguments = Self {
            programs: PROGRAMS.iter().collect(),
            engines: ENGINES.iter().collect(),
            rounds: 9,
            base: None,
            json: None,
        };
        while let Some(word) = words.next() {
            let mut value = || words.next().with_context(|| format!("`{word}` needs a value; see --help"));
            match word.as_str() {
                "--help" | "-h" => return Ok(Asked::Help),
                "child" => return Ok(Asked::Child { engine: value()?, program: value()? }),
                "--programs" => arguments.programs = listed(&value()?, task::find)?,
                "--engines" => arguments.engines = listed(&value()?, engines::find)?,
                "--rounds" => arguments.rounds = value()?.parse().context("--rounds needs a number")?,
                "--base" => arguments.base = Some(value()?),
                "--json" => arguments.json = Some(value()?.into()),
                other => bail!("`{other}` is unknown; see --help"),
            }
        }
        if arguments.rounds == 0 {
            bail!("--rounds must be at least 1");
        }
        Ok(Asked::Compare(arguments))
    }
}

fn listed<T>(words: &str, find: impl Fn(&str) -> Result<T>) -> Result<Vec<T>> {
    words.split(',').map(|word| find(word.trim())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Asked> {
        Arguments::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn parts_of_names_choose_programs() {
        let Asked::Compare(arguments) =
            parse("--programs fib,json --engines sluis --rounds 3").expect("good")
        else {
            panic!("a comparison")
        };
        let names: Vec<_> = arguments.programs.iter().map(|program| program.name).collect();
        assert_eq!((names, arguments.rounds), (vec!["a_fib", "g_json"], 3));
    }

    #[test]
    fn what_is_unknown_is_refused_with_what_there_is() {
        let refused = parse("--engines perl").expect_err("no such engine").to_string();
        assert!(refused.starts_with("this build has no `perl`; it has sluis, lua5.4"), "{refused}");
        for line in ["--programs zzz", "--rounds", "--rounds 0", "--rounds many", "--verbose"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
