//! The command line. One variant per verb; each verb's work stands in `cmd/<verb>.rs`.

use crate::cmd;
use clap::{Args as ClapArgs, Parser, Subcommand};
use sluis_model::secret::SecretText;
use std::path::PathBuf;
use url::Url;

/// Where the runtime is reached and where it redirects to, unless told otherwise.
pub const DEFAULT_PUBLIC_URL: &str = "http://127.0.0.1:7878";

/// Where help lists the options of every verb.
const EVERY_VERB: &str = "Options of every verb";

/// Calls any web API from a ten-line script: keeps the tokens, renews them, and runs what you write.
#[derive(Debug, Parser)]
#[command(name = "sluis", version, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = "\
Examples:
  sluis demo                 the whole story in a minute: release, consent, call, renewal, revocation
  sluis run hello.dg         run a script

Exit codes: 0 done, 1 the script or the call failed, 2 what was given is wrong, 3 the environment is in the way")]
pub struct Args {
    /// Options of every verb.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// Options of every verb.
#[derive(Debug, Clone, ClapArgs)]
pub struct Global {
    /// Folder of the embedded store and its keys [default: sluis in the user's data folder]
    #[arg(
        long,
        global = true,
        help_heading = EVERY_VERB,
        env = "SLUIS_DATA_DIR",
        value_name = "DIR",
        hide_env = true,
    )]
    pub data_dir: Option<PathBuf>,
    /// The store: a file, or `postgres://user:password@host/database` for several machines [default: a
    /// file in the data folder]; best set as SLUIS_STORE, because everyone on the machine sees a command line
    #[arg(
        long,
        global = true,
        help_heading = EVERY_VERB,
        env = "SLUIS_STORE",
        value_name = "URL",
        value_parser = secret,
        hide_env = true,
        hide_env_values = true
    )]
    pub store: Option<SecretText>,
    /// Address at which browsers reach this sluis; redirect URIs are built from it
    #[arg(
        long,
        global = true,
        help_heading = EVERY_VERB,
        env = "SLUIS_PUBLIC_URL",
        value_name = "URL",
        default_value = DEFAULT_PUBLIC_URL,
        hide_env = true,
    )]
    pub public_url: Url,
    /// Private host or network that connectors may call all the same, `127.0.0.1:9000` or `10.20.0.0/16`; may be
    /// repeated
    #[arg(
        long = "allow-host",
        global = true,
        help_heading = EVERY_VERB,
        env = "SLUIS_ALLOW_HOSTS",
        value_name = "HOST:PORT|CIDR",
        value_delimiter = ',',
        hide_env = true
    )]
    pub allow_hosts: Vec<String>,
    /// PEM file with certificates of private authorities to trust besides the machine's own; may be repeated
    #[arg(
        long = "ca-file",
        global = true,
        help_heading = EVERY_VERB,
        env = "SLUIS_CA_FILES",
        value_name = "FILE",
        value_delimiter = ',',
        hide_env = true
    )]
    pub ca_files: Vec<PathBuf>,
    /// Mail server for `sendmail`, `smtp://user:password@mail.example.com:587`; best set as SLUIS_SMTP_URL,
    /// because a command line is seen by everyone on the machine
    #[arg(
        long = "smtp",
        global = true,
        help_heading = EVERY_VERB,
        env = "SLUIS_SMTP_URL",
        value_name = "URL",
        value_parser = secret,
        hide_env = true,
        hide_env_values = true
    )]
    pub smtp: Option<SecretText>,
    /// No colours (as does NO_COLOR)
    #[arg(long, global = true, help_heading = EVERY_VERB)]
    pub no_color: bool,
    /// Write the log to standard error; twice for more
    #[arg(long, short, global = true, help_heading = EVERY_VERB, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// How the log is written: text, or one JSON object a line [default: text at a terminal]
    #[arg(long, global = true, help_heading = EVERY_VERB, env = "SLUIS_LOG_FORMAT", value_name = "FORMAT", hide_env = true)]
    pub log_format: Option<LogFormat>,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: one object a line.
    Json,
}

fn secret(text: &str) -> Result<SecretText, std::convert::Infallible> {
    Ok(text.into())
}

