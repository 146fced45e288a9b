//! What is asked for on the command line.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Load on a running Sluis, next to a bare proxy.
#[derive(Debug, Parser)]
pub struct Arguments {
    /// What to measure.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to measure.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Calls a second and their times, with many callers at once, in turn with the others
    Throughput(Throughput),
    /// Memory, and times of a call, as organisations and connections grow
    Growth(Growth),
    /// From the start of the process to the first answer, after an orderly stop and after a kill
    Starting(Growth),
    /// What this program starts for itself
    #[command(subcommand, hide = true)]
    Role(Role),
}

/// A child of this program.
#[derive(Debug, Subcommand)]
pub enum Role {
    /// The service that is called
    Service,
    /// A bare proxy in front of it
    Proxy {
        /// Its address
        service: String,
    },
}

/// The binary, and where it keeps what it knows.
#[derive(Debug, Clone, Args)]
pub struct Product {
    /// The binary to measure
    #[arg(long, value_name = "PATH", default_value = "target/release/sluis")]
    pub sluis: PathBuf,
    /// An empty PostgreSQL database to measure with, besides the embedded store
    #[arg(long, value_name = "URL")]
    pub postgres: Option<String>,
}

/// How throughput is measured.
#[derive(Debug, Args)]
pub struct Throughput {
    #[command(flatten)]
    pub product: Product,
    /// Rounds; each asks every contestant once
    #[arg(long, default_value_t = 5)]
    pub rounds: usize,
    /// Seconds that each is asked for in a round
    #[arg(long, default_value_t = 5)]
    pub seconds: u64,
    /// Callers at once
    #[arg(long, default_value_t = 64)]
    pub callers: usize,
}

/// How much there is.
#[derive(Debug, Args)]
pub struct Growth {
    #[command(flatten)]
    pub product: Product,
    /// Organisations
    #[arg(long, default_value_t = 10_000)]
    pub orgs: usize,
    /// Connections, spread over them
    #[arg(long, default_value_t = 100_000)]
    pub connections: usize,
}
