//! `sluis authorize NS`: asks for consent to use a connector and waits for it.

use super::connect_fields;
use crate::args::Global;
use crate::consent::{self, Pending};
use crate::outcome::{Exit, Outcome, Problem};
use crate::{local_engine, runtime, terminal};
use clap::Args;
use sluis_auth::Connects;
use sluis_engine::{ConnectForm, Engine, NewConnection};
use sluis_lang::vm::Limits;
use sluis_model::connection::{Connection, ConnectionKey};
use sluis_model::grant::{AskedBy, GrantOutcome};
use sluis_model::id::{ConnectionName, Namespace, OrgId, UserId};

/// Arguments of `sluis authorize`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sluis authorize gcontacts
  sluis authorize gcontacts --org acme --no-browser
  sluis authorize shop --name sales --env sandbox --var shop=acme
  pass show shop | sluis authorize shop --fields -")]
pub struct AuthorizeArgs {
    /// Namespace of the connector
    #[arg(value_name = "NS")]
    connector: String,
    /// The organisation it is for
    #[arg(long, default_value = local_engine::DEFAULT_ORG)]
    org: String,
    /// Print the link only
    #[arg(long)]
    no_browser: bool,
    /// Which of several connections of the connector
    #[arg(long, value_name = "NAME")]
    name: Option<ConnectionName>,
    /// Which of several ways to authenticate
    #[arg(long, value_name = "NAME")]
    auth: Option<String>,
    /// Environment whose values the connector names: sandbox
    #[arg(long = "env", value_name = "NAME")]
    environment: Option<String>,
    /// Value of a variable
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = variable)]
    variables: Vec<(String, String)>,
    /// The user to whom alone the connection belongs
    #[arg(long)]
    user: Option<UserId>,
    /// Read the fields as JSON from standard input
    #[arg(long, value_name = "-", value_parser = ["-"])]
    fields: Option<String>,
}

fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Runs the verb.
pub fn run(global: &Global, args: &AuthorizeArgs) -> Outcome {
    let engine = local_engine::build(global, Limits::local())?;
    let org = local_engine::org(&args.org)?;
    let namespace: Namespace = args.connector.parse()?;
    runtime::on_this_thread(async {
        let outcome = decide(&engine, &org, &namespace, args).await;
        engine.close().await?;
        outcome
    })
}

/// By entering values or by consent, as the connector's way to authenticate has it.
async fn decide(engine: &Engine, org: &OrgId, namespace: &Namespace, args: &AuthorizeArgs) -> Outcome {
    let key = ConnectionKey {
        name: args.name.clone().unwrap_or_default(),
        user: args.user.clone(),
        ..ConnectionKey::main(org, namespace)
    };
    let variables = args.variables.iter().cloned().collect();
    let environment = args.environment.clone();
    let wanted = NewConnection { key, auth: args.auth.clone(), environment, variables };
    let form = engine.connect_form(&wanted).await?;
    if form.choices.len() > 1 && form.auth.is_none() {
        return Err(Problem::refused(format!("{namespace} can be authorized in several ways"))
            .help(format!("choose one: {}", ways(&form))));
    }
    if form.connects == Connects::ByFields
        || (form.connects == Connects::Freely && !(form.variables.is_empty() && form.choices.is_empty()))
    {
        return connect_fields::connect(engine, wanted, &form, args.fields.is_some()).await;
    }
    authorize(engine, &wanted, !args.no_browser).await
}

/// The ways to authenticate with what they are for: `--auth key (A key from the settings page)`.
fn ways(form: &ConnectForm) -> String {
    let ways = form.choices.iter().map(|way| match form.titles.get(way) {
        Some(title) => format!("--auth {way} ({title})"),
        None => format!("--auth {way}"),
    });
    ways.collect::<Vec<_>>().join(", ")
}

async fn authorize(engine: &Engine, wanted: &NewConnection, open_browser: bool) -> Outcome {
    let org = &wanted.key.org;
    let started = engine.start_connection_for(wanted, AskedBy::Terminal).await?;
    let (grant, reception) = consent::wait(&Pending {
        engine,
        org,
        grant: &started.grant.id,
        authorize_url: started.authorize_url.as_str(),
        open_browser,
        afterwards: "Ctrl-C stops the waiting",
    })
    .await?;
    let told = tell(engine, &wanted.key, grant.outcome).await;
    if let Some(reception) = reception {
        reception.close().await;
    }
    told
}

async fn tell(engine: &Engine, key: &ConnectionKey, outcome: GrantOutcome) -> Outcome {
    let why = match outcome {
        GrantOutcome::Authorized => {
            let connection = engine.connections(&key.org).await?.into_iter().find(|c| c.key() == *key);
            terminal::success(authorized(engine, key, connection.as_ref()));
            return Ok(Exit::Done);
        }
        GrantOutcome::Denied { reason } => format!("{key} was not authorized: {reason}"),
        GrantOutcome::Failed { reason } => format!("{key} could not be authorized: {reason}"),
        GrantOutcome::Expired => format!("nobody authorized {key} in time"),
        GrantOutcome::Waiting | GrantOutcome::Exchanging => format!("{key} is not decided yet"),
    };
    Err(Problem::failed(why).help(format!("try again: {}", key.authorize_command())))
}

fn authorized(engine: &Engine, key: &ConnectionKey, connection: Option<&Connection>) -> String {
    let mut line = format!("{key} is authorized for org {}", key.org);
    if let Some(connection) = connection {
        if let Some(account) = &connection.account {
            line.push_str(&format!(" as {account}"));
        }
        if !connection.scopes.is_empty() {
            line.push_str(&format!(" ({})", connection.scopes.join(", ")));
        }
        line.push_str(&lifetime(engine, connection));
        line.push_str(&lacking(connection));
    }
    line
}

/// What was asked for and not granted, as the end of a sentence.
pub fn lacking(connection: &Connection) -> String {
    match connection.missing_scopes.as_slice() {
        [] => String::new(),
        missing => format!("; not granted, so calls that need it will fail: {}", missing.join(", ")),
    }
}

/// How long the tokens last, in words.
pub fn lifetime(engine: &Engine, connection: &Connection) -> String {
    let renews = if connection.refreshable { "renews itself" } else { "does not renew itself" };
    match connection.expires_at {
        Some(at) => format!("; {renews}, the token expires {}", in_words(at.seconds_since(engine.now()))),
        None => format!("; {renews}"),
    }
}

/// `in 59 min`, `in 3 h`, `in 2 days`.
fn in_words(seconds: i64) -> String {
    match seconds {
        ..=0 => "now".to_owned(),
        1..=90 => format!("in {seconds} s"),
        91..=5_400 => format!("in {} min", (seconds + 30) / 60),
        5_401..=172_800 => format!("in {} h", (seconds + 1_800) / 3_600),
        _ => format!("in {} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn a_lifetime_is_told_in_the_unit_that_people_would_use() {
        assert_eq!(in_words(-3), "now");
        assert_eq!(in_words(60), "in 60 s");
        assert_eq!(in_words(3_600), "in 60 min");
        assert_eq!(in_words(14_400), "in 4 h");
        assert_eq!(in_words(864_000), "in 10 days");
    }
}
