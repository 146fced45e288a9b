//! `sluis run FILE`: runs a script to its end; where it waits for a person's consent, waits too.

use crate::args::Global;
use crate::brought;
use crate::consent::{self, Pending, Reception};
use crate::outcome::{Exit, Outcome, Problem};
use crate::{local_engine, runtime, terminal};
use clap::Args;
use serde_json::Value;
use sluis_engine::{Engine, EntryPoint, RunEnd, RunObserver, RunRefused, RunRequest};
use sluis_lang::diagnostic::Diagnostic;
use sluis_lang::render;
use sluis_lang::value::data::Data;
use sluis_lang::vm::{Limits, Profile};
use sluis_model::error::Reason;
use sluis_model::id::{OrgId, RunId, UserId};
use sluis_model::run::{CallRecord, Run, RunStatus};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Arguments of `sluis run`.
#[derive(Debug, Args)]
#[command(after_help = "\
`info` goes to standard output, one line each; everything else to standard error.
Values of --arg are JSON where they can be (5, true, [1,2]), else text.

Examples:
  sluis run hello.dg
  sluis run functions.dg --call greet --arg name=Alfred
  sluis run nightly.dg --profile crm
  echo 'info 6 * 7;' | sluis run -
  sluis run --keep nightly.dg
  sluis run --again run_0123")]
pub struct RunArgs {
    /// The script; `-` reads standard input
    #[arg(value_name = "FILE", required_unless_present_any = ["resume", "again"])]
    file: Option<PathBuf>,
    /// The organisation on whose behalf it runs
    #[arg(long, default_value = local_engine::DEFAULT_ORG)]
    org: String,
    /// The user on whose behalf it runs: whose connections it uses, where each user has their own
    #[arg(long)]
    user: Option<UserId>,
    /// Call this function of the file instead of running its top-level statements
    #[arg(long, value_name = "NAME")]
    call: Option<String>,
    /// A parameter of the function, or a variable of the top-level statements; may be repeated
    #[arg(long = "arg", value_name = "NAME=VALUE")]
    args: Vec<String>,
    /// Print the record of the run as JSON at the end, instead of the lines of `info`
    #[arg(long)]
    json: bool,
    /// The limits to run under: local, server, or the documented ones of crm or creator
    #[arg(long, value_name = "NAME", default_value_t)]
    profile: Profile,
    /// Units of work the script may use at most, instead of the profile's
    #[arg(long, value_name = "N")]
    fuel: Option<u64>,
    /// Write the mails of `sendmail` as files into this folder instead of sending them
    #[arg(long, value_name = "DIR")]
    mail_dir: Option<PathBuf>,
    /// Do not open a browser when consent is needed; print the link only
    #[arg(long)]
    no_browser: bool,
    /// Go on with a run that waits for consent or for an answer, also after it was stopped
    #[arg(long, value_name = "RUN_ID", conflicts_with_all = ["file", "call", "args", "user"])]
    resume: Option<RunId>,
    /// Keep a record of the run and of its calls, so that it can be run again if it fails
    #[arg(long)]
    keep: bool,
    /// Run a kept run that failed or was cut off again; what it has done is not done twice
    #[arg(long, value_name = "RUN_ID", conflicts_with_all = ["file", "call", "args", "user", "resume", "keep"])]
    again: Option<RunId>,
}

/// Runs the verb.
pub fn run(global: &Global, args: RunArgs) -> Outcome {
    let mut limits = Limits::of(args.profile);
    limits.fuel = args.fuel.unwrap_or(limits.fuel);
    let engine = match &args.mail_dir {
        Some(folder) => local_engine::build_with_mail_dir(global, limits, folder)?,
        None => local_engine::build(global, limits)?,
    };
    let org = local_engine::org(&args.org)?;
    let mut printer = Printer { quiet: args.json };
    let mut runner =
        Runner { engine: &engine, org: &org, args: &args, printer: &mut printer, reception: None };
    let source = match &args.file {
        Some(file) => Some(read_source(file)?),
        None => None,
    };
    runtime::on_this_thread(async {
        let outcome = match (source, &args.resume, &args.again) {
            (_, Some(id), _) => runner.resume(id).await,
            (_, _, Some(id)) => runner.again(id).await,
            (source, None, None) => runner.start(source.unwrap_or_default()).await,
        };
        let closed = engine.close().await;
        let exit = outcome?;
        closed?;
        Ok(exit)
    })
}

/// Prints the lines of `info` while the script runs.
struct Printer {
    quiet: bool,
}

