//! Headers that nobody but the transport sets, whoever built the request: they say how long a
//! message is and who it is for, and a second opinion on that is how requests are smuggled.

use super::policy::Refusal;
use crate::hosts::shown_host;
use crate::request::{OutgoingRequest, is_ours};
use http::header::{ACCEPT_ENCODING, HOST};

/// Judges the headers of a request, after everything else has been put on it.
pub(crate) fn check_headers(request: &OutgoingRequest) -> Result<(), Refusal> {
    let host = shown_host(&request.url);
    for (name, value) in &request.headers {
        // A signature may cover `Host`, and then names the one that it goes to.
        let is_own_host = name == HOST && value.as_bytes() == host.as_bytes();
        // What is accepted is overwritten, not believed.
        if is_ours(name) && !is_own_host && name != ACCEPT_ENCODING {
            return Err(Refusal::Header { host, name: name.to_string() });
        }
    }
    Ok(())
}
