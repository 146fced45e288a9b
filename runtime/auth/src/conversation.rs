//! What a scheme has to ask a provider before it knows something: zero, one or several requests,
//! each built from the answer to the one before. Whoever drives it sends them.

use crate::error::AuthError;
use crate::http_value::{Answer, HttpRequest};
use crate::token_error::TokenError;
use sluis_model::connection::Variables;
use sluis_model::credential::TokenSet;
use sluis_model::time::Timestamp;

/// What comes next.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "made once an exchange and taken apart at once")]
pub enum Turn<T> {
    /// Send this, then call [`Conversation::next`] with the answer.
    Send(HttpRequest),
    /// It is over.
    Done(T),
}

/// An exchange of requests and answers that ends with a `T`.
///
/// **Invariant:** the same answers lead to the same end, whatever was sent: a conversation that broke
/// off is taken up again by making it anew and giving it the answers that were kept.
pub trait Conversation<T>: Send {
    /// Called first without an answer, then with the answer to what was to be sent last. `now` is
    /// when the answer arrived.
    fn next(&mut self, now: Timestamp, answer: Option<&Answer>) -> Result<Turn<T>, TokenError>;
}

/// A conversation in a box.
pub type Talk<'a, T> = Box<dyn Conversation<T> + 'a>;

/// What a conversation about tokens ends with.
#[derive(Debug, Clone)]
pub struct Obtained {
    /// The tokens.
    pub tokens: TokenSet,
    /// Values for the connection's variables that came with them: `instance_url`, `api_domain`.
    pub variables: Variables,
}

impl From<TokenSet> for Obtained {
    fn from(tokens: TokenSet) -> Self {
        Self { tokens, variables: Variables::new() }
    }
}

/// One request whose answer ends the conversation.
pub fn ask_once<'a, T: 'a>(
    request: HttpRequest,
    read: impl Fn(Timestamp, &Answer) -> Result<T, TokenError> + Send + 'a,
) -> Talk<'a, T> {
    Box::new(Once { request, read })
}

/// A conversation that needs no request.
pub fn settled<'a, T: Send + 'a>(value: T) -> Talk<'a, T> {
    Box::new(Settled(Some(value)))
}

struct Once<R> {
    request: HttpRequest,
    read: R,
}

impl<T, R: Fn(Timestamp, &Answer) -> Result<T, TokenError> + Send> Conversation<T> for Once<R> {
    fn next(&mut self, now: Timestamp, answer: Option<&Answer>) -> Result<Turn<T>, TokenError> {
        match answer {
            None => Ok(Turn::Send(self.request.clone())),
            Some(answer) => (self.read)(now, answer).map(Turn::Done),
        }
    }
}

struct Settled<T>(Option<T>);

impl<T: Send> Conversation<T> for Settled<T> {
    fn next(&mut self, _now: Timestamp, _answer: Option<&Answer>) -> Result<Turn<T>, TokenError> {
        let over = || AuthError::NoSuchStep { scheme: "any", step: "an answer to nothing" };
        self.0.take().map(Turn::Done).ok_or_else(|| over().into())
    }
}
