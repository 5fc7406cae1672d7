//! The process dies after any of its requests while a task changes: people and the place of the crawl
//! never part, nobody is lost, and each is there once.

use decorum_core::{CandidateState, Crawl, Fence, NewCandidate, Status, TaskStateName};
use mongodb::bson::{Document, doc};

use super::bench;
use super::crash::{at_every_point, dying_after};
use crate::conformance::arrange::{Bench, name};
use crate::conformance::tasks::{names, spec, submission};
use crate::mongo::tasks::Deed;
use crate::{TaskStore as _, mongo::MongoStore};

const FENCE: Fence = Fence::new(5);

fn rows(bench: &Bench, people: &[&str]) -> Vec<NewCandidate> {
    let row = |person: &&str| NewCandidate {
        username: name(person),
        seen_at: bench.now,
        source: None,
        note: None,
    };
    people.iter().map(row).collect()
}

async fn crawling(bench: &Bench) {
    let task = bench.submit_crawl("crawl").await;
    bench.start(task, FENCE.get()).await;
    let (id, people) = (name("crawl"), rows(bench, &["a", "b"]));
    bench.store.add_candidates(&id, FENCE, people, Crawl::default()).await.unwrap();
}

async fn agree(bench: &Bench, id: &str) -> usize {
    let (task, people) = (bench.task(id).await, bench.people(id, false).await);
    assert_eq!(task.progress.candidates, people.len() as u64);
    let ords: Vec<_> = people.iter().map(|it| it.ord).collect();
    assert_eq!(ords, (1..=task.progress.candidates).collect::<Vec<_>>());
    people.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_and_the_place_of_the_crawl_never_part() {
    let points = at_every_point(async |bench, database, requests| {
        crawling(&bench).await;
        let crawl = Crawl { seen: 4, last_names: vec![name("d")], ..Crawl::default() };
        let people = rows(&bench, &["b", "c", "d"]);
        let store = database.open().await;
        let id = name("crawl");
        let step = Deed::Add { fence: FENCE, people: &people, crawl: &crawl };
        let died = dying_after(requests, store.keeper.task_step(&id, step)).await.is_none();

        let next = bench.another("worker-2");
        let there = agree(&next, "crawl").await;
        let seen = next.task("crawl").await.crawl.seen;
        assert_eq!((there, seen), if seen == 0 { (2, 0) } else { (4, 4) });
        next.store.add_candidates(&id, FENCE, people, crawl).await.unwrap();
        assert_eq!(names(&next.people("crawl", false).await), ["a", "b", "c", "d"]);
        agree(&next, "crawl").await;
        next.assert_intact().await;
        died
    })
    .await;
    assert!(points >= 4, "a look, a write, the people and the end, not {points}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_became_of_people_and_the_progress_never_part() {
    at_every_point(async |bench, database, requests| {
        crawling(&bench).await;
        let state = CandidateState::Done { status: Status::Success, reason: None };
        let progress = bench.task("crawl").await.progress.with(&state);
        let settled = vec![(1, state.clone())];
        let store = database.open().await;
        let id = name("crawl");
        let step = Deed::Settle { fence: FENCE, settled: &settled, progress };
        let died = dying_after(requests, store.keeper.task_step(&id, step)).await.is_none();

        let next = bench.another("worker-2");
        let engaged = next.task("crawl").await.progress.engaged;
        let open = next.people("crawl", true).await.len() as u64;
        assert_eq!(open, 2 - engaged, "after {requests} requests");
        let after = next.store.settle_candidates(&id, FENCE, settled, progress).await.unwrap();
        assert_eq!((after.progress.engaged, after.progress.left), (1, 1));
        assert_eq!(names(&next.people("crawl", true).await), ["b"]);
        next.assert_intact().await;
        died
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_is_submitted_with_its_people_and_its_note_or_not_at_all() {
    at_every_point(async |bench, database, requests| {
        let list = decorum_core::TaskSpec { source: decorum_core::Source::List, ..spec("anna") };
        let submission = submission("spring", list, &["mia", "noa"]);
        let store = database.open().await;
        let submit = store.keeper.submit_task(&submission, "eva", bench.now);
        let died = dying_after(requests, submit).await.is_none();

        let next = bench.another("worker-2");
        let there = next.store.task(&name("spring")).await.unwrap().is_some();
        let noted = next.store.admin_log(10).await.unwrap().len();
        assert_eq!(noted, usize::from(there), "after {requests} requests");
        if there {
            assert_eq!(agree(&next, "spring").await, 2);
        }
        next.store.submit_task(submission, "eva", bench.now).await.unwrap();
        assert_eq!(agree(&next, "spring").await, 2);
        assert_eq!(next.store.admin_log(10).await.unwrap().len(), 1);
        next.assert_intact().await;
        died
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_person_does_to_a_task_is_noted_if_it_was_done() {
    at_every_point(async |bench, database, requests| {
        let task = bench.submit("spring", &["mia"]).await;
        let paused = task.clone().pause().unwrap();
        let store = database.open().await;
        let (expected, who, now) = (task.rev, Some("eva"), bench.now);
        let step = Deed::Save { task: &paused, expected, who, now };
        let died = dying_after(requests, store.keeper.task_step(&task.id, step)).await.is_none();

        let next = bench.another("worker-2");
        let paused = next.task("spring").await.state.name() == TaskStateName::Paused;
        let noted = next.store.admin_log(10).await.unwrap().len();
        assert_eq!(noted, 1 + usize::from(paused), "after {requests} requests");
        next.assert_intact().await;
        died
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_and_the_note_about_it_go_together() {
    for remove in [false, true] {
        at_every_point(async |bench, database, requests| {
            let url = "http://10.0.0.7:4723".to_owned();
            let phone = decorum_core::DeviceRecord::new(name("phone-1"), url, Vec::new());
            if remove {
                bench.store.put_device(&phone, 0, None, bench.now).await.unwrap();
            }
            let store = database.open().await;
            let (mut attempt, id) = (None, name("phone-1"));
            let work = async {
                let keeper = &store.keeper;
                match remove {
                    false => keeper
                        .put_device(&phone, 0, Some("eva"), bench.now, &mut attempt)
                        .await
                        .map(drop),
                    true => {
                        keeper.remove_device(&id, "eva", bench.now, &mut attempt).await.map(drop)
                    }
                }
            };
            let died = dying_after(requests, work).await.is_none();
            let next = bench.another("worker-2");
            let there = next.store.device(&name("phone-1")).await.unwrap().is_some();
            let noted = next.store.admin_log(10).await.unwrap().len();
            assert_eq!(noted, usize::from(there != remove), "after {requests} requests");
            next.assert_intact().await;
            died
        })
        .await;
    }
}

/// A worker that decided before it was overtaken, and writes after.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_frozen_worker_writes_late_changes_nothing() {
    let (bench, database) = bench();
    crawling(&bench).await;
    let frozen: MongoStore = database.open().await;
    let people = rows(&bench, &["c"]);
    let crawl = Crawl::default();
    let step = Deed::Add { fence: FENCE, people: &people, crawl: &crawl };
    let id = name("crawl");
    // It has looked, and no more.
    dying_after(3, frozen.keeper.task_step(&id, step)).await;
    let task = bench.task("crawl").await;
    bench.start(task, FENCE.get() + 1).await;
    assert!(frozen.add_candidates(&id, FENCE, people, crawl).await.is_err());
    assert_eq!(agree(&bench, "crawl").await, 2);
}

async fn stages(database: &super::Database, collection: &str, find: Document) -> String {
    let client = mongodb::Client::with_uri_str(&database.address).await.unwrap();
    let mut find = find;
    let mut command = doc! { "find": collection };
    command.extend(std::mem::take(&mut find));
    let explain = doc! { "explain": command, "verbosity": "queryPlanner" };
    let plan = client.default_database().unwrap().run_command(explain).await.unwrap();
    let winning = plan.get_document("queryPlanner").unwrap().get_document("winningPlan").unwrap();
    winning.to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn open_tasks_and_open_people_are_found_without_reading_the_others() {
    let (_bench, database) = bench();
    for (collection, find, index) in [
        (
            "tasks",
            doc! { "filter": { "open": true }, "sort": { "created_at": 1, "_id": 1 } },
            "tasks_open",
        ),
        ("tasks", doc! { "filter": {}, "sort": { "created_at": -1, "_id": -1 } }, "tasks_newest"),
        (
            "tasks",
            doc! {
                "filter": { "account_id": "anna" }, "sort": { "created_at": -1, "_id": -1 },
            },
            "tasks_account",
        ),
        (
            "task_candidates",
            doc! {
                "filter": { "task_id": "t", "ord": { "$gt": 5_i64 }, "state": "open" },
                "sort": { "ord": 1 },
                "hint": "candidates_open",
            },
            "candidates_open",
        ),
        (
            "task_candidates",
            doc! { "filter": { "task_id": "t", "ord": { "$gt": 5_i64 } }, "sort": { "ord": 1 } },
            "candidates_ord",
        ),
        ("task_candidates", doc! { "filter": { "username": "mia" } }, "candidates_name"),
    ] {
        let plan = stages(&database, collection, find.clone()).await;
        assert!(plan.contains(index), "{find}: {plan}");
        assert!(!plan.contains("\"SORT\"") && !plan.contains("COLLSCAN"), "{find}: {plan}");
    }
}
