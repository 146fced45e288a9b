//! `sluis trigger add`: a trigger from a file or from options.

use super::{TestArgs, show};
use crate::outcome::{Exit, Outcome, Problem};
use crate::{local_engine, terminal};
use clap::Args;
use serde_json::{Map, Value, json};
use sluis_engine::triggers::StoredTrigger;
use sluis_engine::{BroughtRequest, Engine};
use sluis_model::id::{FunctionName, TriggerName, UserId};
use sluis_model::trigger_spec::{Occasion, TriggerSpec};
use std::path::PathBuf;

/// Arguments of `sluis trigger add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// Its name, unless the file says it
    #[arg(value_name = "NAME", required_unless_present = "file")]
    name: Option<TriggerName>,
    /// A file that says it all, in YAML or JSON
    #[arg(long, value_name = "FILE", conflicts_with_all = ["function", "user", "args", "cron", "every", "url", "webhook", "event"])]
    file: Option<PathBuf>,
    /// The stored function that it starts
    #[arg(long, value_name = "FUNCTION", required_unless_present = "file")]
    function: Option<FunctionName>,
    /// On whose behalf
    #[arg(long, value_name = "USER")]
    user: Option<UserId>,
    /// An argument of the function: NAME=EXPRESSION; may be repeated
    #[arg(long = "arg", value_name = "NAME=EXPRESSION")]
    args: Vec<String>,
    #[command(flatten)]
    on: OnArgs,
    /// What becomes of moments that were missed: skip, once, all
    #[arg(long, value_name = "POLICY")]
    missed: Option<String>,
    /// What becomes of a moment at which the run before still goes on: skip, queue, allow
    #[arg(long, value_name = "POLICY")]
    overlap: Option<String>,
    /// Time zone of the pattern, such as Europe/Amsterdam
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// What a request to the address is answered: accepted, value, response
    #[arg(long, value_name = "ANSWER")]
    answer: Option<String>,
    /// Which requests count: an expression
    #[arg(long, value_name = "EXPRESSION")]
    when: Option<String>,
    /// Only show when it would fire
    #[arg(long)]
    preview: bool,
    /// The organisation
    #[arg(long, default_value = local_engine::DEFAULT_ORG)]
    org: String,
}

/// What it fires on: one of these.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct OnArgs {
    /// Moments by a pattern: minute, hour, day of the month, month, day of the week
    #[arg(long, value_name = "PATTERN")]
    cron: Option<String>,
    /// Moments with a fixed time between them: 15m, 1h 30m
    #[arg(long, value_name = "TIME")]
    every: Option<String>,
    /// Requests to an address of its own
    #[arg(long)]
    url: bool,
    /// Requests that a service signs; `sluis trigger presets` lists the services
    #[arg(long, value_name = "PRESET")]
    webhook: Option<String>,
    /// Something that happens in Sluis, such as run_failed; may be repeated
    #[arg(long, value_name = "EVENT")]
    event: Vec<String>,
}

/// Runs the verb.
pub async fn add(engine: &Engine, args: &AddArgs) -> Outcome {
    let (name, spec) = args.written()?;
    let org = local_engine::org(&args.org)?;
    if args.preview {
        let Occasion::Schedule(rule) = &spec.on else {
            return Err(Problem::refused("only a schedule can be shown ahead"));
        };
        show::moments(&engine.preview_schedule(rule, 10)?);
        return Ok(Exit::Done);
    }
    let put = engine.put_trigger(&org, &name, spec, &|_| true).await?;
    let Some(put) = put else { return Err(Problem::refused("somebody else changes it at this moment")) };
    terminal::success(format!("{name} is there"));
    show::coming(engine, &put.trigger);
    if let Some(address) = &put.address {
        terminal::out(address.expose().as_str());
        terminal::note("this address is shown once: whoever has it may start the function");
    }
    say_what_is_missing(&put.trigger);
    Ok(Exit::Done)
}

