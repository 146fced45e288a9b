//! Digests and keyed digests: `zoho.encryption.md5` and its family. AES stands in `encryption_aes`;
//! signatures with a private key are a host call, because making them safely takes randomness.

use super::args::{self, SCALARS};
use super::encode::{BASE64, hex};
use super::{Builtin, Ctx, Example, Native, Param, example, optional, param};
use crate::codes;
use crate::value::Value;
use crate::value::convert::quoted;
use crate::value::fault::{Fault, Run};
use crate::value::file::File;
use base64::Engine;
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use std::borrow::Cow;

const TEXT: &[Param] = &[param("text", "text"), optional("form", "text")];
const KEYED: &[Param] = &[param("key", "text"), param("data", "text"), optional("form", "text")];

const fn builtin(
    name: &'static str,
    params: &'static [Param],
    doc: &'static str,
    examples: &'static [Example],
    run: Native,
) -> Builtin {
    Builtin { name, aliases: &[], on: &[], params, returns: "text or file", doc, examples, run }
}

pub(super) const TABLE: &[Builtin] = &[
    builtin(
        "zoho.encryption.md5",
        TEXT,
        "The MD5 digest of a text, in hexadecimal; `form` may ask for `base64`, or for `binary`, which is a file of the bytes. MD5 tells apart files, but is no protection against anybody: collisions are made in seconds.",
        &[
            example(r#"zoho.encryption.md5("a")"#, "0cc175b9c0f1b6a831c399e269772661"),
            example(r#"zoho.encryption.md5("")"#, "d41d8cd98f00b204e9800998ecf8427e"),
            example(r#"zoho.encryption.md5("a", "base64")"#, "DMF1ucDxtqgxw5niaXcmYQ=="),
        ],
        |ctx, args| digest::<Md5>(ctx, args, "md5"),
    ),
    builtin(
        "zoho.encryption.sha1",
        TEXT,
        "The SHA-1 digest of a text, in hexadecimal; `form` may ask for `base64` or `binary`. Old interfaces ask for it; it does not withstand made collisions.",
        &[
            example(r#"zoho.encryption.sha1("hello")"#, "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"),
            example(r#"zoho.encryption.sha1("abc", "base64")"#, "qZk+NkcGgWq6PiVxeFDCbJzQ2J0="),
        ],
        |ctx, args| digest::<Sha1>(ctx, args, "sha1"),
    ),
    builtin(
        "zoho.encryption.sha256",
        TEXT,
        "The SHA-256 digest of a text, in hexadecimal; `form` may ask for `base64` or `binary`. A password is not protected by a digest alone.",
        &[
            example(
                r#"zoho.encryption.sha256("abc")"#,
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
            example(r#"zoho.encryption.sha256("abc", "binary").getFileSize()"#, "32"),
            example(r#"zoho.encryption.sha256("abc", "octal")"#, "fault E0416"),
        ],
        |ctx, args| digest::<Sha256>(ctx, args, "sha256"),
    ),
    builtin(
        "zoho.encryption.sha512",
        TEXT,
        "The SHA-512 digest of a text, in hexadecimal; `form` may ask for `base64` or `binary`.",
        &[
            example(r#"zoho.encryption.sha512("abc").length()"#, "128"),
            example(
                r#"zoho.encryption.sha512("", "base64")"#,
                "z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
            ),
        ],
        |ctx, args| digest::<Sha512>(ctx, args, "sha512"),
    ),
    builtin(
        "zoho.encryption.hmacmd5",
        KEYED,
        "The HMAC of data under a key with MD5 (RFC 2104), in Base64; `form` may ask for `hex` or `binary`. Key and data may be files.",
        &[
            example(r#"zoho.encryption.hmacmd5("key", "data")"#, "nVxz74VZTTTsRDi3yX5R2A=="),
            example(
                r#"zoho.encryption.hmacmd5("Jefe", "what do ya want for nothing?", "hex")"#,
                "750c783e6ab0b503eaa86e310a5db738",
            ),
        ],
        |ctx, args| keyed::<Hmac<Md5>>(ctx, args, "hmacmd5"),
    ),
    builtin(
        "zoho.encryption.hmacsha1",
        KEYED,
        "The HMAC of data under a key with SHA-1, in Base64; `form` may ask for `hex` or `binary`. Key and data may be files.",
        &[
            example(
                r#"zoho.encryption.hmacsha1("Use me to generate hash", "My#New#Password")"#,
                "VK9VMxdsbxZBLHKgSEZYMEUlURs=",
            ),
            example(
                r#"zoho.encryption.hmacsha1("Jefe", "what do ya want for nothing?", "hex")"#,
                "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
            ),
        ],
        |ctx, args| keyed::<Hmac<Sha1>>(ctx, args, "hmacsha1"),
    ),
    builtin(
        "zoho.encryption.hmacsha256",
        KEYED,
        "The HMAC of data under a key with SHA-256, in Base64; `form` may ask for `hex`, or for `binary`, which is a file that may be the key of the next one.",
        &[
            example(
                r#"zoho.encryption.hmacsha256("Use me to generate hash", "My#New#Password")"#,
                "edYCyxkU4jL2dEjEDO8aUy8WZrpKRvQquNpgKUqe5vA=",
            ),
            example(
                r#"zoho.encryption.hmacsha256("Jefe", "what do ya want for nothing?", "hex")"#,
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            example(r#"zoho.encryption.hmacsha256({1}, "data")"#, "fault E0402"),
        ],
        |ctx, args| keyed::<Hmac<Sha256>>(ctx, args, "hmacsha256"),
    ),
    builtin(
        "zoho.encryption.hmacsha512",
        KEYED,
        "The HMAC of data under a key with SHA-512, in Base64; `form` may ask for `hex` or `binary`. Key and data may be files.",
        &[
            example(
                r#"zoho.encryption.hmacsha512("Jefe", "what do ya want for nothing?", "hex").left(32)"#,
                "164b7a7bfcf819e2e395fbe73b56e0a3",
            ),
            example(r#"zoho.encryption.hmacsha512("", "").length()"#, "88"),
        ],
        |ctx, args| keyed::<Hmac<Sha512>>(ctx, args, "hmacsha512"),
    ),
];

/// How a digest is written.
#[derive(Clone, Copy)]
enum Form {
    Hex,
    Base64,
    Binary,
}

fn form(ctx: &Ctx<'_>, args: &[Value], at: usize, name: &str, default: Form) -> Run<Form> {
    if args.get(at).is_none_or(|value| value.is_null()) {
        return Ok(default);
    }
    let given = args::text(ctx, args, at, name)?;
    match given.to_ascii_lowercase().as_str() {
        "hex" => Ok(Form::Hex),
        "base64" => Ok(Form::Base64),
        "binary" => Ok(Form::Binary),
        "" => Ok(default),
        _ => Err(Fault::new(codes::BAD_ARGUMENT, format!("`{name}` has no form {}", quoted(&given)))
            .with_help("the forms are \"hex\", \"base64\" and \"binary\"")),
    }
}

/// The bytes of a text, in UTF-8, or of a file.
pub(super) fn bytes<'a>(ctx: &'a Ctx<'_>, args: &'a [Value], at: usize, name: &str) -> Run<Cow<'a, [u8]>> {
    if let Some(file) = args.get(at).and_then(|value| ctx.heap.as_file(*value)) {
        return Ok(Cow::Borrowed(&file.bytes));
    }
    if !args.get(at).is_some_and(|value| SCALARS.contains(&ctx.heap.kind(*value))) {
        return Err(args::wrong_kind(ctx, args, at, name, "a text or a file"));
    }
    Ok(match args::text(ctx, args, at, name)? {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    })
}

fn written(ctx: &mut Ctx<'_>, digest: &[u8], form: Form) -> Value {
    match form {
        Form::Hex => ctx.heap.text_owned(hex(digest)),
        Form::Base64 => ctx.heap.text_owned(BASE64.encode(digest)),
        Form::Binary => ctx.heap.file(File::new("digest", digest)),
    }
}

fn digest<D: Digest>(ctx: &mut Ctx<'_>, args: &[Value], name: &str) -> Run<Value> {
    let form = form(ctx, args, 1, name, Form::Hex)?;
    let data = bytes(ctx, args, 0, name)?;
    let (digest, work) = (D::digest(&data), data.len());
    drop(data);
    ctx.charge(8 + work / 8);
    Ok(written(ctx, &digest, form))
}

fn keyed<M: Mac + KeyInit>(ctx: &mut Ctx<'_>, args: &[Value], name: &str) -> Run<Value> {
    let form = form(ctx, args, 2, name, Form::Base64)?;
    let (key, data) = (bytes(ctx, args, 0, name)?, bytes(ctx, args, 1, name)?);
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(&key) else {
        return Err(Fault::new(codes::BAD_ARGUMENT, format!("`{name}` cannot use this key")));
    };
    mac.update(&data);
    let work = key.len() + data.len();
    drop((key, data));
    ctx.charge(16 + work / 8);
    let digest = mac.finalize().into_bytes();
    Ok(written(ctx, &digest, form))
}
