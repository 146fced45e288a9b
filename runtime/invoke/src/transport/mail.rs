//! Mails of connectors: the same policy, places and time as requests over HTTP, another protocol.

use super::{Awaiting, HttpAnswer, Phases, SendLimits, Transport, TransportError};
use crate::egress::Refusal;
use crate::hosts::shown_host;
use crate::mail_port::{MailAccount, MailError, MailOrder, MailRefusal, MailTaken};
use crate::mail_server::MailServer;
use crate::request::OutgoingRequest;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};
use sluis_auth::MailRequest;
use sluis_model::secret::SecretText;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use url::Host;

impl Transport {
    /// Holds one conversation with a mail server.
    pub(super) async fn send_mail(
        &self,
        request: &OutgoingRequest,
        mail: &MailRequest,
        limits: SendLimits,
    ) -> Result<HttpAnswer, TransportError> {
        let started = Instant::now();
        let deadline = started + limits.total;
        let host = shown_host(&request.url);
        let no_server = || TransportError::Refused(Refusal::NoHost);
        let server = MailServer::of(&request.url).ok_or_else(no_server)?;
        let judged = server.as_https().ok_or_else(no_server)?;
        let reach = self.policy.check_mail_server(&request.url, &judged)?;
        let Some(port) = &self.mail else {
            return Err(TransportError::NoClient { why: "mails cannot be sent here".to_owned() });
        };
        let Ok(slot) = timeout_at(deadline, self.slots.take(&host)).await else {
            return Err(TransportError::Busy { host, limit: self.slots.per_host, after: limits.total });
        };
        let queued = started.elapsed();
        let late = |awaiting| TransportError::Timeout { host: host.clone(), after: limits.total, awaiting };
        let Ok(resolved) = timeout_at(deadline, self.resolved(&server.host)).await else {
            return Err(late(Awaiting::Connection));
        };
        let addresses = resolved
            .map_err(|why| TransportError::NotConnected { host: host.clone(), why: why.to_string() })?;
        if let Host::Domain(name) = &server.host {
            self.policy.check_resolved(name, &addresses, reach)?;
        }
        let order = MailOrder {
            shown: host.clone(),
            tls_name: server.tls_name(),
            may_be_plain: addresses.iter().all(IpAddr::is_loopback),
            addresses: addresses.into_iter().map(|address| SocketAddr::new(address, server.port)).collect(),
            tls_from_start: server.tls_from_start,
            account: account(request, mail.mailbox()),
            request: mail.clone(),
            within: deadline.saturating_duration_since(Instant::now()),
        };
        let taken = port.converse(order).await;
        drop(slot);
        let taken = taken.map_err(|error| as_transport_error(error, &host, late))?;
        let elapsed = started.elapsed();
        let first_byte = taken.until_ready;
        let phases = Phases { queued, first_byte, body: elapsed.saturating_sub(queued + first_byte) };
        Ok(answer(&taken, elapsed, phases))
    }

    async fn resolved(&self, host: &Host<String>) -> std::io::Result<Vec<IpAddr>> {
        match host {
            Host::Ipv4(address) => Ok(vec![IpAddr::V4(*address)]),
            Host::Ipv6(address) => Ok(vec![IpAddr::V6(*address)]),
            Host::Domain(name) => match self.lookup.lookup(name).await {
                Ok(found) if found.is_empty() => Err(std::io::Error::other("its name has no address")),
                found => found,
            },
        }
    }
}

/// Who signs in, by the header that the scheme has put its credential into: user and password
/// (RFC 7617 §2), or a token (RFC 6750 §2.1) together with the mailbox that sends.
fn account(request: &OutgoingRequest, mailbox: &str) -> Option<MailAccount> {
    let (kind, value) = request.headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if kind.eq_ignore_ascii_case("basic") {
        let pair = String::from_utf8(BASE64_STANDARD.decode(value).ok()?).ok()?;
        let (user, password) = pair.split_once(':')?;
        return Some(MailAccount::Password { user: user.to_owned(), password: password.into() });
    }
    Some(MailAccount::Token { mailbox: mailbox.to_owned(), token: SecretText::from(value) })
}

fn as_transport_error(
    error: MailError,
    host: &str,
    late: impl Fn(Awaiting) -> TransportError,
) -> TransportError {
    let host = host.to_owned();
    match error {
        MailError::NotConnected(why) | MailError::BrokeBefore(why) => {
            TransportError::NotConnected { host, why }
        }
        MailError::Tls(why) => TransportError::Tls {
            host,
            why,
            help: "checking cannot be switched off; whoever runs the mail server renews or mends its certificate, or the \
                   operator names a private authority: --ca-file FILE",
        },
        MailError::NotOffered => TransportError::Tls {
            host,
            why: "it does not offer STARTTLS, and mails are not handed in unencrypted".to_owned(),
            help: "use the port of the server that speaks TLS, 465 or 587; a server on this machine may do without, if the \
                   operator allows it: --allow-host 127.0.0.1:PORT",
        },
        MailError::NoMechanism(why) => TransportError::Tls {
            host,
            why,
            help: "choose a way to authenticate that the mail server knows: user and password (PLAIN, LOGIN), or an OAuth \
                   token (XOAUTH2)",
        },
        MailError::SignInRefused(line) => MailRefusal::SignIn { host, line }.into(),
        MailError::Deferred(line) => MailRefusal::Deferred { host, line }.into(),
        MailError::Refused(line) => MailRefusal::Refused { host, line }.into(),
        MailError::NotAMail(why) => MailRefusal::NotAMail { why }.into(),
        // Nothing of the mail was sent yet, so that it may be sent again.
        MailError::TimedOut => late(Awaiting::Connection),
        MailError::TimedOutAfter => late(Awaiting::LastByte),
        MailError::BrokeAfter(why) => TransportError::Unreachable { host, why },
    }
}

/// What scripts get, in the form of an answer over HTTP: its body is JSON.
fn answer(taken: &MailTaken, elapsed: Duration, phases: Phases) -> HttpAnswer {
    let rejected = taken.rejected.iter().map(
        |(address, line)| json!({ "address": address, "status_code": line.status, "message": line.message }),
    );
    let body = json!({
        "status_code": taken.line.status,
        "message": taken.line.message,
        "message_id": taken.message_id,
        "accepted": taken.accepted,
        "rejected": rejected.collect::<Vec<Value>>(),
    });
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    HttpAnswer { status: taken.line.status, headers, body: Bytes::from(body.to_string()), elapsed, phases }
}
