//! `sluis store …`: carries a store from one place to another.

use crate::outcome::{Exit, Outcome, Problem};
use crate::{runtime, terminal};
use clap::Subcommand;
use sluis_model::secret::SecretText;
use sluis_store::copy::{CopyError, copy};
use sluis_store::{PostgresLimits, Store, StoreAddress, open_address};
use std::sync::Arc;

/// The verbs about stores.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  sluis store copy redb:/var/lib/sluis/sluis.redb postgres://sluis@db.example.com/sluis
  sluis store copy postgres://sluis@db.example.com/sluis redb:copy.redb")]
pub enum StoreVerb {
    /// Copy all rows into an empty store, and compare the two
    #[command(after_help = "\
Stop whatever uses the first store. The same root key opens the copy. A command line is seen by everyone on
the machine: leave the password out and set PGPASSWORD, or write it into ~/.pgpass.

Examples:
  sluis store copy redb:/var/lib/sluis/sluis.redb postgres://sluis@db.example.com/sluis
  sluis store copy postgres://sluis@db.example.com/sluis redb:copy.redb")]
    Copy {
        /// The store that is there: a path, redb:PATH or postgres://…
        #[arg(value_parser = address)]
        from: SecretText,
        /// The store that is to be made, or is empty
        #[arg(value_parser = address)]
        to: SecretText,
    },
}

fn address(text: &str) -> Result<SecretText, std::convert::Infallible> {
    Ok(text.into())
}

/// Runs the verb.
pub fn run(verb: &StoreVerb) -> Outcome {
    let StoreVerb::Copy { from, to } = verb;
    let (from, to) = (parse(from)?, parse(to)?);
    if let StoreAddress::File(path) = &from
        && !path.exists()
    {
        return Err(Problem::refused(format!("there is no store {from}")).help("check the path"));
    }
    runtime::on_this_thread(async {
        let source = open(&from).await?;
        let target = open(&to).await?;
        let outcome = copy(&*source, &*target).await;
        let (first, second) = (source.close().await, target.close().await);
        let copied = outcome.map_err(|error| explain(&error, &to))?;
        first.and(second).map_err(|error| Problem::environment(error.to_string()))?;
        let rows: u64 = copied.rows.iter().map(|(_, rows)| rows).sum();
        terminal::success(format!("{rows} rows ({} bytes) copied from {from} to {to}", copied.bytes));
        terminal::note("counts and checksums of both agree; the same root key opens the copy");
        Ok(Exit::Done)
    })
}

fn parse(address: &SecretText) -> Result<StoreAddress, Problem> {
    StoreAddress::parse(address).map_err(|error| Problem::refused(error.to_string()))
}

async fn open(address: &StoreAddress) -> Result<Arc<dyn Store>, Problem> {
    let opened = open_address(address, PostgresLimits::default()).await;
    opened.map_err(|error| Problem::environment(error.to_string()))
}

fn explain(error: &CopyError, target: &StoreAddress) -> Problem {
    let problem = Problem::environment(format!("the copy to {target} was not made: {error}"));
    match (error, target) {
        (CopyError::NotEmpty { .. }, _) => problem.help("name a store that is empty or not there yet"),
        (_, StoreAddress::File(path)) => {
            problem.help(format!("remove {}, which may hold a part, before you try again", path.display()))
        }
        (_, StoreAddress::Postgres { .. }) => problem
            .help("the database may hold a part: `DROP SCHEMA sluis CASCADE` in it before you try again"),
    }
}
