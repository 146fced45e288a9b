//! The pages on which a person enters the code of a device at oidc-provider.

use super::browser::{Arrival, Browser, Page};
use super::oidc_provider::OidcProvider;
use anyhow::{Context as _, Result, bail};
use url::Url;

impl OidcProvider {
    /// Enters the code that a device shows at the address that it shows, and agrees or refuses; the page
    /// that the person sees in the end.
    ///
    /// # Errors
    /// When a page is another than it should be.
    pub async fn enter_code(&self, address: &str, user_code: &str, agrees: bool) -> Result<String> {
        let browser = Browser::new()?;
        let form = page(browser.open(Url::parse(address)?, "").await?)?;
        let token = hidden(&form, "xsrf")?;
        let to = form.url.clone();
        let fields = [("xsrf", token.as_str()), ("user_code", user_code)];
        let question = page(browser.submit(to.clone(), &fields, "").await?)?;
        let token = hidden(&question, "xsrf")?;
        let answer = if agrees { "confirm" } else { "abort" };
        let fields = [("xsrf", token.as_str()), ("user_code", user_code), (answer, "yes")];
        Ok(page(browser.submit(to, &fields, "").await?)?.body)
    }
}

fn page(arrival: Arrival) -> Result<Page> {
    match arrival {
        Arrival::Page(page) if page.status.is_success() => Ok(page),
        other => bail!("the person is not asked: {other:?}"),
    }
}

/// The value of a hidden field of the page's form.
fn hidden(page: &Page, name: &str) -> Result<String> {
    let (_, rest) = page.body.split_once(&format!("name=\"{name}\"")).context("the field is missing")?;
    let (_, rest) = rest.split_once("value=\"").context("the field has no value")?;
    let (value, _) = rest.split_once('"').context("the value does not end")?;
    Ok(value.to_owned())
}
