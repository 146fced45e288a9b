//! `cargo run -p sluis-example-provider [-- ADDRESS [REDIRECT_URI…]]`: starts the sample provider
//! and says where it is and which client it knows. Stops at Ctrl-C.

#![allow(clippy::print_stdout)]

use sluis_example_provider::{Settings, start};
use std::io;
use std::process::ExitCode;
use tokio::net::TcpListener;

/// Where the sample connector `examples/connectors/gcontacts` expects this provider.
const ADDRESS: &str = "127.0.0.1:7880";
/// Where a local `sluis` takes the callbacks of that connector.
const REDIRECT_URI: &str = "http://127.0.0.1:7878/oauth/callback/local/gcontacts";

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| ADDRESS.to_owned());
    let mut redirect_uris: Vec<String> = arguments.collect();
    if redirect_uris.is_empty() {
        redirect_uris.push(REDIRECT_URI.to_owned());
    }
    match run(&address, redirect_uris).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("The sample provider cannot use the address {address}: {error}");
            ExitCode::from(3)
        }
    }
}

async fn run(address: &str, redirect_uris: Vec<String>) -> io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    let settings = Settings::with_redirect_uris(redirect_uris);
    let (id, secret, uris) =
        (settings.client_id.clone(), settings.client_secret.clone(), settings.redirect_uris.join(" "));
    let provider = start(listener, settings).await?;
    println!("A SAMPLE OAuth 2.0 provider with a contacts API; it guards nothing real.");
    println!("issuer         {}", provider.issuer);
    println!("client_id      {id}");
    println!("client_secret  {secret}   (new at every start)");
    println!("redirect_uris  {uris}");
    println!("Ctrl-C stops it.");
    tokio::signal::ctrl_c().await?;
    provider.shutdown().await;
    Ok(())
}
