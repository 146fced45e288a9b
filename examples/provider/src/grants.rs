//! The rules for consent tickets, codes and tokens. No HTTP and no clock: every call is given the
//! time, measured from the start of the provider.

use crate::secret::{self, Fingerprint};
use crate::settings::Rotation;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

/// How long a consent page may lie open before its buttons stop working.
const TICKET_LIFETIME: Duration = Duration::from_secs(600);

/// A checked authorization request (RFC 6749 §4.1.1) that waits for the person's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The redirect URI, one of the registered ones.
    pub redirect_uri: String,
    /// What the client wants to do.
    pub scopes: BTreeSet<String>,
    /// The client's state, given back unchanged.
    pub state: Option<String>,
    /// The S256 challenge.
    pub challenge: String,
}

/// What a client gets for a code or a refresh token.
#[derive(Debug)]
pub(crate) struct Issued {
    /// The bearer token.
    pub access_token: String,
    /// The refresh token from now on: one that replaces any earlier one, or the same again.
    pub refresh_token: String,
    /// What the access token allows.
    pub scopes: BTreeSet<String>,
}

/// Why no token is given. The texts are for the developer of the client.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The code or refresh token cannot be used (`invalid_grant`).
    Grant(&'static str),
    /// A refresh asked for more than was granted (`invalid_scope`).
    Scope,
}

struct Ticket {
    asked: Asked,
    browser: Fingerprint,
    expires: Duration,
}

struct Code {
    asked: Asked,
    family: u64,
    used: bool,
    expires: Duration,
}

struct Access {
    family: u64,
    scopes: BTreeSet<String>,
    expires: Duration,
}

struct Refresh {
    family: u64,
    used: Option<Used>,
    expires: Duration,
}

/// What is remembered of the use of a refresh token.
struct Used {
    at: Duration,
    /// What it was replaced by, kept only where it may have to be told again.
    successor: Option<String>,
}

/// All tokens that come from one consent. When one of them is seen to be in wrong hands, all die.
struct Family {
    scopes: BTreeSet<String>,
    alive: bool,
}

/// How long things live.
#[derive(Clone, Copy)]
pub(crate) struct Lifetimes {
    pub code: Duration,
    pub access: Duration,
    pub refresh: Duration,
    /// What becomes of a used refresh token.
    pub rotation: Rotation,
}

/// Everything that was granted, in memory.
pub(crate) struct Grants {
    lifetimes: Lifetimes,
    tickets: HashMap<Fingerprint, Ticket>,
    codes: HashMap<Fingerprint, Code>,
    access: HashMap<Fingerprint, Access>,
    refresh: HashMap<Fingerprint, Refresh>,
    families: HashMap<u64, Family>,
    next_family: u64,
}

impl Grants {
    pub(crate) fn new(lifetimes: Lifetimes) -> Self {
        Self {
            lifetimes,
            tickets: HashMap::new(),
            codes: HashMap::new(),
            access: HashMap::new(),
            refresh: HashMap::new(),
            families: HashMap::new(),
            next_family: 1,
        }
    }

    /// Keeps a request until the person answers. The ticket goes into the page's form; it works
    /// once, and only from the browser that was shown the page.
    pub(crate) fn ticket_at(&mut self, now: Duration, asked: Asked, browser: &str) -> String {
        self.forget_old_at(now);
        let ticket = secret::random();
        let kept = Ticket { asked, browser: secret::fingerprint(browser), expires: now + TICKET_LIFETIME };
        self.tickets.insert(secret::fingerprint(&ticket), kept);
        ticket
    }

    /// Takes the request behind a ticket, if it is still good and comes from the same browser. A
    /// ticket shown by another browser stays usable for its owner.
    pub(crate) fn redeem_ticket_at(&mut self, now: Duration, ticket: &str, browser: &str) -> Option<Asked> {
        let key = secret::fingerprint(ticket);
        let kept = self.tickets.get(&key)?;
        if kept.browser != secret::fingerprint(browser) || kept.expires <= now {
            return None;
        }
        self.tickets.remove(&key).map(|ticket| ticket.asked)
    }

    /// The person said yes: a code that works once.
    pub(crate) fn code_at(&mut self, now: Duration, asked: Asked) -> String {
        self.forget_old_at(now);
        let family = self.next_family;
        self.next_family += 1;
        self.families.insert(family, Family { scopes: asked.scopes.clone(), alive: true });
        let code = secret::random();
        let kept = Code { asked, family, used: false, expires: now + self.lifetimes.code };
        self.codes.insert(secret::fingerprint(&code), kept);
        code
    }

    /// Gives tokens for a code. A code shown twice takes the tokens of the first time with it
    /// (RFC 6749 §4.1.2); one wrong verifier or redirect URI uses the code up.
    pub(crate) fn exchange_at(
        &mut self,
        now: Duration,
        code: &str,
        redirect_uri: &str,
        verifier: &str,
    ) -> Result<Issued, Refused> {
        let unknown = Refused::Grant("the code is unknown, expired or already used");
        let Some(kept) = self.codes.get_mut(&secret::fingerprint(code)) else {
            return Err(unknown);
        };
        let family = kept.family;
        if std::mem::replace(&mut kept.used, true) {
            self.end(family);
            return Err(Refused::Grant(
                "the code was used before; every token that came from it is now revoked",
            ));
        }
        if kept.expires <= now {
            return Err(unknown);
        }
        if kept.asked.redirect_uri != redirect_uri {
            return Err(Refused::Grant("redirect_uri differs from the one in the authorization request"));
        }
        if !secret::same(&secret::s256(verifier), &kept.asked.challenge) {
            return Err(Refused::Grant("code_verifier does not fit the code_challenge"));
        }
        let scopes = kept.asked.scopes.clone();
        Ok(self.issue_at(now, family, scopes))
    }

