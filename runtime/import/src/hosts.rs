//! Hosts that a connector file takes.

use url::Url;

/// Whether a host, perhaps with a port, stands in its normal form: what the parser of URLs makes of it
/// is itself.
pub(crate) fn is_normal(host: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
    let Some(url) = Some(host).filter(|host| host.chars().all(plain)) else { return false };
    let Ok(url) = Url::parse(&format!("https://{url}/")) else { return false };
    let Some(name) = url.host_str().filter(|name| !name.ends_with('.')) else { return false };
    match url.port() {
        Some(port) => format!("{name}:{port}") == host,
        None => name == host || format!("{name}:443") == host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_parser_leaves_alone_is_normal() {
        assert!(
            ["a.example.com", "a.example.com:8443", "a.example.com:443", "[::1]", "x-y.z"]
                .iter()
                .all(|host| is_normal(host))
        );
        assert!(
            ["", "{", "a b", "127.1", "A.example.com", "a.example.com.", "a:b", "bücher.example"]
                .iter()
                .all(|host| !is_normal(host))
        );
    }
}