impl RunObserver for Printer {
    fn info(&mut self, line: &str) {
        if !self.quiet {
            terminal::out(line);
        }
    }

    fn call(&mut self, record: &CallRecord, _wire: &str) {
        if let (Some(note), false) = (&record.note, self.quiet) {
            terminal::note(note);
        }
    }
}

struct Runner<'a> {
    engine: &'a Engine,
    org: &'a OrgId,
    args: &'a RunArgs,
    printer: &'a mut Printer,
    /// What listens for answers that services bring.
    reception: Option<Reception>,
}

impl Runner<'_> {
    async fn start(&mut self, source: String) -> Outcome {
        let label = self.args.file.as_deref().map_or_else(|| "script".to_owned(), label);
        let request = RunRequest {
            org: self.org.clone(),
            user: self.args.user.clone(),
            label: label.clone(),
            function: None,
            source: source.clone(),
            entry: self.args.call.clone().map_or(EntryPoint::Default, EntryPoint::Function),
            args: arguments(&self.args.args)?,
            keep: self.args.keep,
        };
        self.listen_ahead(&source).await?;
        let ran = self.engine.run(request, self.printer).await;
        self.ended(ran, &label, &source).await
    }

    /// A service may bring its answer before the script has come to a stop: whoever is that fast must find
    /// somebody listening. Where that is not possible it is told when the script waits.
    async fn listen_ahead(&mut self, source: &str) -> Result<(), Problem> {
        if source.contains("invokeConnector") && self.engine.names_called_back(source).await? {
            self.reception = Reception::open(self.engine).await.ok();
        }
        Ok(())
    }

    async fn again(&mut self, id: &RunId) -> Outcome {
        let run = self.engine.run_record(self.org, id).await?;
        self.listen_ahead(&run.source).await?;
        let ran = self.engine.run_again(self.org, id, self.printer).await;
        self.ended(ran, &run.label, &run.source).await
    }

    async fn ended(&mut self, ran: Result<RunEnd, RunRefused>, label: &str, source: &str) -> Outcome {
        match ran {
            Ok(end) => {
                draw(label, source, &end.warnings);
                self.finish(end).await
            }
            Err(RunRefused::Script(diagnostics)) => {
                draw(label, source, &diagnostics);
                Ok(Exit::Refused)
            }
            Err(RunRefused::Entry { message, help }) => {
                Err(Problem { exit: Exit::Refused, message, reason: None, help })
            }
            Err(RunRefused::Failure(failure)) => Err(failure.into()),
        }
    }

    async fn resume(&mut self, id: &RunId) -> Outcome {
        let run = self.engine.run_record(self.org, id).await?;
        let end = match &run.status {
            RunStatus::Waiting { .. } | RunStatus::AwaitingCallback { .. } => {
                self.engine.resume(self.org, id, self.printer).await?
            }
            RunStatus::Done { .. } | RunStatus::Failed { .. } | RunStatus::Cancelled { .. } => {
                terminal::note(format!("{id} has already ended; nothing was run"));
                RunEnd { run, value: None, fault: None, warnings: Vec::new() }
            }
            RunStatus::Queued => {
                return Err(Problem::environment(format!("{id} waits for its turn"))
                    .help("a server that uses the same store begins it: sluis serve"));
            }
            RunStatus::Running | RunStatus::Interrupted => {
                return Err(Problem::environment(format!("{id} was cut off in mid-run and cannot go on"))
                    .help(format!(
                        "run it again, without doing twice what it has done: sluis run --again {id}"
                    )));
            }
        };
        self.finish(end).await
    }

    /// Waits as often as the script does, then says how it ended.
    async fn finish(&mut self, end: RunEnd) -> Outcome {
        let mut reception = self.reception.take();
        let ended = self.wait_and_go_on(end, &mut reception).await;
        let exit = ended.map(|end| self.tell(&end));
        close(reception).await;
        exit
    }

    async fn wait_and_go_on(
        &mut self,
        mut end: RunEnd,
        reception: &mut Option<Reception>,
    ) -> Result<RunEnd, Problem> {
        loop {
            let (grant, authorize_url) = match &end.run.status {
                RunStatus::Waiting { grant, authorize_url } => (grant, authorize_url),
                RunStatus::AwaitingCallback { call, api } => {
                    if reception.is_none() {
                        *reception = Some(Reception::open(self.engine).await?);
                    }
                    terminal::note(format!(
                        "{api} brings its answer later; the script then goes on by itself.\n  Ctrl-C stops the waiting; go on later with: sluis run --resume {}",
                        end.run.id
                    ));
                    brought::wait(self.engine, self.org, call).await?;
                    let id = end.run.id.clone();
                    end = self.engine.resume(self.org, &id, self.printer).await?;
                    continue;
                }
                _ => return Ok(end),
            };
            close(reception.take()).await;
            let afterwards = format!(
                "the script then goes on by itself.\n  Ctrl-C stops the waiting; go on later with: sluis run --resume {}",
                end.run.id
            );
            let pending = Pending {
                engine: self.engine,
                org: self.org,
                grant,
                authorize_url,
                open_browser: !self.args.no_browser,
                afterwards: &afterwards,
            };
            *reception = consent::wait(&pending).await?.1;
            let id = end.run.id.clone();
            end = self.engine.resume(self.org, &id, self.printer).await?;
        }
    }

    fn tell(&self, end: &RunEnd) -> Exit {
        if self.args.json {
            terminal::out(record(&end.run).to_string());
        }
        if let (Some(opened), false) = (&end.run.open, self.args.json) {
            let window = opened.window.as_ref().map(|window| format!(" ({window})")).unwrap_or_default();
            terminal::note(format!("the script asks to open {}{window}", opened.url));
        }
        if let Some(fault) = &end.fault {
            draw(&end.run.label, &end.run.source, &[fault.to_diagnostic()]);
            if end.run.ledger {
                terminal::note(format!(
                    "what it has done is kept; run it again with: sluis run --again {}",
                    end.run.id
                ));
            }
        }
        match &end.run.status {
            RunStatus::Done { .. } => Exit::Done,
            // Nothing that its author can mend: a store in use or damaged, a wrong root key.
            RunStatus::Failed { reason: Some(reason), .. } if reason == Reason::Internal.as_str() => {
                Exit::Environment
            }
            _ => Exit::Failed,
        }
    }
}

