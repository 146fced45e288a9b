//! What is made, what is refused, what is said.

use super::{impatient, open};
use crate::conformance::{key, put};
use crate::postgres_server::Postgres;
use sluis_store::{Expect, PostgresLimits};

/// Opens what must not open, and gives the message.
async fn refused(url: &str) -> String {
    match open(url, impatient()).await {
        Ok(_) => panic!("{url} was opened"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn closing_and_opening_keeps_everything() {
    let database = Postgres::shared().database("");
    let mut versions = Vec::new();
    for round in 0..3u8 {
        let store = open(&database.url(), PostgresLimits::default()).await.unwrap();
        for (n, version) in versions.iter().enumerate() {
            assert_eq!(store.get(&key(&n.to_string())).await.unwrap().unwrap().version, *version);
        }
        versions.extend(store.apply(vec![put(&key(&round.to_string()), "x", Expect::Absent)]).await.unwrap());
        store.close().await.unwrap();
    }
    assert!(versions.is_sorted_by(|a, b| a < b), "{versions:?}");
    assert_eq!(database.sql("SELECT count(*) FROM sluis.migration"), "1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_start_together_make_the_schema_once() {
    let database = Postgres::shared().database("");
    let nodes: Vec<_> = (0..8)
        .map(|n| {
            let url = database.url();
            tokio::spawn(async move {
                let store = open(&url, PostgresLimits::default()).await.unwrap();
                store.apply(vec![put(&key(&n.to_string()), "x", Expect::Absent)]).await.unwrap();
            })
        })
        .collect();
    for node in nodes {
        node.await.unwrap();
    }
    assert_eq!(database.sql("SELECT count(*) FROM sluis.record"), "8");
}

#[tokio::test]
async fn a_schema_of_a_newer_sluis_is_refused_and_left_alone() {
    let (database, store) = super::fresh().await;
    store.close().await.unwrap();
    database.sql("INSERT INTO sluis.migration (number, digest) VALUES (99, '')");
    let said = refused(&database.url()).await;
    assert!(said.contains("step 99") && said.contains("a newer one"), "{said}");
    database.sql("DELETE FROM sluis.migration WHERE number = 99; UPDATE sluis.migration SET digest = ''");
    let said = refused(&database.url()).await;
    assert!(said.contains("not the one that this sluis knows"), "{said}");
}

#[tokio::test]
async fn what_cannot_be_a_store_is_named_for_what_it_is() {
    let server = Postgres::shared();
    let database = server.database("");
    let other = server.database("ENCODING 'SQL_ASCII' LOCALE 'C' LOCALE_PROVIDER libc TEMPLATE template0");
    let said = refused(&other.url()).await;
    assert!(said.contains("the encoding SQL_ASCII") && said.contains("ENCODING 'UTF8'"), "{said}");
    let said = refused(&database.url().replace(database.name(), "nowhere")).await;
    assert!(said.contains("\"nowhere\" does not exist") && said.contains("make the database"), "{said}");
    let said = refused(&database.url().replace("user=sluis", "user=nobody&password=sw0rdfish")).await;
    assert!(said.contains("\"nobody\" does not exist") && said.contains("pg_hba.conf"), "{said}");
    assert!(!said.contains("sw0rdfish"), "{said}");
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    let said = refused(&format!("postgres://ada:sw0rdfish@{address}/x")).await;
    assert!(said.contains("does not answer") && said.contains("Connection refused"), "{said}");
    assert!(said.contains(&address.to_string()) && !said.contains("sw0rdfish"), "{said}");
}

#[tokio::test]
async fn a_server_without_tls_is_refused_when_tls_is_asked_for() {
    let server = Postgres::shared();
    let database = server.database("");
    let proxy = super::proxy::Proxy::start(server.socket()).await;
    let said = refused(&proxy.url(database.name()).replace("disable", "verify-full")).await;
    assert!(said.contains("sslmode") && said.contains("TLS"), "{said}");
}

#[tokio::test]
async fn a_user_with_no_rights_but_on_the_schema_is_enough() {
    let database = Postgres::shared().database("");
    let user = format!("plain_{}", database.name());
    let url = database.url().replace("user=sluis", &format!("user={user}"));
    database.sql(&format!("CREATE ROLE {user} LOGIN"));
    let said = refused(&url).await;
    assert!(said.contains("permission denied") && said.contains("the rights on the schema"), "{said}");
    database.sql(&format!("CREATE SCHEMA sluis AUTHORIZATION {user}"));
    let store = open(&url, PostgresLimits::default()).await.unwrap();
    store.apply(vec![put(&key("a"), "x", Expect::Absent)]).await.unwrap();
}

#[tokio::test]
async fn what_became_of_old_batches_is_forgotten() {
    let (database, store) = super::fresh().await;
    store.apply(vec![put(&key("a"), "x", Expect::Absent)]).await.unwrap();
    store.close().await.unwrap();
    database.sql(
        "INSERT INTO sluis.batch (id, ended, outcome, place, versions) \
         SELECT int4send(n), now() - interval '16 minutes', 0, 0, '{}' FROM generate_series(1, 10) AS n",
    );
    let store = open(&database.url(), PostgresLimits::default()).await.unwrap();
    assert_eq!(database.sql("SELECT count(*) FROM sluis.batch"), "1");
    store.close().await.unwrap();
}

/// Connections of sluis to a database that are encrypted, and all of them.
const ENCRYPTED: &str = "SELECT count(*) FILTER (WHERE ssl), count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                         WHERE application_name = 'sluis' AND datname = current_database()";

#[cfg(target_os = "linux")] // elsewhere a loopback address of one's own must be made first
#[tokio::test]
async fn a_certificate_is_looked_at_unless_the_url_says_otherwise() {
    let (server, address) = Postgres::start_with_tls().unwrap();
    let database = server.database("");
    let url = |how: &str| format!("postgres://sluis@{address}/{}?{how}", database.name());
    let trusting = format!("sslmode=verify-full&sslrootcert={}", server.certificate().display());
    let store = open(&url(&trusting), PostgresLimits::default()).await.unwrap();
    assert_eq!(database.sql(ENCRYPTED), "1|1");
    store.close().await.unwrap();
    let said = refused(&url("sslmode=verify-full")).await;
    assert!(said.contains("certificate") && said.contains("sslrootcert=FILE"), "{said}");
    let store = open(&url("sslmode=require"), PostgresLimits::default()).await.unwrap();
    assert_eq!(database.sql(ENCRYPTED), "1|1");
    store.close().await.unwrap();
}
