//! Where root keys come from: a text (of an environment variable, read by the caller), a command (see
//! [`crate::command`]), or a key file, which is made at first start.

use crate::error::VaultError;
use crate::keys::{KeyRing, generate_text};
use sluis_model::ports::Randomness;
use sluis_model::secret::SecretText;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The environment variable that holds the root keys themselves.
pub const MASTER_KEY_VARIABLE: &str = "SLUIS_MASTER_KEY";
/// The environment variable that holds a command which prints them.
pub const COMMAND_VARIABLE: &str = "SLUIS_ROOT_KEY_COMMAND";
/// The environment variable that holds the path of the key file.
pub const FILE_VARIABLE: &str = "SLUIS_ROOT_KEY_FILE";

/// Where the key is.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// The value of [`MASTER_KEY_VARIABLE`].
    Text(SecretText),
    /// The value of [`COMMAND_VARIABLE`].
    Command(String),
    /// A file; keep it outside of the data folder's backup.
    File(PathBuf),
}

impl KeySource {
    /// What the environment names, else a file.
    ///
    /// # Errors
    /// [`VaultError::Sources`] if it names more than one: which of them counts must not be guessed.
    pub fn find(
        environment: impl Fn(&str) -> Option<String>,
        otherwise: PathBuf,
    ) -> Result<Self, VaultError> {
        let set = |name| environment(name).filter(|value| !value.trim().is_empty());
        let (text, command, file) = (set(MASTER_KEY_VARIABLE), set(COMMAND_VARIABLE), set(FILE_VARIABLE));
        match (text, command, file) {
            (None, None, None) => Ok(Self::File(otherwise)),
            (Some(text), None, None) => Ok(Self::Text(text.into())),
            (None, Some(command), None) => Ok(Self::Command(command)),
            (None, None, Some(file)) => Ok(Self::File(file.into())),
            _ => Err(VaultError::Sources),
        }
    }
}

/// Whether a key file was made just now. Say so to the operator: without it nothing opens again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Created(pub bool);

const FILE_HEAD: &str = "\
# Root key of a sluis store. Whoever has it and the store can read every credential; without it nobody
# can. Keep a copy in a safe place, apart from the backups of the store. The first key seals, all open.
";

/// Most bytes that a key file may have.
const FILE_LIMIT: u64 = 64 * 1024;

/// Reads the key file, or makes it (0600, its folder 0700) with 32 random bytes.
///
/// # Errors
/// [`VaultError::KeyFile`] if others may read it or it cannot be read, [`VaultError::KeyText`] if
/// it holds no key.
pub fn load_or_create_key_file(
    path: &Path,
    randomness: &dyn Randomness,
) -> Result<(KeyRing, Created), VaultError> {
    if let Some(ring) = load_key_file(path)? {
        return Ok((ring, Created(false)));
    }
    let made = create(path, randomness).map_err(|error| {
        refuse(path, format!("it cannot be made: {error}"), "check the folder and its rights".to_owned())
    })?;
    // Read back what is there now: somebody else may have been faster.
    let ring = load_key_file(path)?
        .ok_or_else(|| refuse(path, "it vanished again".to_owned(), "check the folder".to_owned()))?;
    Ok((ring, Created(made)))
}

/// Reads the key file; `None` if there is none.
pub(crate) fn load_key_file(path: &Path) -> Result<Option<KeyRing>, VaultError> {
    let unreadable = |error: io::Error| {
        refuse(path, error.to_string(), "check that it is a file that this user may read".to_owned())
    };
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    let meta = file.metadata().map_err(unreadable)?;
    refuse_if_open_to_others(path, &meta)?;
    // Room for all of it, so that reading does not leave copies behind in smaller buffers.
    let mut text = Zeroizing::new(String::with_capacity(meta.len().min(FILE_LIMIT) as usize + 1));
    file.take(FILE_LIMIT).read_to_string(&mut text).map_err(unreadable)?;
    let keys: Zeroizing<String> = Zeroizing::new(
        text.lines().filter(|line| !line.trim_start().starts_with('#')).collect::<Vec<_>>().join("\n"),
    );
    KeyRing::from_text(&keys, &format!("the key file {}", path.display())).map(Some)
}

/// Puts a new key before the ones that a key file has, in one step: a crash leaves the old file or the
/// new one. The old keys stay, to open what they sealed.
///
/// # Errors
/// As [`load_or_create_key_file`]; also if there is no file.
pub fn add_root_key(path: &Path, randomness: &dyn Randomness) -> Result<KeyRing, VaultError> {
    let unusable = |error: io::Error| {
        refuse(path, format!("a key cannot be added: {error}"), "check the folder and its rights".to_owned())
    };
    if load_key_file(path)?.is_none() {
        return Err(refuse(path, "it is not there".to_owned(), "put it back".to_owned()));
    }
    let old = Zeroizing::new(fs::read_to_string(path).map_err(unusable)?);
    let key = generate_text(randomness);
    let beside = write_beside(path, &[FILE_HEAD, &key, "\n", without_head(&old)]).map_err(unusable)?;
    fs::rename(&beside, path).map_err(unusable)?;
    sync_folder(path);
    load_key_file(path)?
        .ok_or_else(|| refuse(path, "it vanished again".to_owned(), "check the folder".to_owned()))
}

/// The keys and the operator's own comments.
fn without_head(text: &str) -> &str {
    text.strip_prefix(FILE_HEAD).unwrap_or(text)
}

/// Makes the file beside its place and links it there, so that a crash leaves no half key behind
/// and no key of somebody else is replaced. Tells whether ours is the one.
fn create(path: &Path, randomness: &dyn Randomness) -> io::Result<bool> {
    make_private_folder(&folder_of(path))?;
    let key = generate_text(randomness);
    let beside = write_beside(path, &[FILE_HEAD, &key, "\n"])?;
    let made = match fs::hard_link(&beside, path) {
        Ok(()) => true,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
        // Some file systems have no hard links.
        Err(_) => {
            fs::rename(&beside, path)?;
            true
        }
    };
    let _ = fs::remove_file(&beside);
    sync_folder(path);
    Ok(made)
}

/// Writes a private file next to a path, durably: a key must not be lost after something was sealed
/// with it.
fn write_beside(path: &Path, parts: &[&str]) -> io::Result<PathBuf> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".new-{}", std::process::id()));
    let beside = folder_of(path).join(name);
    let _ = fs::remove_file(&beside);
    let mut file = make_private_file(&beside)?;
    parts.iter().try_for_each(|part| file.write_all(part.as_bytes()))?;
    file.sync_all()?;
    Ok(beside)
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn sync_folder(path: &Path) {
    if let Ok(handle) = fs::File::open(folder_of(path)) {
        let _ = handle.sync_all();
    }
}

fn refuse(path: &Path, why: String, help: String) -> VaultError {
    VaultError::KeyFile { path: path.to_owned(), why, help }
}

#[cfg(unix)]
fn refuse_if_open_to_others(path: &Path, meta: &fs::Metadata) -> Result<(), VaultError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = meta.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let why = format!("other users may read or change it (mode {mode:o})");
        return Err(refuse(
            path,
            why,
            format!("run `chmod 600 {}`, and think of who has seen it", path.display()),
        ));
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_if_open_to_others(_: &Path, _: &fs::Metadata) -> Result<(), VaultError> {
    Ok(())
}

#[cfg(unix)]
fn make_private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_private_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(unix)]
fn make_private_file(path: &Path) -> io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn make_private_file(path: &Path) -> io::Result<fs::File> {
    fs::OpenOptions::new().write(true).create_new(true).open(path)
}
