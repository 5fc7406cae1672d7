//! Tables, our own and others'.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail")]

use decorum_core::{Action, Metadata};
use decorum_import::{Kind, LeftOut, Options};
use serde_json::json;

use crate::support::{Folder, Got, anonymous, from_bytes, options, refused, whole};

fn table(text: &str, options: &Options) -> Got {
    let folder = Folder::new();
    whole(Kind::Csv, &folder.write("people.csv", text), options)
}

#[track_caller]
fn no_table(text: impl AsRef<[u8]>, options: &Options) -> String {
    let folder = Folder::new();
    refused(Kind::Csv, &folder.write("people.csv", text), options)
}

fn following() -> Options {
    Options { action: Some(Action::Follow), ..options() }
}

#[test]
fn a_list_of_names_is_enough() {
    let got = table("username\nalice\n@Bob\n", &following());
    assert_eq!(got.lines(), ["studio.nord follow alice -", "studio.nord follow bob -"]);
    assert_eq!(got.engagements[1].place.to_string().rsplit('/').next(), Some("people.csv, line 3"));
}

#[test]
fn every_column_has_its_names() {
    for person in ["target_username", "Username", " USER ", "target"] {
        for time in ["ts", "timestamp", "Date"] {
            for account in ["account_id", "account"] {
                let text = format!("{account},{person},action,{time}\nb,alice,like,1777629600\n");
                let got = table(&text, &anonymous());
                assert_eq!(got.lines(), ["b like alice 2026-05-01T10:00:00Z"], "{text}");
            }
        }
    }
}

#[test]
fn times_come_in_many_forms() {
    let got = table(
        "user,date\na,2026-05-01T10:00:00Z\nb,1777629600000\nc,2026-05-01 12:00:00\nd,2026-05-01\ne,\nf,0\n",
        &following(),
    );
    let times: Vec<_> =
        got.engagements.iter().map(|e| e.happened_at.map(|t| t.to_string())).collect();
    let noon = Some("2026-05-01T10:00:00.000Z".to_owned());
    let evening = Some("2026-05-01T21:59:59.000Z".to_owned());
    assert_eq!(times, [noon.clone(), noon.clone(), noon, evening, None]);
    assert_eq!(got.bad.len(), 1, "{:?}", got.bad);
    assert!(got.bad[0].contains("line 7: `0` is not a time"), "{}", got.bad[0]);
}

#[test]
fn only_what_was_done_counts() {
    let got = table(
        "user,action,status\na,follow,success\nb,follow,failed\nc,follow,dedupe_hit\nd,follow,\n\
         e,follow,skipped\nf,follow,done\n",
        &options(),
    );
    assert_eq!(got.people(Action::Follow), ["a", "d"]);
    assert_eq!(got.left_out.len(), 3);
    assert!(got.left_out.iter().all(|(why, _)| *why == LeftOut::NotDone));
    assert!(got.bad[0].contains("line 7") && got.bad[0].contains("`done`"), "{:?}", got.bad);
}

#[test]
fn only_the_account_asked_for_counts() {
    let text = "account,user\nstudio.nord,a\nother,b\n,c\n";
    let got = table(text, &following());
    assert_eq!(got.people(Action::Follow), ["a", "c"]);
    assert_eq!(got.left_out[0].0, LeftOut::OtherAccount);
    let both =
        table("account,user\nstudio.nord,a\nother,b\n", &Options { account: None, ..following() });
    assert_eq!(both.lines(), ["studio.nord follow a -", "other follow b -"]);
}

#[test]
fn an_account_that_engaged_itself_is_left_out() {
    let got = table("user\nstudio.nord\n", &following());
    assert_eq!(got.left_out[0].0, LeftOut::Oneself);
}

#[test]
fn spreadsheets_write_other_separators_and_a_mark_in_front() {
    for text in ["\u{feff}user;action\r\nalice;like\r\n", "user\taction\nalice\tlike\n"] {
        assert_eq!(table(text, &options()).lines(), ["studio.nord like alice -"], "{text:?}");
    }
    let quoted = table(
        "\"user\",\"note\",\"action\"\n\"alice\",\"two\nlines\",\"view\"\n\"b\",,like\n",
        &options(),
    );
    assert_eq!(quoted.lines(), ["studio.nord view alice -", "studio.nord like b -"]);
    assert!(quoted.engagements[1].place.to_string().ends_with("line 4"), "lines of the file count");
}

#[test]
fn the_apostrophe_against_formulas_is_undone() {
    let got = table("account,user\n'-studio,'@alice\n", &Options { account: None, ..following() });
    assert_eq!(got.lines(), ["-studio follow alice -"]);
}

#[test]
fn what_cannot_be_true_is_named_with_its_line() {
    let got = table(
        "user,action,ts\nalice smith,follow,\nbob,poke,\ncleo,follow,soon\ndan,follow,2031-01-01T00:00:00Z\n",
        &options(),
    );
    assert_eq!(got.lines(), Vec::<String>::new());
    for (line, words) in [
        (2, "alice smith"),
        (3, "follow, like, comment, view"),
        (4, "`soon` is not a time"),
        (5, "yet to come"),
    ] {
        let said = &got.bad[line - 2];
        assert!(said.contains(&format!("line {line}: ")) && said.contains(words), "{said}");
    }
}