async fn close(reception: Option<Reception>) {
    if let Some(reception) = reception {
        reception.close().await;
    }
}

/// Draws diagnostics on standard error.
fn draw(label: &str, source: &str, diagnostics: &[Diagnostic]) {
    if !diagnostics.is_empty() {
        terminal::err(render::render(label, source, diagnostics, terminal::colored_errors()));
    }
}

/// The record of a run as its reader wants it: the value as JSON, not as text that holds JSON, and
/// without the script.
pub fn record(run: &Run) -> Value {
    let mut record = serde_json::json!(run);
    if let Some(fields) = record.as_object_mut() {
        fields.remove("source");
        if let Some(Value::String(text)) = fields.get("value") {
            let value = serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone()));
            fields.insert("value".to_owned(), value);
        }
    }
    record
}

fn label(file: &Path) -> String {
    if is_stdin(file) { "standard input".to_owned() } else { file.display().to_string() }
}

/// Whether standard input is meant.
pub fn is_stdin(file: &Path) -> bool {
    file.as_os_str() == "-"
}

/// The text of a script; a leading byte order mark is dropped.
pub fn read_source(file: &Path) -> Result<String, Problem> {
    let text = read_text(file)?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// All of a file, or of standard input.
pub fn read_text(file: &Path) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    let read = if is_stdin(file) {
        std::io::stdin().lock().read_to_end(&mut bytes).map(drop)
    } else {
        std::fs::read(file).map(|content| bytes = content)
    };
    read.map_err(|error| {
        Problem::environment(format!("{} cannot be read: {error}", label(file)))
            .help("check the path and its rights")
    })?;
    String::from_utf8(bytes).map_err(|error| {
        Problem::environment(format!(
            "{} is not UTF-8 text (byte {})",
            label(file),
            error.utf8_error().valid_up_to()
        ))
        .help("save it as UTF-8")
    })
}

fn arguments(given: &[String]) -> Result<Vec<(String, Data)>, Problem> {
    let pairs = given.iter().map(|text| {
        let (name, value) = super::call::split_pair(text)?;
        Ok((name.to_owned(), argument(value)))
    });
    pairs.collect()
}

/// JSON where it can be, else text.
fn argument(value: &str) -> Data {
    Data::from_json(value).unwrap_or_else(|_| Data::Text(value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_is_json_where_it_can_be_and_text_else() {
        assert_eq!(argument("5"), Data::Int(5));
        assert_eq!(argument("true"), Data::Bool(true));
        assert_eq!(argument("Alfred Little"), Data::Text("Alfred Little".to_owned()));
        assert_eq!(argument("\"5\""), Data::Text("5".to_owned()));
        assert_eq!(argument("[1,2]"), Data::List(vec![Data::Int(1), Data::Int(2)]));
    }
}
