//! Tokens, clients and verifiers in sealed form.
//!
//! The encoding is our own and small: a format byte, then fields in order; texts after their
//! length in 4 bytes, numbers in 8, options after a byte 0 or 1. All in big endian. The model's
//! types have no serde so that they cannot be written anywhere else.

use crate::envelope::field;
use crate::error::VaultError;
use crate::org::OrgVault;
use sluis_model::credential::{ClientCredentials, Credential, TokenSet};
use sluis_model::id::{ConnectionId, GrantId};
use sluis_model::secret::SecretText;
use sluis_model::time::Timestamp;
use zeroize::Zeroizing;

const FORMAT: u8 = 2;
/// What a store may still hold.
const FIRST_FORMAT: u8 = 1;

impl OrgVault {
    /// Seals the credential of a connection.
    pub fn seal_credential(&self, connection: &ConnectionId, credential: &Credential) -> Vec<u8> {
        let texts: usize = credential.secrets().map(|secret| secret.expose().len() + 5).sum();
        let names: usize = credential.fields.keys().map(|name| name.len() + 4).sum();
        let tokens = || credential.tokens.iter().chain(&credential.previous);
        let scopes: usize = tokens().flat_map(|tokens| &tokens.scopes).map(|scope| scope.len() + 4).sum();
        let mut writer = Writer::new(texts + names + scopes + 128);
        writer.number(credential.fields.len() as i64);
        for (name, value) in &credential.fields {
            writer.text(name);
            writer.text(value.expose());
        }
        writer.option(credential.tokens.as_ref(), write_tokens);
        writer.option(credential.previous.as_ref(), write_tokens);
        self.seal(connection.as_str(), field::TOKENS, &writer.0)
    }

    /// Opens the credential of a connection.
    pub fn open_credential(
        &self,
        connection: &ConnectionId,
        sealed: &[u8],
    ) -> Result<Credential, VaultError> {
        let plain = self.open(connection.as_str(), field::TOKENS, sealed)?;
        let mut reader = Reader::new(plain.expose())?;
        if reader.format == FIRST_FORMAT {
            return read_first_format(&mut reader);
        }
        let fields = (0..reader.number()?)
            .map(|_| Ok((reader.text()?, reader.secret()?)))
            .collect::<Result<_, VaultError>>()?;
        let tokens = reader.option(read_tokens)?;
        let previous = reader.option(read_tokens)?;
        reader.end()?;
        Ok(Credential { fields, tokens, previous })
    }

    /// Seals a client registration that connector files name as `vault:NAME`. They belong to the
    /// system's own org.
    pub fn seal_client(&self, name: &str, client: &ClientCredentials) -> Vec<u8> {
        let secrets: usize =
            client.secret.iter().chain(&client.private_key).map(|secret| secret.expose().len() + 5).sum();
        let mut writer =
            Writer::new(client.id.len() + secrets + client.key_id.as_ref().map_or(0, String::len) + 24);
        writer.text(&client.id);
        writer.option(client.secret.as_ref(), write_secret);
        writer.option(client.private_key.as_ref(), write_secret);
        writer.option(client.key_id.as_ref(), |writer, id| writer.text(id));
        self.seal(name, field::CLIENT, &writer.0)
    }

    /// Opens a client registration.
    pub fn open_client(&self, name: &str, sealed: &[u8]) -> Result<ClientCredentials, VaultError> {
        let plain = self.open(name, field::CLIENT, sealed)?;
        let mut reader = Reader::new(plain.expose())?;
        let id = reader.text()?;
        let secret = reader.option(Reader::secret)?;
        let private_key = if reader.format == FIRST_FORMAT { None } else { reader.option(Reader::secret)? };
        // What was sealed before there were key identifiers ends here.
        let key_id = if reader.rest.is_empty() { None } else { reader.option(Reader::text)? };
        reader.end()?;
        Ok(ClientCredentials { id, secret, private_key, key_id })
    }

    /// Seals the PKCE verifier of a grant.
    pub fn seal_verifier(&self, grant: &GrantId, verifier: &SecretText) -> Vec<u8> {
        self.seal(grant.as_str(), field::VERIFIER, verifier.expose().as_bytes())
    }

    /// Opens the PKCE verifier of a grant.
    pub fn open_verifier(&self, grant: &GrantId, sealed: &[u8]) -> Result<SecretText, VaultError> {
        let plain = self.open(grant.as_str(), field::VERIFIER, sealed)?;
        let text = std::str::from_utf8(plain.expose()).map_err(|_| not_understood())?;
        Ok(SecretText::from(text))
    }
}

