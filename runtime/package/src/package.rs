//! Making and opening a package.

use crate::archive;
use crate::error::PackageError;
use crate::keys::{SigningKey, TrustedKey, verify};
use crate::manifest::{Content, FORMAT, Kind, Listed, Manifest, PackedConnector};
use sluis_model::id::{FunctionName, Namespace};
use std::collections::BTreeMap;

const MANIFEST: &str = "manifest.json";
const SIGNATURE: &str = "manifest.json.minisig";

/// What is packed.
#[derive(Debug, Clone, PartialEq)]
pub struct Contents {
    /// What it is a package of.
    pub kind: Kind,
    /// Namespace of the connector, or name of the solution.
    pub name: String,
    /// Which of its states.
    pub release: u32,
    /// The connectors with the numbers of their releases.
    pub connectors: Vec<(u32, PackedConnector)>,
    /// Scripts by name.
    pub functions: Vec<(FunctionName, String)>,
}

/// A package whose signature and checksums have been verified.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The list of contents.
    pub manifest: Manifest,
    /// What was packed.
    pub contents: Contents,
    /// The key that signed it.
    pub key: TrustedKey,
    /// SHA-256 of the manifest, in hexadecimal: names exactly this content.
    pub digest: String,
}

/// Packs and signs. The same contents make the same manifest; only the signature differs each time.
///
/// # Errors
/// When something is too large, or a name does not fit into a package.
pub fn pack(contents: &Contents, key: &SigningKey) -> Result<Vec<u8>, PackageError> {
    let wrong = |error: serde_json::Error| PackageError::Manifest { why: error.to_string() };
    let mut listed = Vec::new();
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for (release, connector) in &contents.connectors {
        let namespace: &Namespace = &connector.definition.namespace;
        let file = format!("connectors/{namespace}.json");
        files.insert(file.clone(), serde_json::to_vec_pretty(connector).map_err(wrong)?);
        listed.push(Content::Connector { namespace: namespace.clone(), release: *release, file });
    }
    for (name, script) in &contents.functions {
        let file = format!("functions/{name}.dg");
        files.insert(file.clone(), script.clone().into_bytes());
        listed.push(Content::Function { name: name.clone(), file });
    }
    let manifest = Manifest {
        sluis_package: FORMAT,
        kind: contents.kind,
        name: contents.name.clone(),
        release: contents.release,
        contents: listed,
        files: files.iter().map(|(path, bytes)| (path.clone(), Listed::of(bytes))).collect(),
    };
    let text = serde_json::to_vec_pretty(&manifest).map_err(wrong)?;
    // What is written must be readable.
    Manifest::read(&text)?;
    let signature = key.sign(&text, &comment(&manifest))?;
    let mut all: Vec<(&str, &[u8])> = vec![(MANIFEST, &text), (SIGNATURE, signature.as_bytes())];
    all.extend(files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())));
    archive::write(&all)
}

/// Opens a package that one of these keys has signed.
///
/// # Errors
/// When it is broken, too large, altered, not signed by one of the keys, or not of this format. Nothing of
/// it has been used then.
pub fn open(packed: &[u8], trusted: &[TrustedKey]) -> Result<Opened, PackageError> {
    let mut files = archive::read(packed)?;
    let mut take =
        |path: &str| files.remove(path).ok_or_else(|| PackageError::Lacks { path: path.to_owned() });
    let (text, signature) = (take(MANIFEST)?, take(SIGNATURE)?);
    let key = verify(&text, &signature, trusted)?;
    let manifest = Manifest::read(&text)?;
    for (path, listed) in &manifest.files {
        let bytes = files.get(path).ok_or_else(|| PackageError::Lacks { path: path.clone() })?;
        if Listed::of(bytes) != *listed {
            return Err(PackageError::Altered { path: path.clone() });
        }
    }
    if let Some(path) = files.keys().find(|path| !manifest.files.contains_key(*path)) {
        return Err(PackageError::Unlisted { path: path.clone() });
    }
    let contents = unpacked(&manifest, &files)?;
    Ok(Opened { contents, key, digest: Listed::of(&text).sha256, manifest })
}

/// The identifier of the key that a package says it is signed with. Nothing is verified.
pub fn peek(packed: &[u8]) -> Result<String, PackageError> {
    match open(packed, &[]) {
        Err(PackageError::Untrusted { key }) => Ok(key),
        Err(error) => Err(error),
        Ok(opened) => Ok(opened.key.id()),
    }
}

/// The comment that is signed with a manifest: what tools that verify it show.
fn comment(manifest: &Manifest) -> String {
    format!("sluis package {} {}", manifest.name, manifest.release)
}

