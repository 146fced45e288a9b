//! Reading a long list page by page. One page is one call; what is kept between two of them is a
//! [`Position`], which a script's machine holds, or a caller over HTTP as a sealed [mark](mark).

mod mark;

use crate::builder::Engine;
use crate::invoke::{Argument, Call, CallOptions, Inputs, Invocation, InvocationFailed, Through};
use crate::keys::Place;
use crate::ledger::Site;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sluis_invoke::paginate::{Page, PageAnswer, page_request, turn};
pub use sluis_invoke::paginate::{Position, Wanted};
use sluis_invoke::{Moment, SHOWN_CALLBACK_URL};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{ApiId, OrgId};

/// A walk over the pages of an API: what stays the same from page to page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Walk {
    /// The API.
    pub api: ApiId,
    /// Its inputs.
    pub inputs: Inputs,
    /// What is wanted of it.
    pub wanted: Wanted,
    /// What each of its calls wants otherwise than its definition says.
    #[serde(default)]
    pub options: CallOptions,
}

/// A page that was read.
#[derive(Debug)]
pub struct PageRead {
    /// The call; its `response` is the whole page.
    pub invocation: Invocation,
    /// The rows of the page; none if the answer holds no list, and the definition does not say where.
    pub rows: Option<Vec<Value>>,
    /// Where the next one is; none after the last.
    pub next: Option<Position>,
    /// Whether the answer was an error that only says that there are no more pages.
    pub past_the_end: bool,
}

impl Engine {
    /// Reads the page at a position through one of the org's connections.
    pub async fn page(
        &self,
        org: &OrgId,
        through: &Through,
        walk: &Walk,
        position: &Position,
    ) -> Result<PageRead, Failure> {
        self.org(org).await?;
        let place = Place::active(self.key_of_call(org, &walk.api.namespace(), through).await?);
        self.page_at(&place, walk, &Argument::from(&walk.inputs), position, None)
            .await
            .map_err(|failed| failed.failure)
    }

    /// Reads the page at a position, with the data of the walk as they were given.
    pub(crate) async fn page_at(
        &self,
        place: &Place,
        walk: &Walk,
        argument: &Argument,
        position: &Position,
        site: Option<&Site>,
    ) -> Result<PageRead, Box<InvocationFailed>> {
        waited_for(&walk.options)?;
        let connector = self.ready_at(place).await?;
        let (all, key) = (&connector.compiled, walk.api.api());
        let data = argument.call_data(all.api(key)?)?;
        let callback_url = SHOWN_CALLBACK_URL;
        let moment = Moment { now: self.now(), randomness: self.randomness(), callback_url };
        let asked = page_request(all, key, &data, &walk.wanted, position, moment)?;
        let through = Some((&connector, place));
        // Whatever the definition says: without the answer there is no next page.
        let options = CallOptions { wait: Some(true), ..walk.options.clone() };
        let api = Some(asked.asked);
        let call = Call { prepared: &asked.prepared, through, api, options: &options, site };
        let invocation = self.perform(&call).await?;
        let answer = PageAnswer {
            status: invocation.status_code,
            headers: &invocation.headers,
            body: &invocation.response,
        };
        match turn(all, key, &walk.wanted, position, &asked, answer) {
            Ok(Page { rows, next, past_the_end }) => Ok(PageRead { invocation, rows, next, past_the_end }),
            Err(mut failure) => {
                if failure.reason == Reason::PageFailed && failure.help.is_none() {
                    failure.help.clone_from(&invocation.record.note);
                }
                let Invocation { record, wire, .. } = invocation;
                Err(Box::new(InvocationFailed { failure, record: Some(record), wire, was_sent: true }))
            }
        }
    }
}

/// Refuses what makes no sense of a page: the next one is not known before this one is answered, and one
/// key for all pages would say that they are the same call.
fn waited_for(options: &CallOptions) -> Result<(), Failure> {
    let refused = match options {
        CallOptions { wait: Some(false), .. } => "`wait` cannot be false where pages are read",
        CallOptions { idempotency_key: Some(_), .. } => "`idempotency_key` is for one call, not for pages",
        _ => return Ok(()),
    };
    Err(Failure::new(Reason::InvalidInput, refused).help(
        "leave it out; the options of a walk are `connection`, `page_size`, `at_most`, `timeout` and `retry`",
    ))
}
