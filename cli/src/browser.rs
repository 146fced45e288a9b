//! Opening a page for the person at the terminal, if there is one.

use std::io::IsTerminal as _;
use url::Url;

/// Opens the page and says whether that worked. Only `http` and `https` are ever handed to the
/// system: a connector file must not be able to start anything else.
pub fn open(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    if !matches!(url.scheme(), "http" | "https") || !is_there() {
        return false;
    }
    let mut options = webbrowser::BrowserOptions::new();
    options.with_suppress_output(true);
    webbrowser::open_browser_with_options(webbrowser::Browser::Default, url.as_str(), &options).is_ok()
}

/// Whether a browser could appear in front of whoever started us.
fn is_there() -> bool {
    let display = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let screen = cfg!(any(target_os = "macos", windows)) || display("DISPLAY") || display("WAYLAND_DISPLAY");
    screen && std::io::stderr().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_are_handed_to_the_system() {
        assert!(!open("file:///etc/passwd"));
        assert!(!open("javascript:alert(1)"));
        assert!(!open("not an address"));
    }
}
