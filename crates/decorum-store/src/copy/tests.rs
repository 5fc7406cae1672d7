//! Copies from every kind of store into every other, broken off and gone on with.

use std::sync::Arc;

use decorum_core::{HaltReason, Refusal, RefusalReason, Seen};
use decorum_mongod::{Kind, test_database};
use serde_json::json;

use crate::conformance::arrange::{Bench, DAY, NETWORK, SECOND, follow, key, name};
use crate::{
    CopyError, Mark, Progress, Record, StoreError, Transfer, copy, open_for_copy, open_store,
};

/// An address that nobody else uses, and what keeps it.
fn place(kind: &str) -> (String, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let address = match kind {
        "mongodb" => test_database(Kind::Standalone),
        _ => format!("sqlite:{}", directory.path().join("decorum.db").display()),
    };
    (address, directory)
}

fn client(address: &str) -> Bench {
    let address = address.to_owned();
    Bench::new(Arc::new(move || {
        let address = address.clone();
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current()
                .block_on(async move { open_store(&address).await.unwrap() })
        })
    }))
}

/// A store in which some of everything happened.
async fn lived_in(address: &str) -> Bench {
    let mut bench = client(address);
    let store = Arc::clone(&bench.store);
    let kept = bench.settings.with("retention_days", json!(20)).unwrap();
    store.put_settings(&kept, 0, "eva", bench.now).await.unwrap();
    for n in 0..30 {
        bench.engage(follow(&format!("old_{n}"))).await;
    }
    bench.wait(DAY * 25);
    for n in 0..700 {
        let refusal = Refusal::new(RefusalReason::AlreadyEngaged, None);
        let account = ["anna", "anna.b", "bert"][n % 3];
        let key = key(account, &format!("mia_{}", n % 50), follow("mia").action);
        match n % 7 {
            0 => drop(bench.engage_with(key, NETWORK).await),
            _ => drop(bench.observe(key, Seen::Refused(refusal)).await),
        }
    }
    for target in ["zoe", "zoe.x", "zoe_y"] {
        bench.engage(follow(target)).await;
        bench.engage(key("anna.b", target, follow("zoe").action)).await;
    }
    store.cleanup(&kept, "eva", bench.now, false).await.unwrap();
    let people = ["never", "ever", "gone"].map(name);
    let platform = follow("mia").platform;
    store.suppress(platform, &people, Some("they asked"), "eva", bench.now).await.unwrap();
    store.forget(platform, &name("gone"), "eva", bench.now).await.unwrap();
    store.halt(&name("bert"), HaltReason::Operator, "holidays", "eva", bench.now).await.unwrap();
    let worker = name("worker-1");
    store.acquire_lease("account:anna", &worker, None, SECOND, bench.now).await.unwrap().unwrap();
    with_tasks(&bench).await;
    bench.wait(SECOND * 5);
    bench
}

/// Tasks in several states, some of their people settled, a phone, and alerts.
pub(crate) async fn with_tasks(bench: &Bench) {
    let people: Vec<_> = (0..600).map(|n| format!("p_{n}")).collect();
    let people: Vec<_> = people.iter().map(String::as_str).collect();
    let task = bench.submit("spring", &people).await;
    let task = bench.start(task, 3).await;
    let done = crate::conformance::tasks::done(decorum_core::Status::Success);
    let progress = task.progress.with(&done);
    let (id, fence) = (task.id.clone(), task.fence);
    bench.store.settle_candidates(&id, fence, vec![(7, done)], progress).await.unwrap();
    let crawl = bench.submit_crawl("crawl").await;
    bench.save_by_hand(crawl.cancel(bench.now).unwrap()).await;
    let url = "http://10.0.0.7:4723".to_owned();
    let phone = decorum_core::DeviceRecord::new(name("phone-1"), url, vec![name("anna")]);
    bench.store.put_device(&phone, 0, Some("eva"), bench.now).await.unwrap();
    for subject in ["anna", "bert"] {
        let alert = decorum_core::Alert {
            id: name(&crate::conformance::arrange::event_id().to_string()),
            kind: decorum_core::AlertKind::AccountHalted,
            subject: subject.to_owned(),
            message: "the app asks for a code".to_owned(),
            raised_at: bench.now,
            closed_at: None,
            closed_by: None,
            evidence: None,
        };
        let (alert, _) = bench.store.raise_alert(alert).await.unwrap();
        if subject == "bert" {
            bench.store.close_alert(alert.id, "eva", bench.now).await.unwrap();
        }
    }
}

async fn both(source: &str, target: &str) -> (Arc<dyn Transfer>, Arc<dyn Transfer>) {
    (open_for_copy(source).await.unwrap(), open_for_copy(target).await.unwrap())
}

