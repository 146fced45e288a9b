//! `sluis doctor`: what stands in the way of serving and authorizing, each line with how to mend it.

use crate::args::Global;
use crate::data_dir::DataDir;
use crate::outcome::{Exit, Outcome};
use crate::public_address::{self, Reached};
use crate::{consent, local_engine, runtime, terminal};
use clap::Args;
use sluis_engine::Engine;
use sluis_engine::doctor::{Finding, Level};
use sluis_lang::vm::Limits;
use sluis_server::ServerOptions;
use std::path::Path;
use tokio::sync::oneshot;
use url::Url;

/// Arguments of `sluis doctor`.
#[derive(Debug, Args)]
#[command(after_help = "\
Looks at the data folder, keys and store, the public URL (through whatever proxy stands before it), name
resolution, the clock, the client registrations of released connectors and what their providers say
about themselves. Exit code 1 if something does not work.

Examples:
  sluis doctor
  sluis doctor --every-row --public-url https://sluis.example.com")]
pub struct DoctorArgs {
    /// Read every row of the store and look for damage
    #[arg(long)]
    every_row: bool,
}

/// Runs the verb.
pub fn run(global: &Global, args: &DoctorArgs) -> Outcome {
    let dir = DataDir::of(global)?;
    let engine = local_engine::build(global, Limits::local())?;
    runtime::on_all_cores(async {
        let mut findings = folder(&dir);
        let store = engine.examine_store(args.every_row).await;
        let usable = store.level != Level::Broken;
        findings.push(store);
        findings.push(shape(&global.public_url));
        findings.push(names(&global.public_url).await);
        findings.push(reachable(&engine, &dir, &global.public_url).await);
        if usable {
            findings.extend(engine.examine_connectors().await);
        }
        engine.close().await?;
        Ok(tell(&findings))
    })
}

fn tell(findings: &[Finding]) -> Exit {
    for finding in findings {
        let mark = match finding.level {
            Level::Fine => "ok  ",
            Level::Doubtful => "warn",
            Level::Broken => "fail",
        };
        terminal::out(format!("{mark}  {}: {}", finding.what, finding.text));
        if let Some(mend) = finding.mend.as_ref().filter(|_| finding.level != Level::Fine) {
            terminal::out(format!("        {}", mend.replace('\n', "\n        ")));
        }
    }
    match findings.iter().map(|finding| finding.level).max() {
        Some(Level::Broken) => Exit::Failed,
        _ => Exit::Done,
    }
}

/// The folder and its key: there, and for nobody else's eyes.
fn folder(dir: &DataDir) -> Vec<Finding> {
    let files = [("data folder", dir.folder().to_owned(), true), ("key file", dir.master_key(), false)];
    files.into_iter().filter_map(|(what, path, always)| rights(what, &path, always)).collect()
}

fn rights(what: &str, path: &Path, always: bool) -> Option<Finding> {
    let shown = path.display();
    let found = match std::fs::metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let text = format!("{shown} is not there yet; it is made at first use");
            return always.then(|| Finding::new(what, Level::Fine, text));
        }
        Err(error) => {
            return Some(
                Finding::new(what, Level::Broken, format!("{shown}: {error}"))
                    .mend("give this user the right to read and write it, or name another: --data-dir DIR"),
            );
        }
    };
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o777;
        if mode & 0o077 != 0 {
            return Some(
                Finding::new(what, Level::Doubtful, format!("{shown} can be read by others (mode {mode:o})"))
                    .mend(format!("chmod go= '{shown}'")),
            );
        }
    }
    let _ = found;
    Some(Finding::new(what, Level::Fine, format!("{shown} is private")))
}

fn shape(url: &Url) -> Finding {
    let what = "public URL";
    if url.scheme() == "https" || public_address::is_this_machine(url) {
        return Finding::new(what, Level::Fine, format!("{url}; redirect URIs begin with it, to the letter"));
    }
    Finding::new(what, Level::Broken, format!("{url} is neither https nor this machine"))
        .mend("codes and cookies would travel in clear: put TLS before it and set --public-url https://…")
}

async fn names(url: &Url) -> Finding {
    let what = "name resolution";
    let Some(host) = url.host_str() else {
        return Finding::new(what, Level::Broken, "the public URL has no host");
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match tokio::net::lookup_host((bare, 443)).await {
        Ok(found) => {
            let found: Vec<String> = found.map(|address| address.ip().to_string()).collect();
            Finding::new(what, Level::Fine, format!("{host} is {}", found.join(", ")))
        }
        Err(error) => Finding::new(what, Level::Broken, format!("{host}: {error}"))
            .mend("set its DNS record, or correct --public-url"),
    }
}

/// Asks for the instance at the public URL. If no server runs, one is held up for the question.
async fn reachable(engine: &Engine, dir: &DataDir, url: &Url) -> Finding {
    let Ok(listener) = consent::listen(url).await else {
        return judged(url, &public_address::ask(url).await, &dir.running_instance());
    };
    let (stop, stopped) = oneshot::channel::<()>();
    let options = ServerOptions::default();
    let serving = tokio::spawn(sluis_server::serve(listener, engine.clone(), options, async {
        let _ = stopped.await;
    }));
    let finding = judged(url, &public_address::ask(url).await, &Some(engine.instance().to_owned()));
    let _ = stop.send(());
    let _ = serving.await;
    finding
}

fn judged(url: &Url, reached: &Reached, ours: &Option<String>) -> Finding {
    let what = "reach of the public URL";
    match reached {
        Reached::Instance(found) if Some(found) == ours.as_ref() => {
            Finding::new(what, Level::Fine, "requests to it arrive here")
        }
        Reached::Instance(_) if ours.is_none() => {
            Finding::new(what, Level::Doubtful, "some sluis answers there")
                .mend("its data folder is another one than ours; is this the right --data-dir?")
        }
        Reached::Instance(_) => Finding::new(what, Level::Broken, format!("another sluis answers at {url}"))
            .mend("two servers claim this address; stop one, or correct --public-url"),
        Reached::Otherwise(status) => {
            Finding::new(what, Level::Broken, format!("what answers at {url} is no sluis (status {status})"))
                .mend("let the proxy pass every path under the public URL to sluis, unchanged")
        }
        Reached::Not(why) => Finding::new(
            what,
            Level::Doubtful,
            format!("{url} cannot be reached from here: {why}"),
        )
        .mend(
            "browsers must reach it; from this machine it may be hidden by a firewall or missing hairpin NAT",
        ),
    }
}
