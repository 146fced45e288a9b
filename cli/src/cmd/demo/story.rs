//! The story. Each step does one thing through the engine, checks that it happened, and says so.

use super::stage::Stage;
use crate::cmd::revoke::at_provider;
use crate::outcome::Problem;
use crate::{browser, terminal};
use sluis_engine::{EntryPoint, ReleaseNotes, ReleaseRefused, RunEnd, RunObserver, RunRefused, RunRequest};
use sluis_model::error::Reason;
use sluis_model::grant::GrantOutcome;
use sluis_model::id::{ApiId, GrantId};
use sluis_model::run::{CallRecord, RunStatus};
use std::time::Duration;

const CONNECTOR: &str = include_str!("../../../../examples/connectors/gcontacts/connector.yaml");
const ON_AUTHORIZE: &str = include_str!("../../../../examples/connectors/gcontacts/on_authorize.dg");
const LOGO: &str = include_str!("../../../../examples/connectors/gcontacts/logo.svg");
const ON_REVOKE: &str = include_str!("../../../../examples/connectors/gcontacts/on_revoke.dg");
const SCRIPT: &str = include_str!("../../../../examples/scripts/push_contact.dg");

/// How long one wait is while a person reads the consent page; then it is begun anew.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// How long the provider's access tokens are good.
const AN_HOUR: Duration = Duration::from_secs(3600);

type Told = Result<(), Problem>;

/// Tells the whole story.
pub async fn tell(stage: &mut Stage, once: bool, open_browser: bool) -> Told {
    terminal::step("Opened", format!("an embedded store in {}", stage.folder.display()));
    terminal::step(
        "Started",
        format!("a sample provider at {} (OAuth 2.0 and a contacts API)", stage.provider.issuer),
    );
    release(stage).await?;
    authorize(stage, once, open_browser).await?;
    run_script(stage).await?;
    renew(stage).await?;
    revoke(stage).await?;
    refuse(stage).await?;
    list_what_the_provider_saw(stage);
    Ok(())
}