/// What `sluis` can do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run a script
    Run(cmd::run::RunArgs),
    /// Say what is wrong with scripts, without running them
    Check(cmd::check::CheckArgs),
    /// Say more about a code such as E0204
    Explain(cmd::explain::ExplainArgs),
    /// Help an editor: the language server, on standard input and output
    Lsp(cmd::lsp::LspArgs),
    /// Write scripts anew in one style
    Fmt(cmd::fmt::FmtArgs),
    /// Show what a built-in, a task or a statement does
    Doc(cmd::doc::DocArgs),
    /// Try the language line by line
    Repl(cmd::repl::ReplArgs),
    /// Check, release and list connectors
    #[command(subcommand)]
    Connector(cmd::connector::ConnectorVerb),
    /// Sign, verify and install packages of connectors
    #[command(subcommand)]
    Package(cmd::package::PackageVerb),
    /// Ask for consent to use a connector
    Authorize(cmd::authorize::AuthorizeArgs),
    /// Give an authorization back, at the provider and here
    Revoke(cmd::revoke::RevokeArgs),
    /// Settle calls of a run of which nobody knows what has become
    #[command(subcommand)]
    Calls(cmd::calls::CallsVerb),
    /// Look at runs, end them, and run them again
    #[command(subcommand)]
    Runs(cmd::runs::RunsVerb),
    /// Finish what was given back here and could not be told to its provider
    #[command(subcommand)]
    Outbox(cmd::outbox::OutboxVerb),
    /// List what is authorized
    Connections(cmd::connections::ConnectionsArgs),
    /// Call one API
    Call(cmd::call::CallArgs),
    /// Make and list organisations
    #[command(subcommand)]
    Org(cmd::org::OrgVerb),
    /// Carry a store to another place
    #[command(subcommand)]
    Store(cmd::store::StoreVerb),
    /// Keys: show, change, move what they seal
    #[command(subcommand)]
    Vault(cmd::vault::VaultVerb),
    /// Make, list and revoke tokens of the HTTP API
    #[command(subcommand)]
    Token(cmd::token::TokenVerb),
    /// Invite people who can sign in, list them, end their access
    #[command(subcommand)]
    User(cmd::user::UserVerb),
    /// Say what starts stored functions: addresses, webhooks, schedules, events
    #[command(subcommand)]
    Trigger(cmd::trigger::TriggerVerb),
    /// Serve scripts, APIs and authorizations over HTTP
    Serve(cmd::serve::ServeArgs),
    /// Say what stands in the way of serving and authorizing, and how to mend it
    Doctor(cmd::doctor::DoctorArgs),
    /// The story for a newcomer, with a sample provider
    Demo(cmd::demo::DemoArgs),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_password_of_the_mail_server_is_not_shown() {
        let url = "smtp://ada:sw0rdfish@mail.example.com";
        let args = Args::try_parse_from(["sluis", "--smtp", url, "repl"]).unwrap();
        assert!(!format!("{args:?}").contains("sw0rdfish"));
        assert_eq!(args.global.smtp.unwrap().expose(), url);
    }

    #[test]
    fn the_password_of_the_store_is_not_shown() {
        let url = "postgres://ada:sw0rdfish@db.example.com/sluis";
        let args = Args::try_parse_from(["sluis", "--store", url, "repl"]).unwrap();
        assert!(!format!("{args:?}").contains("sw0rdfish"));
        assert_eq!(args.global.store.unwrap().expose(), url);
    }

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn the_help_of_every_verb_ends_with_two_examples() {
        fn visit(command: &clap::Command, path: &str, seen: &mut usize) {
            let path = format!("{path} {}", command.get_name());
            if command.has_subcommands() {
                command.get_subcommands().for_each(|sub| visit(sub, &path, seen));
            }
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let examples = help
                .lines()
                .filter(|line| line.trim_start().starts_with("sluis ") || line.contains("| sluis "))
                .count();
            assert!(examples >= 2, "`{path}` has {examples} examples: {help}");
            *seen += 1;
        }
        let mut seen = 0;
        visit(&Args::command(), "", &mut seen);
        assert!(seen > 12, "{seen}");
    }
}
