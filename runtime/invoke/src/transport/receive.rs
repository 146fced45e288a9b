//! Reads an answer's body: piece by piece, cut at the limits, unpacked here so that both sizes are
//! known. A body that ends early is an error, never a short success.

use super::error::{Oversize, TransportError, of_reqwest};
use super::limits::SendLimits;
use bytes::Bytes;
use flate2::write::MultiGzDecoder;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use std::io::{self, Write};

/// Headers of an answer, names and values together.
const HEADER_BYTES_AT_MOST: usize = 64 << 10;
/// What a body may grow to without being asked how much was sent.
const GROWTH_IS_FREE_UP_TO: usize = 4 << 20;
/// How much a larger body may grow when unpacked. Uniform JSON grows a hundred times; a bomb a
/// thousand times.
const GROWTH_AT_MOST: usize = 250;
/// Packed bytes unpacked at a time; at most a thousand times as many come out.
const STEP: usize = 1 << 10;

/// Refuses headers that are larger than any service needs. Their number is limited by the client.
pub(super) fn check_headers(headers: &HeaderMap, host: &str) -> Result<(), TransportError> {
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if size > HEADER_BYTES_AT_MOST {
        let (host, what) = (host.to_owned(), Oversize::Headers);
        return Err(TransportError::TooLarge { host, what, limit: HEADER_BYTES_AT_MOST });
    }
    Ok(())
}

/// Reads the whole body, unpacked. The headers that spoke of the packed one are taken away.
pub(super) async fn body(
    response: &mut reqwest::Response,
    limits: SendLimits,
    host: &str,
) -> Result<Bytes, TransportError> {
    let too_large = |what, limit| TransportError::TooLarge { host: host.to_owned(), what, limit };
    let bad = |why: String| TransportError::BadAnswer { host: host.to_owned(), why };
    let packed = is_gzip(response.headers()).map_err(bad)?;
    if let Some(length) = response.content_length() {
        if !packed && length > limits.max_body as u64 {
            return Err(too_large(Oversize::Body, limits.max_body));
        }
        if length > limits.max_wire as u64 {
            return Err(too_large(Oversize::Wire, limits.max_wire));
        }
    }
    let cut = |sink: &Plain, error: io::Error| match sink.cut {
        Some(Oversize::Growth) => too_large(Oversize::Growth, GROWTH_AT_MOST),
        Some(what) => too_large(what, limits.max_body),
        None => bad(format!("its gzip body is damaged or ends early: {error}")),
    };
    let mut plain = Plain::new(limits.max_body);
    if !packed {
        while let Some(chunk) = response.chunk().await.map_err(|error| of_reqwest(error, host))? {
            plain.write_all(&chunk).map_err(|error| cut(&plain, error))?;
        }
        return Ok(Bytes::from(plain.bytes));
    }
    let mut wire = 0_usize;
    let mut gzip = MultiGzDecoder::new(plain);
    while let Some(chunk) = response.chunk().await.map_err(|error| of_reqwest(error, host))? {
        if wire.saturating_add(chunk.len()) > limits.max_wire {
            return Err(too_large(Oversize::Wire, limits.max_wire));
        }
        unpack(&mut gzip, &chunk, wire).map_err(|error| cut(gzip.get_ref(), error))?;
        wire += chunk.len();
    }
    // No body at all is not packed either: HEAD, 204.
    if wire > 0 {
        gzip.try_finish().map_err(|error| cut(gzip.get_ref(), error))?;
    }
    response.headers_mut().remove(CONTENT_ENCODING);
    response.headers_mut().remove(CONTENT_LENGTH);
    Ok(Bytes::from(std::mem::take(&mut gzip.get_mut().bytes)))
}

/// Unpacks in small steps, so that what one step brings is known before the next.
fn unpack(gzip: &mut MultiGzDecoder<Plain>, chunk: &[u8], before: usize) -> io::Result<()> {
    let mut wire = before;
    for step in chunk.chunks(STEP) {
        wire += step.len();
        gzip.get_mut().grown_at_most = GROWTH_IS_FREE_UP_TO.max(wire.saturating_mul(GROWTH_AT_MOST));
        gzip.write_all(step)?;
    }
    Ok(())
}

/// Whether the body is packed with gzip, the one coding that we ask for. Two layers, or another
/// coding, are refused: what nobody asked for is a way around the limits.
fn is_gzip(headers: &HeaderMap) -> Result<bool, String> {
    let values = headers.get_all(CONTENT_ENCODING).iter();
    let texts: Vec<String> =
        values.map(|v| String::from_utf8_lossy(v.as_bytes()).to_ascii_lowercase()).collect();
    let codings = texts.iter().flat_map(|text| text.split(',')).map(str::trim);
    let layers: Vec<&str> = codings.filter(|coding| !is_no_coding(coding)).collect();
    match layers.as_slice() {
        [] => Ok(false),
        ["gzip" | "x-gzip"] => Ok(true),
        [_] => Err("its body is packed in a coding that was not asked for; gzip was".to_owned()),
        [..] => Err(format!("its body is packed {} times over", layers.len())),
    }
}

/// `identity`, and what some servers write there that is no coding at all.
fn is_no_coding(coding: &str) -> bool {
    matches!(coding, "" | "identity" | "none" | "utf-8" | "utf8" | "binary")
}

/// Collects what comes out, up to the limits.
struct Plain {
    bytes: Vec<u8>,
    limit: usize,
    grown_at_most: usize,
    /// Which limit ended it.
    cut: Option<Oversize>,
}

impl Plain {
    fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), limit, grown_at_most: usize::MAX, cut: None }
    }
}

impl Write for Plain {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let length = self.bytes.len() + piece.len();
        if length > self.limit || length > self.grown_at_most {
            self.cut = Some(if length > self.limit { Oversize::Body } else { Oversize::Growth });
            return Err(io::Error::other("cut"));
        }
        if length > self.bytes.capacity() {
            // Doubling beyond the limit would cost memory that is never filled.
            let wanted = length.max(self.bytes.capacity() * 2).min(self.limit);
            self.bytes.reserve_exact(wanted - self.bytes.len());
        }
        self.bytes.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn one_layer_of_gzip_is_unpacked_and_nothing_else() {
        let judged = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(CONTENT_ENCODING, HeaderValue::from_str(value).unwrap());
            }
            is_gzip(&headers)
        };
        for plain in [&[][..], &["identity"], &["UTF-8"], &[""], &["identity, identity"]] {
            assert_eq!(judged(plain), Ok(false), "{plain:?}");
        }
        for packed in [&["gzip"][..], &["GZIP"], &["x-gzip"], &["identity, gzip"], &["identity", "gzip"]] {
            assert_eq!(judged(packed), Ok(true), "{packed:?}");
        }
        for refused in [
            &["gzip, gzip"][..],
            &["gzip", "gzip"],
            &["br"],
            &["deflate"],
            &["zstd"],
            &["gzip, br"],
            &["compress"],
            &["martian"],
        ] {
            assert!(judged(refused).is_err(), "{refused:?}");
        }
    }
}
