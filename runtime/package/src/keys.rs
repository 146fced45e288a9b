//! Keys and signatures in the format of minisign (<https://jedisct1.github.io/minisign/>), so that its
//! tools make and verify them as well.

use crate::error::PackageError;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use minisign::{KeyPair, PublicKey, PublicKeyBox, SecretKey, SecretKeyBox, SignatureBox};
use sluis_model::secret::SecretText;
use std::fmt;
use std::io::Cursor;

/// A key that signs.
pub struct SigningKey(SecretKey);

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", shown(self.0.keynum()))
    }
}

/// A key whose signatures are believed.
#[derive(Clone)]
pub struct TrustedKey(PublicKey);

impl fmt::Debug for TrustedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TrustedKey({})", self.id())
    }
}

/// A new pair, as the texts of its two files.
pub struct NewKeys {
    /// Identifier of the pair.
    pub id: String,
    /// The file that is given away.
    pub public: String,
    /// The file that is kept.
    pub secret: SecretText,
}

/// Identifier of a key as minisign shows it.
fn shown(number: &[u8]) -> String {
    number.iter().rev().map(|byte| format!("{byte:02X}")).collect()
}

/// Length of a secret key, and what it begins with: the signature algorithm.
const SECRET_KEY: (usize, &[u8]) = (158, b"Ed");

/// The bytes of the second line of a secret key's file.
fn decoded(file: &SecretText) -> Option<Vec<u8>> {
    let line = file.expose().lines().nth(1)?.trim();
    let bytes = BASE64_STANDARD.decode(line).ok()?;
    (bytes.len() == SECRET_KEY.0 && bytes.starts_with(SECRET_KEY.1)).then_some(bytes)
}

fn unusable(error: minisign::PError) -> PackageError {
    PackageError::Key { why: error.to_string() }
}

impl NewKeys {
    /// Makes a pair; under a passphrase if one is given.
    pub fn generate(passphrase: Option<&SecretText>) -> Result<Self, PackageError> {
        let pair = match passphrase {
            Some(passphrase) => KeyPair::generate_encrypted_keypair(Some(passphrase.expose().clone())),
            None => KeyPair::generate_unencrypted_keypair(),
        };
        let KeyPair { pk, sk } = pair.map_err(unusable)?;
        let id = shown(pk.keynum());
        Ok(Self {
            public: pk.to_box().map_err(unusable)?.to_string(),
            secret: SecretText::new(sk.to_box(Some("sluis package key")).map_err(unusable)?.to_string()),
            id,
        })
    }
}

impl SigningKey {
    /// Whether the file of a key says that it is kept under a passphrase.
    pub fn is_locked(file: &SecretText) -> bool {
        // Which function makes a key of the passphrase; zero stands for none.
        decoded(file).is_none_or(|bytes| bytes.get(2..4) != Some(&[0, 0]))
    }

    /// Reads the file of a key.
    pub fn read(file: &SecretText, passphrase: Option<&SecretText>) -> Result<Self, PackageError> {
        if let Some(passphrase) = passphrase {
            let boxed = SecretKeyBox::from_string(file.expose()).map_err(unusable)?;
            return boxed.into_secret_key(Some(passphrase.expose().clone())).map(Self).map_err(unusable);
        }
        let refused = |why: &str| PackageError::Key { why: why.to_owned() };
        let bytes = decoded(file).ok_or_else(|| refused("this is no secret key of minisign"))?;
        if Self::is_locked(file) {
            return Err(refused("it is kept under a passphrase"));
        }
        // The checksum tells a wrong passphrase; minisign writes none where there is no passphrase.
        SecretKey::from_bytes(&bytes).map(Self).map_err(unusable)
    }

    /// A signature of a text, with a comment that is signed as well.
    pub(crate) fn sign(&self, text: &[u8], comment: &str) -> Result<String, PackageError> {
        let signed = minisign::sign(None, &self.0, text, Some(comment), Some("signature of a sluis package"));
        signed.map(|signature| signature.to_string()).map_err(unusable)
    }

    /// The key that verifies what this one signs.
    pub fn public(&self) -> Result<TrustedKey, PackageError> {
        PublicKey::from_secret_key(&self.0).map(TrustedKey).map_err(unusable)
    }
}

impl TrustedKey {
    /// Reads the file of a public key, or its second line alone.
    pub fn read(text: &str) -> Result<Self, PackageError> {
        let text = text.trim();
        let read = match text.contains('\n') {
            true => PublicKeyBox::from_string(text).and_then(PublicKey::from_box),
            false => PublicKey::from_base64(text),
        };
        read.map(Self).map_err(unusable)
    }

    /// Its identifier, as minisign shows it.
    pub fn id(&self) -> String {
        shown(self.0.keynum())
    }

    /// The text of its file.
    pub fn file(&self) -> Result<String, PackageError> {
        self.0.to_box().map(|file| file.to_string()).map_err(unusable)
    }
}

/// The trusted key that has signed a text.
pub(crate) fn verify(
    text: &[u8],
    signature: &[u8],
    trusted: &[TrustedKey],
) -> Result<TrustedKey, PackageError> {
    let wrong = |why: String| PackageError::Signature { why };
    let signature = std::str::from_utf8(signature).map_err(|_| wrong("it is no text".to_owned()))?;
    let signature = SignatureBox::from_string(signature).map_err(|error| wrong(error.to_string()))?;
    let number = signature.keynum();
    let of_this_key = trusted.iter().filter(|key| key.0.keynum() == number);
    let mut why = None;
    for key in of_this_key {
        match minisign::verify(&key.0, &signature, Cursor::new(text), true, false, false) {
            Ok(()) => return Ok(key.clone()),
            Err(error) => why = Some(error.to_string()),
        }
    }
    Err(why.map_or_else(|| PackageError::Untrusted { key: shown(number) }, wrong))
}
