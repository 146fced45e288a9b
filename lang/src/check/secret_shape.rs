//! How secrets look: the prefixes of well-known services, addresses with passwords, and texts that
//! are too random to be words.

/// `(prefix, characters that follow at least, what it is)`
const PREFIXES: &[(&str, usize, &str)] = &[
    ("sk_live_", 16, "a Stripe key"),
    ("rk_live_", 16, "a Stripe key"),
    ("sk_test_", 16, "a Stripe test key"),
    ("whsec_", 16, "a webhook secret"),
    ("ghp_", 30, "a GitHub token"),
    ("gho_", 30, "a GitHub token"),
    ("ghu_", 30, "a GitHub token"),
    ("ghs_", 30, "a GitHub token"),
    ("ghr_", 30, "a GitHub token"),
    ("github_pat_", 30, "a GitHub token"),
    ("glpat-", 16, "a GitLab token"),
    ("xoxb-", 20, "a Slack token"),
    ("xoxp-", 20, "a Slack token"),
    ("xoxa-", 20, "a Slack token"),
    ("xoxr-", 20, "a Slack token"),
    ("AIza", 30, "a Google key"),
    ("ya29.", 20, "a Google token"),
    ("GOCSPX-", 20, "a Google client secret"),
    ("sk-ant-", 20, "an Anthropic key"),
    ("sk-proj-", 20, "an OpenAI key"),
    ("sk-", 32, "an API key"),
    ("shpat_", 20, "a Shopify token"),
    ("shpss_", 20, "a Shopify secret"),
    ("SG.", 40, "a SendGrid key"),
    ("dop_v1_", 32, "a DigitalOcean token"),
    ("npm_", 30, "an npm token"),
    ("pypi-", 30, "a PyPI token"),
    ("sluis_sec_", 16, "a Sluis token"),
];

/// Words before a credential in a header.
const HEADERS: &[(&str, &str)] = &[
    ("Bearer ", "a bearer token"),
    ("Basic ", "a user name with its password"),
    ("Zoho-oauthtoken ", "a Zoho token"),
    ("Zoho-authtoken ", "a Zoho token"),
    ("token ", "a token"),
];

/// Parameters of an address that hold a credential.
const PARAMETERS: &[&str] = &[
    "apikey",
    "api_key",
    "access_token",
    "authtoken",
    "auth_token",
    "token",
    "key",
    "secret",
    "client_secret",
    "password",
    "zapikey",
    "sig",
];

/// What kind of secret a text certainly looks like, whatever it is called.
pub(super) fn kind_of(text: &str) -> Option<&'static str> {
    let text = text.trim();
    if text.contains("PRIVATE KEY-----") {
        return Some("a private key");
    }
    if let Some((_, what)) = HEADERS
        .iter()
        .find(|(word, _)| strip(text, word).is_some_and(|rest| is_key(rest) || known(rest).is_some()))
    {
        return Some(what);
    }
    known(text).or_else(|| in_address(text))
}

fn known(text: &str) -> Option<&'static str> {
    let by_prefix = PREFIXES.iter().find(|(prefix, more, _)| {
        text.strip_prefix(prefix)
            .is_some_and(|rest| rest.len() >= *more && is_token(rest) && !is_sample(rest))
    });
    if let Some((.., what)) = by_prefix {
        return Some(what);
    }
    let upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    if text.len() == 20 && ["AKIA", "ASIA"].iter().any(|p| text.starts_with(p)) && text.chars().all(upper) {
        return Some("an AWS key");
    }
    let parts: Vec<&str> = text.split('.').collect();
    let hex = |part: &&str| part.len() == 32 && part.chars().all(|c| c.is_ascii_hexdigit());
    match parts.as_slice() {
        ["1000", a, b] if hex(a) && hex(b) => Some("a Zoho token"),
        [head, body, sign]
            if head.starts_with("eyJ")
                && body.len() > 20
                && sign.len() > 20
                && parts.iter().all(|p| is_token(p)) =>
        {
            Some("a signed token")
        }
        _ => None,
    }
}

/// A password before the host, or a credential among the parameters.
fn in_address(text: &str) -> Option<&'static str> {
    let (_, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if let Some((user, _)) = authority.rsplit_once('@')
        && let Some((_, password)) = user.split_once(':')
        && password.len() >= 3
        && !is_sample(password)
    {
        return Some("a password in an address");
    }
    let (_, query) = rest.split_once('?')?;
    let holds = query.split(['&', '#']).filter_map(|pair| pair.split_once('=')).any(|(name, value)| {
        PARAMETERS.iter().any(|known| name.eq_ignore_ascii_case(known))
            && (is_key(value) || known(value).is_some())
    });
    holds.then_some("a key in an address")
}