fn write_secret(writer: &mut Writer, secret: &SecretText) {
    writer.text(secret.expose());
}

fn write_tokens(writer: &mut Writer, tokens: &TokenSet) {
    writer.text(tokens.access_token.expose());
    writer.option(tokens.refresh_token.as_ref(), write_secret);
    writer.option(tokens.token_secret.as_ref(), write_secret);
    writer.option(tokens.expires_at.as_ref(), |writer, at| writer.number(at.0));
    writer.option(tokens.refresh_expires_at.as_ref(), |writer, at| writer.number(at.0));
    writer.number(tokens.issued_at.0);
    writer.number(tokens.scopes.len() as i64);
    tokens.scopes.iter().for_each(|scope| writer.text(scope));
}

fn read_tokens(reader: &mut Reader<'_>) -> Result<TokenSet, VaultError> {
    Ok(TokenSet {
        access_token: reader.secret()?,
        refresh_token: reader.option(Reader::secret)?,
        token_secret: reader.option(Reader::secret)?,
        expires_at: reader.option(Reader::number)?.map(Timestamp),
        refresh_expires_at: reader.option(Reader::number)?.map(Timestamp),
        issued_at: Timestamp(reader.number()?),
        scopes: (0..reader.number()?).map(|_| reader.text()).collect::<Result<_, _>>()?,
    })
}

/// What stores of the first version hold: bare tokens.
fn read_first_format(reader: &mut Reader<'_>) -> Result<Credential, VaultError> {
    let access_token = reader.secret()?;
    let refresh_token = reader.option(Reader::secret)?;
    let expires_at = reader.option(Reader::number)?.map(Timestamp);
    let issued_at = Timestamp(reader.number()?);
    let scopes = (0..reader.number()?).map(|_| reader.text()).collect::<Result<_, _>>()?;
    reader.end()?;
    let tokens = TokenSet { refresh_token, expires_at, scopes, ..TokenSet::of(access_token, issued_at) };
    Ok(Credential::of_tokens(tokens))
}

fn not_understood() -> VaultError {
    VaultError::Damaged { why: "its content is not understood; was it sealed by another version of sluis?" }
}

/// Writes fields into a buffer that is wiped. The capacity is given so that growing does not leave
/// copies behind.
struct Writer(Zeroizing<Vec<u8>>);

impl Writer {
    fn new(capacity: usize) -> Self {
        let mut buffer = Zeroizing::new(Vec::with_capacity(capacity));
        buffer.push(FORMAT);
        Self(buffer)
    }

    fn text(&mut self, text: &str) {
        // A text of more than 4 GiB cannot come from the parsers before; a saturated length makes
        // it unreadable rather than wrong.
        self.0.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
        self.0.extend_from_slice(text.as_bytes());
    }

    fn number(&mut self, number: i64) {
        self.0.extend_from_slice(&number.to_be_bytes());
    }

    fn option<T>(&mut self, value: Option<&T>, write: impl FnOnce(&mut Self, &T)) {
        self.0.push(u8::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }
}

struct Reader<'a> {
    format: u8,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Result<Self, VaultError> {
        match bytes.split_first() {
            Some((&format @ (FORMAT | FIRST_FORMAT), rest)) => Ok(Self { format, rest }),
            _ => Err(not_understood()),
        }
    }

    fn chunk<const N: usize>(&mut self) -> Result<[u8; N], VaultError> {
        let (chunk, rest) = self.rest.split_first_chunk::<N>().ok_or_else(not_understood)?;
        self.rest = rest;
        Ok(*chunk)
    }

    fn str(&mut self) -> Result<&'a str, VaultError> {
        let length = u32::from_be_bytes(self.chunk()?) as usize;
        let (text, rest) = self.rest.split_at_checked(length).ok_or_else(not_understood)?;
        self.rest = rest;
        std::str::from_utf8(text).map_err(|_| not_understood())
    }

    fn text(&mut self) -> Result<String, VaultError> {
        self.str().map(str::to_owned)
    }

    fn secret(&mut self) -> Result<SecretText, VaultError> {
        self.str().map(SecretText::from)
    }

    fn number(&mut self) -> Result<i64, VaultError> {
        self.chunk().map(i64::from_be_bytes)
    }

    fn option<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, VaultError>,
    ) -> Result<Option<T>, VaultError> {
        match self.chunk()? {
            [0] => Ok(None),
            [1] => read(self).map(Some),
            _ => Err(not_understood()),
        }
    }

    fn end(&self) -> Result<(), VaultError> {
        if self.rest.is_empty() { Ok(()) } else { Err(not_understood()) }
    }
}
