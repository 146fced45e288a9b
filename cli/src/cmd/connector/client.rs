//! `sluis connector client NAME`: keeps a client registration, sealed. Its secret is read from
//! standard input or asked for without echo.

use crate::args::Global;
use crate::outcome::{Exit, Outcome, Problem};
use crate::{local_engine, runtime, secret_input, terminal};
use clap::Args;
use sluis_lang::vm::Limits;
use sluis_model::credential::ClientCredentials;
use sluis_model::secret::SecretText;

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
    /// The organisation whose connectors use it [default: yours, for connectors for everybody]
    #[arg(long)]
    org: Option<String>,
    /// The client has no secret
    #[arg(long)]
    public: bool,
}

/// Runs the verb.
pub fn run(global: &Global, args: ClientArgs) -> Outcome {
    let secret = if args.public { None } else { Some(secret()?) };
    let client = ClientCredentials { id: args.id, secret, private_key: None };
    let org = args.org.as_deref().map(local_engine::org).transpose()?;
    let engine = local_engine::build(global, Limits::local())?;
    runtime::on_this_thread(async {
        let kept = engine.set_client_of(org.as_ref(), &args.name, &client).await;
        engine.close().await?;
        kept?;
        terminal::success(format!(
            "client {} is kept, sealed; connector files name it vault:{}",
            args.name, args.name
        ));
        Ok(Exit::Done)
    })
}

fn secret() -> Result<SecretText, Problem> {
    secret_input::read("Client secret (not shown): ").map_err(|problem| match problem.exit {
        Exit::Refused => {
            problem.help("type it when asked, or pipe it in; --public if the provider gave none")
        }
        _ => problem,
    })
}
