//! Secrets that a person gives: asked for without echo, or read from standard input; never an argument,
//! where other users could read it in the list of processes.

use crate::outcome::Problem;
use sluis_model::secret::SecretText;
use std::io::{BufRead as _, IsTerminal as _};

/// One line from standard input, or what is typed when asked with `prompt`.
pub fn read(prompt: &str) -> Result<SecretText, Problem> {
    let text = if std::io::stdin().is_terminal() {
        ask(prompt)?
    } else {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).map_err(unreadable)?;
        SecretText::new(line)
    };
    trimmed(&text)
}

/// The same for a secret that is chosen now: a person types it twice.
pub fn choose(prompt: &str) -> Result<SecretText, Problem> {
    let chosen = read(prompt)?;
    if std::io::stdin().is_terminal() {
        let again = trimmed(&ask("Once more: ")?)?;
        if !sluis_vault::same_text(chosen.expose(), again.expose()) {
            return Err(Problem::refused("the two are not the same").help("try again"));
        }
    }
    Ok(chosen)
}

fn ask(prompt: &str) -> Result<SecretText, Problem> {
    rpassword::prompt_password(prompt).map(SecretText::new).map_err(unreadable)
}

fn unreadable(error: std::io::Error) -> Problem {
    Problem::environment(format!("the secret cannot be read: {error}"))
}

fn trimmed(text: &SecretText) -> Result<SecretText, Problem> {
    match text.expose().trim() {
        "" => Err(Problem::refused("no secret was given").help("type it when asked, or pipe it in")),
        text => Ok(text.into()),
    }
}