fn unpacked(manifest: &Manifest, files: &BTreeMap<String, Vec<u8>>) -> Result<Contents, PackageError> {
    let wrong = |why: String| PackageError::Manifest { why };
    let (mut connectors, mut functions) = (Vec::new(), Vec::new());
    for content in &manifest.contents {
        let bytes = files.get(content.file()).map(Vec::as_slice).unwrap_or_default();
        match content {
            Content::Connector { namespace, release, file } => {
                let packed: PackedConnector =
                    serde_json::from_slice(bytes).map_err(|error| wrong(format!("`{file}`: {error}")))?;
                if packed.definition.namespace != *namespace {
                    return Err(wrong(format!("`{file}` is of another namespace than {namespace}")));
                }
                connectors.push((*release, packed));
            }
            Content::Function { name, file } => {
                let script = std::str::from_utf8(bytes).map_err(|_| wrong(format!("`{file}` is no text")))?;
                functions.push((name.clone(), script.to_owned()));
            }
        }
    }
    Ok(Contents {
        kind: manifest.kind,
        name: manifest.name.clone(),
        release: manifest.release,
        connectors,
        functions,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::NewKeys;
    use serde_json::json;
    use sluis_model::secret::SecretText;

    fn connector(namespace: &str) -> PackedConnector {
        PackedConnector {
            definition: serde_json::from_value(json!({
                "sluis": 1, "namespace": namespace, "service": { "name": "Pets" }, "auth": { "scheme": "none" },
                "hosts": ["pets.example"], "apis": { "list": { "method": "GET", "url": "https://pets.example/" } },
            }))
            .unwrap(),
            notes: Some("First.".into()),
            support_email: None,
        }
    }

    fn pets() -> Contents {
        Contents {
            kind: Kind::Connector,
            name: "pets".into(),
            release: 3,
            connectors: vec![(3, connector("pets"))],
            functions: Vec::new(),
        }
    }

    fn keys() -> (SigningKey, TrustedKey) {
        let made = NewKeys::generate(None).unwrap();
        (SigningKey::read(&made.secret, None).unwrap(), TrustedKey::read(&made.public).unwrap())
    }

    #[test]
    fn what_was_packed_comes_out_for_those_who_trust_the_key() {
        let (signing, trusted) = keys();
        let packed = pack(&pets(), &signing).unwrap();
        let opened = open(&packed, &[keys().1, trusted.clone()]).unwrap();
        assert_eq!(opened.contents, pets());
        assert_eq!(opened.key.id(), trusted.id());
        assert_eq!(peek(&packed).unwrap(), trusted.id());
        assert_eq!(open(&packed, &[keys().1]).unwrap_err(), PackageError::Untrusted { key: trusted.id() });
        assert!(matches!(open(&packed, &[]), Err(PackageError::Untrusted { .. })));
        assert_eq!(opened.digest, open(&pack(&pets(), &signing).unwrap(), &[trusted]).unwrap().digest);
    }

    #[test]
    fn a_solution_holds_several_connectors_and_functions() {
        let (signing, trusted) = keys();
        let solution = Contents {
            kind: Kind::Solution,
            name: "shop".into(),
            release: 1,
            connectors: vec![(2, connector("pets")), (1, connector("owners"))],
            functions: vec![("greet".parse().unwrap(), "info \"hello\";".into())],
        };
        let opened = open(&pack(&solution, &signing).unwrap(), &[trusted]).unwrap();
        assert_eq!(opened.contents, solution);
        let twice = Contents { connectors: vec![(2, connector("pets")), (1, connector("pets"))], ..solution };
        assert!(matches!(pack(&twice, &signing), Err(PackageError::Manifest { .. })));
        let other = Contents { name: "cats".into(), ..pets() };
        assert!(matches!(pack(&other, &signing), Err(PackageError::Manifest { .. })));
    }

    /// The package with something done to its files.
    fn tampered(packed: &[u8], change: impl FnOnce(&mut BTreeMap<String, Vec<u8>>)) -> Vec<u8> {
        let mut files = archive::read(packed).unwrap();
        change(&mut files);
        let files: Vec<(&str, &[u8])> = files.iter().map(|(p, b)| (p.as_str(), b.as_slice())).collect();
        archive::write(&files).unwrap()
    }

    #[test]
    fn whatever_is_changed_after_signing_is_noticed() {
        let (signing, trusted) = keys();
        let packed = pack(&pets(), &signing).unwrap();
        let trusted = [trusted];
        let changed = |change: fn(&mut BTreeMap<String, Vec<u8>>)| {
            open(&tampered(&packed, change), &trusted).unwrap_err()
        };
        let file = "connectors/pets.json";
        assert_eq!(
            changed(|files| files.get_mut("connectors/pets.json").unwrap().push(b' ')),
            PackageError::Altered { path: file.into() }
        );
        assert_eq!(
            changed(|files| drop(files.remove("connectors/pets.json"))),
            PackageError::Lacks { path: file.into() }
        );
        assert_eq!(
            changed(|files| drop(files.insert("x".into(), vec![]))),
            PackageError::Unlisted { path: "x".into() }
        );
        assert!(matches!(
            changed(|files| files.get_mut(MANIFEST).unwrap().push(b' ')),
            PackageError::Signature { .. }
        ));
        assert_eq!(
            changed(|files| drop(files.remove(SIGNATURE))),
            PackageError::Lacks { path: SIGNATURE.into() }
        );
        for at in 0..packed.len() {
            let mut broken = packed.clone();
            broken[at] ^= 1;
            // A bit of the gzip header that nobody reads may turn without harm; the content never does.
            if let Ok(opened) = open(&broken, &trusted) {
                assert_eq!(opened.contents, pets());
            }
        }
    }

    #[test]
    fn a_key_under_a_passphrase_needs_it() {
        let made = NewKeys::generate(Some(&"correct horse".into())).unwrap();
        assert!(SigningKey::is_locked(&made.secret));
        assert!(SigningKey::read(&made.secret, Some(&"wrong".into())).is_err());
        let key = SigningKey::read(&made.secret, Some(&"correct horse".into())).unwrap();
        assert_eq!(key.public().unwrap().id(), made.id);
        assert!(!format!("{key:?}").contains(made.secret.expose().lines().nth(1).unwrap()));
        assert!(SigningKey::read(&SecretText::from("nonsense"), None).is_err());
        assert!(TrustedKey::read("nonsense").is_err());
    }
}
