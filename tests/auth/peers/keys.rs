//! Keys for tests, by OpenSSL.

use std::process::Command;

/// Runs OpenSSL; what it prints.
pub fn openssl(arguments: &[&str]) -> String {
    let output = Command::new("openssl").args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A new RSA key in PEM: private, public.
pub fn rsa_key() -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key.pem");
    let path = file.to_str().unwrap();
    openssl(&["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", path]);
    (std::fs::read_to_string(&file).unwrap(), openssl(&["pkey", "-in", path, "-pubout"]))
}

/// An authority that signs certificates.
pub struct Authority {
    folder: tempfile::TempDir,
    /// Its own certificate, in PEM.
    pub certificate: String,
}

impl Authority {
    /// A new one, which nobody knows.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        request(&["-keyout", &at("ca.key"), "-out", &at("ca.pem"), "-subj", "/CN=An authority"]);
        let certificate = std::fs::read_to_string(at("ca.pem")).unwrap();
        Self { folder, certificate }
    }

    /// A certificate of this name for a host or address, and its key, both in PEM.
    pub fn certify(&self, name: &str, host: &str) -> (String, String) {
        let at = |name: &str| self.folder.path().join(name).to_str().unwrap().to_owned();
        let kind = if host.parse::<std::net::IpAddr>().is_ok() { "IP" } else { "DNS" };
        let (subject, alternative) = (format!("/CN={name}"), format!("subjectAltName={kind}:{host}"));
        let (key, out) = (at(&format!("{name}.key")), at(&format!("{name}.pem")));
        let by = [at("ca.pem"), at("ca.key")];
        let mut arguments = vec!["-keyout", &key, "-out", &out, "-subj", &subject, "-addext", &alternative];
        arguments.extend(["-addext", "basicConstraints=critical,CA:FALSE", "-CA", &by[0], "-CAkey", &by[1]]);
        request(&arguments);
        (std::fs::read_to_string(out).unwrap(), std::fs::read_to_string(key).unwrap())
    }
}

fn request(more: &[&str]) {
    let common =
        ["req", "-x509", "-nodes", "-days", "2", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
    openssl(&[&common, more].concat());
}

/// The MD5 of a text, in hexadecimal digits, as files of digest passwords hold it.
pub fn md5(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("text");
    std::fs::write(&file, text).unwrap();
    let said = openssl(&["dgst", "-md5", "-r", file.to_str().unwrap()]);
    said.split_whitespace().next().unwrap().to_owned()
}