async fn release(stage: &Stage) -> Told {
    let text = stage.with_provider(CONNECTOR);
    let hooks = |name: &str| match name {
        "on_authorize.dg" => Ok(ON_AUTHORIZE.to_owned()),
        "on_revoke.dg" => Ok(ON_REVOKE.to_owned()),
        "logo.svg" => Ok(LOGO.to_owned()),
        other => Err(format!("the demo holds no file `{other}`")),
    };
    let definition = sluis_definition::read("examples/connectors/gcontacts/connector.yaml", &text, &hooks)
        .map_err(|problems| {
            Problem::failed(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        })?;
    let notes = ReleaseNotes { notes: Some("First release".to_owned()), support_email: None, owner: None };
    let release = stage.engine.release(definition, notes).await.map_err(|refused| match refused {
        ReleaseRefused::Failure(failure) => failure.into(),
        hook => Problem::failed(hook.to_string()),
    })?;
    let definition = &release.definition;
    let apis = definition.apis.keys().cloned().collect::<Vec<_>>().join(", ");
    terminal::step(
        "Released",
        format!("{} {}: {} ({apis})", definition.namespace, release.number, definition.service.name),
    );
    Ok(())
}

async fn authorize(stage: &Stage, once: bool, open_browser: bool) -> Told {
    let started = stage.engine.start_authorization(&stage.org, &stage.connector).await?;
    if once {
        terminal::step(
            "Asked",
            format!(
                "for consent at {}/oauth/authorize; the provider allows it by itself",
                stage.provider.issuer
            ),
        );
        stage.engine.let_straight_on(&stage.org, &started.grant.id).await?;
        let status = stage.person.visit(&started.authorize_url).await?;
        ensure(status == 200, || format!("the page after consent has status {status}"))?;
    } else {
        stage.engine.let_straight_on(&stage.org, &started.grant.id).await?;
        let opened = open_browser && browser::open(started.authorize_url.as_str());
        let how =
            if opened { "click Allow in your browser, or open" } else { "open this link and click Allow:" };
        terminal::step("Waiting", format!("for your consent; {how}"));
        terminal::out(format!("{:>12} {}", "", started.authorize_url));
    }
    match decided(stage, &started.grant.id).await? {
        GrantOutcome::Authorized => {}
        GrantOutcome::Denied { reason } | GrantOutcome::Failed { reason } => {
            return Err(Problem::failed(reason));
        }
        outcome => return Err(Problem::failed(format!("the consent ended as {outcome:?}"))),
    }
    let connections = stage.engine.connections(&stage.org).await?;
    let connection = connections.iter().find(|connection| connection.connector == stage.connector);
    let connection = connection.ok_or_else(|| Problem::failed("there is no connection after consent"))?;
    let scopes = connection.scopes.join(", ");
    terminal::step(
        "Authorized",
        format!(
            "{} for org {} ({scopes}); its on-authorize hook agreed, its tokens are sealed",
            stage.connector, stage.org
        ),
    );
    Ok(())
}

async fn decided(stage: &Stage, grant: &GrantId) -> Result<GrantOutcome, Problem> {
    loop {
        match stage.engine.grant_when_decided(&stage.org, grant, LOOK_EVERY).await?.outcome {
            GrantOutcome::Waiting | GrantOutcome::Exchanging => {}
            outcome => return Ok(outcome),
        }
    }
}

async fn run_script(stage: &Stage) -> Told {
    let mut watch = Watch::default();
    let end = run(stage, "examples/scripts/push_contact.dg", SCRIPT, &mut watch).await?;
    let RunStatus::Done { value } = &end.run.status else {
        return Err(Problem::failed(format!("the script ended as {:?}", end.run.status)));
    };
    ensure(value == "201", || format!("the script answered {value}: {}", end.run.output.join("; ")))?;
    ensure(stage.provider.contacts().len() == 1, || "the provider holds no new contact".to_owned())?;
    terminal::step("Ran", format!("examples/scripts/push_contact.dg: {}", end.run.output.join("; ")));
    let (record, wire) = watch.calls.first().ok_or_else(|| Problem::failed("the script sent nothing"))?;
    let status = record.status.map_or_else(|| "nothing".to_owned(), |status| status.to_string());
    terminal::step(
        "Sent",
        format!("this request, secrets starred; answered {status} in {} ms", record.millis),
    );
    wire.lines().for_each(terminal::detail);
    Ok(())
}

async fn renew(stage: &Stage) -> Told {
    stage.provider.expire_access_tokens();
    stage.clock.put_forward(AN_HOUR);
    terminal::step("Expired", "the access token: an hour has passed, for both sides");
    let before = stage.provider.counts().refreshes;
    let script = "return invokeConnector(\"gcontacts.listcontacts\").get(\"status_code\");";
    let end = run(stage, "list.dg", script, &mut Watch::default()).await?;
    ensure(matches!(&end.run.status, RunStatus::Done { value } if value == "200"), || {
        format!("the call after the expiry ended as {:?}", end.run.status)
    })?;
    let refreshes = stage.provider.counts().refreshes - before;
    ensure(refreshes == 1, || format!("{refreshes} refreshes were counted where one was due"))?;
    terminal::step("Renewed", "it unseen: the next call answered 200, after 1 refresh");
    Ok(())
}

fn list_what_the_provider_saw(stage: &Stage) {
    let requests = stage.provider.requests();
    terminal::step("Served", format!("{} requests, says the provider:", requests.len()));
    for request in &requests {
        let credential = request.header("authorization").unwrap_or("no credential");
        terminal::detail(format!(
            "{:4} {:24} {}  {credential}",
            request.method, request.path, request.status
        ));
    }
}

async fn revoke(stage: &Stage) -> Told {
    let before = stage.provider.counts().revocations;
    let revocation = stage.engine.revoke(&stage.org, &stage.connector).await?;
    ensure(revocation.hook_failure.is_none(), || revocation.hook_failure.clone().unwrap_or_default())?;
    ensure(stage.provider.counts().revocations == before + 1, || "the provider was not told".to_owned())?;
    terminal::step(
        "Revoked",
        format!("{} after its on-revoke hook{}", stage.connector, at_provider(&revocation)),
    );
    Ok(())
}

async fn refuse(stage: &Stage) -> Told {
    let api: ApiId = "gcontacts.listcontacts".parse()?;
    match stage.engine.invoke(&stage.org, &api, &serde_json::Map::new()).await {
        Err(failure) if failure.reason == Reason::NotAuthorized => {
            terminal::step("Refused", format!("the next call: {}", failure.message));
            Ok(())
        }
        Err(failure) => Err(failure.into()),
        Ok(answer) => {
            Err(Problem::failed(format!("a call after revocation answered {}", answer.status_code)))
        }
    }
}

async fn run(stage: &Stage, label: &str, source: &str, watch: &mut Watch) -> Result<RunEnd, Problem> {
    let request = RunRequest {
        org: stage.org.clone(),
        user: None,
        label: label.to_owned(),
        function: None,
        source: source.to_owned(),
        entry: EntryPoint::Default,
        args: Vec::new(),
        keep: true,
    };
    stage.engine.run(request, watch).await.map_err(|refused| match refused {
        RunRefused::Failure(failure) => failure.into(),
        other => Problem::failed(format!("{label}: {other}")),
    })
}

/// Keeps the requests of a run.
#[derive(Default)]
struct Watch {
    calls: Vec<(CallRecord, String)>,
}

impl RunObserver for Watch {
    fn call(&mut self, record: &CallRecord, wire: &str) {
        self.calls.push((record.clone(), wire.to_owned()));
    }
}

fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Told {
    if holds { Ok(()) } else { Err(Problem::failed(otherwise())) }
}
