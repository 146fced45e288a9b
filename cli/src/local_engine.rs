//! How the command line builds its engine: over an embedded store in the data folder, opened when it
//! is first needed and made without any set-up, or over the store that it is told.

use crate::args::Global;
use crate::data_dir::{DataDir, store_of};
use crate::outcome::Problem;
use crate::{runtime, terminal};
use async_trait::async_trait;
use sluis_engine::{Engine, EngineBuilder, Opened, Opener, User};
use sluis_invoke::{EgressPolicy, Http, PrivateRoots, Transport};
use sluis_lang::catalog::Catalog;
use sluis_lang::vm::Limits;
use sluis_mail::{MailFolder, SmtpConversations, SmtpMailer};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::OrgId;
use sluis_store::{PostgresLimits, StoreAddress, measured, open_address};
use sluis_vault::rotation::org::SETTLE_MS;
use sluis_vault::{KeySource, SystemRandomness, Vault, VaultError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;

/// The organisation that scripts run for when none is named.
pub const DEFAULT_ORG: &str = "local";

/// The engine over the user's own store.
pub fn build(global: &Global, limits: Limits) -> Result<Engine, Problem> {
    Ok(configured(global, limits)?.build())
}

/// The same for scripts whose mails are written into a folder instead of being sent.
pub fn build_with_mail_dir(global: &Global, limits: Limits, folder: &Path) -> Result<Engine, Problem> {
    Ok(configured(global, limits)?.mailer(Arc::new(MailFolder::new(folder))).build())
}

fn configured(global: &Global, limits: Limits) -> Result<EngineBuilder, Problem> {
    let transport = transport(&global.allow_hosts, &global.ca_files)?;
    let url = public_url(&global.public_url)?;
    let dir = DataDir::of(global)?;
    let store = store_of(global, &dir)?;
    let mut builder = builder(dir, store, transport, url, Notices::Told).limits(limits);
    if let Some(smtp) = global.smtp.as_ref().filter(|url| !url.expose().trim().is_empty()) {
        let mailer = SmtpMailer::new(smtp).map_err(|error| {
            Problem::refused(error.to_string())
                .help("for example: SLUIS_SMTP_URL=smtp://user:password@mail.example.com:587")
        })?;
        builder = builder.mailer(Arc::new(mailer));
    }
    Ok(builder)
}

/// Whether the person is told what was made at first use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notices {
    /// On standard error.
    Told,
    /// Not at all: the store is a toy.
    Silent,
}

/// The ports of an engine over a store, with its keys in a folder; [`build`] is the usual way.
pub fn builder(
    dir: DataDir,
    store: StoreAddress,
    transport: Transport,
    public_url: Url,
    notices: Notices,
) -> EngineBuilder {
    let http: Arc<dyn Http> = Arc::new(transport);
    let opener = Arc::new(LocalOpener {
        dir,
        store,
        http: Arc::clone(&http),
        public_url: public_url.clone(),
        notices,
    });
    let name =
        std::env::var("USER").ok().filter(|name| !name.is_empty()).unwrap_or_else(|| "local".to_owned());
    let user = User { email: format!("{name}@localhost"), name };
    EngineBuilder::new(opener, http, public_url).user(user)
}

/// What may be called besides the public internet, and who is believed besides the machine's own
/// authorities.
fn transport(allow_hosts: &[String], ca_files: &[PathBuf]) -> Result<Transport, Problem> {
    let policy = EgressPolicy::opening(allow_hosts).map_err(|error| {
        Problem::refused(error.to_string())
            .help("a host and a port, or a network: --allow-host 127.0.0.1:9000 --allow-host 10.20.0.0/16")
    })?;
    let mut roots = PrivateRoots::default();
    let mut mail = SmtpConversations::new();
    for file in ca_files {
        let shown = file.display();
        let pem = std::fs::read(file).map_err(|error| {
            Problem::environment(format!("the certificate authorities in {shown} cannot be read: {error}"))
        })?;
        roots.extend(PrivateRoots::from_pem(&pem).map_err(|error| {
            Problem::refused(format!("{shown}: {error}"))
                .help("a PEM file with one or more blocks `-----BEGIN CERTIFICATE-----`, and no private key")
        })?);
        mail = mail.trusting(&pem).map_err(|error| Problem::refused(format!("{shown}: {error}")))?;
    }
    Ok(Transport::new(policy).trusting(roots).mailing_by(Arc::new(mail)))
}

fn public_url(url: &Url) -> Result<Url, Problem> {
    let fits = matches!(url.scheme(), "http" | "https") && url.host().is_some() && url.query().is_none();
    if fits && url.fragment().is_none() && url.username().is_empty() && url.password().is_none() {
        return Ok(url.clone());
    }
    Err(Problem::refused("the public URL must be an http or https address without query, fragment or user")
        .help("for example: --public-url https://sluis.example.com"))
}

/// Whether there is a store already. `check` must not make one. A server that is named is there.
pub fn store_exists(global: &Global) -> bool {
    let address = DataDir::of(global).and_then(|dir| store_of(global, &dir));
    address.is_ok_and(|address| match address {
        StoreAddress::File(path) => path.exists(),
        StoreAddress::Postgres { .. } => true,
    })
}

