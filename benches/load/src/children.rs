//! Processes that this one starts, and ends with itself.

use anyhow::{Context as _, Result, bail};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// A child that serves.
pub struct Running {
    /// Killed when this is dropped.
    _child: Child,
    /// Host and port.
    pub address: String,
}

/// This program in one of its roles; it prints its address first.
pub async fn role(words: &[&str]) -> Result<Running> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg("role")
        .args(words)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let output = child.stdout.take().context("a child without output")?;
    let Some(address) = BufReader::new(output).lines().next_line().await? else {
        bail!("`{}` did not start", words.join(" "))
    };
    Ok(Running { _child: child, address })
}

/// Resident memory of a process and its peak, in KiB.
pub fn memory(child: &Child) -> Result<[u64; 2]> {
    let id = child.id().context("the process has ended")?;
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    let of = |name: &str| -> Result<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).context("no such line")?;
        Ok(line.trim_matches([' ', '\t', ':', 'k', 'B']).parse()?)
    };
    Ok([of("VmRSS")?, of("VmHWM")?])
}
