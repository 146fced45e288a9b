//! Starts the provider on a socket that the caller has bound, lets the caller look inside, and
//! stops it.

use crate::contacts::Contact;
use crate::hold::{Held, Moment};
use crate::journal::{self, SeenRequest};
use crate::settings::Settings;
use crate::state::{Counts, Shared, State};
use crate::{api, oauth, pages};
use axum::http::StatusCode;
use axum::{Json, Router, middleware};
use serde_json::json;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How long requests under way may take when the provider is stopped.
const GRACE: Duration = Duration::from_secs(2);

/// A running provider. Dropping it stops it at once; [`Provider::shutdown`] lets requests end.
pub struct Provider {
    /// Issuer identifier and base of every address, such as `http://127.0.0.1:40123`.
    pub issuer: String,
    state: Shared,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
}

/// Starts a provider on a socket that the caller has bound; port 0 is fine.
///
/// # Errors
/// When the socket does not know its own address.
pub async fn start(listener: TcpListener, settings: Settings) -> io::Result<Provider> {
    let issuer = format!("http://{}", listener.local_addr()?);
    let state = Arc::new(State::new(issuer.clone(), settings));
    let router = router(Arc::clone(&state));
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(async move {
        // An error of the sender means that it is gone, which is a reason to stop as well.
        let signal = async move { drop(stopped.await) };
        let served = axum::serve(listener, router).with_graceful_shutdown(signal).await;
        debug_assert!(served.is_ok(), "serving ends by the signal alone");
    });
    Ok(Provider { issuer, state, stop: Some(stop), server })
}

fn router(state: Shared) -> Router {
    let record = middleware::from_fn_with_state(Arc::clone(&state), journal::record);
    oauth::routes()
        .merge(api::routes())
        .merge(pages::routes())
        .fallback(nothing_here)
        .layer(record)
        .with_state(state)
}

async fn nothing_here() -> (StatusCode, Json<serde_json::Value>) {
    let error =
        json!({"code": 404, "status": "NOT_FOUND", "message": "the sample provider has no such address"});
    (StatusCode::NOT_FOUND, Json(json!({ "error": error })))
}

impl Provider {
    /// Address that a browser is sent to for consent.
    pub fn authorize_url(&self) -> String {
        format!("{}{}", self.issuer, oauth::AUTHORIZE)
    }

    /// Address of the token endpoint.
    pub fn token_url(&self) -> String {
        format!("{}{}", self.issuer, oauth::TOKEN)
    }

    /// Address of the revocation endpoint.
    pub fn revoke_url(&self) -> String {
        format!("{}{}", self.issuer, oauth::REVOKE)
    }

    /// The requests so far, oldest first, with secrets starred. The newest 2,000 are kept.
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.state.journal().all()
    }

    /// How often the OAuth endpoints were used.
    pub fn counts(&self) -> Counts {
        *self.state.counts()
    }

    /// The contacts, oldest first.
    pub fn contacts(&self) -> Vec<Contact> {
        self.state.contacts().all()
    }

    /// Makes every access token given so far too old; refresh tokens stay good.
    pub fn expire_access_tokens(&self) {
        let now = self.state.now();
        self.state.grants().expire_access_tokens_at(now);
    }

    /// Ends every grant, as if the person withdrew consent in the account's settings.
    pub fn revoke_everything(&self) {
        self.state.grants().revoke_all();
    }

    /// Holds each token request at a moment and tells of it, until the receiver is dropped. A client
    /// that goes away while its request is held is forgotten: [`Moment::Arrived`] then changes
    /// nothing, at [`Moment::Decided`] everything has happened. One holder at a time.
    pub fn hold_token_requests(&self, moment: Moment) -> UnboundedReceiver<Held> {
        self.state.holds.want(moment)
    }

    /// Stops: no new connections, and two seconds for the requests under way.
    pub async fn shutdown(mut self) {
        drop(self.stop.take());
        if tokio::time::timeout(GRACE, &mut self.server).await.is_err() {
            self.server.abort();
        }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.server.abort();
    }
}
