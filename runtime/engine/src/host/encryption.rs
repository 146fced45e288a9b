//! The parts of `zoho.encryption` that take randomness: `aesEncode` needs a new IV, a signature with a
//! private key needs blinding. Everything else of it is pure and stands in the language.
//!
//! Keys come from the script and go nowhere: not into a record, a log or a message.

use super::{HostContext, arguments};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs8::DecodePrivateKey;
use rsa::traits::PublicKeyParts;
use rsa::{Pkcs1v15Sign, RsaPrivateKey, rand_core};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use sluis_lang::stdlib::encryption_aes::{self as aes, Width};
use sluis_lang::value::data::{Data, kind};
use sluis_lang::value::fault::Fault;
use sluis_lang::value::file::File;
use sluis_model::error::{Failure, Reason};
use sluis_model::ports::Randomness;
use std::borrow::Cow;

/// Answers the call, or nothing if it is not one of these.
pub fn call(context: &HostContext<'_>, name: &str, args: &[Data]) -> Option<Result<Data, Failure>> {
    let randomness = context.engine.randomness();
    Some(match name {
        "aesEncode" => encode(randomness, Width::Aes256, name, args),
        "aesEncode128" => encode(randomness, Width::Aes128, name, args),
        "rsasha1" => sign(randomness, name, args, |data| prefixed(&SHA1, &Sha1::digest(data))),
        "rsasha256" => sign(randomness, name, args, |data| prefixed(&SHA256, &Sha256::digest(data))),
        "rsasha512" => sign(randomness, name, args, |data| prefixed(&SHA512, &Sha512::digest(data))),
        _ => return None,
    })
}

fn refused(message: impl Into<String>) -> Failure {
    Failure::new(Reason::InvalidInput, message)
}

/// A fault of the language, as the answer to a call.
fn of_fault(fault: &Fault) -> Failure {
    let failure = refused(fault.message.clone());
    match &fault.help {
        Some(help) => failure.help(help.clone()),
        None => failure,
    }
}

fn encode(randomness: &dyn Randomness, width: Width, name: &str, args: &[Data]) -> Result<Data, Failure> {
    let example = "zoho.encryption.aesEncode(key, text)";
    let key = arguments::text(args, 0, name, "a key", example)?;
    let text = scalar(args, 1, name)?;
    if let Some(Data::Int(iterations)) = args.get(3) {
        aes::one_iteration(*iterations).map_err(|fault| of_fault(&fault))?;
    }
    let iv = match args.get(2) {
        None | Some(Data::Null) => {
            let mut iv = [0; aes::IV];
            randomness.fill(&mut iv);
            iv
        }
        Some(_) => {
            let iv = arguments::text(args, 2, name, "an IV", example)?;
            aes::iv_of(iv).map_err(|fault| of_fault(&fault))?
        }
    };
    aes::encode(width, key, &text, iv).map(Data::Text).map_err(|fault| of_fault(&fault))
}

/// A text, or what is written as one.
fn scalar<'a>(args: &'a [Data], at: usize, name: &str) -> Result<Cow<'a, str>, Failure> {
    match args.get(at) {
        Some(Data::Text(text)) => Ok(Cow::Borrowed(text)),
        Some(data @ (Data::Int(_) | Data::Decimal(_) | Data::Bool(_))) => Ok(Cow::Owned(data.to_json())),
        other => Err(refused(format!(
            "{name} needs a text as argument {}, not {}",
            at + 1,
            other.map_or("nothing", |data| kind(data).name())
        ))),
    }
}

/// Longest private key as text, and in bytes of its modulus: what is larger takes seconds of work.
const LONGEST_KEY: usize = 8_000;
const LARGEST_MODULUS: usize = 512;

// What stands before a digest in a signature says which digest it is (RFC 8017 section 9.2, note 1).
const SHA1: [u8; 15] = *b"\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14";
const SHA256: [u8; 19] = *b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20";
const SHA512: [u8; 19] = *b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40";

/// What is signed: how, and the digest.
fn prefixed(prefix: &[u8], digest: &[u8]) -> (Pkcs1v15Sign, Vec<u8>) {
    (Pkcs1v15Sign { hash_len: Some(digest.len()), prefix: prefix.into() }, digest.to_vec())
}

