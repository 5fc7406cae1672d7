//! The cost of a page depends neither on how long the log is nor on how rare what it asks for is.

use decorum_core::{Action, ErrorClass, Seen, Status};
use mongodb::bson::{Document, doc};

use super::standalone;
use crate::conformance::arrange::{Bench, NETWORK, SECOND, SUCCESS, key, name};
use crate::mongo::log::{queries, sorted};
use crate::strands::Way;
use crate::{EventFilter, Order};

const EVENTS: usize = 4_000;
const WANTED: i64 = 101;

/// Mostly the same, and a few that are different.
async fn fill(bench: &mut Bench) {
    for portion in 0..EVENTS / 1_000 {
        let mut seen = Vec::new();
        for n in 0..1_000 {
            let rare = n == 500;
            let action = if rare { Action::Comment } else { Action::Follow };
            let outcome = if rare { NETWORK } else { SUCCESS };
            let person = format!("mia_{portion}_{n}");
            let mut one = bench.seen(key("anna", &person, action), Seen::Outcome(outcome));
            one.device_id = Some(name(if rare { "phone-2" } else { "phone-1" }));
            seen.push(one);
        }
        bench.store.observe(&bench.settings, seen).await.unwrap();
        bench.wait(SECOND);
    }
}

fn number(document: &Document, name: &str) -> i64 {
    document
        .get_i32(name)
        .map(i64::from)
        .or_else(|_| document.get_i64(name))
        .unwrap_or_else(|_| panic!("no `{name}` in {document}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rare_combination_is_found_without_reading_over_the_others() {
    let (open, database) = standalone();
    let mut bench = Bench::new(open);
    fill(&mut bench).await;
    let client = mongodb::Client::with_uri_str(&database.address).await.unwrap();
    for mask in 0..32_u32 {
        let on = |bit: u32| mask & (1 << bit) != 0;
        let filter = EventFilter {
            account_id: on(0).then(|| name("anna")),
            device_id: on(1).then(|| name("phone-2")),
            action: on(2).then_some(Action::Comment),
            status: on(3).then_some(Status::Failed),
            error_class: on(4).then_some(ErrorClass::Network),
            ..EventFilter::default()
        };
        let (index, queries) = queries(&filter);
        let kinds = Way::of(&filter).kinds.map_or(1, |kinds| kinds.each().count());
        let (mut keys, mut found) = (0, 0);
        for query in queries {
            let find = doc! {
                "find": "interactions_events",
                "filter": query,
                "sort": sorted(Order::Newest),
                "hint": index.name(),
                "limit": WANTED,
            };
            let explain = doc! { "explain": find, "verbosity": "executionStats" };
            let plan = client.default_database().unwrap().run_command(explain).await.unwrap();
            let stats = plan.get_document("executionStats").unwrap();
            assert!(!stats.to_string().contains("\"SORT\""), "sorts for {filter:?}: {stats}");
            keys += number(stats, "totalKeysExamined");
            found += number(stats, "nReturned");
        }
        let expected = if mask & 0b11110 == 0 { WANTED } else { 4 };
        assert_eq!(found, expected, "{filter:?}");
        // A look at each strand, the same again where one ends, and the events.
        let most = i64::try_from(2 * kinds).unwrap() + WANTED;
        assert!(keys <= most, "{keys} keys for {filter:?}, which has {kinds} kinds");
    }
}
