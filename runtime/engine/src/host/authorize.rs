//! `authorize`, `isAuthorized`, `revoke`.

use super::connection::Named;
use super::{Answer, HostContext, arguments};
use crate::grants::NewConnection;
use sluis_lang::value::data::Data;
use sluis_model::error::{Failure, Reason};
use sluis_model::grant::AskedBy;

/// True at once if the connector is authorized; else the run waits for a person.
pub async fn authorize(context: &mut HostContext<'_>, args: &[Data]) -> Answer {
    match begin(context, args).await {
        Ok(None) => Answer::Ready(Ok(Data::Bool(true))),
        Ok(Some(started)) => {
            Answer::Wait { grant: Box::new(started.grant), authorize_url: started.authorize_url.to_string() }
        }
        Err(failure) => Answer::Ready(Err(failure)),
    }
}

async fn begin(context: &mut HostContext<'_>, args: &[Data]) -> Result<Option<crate::Started>, Failure> {
    let named = named(args, "authorize")?;
    if let Some(hook_of) = context.hook_of() {
        return Err(Failure::new(
            Reason::InvalidInput,
            format!("a hook of `{hook_of}` cannot wait for a person's consent"),
        )
        .help("authorize other connectors before, and test with isAuthorized(…) in the hook"));
    }
    let key = context.key_of(&named).await?;
    if context.engine.is_connected(&key).await? {
        return Ok(None);
    }
    if context.depth > 0 {
        return Err(Failure::new(
            Reason::InvalidInput,
            "a stored function that a script calls cannot wait for a person's consent",
        )
        .help("authorize in the script that calls it, before the call"));
    }
    let wanted = NewConnection::of(key);
    let asked_by = AskedBy::Script { label: context.run.label.clone() };
    context.engine.start_connection_for(&wanted, asked_by).await.map(Some)
}

/// Whether the connector can be called now.
pub async fn is_authorized(context: &mut HostContext<'_>, args: &[Data]) -> Result<Data, Failure> {
    let key = context.key_of(&named(args, "isAuthorized")?).await?;
    context.engine.is_connected(&key).await.map(Data::Bool)
}

/// True if there was an authorization.
pub async fn revoke(context: &mut HostContext<'_>, args: &[Data]) -> Result<Data, Failure> {
    let named = named(args, "revoke")?;
    if context.hook_of() == Some(&named.connector) {
        let text = format!("a hook of `{}` cannot revoke it", named.connector);
        return Err(Failure::new(Reason::InvalidInput, text)
            .help("`return false;` in the on-authorize hook refuses the authorization"));
    }
    match context.engine.revoke_connection(&context.key_of(&named).await?).await {
        Ok(_) => Ok(Data::Bool(true)),
        Err(failure) if failure.reason == Reason::NotAuthorized => Ok(Data::Bool(false)),
        Err(failure) => Err(failure),
    }
}

fn named(args: &[Data], call: &str) -> Result<Named, Failure> {
    let text = arguments::text(args, 0, call, "the connector", &format!("{call}(\"gcontacts\")"))?;
    // Widgets and older scripts pass the id of an API or a dotted connector id; its first segment
    // is the connector.
    match text.split_once('.') {
        Some((connector, _)) => Named::parse(connector),
        None => Named::parse(text),
    }
}
