//! What an operator opens besides the public internet: one host and port, `127.0.0.1:9000`, or a
//! network, `10.20.0.0/16`.

use super::address::{METADATA, plain};
use crate::hosts::HostPort;
use ipnet::IpNet;
use std::net::IpAddr;

/// Something inside that may be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exception {
    /// One host on one port, whatever that port is, over https or http.
    Host(HostPort),
    /// All addresses of a network, on ports that are used for APIs, over https or http.
    Network(IpNet),
}

/// Why a text names nothing that could be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExceptionError {
    /// Neither of the two forms.
    #[error(
        "`{text}` names neither a host nor a network: write `127.0.0.1:9000`, `erp.example.com:8443` or `10.20.0.0/16`"
    )]
    Unreadable {
        /// The text, shortened.
        text: String,
    },
    /// A network whose address has bits set beyond its length.
    #[error("`{text}` is not the address of a network; did you mean `{meant}`?")]
    NotItsAddress {
        /// The text.
        text: String,
        /// The network that it lies in.
        meant: String,
    },
    /// A network as large as the internet.
    #[error(
        "`{text}` is too large to be one network of yours: it would switch the guard off; name what is meant, at most {at_most}"
    )]
    TooLarge {
        /// The text.
        text: String,
        /// The largest that is taken.
        at_most: &'static str,
    },
}

impl Exception {
    /// Reads one of the two forms.
    pub fn parse(text: &str) -> Result<Self, ExceptionError> {
        let text = text.trim();
        let shown = || text.chars().take(80).collect::<String>();
        if !text.contains('/') {
            let host = HostPort::parse(text).map_err(|_| ExceptionError::Unreadable { text: shown() })?;
            return Ok(Self::Host(host));
        }
        let network: IpNet = text.parse().map_err(|_| ExceptionError::Unreadable { text: shown() })?;
        if network.trunc() != network {
            let meant = network.trunc().to_string();
            return Err(ExceptionError::NotItsAddress { text: shown(), meant });
        }
        let (shortest, at_most) = match network {
            IpNet::V4(_) => (8, "a /8"),
            // All unique local addresses (RFC 4193), the largest that an organisation can have.
            IpNet::V6(_) => (7, "a /7"),
        };
        if network.prefix_len() < shortest {
            return Err(ExceptionError::TooLarge { text: shown(), at_most });
        }
        Ok(Self::Network(network))
    }
}

/// Whether a network opens an address. The metadata services of clouds hand out credentials and lie
/// inside networks that people open for other reasons, so they are opened alone or not at all.
pub(super) fn opens(network: &IpNet, address: IpAddr) -> bool {
    let address = plain(address);
    network.contains(&address)
        && (!METADATA.contains(&address) || network.prefix_len() == network.max_prefix_len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_or_a_network_is_read_and_nothing_else() {
        for host in ["127.0.0.1:9000", " erp.example.com ", "[::1]:8080"] {
            assert!(matches!(Exception::parse(host), Ok(Exception::Host(_))), "{host}");
        }
        for network in ["10.20.0.0/16", "127.0.0.1/32", "fc00::/7", "fd12:3456::/32", "10.0.0.0/8"] {
            assert!(matches!(Exception::parse(network), Ok(Exception::Network(_))), "{network}");
        }
        for bad in
            ["", "/", "10.20.0.0/33", "10.20/16", "http://127.0.0.1", "a/b", "*.example.com", "10.0.0.0/8/"]
        {
            assert!(matches!(Exception::parse(bad), Err(ExceptionError::Unreadable { .. })), "{bad}");
        }
        for all in ["0.0.0.0/0", "0.0.0.0/1", "8.0.0.0/7", "::/0", "2000::/3"] {
            assert!(matches!(Exception::parse(all), Err(ExceptionError::TooLarge { .. })), "{all}");
        }
        assert!(Exception::parse("10.20.1.2/16").unwrap_err().to_string().contains("`10.20.0.0/16`"));
    }

    #[test]
    fn a_network_opens_what_is_in_it_but_no_metadata_service() {
        let opened =
            |network: &str, address: &str| opens(&network.parse().unwrap(), address.parse().unwrap());
        assert!(opened("10.20.0.0/16", "10.20.255.1") && opened("10.20.0.0/16", "::ffff:10.20.0.1"));
        for (network, address) in [
            ("10.20.0.0/16", "10.21.0.1"),
            ("10.20.0.0/16", "64:ff9b::10.20.0.1"),
            ("10.20.0.0/16", "::10.20.0.1"),
            ("169.254.0.0/16", "169.254.169.254"),
            ("100.64.0.0/10", "100.100.100.200"),
            ("fd00::/8", "fd00:ec2::254"),
        ] {
            assert!(!opened(network, address), "{network} {address}");
        }
        assert!(opened("169.254.169.254/32", "169.254.169.254"), "named alone, it is meant");
    }
}
