//! Everything that is printed, kept or answered, gathered to be searched.

use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};
use tracing_subscriber::fmt::MakeWriter;

/// What was seen, by where.
#[derive(Default)]
pub struct Surfaces(Vec<(String, Vec<u8>)>);

impl Surfaces {
    /// Keeps a text.
    pub fn add(&mut self, place: &str, text: impl AsRef<[u8]>) {
        self.0.push((place.to_owned(), text.as_ref().to_vec()));
    }

    /// Keeps how a value prints.
    pub fn debug(&mut self, place: &str, value: &dyn std::fmt::Debug) {
        self.add(&format!("Debug of {place}"), format!("{value:?} {value:#?}"));
    }

    /// Keeps every file of a folder but those named.
    pub fn folder(&mut self, folder: &Path, but: &[&str]) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type().unwrap().is_file() && !but.contains(&name.as_str()) {
                self.add(&format!("file {name}"), std::fs::read(entry.path()).unwrap());
            }
        }
    }

    /// What there is, with its place.
    pub fn all(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(place, bytes)| (place.as_str(), bytes.as_slice()))
    }

    /// The places, each once.
    pub fn places(&self) -> std::collections::BTreeSet<&str> {
        self.0.iter().map(|(place, _)| place.as_str()).collect()
    }
}

/// The log of this process, at its most talkative.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

static LOG: OnceLock<Log> = OnceLock::new();

impl Log {
    /// The one log; begins to be written at the first call.
    pub fn of_this_process() -> &'static Log {
        LOG.get_or_init(|| {
            let log = Log::default();
            tracing_subscriber::fmt()
                .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
                .with_ansi(false)
                .with_writer(log.clone())
                .init();
            log
        })
    }

    /// All lines so far.
    pub fn written(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Log;

    fn make_writer(&'a self) -> Log {
        self.clone()
    }
}
