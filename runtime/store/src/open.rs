//! A store by its address: the path of a file, or the URL of a server.

use crate::error::StoreError;
use crate::postgres_backend::{self, PostgresLimits};
use crate::redb_backend;
use crate::store::Store;
use sluis_model::secret::SecretText;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where a store is. `Display` shows neither user nor password.
#[derive(Debug, Clone)]
pub enum StoreAddress {
    /// A file of this machine, for one process at a time: `redb:/path`, or a bare path.
    File(PathBuf),
    /// A PostgreSQL server, for any number of processes: `postgres://…`.
    Postgres {
        /// The URL, with its password.
        url: SecretText,
        /// Server, port and database.
        place: String,
    },
}

impl StoreAddress {
    /// Understands an address without going there.
    ///
    /// # Errors
    /// [`StoreError::Unusable`] if it has a scheme that is no store, or is a URL that cannot be
    /// understood. The message holds nothing of what may be a password.
    pub fn parse(text: &SecretText) -> Result<Self, StoreError> {
        let address = text.expose().trim();
        match address.split_once(':') {
            Some(("redb", path)) if !path.is_empty() => Ok(Self::File(PathBuf::from(path))),
            Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => {
                let url = SecretText::from(address);
                let place = postgres_backend::place_of(&url)?;
                Ok(Self::Postgres { url, place })
            }
            // One letter is a drive of Windows.
            Some((scheme, rest)) if scheme.len() > 1 && (rest.starts_with("//") || rest.is_empty()) => {
                Err(refused(if is_word(scheme) {
                    format!("`{scheme}:` is no kind of store")
                } else {
                    "it has no kind of store in front".to_owned()
                }))
            }
            _ if address.is_empty() => Err(refused("the address is empty".to_owned())),
            _ => Ok(Self::File(PathBuf::from(address))),
        }
    }

    /// The address of a file.
    pub fn file(path: &Path) -> Self {
        Self::File(path.to_owned())
    }

    /// Whether other machines may use it at the same time.
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres { .. })
    }
}

impl fmt::Display for StoreAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Postgres { place, .. } => f.write_str(place),
        }
    }
}

/// Opens a store; a file is made if there is none, and so is the schema in a database.
///
/// # Errors
/// [`StoreError::Unusable`], [`StoreError::InUse`] or [`StoreError::Broken`] with a one-line
/// diagnosis. A server that does not answer is waited for, [`PostgresLimits::start`] at most.
pub async fn open_address(
    address: &StoreAddress,
    limits: PostgresLimits,
) -> Result<Arc<dyn Store>, StoreError> {
    match address {
        StoreAddress::File(path) => redb_backend::open(path).await,
        StoreAddress::Postgres { url, .. } => postgres_backend::open(url, limits).await,
    }
}

fn refused(why: String) -> StoreError {
    StoreError::Unusable {
        place: "of this address".to_owned(),
        why,
        help: "write a path, redb:/path/to/sluis.redb or postgres://USER:PASSWORD@HOST/DATABASE",
    }
}

fn is_word(text: &str) -> bool {
    text.len() < 16 && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match StoreAddress::parse(&text.into()) {
            Ok(address) => format!("{} {}", if address.is_shared() { "server" } else { "file" }, address),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn an_address_is_a_path_or_a_url() {
        assert_eq!(shown("redb:/var/lib/sluis.redb"), "file /var/lib/sluis.redb");
        assert_eq!(shown("data/sluis.redb"), "file data/sluis.redb");
        assert_eq!(shown(r"C:\sluis\sluis.redb"), r"file C:\sluis\sluis.redb");
        assert_eq!(shown("postgres://ada:secret@db/x?sslmode=require"), "server postgres://db:5432/x");
        assert_eq!(shown("postgresql://db/x"), "server postgres://db:5432/x");
    }

    #[test]
    fn an_address_that_is_none_says_what_to_write() {
        for (text, wanted) in [
            ("mysql://ada:sw0rdfish@db/x", "`mysql:` is no kind of store"),
            ("postgres:", "`postgres:` is no kind of store"),
            ("sw0rdfish@ada://x", "no kind of store in front"),
            ("", "is empty"),
        ] {
            let said = shown(text);
            assert!(said.contains(wanted) && said.contains("postgres://USER"), "{said}");
            assert!(!said.contains("sw0rdfish"), "{said}");
        }
    }

    #[test]
    fn an_address_does_not_show_its_password_to_debug() {
        let address = StoreAddress::parse(&"postgres://ada:sw0rdfish@db/x".into()).unwrap();
        assert!(!format!("{address:?} {address}").contains("sw0rdfish"));
    }
}
