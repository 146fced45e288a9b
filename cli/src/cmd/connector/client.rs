//! `sluis connector client NAME`: keeps a client registration, sealed. Its secret is read from
//! standard input or asked for without echo; it is never an argument, where other users could read
//! it in the list of processes.

use crate::args::Global;
use crate::outcome::{Exit, Outcome, Problem};
use crate::{local_engine, runtime, terminal};
use clap::Args;
use sluis_lang::vm::Limits;
use sluis_model::credential::ClientCredentials;
use sluis_model::secret::SecretText;
use std::io::{BufRead as _, IsTerminal as _};

/// Arguments of `sluis connector client`.
#[derive(Debug, Args)]
#[command(after_help = "\
Connector files name it as `client: vault:NAME`.

Examples:
  sluis connector client gcontacts --id CLIENT_ID
  pass show gcontacts | sluis connector client gcontacts --id CLIENT_ID")]
pub struct ClientArgs {
    /// Name that connector files refer to
    #[arg(value_name = "NAME")]
    name: String,
    /// Identifier that the provider gave (client_id)
    #[arg(long)]
    id: String,
    /// The client has no secret
    #[arg(long)]
    public: bool,
}

/// Runs the verb.
pub fn run(global: &Global, args: ClientArgs) -> Outcome {
    let secret = if args.public { None } else { Some(read_secret()?) };
    let client = ClientCredentials { id: args.id, secret, private_key: None };
    let engine = local_engine::build(global, Limits::local())?;
    runtime::on_this_thread(async {
        let kept = engine.set_client(&args.name, &client).await;
        engine.close().await?;
        kept?;
        terminal::success(format!(
            "client {} is kept, sealed; connector files name it vault:{}",
            args.name, args.name
        ));
        Ok(Exit::Done)
    })
}

fn read_secret() -> Result<SecretText, Problem> {
    let unreadable =
        |error: std::io::Error| Problem::environment(format!("the secret cannot be read: {error}"));
    let text = if std::io::stdin().is_terminal() {
        SecretText::new(rpassword::prompt_password("Client secret (not shown): ").map_err(unreadable)?)
    } else {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).map_err(unreadable)?;
        SecretText::new(line)
    };
    let trimmed = text.expose().trim();
    if trimmed.is_empty() {
        return Err(Problem::refused("no secret was given")
            .help("type it when asked, or pipe it in; --public if the provider gave none"));
    }
    Ok(trimmed.into())
}
