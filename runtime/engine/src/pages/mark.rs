//! The mark of a next page that a caller over HTTP keeps. It is sealed for the org: it holds the inputs
//! of the call, and says which connection it goes through, so it must not be one that a caller made up.

use super::{PageRead, Walk};
use crate::builder::Engine;
use crate::errors;
use crate::invoke::Through;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sluis_invoke::paginate::Position;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{ApiId, ConnectionName, OrgId, UserId};
use sluis_vault::field;

#[derive(Serialize, Deserialize)]
struct Kept {
    walk: Walk,
    connection: ConnectionName,
    user: Option<UserId>,
    position: Position,
}

impl Engine {
    /// Reads the first page of a walk, with the mark of the next one.
    pub async fn first_page(
        &self,
        org: &OrgId,
        through: Through,
        walk: Walk,
    ) -> Result<(PageRead, Option<String>), Failure> {
        let Through { name: connection, user } = through;
        let kept = Kept { walk, connection, user, position: Position::default() };
        self.marked_page(org, kept).await
    }

    /// Reads the page of a mark, with the mark of the one after it. The same mark may be used again, and
    /// asks for the same page.
    pub async fn page_of_mark(
        &self,
        org: &OrgId,
        api: &ApiId,
        mark: &str,
    ) -> Result<(PageRead, Option<String>), Failure> {
        self.org(org).await?;
        let bytes = URL_SAFE_NO_PAD.decode(mark.trim()).map_err(|_| foreign(api))?;
        let vault = self.vault_of(org).await?;
        let opened = vault.open(api.as_str(), field::PAGE, &bytes).map_err(|_| foreign(api))?;
        let kept: Kept = serde_json::from_slice(opened.expose()).map_err(|_| foreign(api))?;
        self.marked_page(org, kept).await
    }

    async fn marked_page(&self, org: &OrgId, kept: Kept) -> Result<(PageRead, Option<String>), Failure> {
        let Kept { walk, connection, user, position } = kept;
        let through = Through { name: connection.clone(), user: user.clone() };
        let mut read = self.page(org, &through, &walk, &position).await?;
        let Some(position) = read.next.take() else { return Ok((read, None)) };
        let api = walk.api.to_string();
        let bytes = serde_json::to_vec(&Kept { walk, connection, user, position }).map_err(errors::json)?;
        let vault = self.vault_of(org).await?;
        let mark = URL_SAFE_NO_PAD.encode(vault.seal(&api, field::PAGE, &bytes));
        Ok((read, Some(mark)))
    }
}

fn foreign(api: &ApiId) -> Failure {
    Failure::new(
        Reason::InvalidInput,
        format!("`next` is not the mark of a page of `{api}` in this organisation"),
    )
    .help("send the `next` of the answer before as it is, to the same address; or begin anew without it")
}