fn sign(
    randomness: &dyn Randomness,
    name: &str,
    args: &[Data],
    digest: fn(&[u8]) -> (Pkcs1v15Sign, Vec<u8>),
) -> Result<Data, Failure> {
    let example = "zoho.encryption.rsasha256(privateKey, text)";
    let key = private_key(arguments::text(args, 0, name, "a private key", example)?, name)?;
    let (scheme, digest) = match args.get(1) {
        Some(Data::File(file)) => digest(&file.bytes),
        _ => digest(scalar(args, 1, name)?.as_bytes()),
    };
    let signature = key
        .sign_with_rng(&mut Blinding(randomness), scheme, &digest)
        .map_err(|_| refused(format!("{name} cannot sign with this key")).help("it may be too short"))?;
    let form = match args.get(2) {
        None | Some(Data::Null) => "base64".to_owned(),
        Some(_) => arguments::text(args, 2, name, "a form", "\"hex\"")?.to_ascii_lowercase(),
    };
    match form.as_str() {
        "base64" => Ok(Data::Text(STANDARD.encode(signature))),
        "hex" => Ok(Data::Text(signature.iter().map(|byte| format!("{byte:02x}")).collect())),
        "binary" => Ok(Data::File(Box::new(File::new("signature", signature)))),
        _ => Err(refused(format!("{name} has no such form"))
            .help("the forms are \"base64\", \"hex\" and \"binary\"")),
    }
}

/// A private key in PKCS#8, as PEM or as the Base64 inside it.
fn private_key(text: &str, name: &str) -> Result<RsaPrivateKey, Failure> {
    let no_key = || {
        refused(format!("{name} needs an RSA private key in PKCS#8, of at most 4096 bits"))
            .help("it begins with -----BEGIN PRIVATE KEY-----; keep it in a variable of the organisation, not in the script")
    };
    if text.len() > LONGEST_KEY {
        return Err(no_key());
    }
    let text = text.trim();
    let body: String = if text.starts_with('-') {
        text.lines().filter(|line| !line.starts_with('-')).flat_map(str::split_whitespace).collect()
    } else {
        text.split_whitespace().collect()
    };
    let bytes = zeroize::Zeroizing::new(STANDARD.decode(body).map_err(|_| no_key())?);
    let key = RsaPrivateKey::from_pkcs8_der(&bytes).map_err(|_| no_key())?;
    if key.size() > LARGEST_MODULUS { Err(no_key()) } else { Ok(key) }
}

/// The engine's randomness in the shape that the signature asks for.
struct Blinding<'a>(&'a dyn Randomness);

impl rand_core::CryptoRng for Blinding<'_> {}

