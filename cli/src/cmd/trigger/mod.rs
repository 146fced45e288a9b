//! `sluis trigger …`: what starts stored functions without a person.

mod add;
mod show;

use crate::args::Global;
use crate::outcome::{Exit, Outcome, Problem};
use crate::{local_engine, runtime, secret_input, terminal};
use clap::{Args, Subcommand};
use sluis_definition::webhooks;
use sluis_engine::Engine;
use sluis_engine::triggers::Sample;
use sluis_lang::value::data::Data;
use sluis_lang::vm::Limits;
use sluis_model::id::{OrgId, TriggerName};

/// The verbs about triggers.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  sluis trigger add nightly --function tidy --cron '0 3 * * *' --zone Europe/Amsterdam
  sluis trigger add orders --function order --webhook shopify
  sluis trigger list

What they may say stands in docs/TRIGGERS.md")]
pub enum TriggerVerb {
    /// Write down what starts a function: an address, a webhook, a schedule, an event
    #[command(after_help = "\
Examples:
  sluis trigger add nightly --function tidy --cron '0 3 * * *' --zone Europe/Amsterdam
  sluis trigger add lead --function lead --url --arg 'email=body.get(\"email\")'
  sluis trigger add --file orders.yaml")]
    Add(add::AddArgs),
    /// List triggers
    #[command(after_help = "\
Examples:
  sluis trigger list
  sluis trigger list --org acme --json")]
    List(OrgArgs),
    /// Show a trigger: what it says, what came of it, when it fires next
    #[command(after_help = "\
Examples:
  sluis trigger show nightly
  sluis trigger show nightly --org acme --json")]
    Show(OneArgs),
    /// Let a trigger rest
    #[command(after_help = "\
Examples:
  sluis trigger pause nightly
  sluis trigger pause orders --org acme")]
    Pause(OneArgs),
    /// Let a trigger that rests work again
    #[command(after_help = "\
Examples:
  sluis trigger resume nightly
  sluis trigger resume orders --org acme")]
    Resume(OneArgs),
    /// Say what a trigger would give its function, and start it if wanted
    #[command(after_help = "\
Examples:
  sluis trigger test nightly
  sluis trigger test lead --body '{\"email\": \"ada@example.com\"}' --run")]
    Test(TestArgs),
    /// Give a trigger a new address; the one before leads nowhere from now on
    #[command(after_help = "\
Examples:
  sluis trigger rotate lead
  sluis trigger rotate lead --revoke")]
    Rotate(RotateArgs),
    /// Enter the secret with which the service of a webhook signs
    #[command(after_help = "\
Examples:
  sluis trigger secret orders
  sluis trigger secret orders --and-another < both-secrets")]
    Secret(SecretArgs),
    /// List the services whose webhooks are known by name
    #[command(after_help = "\
Examples:
  sluis trigger presets
  sluis trigger presets | grep zoho")]
    Presets,
    /// Remove a trigger; runs that it started go on
    #[command(after_help = "\
Examples:
  sluis trigger remove nightly
  sluis trigger remove orders --org acme")]
    Remove(OneArgs),
}

/// Whose triggers.
#[derive(Debug, Args)]
pub struct OrgArgs {
    /// The organisation
    #[arg(long, default_value = local_engine::DEFAULT_ORG)]
    org: String,
    /// JSON instead of lines
    #[arg(long)]
    json: bool,
}

/// One trigger.
#[derive(Debug, Args)]
pub struct OneArgs {
    /// Its name
    #[arg(value_name = "NAME")]
    name: TriggerName,
    #[command(flatten)]
    of: OrgArgs,
}

/// What a trigger is tried with.
#[derive(Debug, Args)]
pub struct TestArgs {
    #[command(flatten)]
    one: OneArgs,
    /// Method of the request
    #[arg(long, value_name = "METHOD", default_value = "POST")]
    method: String,
    /// Query of the request, `a=1&b=2`
    #[arg(long, value_name = "TEXT", default_value = "")]
    query: String,
    /// A header of the request, `NAME: VALUE`; may be repeated
    #[arg(long = "header", value_name = "HEADER")]
    headers: Vec<String>,
    /// Body of the request; JSON is told as such
    #[arg(long, value_name = "TEXT", default_value = "")]
    body: String,
    /// The event, as JSON
    #[arg(long, value_name = "JSON")]
    event: Option<String>,
    /// Start the function as well; a server works on the run
    #[arg(long)]
    run: bool,
}

