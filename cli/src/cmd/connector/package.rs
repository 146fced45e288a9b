//! `sluis connector package NS|FILE`: a signed file that others install.

use super::new_file::write_new_bytes;
use super::source::Source;
use crate::args::Global;
use crate::cmd::package::problem;
use crate::outcome::{Exit, Outcome, Problem};
use crate::{definition_file, local_engine, runtime, secret_input, terminal};
use clap::Args;
use sluis_lang::vm::Limits;
use sluis_model::connector::Release;
use sluis_model::id::{FunctionName, Namespace};
use sluis_model::secret::SecretText;
use sluis_package::manifest::PackedConnector;
use sluis_package::{Contents, Kind, SigningKey, pack};
use std::path::PathBuf;

/// Arguments of `sluis connector package`.
#[derive(Debug, Args)]
#[command(after_help = "\
The key's passphrase is asked for, or read as a line from standard input. Keys: sluis package keygen

Examples:
  sluis connector package pets --sign pets.key -o pets-3.sluis
  sluis connector package connector.yaml --release 4 --sign pets.key -o pets-4.sluis
  sluis connector package pets owners --solution shop --function greet=greet.dg --sign shop.key -o shop.sluis")]
pub struct PackageArgs {
    /// A namespace, a release NS@N, or a connector file; several make a solution
    #[arg(value_name = "NS|FILE", required = true)]
    from: Vec<String>,
    /// The key that signs: a secret key of minisign
    #[arg(long, value_name = "KEY")]
    sign: PathBuf,
    /// The package, which must be a new file
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
    /// The number of the state that is packed; installed ones with a higher one are not replaced [default:
    /// that of the release, 1 for a file]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    release: Option<u32>,
    /// Name of the solution that the connectors make together
    #[arg(long, value_name = "NAME")]
    solution: Option<Namespace>,
    /// A function of the solution, and the file of its script; may be repeated
    #[arg(long = "function", value_name = "NAME=FILE", requires = "solution")]
    functions: Vec<String>,
}

/// Runs the verb.
pub fn run(global: &Global, args: &PackageArgs) -> Outcome {
    let mut connectors = Vec::new();
    for from in &args.from {
        let Some(packed) = packed(global, &Source::named(from)?, args)? else { return Ok(Exit::Refused) };
        connectors.push(packed);
    }
    let functions = args.functions.iter().map(|text| function(text)).collect::<Result<Vec<_>, _>>()?;
    let contents = match (&args.solution, connectors.as_slice()) {
        (Some(name), _) => Contents {
            kind: Kind::Solution,
            name: name.to_string(),
            release: args.release.unwrap_or(1),
            connectors,
            functions,
        },
        (None, [(release, only)]) => Contents {
            kind: Kind::Connector,
            name: only.definition.namespace.to_string(),
            release: *release,
            connectors,
            functions,
        },
        (None, _) => {
            return Err(Problem::refused("several connectors make a solution, which has a name")
                .help("name it: --solution NAME; or pack them one by one"));
        }
    };
    let bytes = pack(&contents, &key(args)?).map_err(problem)?;
    write_new_bytes(&args.out, &bytes)?;
    terminal::success(format!("{} holds {} {}", args.out.display(), contents.name, contents.release));
    Ok(Exit::Done)
}

/// A connector as it is packed; none if its file is wrong, which has been told then.
fn packed(
    global: &Global,
    source: &Source,
    args: &PackageArgs,
) -> Result<Option<(u32, PackedConnector)>, Problem> {
    match source {
        Source::File(_) => {
            let Some(definition) = source.load(global)? else { return Ok(None) };
            if !definition_file::check_hooks(&definition) {
                return Ok(None);
            }
            sluis_engine::check_definition(&definition)?;
            let number = args.release.filter(|_| args.solution.is_none()).unwrap_or(1);
            Ok(Some((number, PackedConnector { definition, notes: None, support_email: None })))
        }
        Source::Release(namespace, number) => {
            let engine = local_engine::build(global, Limits::local())?;
            let release: Release = runtime::on_this_thread(async {
                let release = match number {
                    Some(number) => engine.release_of(namespace, *number).await,
                    None => engine.latest_release(namespace).await,
                };
                engine.close().await?;
                Ok(release?)
            })?;
            let number = args.release.filter(|_| args.solution.is_none()).unwrap_or(release.number);
            let Release { definition, notes, support_email, .. } = release;
            Ok(Some((number, PackedConnector { definition, notes, support_email })))
        }
    }
}

fn function(text: &str) -> Result<(FunctionName, String), Problem> {
    let (name, file) = crate::cmd::call::split_pair(text)?;
    let script = std::fs::read_to_string(file)
        .map_err(|error| Problem::environment(format!("{file} cannot be read: {error}")))?;
    Ok((name.parse()?, script))
}

fn key(args: &PackageArgs) -> Result<SigningKey, Problem> {
    let shown = args.sign.display();
    let file = std::fs::read_to_string(&args.sign)
        .map(SecretText::new)
        .map_err(|error| Problem::environment(format!("the key {shown} cannot be read: {error}")))?;
    let passphrase = match SigningKey::is_locked(&file) {
        true => Some(secret_input::read(&format!("Passphrase of {shown} (not shown): "))?),
        false => None,
    };
    SigningKey::read(&file, passphrase.as_ref()).map_err(problem)
}
