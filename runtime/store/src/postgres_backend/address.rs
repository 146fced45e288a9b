//! The URL of a server: checked, understood, and never shown with its password.

use crate::error::StoreError;
use sluis_model::secret::SecretText;
use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use std::net::IpAddr;

/// Parameters of the URL that have a meaning. Others are refused, because the driver would write
/// them to the log, whatever they hold.
const PARAMETERS: &[&str] = &[
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];

/// Where a server is.
#[derive(Debug, Clone)]
pub(super) struct Address {
    /// For messages: neither user nor password nor parameters.
    pub place: String,
    pub options: PgConnectOptions,
}

impl Address {
    /// Reads `postgres://user:password@host:port/database?sslmode=…`.
    pub(super) fn parse(url: &SecretText) -> Result<Self, StoreError> {
        let text = url.expose();
        let refuse =
            |why: String, help| StoreError::Unusable { place: "postgres://…".to_owned(), why, help };
        if let Some(name) = parameters(text).find(|name| !PARAMETERS.contains(name)) {
            let why = if name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && name.len() < 32 {
                format!("its URL has the parameter `{name}`, which means nothing")
            } else {
                "its URL has a parameter that means nothing".to_owned()
            };
            return Err(refuse(
                why,
                "known are sslmode, sslrootcert, sslcert, sslkey, host, port, dbname, user, password, application_name and options",
            ));
        }
        let options: PgConnectOptions = text.parse().map_err(|_| {
            // The parser's own words may quote a part of the URL.
            refuse(
                "its URL cannot be understood".to_owned(),
                "write postgres://USER:PASSWORD@HOST:5432/DATABASE, with %-codes for special signs in the password",
            )
        })?;
        let (host, port) = (options.get_host().to_owned(), options.get_port());
        let database = options.get_database().unwrap_or(options.get_username()).to_owned();
        let local = options.get_socket().is_some() || host.starts_with('/') || is_this_machine(&host);
        let place = match options.get_socket() {
            Some(folder) => format!("postgres://{}/{database}", folder.display()),
            None if host.contains(':') => format!("postgres://[{host}]:{port}/{database}"),
            None => format!("postgres://{host}:{port}/{database}"),
        };
        let options =
            if local || parameters(text).any(|name| name == "sslmode") || in_environment("PGSSLMODE") {
                options
            } else {
                // The driver would go on without TLS, or without looking at the certificate.
                options.ssl_mode(PgSslMode::VerifyFull)
            };
        Ok(Self { place, options: options.application_name("sluis").disable_statement_logging() })
    }
}

fn in_environment(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// Names of the parameters of a URL.
fn parameters(url: &str) -> impl Iterator<Item = &str> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name))
}

fn is_this_machine(host: &str) -> bool {
    let bare = host.trim_matches(['[', ']']);
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(url: &str) -> Result<Address, String> {
        Address::parse(&url.into()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_place_shows_neither_user_nor_password() {
        let address = parsed("postgres://ada:sw0rdfish@db.example.com/sluis?sslmode=require").unwrap();
        assert_eq!(address.place, "postgres://db.example.com:5432/sluis");
        let address = parsed("postgres:///sluis?host=/run/postgresql&user=ada&password=sw0rdfish").unwrap();
        assert_eq!(address.place, "postgres:///run/postgresql/sluis");
    }

    #[test]
    fn another_machine_must_show_its_certificate_unless_the_url_says_otherwise() {
        let mode = |url| format!("{:?}", parsed(url).unwrap().options.get_ssl_mode());
        assert_eq!(mode("postgres://ada@db.example.com/sluis"), "VerifyFull");
        assert_eq!(mode("postgres://ada@10.0.0.7/sluis"), "VerifyFull");
        assert_eq!(mode("postgres://ada@db.example.com/sluis?sslmode=disable"), "Disable");
        assert_ne!(mode("postgres://ada@127.0.0.1/sluis"), "VerifyFull");
        assert_ne!(mode("postgres://ada@[::1]/sluis"), "VerifyFull");
        assert_ne!(mode("postgres:///sluis?host=/run/postgresql"), "VerifyFull");
    }

    #[test]
    fn what_is_wrong_with_a_url_is_said_without_showing_it() {
        for (url, wanted) in [
            ("postgres://ada:sw0rdfish@db:port/sluis", "cannot be understood"),
            ("postgres://ada@db/sluis?sslmode=sw0rdfish", "cannot be understood"),
            ("postgres://ada@db/sluis?pasword=sw0rdfish", "`pasword`, which means nothing"),
            ("postgres://ada@db/sluis?sw0rdfish%20", "a parameter that means nothing"),
        ] {
            let error = parsed(url).unwrap_err();
            assert!(error.contains(wanted) && !error.contains("sw0rdfish"), "{error}");
        }
    }
}
