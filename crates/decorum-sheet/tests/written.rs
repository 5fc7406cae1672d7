//! What an encoder writes, and going on after any cut.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail")]

use std::io::Cursor;

use decorum_core::{
    Action, Digest, ErrorClass, Event, EventId, Metadata, Platform, Salt, Status, Timestamp,
};
use decorum_sheet::resume::{ResumeError, Written};
use decorum_sheet::{COLUMNS, Encoder, Format};
use serde_json::json;

const FORMATS: [Format; 3] = [Format::Csv, Format::Json, Format::Jsonl];

/// An event with something awkward in it, another for each number.
fn event(n: u64) -> Event {
    let awkward = ["=1+1", "two\nlines", "a,b;\"c\"", "imported", "'quoted", "ünïcode"];
    let reason = awkward[usize::try_from(n).expect("small") % awkward.len()];
    Event {
        id: EventId::from_uuid(uuid::Uuid::from_u128(u128::from(n) + 1)),
        seq: n + 1,
        platform: Platform::Instagram,
        account_id: "studio.nord".parse().expect("a name"),
        target_username: (n % 4 != 3).then(|| "mia".parse().expect("a name")),
        target_ref: Digest::from_bytes([7; 32]),
        salt: Some(Salt([7; 16])),
        action: Action::Follow,
        status: Status::Failed,
        reason: Some(reason.to_owned()),
        error_class: n.is_multiple_of(2).then_some(ErrorClass::Network),
        task_id: Some("@spring".parse().expect("a label")),
        device_id: None,
        session_id: None,
        claim_id: None,
        latency_ms: Some(n),
        ts: Timestamp::from_millis(1_800_000_000_000 + i64::try_from(n).expect("small")),
        metadata: Metadata::new(&json!({"text": "a;=b\n"})).expect("metadata"),
        prev_hash: Digest::ZERO,
        hash: Digest::from_bytes([9; 32]),
    }
}

fn written(format: Format, events: std::ops::Range<u64>) -> Vec<u8> {
    let mut encoder = Encoder::new(format);
    let mut out = Vec::new();
    for n in events {
        encoder.event(&event(n), &mut out).expect("a form");
    }
    encoder.end(&mut out).expect("an end");
    out
}

fn text(format: Format, events: std::ops::Range<u64>) -> String {
    String::from_utf8(written(format, events)).expect("UTF-8")
}

#[test]
fn json_and_json_lines_say_the_same() {
    let array: Vec<serde_json::Value> =
        serde_json::from_str(&text(Format::Json, 0..5)).expect("JSON");
    let lines = text(Format::Jsonl, 0..5);
    let lines = lines.lines().map(|l| serde_json::from_str(l).expect("JSON"));
    assert_eq!(lines.collect::<Vec<serde_json::Value>>(), array);
    assert_eq!(array.len(), 5);
    assert_eq!(array[3]["target_username"], json!(null));
    assert!(array[0].get("salt").is_none(), "the salt is not shown");
}

#[test]
fn an_empty_log_has_its_form() {
    assert_eq!(text(Format::Csv, 0..0), format!("{}\n", COLUMNS.join(",")));
    assert_eq!(text(Format::Json, 0..0), "[\n]\n");
    assert_eq!(text(Format::Jsonl, 0..0), "");
}

#[test]
fn no_cell_of_a_csv_begins_a_formula() {
    let out = text(Format::Csv, 0..6);
    let mut reader = csv::Reader::from_reader(out.as_bytes());
    assert_eq!(reader.headers().expect("a header"), &COLUMNS[..]);
    let rows: Vec<_> = reader.records().map(|row| row.expect("a row")).collect();
    assert_eq!(rows.len(), 6);
    for row in &rows {
        for cell in row.iter().flat_map(|cell| cell.split([';', '\n'])) {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
        }
    }
    assert_eq!((&rows[0][8], &rows[0][10], &rows[4][8]), ("'=1+1", "'@spring", "'quoted"));
}

/// Wherever a file was cut, going on gives the file that was not cut.
#[test]
fn going_on_after_any_cut_gives_the_whole_file() {
    const EVENTS: u64 = 8;
    for format in FORMATS {
        let whole = written(format, 0..EVENTS);
        for cut in 0..=whole.len() {
            let found = Written::read(Cursor::new(&whole[..cut]), format);
            let found = found.unwrap_or_else(|e| panic!("{format:?} cut at {cut}: {e}"));
            let keep = usize::try_from(found.keep).expect("small");
            assert!(keep <= cut, "{format:?} cut at {cut} keeps {keep}");
            let next = found.last.map_or(0, |last| {
                (0..EVENTS).find(|n| event(*n).id == last.id).expect("one of them") + 1
            });
            assert_eq!(found.first.map(|first| first.id), (next > 0).then(|| event(0).id));
            assert_eq!(found.last.map(|l| l.ts), next.checked_sub(1).map(|n| event(n).ts));

            let mut out = whole[..keep].to_vec();
            let mut encoder = found.encoder();
            for n in next..EVENTS {
                encoder.event(&event(n), &mut out).expect("a form");
            }
            encoder.end(&mut out).expect("an end");
            assert!(out == whole, "{format:?} cut at {cut}, gone on with event {next}");
        }
    }
}

#[test]
fn a_finished_file_can_be_gone_on_with() {
    for format in FORMATS {
        let mut out = written(format, 0..3);
        let found = Written::read(Cursor::new(&out), format).expect("a log");
        assert_eq!(found.last.map(|last| last.id), Some(event(2).id));
        out.truncate(usize::try_from(found.keep).expect("small"));
        let mut encoder = found.encoder();
        encoder.event(&event(3), &mut out).expect("a form");
        encoder.end(&mut out).expect("an end");
        assert!(out == written(format, 0..4), "{format:?}");
    }
}

#[test]
fn what_is_no_log_is_refused() {
    let refused = |content: &[u8], format| match Written::read(Cursor::new(content), format) {
        Err(ResumeError::NotOurs(why)) => why,
        other => panic!("{format:?}: {other:?}"),
    };
    let header = COLUMNS.join(",");
    for format in FORMATS {
        for content in
            [&b"dear diary"[..], b"dear diary\nmore\n", b"a,b,c\n1,2,3\n", b"{\"a\":1}\n"]
        {
            refused(content, format);
        }
    }
    // Without a line break, or in the first line, somebody else's looks like ours cut short.
    for content in ["{\"a\":1}", "{\"id\":\"mia\"}", "{\"id\":7,\"seq\":1}", "x", "{}"] {
        refused(content.as_bytes(), Format::Jsonl);
        refused(format!("[\n{content}").as_bytes(), Format::Json);
        refused(format!("[\n{content}\n]\n").as_bytes(), Format::Json);
    }
    // Damage in the middle is not a tail that may be cut off.
    let csv = text(Format::Csv, 0..5);
    let damaged = csv.replacen("00000000-0000-0000-0000-000000000003", "00000000", 1);
    assert!(refused(damaged.as_bytes(), Format::Csv).contains("line "), "the line is named");
    refused(format!("{header}\nsome,thing\nelse\n").as_bytes(), Format::Csv);
    // One format is not another.
    refused(&written(Format::Json, 0..3), Format::Jsonl);
    refused(&written(Format::Jsonl, 0..3), Format::Json);
    refused(&written(Format::Jsonl, 0..3), Format::Csv);
}
