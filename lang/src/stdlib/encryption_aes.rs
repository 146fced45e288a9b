//! `zoho.encryption.aesDecode` and the pure half of `aesEncode`, which is a host call because a new IV
//! takes randomness.
//!
//! The scheme is that of the platform scripts come from, decoded from its documented values: AES in CBC
//! mode with PKCS#7 padding, the key's bytes filled up with zeros, `base64(iv ‖ ciphertext)`. It is weak
//! by design: no key derivation, and nothing that tells an altered text. It is here to exchange data
//! with what already uses it.

use super::encode::{BASE64, from_base64};
use super::{Builtin, Ctx, Param, args, example, optional, param};
use crate::codes;
use crate::value::Value;
use crate::value::fault::{Fault, Run};
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use aes::{Aes128, Aes256};
use base64::Engine;

/// Bytes of an initialisation vector.
pub const IV: usize = 16;

/// The two sizes of key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// `aesEncode128`
    Aes128,
    /// `aesEncode`
    Aes256,
}

const DECODE: &[Param] = &[param("key", "text"), param("text", "text"), optional("iv", "text")];
const DECODE_128: &[Param] =
    &[param("key", "text"), param("text", "text"), optional("iv", "text"), optional("iterations", "number")];

pub(super) const TABLE: &[Builtin] = &[
    Builtin {
        name: "zoho.encryption.aesDecode",
        aliases: &[],
        on: &[],
        params: DECODE,
        returns: "text",
        doc: "The text that `aesEncode` made this of. `iv` is needed only if it does not stand at the front of the text. A wrong key nearly always faults, an altered text often does not: the scheme has no check of its own.",
        examples: &[
            example(
                r#"zoho.encryption.aesDecode("passkey", "F0JOCSWN0Eb2Y//llSoROcsQxHihYnMwCuJSywFaaigEJzQdjnznq7+rSUXy6JlG")"#,
                "Confidential details",
            ),
            example(
                r#"zoho.encryption.aesDecode("other", "F0JOCSWN0Eb2Y//llSoROcsQxHihYnMwCuJSywFaaigEJzQdjnznq7+rSUXy6JlG")"#,
                "fault E0419",
            ),
            example(r#"zoho.encryption.aesDecode("passkey", "no Base64!")"#, "fault E0416"),
        ],
        run: |ctx, args| decode(ctx, args, Width::Aes256, "aesDecode"),
    },
    Builtin {
        name: "zoho.encryption.aesDecode128",
        aliases: &[],
        on: &[],
        params: DECODE_128,
        returns: "text",
        doc: "The text that `aesEncode128` made this of, with a key of at most 16 bytes. `iterations` may only be 1.",
        examples: &[
            example(
                r#"zoho.encryption.aesDecode128("key", "AAAAAAAAAAAAAAAAAAAAAKMEHV49vu1D6O5YjHMmlvQ=").length()"#,
                "fault E0419",
            ),
            example(r#"zoho.encryption.aesDecode128("a key of far more than 16", "AAAA")"#, "fault E0416"),
        ],
        run: decode_128,
    },
];

fn bad(message: impl Into<String>) -> Box<Fault> {
    Fault::new(codes::BAD_ARGUMENT, message)
}

/// The key's bytes, filled up with zeros; wiped with the cipher, not here: it came from a script.
fn key_of<const N: usize>(key: &str) -> Run<[u8; N]> {
    let mut bytes = [0; N];
    if key.is_empty() {
        return Err(bad("the key is empty"));
    }
    match bytes.get_mut(..key.len()) {
        Some(start) => start.copy_from_slice(key.as_bytes()),
        None => return Err(bad(format!("the key has {} bytes; at most {N} can be used", key.len()))),
    }
    Ok(bytes)
}

/// An initialisation vector given as text: exactly 16 bytes.
///
/// # Errors
/// `E0416` if it is longer or shorter.
pub fn iv_of(text: &str) -> Run<[u8; IV]> {
    text.as_bytes().try_into().map_err(|_| {
        bad(format!("the IV has {} bytes; it must have {IV}, so {IV} plain characters", text.len()))
    })
}

/// `aesEncode` without its randomness: `base64(iv ‖ ciphertext)`.
///
/// # Errors
/// `E0416` if the key is empty or too long.
pub fn encode(width: Width, key: &str, text: &str, iv: [u8; IV]) -> Run<String> {
    let sealed = match width {
        Width::Aes128 => cbc::Encryptor::<Aes128>::new(&key_of(key)?.into(), &iv.into())
            .encrypt_padded_vec::<Pkcs7>(text.as_bytes()),
        Width::Aes256 => cbc::Encryptor::<Aes256>::new(&key_of(key)?.into(), &iv.into())
            .encrypt_padded_vec::<Pkcs7>(text.as_bytes()),
    };
    Ok(BASE64.encode([iv.as_slice(), &sealed].concat()))
}

fn open(width: Width, key: &str, iv: [u8; IV], sealed: &[u8]) -> Run<Option<Vec<u8>>> {
    Ok(match width {
        Width::Aes128 => cbc::Decryptor::<Aes128>::new(&key_of(key)?.into(), &iv.into())
            .decrypt_padded_vec::<Pkcs7>(sealed)
            .ok(),
        Width::Aes256 => cbc::Decryptor::<Aes256>::new(&key_of(key)?.into(), &iv.into())
            .decrypt_padded_vec::<Pkcs7>(sealed)
            .ok(),
    })
}

fn decode(ctx: &mut Ctx<'_>, args: &[Value], width: Width, name: &str) -> Run<Value> {
    let key = args::text(ctx, args, 0, name)?.into_owned();
    let given = args::text(ctx, args, 1, name)?.into_owned();
    let given_iv = match args.get(2).filter(|value| !value.is_null()) {
        Some(_) => Some(iv_of(&args::text(ctx, args, 2, name)?)?),
        None => None,
    };
    match width {
        Width::Aes128 => key_of::<16>(&key).map(|_| ())?,
        Width::Aes256 => key_of::<32>(&key).map(|_| ())?,
    }
    ctx.heap.reserve(given.len() * 2)?;
    ctx.charge(16 + given.len() / 4);
    let bytes = from_base64(&given).ok_or_else(|| {
        bad(format!("`{name}` needs the Base64 text that `aesEncode` made"))
            .with_help("this one is no Base64")
    })?;
    // The IV stands in front, unless another one was given for it.
    let (iv, sealed) = match (bytes.split_first_chunk::<IV>(), given_iv) {
        (Some((front, rest)), None) => (*front, rest),
        (Some((front, rest)), Some(iv)) if *front == iv => (iv, rest),
        (_, Some(iv)) => (iv, bytes.as_slice()),
        (None, None) => return Err(not_opened(name)),
    };
    let text = open(width, &key, iv, sealed)?.and_then(|bytes| String::from_utf8(bytes).ok());
    match text {
        Some(text) => Ok(ctx.heap.text_owned(text)),
        None => Err(not_opened(name)),
    }
}

/// One message for every reason: which one it was is nobody's business.
fn not_opened(name: &str) -> Box<Fault> {
    Fault::new(codes::NOT_DECRYPTED, format!("`{name}` cannot read this text with this key")).with_help(
        "the key is another one, or the text was cut or altered, or it was encrypted in another way",
    )
}

fn decode_128(ctx: &mut Ctx<'_>, args: &[Value]) -> Run<Value> {
    if args.get(3).is_some_and(|value| !value.is_null()) {
        one_iteration(args::int(ctx, args, 3, "aesDecode128")?)?;
    }
    decode(ctx, &args[..args.len().min(3)], Width::Aes128, "aesDecode128")
}

/// What `iterations` does elsewhere is not written anywhere, so only one round is offered.
///
/// # Errors
/// `E0416` for any other number than 1.
pub fn one_iteration(given: i64) -> Run<()> {
    match given {
        1 => Ok(()),
        _ => Err(bad(format!("`iterations` may only be 1 here, not {given}")).with_help(
            "what other numbers do elsewhere is not documented; a wrong guess could not be read there",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_value_is_what_comes_out() {
        let sealed = "F0JOCSWN0Eb2Y//llSoROcsQxHihYnMwCuJSywFaaigEJzQdjnznq7+rSUXy6JlG";
        let iv: [u8; IV] = BASE64.decode(sealed).unwrap()[..IV].try_into().unwrap();
        assert_eq!(encode(Width::Aes256, "passkey", "Confidential details", iv).unwrap(), sealed);
    }

    /// NIST SP 800-38A, F.2.1 and F.2.5: the first block of CBC with 128 and 256 bits of key. Keys there
    /// are bytes and no text, so the ciphers are asked below the texts.
    #[test]
    fn the_vectors_of_nist_come_out() {
        let unhex = |digits: &str| -> Vec<u8> {
            (0..digits.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
                .collect()
        };
        let iv: [u8; IV] = unhex("000102030405060708090a0b0c0d0e0f").try_into().unwrap();
        let plain = unhex("6bc1bee22e409f96e93d7e117393172a");
        let key: [u8; 16] = unhex("2b7e151628aed2a6abf7158809cf4f3c").try_into().unwrap();
        let sealed =
            cbc::Encryptor::<Aes128>::new(&key.into(), &iv.into()).encrypt_padded_vec::<Pkcs7>(&plain);
        assert_eq!(sealed[..16], unhex("7649abac8119b246cee98e9b12e9197d"));
        let key: [u8; 32] =
            unhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4").try_into().unwrap();
        let sealed =
            cbc::Encryptor::<Aes256>::new(&key.into(), &iv.into()).encrypt_padded_vec::<Pkcs7>(&plain);
        assert_eq!(sealed[..16], unhex("f58c4c04d6e5f1ba779eabfb5f7bfbd6"));
    }

    #[test]
    fn keys_and_ivs_of_a_wrong_length_are_refused() {
        assert!(encode(Width::Aes128, "seventeen bytes..", "x", [0; IV]).is_err());
        assert!(encode(Width::Aes256, "", "x", [0; IV]).is_err());
        assert!(iv_of("short").is_err());
        assert_eq!(iv_of("0123456789abcdef").unwrap(), *b"0123456789abcdef");
    }
}
