//! `sluis doctor`, in a home where all is well and in one where it is not.

use crate::home::{Ended, Home, ended, example, free_port};

fn doctor(home: &Home, public_url: &str, args: &[&str]) -> Ended {
    let mut command = home.command(&[&["doctor"], args].concat());
    command.env("SLUIS_PUBLIC_URL", public_url);
    ended(command.output().unwrap())
}

#[test]
fn in_a_new_home_all_is_well_and_requests_to_the_public_url_arrive() {
    let home = Home::new();
    let told = doctor(&home, &format!("http://127.0.0.1:{}", free_port()), &["--every-row"]);
    assert_eq!(told.code, 0, "{}{}", told.out, told.err);
    assert!(!told.out.contains("fail") && !told.out.contains("warn"), "{}", told.out);
    for line in ["rows are whole", "requests to it arrive here", "none is released"] {
        assert!(told.out.contains(line), "{line} in {}", told.out);
    }
}

#[test]
fn what_is_missing_is_named_with_how_to_mend_it() {
    let home = Home::new();
    let file = example("connectors/gcontacts/connector.yaml");
    assert_eq!(home.run(&["connector", "release", &file]).code, 0);
    let told = doctor(&home, "http://sluis.invalid:9", &[]);
    assert_eq!(told.code, 1, "{}", told.out);
    assert!(told.out.contains("fail  client vault:gcontacts of gcontacts"), "{}", told.out);
    assert!(told.out.contains("sluis connector client gcontacts --id CLIENT_ID"), "{}", told.out);
    assert!(told.out.contains("fail  public URL") && told.out.contains("put TLS before it"), "{}", told.out);
    assert!(told.out.contains("fail  name resolution"), "{}", told.out);
}

#[test]
fn an_empty_outbox_says_so_and_everything_that_is_nothing_is_revoked() {
    let home = Home::new();
    let listed = home.run(&["outbox", "list"]);
    assert_eq!((listed.code, listed.out.as_str()), (0, ""));
    assert!(listed.err.contains("nothing of org local is on its way out"), "{}", listed.err);
    let revoked = home.run(&["revoke", "--all"]);
    assert_eq!(revoked.code, 0, "{}", revoked.err);
    assert!(revoked.err.contains("0 revoked"), "{}", revoked.err);
    let unknown = home.run(&["outbox", "drop", "out_00000000000000000000000000"]);
    assert_eq!(unknown.code, 3, "{}", unknown.err);
    assert!(unknown.err.contains("sluis outbox list"), "{}", unknown.err);
}
