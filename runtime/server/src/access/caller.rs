//! Who asks: whoever shows the server's own API token, one that was made with it or by an org's admin
//! (`slu_…`), or the cookie of a session.

use super::cookie::SESSION;
use super::same_site;
use crate::error::{ApiError, CHALLENGE};
use crate::state::App;
use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode, header};
use sluis_engine::accounts::{Account, Session};
use sluis_model::access::Permission;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{OrgId, UserId};
use sluis_model::secret::SecretText;
use sluis_vault::api_token::ApiToken;
use std::sync::Arc;

/// Challenge when the wrong thing was shown (RFC 6750 §3.1).
const CHALLENGE_INVALID: &str = r#"Bearer realm="sluis", error="invalid_token""#;

/// Somebody who is known, and whom the gate has let through.
#[derive(Debug, Clone)]
pub struct Caller(Arc<Known>);

#[derive(Debug)]
enum Known {
    /// Whoever has the server's own token.
    Server,
    /// Whoever has a token that was made.
    Token(Box<ApiToken>),
    /// A person in a browser.
    Person { account: Box<Account>, session: Session },
}

impl Caller {
    /// Who a request comes from.
    pub async fn of(app: &App, method: &Method, headers: &HeaderMap) -> Result<Self, ApiError> {
        let known = if headers.contains_key(header::AUTHORIZATION) {
            by_token(app, headers).await?
        } else if let Some(cookie) = SESSION.of(&app.engine, headers) {
            by_cookie(app, method, headers, &cookie).await?
        } else {
            return Err(ApiError::unauthenticated("exactly one `Authorization` header is needed", CHALLENGE));
        };
        Ok(Self(Arc::new(known)))
    }

    /// Who shows a token, wherever it was shown; `None` if it does not count.
    pub async fn of_key(app: &App, key: &str) -> Result<Option<Self>, Failure> {
        match token(app, key).await {
            Ok(known) => Ok(Some(Self(Arc::new(known)))),
            Err(refused) if refused.reason == Reason::Unauthenticated => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// A name that no other caller has.
    pub fn name(&self) -> String {
        match &*self.0 {
            Known::Server => "server".to_owned(),
            Known::Token(token) => format!("token {}", token.prefix),
            Known::Person { account, .. } => format!("user {}", account.user),
        }
    }

    /// The only org that they can act for, if there is but one.
    pub fn bound_to(&self) -> Option<&OrgId> {
        match &*self.0 {
            Known::Token(token) => token.org.as_ref(),
            Known::Server | Known::Person { .. } => None,
        }
    }

    /// The person, if it is one in a browser.
    pub fn person(&self) -> Option<(&Account, &Session)> {
        match &*self.0 {
            Known::Person { account, session } => Some((account, session)),
            Known::Server | Known::Token(_) => None,
        }
    }

    /// Whose rights these are: the person's, or those of whoever made the token.
    pub fn user(&self) -> Option<&UserId> {
        match &*self.0 {
            Known::Server => None,
            Known::Token(token) => token.owner.as_ref(),
            Known::Person { account, .. } => Some(&account.user),
        }
    }

    /// Whether they may do something: in an org where one is named, else above all orgs. Asked anew for
    /// each request, so that whatever is taken away counts no more from that moment on.
    pub async fn may(&self, app: &App, permission: Permission, org: Option<&OrgId>) -> Result<bool, Failure> {
        match &*self.0 {
            Known::Server => Ok(true),
            Known::Token(token) => {
                let reaches = token.org.is_none() || token.org.as_ref() == org || org.is_none();
                if !reaches || !token.allows(permission) {
                    return Ok(false);
                }
                match (&token.owner, org.or(token.org.as_ref())) {
                    (Some(owner), org) => Ok(rights(app, owner, org).await?.contains(&permission)),
                    (None, _) => Ok(true),
                }
            }
            Known::Person { account, .. } => Ok(rights(app, &account.user, org).await?.contains(&permission)),
        }
    }

    /// Whether an org is anything to them at all; of others they do not learn that they exist.
    pub async fn knows_of(&self, app: &App, org: &OrgId) -> Result<bool, Failure> {
        match &*self.0 {
            Known::Server => Ok(true),
            Known::Token(token) => Ok(token.org.as_ref().is_none_or(|own| own == org)),
            Known::Person { account, .. } => {
                let above =
                    account.offices.iter().any(|office| office.permissions().contains(&Permission::OrgsRead));
                Ok(above || app.engine.role_in(org, &account.user).await?.is_some())
            }
        }
    }

    /// The user on whose behalf something is done in an org. A person acts for themselves; for others, or
    /// for the org as a whole, only whoever manages its connections.
    pub async fn on_behalf_of(
        &self,
        app: &App,
        org: &OrgId,
        wanted: Option<UserId>,
    ) -> Result<Option<UserId>, ApiError> {
        let Some(own) = self.user() else { return Ok(wanted) };
        let Some(wanted) = wanted else { return Ok(Some(own.clone())) };
        if wanted == *own || self.may(app, Permission::ConnectionsManage, Some(org)).await? {
            return Ok(Some(wanted));
        }
        Err(not_for_others(&wanted))
    }

    /// The same for a connection that is to be changed: without a user it is the org's, which only whoever
    /// manages connections may change.
    pub async fn owner_of_connection(
        &self,
        app: &App,
        org: &OrgId,
        wanted: Option<UserId>,
    ) -> Result<Option<UserId>, ApiError> {
        if self.may(app, Permission::ConnectionsManage, Some(org)).await? {
            return Ok(wanted);
        }
        match (wanted, self.user()) {
            (Some(wanted), Some(own)) if wanted == *own => Ok(Some(wanted)),
            (Some(wanted), _) => Err(not_for_others(&wanted)),
            (None, own) => {
                let refused = Failure::new(
                    Reason::Forbidden,
                    "connections of the whole organisation are its admins' to change",
                );
                let own = own
                    .map_or_else(String::new, |own| format!("; for one of your own, name the user `{own}`"));
                Err(ApiError::from(refused).help(format!("ask an admin of the organisation{own}")))
            }
        }
    }
}

fn not_for_others(user: &UserId) -> ApiError {
    ApiError::from(Failure::new(Reason::Forbidden, format!("this is for `{user}` or an admin to do")))
        .help("leave `user` out, or name yourself")
}

/// All that a user may do now.
async fn rights(app: &App, user: &UserId, org: Option<&OrgId>) -> Result<Vec<Permission>, Failure> {
    let account = match app.engine.account(user).await {
        Ok(account) if account.ended_at.is_none() => account,
        Ok(_) => return Ok(Vec::new()),
        Err(failure) if failure.reason == Reason::NotFound => return Ok(Vec::new()),
        Err(failure) => return Err(failure),
    };
    let mut all: Vec<Permission> =
        account.offices.iter().flat_map(|office| office.permissions()).copied().collect();
    match org {
        Some(org) => {
            let role = app.engine.role_in(org, user).await?;
            all.extend(role.into_iter().flat_map(|role| role.permissions()));
        }
        // What there is for everybody who belongs somewhere.
        None if !app.engine.orgs_of(user).await?.is_empty() => all.push(Permission::ConnectorsRead),
        None => {}
    }
    Ok(all)
}

async fn by_token(app: &App, headers: &HeaderMap) -> Result<Known, ApiError> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(ApiError::unauthenticated("exactly one `Authorization` header is needed", CHALLENGE));
    };
    let given = value.to_str().ok().and_then(bearer).ok_or_else(|| {
        ApiError::unauthenticated("the `Authorization` header is not of the form `Bearer TOKEN`", CHALLENGE)
    })?;
    token(app, given).await.map_err(|failure| match failure.reason {
        Reason::Unauthenticated => ApiError::unauthenticated(failure.message, CHALLENGE_INVALID),
        _ => failure.into(),
    })
}

