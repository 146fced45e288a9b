//! The file: Argon2id (RFC 9106) makes a key of the passphrase, XChaCha20-Poly1305 seals with it.
//!
//! Bytes: `SLX1`, memory in KiB (4), passes (4), lanes (4), salt (16), nonce (24), ciphertext, tag (16).
//! Associated data: everything before the nonce.

use crate::error::VaultError;
use crate::keys::KEY_BYTES;
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use sluis_model::ports::Randomness;
use sluis_model::secret::{SecretBytes, SecretText};
use zeroize::Zeroizing;

/// Fewest characters of a passphrase.
pub const MIN_PASSPHRASE: usize = 12;

const MAGIC: &[u8; 4] = b"SLX1";
const SALT: usize = 16;
const HEADER: usize = 4 + 3 * 4 + SALT;
const NONCE: usize = 24;
const TAG: usize = 16;

/// Cost of making the key: 64 MiB, 3 passes, one lane.
const COST: Cost = Cost { memory_kib: 64 * 1024, passes: 3, lanes: 1 };
/// The most that a file may ask for: somebody else may have made it.
const MOST: Cost = Cost { memory_kib: 1024 * 1024, passes: 16, lanes: 16 };

#[derive(Debug, Clone, Copy)]
struct Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

fn refuse(why: &'static str) -> VaultError {
    VaultError::NotAnExport { why }
}

/// Seals the content of a file.
pub(crate) fn seal(
    passphrase: &SecretText,
    mut plain: Zeroizing<Vec<u8>>,
    randomness: &dyn Randomness,
) -> Result<Vec<u8>, VaultError> {
    if passphrase.expose().chars().count() < MIN_PASSPHRASE {
        return Err(VaultError::ShortPassphrase);
    }
    let (mut salt, mut nonce) = ([0; SALT], [0; NONCE]);
    randomness.fill(&mut salt);
    randomness.fill(&mut nonce);
    let mut file = Vec::with_capacity(HEADER + NONCE + plain.len() + TAG);
    file.extend_from_slice(MAGIC);
    for number in [COST.memory_kib, COST.passes, COST.lanes] {
        file.extend_from_slice(&number.to_be_bytes());
    }
    file.extend_from_slice(&salt);
    let key = derive(passphrase, &salt, COST)?;
    let tag = XChaCha20Poly1305::new((&*key).into())
        .encrypt_inout_detached(&XNonce::from(nonce), &file, plain.as_mut_slice().into())
        .map_err(|_| VaultError::TooMuch)?;
    file.extend_from_slice(&nonce);
    file.extend_from_slice(&plain);
    file.extend_from_slice(&tag);
    Ok(file)
}

/// Opens a file.
///
/// # Errors
/// [`VaultError::NotAnExport`], [`VaultError::WrongPassphrase`].
pub(crate) fn open(passphrase: &SecretText, file: &[u8]) -> Result<SecretBytes, VaultError> {
    let (header, rest) = file.split_first_chunk::<HEADER>().ok_or_else(|| refuse("it is too short"))?;
    let Some(numbers) = header.strip_prefix(MAGIC) else { return Err(refuse("it begins otherwise")) };
    let (numbers, salt) = numbers.split_at(3 * 4);
    let mut numbers =
        numbers.chunks_exact(4).map(|bytes| bytes.iter().fold(0, |n, b| n << 8 | u32::from(*b)));
    let mut number = || numbers.next().unwrap_or_default();
    let cost = Cost { memory_kib: number(), passes: number(), lanes: number() };
    if cost.memory_kib > MOST.memory_kib || cost.passes > MOST.passes || cost.lanes > MOST.lanes {
        return Err(refuse("it asks for more memory or time than any export does"));
    }
    let (nonce, rest) = rest.split_first_chunk::<NONCE>().ok_or_else(|| refuse("it is cut short"))?;
    let (body, tag) = rest.split_last_chunk::<TAG>().ok_or_else(|| refuse("it is cut short"))?;
    let key = derive(passphrase, salt, cost)?;
    let mut plain = Zeroizing::new(body.to_vec());
    XChaCha20Poly1305::new((&*key).into())
        .decrypt_inout_detached(&XNonce::from(*nonce), header, plain.as_mut_slice().into(), &(*tag).into())
        .map_err(|_| VaultError::WrongPassphrase)?;
    Ok(SecretBytes::new(std::mem::take(&mut *plain)))
}

fn derive(
    passphrase: &SecretText,
    salt: &[u8],
    cost: Cost,
) -> Result<Zeroizing<[u8; KEY_BYTES]>, VaultError> {
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(KEY_BYTES))
        .map_err(|_| refuse("what it says about its passphrase makes no sense"))?;
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.expose().as_bytes(), salt, key.as_mut_slice())
        .map_err(|_| refuse("what it says about its passphrase makes no sense"))?;
    Ok(key)
}