#[test]
fn nobody_was_engaged_before_there_was_anybody_to_engage() {
    let got = table(
        "user,date\na,20260131\nb,2010-10-05\nc,2010-10-06\nd,1286323199\ne,1286323200\n",
        &following(),
    );
    assert_eq!(got.people(Action::Follow), ["c", "e"]);
    for (said, line) in got.bad.iter().zip([2, 3, 5]) {
        assert!(said.contains(&format!("line {line}: ")) && said.contains("bad date"), "{said}");
    }
    assert_eq!(got.bad.len(), 3);
    assert!(got.bad[0].contains("1970-08-23"), "{}", got.bad[0]);
}

#[test]
fn today_is_not_yet_to_come() {
    let got = table("user,date\nalice,2026-06-01\nbob,2026-06-02\n", &following());
    assert_eq!(got.people(Action::Follow), ["alice"]);
    assert!(got.bad[0].contains("line 3"), "{:?}", got.bad);
}

#[test]
fn a_damaged_table_is_refused_with_the_line() {
    for (text, words) in [
        ("", "names the person"),
        ("name,action\nalice,follow\n", "line 1"),
        ("username,Target,action\nme,alice,follow\n", "username and target"),
        ("user,action,user\na,follow,b\n", "two columns"),
        ("user,action\nalice,follow\nbob\n", "line 3"),
        ("user,action\nalice,follow\nbob,like,x\n", "line 3"),
        (
            "user,action\nalice,\"follow\nbob,like\n",
            "line 2: damaged: a quote that is never closed",
        ),
    ] {
        let said = no_table(text, &options());
        assert!(said.contains(words), "{text:?}: {said}");
    }
    let said = no_table(b"user,action\nalice,follow\n\xff\xfe,like\n", &options());
    assert!(said.contains("line 3") && said.contains("UTF-8"), "{said}");
    let said = no_table(b"PK\x03\x04...", &options());
    assert!(said.contains("is no CSV"), "{said}");
}

#[test]
fn nobody_vanishes_in_quotes_that_do_not_match() {
    // Read patiently, this would be Alice with a long note, and nobody else.
    let text = "user,note,action\nalice,\"oops,like\nbob,\"fine\",like\ncleo,x,like\n";
    let said = no_table(text, &options());
    assert!(said.contains("line 2: damaged: text after the quote"), "{said}");
    let said = no_table("user,note,action\nalice,x,like\nbob,\"x,like\n", &options());
    assert!(said.contains("line 3: damaged: a quote that is never closed"), "{said}");
    let fine =
        table("user,note,action\nalice,5\" wide,like\nbob,\"say \"\"hi\"\"\",like\n", &options());
    assert_eq!(fine.people(Action::Like), ["alice", "bob"]);
}

#[test]
fn a_quote_that_never_closes_does_not_fill_the_memory() {
    let text = format!("user,action\nalice,follow\n\"{}", "x,y\n".repeat(600_000));
    let said = no_table(text, &options());
    assert!(said.contains("line 3") && said.contains("more than 1 MB"), "{said}");
}

#[test]
fn what_the_table_does_not_say_must_be_said() {
    let said = no_table("user\nalice\n", &options());
    assert!(said.contains("--action"), "{said}");
    let said = no_table("user,action\nalice,like\n", &anonymous());
    assert!(said.contains("--account"), "{said}");
    let said = no_table("user,account,action\nalice,,like\n", &anonymous());
    assert!(said.contains("line 2 does not say") && said.contains("--account"), "{said}");
}

/// The header and one row of our own export.
fn ours(person: &str, metadata: &str) -> String {
    let hash = "0".repeat(64);
    let metadata = metadata.replace('"', "\"\"");
    format!(
        "{}\n01890a5d-ac96-774b-bcce-b302099a8057,1,instagram,studio.nord,{person},{hash},follow,\
         success,,,,,,,,2026-05-01T10:00:00.000Z,\"{metadata}\",{hash},{hash}\n",
        decorum_sheet::COLUMNS.join(",")
    )
}

#[test]
fn our_own_export_keeps_its_metadata() {
    let got = table(&ours("alice", r#"{"campaign":"a\u003b=b"}"#), &anonymous());
    assert_eq!(got.lines(), ["studio.nord follow alice 2026-05-01T10:00:00Z"]);
    let kept = Metadata::new(&json!({"campaign": "a;=b"})).expect("metadata");
    assert_eq!(got.engagements[0].metadata, kept);

    let erased = table(&ours("", "{}"), &anonymous());
    assert_eq!(erased.left_out[0].0, LeftOut::Erased);
    let broken = table(&ours("alice", "{"), &anonymous());
    assert!(broken.bad[0].contains("line 2: its metadata"), "{:?}", broken.bad);
}

#[test]
fn our_own_export_cut_short_is_refused_wherever_it_was() {
    let text = ours("alice", r#"{"text":"hi"}"#);
    let header = text.find('\n').expect("a header") + 1;
    for cut in header + 1..text.len() - 1 {
        let got = from_bytes(Kind::Csv, "log.csv", &text.as_bytes()[..cut], &anonymous());
        let said = got.expect_err("it was cut short").to_string();
        assert!(said.contains("log.csv, line 2"), "cut at {cut}: {said}");
    }
}
