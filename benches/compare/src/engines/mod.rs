//! The languages that are compared. Each is one file; those that are linked in are features.

#[cfg(feature = "boa")]
mod boa;
#[cfg(feature = "koto")]
mod koto;
#[cfg(any(feature = "rhai", feature = "koto", feature = "rune"))]
mod lent;
#[cfg(feature = "lua")]
mod lua;
#[cfg(feature = "quickjs")]
mod quickjs;
#[cfg(feature = "rhai")]
mod rhai;
#[cfg(feature = "rune")]
mod rune;
mod sluis;

use crate::task::{Sample, Task};
use anyhow::{Context, Result};
use cpu_time::ProcessTime;

/// How a language runs.
#[derive(Debug, Clone, Copy)]
pub enum How {
    /// Linked in; a child of this process runs it.
    Linked(fn(&Task) -> Result<Sample>),
    /// A program of the system with one of our drivers.
    Outside {
        /// What is looked for on the path.
        command: &'static str,
        /// File beside the programs.
        driver: &'static str,
    },
}

/// One language.
#[derive(Debug, Clone, Copy)]
pub struct Engine {
    /// As it is called on the command line and in the table.
    pub name: &'static str,
    /// Folder of its programs.
    pub folder: &'static str,
    /// How its files end.
    pub ending: &'static str,
    /// How it runs.
    pub how: How,
}

const fn linked(
    name: &'static str,
    folder: &'static str,
    ending: &'static str,
    run: fn(&Task) -> Result<Sample>,
) -> Engine {
    Engine { name, folder, ending, how: How::Linked(run) }
}

/// All languages of this build, ours first.
pub const ENGINES: &[Engine] = &[
    linked("sluis", "dg", "dg", sluis::run),
    Engine {
        name: "lua5.4",
        folder: "lua",
        ending: "lua",
        how: How::Outside { command: "lua5.4", driver: "driver.lua" },
    },
    #[cfg(feature = "lua")]
    linked("mlua", "lua", "lua", lua::run),
    #[cfg(feature = "quickjs")]
    linked("quickjs", "js", "js", quickjs::run),
    Engine {
        name: "cpython",
        folder: "py",
        ending: "py",
        how: How::Outside { command: "python3", driver: "driver.py" },
    },
    #[cfg(feature = "rhai")]
    linked("rhai", "rhai", "rhai", rhai::run),
    #[cfg(feature = "koto")]
    linked("koto", "koto", "koto", koto::run),
    #[cfg(feature = "rune")]
    linked("rune", "rune", "rn", rune::run),
    #[cfg(feature = "boa")]
    linked("boa", "js", "js", boa::run),
];

/// Finds a language by name.
///
/// # Errors
/// When this build has none of that name.
pub fn find(name: &str) -> Result<&'static Engine> {
    ENGINES.iter().find(|engine| engine.name == name).with_context(|| {
        let names: Vec<_> = ENGINES.iter().map(|engine| engine.name).collect();
        format!("this build has no `{name}`; it has {}", names.join(", "))
    })
}

/// Loads, runs and measures: `load` reads the text into something that `run` runs.
fn measure<L>(load: impl FnOnce() -> Result<L>, run: impl FnOnce(L) -> Result<String>) -> Result<Sample> {
    let start = ProcessTime::now();
    let loaded = load()?;
    let middle = ProcessTime::now();
    let check = run(loaded)?;
    let end = ProcessTime::now();
    let between = |from: ProcessTime, to: ProcessTime| to.duration_since(from).as_nanos() as u64;
    Ok(Sample { load_ns: between(start, middle), run_ns: between(middle, end), peak_kb: peak_kb(), check })
}

/// The most memory of this process that was resident.
fn peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}
