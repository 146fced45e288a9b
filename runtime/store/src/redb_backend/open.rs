//! Opening the file: made if it is missing, told apart and explained if it is not usable. A file
//! that is there is never replaced by an empty one.

use super::file::translate;
use super::layout::{FORMAT, GUARDS, META, META_FORMAT, META_VERSION, RECORDS, decode_number, encode_number};
use crate::error::StoreError;
use redb::{Builder, Database, ReadableDatabase};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Memory for pages that were read, in bytes.
const CACHE_BYTES: usize = 64 * 1024 * 1024;
/// First bytes of every redb file.
const MAGIC: &[u8] = b"redb\x1A\x0A\xA9\x0D\x0A";

const RESTORE: &str = "restore it from a backup, or move it away to begin with an empty store";

/// Opens the store at a path, which is made with its folder if nothing is there.
pub(super) fn open_or_create(path: &Path) -> Result<Database, StoreError> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => create(path)?,
        Err(error) => return Err(unusable(path, error.to_string(), "check the path and who may read it")),
        Ok(_) => {}
    }
    open_existing(path)
}

/// Opens a store that must be there.
pub(super) fn open_existing(path: &Path) -> Result<Database, StoreError> {
    diagnose(path)?;
    let database = builder().open(path).map_err(|error| explain(path, error))?;
    check_format(&database).map_err(|why| match why {
        Ok(other) => other,
        Err(why) => unusable(path, why, "use the sluis that wrote it, or restore a backup"),
    })?;
    Ok(database)
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

/// Makes an empty store beside the path and moves it there, so that a crash half-way leaves no
/// half-made file under the final name.
fn create(path: &Path) -> Result<(), StoreError> {
    let failed = |error: io::Error| {
        unusable(path, format!("it cannot be made: {error}"), "check the folder and its rights")
    };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    make_private_folder(&folder).map_err(failed)?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".new-{}", std::process::id()));
    let beside = folder.join(name);
    make_private_file(&beside).map_err(failed)?;
    let made = builder().create(&beside).map_err(|error| explain(path, error)).and_then(|database| {
        prepare(&database)?;
        database.close().map_err(|error| translate("close", error.into()))
    });
    let moved = made.and_then(|()| match fs::hard_link(&beside, path) {
        // Somebody else was faster; theirs is opened.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Ok(()) => Ok(()),
        // Some file systems have no hard links.
        Err(_) => fs::rename(&beside, path).map_err(failed),
    });
    let _ = fs::remove_file(&beside);
    // Makes the new name itself durable, where folders can be synced.
    if let Ok(handle) = fs::File::open(&folder) {
        let _ = handle.sync_all();
    }
    moved
}

/// Makes the tables and writes the format.
pub(super) fn prepare(database: &Database) -> Result<(), StoreError> {
    let write = || -> Result<(), redb::Error> {
        let transaction = database.begin_write()?;
        transaction.open_table(RECORDS)?;
        transaction.open_table(GUARDS)?;
        {
            let mut meta = transaction.open_table(META)?;
            meta.insert(META_FORMAT, encode_number(META_FORMAT, FORMAT).as_slice())?;
            meta.insert(META_VERSION, encode_number(META_VERSION, 0).as_slice())?;
        }
        transaction.commit()?;
        Ok(())
    };
    write().map_err(|error| translate("write", error))
}

fn check_format(database: &Database) -> Result<(), Result<StoreError, String>> {
    let read = || -> Result<Option<Vec<u8>>, redb::Error> {
        let meta = match database.begin_read()?.open_table(META) {
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok(None),
            other => other?,
        };
        Ok(meta.get(META_FORMAT)?.map(|value| value.value().to_vec()))
    };
    let value = read().map_err(|error| Ok(translate("open", error)))?;
    match value.map(|value| decode_number(META_FORMAT, &value)) {
        Some(Some(FORMAT)) => Ok(()),
        Some(Some(other)) if other > FORMAT => Err(Err(format!(
            "it has format {other}, and this sluis knows format {FORMAT} only: it was written by a newer one"
        ))),
        Some(Some(other)) => Err(Err(format!("it has format {other}, which this sluis no longer reads"))),
        Some(None) => Err(Ok(StoreError::Broken { why: "its format number is damaged".to_owned() })),
        None => Err(Err("it is a redb database, but not one of sluis".to_owned())),
    }
}

/// Says what a file is that is not a store.
fn diagnose(path: &Path) -> Result<(), StoreError> {
    let unreadable =
        |error: io::Error| unusable(path, error.to_string(), "check the path and who may read it");
    let mut file = fs::File::open(path).map_err(unreadable)?;
    let length = match file.metadata().map_err(unreadable)? {
        meta if meta.is_dir() => {
            return Err(unusable(
                path,
                "it is a folder".to_owned(),
                "name a file in it, such as `sluis.redb`",
            ));
        }
        meta => meta.len(),
    };
    if length == 0 {
        return Err(unusable(path, "the file is empty".to_owned(), RESTORE));
    }
    let mut head = Vec::new();
    file.by_ref().take(64).read_to_end(&mut head).map_err(unreadable)?;
    if !head.starts_with(MAGIC) {
        let known = [
            (&b"SQLite format 3"[..], "an SQLite database"),
            (b"PK\x03\x04", "a zip archive"),
            (b"{", "JSON text"),
        ];
        let what = known
            .iter()
            .find(|(magic, _)| head.starts_with(magic))
            .map_or("something else", |(_, what)| what);
        return Err(unusable(path, format!("it is not a store of sluis but {what}"), RESTORE));
    }
    Ok(())
}

fn explain(path: &Path, error: redb::DatabaseError) -> StoreError {
    match error {
        redb::DatabaseError::DatabaseAlreadyOpen | redb::DatabaseError::LockProtocolMismatch => {
            StoreError::InUse { path: path.to_owned() }
        }
        redb::DatabaseError::UpgradeRequired(version) => {
            unusable(path, format!("it has the old file format {version} of redb"), RESTORE)
        }
        redb::DatabaseError::Storage(redb::StorageError::Corrupted(why)) => {
            unusable(path, format!("it is damaged or cut short ({why})"), RESTORE)
        }
        redb::DatabaseError::Storage(redb::StorageError::Io(error))
            if error.kind() == io::ErrorKind::UnexpectedEof =>
        {
            unusable(path, "it is cut short".to_owned(), RESTORE)
        }
        other => unusable(path, other.to_string(), "check the disk and who may write the file"),
    }
}

fn unusable(path: &Path, why: String, help: &'static str) -> StoreError {
    StoreError::Unusable {
        place: path.display().to_string(),
        why: why.lines().collect::<Vec<_>>().join(" "),
        help,
    }
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
fn make_private_file(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path).map(drop)
}

#[cfg(not(unix))]
fn make_private_file(path: &Path) -> io::Result<()> {
    fs::OpenOptions::new().write(true).create(true).truncate(true).open(path).map(drop)
}
