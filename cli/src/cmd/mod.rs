//! One file per verb. [`run`] hands over to it.

pub mod authorize;
pub mod call;
pub mod calls;
pub mod check;
pub mod connect_fields;
pub mod connections;
pub mod connector;
pub mod demo;
pub mod doc;
pub mod doctor;
pub mod explain;
pub mod fmt;
pub mod lsp;
pub mod org;
pub mod outbox;
pub mod package;
pub mod repl;
pub mod revoke;
pub mod run;
pub mod runs;
pub mod serve;
pub mod store;
pub mod token;
pub mod trigger;
pub mod user;
pub mod vault;

use crate::args::{Args, Verb};
use crate::outcome::Outcome;

/// Does what the command line asks for.
pub fn run(args: Args) -> Outcome {
    let global = &args.global;
    match args.verb {
        Verb::Run(args) => run::run(global, args),
        Verb::Check(args) => check::run(global, &args),
        Verb::Explain(args) => explain::run(&args),
        Verb::Lsp(args) => lsp::run(global, args),
        Verb::Fmt(args) => fmt::run(global, &args),
        Verb::Doc(args) => doc::run(global, &args),
        Verb::Doctor(args) => doctor::run(global, &args),
        Verb::Repl(args) => repl::run(global, args),
        Verb::Connector(verb) => connector::run(global, verb),
        Verb::Authorize(args) => authorize::run(global, &args),
        Verb::Revoke(args) => revoke::run(global, &args),
        Verb::Connections(args) => connections::run(global, &args),
        Verb::Call(args) => call::run(global, &args),
        Verb::Calls(verb) => calls::run(global, &verb),
        Verb::Runs(verb) => runs::run(global, &verb),
        Verb::Outbox(verb) => outbox::run(global, &verb),
        Verb::Package(verb) => package::run(global, &verb),
        Verb::Org(verb) => org::run(global, &verb),
        Verb::Vault(verb) => vault::run(global, &verb),
        Verb::Token(verb) => token::run(global, &verb),
        Verb::Trigger(verb) => trigger::run(global, &verb),
        Verb::User(verb) => user::run(global, &verb),
        Verb::Serve(args) => serve::run(global, &args),
        Verb::Store(verb) => store::run(&verb),
        Verb::Demo(args) => demo::run(global, &args),
    }
}
