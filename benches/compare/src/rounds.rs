//! Runs everything, interleaved, each in a child process, and keeps the samples.

use crate::arguments::Arguments;
use crate::engines::{Engine, How};
use crate::task::{self, Program, Sample};
use anyhow::{Context, Result, bail};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// All samples.
#[derive(Debug)]
pub struct Runs {
    /// In the order of the table; those that this system lacks are left out.
    pub engines: Vec<&'static Engine>,
    /// In the order of the table.
    pub programs: Vec<&'static Program>,
    /// By engine, then program, then round; none where the run failed.
    samples: Vec<Vec<Vec<Option<Sample>>>>,
    /// One line for each engine and program that failed.
    pub failures: Vec<String>,
}

/// Runs all rounds.
///
/// # Errors
/// When the document cannot be written or no engine is left.
pub fn run(arguments: &Arguments) -> Result<Runs> {
    let engines: Vec<_> = arguments.engines.iter().copied().filter(|engine| is_there(engine)).collect();
    if engines.is_empty() {
        bail!("none of the engines can be run");
    }
    let document = write_document()?;
    let mut runs = Runs::new(engines, arguments);
    let (engines, programs) = (runs.engines.len(), runs.programs.len());
    for round in 0..arguments.rounds {
        for step in 0..programs {
            let program = (step + round) % programs;
            for turn in 0..engines {
                runs.one((turn + round + step) % engines, program, round, &document);
            }
        }
        eprint!("\rround {} of {}", round + 1, arguments.rounds);
        std::io::stderr().flush()?;
    }
    eprintln!();
    std::fs::remove_file(document)?;
    Ok(runs)
}

impl Runs {
    fn new(engines: Vec<&'static Engine>, arguments: &Arguments) -> Self {
        let programs = arguments.programs.clone();
        let samples = vec![vec![vec![None; arguments.rounds]; programs.len()]; engines.len()];
        Self { engines, programs, samples, failures: Vec::new() }
    }

    fn one(&mut self, engine: usize, program: usize, round: usize, document: &Path) {
        let (contender, work) = (self.engines[engine], self.programs[program]);
        match sample(contender, work, document) {
            Ok(sample) => self.samples[engine][program][round] = Some(sample),
            Err(error) => {
                let failure = format!("{} fails {}: {error:#}", contender.name, work.name);
                if !self.failures.contains(&failure) {
                    eprintln!("\n{failure}");
                    self.failures.push(failure);
                }
            }
        }
    }

    /// The samples of an engine on a program, by round.
    pub fn of(&self, engine: usize, program: usize) -> &[Option<Sample>] {
        &self.samples[engine][program]
    }

    /// The position of an engine.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.engines.iter().position(|engine| engine.name == name)
    }

    /// Which engine counts as 1.
    ///
    /// # Errors
    /// When the one asked for did not run.
    pub fn base(&self, asked: Option<&str>) -> Result<usize> {
        match asked {
            Some(name) => self.position(name).with_context(|| format!("the base `{name}` did not run")),
            None => Ok(self.position("lua5.4").or_else(|| self.position("mlua")).unwrap_or(0)),
        }
    }

    /// Ratios of run time to the base's, one for each round in which both ran; sorted.
    pub fn ratios(&self, engine: usize, base: usize, program: usize) -> Vec<f64> {
        let pairs = self.of(engine, program).iter().zip(self.of(base, program));
        let ratio = |(ours, theirs): (&Option<Sample>, &Option<Sample>)| {
            Some(ours.as_ref()?.run_ns as f64 / theirs.as_ref()?.run_ns.max(1) as f64)
        };
        let mut ratios: Vec<f64> = pairs.filter_map(ratio).collect();
        ratios.sort_by(f64::total_cmp);
        ratios
    }

    /// One line for each engine that found another answer than the first, or none.
    pub fn disagreements(&self) -> Vec<String> {
        let mut found = self.failures.clone();
        for (at, program) in self.programs.iter().enumerate() {
            let answers = (0..self.engines.len()).flat_map(|engine| {
                self.of(engine, at)
                    .iter()
                    .flatten()
                    .map(move |sample| (self.engines[engine].name, &sample.check))
            });
            let answers: Vec<_> = answers.collect();
            let Some((first, expected)) = answers.first().copied() else { continue };
            for (engine, check) in answers.iter().filter(|(_, check)| *check != expected) {
                let line = format!("{}: {engine} finds {check}, {first} finds {expected}", program.name);
                if !found.contains(&line) {
                    found.push(line);
                }
            }
        }
        found
    }

    /// All samples as JSON.
    pub fn to_json(&self, base: usize) -> String {
        let mut rows = Vec::new();
        for (e, engine) in self.engines.iter().enumerate() {
            for (p, program) in self.programs.iter().enumerate() {
                for (round, sample) in self.of(e, p).iter().enumerate() {
                    let Some(sample) = sample else { continue };
                    rows.push(serde_json::json!({
                        "engine": engine.name, "program": program.name, "round": round,
                        "load_ns": sample.load_ns, "run_ns": sample.run_ns, "peak_kb": sample.peak_kb,
                    }));
                }
            }
        }
        serde_json::json!({"base": self.engines[base].name, "samples": rows}).to_string()
    }
}

/// Whether an engine can be run; says so if not.
fn is_there(engine: &Engine) -> bool {
    let How::Outside { command, .. } = engine.how else { return true };
    let there = Command::new(command)
        .arg(if command.starts_with("lua") { "-v" } else { "--version" })
        .output()
        .is_ok();
    if !there {
        eprintln!("{} is left out: there is no `{command}` on the path", engine.name);
    }
    there
}

fn write_document() -> Result<PathBuf> {
    let path = std::env::temp_dir().join(format!("sluis-compare-{}.json", std::process::id()));
    std::fs::write(&path, task::document()).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

fn sample(engine: &Engine, program: &Program, document: &Path) -> Result<Sample> {
    let mut command = match engine.how {
        How::Linked(_) => {
            let mut command = Command::new(std::env::current_exe()?);
            command.args(["child", engine.name, program.name]);
            command
        }
        How::Outside { command, driver } => {
            let path = program.path(engine.folder, engine.ending);
            let mut command = Command::new(command);
            command.arg(path.with_file_name(driver)).arg(path).arg(program.n.to_string());
            if program.reads {
                command.arg(document);
            }
            command
        }
    };
    // Dates are in UTC everywhere; Python's hash of texts is made the same in every run.
    let output = command.env("TZ", "UTC").env("PYTHONHASHSEED", "0").output()?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        bail!("{}", text.lines().next_back().unwrap_or("it says nothing"));
    }
    Sample::from_line(String::from_utf8_lossy(&output.stdout).trim())
}
