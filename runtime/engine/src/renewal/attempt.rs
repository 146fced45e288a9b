//! One attempt to renew: each request announced in the store before it is sent, each answer stored
//! before anything looks at it.

use super::intent::{Asks, Intent, KeptAnswer, Phase};
use super::protocol::Subject;
use crate::builder::Engine;
use crate::errors;
use sluis_auth::{Answer, HttpRequest, Obtained, TokenError, TokenErrorKind, Turn};
use sluis_invoke::{SendLimits, Versioned};
use sluis_model::credential::Credential;
use sluis_model::error::{Failure, Reason};
use sluis_store::{Change, Expect, StoreError, Table};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

/// Token answers are small; whatever is longer is not one.
const ANSWER_AT_MOST: usize = 1 << 20;

/// An attempt, from its intent to its end.
pub(super) struct Attempt<'a> {
    pub engine: &'a Engine,
    pub subject: &'a Subject,
    /// What is stored about it, or will be.
    pub intent: Intent,
    /// What must be true of the row for us to write it: the fence.
    pub expect: Expect,
    /// Whether there is a row.
    pub written: bool,
    /// Somebody else has taken the renewal over.
    pub overtaken: bool,
    /// The credential that is to be replaced.
    credential: Credential,
    /// The one immediate repetition after a lost answer is used up.
    repeated: bool,
    turn: Option<OwnedSemaphorePermit>,
}

/// What came of asking.
enum Came {
    Tokens(Obtained),
    Refused(TokenError),
    /// The provider may have acted, and what it answered is not known.
    Lost(Failure),
    NotSent(Failure),
    NothingToAsk,
    Overtaken,
}

impl<'a> Attempt<'a> {
    /// A new attempt, over nothing (`Absent`) or over a row that nobody is at.
    pub fn new(
        engine: &'a Engine,
        subject: &'a Subject,
        intent: Intent,
        expect: Expect,
        credential: Credential,
    ) -> Self {
        let written = matches!(expect, Expect::Version(_));
        let mut attempt = Self {
            engine,
            subject,
            intent,
            expect,
            written,
            overtaken: false,
            credential,
            repeated: false,
            turn: None,
        };
        if attempt.intent.phase == Phase::Asking {
            // Its sender died before an answer was stored. What follows is the one repetition.
            attempt.intent.lost += 1;
            attempt.repeated = true;
            tracing::warn!(
                connection = %attempt.intent.connection,
                attempt = %attempt.intent.attempt,
                "a renewal was cut off before its answer was stored; its token is tried once more"
            );
        }
        attempt
    }

    /// Goes through with it.
    pub async fn run(mut self) -> Result<Versioned, Failure> {
        loop {
            match self.converse().await? {
                Came::Tokens(obtained) => return self.store(obtained).await,
                Came::Overtaken => return self.what_is_stored().await,
                Came::NothingToAsk => {
                    return self.needs_person("it has ended and cannot renew itself".to_owned()).await;
                }
                Came::NotSent(failure) => return self.failed(failure, None).await,
                Came::Lost(failure) => {
                    self.intent.lost += 1;
                    if std::mem::replace(&mut self.repeated, true) {
                        return self.failed(failure, None).await;
                    }
                    tracing::warn!(
                        connection = %self.intent.connection,
                        %failure,
                        "the answer to a renewal was lost; its token is tried once more"
                    );
                }
                Came::Refused(error) if error.kind == TokenErrorKind::InvalidGrant => {
                    if !self.turn_to_previous() {
                        let reason = self.why_refused(error);
                        return self.needs_person(reason).await;
                    }
                }
                Came::Refused(error) => {
                    self.intent.lost += u32::from(self.is_lost_behind_gateway());
                    return self.failed_with(error).await;
                }
            }
        }
    }

