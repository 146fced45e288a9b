//! Runs a command, lets its output through, and counts the tests that it reports.

use crate::count::{Count, Runner};
use anyhow::{Context as _, Result, bail};
use std::io::{BufRead as _, BufReader, Read};
use std::process::{Command, Stdio};
use std::thread;

/// Why a step did not succeed, with the tests that its runner had counted by then.
#[derive(Debug)]
pub struct Failure {
    /// What went wrong.
    pub error: anyhow::Error,
    /// What was counted.
    pub count: Count,
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { error: error.into(), count: Count::default() }
    }
}

/// Runs a command whose output goes where ours goes.
///
/// # Errors
/// When it cannot be started or fails.
pub fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    let status = command.status().with_context(|| format!("`{shown}` could not be started"))?;
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

/// Runs a test runner: its lines are shown as they come and read for the counts.
///
/// # Errors
/// When it cannot be started or a test fails; the counts come with the error.
pub fn run_counted(runner: Runner, command: &mut Command) -> Result<Count, Failure> {
    let shown = shown(command);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("`{shown}` could not be started"))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let count = thread::scope(|scope| {
        let other = scope.spawn(|| stderr.map(|output| pass_on(runner, output)).unwrap_or_default());
        let mut count = stdout.map(|output| pass_on(runner, output)).unwrap_or_default();
        count += other.join().unwrap_or_default();
        count
    });
    let status = child.wait()?;
    if status.success() {
        return Ok(count);
    }
    Err(Failure { error: anyhow::anyhow!("`{shown}` failed ({status})"), count })
}

/// Shows every line and adds up what it says. Lines that are not UTF-8 are shown as well as can be.
fn pass_on(runner: Runner, output: impl Read) -> Count {
    let mut count = Count::default();
    let mut reader = BufReader::new(output);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
        let text = String::from_utf8_lossy(&line);
        print!("{text}");
        count += runner.count(&text);
        line.clear();
    }
    count
}

fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program()).file_name().unwrap_or_default();
    let parts = std::iter::once(program).chain(command.get_args());
    parts.map(|part| part.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_from_both_streams_and_come_with_a_failure() {
        let script = "echo 'test result: ok. 2 passed; 0 failed; 0 ignored'; \
                      echo 'test result: FAILED. 1 passed; 2 failed; 0 ignored' >&2; exit 3";
        let command = &mut Command::new("sh");
        let failure = run_counted(Runner::CargoTest, command.args(["-c", script])).unwrap_err();
        assert_eq!(failure.count, Count { passed: 3, failed: 2 });
        assert!(failure.error.to_string().contains("failed"), "{}", failure.error);
    }

    #[test]
    fn a_program_that_does_not_exist_is_named() {
        let error = run(&mut Command::new("no-such-program-anywhere")).unwrap_err();
        assert!(error.to_string().contains("no-such-program-anywhere"));
    }
}
