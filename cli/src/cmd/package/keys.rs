//! Keys that sign packages, and those that are trusted, which stand as files in the data folder.

use super::problem;
use crate::args::Global;
use crate::cmd::connector::new_file::write_new_bytes;
use crate::data_dir::DataDir;
use crate::outcome::{Exit, Outcome, Problem};
use crate::{secret_input, terminal};
use clap::Args;
use sluis_package::{NewKeys, TrustedKey};
use std::path::{Path, PathBuf};

/// Arguments of `sluis package keygen`.
#[derive(Debug, Args)]
#[command(after_help = "\
Two files: NAME.key is yours, NAME.pub is given to those who install your packages. minisign reads both.

Examples:
  sluis package keygen pets
  pass show sluis-package | sluis package keygen pets")]
pub struct KeygenArgs {
    /// Name of the two files, without ending
    #[arg(value_name = "NAME")]
    name: PathBuf,
    /// Without a passphrase: for machines that sign
    #[arg(long)]
    no_passphrase: bool,
}

/// Makes a pair of keys.
pub fn keygen(args: &KeygenArgs) -> Outcome {
    let with_ending = |ending: &str| {
        let mut path = args.name.clone().into_os_string();
        path.push(ending);
        PathBuf::from(path)
    };
    let (secret, public) = (with_ending(".key"), with_ending(".pub"));
    if let Some(there) = [&secret, &public].into_iter().find(|file| file.exists()) {
        return Err(Problem::refused(format!("{} is there already", there.display()))
            .help("a key that was given away cannot be made again: choose another name"));
    }
    let passphrase = match args.no_passphrase {
        true => None,
        false => Some(secret_input::choose("Passphrase of the key (not shown): ")?),
    };
    let made = NewKeys::generate(passphrase.as_ref()).map_err(problem)?;
    write_private(&secret, made.secret.expose().as_bytes())?;
    write_new_bytes(&public, made.public.as_bytes())?;
    terminal::success(format!(
        "{} signs, and {} verifies (key {})",
        secret.display(),
        public.display(),
        made.id
    ));
    Ok(Exit::Done)
}

/// Writes a new file that its owner alone can read.
fn write_private(file: &Path, bytes: &[u8]) -> Result<(), Problem> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(file).and_then(|mut file| file.write_all(bytes));
    written.map_err(|error| Problem::environment(format!("{} cannot be written: {error}", file.display())))
}

/// Arguments of `sluis package trust`.
#[derive(Debug, Args)]
#[command(after_help = "\
Get the key by another way than the package: whoever can change the one could change both.

Examples:
  sluis package trust pets.pub
  sluis package trust RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3")]
pub struct TrustArgs {
    /// A public key: its file, or its text
    #[arg(value_name = "KEY")]
    key: String,
}

/// Keeps a key among the trusted ones.
pub fn trust(global: &Global, args: &TrustArgs) -> Outcome {
    let key = read_key(&args.key)?;
    let dir = DataDir::of(global)?;
    dir.make()?;
    let folder = dir.trusted_keys();
    let file = folder.join(format!("{}.pub", key.id()));
    let text = key.file().map_err(problem)?;
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(&file, text))
        .map_err(|error| Problem::environment(format!("{} cannot be written: {error}", file.display())))?;
    terminal::success(format!(
        "packages signed with {} are trusted; to end that, remove {}",
        key.id(),
        file.display()
    ));
    Ok(Exit::Done)
}

/// A public key by its file or its text.
pub fn read_key(key: &str) -> Result<TrustedKey, Problem> {
    let text = match Path::new(key).is_file() {
        true => std::fs::read_to_string(key)
            .map_err(|error| Problem::environment(format!("{key} cannot be read: {error}")))?,
        false => key.to_owned(),
    };
    TrustedKey::read(&text).map_err(|error| {
        Problem::refused(format!("{key} is no public key: {error}"))
            .help("name the .pub file of a key that minisign or `sluis package keygen` has made")
    })
}

/// Lists the trusted keys.
pub fn list(global: &Global) -> Outcome {
    let keys = trusted(global)?;
    keys.iter().for_each(|key| terminal::out(key.id()));
    if keys.is_empty() {
        terminal::note("no key is trusted yet; begin with: sluis package trust FILE");
    }
    Ok(Exit::Done)
}

/// The trusted keys.
pub fn trusted(global: &Global) -> Result<Vec<TrustedKey>, Problem> {
    let folder = DataDir::of(global)?.trusted_keys();
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            return Err(Problem::environment(format!("{} cannot be read: {error}", folder.display())));
        }
    };
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    files.sort();
    let keys = files.iter().filter(|file| file.extension().is_some_and(|end| end == "pub"));
    keys.map(|file| read_key(&file.display().to_string())).collect()
}
