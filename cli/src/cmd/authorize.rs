//! `sluis authorize NS`: asks for consent to use a connector and waits for it.

use crate::args::Global;
use crate::consent::{self, Pending};
use crate::outcome::{Exit, Outcome, Problem};
use crate::{local_engine, runtime, terminal};
use clap::Args;
use sluis_engine::{Engine, NewConnection};
use sluis_lang::vm::Limits;
use sluis_model::connection::{Connection, ConnectionKey};
use sluis_model::grant::{AskedBy, GrantOutcome};
use sluis_model::id::{Namespace, OrgId};

/// Arguments of `sluis authorize`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sluis authorize gcontacts
  sluis authorize gcontacts --org acme --no-browser")]
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
}

/// Runs the verb.
pub fn run(global: &Global, args: &AuthorizeArgs) -> Outcome {
    let engine = local_engine::build(global, Limits::local())?;
    let org = local_engine::org(&args.org)?;
    let namespace: Namespace = args.connector.parse()?;
    runtime::on_this_thread(async {
        let outcome = authorize(&engine, &org, &namespace, !args.no_browser).await;
        engine.close().await?;
        outcome
    })
}

async fn authorize(engine: &Engine, org: &OrgId, namespace: &Namespace, open_browser: bool) -> Outcome {
    let started = engine
        .start_connection_for(&NewConnection::of(ConnectionKey::main(org, namespace)), AskedBy::Terminal)
        .await?;
    let (grant, reception) = consent::wait(&Pending {
        engine,
        org,
        grant: &started.grant.id,
        authorize_url: started.authorize_url.as_str(),
        open_browser,
        afterwards: "Ctrl-C stops the waiting",
    })
    .await?;
    let told = tell(engine, org, namespace, grant.outcome).await;
    if let Some(reception) = reception {
        reception.close().await;
    }
    told
}

async fn tell(engine: &Engine, org: &OrgId, namespace: &Namespace, outcome: GrantOutcome) -> Outcome {
    let why = match outcome {
        GrantOutcome::Authorized => {
            let connection = engine.connections(org).await?.into_iter().find(|c| c.connector == *namespace);
            terminal::success(authorized(engine, org, namespace, connection.as_ref()));
            return Ok(Exit::Done);
        }
        GrantOutcome::Denied { reason } => format!("{namespace} was not authorized: {reason}"),
        GrantOutcome::Failed { reason } => format!("{namespace} could not be authorized: {reason}"),
        GrantOutcome::Expired => format!("nobody authorized {namespace} in time"),
        GrantOutcome::Waiting | GrantOutcome::Exchanging => format!("{namespace} is not decided yet"),
    };
    Err(Problem::failed(why).help(format!("try again: sluis authorize {namespace}")))
}

fn authorized(
    engine: &Engine,
    org: &OrgId,
    namespace: &Namespace,
    connection: Option<&Connection>,
) -> String {
    let mut line = format!("{namespace} is authorized for org {org}");
    if let Some(connection) = connection {
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
