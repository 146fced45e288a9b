//! Authentication schemes. HTTP is a value here: a scheme builds requests and reads answers; it
//! sends nothing, has no clock (`now` is given) and draws randomness from a port only.
//!
//! In reading order: [`scheme`] is what every scheme can do, [`conversation`] how it asks a provider
//! for something, [`field`] what it asks a person for; [`schemes`] is the register of them;
//! [`pending`] makes state and PKCE verifier, [`callback`] reads what the browser brings back,
//! [`template`] gives placeholders their meaning, [`token_answer`] reads what a token endpoint says, [`bearer`] puts a token on a request.
//!
//! **Invariant:** no I/O; a token never appears in an error or in `Debug` output.

pub mod bearer;
pub mod callback;
pub mod challenges;
pub mod conversation;
pub mod device;
mod digest_of;
pub mod discovery;
pub mod error;
pub mod expiry;
pub mod field;
pub mod http_value;
pub mod json_path;
pub mod mail_value;
pub mod pending;
pub mod revocation;
pub mod scheme;
pub mod schemes;
pub mod signed_request;
pub mod template;
pub mod token_answer;
pub mod token_error;
mod xml_answer;

pub use bearer::{needs_refresh_at, renewal_due_at, renewal_due_of};
pub use callback::{Callback, CallbackError, Returned, read_callback};
pub use challenges::Challenges;
pub use conversation::{Conversation, Obtained, Talk, Turn};
pub use device::{DeviceBegun, Polled};
pub use discovery::{Metadata, ask_issuer, issuer_to_ask};
pub use error::AuthError;
pub use field::{Field, FieldKind};
pub use http_value::{Answer, ClientIdentity, HttpRequest, is_local};
pub use mail_value::{Mail, MailFile, MailRequest, bare_address};
pub use pending::{Begun, random_token, state_digest};
pub use revocation::{Revocation, read_revocation_at};
pub use scheme::{Connects, Context, Scheme};
pub use schemes::scheme_of;
pub use signed_request::keyed_digest;
pub use token_answer::read_tokens_at;
pub use token_error::{TokenError, TokenErrorKind};
