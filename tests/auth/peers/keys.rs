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
