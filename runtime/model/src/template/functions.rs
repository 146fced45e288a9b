//! The pure functions of placeholders. There are no others: what a definition computes stays readable, and
//! nothing it says can reach a clock, a file or a secret.

/// A pure function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Function {
    /// `base64(x)`: RFC 4648 section 4, padded; of a text or a file.
    Base64,
    /// `base64url(x)`: RFC 4648 section 5, without padding; of a text or a file.
    Base64Url,
    /// `hash('sha256', x)`: hexadecimal digest of a text or a file.
    Hash,
    /// `hmac('sha256', key, x)`: hexadecimal keyed digest (RFC 2104).
    Hmac,
    /// `now()`, `now('unix')`: when the call was made.
    Now,
    /// `random(16)`: so many random bytes, hexadecimal.
    Random,
    /// `uuid()`: a random UUID (RFC 9562, version 4).
    Uuid,
    /// `json_path(x, '$.a')`: a part of a value (RFC 9535).
    JsonPath,
    /// `json(x)`: a value as JSON text.
    Json,
    /// `lower(x)`: a text in lower case, as digests of addresses want it.
    Lower,
    /// `callback_url()`: where the service brings the answer, of an API whose answer comes so.
    CallbackUrl,
}

/// How a function is called.
#[derive(Debug, Clone, Copy)]
pub struct Signature {
    /// Its name.
    pub name: &'static str,
    /// Which it is.
    pub function: Function,
    /// Fewest and most arguments.
    pub arguments: (usize, usize),
    /// An example, for messages.
    pub example: &'static str,
}

const fn signature(
    name: &'static str,
    function: Function,
    arguments: (usize, usize),
    example: &'static str,
) -> Signature {
    Signature { name, function, arguments, example }
}

/// All functions.
pub const FUNCTIONS: &[Signature] = &[
    signature("base64", Function::Base64, (1, 1), "base64(x)"),
    signature("base64url", Function::Base64Url, (1, 1), "base64url(x)"),
    signature("hash", Function::Hash, (2, 2), "hash('sha256', x)"),
    signature("hmac", Function::Hmac, (3, 3), "hmac('sha256', key, x)"),
    signature("now", Function::Now, (0, 1), "now('rfc3339')"),
    signature("random", Function::Random, (1, 1), "random(16)"),
    signature("uuid", Function::Uuid, (0, 0), "uuid()"),
    signature("json_path", Function::JsonPath, (2, 2), "json_path(x, '$.a')"),
    signature("json", Function::Json, (1, 1), "json(x)"),
    signature("lower", Function::Lower, (1, 1), "lower(x)"),
    signature("callback_url", Function::CallbackUrl, (0, 0), "callback_url()"),
];

/// Digests that `hash` knows.
pub(super) const DIGESTS: &[&str] = &["md5", "sha1", "sha256", "sha512"];
/// Digests that `hmac` knows: MD5 is kept for what providers call a hash and no more.
pub(super) const KEYED_DIGESTS: &[&str] = &["sha1", "sha256", "sha512"];
/// Most bytes that `random` gives.
pub(super) const RANDOM_AT_MOST: u32 = 64;

impl Function {
    /// Its name.
    pub fn name(self) -> &'static str {
        FUNCTIONS.iter().find(|known| known.function == self).map_or("", |known| known.name)
    }
}
