//! `sluis connector client NAME`: keeps a client registration, sealed. Its secret is read from
//! standard input or asked for without echo, its private key from a file.

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
  pass show gcontacts | sluis connector client gcontacts --id CLIENT_ID
  sluis connector client bank --id CLIENT_ID --private-key bank.pem --key-id 2026-11

A client that signs its requests for tokens (`client_auth: private_key_jwt`) has a key in place of a
secret; give its public half to the provider:
  openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out bank.pem
  openssl pkey -in bank.pem -pubout")]
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
    /// File with the RSA key, in PEM, that the client signs with instead of sending a secret; `-` reads
    /// standard input
    #[arg(long, value_name = "FILE", conflicts_with = "public")]
    private_key: Option<String>,
    /// Identifier under which the provider knows the public half of the key (`kid`)
    #[arg(long, value_name = "ID", requires = "private_key")]
    key_id: Option<String>,
}

/// Runs the verb.
pub fn run(global: &Global, args: ClientArgs) -> Outcome {
    let private_key = args.private_key.as_deref().map(private_key).transpose()?;
    let secret = if args.public || private_key.is_some() { None } else { Some(secret()?) };
    let client = ClientCredentials { id: args.id, secret, private_key, key_id: args.key_id };
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

/// A key in PEM, without a passphrase: it is sealed from here on.
fn private_key(file: &str) -> Result<SecretText, Problem> {
    let read = match file {
        "-" => std::io::read_to_string(std::io::stdin()),
        path => std::fs::read_to_string(path),
    };
    let unreadable = |error| Problem::environment(format!("the key in {file} cannot be read: {error}"));
    let text = SecretText::new(read.map_err(unreadable)?);
    let lines = || text.expose().lines().map(str::trim).filter(|line| line.starts_with("-----BEGIN "));
    match lines().find(|line| line.ends_with("PRIVATE KEY-----")) {
        Some(line) if line.contains("ENCRYPTED") => Err(Problem::refused(format!(
            "the key in {file} is kept under a passphrase"
        ))
        .help(format!("take it away, the key is sealed here: openssl pkey -in {file} -out plain.pem"))),
        Some(line) if line == "-----BEGIN PRIVATE KEY-----" || line == "-----BEGIN RSA PRIVATE KEY-----" => {
            Ok(text)
        }
        Some(_) => Err(not_rsa(file)),
        None if lines().next().is_some() => Err(not_rsa(file)),
        None => Err(Problem::refused(format!("{file} holds no key in PEM (`-----BEGIN PRIVATE KEY-----`)"))
            .help(
                "make one with: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out key.pem",
            )),
    }
}

fn not_rsa(file: &str) -> Problem {
    Problem::refused(format!("{file} holds something else than a private RSA key"))
        .help("make one with: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out key.pem")
}
