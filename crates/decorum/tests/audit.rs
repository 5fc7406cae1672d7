//! "On the record": the log is whole, or says where it is not.

use std::fs;

use crate::support::{Sandbox, Sim};

fn engaged(n: usize) -> Sandbox {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(&sandbox, "account = 'studio.nord'");
    let list = sandbox.people("person", n);
    sandbox.run(&phone, "studio.nord", "follow", &list, &[]).expect(0);
    sandbox
}

#[test]
fn an_untouched_log_is_intact() {
    let sandbox = engaged(5);
    let report = sandbox.decorum(&["audit", "verify", "--json"]).expect(0).json();
    assert_eq!(report["intact"], true);
    assert_eq!(report["accounts"][0]["events"], 5);
    sandbox.decorum(&["audit", "verify", "--account", "studio.nord"]).expect(0).says("5 events");
    sandbox.decorum(&["audit", "verify", "--account", "nobody"]).expect(2);
}

#[test]
fn one_changed_byte_is_found_and_the_event_is_named() {
    let sandbox = engaged(5);
    let path = sandbox.path("decorum.db");
    let mut bytes = fs::read(&path).expect("the database");
    // A name on record becomes another one, in place.
    let at = bytes.windows(10).position(|w| w == b"person0003").expect("the name is in the file");
    bytes[at + 9] = b'7';
    fs::write(&path, bytes).expect("written");

    let told = sandbox.decorum(&["audit", "verify"]).expect(4);

    assert!(told.out.contains("BROKEN"), "{}", told.out);
    assert!(told.out.contains("event"), "{}", told.out);
}

#[test]
fn exports_agree_with_each_other_and_filter() {
    let sandbox = engaged(7);
    let lines = sandbox.events();
    let json = sandbox.decorum(&["export", "--format", "json"]).expect(0).json();
    assert_eq!(json.as_array().expect("a list"), &lines);
    let csv = sandbox.decorum(&["export", "--format", "csv"]).expect(0).out;
    assert_eq!(csv.lines().count(), 8);
    assert!(csv.starts_with("id,seq,platform,account_id,target_username,"));

    let one = sandbox
        .decorum(&["export", "--format", "jsonl", "--target-username", "@Person0003"])
        .expect(0)
        .out;
    assert_eq!(one.lines().count(), 1);
    let none = sandbox.decorum(&["export", "--format", "jsonl", "--action", "like"]).expect(0).out;
    assert_eq!(none, "");
    let store = sandbox.path("decorum.db");
    let store = store.to_str().expect("UTF-8");
    sandbox.decorum(&["export", "--format", "csv", "-o", store]).expect(2).says("the store itself");
    let file = sandbox.path("log.csv");
    let file = file.to_str().expect("UTF-8");
    sandbox.decorum(&["export", "--format", "csv", "-o", file]).expect(0).says("7 events");
    assert_eq!(fs::read_to_string(file).expect("a file"), csv);
}
