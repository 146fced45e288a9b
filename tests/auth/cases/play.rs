//! Plays one case: does its step, answers with the answers it holds, and writes down what happens.
//! Nothing that is printed on the way may hold a secret of the case.

use super::document::{Case, Fence};
use super::given::{Given, Step, auth_config};
use super::http_text;
use super::show::{Refused, Shown};
use sluis_auth::{AuthError, Context, Scheme, Talk, Turn, read_callback, scheme_of};
use sluis_model::credential::{ClientCredentials, Credential};
use sluis_model::ports::Randomness;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU8, Ordering};

/// Bytes that count up, so that a nonce is the same each time.
#[derive(Default)]
struct Counting(AtomicU8);

impl Randomness for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        for byte in buffer {
            *byte = self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// What happens, in order: requests, the answers they get, and the end.
///
/// # Errors
/// When the case cannot be played.
pub fn play(defaults: &[Fence], case: &Case) -> Result<Vec<Fence>, String> {
    let config = match auth_config(defaults, case)? {
        Ok(config) => config,
        Err(problems) if case.part("http answer").is_none() => {
            return Ok(vec![Fence::new("text error", problems)]);
        }
        Err(problems) => return Err(problems),
    };
    let given = Given::read(defaults, case)?;
    let (scheme, client, credential) = (scheme_of(&config), given.client()?, given.credential()?);
    let (randomness, challenges) = (Counting::default(), sluis_auth::Challenges::new());
    let cx = Context {
        now: given.now()?,
        randomness: &randomness,
        client: client.as_ref(),
        variables: &given.variables,
        challenges: &challenges,
    };
    let answers = case.fences.iter().filter(|fence| fence.info == "http answer");
    let mut stage = Stage { cx, answers: answers.collect(), happened: Vec::new() };
    stage.act(case, &given, scheme.as_ref(), &credential)?;
    if let Some(left) = stage.answers.front() {
        return Err(format!("this answer was never asked for:\n{left}"));
    }
    no_secret_in_errors(&stage.happened, client.as_ref(), &credential)?;
    Ok(stage.happened)
}

struct Stage<'a> {
    cx: Context<'a>,
    answers: VecDeque<&'a Fence>,
    happened: Vec<Fence>,
}

impl<'a> Stage<'a> {
    fn act(
        &mut self,
        case: &Case,
        given: &'a Given,
        scheme: &'a dyn Scheme,
        credential: &'a Credential,
    ) -> Result<(), String> {
        let cx = self.cx;
        match given.step {
            Step::Begin => self.talk(scheme.begin(cx, &given.redirect_uri)),
            Step::Exchange => self.exchange(given, scheme),
            Step::BeginDevice => self.talk(scheme.begin_device(cx)),
            Step::PollDevice => {
                let code = given.device_code.as_str().into();
                self.talk(scheme.poll_device(cx, &code))
            }
            Step::Obtain => self.maybe(scheme.obtain(cx, credential)),
            Step::Renew => {
                let (able, talk) = (scheme.is_renewable(credential), scheme.renew(cx, credential));
                if let Ok(talk) = &talk
                    && able != talk.is_some()
                {
                    return Err(format!("`is_renewable` says {able}, and `renew` does otherwise"));
                }
                self.maybe(talk)
            }
            Step::Revoke => self.maybe(scheme.revoke(cx, credential)),
            Step::Apply | Step::Sketch => self.apply(case, given.step, scheme, credential),
        }
    }

    fn exchange(&mut self, given: &Given, scheme: &dyn Scheme) -> Result<(), String> {
        let returned = read_callback(&given.callback).and_then(|callback| callback.returned(scheme));
        match returned {
            Ok(returned) => {
                let kept = given.kept.as_str().into();
                self.talk(scheme.exchange(self.cx, &returned, &kept, &given.redirect_uri))
            }
            Err(error) => self.refused(error),
        }
    }

    fn maybe<T: Shown>(&mut self, talk: Result<Option<Talk<'_, T>>, AuthError>) -> Result<(), String> {
        match talk.transpose() {
            Some(talk) => self.talk(talk),
            None => {
                self.happened.push(Fence::new("text result", "there is nothing to do"));
                Ok(())
            }
        }
    }

    /// Drives a conversation to its end.
    fn talk<T: Shown>(&mut self, talk: Result<Talk<'_, T>, AuthError>) -> Result<(), String> {
        let mut talk = match talk {
            Ok(talk) => talk,
            Err(error) => return self.refused(error),
        };
        let mut answer = None;
        loop {
            match talk.next(self.cx.now, answer.as_ref()) {
                Ok(Turn::Done(end)) => {
                    self.happened.push(end.fence());
                    return Ok(());
                }
                Ok(Turn::Send(request)) => {
                    self.happened.push(Fence::new("http request", http_text::of_request(&request)));
                    answer = Some(self.answer()?);
                }
                Err(error) => return self.refused(error),
            }
        }
    }

    fn answer(&mut self) -> Result<sluis_auth::Answer, String> {
        let sent = || self.happened.last().map(ToString::to_string).unwrap_or_default();
        let fence = self.answers.pop_front().ok_or_else(|| format!("no answer is given to\n{}", sent()))?;
        self.happened.push(fence.clone());
        http_text::answer(&fence.text)
    }

    /// Puts the credential on a request, and once more after a challenge if the case holds an answer.
    fn apply(
        &mut self,
        case: &Case,
        step: Step,
        scheme: &dyn Scheme,
        credential: &Credential,
    ) -> Result<(), String> {
        let call = case.part("http call").unwrap_or("GET https://api.example/items");
        let mut request = http_text::request(call)?;
        let applied = match step {
            Step::Sketch => scheme.sketch(self.cx, &mut request),
            _ => scheme.apply(self.cx, credential, &mut request),
        };
        if let Err(error) = applied {
            return self.refused(error);
        }
        self.happened.push(Fence::new("http request", http_text::of_request(&request)));
        while !self.answers.is_empty() {
            let answer = self.answer()?;
            match scheme.answer_challenge(self.cx, credential, &answer, &mut request) {
                Ok(true) => self.happened.push(Fence::new("http request", http_text::of_request(&request))),
                Ok(false) => {
                    let text = match scheme.is_refused(&answer) {
                        true => "the service refuses the credential",
                        false => "the answer stands",
                    };
                    self.happened.push(Fence::new("text result", text));
                }
                Err(error) => return self.refused(error),
            }
        }
        Ok(())
    }

    #[allow(clippy::unnecessary_wraps, reason = "so that an arm can end with it")]
    fn refused(&mut self, error: impl Refused) -> Result<(), String> {
        self.happened.push(error.fence());
        Ok(())
    }
}

fn no_secret_in_errors(
    happened: &[Fence],
    client: Option<&ClientCredentials>,
    credential: &Credential,
) -> Result<(), String> {
    let of_client = client.into_iter().flat_map(|client| client.secret.iter().chain(&client.private_key));
    for secret in of_client.chain(credential.secrets()) {
        let text = secret.expose().as_str();
        if let Some(error) = happened.iter().find(|f| f.info == "text error" && f.text.contains(text)) {
            return Err(format!("the error holds a secret: {}", error.text));
        }
    }
    Ok(())
}
