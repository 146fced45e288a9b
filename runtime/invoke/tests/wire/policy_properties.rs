//! Whatever a URL looks like: if the policy lets it pass, no address inside is meant. What is inside is
//! judged here by another rule than the policy's own tables.

use proptest::prelude::*;
use sluis_invoke::egress::address::is_public;
use sluis_invoke::{EgressPolicy, HostPort};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// What the standard library knows to be no public address, and IPv4 in every wrapping.
fn is_certainly_inside(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4.is_broadcast()
                || v4.is_documentation()
                || v4.is_unspecified()
                || a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b))
        }
        IpAddr::V6(v6) => {
            let s = v6.segments();
            let low = Ipv4Addr::from(((u32::from(s[6])) << 16) | u32::from(s[7]));
            let wrapped = s[..5] == [0; 5] || s[..6] == [0x64, 0xff9b, 0, 0, 0, 0];
            v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_multicast()
                || v6.is_unique_local()
                || v6.is_unicast_link_local()
                || s[0] == 0x2002
                || s[..2] == [0x2001, 0]
                || s[..2] == [0x2001, 0xdb8]
                || (wrapped && is_certainly_inside(IpAddr::V4(low)))
        }
    }
}

/// Ways to write one IPv4 address.
fn spelled(address: u32, how: usize) -> String {
    let [a, b, c, d] = address.to_be_bytes();
    let low = address & 0xff_ffff;
    match how {
        0 => format!("{a}.{b}.{c}.{d}"),
        1 => format!("{address}"),
        2 => format!("0x{address:x}"),
        3 => format!("0{address:o}"),
        4 => format!("0x{a:X}.0{b:o}.{}", u32::from(c) << 8 | u32::from(d)),
        5 => format!("{a}.{low}"),
        6 => format!("{a}.{b}.{c}.{d}."),
        7 => format!("[::ffff:{a}.{b}.{c}.{d}]"),
        8 => format!("[::{a}.{b}.{c}.{d}]"),
        9 => format!("[64:ff9b::{a}.{b}.{c}.{d}]"),
        10 => format!("[2002:{:x}:{:x}::1]", address >> 16, address & 0xffff),
        11 => format!("[2001:0:{:x}:{:x}::1]", address >> 16, address & 0xffff),
        12 => format!("{a}。{b}．{c}｡{d}"),
        13 => format!("{a}.{b}.{c}.{d}").replace('1', "１").replace('0', "⓪"),
        14 => format!("%{:02x}", b'0' + a % 10) + &format!(".{b}.{c}.{d}"),
        _ => format!("{a:04}.0x{b:x}.{c}.{d}"),
    }
}

/// Addresses near what must not be reached are drawn as often as all others.
fn addresses() -> impl Strategy<Value = u32> {
    let nets = [
        0x7f00_0000_u32,
        0x0a00_0000,
        0xa9fe_0000,
        0xc0a8_0000,
        0xac10_0000,
        0x6440_0000,
        0,
        0xe000_0000,
        0xc612_0000,
    ];
    prop_oneof![
        any::<u32>(),
        (prop::sample::select(nets.to_vec()), any::<u16>()).prop_map(|(net, low)| net | u32::from(low))
    ]
}

fn passes_inside(policy: &EgressPolicy, text: &str) -> Option<IpAddr> {
    let url = Url::parse(text).ok()?;
    policy.check_url(&url).ok()?;
    let address = match url.host()? {
        Host::Ipv4(address) => IpAddr::V4(address),
        Host::Ipv6(address) => IpAddr::V6(address),
        Host::Domain(_) => return None,
    };
    is_certainly_inside(address).then_some(address)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn no_spelling_of_an_address_passes_unless_it_is_public(address in addresses(), how in 0..16_usize) {
        let strict = EgressPolicy::strict();
        for scheme in ["https", "http"] {
            let text = format!("{scheme}://{}/", spelled(address, how));
            prop_assert_eq!(passes_inside(&strict, &text), None, "{}", text);
        }
    }

    #[test]
    fn no_ipv6_address_passes_unless_it_is_public(address in any::<u128>(), first in prop::sample::select(vec![0_u16, 0x64, 0x100, 0x2001, 0x2002, 0x3fff, 0xfc00, 0xfd00, 0xfe80, 0xfec0, 0xff02])) {
        let rest = address & (u128::MAX >> 16);
        for value in [address, u128::from(first) << 112 | rest, u128::from(first) << 112 | (rest & 0xffff_ffff)] {
            let v6 = Ipv6Addr::from(value);
            prop_assert_eq!(passes_inside(&EgressPolicy::strict(), &format!("https://[{v6}]/")), None);
            prop_assert!(!(is_certainly_inside(IpAddr::V6(v6)) && is_public(IpAddr::V6(v6))));
        }
    }

    /// An exception opens its own host and port; all else inside stays shut.
    #[test]
    fn an_exception_opens_nothing_else(address in addresses(), how in 0..16_usize, port in 1024..u16::MAX) {
        let policy = EgressPolicy::allowing(vec![HostPort::parse("127.0.0.1:9000").unwrap()]);
        let text = format!("http://{}:{port}/", spelled(address, how));
        let passed = passes_inside(&policy, &text);
        prop_assert!(passed.is_none() || (passed == Some(IpAddr::V4(Ipv4Addr::LOCALHOST)) && port == 9000), "{}", text);
    }

    /// An opened network opens its own addresses; all else inside stays shut.
    #[test]
    fn a_network_opens_its_own_addresses_only(address in addresses(), how in 0..16_usize) {
        let policy = EgressPolicy::opening(&["10.0.0.0/9"]).unwrap();
        let text = format!("http://{}/", spelled(address, how));
        if let Some(IpAddr::V4(passed)) = passes_inside(&policy, &text).map(|address| address.to_canonical()) {
            prop_assert!(passed.octets()[0] == 10 && passed.octets()[1] < 128, "{}", text);
        }
    }

    /// Text of any kind: what passes and is a literal is public.
    #[test]
    fn no_text_passes_that_means_an_address_inside(host in "[0-9a-fA-FxX.:%\\[\\]@/\\\\０-９。 -]{1,24}") {
        prop_assert_eq!(passes_inside(&EgressPolicy::strict(), &format!("https://{host}/")), None);
    }
}
