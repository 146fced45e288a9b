//! Questions by which a service finds out whether we are there, before it sends anything.

use super::answer::TriggerAnswer;
use super::arguments::{Known, evaluate, holds};
use super::check::refused;
use super::webhook::shown;
use sluis_auth::keyed_digest;
use sluis_lang::value::data::Data;
use sluis_model::error::Failure;
use sluis_model::secret::SecretText;
use sluis_model::trigger_spec::{Proof, REQUEST_VARIABLES, WebhookScheme};

/// Longest answer: a question is a short text.
const LONGEST: usize = 4096;

/// The answer to a question, if the request is one of those that are signed like everything else, or not.
///
/// # Errors
/// A question that does not show the secret that it must show, or cannot be answered.
pub(super) fn answer(
    scheme: &WebhookScheme,
    signed: bool,
    known: &Known,
    secrets: &[SecretText],
) -> Result<Option<TriggerAnswer>, Failure> {
    let asked = scheme
        .challenges
        .iter()
        .filter(|challenge| challenge.signed == signed)
        .find(|challenge| holds("challenges.when", &challenge.when, REQUEST_VARIABLES, known));
    let Some(challenge) = asked else { return Ok(None) };
    if let Some(token) = &challenge.token {
        shown("challenges.token", token, known, secrets)?;
    }
    let mut known = known.clone();
    if let Some(proof) = &challenge.prove {
        known.push(("proof".to_owned(), Data::Text(proven(proof, &known, secrets)?)));
    }
    let variables: Vec<&str> = REQUEST_VARIABLES.iter().copied().chain(["proof"]).collect();
    let value = evaluate("challenges.answer", &challenge.answer, &variables, &known)?;
    if value.to_json().len() > LONGEST {
        return Err(refused("the question is too long to be one"));
    }
    Ok(Some(TriggerAnswer::of(200, &value)))
}

/// The digest that a question asks for, with the first of the secrets.
fn proven(proof: &Proof, known: &Known, secrets: &[SecretText]) -> Result<String, Failure> {
    let of = evaluate("challenges.prove.of", &proof.of, REQUEST_VARIABLES, known)?;
    let Some((text, secret)) = of.as_str().zip(secrets.first()) else {
        return Err(refused("the question asks for a signature, and there is no text or no secret for it"));
    };
    Ok(keyed_digest(proof.algorithm, proof.encoding, secret, text.as_bytes()))
}