fn say_what_is_missing(trigger: &StoredTrigger) {
    if matches!(trigger.spec.on, Occasion::Webhook(_)) && trigger.secrets == 0 {
        terminal::note(format!("enter the secret of the service: sluis trigger secret {}", trigger.name));
    }
}

impl AddArgs {
    fn written(&self) -> Result<(TriggerName, TriggerSpec), Problem> {
        let Some(path) = &self.file else {
            let name = self.name.clone().ok_or_else(|| Problem::refused("a trigger has a name"))?;
            return Ok((name, self.spec()?));
        };
        let shown = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|error| Problem::refused(format!("{shown} cannot be read: {error}")))?;
        let file = sluis_definition::triggers::read(&text).map_err(|why| {
            Problem::refused(format!("{shown}: {why}")).help("docs/TRIGGERS.md says what it may hold")
        })?;
        let name = self.name.clone().or(file.name);
        let name = name.ok_or_else(|| {
            Problem::refused(format!("{shown} does not say what it is called"))
                .help(format!("write `name:` into it, or: sluis trigger add NAME --file {shown}"))
        })?;
        Ok((name, file.trigger))
    }

    /// What the options say, as a file would.
    fn spec(&self) -> Result<TriggerSpec, Problem> {
        let mut fields = Map::new();
        let mut set = |name: &str, value: Option<Value>| {
            fields.extend(value.map(|value| (name.to_owned(), value)));
        };
        let text = |text: &Option<String>| text.clone().map(Value::from);
        let on = &self.on;
        let kind = if on.cron.is_some() || on.every.is_some() {
            set("cron", text(&on.cron));
            set("every", text(&on.every));
            set("zone", text(&self.zone));
            set("missed", text(&self.missed));
            set("overlap", text(&self.overlap));
            "schedule"
        } else if on.url {
            set("answer", text(&self.answer));
            set("when", text(&self.when));
            "url"
        } else if on.webhook.is_some() {
            set("preset", text(&on.webhook));
            set("when", text(&self.when));
            "webhook"
        } else if !on.event.is_empty() {
            set("events", Some(json!(on.event)));
            "event"
        } else {
            return Err(Problem::refused("nothing says when it fires")
                .help("--cron PATTERN, --every TIME, --url, --webhook PRESET or --event EVENT"));
        };
        let mut spec = json!({ "function": self.function, "user": self.user, "on": { kind: fields } });
        if !self.args.is_empty() {
            let mut args = Map::new();
            for given in &self.args {
                let (name, expression) = given.split_once('=').ok_or_else(|| {
                    Problem::refused(format!("`{given}` is no argument"))
                        .help("write NAME=EXPRESSION, for example: --arg 'email=body.get(\"email\")'")
                })?;
                args.insert(name.trim().to_owned(), expression.trim().into());
            }
            spec["args"] = args.into();
        }
        serde_json::from_value(spec).map_err(|error| Problem::refused(error.to_string()))
    }
}

/// The request that a trigger is tried with.
pub fn request(args: &TestArgs) -> Result<BroughtRequest, Problem> {
    let unfit = |what: &str, given: &str| Problem::refused(format!("`{given}` is no {what}"));
    let method = args.method.to_ascii_uppercase().parse().map_err(|_| unfit("method", &args.method))?;
    let mut request = BroughtRequest { method, query: args.query.clone(), ..BroughtRequest::default() };
    let is_json =
        serde_json::from_str::<Value>(&args.body).is_ok_and(|body| body.is_object() || body.is_array());
    let as_json = is_json.then(|| "content-type: application/json".to_owned());
    for header in as_json.iter().chain(&args.headers) {
        let (name, value) = header.split_once(':').ok_or_else(|| unfit("header", header))?;
        let name: http::HeaderName = name.trim().parse().map_err(|_| unfit("header", header))?;
        request.headers.insert(name, value.trim().parse().map_err(|_| unfit("header", header))?);
    }
    request.body = args.body.clone().into();
    Ok(request)
}