    /// Gives new tokens for a refresh token, which is used up. One that was used before means that
    /// two parties hold it, and the whole family dies (RFC 9700 §4.14.2), unless it comes within the
    /// leeway and its successor has not been used: then that is given again. Without rotation nothing
    /// is used up. `scopes` narrows the new access token only (RFC 6749 §6).
    pub(crate) fn refresh_at(
        &mut self,
        now: Duration,
        token: &str,
        scopes: Option<BTreeSet<String>>,
    ) -> Result<Issued, Refused> {
        let unknown = Refused::Grant("the refresh token is unknown, expired or revoked");
        let key = secret::fingerprint(token);
        let Some(kept) = self.refresh.get(&key) else { return Err(unknown) };
        let family = kept.family;
        let again = kept.used.as_ref().map(|used| self.successor_at(now, used));
        if again == Some(None) {
            self.end(family);
            return Err(Refused::Grant("the refresh token was used before; its whole family is now revoked"));
        }
        let granted = self.families.get(&family).filter(|f| f.alive).map(|f| f.scopes.clone());
        let Some(granted) = granted.filter(|_| kept.expires > now) else { return Err(unknown) };
        let wanted = scopes.unwrap_or_else(|| granted.clone());
        if !wanted.is_subset(&granted) {
            return Err(Refused::Scope);
        }
        let same = (self.lifetimes.rotation == Rotation::Never).then(|| token.to_owned());
        if let Some(refresh_token) = same.or(again.flatten()) {
            return Ok(Issued { refresh_token, ..self.issue_access_at(now, family, wanted) });
        }
        let issued = self.issue_at(now, family, wanted);
        let successor = (!self.lifetimes.rotation.leeway().is_zero()).then(|| issued.refresh_token.clone());
        if let Some(kept) = self.refresh.get_mut(&key) {
            kept.used = Some(Used { at: now, successor });
        }
        Ok(issued)
    }

    /// The successor of a used token, if it may be told again.
    fn successor_at(&self, now: Duration, used: &Used) -> Option<String> {
        let successor =
            used.successor.as_ref().filter(|_| now < used.at + self.lifetimes.rotation.leeway())?;
        let kept = self.refresh.get(&secret::fingerprint(successor))?;
        kept.used.is_none().then(|| successor.clone())
    }

    fn issue_at(&mut self, now: Duration, family: u64, scopes: BTreeSet<String>) -> Issued {
        let issued = self.issue_access_at(now, family, scopes);
        let refresh = Refresh { family, used: None, expires: now + self.lifetimes.refresh };
        self.refresh.insert(secret::fingerprint(&issued.refresh_token), refresh);
        issued
    }

    /// A new access token, beside a refresh token that nobody knows yet.
    fn issue_access_at(&mut self, now: Duration, family: u64, scopes: BTreeSet<String>) -> Issued {
        self.forget_old_at(now);
        let issued = Issued { access_token: secret::random(), refresh_token: secret::random(), scopes };
        let access = Access { family, scopes: issued.scopes.clone(), expires: now + self.lifetimes.access };
        self.access.insert(secret::fingerprint(&issued.access_token), access);
        issued
    }

    /// What an access token allows, or `None` when it allows nothing (any more).
    pub(crate) fn scopes_of_at(&self, now: Duration, access_token: &str) -> Option<&BTreeSet<String>> {
        let kept = self.access.get(&secret::fingerprint(access_token))?;
        let alive = self.families.get(&kept.family)?.alive;
        (alive && kept.expires > now).then_some(&kept.scopes)
    }

    /// Ends the grant that a token belongs to, whichever of the two kinds it is (RFC 7009 §2.1
    /// lets the server take the refresh token along with the access token). True when there was
    /// something to end.
    pub(crate) fn revoke(&mut self, token: &str) -> bool {
        let key = secret::fingerprint(token);
        let family =
            self.access.get(&key).map(|t| t.family).or_else(|| self.refresh.get(&key).map(|t| t.family));
        family.is_some_and(|family| self.end(family))
    }

    /// Ends every grant, as a person does who withdraws consent in the account's settings.
    pub(crate) fn revoke_all(&mut self) {
        self.families.values_mut().for_each(|family| family.alive = false);
    }

    /// Makes every access token of today too old. Refresh tokens stay good.
    pub(crate) fn expire_access_tokens_at(&mut self, now: Duration) {
        self.access.values_mut().for_each(|token| token.expires = token.expires.min(now));
    }

    fn end(&mut self, family: u64) -> bool {
        self.families.get_mut(&family).is_some_and(|family| std::mem::replace(&mut family.alive, false))
    }

    /// Drops what can never be used again, so that memory does not grow with time. Used codes and
    /// refresh tokens stay until they expire: their second use must be noticed.
    fn forget_old_at(&mut self, now: Duration) {
        self.tickets.retain(|_, kept| kept.expires > now);
        self.access.retain(|_, kept| kept.expires > now);
        self.refresh.retain(|_, kept| kept.expires > now);
        // A code is remembered as long as a refresh token made from it could live.
        let memory = self.lifetimes.refresh;
        self.codes.retain(|_, kept| kept.expires + memory > now);
        let codes: BTreeSet<u64> = self.codes.values().map(|kept| kept.family).collect();
        let refresh: BTreeSet<u64> = self.refresh.values().map(|kept| kept.family).collect();
        let access: BTreeSet<u64> = self.access.values().map(|kept| kept.family).collect();
        self.families.retain(|id, _| codes.contains(id) || refresh.contains(id) || access.contains(id));
    }
}

#[cfg(test)]
mod tests;