/// Whose address is changed.
#[derive(Debug, Args)]
pub struct RotateArgs {
    #[command(flatten)]
    one: OneArgs,
    /// Take the address away, without giving another
    #[arg(long)]
    revoke: bool,
}

/// Whose secret is entered.
#[derive(Debug, Args)]
pub struct SecretArgs {
    #[command(flatten)]
    one: OneArgs,
    /// Enter two: both count, until one of them is entered alone
    #[arg(long)]
    and_another: bool,
}

/// Runs the verb.
pub fn run(global: &Global, verb: &TriggerVerb) -> Outcome {
    if matches!(verb, TriggerVerb::Presets) {
        for (name, scheme) in webhooks::presets() {
            terminal::out(format!("{name:<16} {}", scheme.title));
        }
        return Ok(Exit::Done);
    }
    let engine = local_engine::build(global, Limits::local())?;
    runtime::on_this_thread(async {
        let done = carry_out(&engine, verb).await;
        engine.close().await?;
        done
    })
}

async fn carry_out(engine: &Engine, verb: &TriggerVerb) -> Outcome {
    match verb {
        TriggerVerb::Add(args) => add::add(engine, args).await,
        TriggerVerb::List(args) => show::list(engine, &local_engine::org(&args.org)?, args.json).await,
        TriggerVerb::Show(args) => show::show(engine, &args.org()?, &args.name, args.of.json).await,
        TriggerVerb::Pause(args) => {
            engine.pause_trigger(&args.org()?, &args.name, true).await?;
            done(format!("{} rests; nothing that it misses is made good", args.name))
        }
        TriggerVerb::Resume(args) => {
            let trigger = engine.pause_trigger(&args.org()?, &args.name, false).await?;
            show::coming(engine, &trigger);
            done(format!("{} works", args.name))
        }
        TriggerVerb::Test(args) => test(engine, args).await,
        TriggerVerb::Rotate(RotateArgs { one, revoke: true }) => {
            engine.revoke_trigger_address(&one.org()?, &one.name).await?;
            done(format!("nobody reaches {} until it has another address", one.name))
        }
        TriggerVerb::Rotate(RotateArgs { one, revoke: false }) => {
            let (_, address) = engine.rotate_trigger_address(&one.org()?, &one.name).await?;
            terminal::out(address.expose().as_str());
            terminal::note("this is shown once; the address before leads nowhere from now on");
            Ok(Exit::Done)
        }
        TriggerVerb::Secret(args) => {
            let mut secrets = vec![secret_input::read("Secret of the service: ")?];
            if args.and_another {
                secrets.push(secret_input::read("The other secret: ")?);
            }
            let trigger = engine.set_trigger_secrets(&args.one.org()?, &args.one.name, &secrets).await?;
            done(format!("{}: secrets that count: {}", trigger.name, trigger.secrets))
        }
        TriggerVerb::Presets => Ok(Exit::Done),
        TriggerVerb::Remove(args) => {
            engine.remove_trigger(&args.org()?, &args.name, &|_| true).await?;
            done(format!("{} is gone", args.name))
        }
    }
}

impl OneArgs {
    fn org(&self) -> Result<OrgId, Problem> {
        local_engine::org(&self.of.org)
    }
}

fn done(text: String) -> Outcome {
    terminal::success(text);
    Ok(Exit::Done)
}

async fn test(engine: &Engine, args: &TestArgs) -> Outcome {
    let event = args.event.as_deref().map(Data::from_json).transpose();
    let event = event.map_err(|fault| Problem::refused(format!("--event: {}", fault.message)))?;
    let sample = Sample { request: Some(add::request(args)?), event, run: args.run };
    let sampled = engine.sample_trigger(&args.one.org()?, &args.one.name, sample).await?;
    if args.one.of.json {
        let value = |data: &Data| serde_json::from_str(&data.to_json()).unwrap_or_default();
        let all = sampled.args.iter().map(|(name, data)| (name.clone(), value(data)));
        let all: serde_json::Map<String, serde_json::Value> = all.collect();
        let shown = serde_json::json!({ "counts": sampled.counts, "args": all, "run": sampled.run });
        terminal::out(shown.to_string());
        return Ok(Exit::Done);
    }
    for (name, value) in &sampled.args {
        terminal::out(format!("{name} = {}", value.to_json()));
    }
    match (&sampled.run, sampled.counts) {
        (Some(run), _) => terminal::success(format!("{run} waits for a server to work on it")),
        (None, false) => terminal::note("`when` says that this does not count"),
        (None, true) if sampled.args.is_empty() => terminal::note("the function takes no inputs"),
        (None, true) => {}
    }
    Ok(Exit::Done)
}