    /// Where the present tokens never worked, those before them may still be good.
    fn turn_to_previous(&mut self) -> bool {
        let refresh = |tokens: &Option<sluis_model::credential::TokenSet>| {
            tokens.as_ref().and_then(|tokens| tokens.refresh_token.as_ref().map(|t| t.expose().clone()))
        };
        let previous = refresh(&self.credential.previous);
        let worth_it = self.intent.asks == Asks::WithPresent
            && previous.is_some()
            && previous != refresh(&self.credential.tokens);
        if worth_it {
            self.intent.asks = Asks::WithPrevious;
            self.intent.answers.clear();
            tracing::warn!(connection = %self.intent.connection, "the tokens before the last renewal are tried");
        }
        worth_it
    }

    fn why_refused(&self, error: TokenError) -> String {
        if self.intent.lost == 0 {
            return error.message;
        }
        format!(
            "the provider's answer to a renewal was lost (a crash or a broken connection), and the provider does not \
             accept the token from before it any more; consent was probably not withdrawn ({})",
            error.message
        )
    }

    /// Speaks with the provider, with the answers that are kept first.
    async fn converse(&mut self) -> Result<Came, Failure> {
        let (engine, subject) = (self.engine, self.subject);
        let definition = &subject.connector.release.definition;
        let connection = &subject.connection;
        let tried = self.tried();
        let bound = engine.bound(definition, connection.auth.as_deref(), &connection.variables).await?;
        let scheme = bound.scheme();
        let Some(mut talk) = scheme.renew(bound.context(engine), &tried)? else {
            return Ok(Came::NothingToAsk);
        };
        let (mut now, mut answer, mut told) = (engine.now(), None, 0);
        loop {
            let request = match talk.next(now, answer.as_ref()) {
                Ok(Turn::Done(obtained)) => return Ok(Came::Tokens(obtained)),
                Ok(Turn::Send(request)) => request,
                Err(error) => return Ok(self.judged(error)),
            };
            if self.intent.answers.len() <= told
                && let Some(instead) = self.ask(request).await?
            {
                return Ok(instead);
            }
            if let Some(kept) = self.intent.answers.get(told) {
                (now, answer) = (kept.at, Some(kept.answer()));
            }
            told += 1;
        }
    }

    /// The tokens that the provider is asked with.
    fn tried(&self) -> Credential {
        let mut tried = self.credential.clone();
        if self.intent.asks == Asks::WithPrevious {
            tried.tokens = tried.previous.take();
        }
        tried
    }

    /// A success that cannot be read may have used the old token up.
    fn judged(&mut self, error: TokenError) -> Came {
        let success = self.intent.answers.last().is_some_and(|kept| (200..300).contains(&kept.status));
        if success && error.kind == TokenErrorKind::Unusable {
            self.intent.answers.pop();
            return Came::Lost(error.into());
        }
        Came::Refused(error)
    }

    /// A gateway had no answer for us: the provider behind it may have acted all the same.
    fn is_lost_behind_gateway(&self) -> bool {
        self.intent.answers.last().is_some_and(|kept| matches!(kept.status, 502 | 504))
    }

    /// Announces a request, sends it and keeps the answer; or what came instead of an answer.
    async fn ask(&mut self, request: HttpRequest) -> Result<Option<Came>, Failure> {
        let rules = self.engine.renewal_rules();
        if self.turn.is_none() {
            let host = request.url.host_str().unwrap_or_default();
            self.turn = self.engine.host_turns().take(host, rules.at_once_per_host).await;
        }
        let began = Instant::now();
        let first = !self.written;
        self.intent.phase = Phase::Asking;
        if !self.write().await? {
            return Ok(Some(Came::Overtaken));
        }
        if first && !self.is_still_to_replace().await? {
            self.release().await;
            return Ok(Some(Came::Overtaken));
        }
        if began.elapsed() + rules.request > rules.lease() {
            // Another process may think us dead before the answer is here.
            self.intent.phase = Phase::Resting;
            let slow = Failure::new(Reason::Conflict, "this machine is too busy to renew the token in time");
            return Ok(Some(Came::NotSent(slow.help("try again"))));
        }
        let limits = SendLimits { total: rules.request, max_body: ANSWER_AT_MOST, ..SendLimits::default() };
        match self.engine.http().send(request, limits).await {
            Ok(came) => {
                let answer = Answer { status: came.status, headers: came.headers, body: came.body };
                self.keep(&answer).await;
                Ok(None)
            }
            Err(error) if error.nothing_was_sent() => Ok(Some(Came::NotSent(error.into()))),
            Err(error) => Ok(Some(Came::Lost(error.into()))),
        }
    }

