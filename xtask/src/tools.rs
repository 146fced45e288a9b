//! Makes sure that the tools which CI needs beside Cargo are there, and installs what it can.

use crate::step::run;
use crate::wasm::TARGET;
use crate::workspace::cargo;
use anyhow::{Context as _, Result, bail};
use std::path::Path;
use std::process::Command;

/// The oldest Node.js that the peers run on.
const NODE: u32 = 20;

/// Checks for rustfmt, clippy, the browser target, Node.js, npm, Python, PostgreSQL and the web servers
/// that the tests start, and installs what is missing.
///
/// # Errors
/// When something is missing and cannot be installed; the message says what to do by hand.
pub fn ensure() -> Result<()> {
    component("fmt", "rustfmt")?;
    component("clippy", "clippy")?;
    browser_target()?;
    node()?;
    python()?;
    postgres()?;
    SERVERS.iter().try_for_each(server)
}

fn component(subcommand: &str, name: &str) -> Result<()> {
    if cargo().args([subcommand, "--version"]).output().is_ok_and(|output| output.status.success()) {
        return Ok(());
    }
    let by_hand = format!("{name} is missing and rustup cannot add it; install it with your Rust toolchain");
    run(Command::new("rustup").args(["component", "add", name])).context(by_hand)
}

fn browser_target() -> Result<()> {
    let library = said(Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]));
    if library.is_some_and(|path| Path::new(path.trim()).is_dir()) {
        return Ok(());
    }
    let by_hand = format!(
        "the target {TARGET} is missing and rustup cannot add it; install it with your Rust toolchain"
    );
    run(Command::new("rustup").args(["target", "add", TARGET])).context(by_hand)
}

fn node() -> Result<()> {
    if node_major().is_none() || said(Command::new("npm").arg("--version")).is_none() {
        install_node()?;
    }
    match node_major() {
        Some(major) if major >= NODE => Ok(()),
        Some(major) => {
            bail!("Node.js {major} is too old: the tests need {NODE} or newer (https://nodejs.org)")
        }
        None => bail!("Node.js was installed and still does not run"),
    }
}

fn install_node() -> Result<()> {
    let by_hand = format!(
        "Node.js and npm are missing: the tests start a real authorization server with them.\n\
         Install Node.js {NODE} or newer (https://nodejs.org, or `sudo apt-get install nodejs npm`), \
         then run this again."
    );
    install("Node.js and npm", &["nodejs", "npm"], &by_hand)
}

/// The tests run servers of their own; the one that the package starts is left alone.
fn postgres() -> Result<()> {
    let is_there = || {
        let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = debian.map(|entry| entry.path().join("bin")).chain(std::env::split_paths(&path));
        folders.into_iter().any(|folder| folder.join("initdb").is_file())
    };
    let by_hand = "PostgreSQL is missing: the tests start servers of their own with its programs.\n\
                   Install version 15 or newer (`sudo apt-get install postgresql`), then run this again.";
    if !is_there() {
        install("PostgreSQL", &["postgresql"], by_hand)?;
    }
    if is_there() {
        Ok(())
    } else {
        bail!("PostgreSQL was installed and its `initdb` is not found\n{by_hand}")
    }
}

/// The tests make a virtual environment for each server written in Python.
fn python() -> Result<()> {
    let is_there = || said(Command::new("python3").args(["-c", "import ensurepip, venv"])).is_some();
    let by_hand = "Python is missing, or its modules `venv` and `ensurepip` are: the tests start servers in Python.\n\
                   Install version 3.10 or newer (`sudo apt-get install python3 python3-venv`), then run this again.";
    if !is_there() {
        install("Python", &["python3", "python3-venv"], by_hand)?;
    }
    if is_there() { Ok(()) } else { bail!("Python was installed and still makes no environments\n{by_hand}") }
}

/// A server that the tests start with a configuration of their own: its program, and its package.
struct Server {
    program: &'static str,
    package: &'static str,
    what_for: &'static str,
}

const SERVERS: &[Server] = &[
    Server { program: "nginx", package: "nginx", what_for: "client certificates" },
    Server { program: "apache2", package: "apache2-bin", what_for: "digest authentication" },
    Server { program: "glewlwyd", package: "glewlwyd", what_for: "authorization" },
    Server { program: "minisign", package: "minisign", what_for: "signatures of packages" },
    Server { program: "openssl", package: "openssl", what_for: "keys and certificates" },
];

fn server(server: &Server) -> Result<()> {
    let Server { program, package, what_for } = server;
    // Where Debian keeps servers is not in the path of everybody.
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    let is_there = folders.into_iter().any(|folder| folder.join(program).is_file());
    let by_hand = format!(
        "{program} is missing: the tests try {what_for} with it.\n\
         Install it (`sudo apt-get install {package}`), then run this again."
    );
    if is_there { Ok(()) } else { install(program, &[package], &by_hand) }
}

/// Installs packages of Debian where that can be done without asking anybody.
fn install(what: &str, packages: &[&str], by_hand: &str) -> Result<()> {
    let is_root = said(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0");
    if !is_root || said(Command::new("apt-get").arg("--version")).is_none() {
        bail!("{by_hand}");
    }
    println!("installing {what} with apt-get");
    run(Command::new("apt-get").arg("update"))?;
    let arguments = ["install", "--yes", "--no-install-recommends"];
    let mut command = Command::new("apt-get");
    run(command.args(arguments).args(packages).env("DEBIAN_FRONTEND", "noninteractive"))
}

fn node_major() -> Option<u32> {
    parse_major(&said(Command::new("node").arg("--version"))?)
}

fn parse_major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// What a command prints, if it runs and succeeds.
fn said(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read() {
        assert_eq!(parse_major("v20.20.2\n"), Some(20));
        assert_eq!(parse_major("20"), None);
    }
}
