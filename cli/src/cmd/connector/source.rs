//! A connector as the command line names it: a file, the newest release of a namespace, or a certain
//! release, `gcontacts@2`.

use crate::args::Global;
use crate::outcome::Problem;
use crate::{definition_file, local_engine, runtime};
use sluis_lang::vm::Limits;
use sluis_model::connector::ConnectorDefinition;
use sluis_model::id::Namespace;
use std::path::{Path, PathBuf};

/// What was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A connector file.
    File(PathBuf),
    /// A release; the newest if no number was given.
    Release(Namespace, Option<u32>),
}

impl Source {
    /// Reads what was named. A file wins where both are there.
    pub fn named(text: &str) -> Result<Self, Problem> {
        let path = Path::new(text);
        if path.is_file()
            || text.contains(['/', '\\'])
            || [".yaml", ".yml"].iter().any(|end| text.ends_with(end))
        {
            return Ok(Self::File(path.to_owned()));
        }
        let (name, number) = match text.split_once('@') {
            Some((name, number)) => {
                let wrong = |_| {
                    Problem::refused(format!("`{number}` is no number of a release"))
                        .help(format!("releases are counted from 1: {name}@1"))
                };
                (name, Some(number.parse::<u32>().map_err(wrong)?))
            }
            None => (text, None),
        };
        match name.parse() {
            Ok(namespace) => Ok(Self::Release(namespace, number)),
            Err(_) => Err(Problem::refused(format!("`{text}` is neither a file nor a released connector"))
                .help("name a connector file, or a namespace: connector.yaml, gcontacts, gcontacts@2")),
        }
    }

    /// The definition; none if the file is wrong, which has been told then.
    pub fn load(&self, global: &Global) -> Result<Option<ConnectorDefinition>, Problem> {
        match self {
            Self::File(file) => definition_file::read(file),
            Self::Release(namespace, number) => {
                let engine = local_engine::build(global, Limits::local())?;
                runtime::on_this_thread(async {
                    let release = match number {
                        Some(number) => engine.release_of(namespace, *number).await,
                        None => engine.latest_release(namespace).await,
                    };
                    engine.close().await?;
                    Ok(Some(release?.definition))
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_releases_are_told_apart() {
        let release = |name: &str, number| Source::Release(name.parse().unwrap(), number);
        assert_eq!(Source::named("pets").unwrap(), release("pets", None));
        assert_eq!(Source::named("pets@2").unwrap(), release("pets", Some(2)));
        assert_eq!(Source::named("pets.yaml").unwrap(), Source::File("pets.yaml".into()));
        assert_eq!(Source::named("./pets").unwrap(), Source::File("./pets".into()));
        for wrong in ["pets@x", "1pets", "pets@"] {
            assert_eq!(Source::named(wrong).unwrap_err().exit, crate::outcome::Exit::Refused, "{wrong}");
        }
    }
}
