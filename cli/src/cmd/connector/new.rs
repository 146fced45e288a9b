//! `sluis connector new NAME`: the first state of a connector file.

use super::new_file::write_new;
use crate::outcome::{Exit, Outcome, Problem};
use crate::terminal;
use clap::Args;
use sluis_definition::starter::{Starter, StarterAuth};
use sluis_import::{Options, Selection};
use sluis_model::id::Namespace;
use std::io::{BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};
use url::Url;

/// Arguments of `sluis connector new`.
#[derive(Debug, Args)]
#[command(after_help = "\
What is not said by options is asked for where there is a terminal, and else taken as it is most often.

Examples:
  sluis connector new pets --service Pets --url https://api.example.com/v1 --auth api_key
  sluis connector new pets --from openapi petstore.yaml --out pets.yaml
  sluis connector new pets --from curl \"curl https://api.example.com/pets\"")]
pub struct NewArgs {
    /// Namespace of the connector
    #[arg(value_name = "NAME")]
    namespace: Namespace,
    /// Make it of what others have described: `openapi FILE`, `postman FILE` or `curl LINE`
    #[arg(long, num_args = 2, value_names = ["FORMAT", "FILE"], conflicts_with_all = ["service", "url", "auth"])]
    from: Option<Vec<String>>,
    /// Name of the service that people know
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// Where the service's API stands
    #[arg(long, value_name = "URL")]
    url: Option<Url>,
    /// How to authenticate: none, api_key, bearer, basic, oauth2_authorization_code or oauth2_client_credentials
    #[arg(long, value_name = "SCHEME")]
    auth: Option<String>,
    /// The file, which must be new; `-` is standard output [default: NAME.yaml]
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs the verb.
pub fn run(args: &NewArgs) -> Outcome {
    let text = match args.from.as_deref() {
        Some([format, source]) => imported(&args.namespace, format, source)?,
        _ => started(args)?,
    };
    let default = PathBuf::from(format!("{}.yaml", args.namespace));
    let out = args.out.as_deref().unwrap_or(&default);
    if out == Path::new("-") {
        terminal::out_as_is(&text);
        return Ok(Exit::Done);
    }
    write_new(Some(out), &text)?;
    let shown = out.display();
    terminal::success(format!("{shown} is begun"));
    terminal::err(format!(
        "  Look at it:  sluis connector check {shown}\n  Try it:      sluis connector test {shown} --api items.list --call --enter\n  \
         Publish it:  sluis connector release {shown}\n"
    ));
    Ok(Exit::Done)
}

fn imported(namespace: &Namespace, format: &str, source: &str) -> Result<String, Problem> {
    let options = Options { namespace: Some(namespace.to_string()), server: None };
    let read = |file: &str| {
        std::fs::read_to_string(file)
            .map_err(|error| Problem::environment(format!("{file} cannot be read: {error}")))
    };
    let draft = match format {
        "openapi" => sluis_import::openapi(&read(source)?, &options),
        "postman" => sluis_import::postman(&read(source)?, &options),
        "curl" => sluis_import::curl(source, &options),
        other => {
            return Err(Problem::refused(format!("`{other}` is no format to begin from"))
                .help("openapi FILE, postman FILE or curl LINE; `sluis connector import` can do more"));
        }
    };
    let made = draft.and_then(|draft| draft.connector(&Selection::default()));
    let made = made.map_err(|error| {
        let refused = Problem::refused(error.to_string());
        match error.help() {
            Some(help) => refused.help(help),
            None => refused,
        }
    })?;
    for (name, why) in &made.left_out {
        terminal::heed(format!("{name} is left out: {why}"));
    }
    Ok(made.text)
}

fn started(args: &NewArgs) -> Result<String, Problem> {
    let name = args.namespace.as_str();
    let service = match &args.service {
        Some(service) => service.clone(),
        None => asked("Name of the service", name)?,
    };
    let url = match &args.url {
        Some(url) => url.clone(),
        None => {
            let text =
                asked("Address of its API", &format!("https://api.{}.example.com", name.to_lowercase()))?;
            text.parse().map_err(|error| {
                Problem::refused(format!("`{text}` is no address: {error}"))
                    .help("for example https://api.example.com/v1")
            })?
        }
    };
    if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none() || url.query().is_some() {
        return Err(Problem::refused(format!("`{url}` is not where an API can stand"))
            .help("an address with https and without a query: --url https://api.example.com/v1"));
    }
    let scheme = match &args.auth {
        Some(scheme) => scheme.clone(),
        None => asked("How to authenticate", "api_key")?,
    };
    let Some((_, auth)) = StarterAuth::ALL.iter().find(|(known, _)| *known == scheme) else {
        let known: Vec<String> = StarterAuth::ALL.iter().map(|(known, _)| (*known).to_owned()).collect();
        return Err(Problem::refused(format!("a file cannot be begun with the scheme `{scheme}`")).help(
            format!(
                "{}; begin with one of them, docs/SCHEMES.md shows all that a file may say",
                sluis_model::suggest::help(&scheme, &known, "schemes")
            ),
        ));
    };
    let base_url = url.as_str().trim_end_matches('/').to_owned();
    let starter = Starter { namespace: args.namespace.clone(), service, base_url, auth: *auth };
    let text = starter.text();
    match sluis_definition::read("connector.yaml", &text, &|_| Err("there are no hooks".to_owned())) {
        Ok(_) => Ok(text),
        Err(problems) => {
            let first = problems.first().map(|problem| problem.message.clone()).unwrap_or_default();
            Err(Problem::refused(format!("the file would not be sound: {first}"))
                .help("an API on the public internet stands under https"))
        }
    }
}

/// What somebody types; what is offered where nobody is asked or nothing is typed.
fn asked(question: &str, offered: &str) -> Result<String, Problem> {
    if !std::io::stdin().is_terminal() {
        return Ok(offered.to_owned());
    }
    terminal::err(format!("{question} [{offered}]: "));
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| Problem::environment(format!("the answer cannot be read: {error}")))?;
    let line = line.trim();
    Ok(if line.is_empty() { offered.to_owned() } else { line.to_owned() })
}