/// Whose token a text is.
async fn token(app: &App, given: &str) -> Result<Known, Failure> {
    if app.api_token.as_ref().is_some_and(|own| sluis_vault::same_text(given, own.expose())) {
        return Ok(Known::Server);
    }
    Ok(Known::Token(Box::new(app.engine.verify_api_token(given).await?)))
}

async fn by_cookie(
    app: &App,
    method: &Method,
    headers: &HeaderMap,
    cookie: &SecretText,
) -> Result<Known, ApiError> {
    if !same_site::may_change(method, headers, app.engine.public_url()) {
        let detail =
            "a page of another origin asked for this, or something that is no browser sent its cookie";
        return Err(ApiError::protocol(StatusCode::FORBIDDEN, "cross_origin", detail)
            .help("programs show an API token as `Authorization: Bearer TOKEN`"));
    }
    match app.engine.session(cookie).await {
        Ok((session, account)) => Ok(Known::Person { account: Box::new(account), session }),
        Err(refused) if refused.reason == Reason::Unauthenticated => {
            Err(ApiError::unauthenticated(refused.message, CHALLENGE).help("sign in again"))
        }
        Err(failure) => Err(failure.into()),
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    /// Whom the gate has let through; it stands in front of every route.
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        parts.extensions.get::<Caller>().cloned().ok_or_else(|| {
            tracing::error!("a handler asks who its caller is, on a route that demands none");
            Failure::new(Reason::Internal, "the server failed while it worked on this").into()
        })
    }
}

/// The token of `Bearer TOKEN`; the scheme is matched without case (RFC 9110 §11.1).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim_start_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::bearer;

    #[test]
    fn the_scheme_is_matched_without_case_and_needs_a_token() {
        assert_eq!(bearer("bearer  abc"), Some("abc"));
        assert_eq!(bearer("Bearer "), None);
        assert_eq!(bearer("Basic abc"), None);
        assert_eq!(bearer("Bearerabc"), None);
    }
}
