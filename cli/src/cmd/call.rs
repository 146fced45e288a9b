//! `sluis call NS.API k=v …`: one call, without a script.

use crate::args::Global;
use crate::consent::Reception;
use crate::outcome::{Exit, Outcome, Problem};
use crate::{brought, local_engine, runtime, terminal};
use clap::Args;
use serde_json::{Map, Value};
use sluis_engine::{
    CallOptions, DeliveryState, Engine, HandedOver, PickOption, Position, Through, Walk, Wanted,
    WantedOptions,
};
use sluis_lang::value::data::Data;
use sluis_lang::vm::Limits;
use sluis_model::id::{ApiId, ConnectionName, OrgId, UserId};

/// Arguments of `sluis call`.
#[derive(Debug, Args)]
#[command(after_help = "\
Values are JSON where they can be (5, true, [1,2]), else text. Exit code 1 if the answer is not 2xx.

Examples:
  sluis call gcontacts.listcontacts
  sluis call gcontacts.pushcontact First_Name=Alfred Last_Name=Little --explain
  sluis call gcontacts.listcontacts --curl
  sluis call shop.orders --name sales --user ada@example.com
  sluis call gcontacts.listcontacts --all --max-rows 500   one row a line, as pages come
  sluis call slack.post --options Channel --search gen")]
pub struct CallArgs {
    /// Full id of the API
    #[arg(value_name = "NS.API")]
    api: String,
    /// Inputs, `name=value`
    #[arg(value_name = "NAME=VALUE")]
    inputs: Vec<String>,
    /// The organisation whose authorization is used
    #[arg(long, default_value = local_engine::DEFAULT_ORG)]
    org: String,
    /// Which of several connections of the connector
    #[arg(long, value_name = "NAME")]
    name: Option<ConnectionName>,
    /// The user on whose behalf: whose connection is used, where each user has their own
    #[arg(long)]
    user: Option<UserId>,
    /// Show what would be sent, secrets starred, and where each part comes from; send nothing
    #[arg(long)]
    explain: bool,
    /// With --explain: JSON instead of a drawing
    #[arg(long, requires = "explain")]
    json: bool,
    /// Write what would be sent as a line of cURL, secrets starred, and send nothing
    #[arg(long, conflicts_with = "explain")]
    curl: bool,
    /// List the values that this input may have, and call nothing else
    #[arg(long, value_name = "INPUT", conflicts_with = "explain")]
    options: Option<String>,
    /// With --options: only those that fit what is typed so far
    #[arg(long, value_name = "TEXT", requires = "options")]
    search: Option<String>,
    /// Read all pages of a list, and print its rows as they come, one JSON value a line
    #[arg(long, conflicts_with = "explain")]
    all: bool,
    /// With --all: stop after so many rows
    #[arg(long, value_name = "N", requires = "all", value_parser = clap::value_parser!(u64).range(1..))]
    max_rows: Option<u64>,
    /// With --all: ask for so many rows at a time
    #[arg(long, value_name = "N", requires = "all", value_parser = clap::value_parser!(u64).range(1..))]
    page_size: Option<u64>,
    /// Show what was sent as well, secrets starred, on standard error
    #[arg(long)]
    wire: bool,
}