    /// Makes the answer durable. Where that fails it is still in hand, and goes on to be stored as
    /// tokens.
    async fn keep(&mut self, answer: &Answer) {
        self.intent.answers.push(KeptAnswer::new(self.engine.now(), answer));
        self.intent.phase = Phase::Answered;
        match self.write().await {
            Ok(true) => {}
            Ok(false) => tracing::warn!(connection = %self.intent.connection, "a renewal was overtaken"),
            Err(failure) => tracing::error!(%failure, "the answer to a renewal could not be kept"),
        }
    }

    /// Writes the intent if it is still ours; false if somebody else has taken it over.
    async fn write(&mut self) -> Result<bool, Failure> {
        if self.overtaken {
            return Ok(false);
        }
        let lease_ms = i64::try_from(self.engine.renewal_rules().lease().as_millis()).unwrap_or(i64::MAX);
        self.intent.lease_ends_at.0 = self.engine.now().0.saturating_add(lease_ms);
        self.intent.owner = self.engine.instance().to_owned();
        if self.intent.attempt.is_empty() || !self.written {
            self.intent.attempt = super::instance::random_name(self.engine.randomness());
        }
        let change = self.engine.put_intent(&self.subject.place, &self.intent, self.expect).await?;
        match self.engine.store().await?.apply(vec![change]).await {
            Ok(versions) => {
                self.expect = Expect::Version(versions.first().copied().unwrap_or_default());
                self.written = true;
                Ok(true)
            }
            Err(StoreError::Conflict { .. }) => {
                self.overtaken = true;
                Ok(false)
            }
            Err(error) => Err(errors::store(error)),
        }
    }

    async fn is_still_to_replace(&self) -> Result<bool, Failure> {
        let stored = self.engine.credential(&self.subject.connection, &self.subject.place.slot).await;
        match stored {
            Ok(stored) => Ok(self.intent.replaces(&stored.credential)),
            Err(failure) if failure.reason == Reason::NotAuthorized => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    /// Gives the row up, where nothing was sent.
    async fn release(&mut self) {
        let change = Engine::drop_intent(&self.subject.place, self.expect);
        if let Ok(store) = self.engine.store().await
            && let Err(error) = store.apply(vec![change]).await
        {
            tracing::debug!(%error, "an unused record of a renewal is left behind");
        }
    }

    /// The change that ends the row, or leaves it behind for what it remembers.
    pub async fn end_of_intent(&mut self, remember: bool) -> Result<Option<Change>, Failure> {
        if self.overtaken {
            // Whoever took over must notice that its ground has changed.
            return Ok(Some(Engine::drop_intent(&self.subject.place, Expect::Any)));
        }
        if remember && self.intent.lost > 0 {
            self.intent.phase = Phase::Resting;
            self.intent.asks = Asks::WithPresent;
            self.intent.answers.clear();
            return self.engine.put_intent(&self.subject.place, &self.intent, self.expect).await.map(Some);
        }
        Ok(self.written.then(|| Engine::drop_intent(&self.subject.place, self.expect)))
    }

    /// Whether it was the row of the renewal that somebody else has changed.
    pub fn is_about_intent(error: &StoreError) -> bool {
        matches!(error, StoreError::Conflict { key } if key.table == Table::Intents)
    }
}
