//! What keeps the memory of this process to itself where the system lets us: it holds keys and tokens.
//! And what a panic says: where it was, not what it was about, which may quote input.

/// Call first. Nothing here is worth refusing to start for.
pub fn set_up() {
    std::panic::set_hook(Box::new(|panic| crate::terminal::err(described(panic))));
    no_core_dumps();
}

fn described(panic: &std::panic::PanicHookInfo<'_>) -> String {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    // A text of the program is shown; one that was put together may hold anything.
    let what = panic.payload().downcast_ref::<&'static str>().copied();
    let what = what.unwrap_or("what it was about is not shown, since it may hold secrets");
    format!(
        "sluis: a mistake in sluis itself stopped this work, at {place}\n  {what}; please report the place\n"
    )
}

/// A core dump would put every key on the disk. The limit stops dumps into files; not being dumpable stops
/// those into a program, and other processes of the same user from attaching.
#[cfg(unix)]
fn no_core_dumps() {
    let _ = nix::sys::resource::setrlimit(nix::sys::resource::Resource::RLIMIT_CORE, 0, 0);
    #[cfg(target_os = "linux")]
    let _ = nix::sys::prctl::set_dumpable(false);
}

#[cfg(not(unix))]
fn no_core_dumps() {}

#[cfg(test)]
mod tests {
    use super::described;
    use std::panic::{catch_unwind, set_hook, take_hook};
    use std::sync::{Arc, Mutex, PoisonError};

    #[test]
    fn a_panic_shows_where_and_nothing_of_what() {
        let said = Arc::new(Mutex::new(String::new()));
        let into = Arc::clone(&said);
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            into.lock().unwrap_or_else(PoisonError::into_inner).push_str(&described(panic));
        }));
        let secret = "swordfish".to_owned();
        let ended = [
            catch_unwind(|| panic!("a text of the program")).is_err(),
            catch_unwind(|| panic!("the token is {secret}")).is_err(),
            catch_unwind(|| secret.parse::<u8>().expect(&secret)).is_err(),
        ];
        set_hook(before);
        let said = said.lock().unwrap_or_else(PoisonError::into_inner);
        assert_eq!(ended, [true; 3]);
        assert!(
            said.contains("a text of the program") && said.matches("seclusion.rs:").count() >= 3,
            "{said}"
        );
        assert!(!said.contains("swordfish"), "{said}");
    }
}
