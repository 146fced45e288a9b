//! `openUrl(address, window)`: kept for whoever shows the run; the last one counts.

use super::{HostContext, arguments};
use sluis_lang::value::data::Data;
use sluis_model::error::{Failure, Reason};
use sluis_model::run::OpenedUrl;

/// Longest address that is kept.
const ADDRESS_AT_MOST: usize = 8 * 1024;

/// Keeps the address. Nothing is opened here.
pub fn call(context: &mut HostContext<'_>, args: &[Data]) -> Result<Data, Failure> {
    let example = "openUrl(\"https://example.com\", \"new window\")";
    let url = arguments::text(args, 0, "openUrl", "the address", example)?.trim().to_owned();
    check(&url)?;
    let window = match args.get(1) {
        None | Some(Data::Null) => None,
        Some(_) => Some(arguments::text(args, 1, "openUrl", "the window", example)?.to_owned()),
    };
    let options = args.get(2).and_then(Data::as_str).map(str::to_owned);
    context.run.open = Some(OpenedUrl { url, window, options });
    Ok(Data::Null)
}

fn check(url: &str) -> Result<(), Failure> {
    let refuse = |why: &str| {
        Err(Failure::new(Reason::InvalidInput, format!("openUrl does not take this address: {why}"))
            .help("give an http, https or mailto address, or a relative one such as `/help`"))
    };
    if url.is_empty() {
        return refuse("it is empty");
    }
    if url.len() > ADDRESS_AT_MOST {
        return refuse("it is longer than 8 KiB");
    }
    if url.chars().any(char::is_control) {
        return refuse("it holds a line break or control character");
    }
    match url::Url::parse(url) {
        Ok(absolute) if matches!(absolute.scheme(), "http" | "https") && !has_user(&absolute) => Ok(()),
        Ok(absolute) if absolute.scheme() == "mailto" => Ok(()),
        Ok(absolute) if has_user(&absolute) => refuse("it holds a user name or password"),
        Ok(absolute) => refuse(&format!("`{}:` is not opened", absolute.scheme())),
        Err(url::ParseError::RelativeUrlWithoutBase) if is_relative(url) => Ok(()),
        Err(_) => refuse("it is not a URL"),
    }
}

fn has_user(url: &url::Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// Relative to the page that shows the run: `//host` and its spellings with backslashes would lead
/// elsewhere.
fn is_relative(url: &str) -> bool {
    !url.starts_with(['/', '\\']) || !url[1..].starts_with(['/', '\\'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_run_nothing_are_taken() {
        for good in ["https://a.example/x?y#z", "http://a.example", "mailto:a@example.com", "/x", "#x", "x/y"]
        {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "javascript:alert(1)",
            "JaVaScript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "vbscript:x",
            "https://u:p@a.example",
            "//evil.example/",
            "/\\evil.example",
            "\\\\evil",
            "a\nb",
            "java\tscript:x",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
