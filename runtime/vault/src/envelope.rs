//! The envelope: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) with a random 192-bit nonce, so
//! that nonces need no counter, on however many nodes.
//!
//! | form | bytes | sealed with |
//! |---|---|---|
//! | `SLV1` | key id (8), nonce (24), ciphertext, tag (16) | a root key: org keys, and what older versions wrote |
//! | `SLV2` | key id (8), subject after its length (2), field after its length (1), nonce, ciphertext, tag | an org key |
//!
//! Associated data of both: magic and key id, then org, subject and field, each after its length in
//! 8 bytes. A value moved to another org, connection or field therefore does not open. `SLV2` says
//! where it belongs, so that it can be sealed anew with another key by whoever has the keys, without
//! knowing what it is; saying something else does not make it open elsewhere.

use crate::error::VaultError;
use crate::keys::{KeyId, SealingKey};
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use sluis_model::id::OrgId;
use sluis_model::ports::Randomness;
use sluis_model::secret::SecretBytes;
use zeroize::Zeroizing;

const MAGIC: usize = 4;
const ID: usize = 8;
const NONCE: usize = 24;
const TAG: usize = 16;

/// Names of fields, which are part of what is sealed: never change or reuse one.
pub mod field {
    /// Tokens of a connection.
    pub const TOKENS: &str = "connection/tokens";
    /// A client registration.
    pub const CLIENT: &str = "client/credentials";
    /// A PKCE verifier.
    pub const VERIFIER: &str = "grant/verifier";
    /// The machine of a run that waits.
    pub const SNAPSHOT: &str = "run/snapshot";
    /// The link of a run that waits; it holds an OAuth `state`.
    pub const AUTHORIZE_URL: &str = "run/authorize_url";
    /// A renewal under way, with the provider's raw answers; its subject is the id of its row.
    pub const INTENT: &str = "connection/renewal";
    /// A call that was accepted, with its arguments and then its answer.
    pub const ACCEPTED: &str = "call/accepted";
    /// Where a browser is sent back to after consent, and with what.
    pub const RETURN: &str = "grant/return";
    /// A call of a run, or the arguments of one; its subject is the id of its row.
    pub const LEDGER: &str = "run/ledger";
    /// A call that was handed over; its subject is its id.
    pub const DELIVERY: &str = "call/delivery";
    /// A call whose answer the service brings by itself; its subject is its id.
    pub const AWAITED: &str = "call/awaited";
    /// The answer to a request that its caller may send again; its subject is the id of its row.
    pub const REPEAT: &str = "request/answer";
    /// The secrets with which a service signs; its subject is the name of the trigger.
    pub const TRIGGER_SECRETS: &str = "trigger/secrets";
    /// The value by which a wrong key is noticed.
    pub const CHECK: &str = "vault/check";
    /// The mark of a next page, which a caller keeps; its subject is the id of the API.
    pub const PAGE: &str = "api/page";
    /// A key of an org, or what is known about its keys.
    pub const ORG_KEY: &str = "vault/org_key";
}

/// For whom, for what and as what a value is sealed.
#[derive(Debug, Clone, Copy)]
pub struct SealContext<'a> {
    /// The org that owns it.
    pub org: &'a OrgId,
    /// The thing it belongs to: a connection id, a grant id, a client's name.
    pub subject: &'a str,
    /// What it is of that thing; one of [`field`].
    pub field: &'a str,
}

impl SealContext<'_> {
    fn associated_data(&self, header: &[u8]) -> Vec<u8> {
        let mut data = header.to_vec();
        for part in [self.org.as_str(), self.subject, self.field] {
            data.extend_from_slice(&(part.len() as u64).to_be_bytes());
            data.extend_from_slice(part.as_bytes());
        }
        data
    }
}

/// Which kind of key a value is sealed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `SLV1`.
    Root,
    /// `SLV2`.
    Org,
}

impl Form {
    fn magic(self) -> &'static [u8; MAGIC] {
        match self {
            Form::Root => b"SLV1",
            Form::Org => b"SLV2",
        }
    }
}

/// A sealed value taken apart.
pub(crate) struct Envelope<'a> {
    pub(crate) form: Form,
    pub(crate) key: KeyId,
    /// Subject and field, where the form names them.
    pub(crate) place: Option<(&'a str, &'a str)>,
    header: &'a [u8],
    nonce: &'a [u8; NONCE],
    body: &'a [u8],
    tag: &'a [u8; TAG],
}

