//! The root key from a command of the operator, such as one that asks a key service or a password
//! store. It is run without a shell; what it prints on standard output is keys in base64 and is never
//! shown; what it prints on standard error is shown if it fails.

use crate::error::VaultError;
use crate::keys::KeyRing;
use crate::source::COMMAND_VARIABLE;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use zeroize::Zeroizing;

/// How long the command may take.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// Most bytes that are read of each of its outputs.
const OUTPUT_LIMIT: usize = 64 * 1024;
/// Most characters of standard error that are shown.
const SHOWN: usize = 400;

fn failed(why: impl Into<String>) -> VaultError {
    VaultError::Command { variable: COMMAND_VARIABLE, why: why.into() }
}

/// Runs a command and reads keys from its output.
///
/// # Errors
/// [`VaultError::Command`] if it cannot be run, fails or takes too long; [`VaultError::KeyText`] if what
/// it prints is no key.
pub async fn run(line: &str, timeout: Duration) -> Result<KeyRing, VaultError> {
    let words = words(line).map_err(failed)?;
    let Some((program, arguments)) = words.split_first() else { return Err(failed("it is empty")) };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed(format!("`{program}` cannot be run: {error}")))?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let work = async {
        let (out, err) = tokio::join!(read(out), read(err));
        child.wait().await.map(|status| (status, out, err))
    };
    let (status, out, err) = match tokio::time::timeout(timeout, work).await {
        Ok(ended) => ended.map_err(|error| failed(format!("`{program}` was lost: {error}")))?,
        Err(_) => return Err(failed(format!("`{program}` took more than {} s", timeout.as_secs_f32()))),
    };
    if !status.success() {
        return Err(failed(format!("`{program}` ended with {status}{}", said(&err))));
    }
    let text = std::str::from_utf8(&out).map_err(|_| failed("it printed something other than text"))?;
    KeyRing::from_text(text, &format!("what the command of {COMMAND_VARIABLE} printed"))
}

/// All there is room for; the room is taken at once, so that growing leaves no copies behind.
async fn read(pipe: Option<impl AsyncRead + Unpin>) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(OUTPUT_LIMIT));
    if let Some(pipe) = pipe {
        // What could not be read is missing from the text, which is then refused.
        let _ = pipe.take(OUTPUT_LIMIT as u64 - 64).read_to_end(&mut bytes).await;
    }
    bytes
}

fn said(err: &[u8]) -> String {
    let text = String::from_utf8_lossy(err);
    let words: Vec<&str> = text.split_whitespace().collect();
    let line: String = words.join(" ").chars().filter(|c| !c.is_control()).take(SHOWN).collect();
    if line.is_empty() { String::new() } else { format!(": {line}") }
}

/// Words parted by white space; single and double quotes keep it, and nothing else has a meaning.
fn words(line: &str) -> Result<Vec<String>, &'static str> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err("a quotation mark is not closed");
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn words_are_parted_by_white_space_and_kept_together_by_quotes() {
        assert_eq!(
            words(" pass  show 'my key' \"a'b\" x'y z'$HOME ").unwrap(),
            ["pass", "show", "my key", "a'b", "xy z$HOME"]
        );
        assert_eq!(words("a ''").unwrap(), ["a", ""]);
        assert!(words("  ").unwrap().is_empty());
        assert!(words("a 'b").is_err());
    }
}
