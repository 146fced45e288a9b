//! Everything that begins with a colon. The table feeds dispatch, help, completion and *did you
//! mean*.

use crate::functions::Origin;
use crate::session::Session;
use crate::{Consent, output, show};
use sluis_engine::{NewConnection, RevokedAtProvider, Through};
use sluis_lang::suggest::closest;
use sluis_model::connection::ConnectionKey;
use sluis_model::error::{Failure, Reason};
use sluis_model::grant::{AskedBy, GrantOutcome};
use sluis_model::id::{ApiId, IdError};

/// One command.
#[derive(Debug)]
pub struct Command {
    /// Its name, colon included.
    pub name: &'static str,
    /// What may follow it.
    pub argument: &'static str,
    /// One line about it.
    pub doc: &'static str,
}

const fn command(name: &'static str, argument: &'static str, doc: &'static str) -> Command {
    Command { name, argument, doc }
}

/// All commands.
pub const COMMANDS: &[Command] = &[
    command(":help", "[NAME]", "these commands, or a built-in with its examples"),
    command(":connectors", "", "released connectors and whether they are authorized"),
    command(":api", "NS.API", "method, address and inputs of an API"),
    command(
        ":explain",
        "NS.API {json}",
        "what a call would send and where each part comes from; nothing is sent",
    ),
    command(":wire", "", "the last request, secrets starred"),
    command(":authorize", "NS[/NAME]", "asks for consent to use a connector"),
    command(":revoke", "NS[/NAME]", "gives an authorization back"),
    command(":vars", "", "variables and functions"),
    command(":reset", "", "forgets variables and functions"),
    command(":load", "FILE", "runs a file here, keeping its variables and functions"),
    command(":quit", "", "leaves, as does Ctrl-D"),
];

/// Runs an input, a command or a script. False if the prompt is to be left.
pub async fn take(session: &mut Session, text: &str, consent: &dyn Consent) -> bool {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return true;
    }
    if !trimmed.starts_with(':') {
        session.run_typed(text, consent).await;
        return true;
    }
    let (name, argument) = match trimmed.split_once(char::is_whitespace) {
        Some((name, argument)) => (name, argument.trim()),
        None => (trimmed, ""),
    };
    if name == ":quit" {
        return false;
    }
    if let Err(failure) = dispatch(session, name, argument, consent).await {
        output::problem(&failure.message, failure.help.as_deref());
    }
    true
}

async fn dispatch(
    session: &mut Session,
    name: &str,
    argument: &str,
    consent: &dyn Consent,
) -> Result<(), Failure> {
    match name {
        ":help" => help(argument),
        ":connectors" => connectors(session).await,
        ":api" => api(session, argument).await,
        ":explain" => explain(session, argument).await,
        ":wire" => {
            output::out(session.wire.as_deref().unwrap_or("nothing has been sent yet"));
            Ok(())
        }
        ":authorize" => authorize(session, argument, consent).await,
        ":revoke" => revoke(session, argument).await,
        ":vars" => {
            variables(session);
            Ok(())
        }
        ":reset" => {
            session.reset();
            Ok(())
        }
        ":load" => load(session, argument, consent).await,
        unknown => Err(not_known(unknown)),
    }
}

fn not_known(name: &str) -> Failure {
    let failure = Failure::new(Reason::NotFound, format!("there is no command `{name}`"));
    match closest(name, COMMANDS.iter().map(|command| command.name)) {
        Some(meant) => failure.help(format!("did you mean `{meant}`?")),
        None => failure.help(":help shows them all"),
    }
}

fn help(name: &str) -> Result<(), Failure> {
    if name.is_empty() {
        for command in COMMANDS {
            output::out(format!("{:24} {}", format!("{} {}", command.name, command.argument), command.doc));
        }
        output::out("Anything else is script; an expression shows its value. Tab completes.");
        return Ok(());
    }
    if let Some(command) =
        COMMANDS.iter().find(|command| command.name.trim_start_matches(':') == name.trim_start_matches(':'))
    {
        output::out(format!("{} {}\n  {}", command.name, command.argument, command.doc));
        return Ok(());
    }
    if let Some(text) = show::help_of(name) {
        output::out(text);
        return Ok(());
    }
    let failure = Failure::new(Reason::NotFound, format!("there is no built-in `{name}`"));
    Err(match sluis_lang::manual::meant(name) {
        Some(meant) => failure.help(format!("did you mean `{meant}`?")),
        None => failure.help(":help shows the commands; a built-in is looked up by its name, `:help trim`"),
    })
}

async fn connectors(session: &Session) -> Result<(), Failure> {
    let releases = session.engine.connectors().await?;
    for release in &releases {
        let namespace = &release.definition.namespace;
        let mark = match key(session, namespace.as_str(), ":connectors").await {
            Ok(key) if session.engine.is_connected(&key).await? => "● authorized",
            Ok(_) => "○ not authorized",
            // Nobody has said on whose behalf inputs run.
            Err(_) => "○ by each user",
        };
        output::out(format!("{namespace} {}  {}  {mark}", release.number, release.definition.service.name));
    }
    if releases.is_empty() {
        output::out("no connector is released yet");
    }
    Ok(())
}

