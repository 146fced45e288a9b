//! The address of a next page that a service names: it is outside input, and a credential goes there.

use crate::compile::CompiledApi;
use crate::hosts::{HostPort, shown_host};
use sluis_model::error::{Failure, Reason};
use url::Url;

/// Reads the address that an answer to a request at `base` names, and says whether the walk may go there:
/// only where the API itself is, unless its definition allows every declared host.
pub(super) fn resolve(api: &CompiledApi, hosts: &[HostPort], base: &Url, text: &str) -> Result<Url, Failure> {
    let mut url = base.join(text.trim()).map_err(|_| {
        bad(format!("`{}` names `{}` as its next page, which is no address", api.id, shortened(text)))
    })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad(format!("`{}` names a next page with a user and a password in its address", api.id)));
    }
    allowed(api, hosts, &url)?;
    url.set_fragment(None);
    drop_starred(&mut url);
    Ok(url)
}

/// Whether a walk over the pages of an API may go to an address.
pub(super) fn allowed(api: &CompiledApi, hosts: &[HostPort], url: &Url) -> Result<(), Failure> {
    if url.origin() == api.origin.origin() {
        return Ok(());
    }
    let declared = url.scheme() == api.origin.scheme() && hosts.iter().any(|host| host.covers(url));
    let may_leave = api.pagination.as_ref().is_some_and(|pagination| {
        pagination.link.as_ref().is_some_and(|link| link.other_hosts)
            || pagination.next_url.as_ref().is_some_and(|next| next.other_hosts)
    });
    if declared && may_leave {
        return Ok(());
    }
    let place = format!("{}://{}", url.scheme(), shown_host(url));
    let help = match declared {
        true => {
            "it is a declared host: the connector's author writes `other_hosts: true` beside `next_url` or `link`"
        }
        false => "no credential goes to a host that the connector does not declare",
    };
    Err(Failure::new(
        Reason::Forbidden,
        format!(
            "`{}` names a next page at `{place}`, which is not where it is itself ({}://{})",
            api.id,
            api.origin.scheme(),
            shown_host(&api.origin)
        ),
    )
    .help(help))
}

/// Services that take a key in the query name it in the next address too. It was starred before anyone
/// looked at the answer, and it is put on again when the page is asked for.
fn drop_starred(url: &mut Url) {
    let Some(query) = url.query().filter(|query| query.contains("***")) else { return };
    let kept: Vec<&str> = query.split('&').filter(|pair| !pair.contains("***")).collect();
    let kept = kept.join("&");
    url.set_query((!kept.is_empty()).then_some(kept.as_str()));
}

fn bad(message: String) -> Failure {
    Failure::new(Reason::BadUpstream, message)
}

fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}
