//! The rules for codes and tokens, tried with made-up times.

use super::*;

const VERIFIER: &str = "a-verifier-that-is-long-enough-for-rfc-7636-43";
const BACK: &str = "http://127.0.0.1:1/callback";

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn grants() -> Grants {
    grants_with(Rotation::Strict)
}

fn grants_with(rotation: Rotation) -> Grants {
    Grants::new(Lifetimes { code: at(60), access: at(100), refresh: at(1000), rotation })
}

fn scopes(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn asked() -> Asked {
    Asked {
        redirect_uri: BACK.to_owned(),
        scopes: scopes(&["contacts.read", "contacts.write"]),
        state: None,
        challenge: secret::s256(VERIFIER),
    }
}

fn issued(grants: &mut Grants) -> Issued {
    let code = grants.code_at(at(0), asked());
    grants.exchange_at(at(1), &code, BACK, VERIFIER).unwrap()
}

#[test]
fn a_code_gives_tokens_with_the_granted_scopes() {
    let mut grants = grants();
    let issued = issued(&mut grants);
    assert_eq!(grants.scopes_of_at(at(2), &issued.access_token), Some(&asked().scopes));
    assert_eq!(issued.scopes, asked().scopes);
}

#[test]
fn a_code_used_twice_revokes_what_the_first_use_gave() {
    let mut grants = grants();
    let code = grants.code_at(at(0), asked());
    let first = grants.exchange_at(at(1), &code, BACK, VERIFIER).unwrap();
    assert!(matches!(grants.exchange_at(at(2), &code, BACK, VERIFIER), Err(Refused::Grant(_))));
    assert_eq!(grants.scopes_of_at(at(3), &first.access_token), None);
    assert!(grants.refresh_at(at(3), &first.refresh_token, None).is_err());
}

#[test]
fn a_code_does_not_outlive_its_time() {
    let mut grants = grants();
    let code = grants.code_at(at(0), asked());
    assert!(grants.exchange_at(at(60), &code, BACK, VERIFIER).is_err());
}

#[test]
fn a_code_wants_its_verifier_and_its_redirect_uri() {
    let mut grants = grants();
    let code = grants.code_at(at(0), asked());
    assert!(grants.exchange_at(at(1), &code, BACK, "another").is_err());
    assert!(grants.exchange_at(at(1), &code, BACK, VERIFIER).is_err(), "one wrong try uses the code up");
    let code = grants.code_at(at(0), asked());
    assert!(grants.exchange_at(at(1), &code, "http://127.0.0.1:1/callback/", VERIFIER).is_err());
}

#[test]
fn a_refresh_rotates_and_the_old_token_kills_the_family() {
    let mut grants = grants();
    let first = issued(&mut grants);
    let second = grants.refresh_at(at(2), &first.refresh_token, None).unwrap();
    assert_ne!(first.refresh_token, second.refresh_token);
    assert!(grants.scopes_of_at(at(3), &second.access_token).is_some());
    assert!(grants.refresh_at(at(3), &first.refresh_token, None).is_err());
    assert!(grants.scopes_of_at(at(4), &second.access_token).is_none());
    assert!(grants.refresh_at(at(4), &second.refresh_token, None).is_err());
}

#[test]
fn a_refresh_may_ask_for_less_and_not_for_more() {
    let mut grants = grants();
    let first = issued(&mut grants);
    let more = scopes(&["contacts.read", "admin"]);
    assert_eq!(grants.refresh_at(at(2), &first.refresh_token, Some(more)).err(), Some(Refused::Scope));
    let less = scopes(&["contacts.read"]);
    let second = grants.refresh_at(at(2), &first.refresh_token, Some(less.clone())).unwrap();
    assert_eq!(grants.scopes_of_at(at(3), &second.access_token), Some(&less));
    let third = grants.refresh_at(at(4), &second.refresh_token, None).unwrap();
    assert_eq!(third.scopes, asked().scopes, "the grant itself was not narrowed");
}

#[test]
fn an_access_token_expires_alone() {
    let mut grants = grants();
    let first = issued(&mut grants);
    grants.expire_access_tokens_at(at(5));
    assert!(grants.scopes_of_at(at(5), &first.access_token).is_none());
    let second = grants.refresh_at(at(6), &first.refresh_token, None).unwrap();
    assert!(grants.scopes_of_at(at(105), &second.access_token).is_some());
    assert!(grants.scopes_of_at(at(106), &second.access_token).is_none());
}

#[test]
fn revoking_either_token_ends_the_grant() {
    for by_access in [true, false] {
        let mut grants = grants();
        let first = issued(&mut grants);
        let token = if by_access { &first.access_token } else { &first.refresh_token };
        assert!(grants.revoke(token));
        assert!(!grants.revoke(token), "nothing is left to end");
        assert!(grants.scopes_of_at(at(2), &first.access_token).is_none());
        assert!(grants.refresh_at(at(2), &first.refresh_token, None).is_err());
    }
    assert!(!grants().revoke("never seen"));
}

#[test]
fn a_ticket_works_once_and_only_in_its_browser() {
    let mut grants = grants();
    let ticket = grants.ticket_at(at(0), asked(), "browser a");
    assert_eq!(grants.redeem_ticket_at(at(1), &ticket, "browser b"), None);
    assert_eq!(grants.redeem_ticket_at(at(1), &ticket, "browser a"), Some(asked()));
    assert_eq!(grants.redeem_ticket_at(at(1), &ticket, "browser a"), None);
    let late = grants.ticket_at(at(0), asked(), "browser a");
    assert_eq!(grants.redeem_ticket_at(at(600), &late, "browser a"), None);
}

#[test]
fn what_can_never_be_used_again_is_forgotten() {
    let mut grants = grants();
    for _ in 0..50 {
        issued(&mut grants);
    }
    grants.ticket_at(at(5000), asked(), "browser");
    assert!(grants.codes.is_empty() && grants.access.is_empty());
    assert!(grants.refresh.is_empty() && grants.families.is_empty());
}

#[test]
fn within_its_leeway_an_old_refresh_token_is_answered_with_the_same_successor() {
    let mut grants = grants_with(Rotation::Leeway { seconds: 30 });
    let first = issued(&mut grants);
    let second = grants.refresh_at(at(2), &first.refresh_token, None).unwrap();
    let again = grants.refresh_at(at(31), &first.refresh_token, None).unwrap();
    assert_eq!(again.refresh_token, second.refresh_token);
    assert!(grants.scopes_of_at(at(32), &again.access_token).is_some());
    assert!(grants.refresh_at(at(32), &second.refresh_token, None).is_ok());
}

#[test]
fn without_rotation_a_refresh_token_is_taken_again_and_again() {
    let mut grants = grants_with(Rotation::Never);
    let first = issued(&mut grants);
    for moment in [2, 3, 500] {
        let again = grants.refresh_at(at(moment), &first.refresh_token, None).unwrap();
        assert_eq!(again.refresh_token, first.refresh_token);
        assert!(grants.scopes_of_at(at(moment), &again.access_token).is_some());
    }
}

#[test]
fn an_old_refresh_token_ends_the_grant_after_its_leeway() {
    let mut grants = grants_with(Rotation::Leeway { seconds: 30 });
    let first = issued(&mut grants);
    let second = grants.refresh_at(at(2), &first.refresh_token, None).unwrap();
    assert!(matches!(grants.refresh_at(at(32), &first.refresh_token, None), Err(Refused::Grant(_))));
    assert!(grants.scopes_of_at(at(33), &second.access_token).is_none());
}

#[test]
fn an_old_refresh_token_whose_successor_was_used_ends_the_grant_at_once() {
    let mut grants = grants_with(Rotation::Leeway { seconds: 30 });
    let first = issued(&mut grants);
    let second = grants.refresh_at(at(2), &first.refresh_token, None).unwrap();
    grants.refresh_at(at(3), &second.refresh_token, None).unwrap();
    assert!(matches!(grants.refresh_at(at(4), &first.refresh_token, None), Err(Refused::Grant(_))));
    assert!(grants.refresh_at(at(5), &second.refresh_token, None).is_err());
}