fn damaged(why: &'static str) -> VaultError {
    VaultError::Damaged { why }
}

const CUT: &str = "it is cut short";

/// Form and key of a value; `None` if it is no envelope. Cheap.
pub(crate) fn peek(sealed: &[u8]) -> Option<(Form, KeyId)> {
    let (magic, rest) = sealed.split_first_chunk::<MAGIC>()?;
    let form = [Form::Root, Form::Org].into_iter().find(|form| form.magic() == magic)?;
    Some((form, KeyId(*rest.first_chunk::<ID>()?)))
}

impl<'a> Envelope<'a> {
    /// Takes a value apart without opening it.
    pub(crate) fn parse(sealed: &'a [u8]) -> Result<Self, VaultError> {
        let (form, key) = peek(sealed).ok_or_else(|| damaged("it is not a sealed value"))?;
        let (header, rest) = sealed.split_at(MAGIC + ID);
        let (place, rest) = match form {
            Form::Root => (None, rest),
            Form::Org => {
                let (length, rest) = rest.split_first_chunk::<2>().ok_or_else(|| damaged(CUT))?;
                let (subject, rest) = text(rest, u16::from_be_bytes(*length).into())?;
                let (length, rest) = rest.split_first().ok_or_else(|| damaged(CUT))?;
                let (field, rest) = text(rest, (*length).into())?;
                (Some((subject, field)), rest)
            }
        };
        let (nonce, rest) = rest.split_first_chunk().ok_or_else(|| damaged(CUT))?;
        let (body, tag) = rest.split_last_chunk().ok_or_else(|| damaged(CUT))?;
        Ok(Self { form, key, place, header, nonce, body, tag })
    }

    /// Opens it with the key that it names.
    pub(crate) fn open(
        &self,
        key: &SealingKey,
        context: &SealContext<'_>,
    ) -> Result<SecretBytes, VaultError> {
        if self.place.is_some_and(|place| place != (context.subject, context.field)) {
            return Err(damaged("it was sealed for another place"));
        }
        let mut plain = Zeroizing::new(self.body.to_vec());
        cipher(key)
            .decrypt_inout_detached(
                &XNonce::from(*self.nonce),
                &context.associated_data(self.header),
                plain.as_mut_slice().into(),
                &(*self.tag).into(),
            )
            .map_err(|_| damaged("it fails authentication"))?;
        Ok(SecretBytes::new(std::mem::take(&mut *plain)))
    }
}

fn text(bytes: &[u8], length: usize) -> Result<(&str, &[u8]), VaultError> {
    let (text, rest) = bytes.split_at_checked(length).ok_or_else(|| damaged(CUT))?;
    Ok((std::str::from_utf8(text).map_err(|_| damaged("its place is not a text"))?, rest))
}

/// Seals a value.
pub(crate) fn seal(
    form: Form,
    key: &SealingKey,
    context: &SealContext<'_>,
    plain: &[u8],
    randomness: &dyn Randomness,
) -> Vec<u8> {
    let place = context.subject.len() + context.field.len() + 3;
    let mut sealed = Vec::with_capacity(MAGIC + ID + place + NONCE + plain.len() + TAG);
    sealed.extend_from_slice(form.magic());
    sealed.extend_from_slice(&key.id.0);
    let data = context.associated_data(&sealed);
    if form == Form::Org {
        // Ids of rows have at most 512 bytes and fields are constants; a saturated length makes the
        // value unreadable rather than wrong.
        sealed.extend_from_slice(&u16::try_from(context.subject.len()).unwrap_or(u16::MAX).to_be_bytes());
        sealed.extend_from_slice(context.subject.as_bytes());
        sealed.push(u8::try_from(context.field.len()).unwrap_or(u8::MAX));
        sealed.extend_from_slice(context.field.as_bytes());
    }
    let mut nonce = [0; NONCE];
    randomness.fill(&mut nonce);
    sealed.extend_from_slice(&nonce);
    let start = sealed.len();
    sealed.extend_from_slice(plain);
    let body = sealed.get_mut(start..).unwrap_or_default();
    let tag = cipher(key)
        .encrypt_inout_detached(&XNonce::from(nonce), &data, body.into())
        .expect("only texts of more than 256 GiB cannot be sealed");
    sealed.extend_from_slice(&tag);
    sealed
}

fn cipher(key: &SealingKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new((&*key.bytes).into())
}
