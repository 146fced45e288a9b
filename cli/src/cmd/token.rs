//! `sluis token …`: tokens with which the HTTP API is called.

use crate::args::Global;
use crate::outcome::{Exit, Outcome};
use crate::{local_engine, runtime, terminal};
use clap::Subcommand;
use sluis_engine::Engine;
use sluis_lang::vm::Limits;
use sluis_model::access::Permission;
use sluis_model::id::OrgId;
use sluis_vault::api_token::{ApiToken, MARK, Purpose};

/// The verbs about tokens of the HTTP API.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  sluis token create ci --expires-in 90d
  sluis token list")]
pub enum TokenVerb {
    /// Make a token; it is shown once
    #[command(after_help = "\
Examples:
  sluis token create ci --expires-in 90d
  sluis token create spiff --for-org acme --scope invoke > backend-token")]
    Create {
        /// What it is for
        name: String,
        /// How long it is good, `12h` or `90d`; without this, until it is revoked
        #[arg(long, value_name = "TIME", value_parser = seconds)]
        expires_in: Option<i64>,
        /// The only organisation that it may act for; without this, all
        #[arg(long, value_name = "ORG")]
        for_org: Option<OrgId>,
        /// Something that it may do, such as `invoke`; may be given more than once. Without this, everything but
        /// managing people, tokens and keys
        #[arg(long, value_name = "PERMISSION")]
        scope: Vec<Permission>,
    },
    /// List tokens: prefix, name, state and last use
    #[command(after_help = "\
Examples:
  sluis token list
  sluis token list --json")]
    List {
        /// JSON instead of lines
        #[arg(long)]
        json: bool,
    },
    /// Revoke a token: from the next request on it is refused
    #[command(after_help = "\
Examples:
  sluis token revoke slu_4x7k2m9q
  sluis token list | grep ci")]
    Revoke {
        /// Its prefix, as `sluis token list` shows it
        #[arg(value_name = "PREFIX")]
        prefix: String,
    },
}

fn seconds(text: &str) -> Result<i64, String> {
    let units = [("m", 60), ("h", 3_600), ("d", 86_400)];
    let found = units.iter().find_map(|(unit, length)| Some((text.strip_suffix(unit)?, *length)));
    found
        .and_then(|(number, length)| number.parse::<u16>().ok().map(|number| i64::from(number) * length))
        .filter(|seconds| *seconds > 0)
        .ok_or_else(|| "a number and a unit, m, h or d: 30m, 12h, 90d".to_owned())
}

/// Runs the verb.
pub fn run(global: &Global, verb: &TokenVerb) -> Outcome {
    let engine = local_engine::build(global, Limits::local())?;
    runtime::on_this_thread(async {
        let done = carry_out(&engine, verb).await;
        engine.close().await?;
        done
    })
}

async fn carry_out(engine: &Engine, verb: &TokenVerb) -> Outcome {
    match verb {
        TokenVerb::Create { name, expires_in, for_org, scope } => {
            let purpose = Purpose {
                name: name.clone(),
                org: for_org.clone(),
                scopes: scope.iter().copied().collect(),
                owner: None,
            };
            let (text, token) = engine.create_api_token(&purpose, *expires_in).await?;
            terminal::out(text.expose());
            terminal::note(format!(
                "this is shown once; callers send it: Authorization: Bearer {MARK}{}_…",
                token.prefix
            ));
        }
        TokenVerb::List { json: true } => {
            let tokens = engine.api_tokens().await?;
            terminal::out(serde_json::Value::from_iter(tokens.iter().map(view)).to_string());
        }
        TokenVerb::List { json: false } => {
            let tokens = engine.api_tokens().await?;
            tokens.iter().for_each(|token| terminal::out(line(engine, token)));
            if tokens.is_empty() {
                terminal::note("there are none; make one with: sluis token create NAME");
            }
        }
        TokenVerb::Revoke { prefix } => {
            let token = engine.revoke_api_token(prefix).await?;
            terminal::success(format!("token {MARK}{} ({}) is revoked", token.prefix, token.name));
        }
    }
    Ok(Exit::Done)
}

fn view(token: &ApiToken) -> serde_json::Value {
    serde_json::json!({
        "prefix": format!("{MARK}{}", token.prefix),
        "name": token.name,
        "org": token.org,
        "scopes": token.scopes,
        "owner": token.owner,
        "created_at": token.created_at,
        "last_used_at": token.last_used_at,
        "expires_at": token.expires_at,
        "revoked_at": token.revoked_at,
    })
}

fn line(engine: &Engine, token: &ApiToken) -> String {
    let now = engine.now();
    let state = match (token.revoked_at, token.expires_at) {
        (Some(_), _) => "revoked".to_owned(),
        (None, Some(end)) if end <= now => "expired".to_owned(),
        (None, Some(end)) => format!("good for {}", span(end.0 - now.0)),
        (None, None) => "good until revoked".to_owned(),
    };
    let used = match token.last_used_at {
        Some(at) => format!("last used about {} ago", span(now.0 - at.0)),
        None => "never used".to_owned(),
    };
    let org = token.org.as_ref().map(|org| format!(" (for {org} only)")).unwrap_or_default();
    format!("{MARK}{}  {}{org}  {state}, {used}", token.prefix, token.name)
}

/// Coarse, as the last use is noted.
fn span(ms: i64) -> String {
    match ms / 3_600_000 {
        ..1 => "an hour".to_owned(),
        hours @ 1..48 => format!("{} hours", hours + 1),
        hours => format!("{} days", hours / 24),
    }
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn a_lifetime_is_a_number_and_a_unit() {
        assert_eq!((seconds("30m"), seconds("12h"), seconds("90d")), (Ok(1_800), Ok(43_200), Ok(7_776_000)));
        for wrong in ["", "d", "0d", "-1d", "1w", "1.5h", "99999d"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