/// The whole log. Events of one millisecond stand in the order of arrival, which differs.
async fn by_account(bench: &Bench) -> Vec<decorum_core::Event> {
    let mut log = bench.log().await;
    log.sort_by(|a, b| (&a.account_id, a.seq).cmp(&(&b.account_id, b.seq)));
    log
}

/// The mark of some attempt at copying this store.
fn mark_of(from: &str) -> Mark {
    Mark { from: from.to_owned(), run: "an earlier one".to_owned() }
}

fn quietly(_: Progress) {}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_is_the_same_store_whatever_it_is_kept_in() {
    for (from, to) in
        [("sqlite", "sqlite"), ("sqlite", "mongodb"), ("mongodb", "sqlite"), ("mongodb", "mongodb")]
    {
        let ((source, _kept), (target, _also)) = (place(from), place(to));
        let bench = lived_in(&source).await;
        let (a, b) = both(&source, &target).await;
        let mut last = None;
        let copied = copy(a, b, &mut |progress| last = Some(progress)).await.unwrap();
        let last = last.unwrap();
        assert_eq!((last.done, last.total), (copied.events, copied.events), "{from} to {to}");

        let mut there = client(&target);
        assert_eq!(by_account(&there).await, by_account(&bench).await, "{from} to {to}");
        assert_eq!(there.store.accounts().await.unwrap(), bench.store.accounts().await.unwrap());
        there.assert_intact().await;
        // It decides as the other does, and goes on from where that was.
        there.now = bench.now;
        assert_eq!(there.refused(follow("zoe")).await, RefusalReason::AlreadyEngaged);
        assert_eq!(there.refused(follow("gone")).await, RefusalReason::Suppressed);
        let bert = key("bert", "new", follow("new").action);
        assert_eq!(there.refused(bert).await, RefusalReason::AccountHalted);
        let fence = there
            .store
            .acquire_lease("account:anna", &name("worker-2"), None, SECOND, bench.now)
            .await
            .unwrap()
            .unwrap()
            .fence;
        assert_eq!(fence.get(), 2, "fences go on growing");
        there.account_fence = Some(fence);
        there.engage(follow("somebody_new")).await;
        there.assert_intact().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_broke_off_is_gone_on_with_and_of_no_use_until_then() {
    for to in ["sqlite", "mongodb"] {
        let ((source, _kept), (target, _also)) = (place("sqlite"), place(to));
        let bench = lived_in(&source).await;
        let (a, b) = both(&source, &target).await;
        // As far as a copy gets whose process dies in the middle of the log.
        let mark = mark_of(&a.address());
        b.set_mark(&mark).await.unwrap();
        let view = a.accounts().await.unwrap().remove(0);
        let after = view.account.checkpoint.unwrap().head.seq;
        let chain = a.chain(&view.account.account_id, after, 40).await.unwrap();
        b.take_in(&mark, vec![Record::Account(Box::new(view))]).await.unwrap();
        let events = chain.into_iter().map(|e| Record::Event(Box::new(e.unwrap())));
        b.take_in(&mark, events.collect()).await.unwrap();
        b.close().await.unwrap();

        let opened = open_store(&target).await.err();
        assert!(matches!(opened, Some(StoreError::HalfCopied { .. })), "{opened:?}");
        let opened = crate::open_store_read_only(&target).await.err();
        assert!(matches!(opened, Some(StoreError::HalfCopied { .. })), "{opened:?}");

        let (a, b) = both(&source, &target).await;
        let copied = copy(a, b, &mut quietly).await.unwrap();
        assert_eq!(copied.resumed, 40);
        let there = client(&target);
        assert_eq!(by_account(&there).await, by_account(&bench).await);
        there.assert_intact().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_in_use_is_not_copied_over() {
    let ((source, _kept), (target, _also)) = (place("sqlite"), place("sqlite"));
    let bench = lived_in(&source).await;
    client(&target).engage(follow("mia")).await;
    let (a, b) = both(&source, &target).await;
    let refused = copy(a, b, &mut quietly).await;
    assert!(matches!(refused, Err(CopyError::NotEmpty { .. })), "{refused:?}");
    let (a, b) = both(&source, &source).await;
    let refused = copy(a, b, &mut quietly).await;
    assert!(matches!(refused, Err(CopyError::Same { .. })), "{refused:?}");
    bench.assert_intact().await;

    let (empty, _too) = place("sqlite");
    let begun = open_for_copy(&empty).await.unwrap();
    begun.set_mark(&mark_of("sqlite:/elsewhere.db")).await.unwrap();
    let (a, b) = both(&source, &empty).await;
    let refused = copy(a, b, &mut quietly).await;
    assert!(matches!(refused, Err(CopyError::OtherSource { .. })), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_that_is_used_meanwhile_is_noticed_and_the_copy_goes_on_later() {
    let ((source, _kept), (target, _also)) = (place("sqlite"), place("sqlite"));
    let bench = lived_in(&source).await;
    let (a, b) = both(&source, &target).await;
    let (used, runtime) = (bench.clone(), tokio::runtime::Handle::current());
    let mut once = true;
    let mut show = |progress: Progress| {
        if std::mem::take(&mut once) {
            assert!(progress.done < progress.total);
            tokio::task::block_in_place(|| {
                runtime.block_on(async {
                    drop(used.engage(key("cleo", "noa", follow("noa").action)).await);
                });
            });
        }
    };
    let differs = copy(a, b, &mut show).await;
    assert!(matches!(differs, Err(CopyError::Differs { .. })), "{differs:?}");
    let (a, b) = both(&source, &target).await;
    copy(a, b, &mut quietly).await.unwrap();
    let there = client(&target);
    assert_eq!(by_account(&there).await, by_account(&bench).await);
    there.assert_intact().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_differs_of_an_earlier_attempt_is_copied_again() {
    for to in ["sqlite", "mongodb"] {
        let ((source, _kept), (target, _also)) = (place("sqlite"), place(to));
        let bench = lived_in(&source).await;
        let (a, b) = both(&source, &target).await;
        let mark = mark_of(&a.address());
        b.set_mark(&mark).await.unwrap();
        let view = a.accounts().await.unwrap().remove(0);
        let after = view.account.checkpoint.unwrap().head.seq;
        let chain = a.chain(&view.account.account_id, after, 60).await.unwrap();
        let mut events: Vec<_> = chain.into_iter().map(Result::unwrap).collect();
        // One that was cleaned up at the source since, and one that was changed.
        let mut gone = events[0].clone();
        (gone.seq, gone.id) = (after, crate::conformance::arrange::event_id());
        events[7].reason = Some("changed".to_owned());
        events.push(gone);
        let events = events.into_iter().map(|event| Record::Event(Box::new(event)));
        b.take_in(&mark, vec![Record::Account(Box::new(view))]).await.unwrap();
        b.take_in(&mark, events.collect()).await.unwrap();

        copy(a, b, &mut quietly).await.unwrap();
        let there = client(&target);
        assert_eq!(by_account(&there).await, by_account(&bench).await);
        there.assert_intact().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unfinished_copy_is_not_copied_on() {
    let ((source, _kept), (target, _also)) = (place("sqlite"), place("sqlite"));
    lived_in(&source).await;
    let (a, b) = both(&source, &target).await;
    a.set_mark(&mark_of("sqlite:/first.db")).await.unwrap();
    let refused = copy(a, b, &mut quietly).await;
    assert!(
        matches!(&refused, Err(CopyError::Store(StoreError::HalfCopied { from, .. }))
            if from == "sqlite:/first.db"),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suppression_added_while_the_log_is_compared_is_noticed() {
    for to in ["sqlite", "mongodb"] {
        let ((source, _kept), (target, _also)) = (place("sqlite"), place(to));
        let bench = lived_in(&source).await;
        let (a, b) = both(&source, &target).await;
        let runtime = tokio::runtime::Handle::current();
        let mut once = true;
        let mut show = |progress: Progress| {
            if progress.stage == crate::Stage::Verifying && std::mem::take(&mut once) {
                let suppress = async {
                    let (people, platform) = ([name("late")], follow("late").platform);
                    bench.store.suppress(platform, &people, None, "eva", bench.now).await.unwrap();
                };
                tokio::task::block_in_place(|| runtime.block_on(suppress));
            }
        };
        let differs = copy(a, b, &mut show).await;
        assert!(matches!(differs, Err(CopyError::Differs { .. })), "{differs:?}");
        assert!(matches!(open_store(&target).await.err(), Some(StoreError::HalfCopied { .. })));
        let (a, b) = both(&source, &target).await;
        copy(a, b, &mut quietly).await.unwrap();
        assert_eq!(client(&target).refused(follow("late")).await, RefusalReason::Suppressed);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_copies_into_one_store_the_first_stops() {
    for to in ["sqlite", "mongodb"] {
        let ((source, _kept), (target, _also)) = (place("sqlite"), place(to));
        lived_in(&source).await;
        let (a, b) = both(&source, &target).await;
        let (other, runtime) =
            (open_for_copy(&target).await.unwrap(), tokio::runtime::Handle::current());
        let from = a.address();
        let mut show = |progress: Progress| {
            if progress.stage == crate::Stage::Verifying {
                let take_over = async { other.set_mark(&mark_of(&from)).await.unwrap() };
                tokio::task::block_in_place(|| runtime.block_on(take_over));
            }
        };
        let stopped = copy(a, b, &mut show).await;
        assert!(
            matches!(stopped, Err(CopyError::Store(StoreError::TakenOver { .. }))),
            "{stopped:?}"
        );
        assert!(matches!(open_store(&target).await.err(), Some(StoreError::HalfCopied { .. })));
    }
}
