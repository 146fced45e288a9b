//! Outgoing requests, from a definition and data to an answer.
//!
//! In reading order: `evaluate` gives placeholders their meaning, [`compile`] turns an API
//! definition into templates once (with `compile_url` and `compile_body`), [`prepare`] fills them with the
//! [`call_data`] of one call (with `fields`, `fill_body`, `xml` and [`multipart`]), [`url_request`] does the
//! same for a free-form request ([`extend_url`] puts a path below a base URL), [`request`] is what is sent; [`egress`] says where it may go,
//! [`transport`] sends it, [`follow`] goes on where an answer points elsewhere, [`answer`] reads what
//! came back as text, [`decode`] as a value, [`answer_rules`] says what it means, and [`paginate`] goes from page
//! to page. [`renewals`] keeps tokens fresh and
//! [`call`] ties credential and request together. [`limiter`], [`breaker`], [`retry`], [`wait`] and
//! [`idempotency`] say when a call may go out, and again. [`redact`] and [`explain`] show a request without
//! its secrets.
//!
//! **Invariant:** only [`transport`] sends, and it asks [`egress`] first; a secret is put on a
//! request at the last moment, after data has been filled in, and never by text substitution.

pub mod answer;
pub mod answer_rules;
pub mod body;
pub mod breaker;
pub mod call;
pub mod call_data;
pub mod called_back;
pub mod cassette;
pub mod compile;
mod compile_body;
mod compile_mail;
mod compile_url;
mod data;
pub mod decode;
pub mod definition_error;
mod each_entry;
pub mod egress;
mod evaluate;
pub mod explain;
mod explain_mail;
pub mod extend_url;
mod fields;
mod fill_body;
mod fill_mail;
pub mod follow;
pub mod hosts;
pub mod idempotency;
pub mod input_error;
pub mod later;
pub mod limiter;
pub mod mail_port;
pub mod mail_server;
pub mod manners;
pub mod multipart;
pub mod origins;
pub mod paginate;
pub mod prepare;
pub mod redact;
pub mod renewals;
pub mod request;
pub mod retry;
mod supplied;
pub mod timer;
pub mod transport;
pub mod url_request;
pub mod variables;
pub mod wait;
mod xml;

pub use answer::{ScriptAnswer, decode_as, read_answer};
pub use answer_rules::{AnswerRules, Meaning, ServiceError};
pub use call::{CallCredential, call};
pub use call_data::{CallData, Files, GivenContent, GivenPart, GivenParts, Moment, SHOWN_CALLBACK_URL};
pub use compile::{CompiledApi, CompiledConnector};
pub use decode::{AnswerView, decode};
pub use definition_error::DefinitionError;
pub use egress::{EgressPolicy, Exception, ExceptionError, Reach, Refusal};
pub use explain::Explain;
pub use extend_url::extended;
pub use fill_mail::split_addresses;
pub use follow::{Followed, Signer, follow, follow_signed};
pub use hosts::HostPort;
pub use input_error::InputError;
pub use mail_port::{MailAccount, MailError, MailLine, MailOrder, MailPort, MailTaken, is_refused_sign_in};
pub use multipart::FilePart;
pub use prepare::{PreparedRequest, prepare};
pub use redact::Redactor;
pub use renewals::{CredentialSource, Renewals, Versioned};
pub use request::OutgoingRequest;
pub use sluis_auth::template;
pub use timer::{SystemTimer, Timer};
pub use transport::{
    Awaiting, Http, HttpAnswer, Oversize, Phases, PrivateRoots, Redirects, SendLimits, Transport,
    TransportError, TrustError,
};
pub use url_request::{ConnectionRules, UrlRequest, prepare_url};
