//! Who asks, where balancers and proxies stand between: what those say that the operator trusts, and nobody else.

use http::HeaderMap;
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// The header in which proxies tell for whom they ask, each behind the one before.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// An address, or a network of them, whose `X-Forwarded-For` is believed: `10.0.0.7`, `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrustedProxy(IpNet);

/// A text that names no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither an address nor a network; write 10.0.0.7 or 10.0.0.0/8")]
pub struct NoNetwork(String);

impl FromStr for TrustedProxy {
    type Err = NoNetwork;

    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let one = || text.parse::<IpAddr>().ok().map(IpNet::from);
        let network = text.parse().ok().or_else(one).map(Self);
        network.ok_or_else(|| NoNetwork(text.chars().take(60).collect()))
    }
}

/// The address for which is asked. Who connects is known; each address that a trusted proxy adds is believed, from the
/// last backwards, up to the first that is no such proxy itself. What stands before that, anybody may have written.
pub(super) fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[TrustedProxy]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|proxy| proxy.0.contains(&address));
    let said = headers.get_all(FORWARDED_FOR).into_iter().filter_map(|value| value.to_str().ok());
    let said: Vec<&str> = said.flat_map(|value| value.split(',')).collect();
    let mut client = peer.to_canonical();
    for entry in said.iter().rev() {
        if !is_trusted(client) {
            break;
        }
        // A proxy that says something else than an address is the last that is known.
        let Some(address) = address(entry.trim()) else { break };
        client = address;
    }
    client
}

/// An address, with or without a port and brackets.
fn address(entry: &str) -> Option<IpAddr> {
    let bare = entry.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().ok().or_else(|| entry.parse().ok().map(|socket: SocketAddr| socket.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(peer: &str, forwarded: &[&str]) -> String {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "2001:db8::7".parse().unwrap()];
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, value.parse().unwrap());
        }
        client(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn whoever_is_not_trusted_is_believed_nothing() {
        assert_eq!(asked("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(asked("192.0.2.1", &["10.0.0.1"]), "192.0.2.1");
        assert_eq!(asked("2001:db8::8", &["198.51.100.7"]), "2001:db8::8");
    }

    #[test]
    fn what_trusted_proxies_add_counts_from_the_last_backwards() {
        assert_eq!(asked("10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(asked("::ffff:10.0.0.1", &["198.51.100.7:4711"]), "198.51.100.7");
        assert_eq!(asked("2001:db8::7", &["[2001:db8::9]:4711"]), "2001:db8::9");
        assert_eq!(asked("10.0.0.1", &["1.1.1.1, 198.51.100.7, 10.2.0.1"]), "198.51.100.7");
        assert_eq!(asked("10.0.0.1", &["1.1.1.1", "198.51.100.7", "10.2.0.1"]), "198.51.100.7");
        assert_eq!(asked("10.0.0.1", &["1.1.1.1, unknown"]), "10.0.0.1");
        assert_eq!(asked("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn a_text_that_is_no_network_is_told() {
        assert!("proxy.example".parse::<TrustedProxy>().unwrap_err().to_string().contains("10.0.0.0/8"));
        assert!("10.0.0.0/33".parse::<TrustedProxy>().is_err());
    }
}