/// What scripts may name besides what stands in them.
#[derive(Debug)]
pub struct Known {
    /// The released connectors.
    pub connectors: Catalog,
    /// Names of the functions that the organisation has stored.
    pub functions: Vec<String>,
}

/// What a script of this organisation may name. `None` if there is no store: none is made for a question.
pub fn known(global: &Global, org: &str) -> Result<Option<Known>, Problem> {
    let org = self::org(org)?;
    if !store_exists(global) {
        return Ok(None);
    }
    let engine = build(global, Limits::local())?;
    runtime::on_this_thread(async {
        let found = async {
            let connectors = engine.catalog().await?;
            let functions = match engine.functions(&org).await {
                // Nobody named it; a store of servers may have no such organisation.
                Err(missing) if missing.reason == Reason::OrgNotFound && org.as_str() == DEFAULT_ORG => {
                    Vec::new()
                }
                functions => functions?,
            };
            let functions = functions.into_iter().map(|function| function.name.as_str().to_owned()).collect();
            Ok(Known { connectors, functions })
        };
        let known: Result<Known, Failure> = found.await;
        engine.close().await?;
        Ok(Some(known?))
    })
}

/// The organisation named on the command line; the default one is made with the store.
pub fn org(name: &str) -> Result<OrgId, Problem> {
    Ok(name.parse::<OrgId>()?)
}

/// Where the root key comes from.
pub fn key_source(global: &Global) -> Result<KeySource, Problem> {
    source_in(&DataDir::of(global)?).map_err(|error| Problem::environment(error.to_string()))
}

fn source_in(dir: &DataDir) -> Result<KeySource, VaultError> {
    KeySource::find(|name| std::env::var(name).ok(), dir.master_key())
}

fn custody(error: VaultError) -> Failure {
    Failure::new(Reason::Internal, error.to_string())
}

/// How long a change of keys waits for others who use the store, in ms: the embedded one is ours alone
/// while a verb has it open.
pub fn settle_ms(global: &Global) -> Result<i64, Problem> {
    Ok(if is_shared(global)? { SETTLE_MS } else { 0 })
}

/// Whether other machines may use the store as well.
pub fn is_shared(global: &Global) -> Result<bool, Problem> {
    Ok(store_of(global, &DataDir::of(global)?)?.is_shared())
}

struct LocalOpener {
    dir: DataDir,
    store: StoreAddress,
    http: Arc<dyn Http>,
    public_url: Url,
    notices: Notices,
}

#[async_trait]
impl Opener for LocalOpener {
    async fn open(&self) -> Result<Opened, Failure> {
        let source = self.key_source()?;
        if !self.store.is_shared() {
            self.dir.make().map_err(as_failure)?;
        }
        let store = open_address(&self.store, PostgresLimits::default())
            .await
            .map_err(|error| Failure::new(Reason::Internal, error.to_string()))?;
        let (vault, made) =
            Vault::unlock(&*store, &source, Arc::new(SystemRandomness)).await.map_err(custody)?;
        if let (KeySource::File(path), true, Notices::Told) = (&source, made.0, self.notices) {
            terminal::note(format!(
                "a root key was made: {}\n      it guards every credential in {}; back both up, and keep them apart",
                path.display(),
                self.store
            ));
        }
        let opened = Opened { store: measured(store), vault: Arc::new(vault) };
        self.make_default_org(&opened).await?;
        Ok(opened)
    }
}

impl LocalOpener {
    /// A key for a store that other machines use is never made here: they would each make their own.
    fn key_source(&self) -> Result<KeySource, Failure> {
        match source_in(&self.dir).map_err(custody)? {
            KeySource::File(file) if self.store.is_shared() && !file.exists() => {
                Err(self.no_key_for_a_shared_store(&file))
            }
            source => Ok(source),
        }
    }

    fn no_key_for_a_shared_store(&self, file: &Path) -> Failure {
        let variable = sluis_vault::MASTER_KEY_VARIABLE;
        let message = format!("there is no root key for the store {}", self.store);
        Failure::new(Reason::Internal, message).help(format!(
            "all who use this store need the same key: make one with `openssl rand -base64 32`, keep a copy, and set \
             {variable} everywhere, or put the key into {} (mode 600)",
            file.display()
        ))
    }

    async fn make_default_org(&self, opened: &Opened) -> Result<(), Failure> {
        let org = DEFAULT_ORG
            .parse()
            .map_err(|error: sluis_model::id::IdError| Failure::new(Reason::Internal, error.to_string()))?;
        let ports =
            EngineBuilder::new(Arc::new(opened.clone()), Arc::clone(&self.http), self.public_url.clone());
        ports.build().ensure_org(&org).await.map(drop)
    }
}

fn as_failure(problem: Problem) -> Failure {
    let failure = Failure::new(Reason::Internal, problem.message);
    match problem.help {
        Some(help) => failure.help(help),
        None => failure,
    }
}