async fn api(session: &Session, argument: &str) -> Result<(), Failure> {
    let id = read::<ApiId>(argument, ":api gcontacts.pushcontact")?;
    let release = session.engine.latest_release(&id.namespace()).await?;
    let apis = &release.definition.apis;
    if let Some(api) = apis.get(id.api()) {
        output::out(show::api(id.as_str(), api));
        return Ok(());
    }
    let failure = Failure::new(
        Reason::ApiNotFound,
        format!("connector `{}` has no API `{}`", id.namespace(), id.api()),
    );
    Err(match closest(id.api(), apis.keys().map(String::as_str)) {
        Some(meant) => failure.help(format!("did you mean `{}.{meant}`?", id.namespace())),
        None => failure.help(format!("its APIs: {}", apis.keys().cloned().collect::<Vec<_>>().join(", "))),
    })
}

async fn explain(session: &Session, argument: &str) -> Result<(), Failure> {
    let (id, json) = argument.split_once(char::is_whitespace).unwrap_or((argument, "{}"));
    let id = read::<ApiId>(id, ":explain gcontacts.pushcontact {\"First_Name\": \"Alfred\"}")?;
    let inputs = serde_json::from_str(json).map_err(|error| {
        Failure::new(Reason::InvalidInput, format!("the inputs are not a JSON object: {error}"))
            .help("for example: {\"First_Name\": \"Alfred\"}")
    })?;
    let through = Through { user: session.options.user.clone(), ..Through::default() };
    output::out(session.engine.explain(&session.options.org, &id, &inputs, &through).await?.to_string());
    Ok(())
}

async fn authorize(session: &Session, argument: &str, consent: &dyn Consent) -> Result<(), Failure> {
    let key = key(session, argument, ":authorize gcontacts").await?;
    let (engine, org) = (&session.engine, &session.options.org);
    let wanted = NewConnection::of(key.clone());
    let started = engine.start_connection_for(&wanted, AskedBy::Terminal).await?;
    consent
        .wait(&started.grant.id, started.authorize_url.as_str())
        .await
        .map_err(|why| Failure::new(Reason::Internal, why))?;
    let grant = engine.grant(org, &started.grant.id).await?;
    match grant.outcome {
        GrantOutcome::Authorized => {
            output::out(format!("✓ {key} is authorized for org {org}"));
            Ok(())
        }
        GrantOutcome::Denied { reason } | GrantOutcome::Failed { reason } => {
            Err(Failure::new(Reason::Denied, format!("{key} was not authorized: {reason}")))
        }
        GrantOutcome::Expired | GrantOutcome::Waiting | GrantOutcome::Exchanging => {
            Err(Failure::new(Reason::Denied, format!("nobody authorized {key} in time")))
        }
    }
}

async fn revoke(session: &Session, argument: &str) -> Result<(), Failure> {
    let key = key(session, argument, ":revoke gcontacts").await?;
    let revocation = session.engine.revoke_connection(&key).await?;
    let provider = match revocation.provider {
        RevokedAtProvider::Revoked => "at the provider and here".to_owned(),
        RevokedAtProvider::NotOffered => "here; the provider offers no revocation".to_owned(),
        RevokedAtProvider::Later { reason } => format!("here; the provider is told later ({reason})"),
        RevokedAtProvider::Failed { reason } => format!("here; the provider could not be told ({reason})"),
    };
    output::out(format!("✓ {key} is revoked {provider}"));
    Ok(())
}

/// The connection that is meant, which is the user's where each has their own.
async fn key(session: &Session, text: &str, example: &str) -> Result<ConnectionKey, Failure> {
    let key = ConnectionKey::named(&session.options.org, text).map_err(|error| {
        Failure::new(Reason::InvalidInput, error.to_string()).help(format!("for example: {example}"))
    })?;
    let through = Through { name: key.name, user: session.options.user.clone() };
    session.engine.key_of_call(&key.org, &key.connector, &through).await
}

fn variables(session: &Session) {
    for (name, value) in session.variables() {
        output::out(format!("{name} = {}", show::clip(&show::value(&value), 200)));
    }
    for name in session.function_names() {
        output::out(format!("{name}(…)"));
    }
}

async fn load(session: &mut Session, argument: &str, consent: &dyn Consent) -> Result<(), Failure> {
    if argument.is_empty() {
        return Err(Failure::new(Reason::InvalidInput, "which file?").help("for example: :load hello.dg"));
    }
    let text = std::fs::read_to_string(argument)
        .map_err(|error| Failure::new(Reason::NotFound, format!("{argument} cannot be read: {error}")))?;
    session.run_text(Origin { name: argument.to_owned(), text }, consent).await;
    Ok(())
}

fn read<T: std::str::FromStr<Err = IdError>>(text: &str, example: &str) -> Result<T, Failure> {
    text.parse().map_err(|error: IdError| {
        Failure::new(Reason::InvalidInput, error.to_string()).help(format!("for example: {example}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_in_a_command_is_answered_with_the_command_that_was_meant() {
        assert_eq!(not_known(":atuhorize").help.as_deref(), Some("did you mean `:authorize`?"));
        assert_eq!(not_known(":zzzzzzz").help.as_deref(), Some(":help shows them all"));
    }
}
