//! What an error of the driver means: whether the connection is still good, whether something may
//! have been written, and whether trying again can help.

use crate::error::StoreError;
use sqlx::Error;
use std::io::ErrorKind;

/// Why an attempt came to nothing.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The connection, or all of them, is gone. What was sent may have been done.
    Lost(String),
    /// The server is there and undid what was sent; the same may succeed at once.
    Undone(String),
    /// Trying again changes nothing. What was sent was undone.
    Final(StoreError),
}

/// What went wrong with a statement.
pub(super) fn of_statement(place: &str, doing: &'static str, error: Error) -> Trouble {
    let Error::Database(database) = &error else {
        return match error {
            Error::Io(io) => Trouble::Lost(one_line(&io)),
            Error::Tls(_) | Error::Protocol(_) | Error::WorkerCrashed => Trouble::Lost(one_line(&error)),
            other => Trouble::Final(StoreError::Io { doing, why: one_line(&other) }),
        };
    };
    let code = database.code().unwrap_or_default().into_owned();
    let why = one_line(database.as_ref());
    match code.as_str() {
        // Serialization failure, deadlock.
        "40001" | "40P01" => Trouble::Undone(why),
        // Statement timeout, or an operator who cancelled it; lock timeout.
        "57014" | "55P03" => Trouble::Final(StoreError::Unavailable { place: place.to_owned(), why }),
        // A server that has become a standby, or a pooler that forgot a prepared statement: another
        // connection may lead elsewhere.
        "25006" | "26000" => Trouble::Lost(why),
        "53100" => Trouble::Final(StoreError::Full { doing, why }),
        "XX001" | "XX002" => Trouble::Final(StoreError::Broken { why }),
        // No such schema, table, column, function.
        "3F000" | "42P01" | "42703" | "42883" => {
            Trouble::Final(StoreError::Broken { why: format!("a part of its schema is missing ({why})") })
        }
        // The server stops, starts or crashed; the connection is refused or broken.
        code if code.starts_with("57P") || code.starts_with("08") => Trouble::Lost(why),
        _ => Trouble::Final(StoreError::Io { doing, why: with_hint(&code, why) }),
    }
}

/// What went wrong with a connection that was being made: nothing was sent on it.
pub(super) fn of_connecting(place: &str, error: Error) -> Trouble {
    let unusable =
        |why: String, help| Trouble::Final(StoreError::Unusable { place: place.to_owned(), why, help });
    match &error {
        Error::Database(database) => {
            let why = one_line(database.as_ref());
            match database.code().as_deref().unwrap_or_default() {
                "3D000" => unusable(why, "make the database, or correct the URL"),
                code if code.starts_with("28") => {
                    unusable(why, "check user and password in the URL, and pg_hba.conf")
                }
                // Starting, stopping, too many connections.
                code if ["08", "53", "55", "57"].iter().any(|class| code.starts_with(class)) => {
                    Trouble::Lost(why)
                }
                _ => unusable(why, "check the parameters of the URL, and the log of the server"),
            }
        }
        // A certificate that is not trusted comes as unfit data.
        Error::Tls(_) => unusable(one_line(&error), TLS_HELP),
        Error::Io(io) if io.kind() == ErrorKind::InvalidData => unusable(one_line(io), TLS_HELP),
        Error::Configuration(_) => {
            unusable("its URL cannot be used".to_owned(), "check the files that it names")
        }
        Error::Io(io) => Trouble::Lost(one_line(io)),
        _ => Trouble::Lost(one_line(&error)),
    }
}

const TLS_HELP: &str = "name the authority that signed its certificate (?sslrootcert=FILE), or say how far to \
                        trust it (?sslmode=require, or disable on a network that nobody else listens to)";

fn with_hint(code: &str, why: String) -> String {
    match code {
        "42501" => format!("{why}; give the user of sluis the rights on the schema `sluis`"),
        _ => why,
    }
}

/// Messages of the server hold no content of rows; its details, which may, are left out.
fn one_line(error: &(impl std::fmt::Display + ?Sized)) -> String {
    error.to_string().lines().collect::<Vec<_>>().join(" ")
}