fn strip<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let head = text.get(..word.len())?;
    head.eq_ignore_ascii_case(word).then(|| text[word.len()..].trim())
}

/// Whether a text under the name of a key is one: long, in one piece, and too random for a word.
pub(super) fn is_key(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let letters = text.chars().filter(char::is_ascii_alphabetic).count();
    text.len() >= 16
        && is_token(text)
        && !is_sample(text)
        && digits >= 2
        && letters >= 4
        && bits_per_character(text) >= 3.0
}

/// Whether a text under the name of a password is one, and not its label.
pub(super) fn is_password(text: &str) -> bool {
    let odd = |c: char| c.is_ascii_digit() || "!@#$%^&*?+=~".contains(c);
    (6..=128).contains(&text.len())
        && !text.contains(char::is_whitespace)
        && text.chars().any(odd)
        && text.chars().any(|c| c.is_ascii_alphabetic())
        && !is_sample(text)
}

/// Characters of keys and tokens.
fn is_token(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.~+/=".contains(c))
}

/// Whether it stands for something else: `YOUR_KEY_HERE`, `<token>`, `${token}`, `xxxx`.
fn is_sample(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "your",
        "example",
        "sample",
        "dummy",
        "placeholder",
        "changeme",
        "change_me",
        "insert",
        "replace",
        "xxxx",
        "test1234",
        "secret_here",
        "redacted",
        "...",
        "***",
        "<",
        ">",
        "${",
        "{{",
        "%s",
        "here",
    ];
    let lower = text.to_ascii_lowercase();
    let mut characters: Vec<char> = lower.chars().collect();
    characters.sort_unstable();
    characters.dedup();
    WORDS.iter().any(|word| lower.contains(word)) || characters.len() <= 4
}

/// How much each character tells, after Shannon: words stay below three bits, keys do not.
fn bits_per_character(text: &str) -> f64 {
    let mut counts = std::collections::BTreeMap::<char, u32>::new();
    for c in text.chars() {
        *counts.entry(c).or_default() += 1;
    }
    let total = f64::from(counts.values().sum::<u32>());
    counts.values().map(|count| f64::from(*count) / total).map(|share| -share * share.log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_known_services_are_recognised() {
        // Put together here, so that no scanner takes this file for a leak.
        let join = |parts: &[&str]| parts.concat();
        for (text, what) in [
            (join(&["sk_", "live_", "4eC39HqLyjWDarjtT1zdp7dc"]), "a Stripe key"),
            (join(&["gh", "p_", "16C7e42F292c6912E7710c838347Ae178B4a"]), "a GitHub token"),
            (join(&["AKIA", "IOSFODNN7ABCDEFG"]), "an AWS key"),
            (join(&["Bearer ", "8f7a9c2e4b1d6f3a5c8e"]), "a bearer token"),
            (
                join(&["Zoho-oauthtoken 1000.", &"0a1b2c3d".repeat(4), ".", &"4e5f6a7b".repeat(4)]),
                "a Zoho token",
            ),
            (join(&["https://ada:", "s3cr3t@db.internal.net/x"]), "a password in an address"),
            (join(&["https://a.net/x?zapikey=", "1003.8f7a9c2e4b1d6f3a5c8e&y=1"]), "a key in an address"),
            (join(&["-----BEGIN PRIVATE ", "KEY-----\nMII"]), "a private key"),
        ] {
            assert_eq!(kind_of(&text), Some(what), "{what}");
        }
    }

    #[test]
    fn what_scripts_hold_besides_is_no_secret() {
        for text in [
            "Bearer ",
            "Bearer YOUR_ACCESS_TOKEN_HERE_1234",
            "https://www.zohoapis.com/crm/v2/Leads?fields=Last_Name,Email",
            "https://api.example.com/v1?page=1&per_page=200&token=",
            "sk_live_",
            "application/json",
            "4839218000000123456",
            "Zoho-oauthtoken ",
            "mailto:ada@example.com",
            "https://user@host/path",
            "eyJ",
            "basic plan",
            "token expired at 2024-01-01T10:00:00",
        ] {
            assert_eq!(kind_of(text), None, "{text}");
        }
        assert!(!is_key("customer_reference_number") && !is_key("contact.Access_Token"));
        assert!(!is_password("Password") && !is_password("contact.password") && is_password("hunter2"));
        assert!(is_key("9f86d081884c7d659a2f"));
    }
}