/// Runs the verb.
pub fn run(global: &Global, args: &CallArgs) -> Outcome {
    let engine = local_engine::build(global, Limits::local())?;
    let org = local_engine::org(&args.org)?;
    let api: ApiId = args.api.parse()?;
    let inputs = inputs(&args.inputs)?;
    let through = Through { name: args.name.clone().unwrap_or_default(), user: args.user.clone() };
    runtime::on_this_thread(async {
        if let Some(input) = &args.options {
            let wanted = WantedOptions { search: args.search.as_deref(), limit: 0, given: inputs };
            let options = engine.pick_options(&org, &api, input, &wanted, &through).await;
            engine.close().await?;
            for PickOption { value, label } in options? {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                terminal::out(if value == label { value } else { format!("{value}\t{label}") });
            }
            return Ok(Exit::Done);
        }
        if args.explain {
            let explained = engine.explain(&org, &api, &inputs, &through).await;
            engine.close().await?;
            let explained = explained?;
            match args.json {
                true => terminal::out(serde_json::json!(explained).to_string()),
                false => terminal::out(explained.to_string()),
            }
            return Ok(Exit::Done);
        }
        if args.curl {
            let text = engine.curl(&org, &api, &inputs, &through).await;
            engine.close().await?;
            terminal::out(text?);
            return Ok(Exit::Done);
        }
        if args.all {
            let wanted = Wanted { page_size: args.page_size, at_most: args.max_rows };
            let walk = Walk { api, inputs, wanted, options: CallOptions::default() };
            let walked = all(&engine, &org, &through, &walk, args.wire).await;
            engine.close().await?;
            return walked.map(|()| Exit::Done);
        }
        // Whoever answers fast must find somebody listening. What is not there is told by the call.
        let reception = match engine.is_called_back(&api).await {
            Ok(true) => Some(Reception::open(&engine).await?),
            _ => None,
        };
        let invocation = engine.invoke_through(&org, &api, &inputs, &through).await;
        let later = match invocation.as_ref().ok().and_then(|made| made.accepted.as_ref()) {
            Some(call) if reception.is_some() => {
                terminal::note(format!("{api} brings its answer later; waiting for it as {call}"));
                Some(brought::wait(&engine, &org, call).await)
            }
            _ => None,
        };
        if let Some(reception) = reception {
            reception.close().await;
        }
        engine.close().await?;
        let invocation = invocation?;
        if args.wire {
            terminal::err(format!("{}\n", invocation.wire));
        }
        if let Some(later) = later {
            return told_later(&api, later?);
        }
        let status = invocation.status_code;
        let note = invocation.record.note.clone();
        match invocation.into_value() {
            Data::Text(text) => terminal::out(&text),
            value => terminal::out(value.to_json()),
        }
        if (200..300).contains(&status) {
            return Ok(Exit::Done);
        }
        let help = note.unwrap_or_else(|| "--wire shows what was sent".to_owned());
        Err(Problem::failed(format!("{api} answered {status}")).help(help))
    })
}

/// Prints what was brought.
fn told_later(api: &ApiId, call: HandedOver) -> Outcome {
    match call.state {
        DeliveryState::Answered { response: Some(Value::String(text)), .. } => terminal::out(&text),
        DeliveryState::Answered { response: Some(value), .. } => terminal::out(value.to_string()),
        DeliveryState::Failed { why, help, .. } => {
            let problem = Problem::failed(why);
            return Err(match help {
                Some(help) => problem.help(help),
                None => problem,
            });
        }
        other => return Err(Problem::failed(format!("{api} was not answered: {other:?}"))),
    }
    Ok(Exit::Done)
}

/// Prints the rows of all pages. What was printed stays printed where a later page fails.
async fn all(
    engine: &Engine,
    org: &OrgId,
    through: &Through,
    walk: &Walk,
    wire: bool,
) -> Result<(), Problem> {
    let mut position = Position::default();
    loop {
        let read = engine.page(org, through, walk, &position).await?;
        if wire {
            terminal::err(format!("{}\n", read.invocation.wire));
        }
        let is_read = match read.rows {
            Some(rows) => rows.iter().all(|row| terminal::out_to_reader(row.to_string())),
            // The definition does not say where rows stand: then the page is the row.
            None => terminal::out_to_reader(read.invocation.response.replace(['\r', '\n'], " ")),
        };
        match read.next {
            Some(next) if is_read => position = next,
            _ => return Ok(()),
        }
    }
}

/// `name=value`; values are JSON where they can be, else text.
pub fn inputs(given: &[String]) -> Result<Map<String, Value>, Problem> {
    let pairs = given.iter().map(|text| {
        let (name, value) = split_pair(text)?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
        Ok((name.to_owned(), value))
    });
    pairs.collect()
}

/// `name=value`, both sides as they stand.
pub fn split_pair(text: &str) -> Result<(&str, &str), Problem> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name, value)),
        _ => Err(Problem::refused(format!("`{text}` is not of the form name=value"))
            .help("quote it if it holds spaces: 'name=Alfred Little'")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_json_where_they_can_be_and_text_else() {
        let given: Vec<String> =
            ["n=5", "t=Alfred Little", "e=a=b", "q=\"5\"", "z=007"].map(str::to_owned).into();
        let read = Value::Object(inputs(&given).unwrap());
        assert_eq!(read, serde_json::json!({"n": 5, "t": "Alfred Little", "e": "a=b", "q": "5", "z": "007"}));
        assert_eq!(inputs(&["=5".to_owned()]).unwrap_err().exit, crate::outcome::Exit::Refused);
    }
}
