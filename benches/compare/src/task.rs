//! The programs, and one of them in one language as a child process is given it.

use anyhow::{Context, Result, bail};
use std::path::PathBuf;

#[path = "../../../lang/benches/document/mod.rs"]
mod document;

use document::contacts;

/// One program, the same work in every language.
#[derive(Debug)]
pub struct Program {
    /// File name without ending; the letter keeps the order.
    pub name: &'static str,
    /// What `main(n)` is called with in the peers' languages. Ours has it written out.
    pub n: i64,
    /// Whether it reads the JSON document.
    pub reads: bool,
}

const fn program(name: &'static str, n: i64) -> Program {
    Program { name, n, reads: false }
}

/// All programs. The first nine make the geometric mean.
pub const PROGRAMS: &[Program] = &[
    program("a_fib", 1),
    program("b_loop", 10_000_000),
    program("c_nested", 1_000),
    program("d_map", 300_000),
    program("e_text", 200_000),
    program("f_records", 200_000),
    Program { name: "g_json", n: 1, reads: true },
    program("h_dates", 100_000),
    program("i_try", 500_000),
    program("j_host", 1_000_000),
    program("j_base", 1_000_000),
];

/// How many programs, from the first, make the geometric mean: host calls stand apart.
pub const MEANT: usize = 9;

/// Finds a program by a part of its name.
///
/// # Errors
/// When no program has it.
pub fn find(part: &str) -> Result<&'static Program> {
    let found = PROGRAMS.iter().find(|program| program.name.contains(part));
    found.with_context(|| {
        let names: Vec<_> = PROGRAMS.iter().map(|program| program.name).collect();
        format!("there is no program `{part}`; there are {}", names.join(", "))
    })
}

impl Program {
    /// Where the program stands in one language.
    pub fn path(&self, folder: &str, ending: &str) -> PathBuf {
        let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let folder = if folder == "dg" {
            here.join("../../lang/benches/programs")
        } else {
            here.join("programs").join(folder)
        };
        folder.join(format!("{}.{ending}", self.name))
    }

    /// The work for a child process.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn task(&self, folder: &str, ending: &str) -> Result<Task> {
        let path = self.path(folder, ending);
        let source =
            std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Task { source, n: self.n, document: self.reads.then(contacts) })
    }
}

/// The JSON document, for engines that read it from a file.
pub fn document() -> String {
    contacts()
}

/// What a child process runs.
#[derive(Debug)]
pub struct Task {
    /// The program's text.
    pub source: String,
    /// The argument of `main`.
    #[allow(dead_code, reason = "a build without any peer has no `main` to call")]
    pub n: i64,
    /// The JSON document, for the program that reads it.
    pub document: Option<String>,
}

/// What one run cost, as a child process prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Nanoseconds of CPU time, all threads, to read and translate the text.
    pub load_ns: u64,
    /// Nanoseconds of CPU time, all threads, to run it.
    pub run_ns: u64,
    /// The most memory that was resident, in kB; 0 where the system does not tell.
    pub peak_kb: u64,
    /// What the program found: the same in every language.
    pub check: String,
}

impl Sample {
    /// The line that a child prints.
    pub fn to_line(&self) -> String {
        let Self { load_ns, run_ns, peak_kb, check } = self;
        serde_json::json!({"load_ns": load_ns, "run_ns": run_ns, "peak_kb": peak_kb, "check": check})
            .to_string()
    }

    /// Reads the line that a child printed.
    ///
    /// # Errors
    /// When it is no such line.
    pub fn from_line(line: &str) -> Result<Self> {
        let value: serde_json::Value =
            serde_json::from_str(line).with_context(|| format!("not a sample: {line:?}"))?;
        let number = |name: &str| value[name].as_u64().with_context(|| format!("no `{name}` in {line:?}"));
        let Some(check) = value["check"].as_str() else { bail!("no `check` in {line:?}") };
        Ok(Self {
            load_ns: number("load_ns")?,
            run_ns: number("run_ns")?,
            peak_kb: number("peak_kb")?,
            check: whole(check),
        })
    }
}

/// Some languages print a whole number that is held as a float with a fraction of nought.
fn whole(check: &str) -> String {
    check.strip_suffix(".0").unwrap_or(check).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_read_as_it_was_written() {
        let sample = Sample { load_ns: 1, run_ns: 2, peak_kb: 3, check: "42".into() };
        assert_eq!(Sample::from_line(&sample.to_line()).expect("a sample"), sample);
        assert!(Sample::from_line("{}").is_err());
    }

    #[test]
    fn every_language_has_every_program() {
        for program in PROGRAMS {
            for engine in crate::engines::ENGINES {
                let path = program.path(engine.folder, engine.ending);
                assert!(path.is_file(), "{} has no {}", engine.name, path.display());
            }
        }
    }
}