impl rand_core::RngCore for Blinding<'_> {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        self.0.fill(bytes);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made for this test with `openssl genpkey`, used nowhere else.
    const KEY: &str = "MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBAMMV6z87CeK2IbVjkYhxB/wInWnXZs9aPvBqFqCJ/ZmZQ3xA \
         Y4mvmkqEC36eS0Aq5Jotsco6ZS01mNKSzOjRLmYZGJxthbq0T2M5Xt5FztbLEUpPjEa7Ox1Dif9U9t8xvvfgrErT3wQSn7vE \
         HCRE0tRg7GW4VR4uUeWF2FaC5pdrAgMBAAECgYEAmC9gLhprUs2MLEl5PXwXo3hA/FFJ5ZXcJYZNEn2zNQCH0cUVIVK4xUqP \
         AP6Ra4RKgzAEUuMNDKCUECju6uxMCYIzYaaqtLfsjdyOzkBJtlNW7uHjUbyAafZh8zneEoD2ETnp5nZ/oN45pFN4jJgPXA8k \
         6hogzIw0cpnNOP4lGnkCQQDu/jHZHYfbKYnUjNqrr/nuI/2knxWtmG9KohJ189Qc4rBZ+Mby8jVfkte63RwXPOfIKXP2zqpW \
         u7nE83FJE1j1AkEA0PfZ97c48vMEC7Yk6lVPNxpN5n9uxkpK9AjFNX34tFOCE7jgSXe77Xp38TTlkweLiDKGzdf/owtvBAnS \
         DlNy3wJAGUHH5tgWGXVEWbAhE+/fC+nFznX5hoULjeme5dRE4GCcnoWKEPbD6TvNjLP9Wf9Xx3GKDdU9bzkbotLPcBeZWQJA \
         UHGpgjgRf01YGF4VFfSjWxYQORSDg2gkNI+Pw4jsDhc7svXvubiTKteDhuKTIie8akDxLhrhuVV0djyFlahARwJBANAct/f4 \
         h+7xxuGN0HcFszXuW+zvCXsNCnrQtQQO/9VzpeFBdP04KwvllnXEe5Zz7QsEyzmAj/2dNWaOaUpE7N4=";

    /// Always the same bytes: blinding must not change what comes out.
    struct Same(u8);

    impl Randomness for Same {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    fn signed(name: &str, prefix: fn(&[u8]) -> (Pkcs1v15Sign, Vec<u8>)) -> String {
        let args = [Data::from(KEY), Data::from("what is signed")];
        let answers = [1, 77].map(|seed| sign(&Same(seed), name, &args, prefix).unwrap());
        assert_eq!(answers[0], answers[1]);
        answers[0].as_str().unwrap().to_owned()
    }

    #[test]
    fn signatures_are_those_of_openssl() {
        let sha1 = "jrL9SYjj4IpYihbyCSegNAse1Y5JLEOnzB7v9Qk4OCOJ2OM9lygwsNiS7gUcODjcDYGEl7Yb9Rlxb8Vgp6UTVU/Hu7XDCpiGkpi0O3qxImggUAQo3MqxrZWlgtHwlwQT9DJYT5Xrw0hWHDK8bm9xg/Ocv7PyeOB85nMn9r9U3dw=";
        let sha256 = "fvuA3DbEYvbiG7UJUuz/LG802JbnKkBUuj2yXxQLfzNUGLqpHgKUiLdDqJY2+Jq1LqAnYCa8LkWnv2rgb7N1Sn3HTSTEs1k169HTj2T5cSKw37uAszV2ZGe2IonxNje8V67qgbN2cn8atJMFU0BjFb5NUwaTETV6Q0JODc3tIMM=";
        let sha512 = "wiGaiakBv0njp3zJbOruLxo3k0t0J7ELmxEh/nGMZtaOIgiFf2J1tQYBjzP/DU9GXPS/nnwkNb9zCgjgY+YOzzYXYmAtap4uwkxchClhZ2pfI4UcpGs4jLvwewTn1k9dFWoevfO3rHsmJGu3BPjKiKT3yYWnBpAobZKk6d0GBgg=";
        assert_eq!(signed("rsasha1", |data| prefixed(&SHA1, &Sha1::digest(data))), sha1);
        assert_eq!(signed("rsasha256", |data| prefixed(&SHA256, &Sha256::digest(data))), sha256);
        assert_eq!(signed("rsasha512", |data| prefixed(&SHA512, &Sha512::digest(data))), sha512);
    }

    #[test]
    fn a_key_with_its_first_and_last_line_is_the_same_key() {
        let pem =
            format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", KEY.replace(' ', "\n"));
        assert_eq!(private_key(&pem, "x").unwrap(), private_key(KEY, "x").unwrap());
    }

    #[test]
    fn a_key_that_cannot_be_used_is_not_shown() {
        for key in ["private words", &KEY[..100], &"A".repeat(9_000)] {
            let failure = private_key(key, "rsasha256").unwrap_err();
            assert!(!format!("{failure:?}").contains(&key[..12]), "{failure:?}");
        }
    }

    #[test]
    fn without_an_iv_each_text_gets_another_one() {
        let args = [Data::from("key"), Data::from("text")];
        let a = encode(&Same(1), Width::Aes256, "aesEncode", &args).unwrap();
        let b = encode(&Same(2), Width::Aes256, "aesEncode", &args).unwrap();
        assert_ne!(a, b);
        let fixed = [Data::from("key"), Data::from("text"), Data::from("0123456789abcdef")];
        assert!(
            encode(&Same(1), Width::Aes256, "aesEncode", &fixed)
                .unwrap()
                .as_str()
                .unwrap()
                .starts_with("MDEyMzQ1Njc4OWFiY2Rl")
        );
        let two = [Data::from("key"), Data::from("text"), Data::Null, Data::Int(2)];
        assert!(encode(&Same(1), Width::Aes128, "aesEncode128", &two).is_err());
    }
}
