//! The people of a task: each once, none lost, and only by the worker whose task it is.

use decorum_core::{
    CandidateState, Crawl, Fence, NewCandidate, Platform, Progress, Source, Status, Task, TaskSpec,
    TaskState, Wish,
};

use super::arrange::{Bench, DAY, at_once, follow, name};
use super::tasks::{done, names, spec, submission};
use crate::{CANDIDATES_MAX, StoreError};

const FENCE: Fence = Fence::new(5);

fn rows(bench: &Bench, people: &[&str]) -> Vec<NewCandidate> {
    let row = |person: &&str| NewCandidate {
        username: name(person),
        seen_at: bench.now,
        source: Some("followers of mia".to_owned()),
        note: None,
    };
    people.iter().map(row).collect()
}

fn place(seen: u64, last: &[&str]) -> Crawl {
    let last_names = last.iter().copied().map(name).collect();
    Crawl { seen, last_names, scrolls: 1, ..Crawl::default() }
}

/// A running crawl of `anna`.
async fn running(bench: &Bench) -> Task {
    let task = bench.submit_crawl("crawl").await;
    bench.start(task, FENCE.get()).await
}

async fn add(bench: &Bench, people: &[&str], crawl: Crawl) -> (Task, u64) {
    let (id, people) = (name("crawl"), rows(bench, people));
    bench.store.add_candidates(&id, FENCE, people, crawl).await.unwrap()
}

pub(crate) async fn people_and_the_place_of_the_crawl_go_together(bench: Bench) {
    let task = running(&bench).await;
    let (after, added) = add(&bench, &["noa", "zoe"], place(2, &["zoe"])).await;
    assert_eq!((added, after.rev), (2, task.rev + 1));
    assert_eq!((after.crawl.seen, after.progress.candidates, after.progress.left), (2, 2, 2));
    let there = bench.people("crawl", true).await;
    assert_eq!(names(&there), ["noa", "zoe"]);
    assert_eq!(there[1].source.as_deref(), Some("followers of mia"));
    assert_eq!(bench.another("worker-2").task("crawl").await, after);
    bench.assert_intact().await;
}

pub(crate) async fn each_person_is_on_the_list_once(bench: Bench) {
    running(&bench).await;
    add(&bench, &["noa", "zoe", "noa"], place(3, &[])).await;
    let (task, added) = add(&bench, &["zoe", "mia", "noa", "eve"], place(7, &[])).await;
    assert_eq!((added, task.progress.candidates), (2, 4));
    let (task, added) = add(&bench, &["zoe", "mia"], place(9, &[])).await;
    assert_eq!((added, task.progress.candidates, task.crawl.seen), (0, 4, 9));
    let there = bench.people("crawl", false).await;
    assert_eq!(names(&there), ["noa", "zoe", "mia", "eve"]);
    assert_eq!(there.iter().map(|it| it.ord).collect::<Vec<_>>(), [1, 2, 3, 4]);
}

pub(crate) async fn two_tasks_have_their_own_lists(bench: Bench) {
    bench.submit("a", &["mia", "noa"]).await;
    bench.submit("b", &["noa", "mia", "zoe"]).await;
    assert_eq!(names(&bench.people("a", false).await), ["mia", "noa"]);
    assert_eq!(names(&bench.people("b", false).await), ["noa", "mia", "zoe"]);
}

pub(crate) async fn a_worker_whose_task_passed_on_changes_nothing(bench: Bench) {
    let task = running(&bench).await;
    add(&bench, &["noa"], place(1, &["noa"])).await;
    let before = bench.task("crawl").await;
    let taken = bench.start(before, FENCE.get() + 1).await;
    let (id, people) = (name("crawl"), rows(&bench, &["zoe"]));
    let asked = bench.store.add_candidates(&id, FENCE, people, place(2, &[])).await;
    assert!(matches!(asked, Err(StoreError::StaleFence { .. })), "{asked:?}");
    let settled = vec![(1, done(Status::Success))];
    let asked = bench.store.settle_candidates(&id, FENCE, settled, Progress::default()).await;
    assert!(matches!(asked, Err(StoreError::StaleFence { .. })), "{asked:?}");
    assert_eq!(bench.task("crawl").await, taken);
    assert_eq!(names(&bench.people("crawl", true).await), ["noa"]);
    assert!(taken.rev > task.rev);
}

pub(crate) async fn what_became_of_people_goes_with_the_progress(bench: Bench) {
    let task = bench.submit("spring", &["a", "b", "c", "d", "e"]).await;
    let task = bench.start(task, FENCE.get()).await;
    let states = [
        done(Status::Success),
        done(Status::Failed),
        CandidateState::Refused { reason: "already_engaged".to_owned() },
        CandidateState::PassedOver { reason: "private".to_owned() },
    ];
    let mut progress = task.progress;
    let mut settled = Vec::new();
    for (ord, state) in (1..).zip(&states) {
        progress = progress.with(state);
        settled.push((ord, state.clone()));
    }
    let id = name("spring");
    let after = bench.store.settle_candidates(&id, FENCE, settled.clone(), progress).await.unwrap();
    let expected =
        Progress { candidates: 5, done: 4, engaged: 1, skipped: 1, failed: 1, refused: 1, left: 1 };
    assert_eq!(after.progress, expected);
    assert_eq!(names(&bench.people("spring", true).await), ["e"]);
    let there = bench.people("spring", false).await;
    assert!(there.iter().zip(&states).all(|(it, state)| it.state == *state), "{there:?}");

    let again = bench.store.settle_candidates(&id, FENCE, settled, progress).await.unwrap();
    assert_eq!(again, after, "settling again changes nothing");
    let open = vec![(1, CandidateState::Open), (99, done(Status::Success))];
    let again = bench.store.settle_candidates(&id, FENCE, open, progress).await.unwrap();
    assert_eq!(again, after, "what is settled stays settled, and nobody is at place 99");
    bench.assert_intact().await;
}

pub(crate) async fn a_wish_that_came_meanwhile_is_told_at_the_checkpoint(bench: Bench) {
    let task = bench.submit("spring", &["a", "b"]).await;
    let task = bench.start(task, FENCE.get()).await;
    bench.save_by_hand(task.clone().pause().unwrap()).await;
    let settled = vec![(1, done(Status::Success))];
    let progress = task.progress.with(&settled[0].1);
    let id = name("spring");
    let after = bench.store.settle_candidates(&id, FENCE, settled, progress).await.unwrap();
    assert_eq!(after.wish, Some(Wish::Pause));
    let paused = bench.save(after.honour(bench.now).unwrap()).await.unwrap();
    assert_eq!((paused.state, paused.progress.engaged), (TaskState::Paused, 1));
}

pub(crate) async fn many_adding_at_once_lose_nobody(bench: Bench) {
    running(&bench).await;
    let crowd = bench.clone();
    let added = at_once(6, move |n| {
        let bench = crowd.another(&format!("worker-{n}"));
        async move {
            let people: Vec<_> = (0..10).map(|p| format!("p_{}", n * 5 + p)).collect();
            let people: Vec<_> = people.iter().map(String::as_str).collect();
            add(&bench, &people, place(10, &[])).await.1
        }
    })
    .await;
    let there = bench.people("crawl", false).await;
    assert_eq!(there.len(), 35);
    assert_eq!(added.iter().sum::<u64>(), 35);
    assert_eq!(there.iter().map(|it| it.ord).collect::<Vec<_>>(), (1..=35).collect::<Vec<_>>());
    assert_eq!(bench.task("crawl").await.progress.candidates, 35);
    bench.assert_intact().await;
}

pub(crate) async fn a_step_has_a_largest_size(bench: Bench) {
    running(&bench).await;
    let people: Vec<_> = (0..=CANDIDATES_MAX).map(|n| format!("p{n}")).collect();
    let mut people: Vec<_> = people.iter().map(String::as_str).collect();
    let id = name("crawl");
    let asked = bench.store.add_candidates(&id, FENCE, rows(&bench, &people), place(1, &[])).await;
    assert!(matches!(asked, Err(StoreError::TooMany { max: CANDIDATES_MAX, .. })), "{asked:?}");
    people.pop();
    let (task, added) = add(&bench, &people, place(1000, &people)).await;
    assert_eq!(added, 1000);
    assert_eq!(task.crawl.last_names.len(), 20, "only what it takes to find the place is kept");
    assert_eq!(task.crawl.last_names[19].as_str(), "p999");
    let nobody = bench.store.add_candidates(&name("no"), FENCE, Vec::new(), place(1, &[])).await;
    assert!(matches!(nobody, Err(StoreError::NoSuchTask(_))), "{nobody:?}");
}

pub(crate) async fn a_forgotten_person_is_no_candidate_any_more(bench: Bench) {
    bench.submit("list", &["noa", "mia", "zoe"]).await;
    running(&bench).await;
    add(&bench, &["mia", "noa"], place(2, &["noa", "mia"])).await;
    let forgotten =
        bench.store.forget(Platform::Instagram, &name("noa"), "eva", bench.now).await.unwrap();
    assert_eq!(forgotten.candidates, 2);

    for (id, left) in
        [("list", ["(nobody)", "mia", "zoe"].as_slice()), ("crawl", &["mia", "(nobody)"])]
    {
        let there = bench.people(id, false).await;
        assert_eq!(names(&there), left);
        let nobody = there.iter().find(|it| it.username.is_none()).unwrap();
        assert_eq!(nobody.state, CandidateState::Refused { reason: "suppressed".to_owned() });
        assert!(bench.people(id, true).await.iter().all(|it| it.username.is_some()));
    }
    let task = bench.task("crawl").await;
    assert_eq!(task.crawl.last_names, [name::<decorum_core::Username>("mia")]);
    // And nobody writes the name down again.
    let (task, added) = add(&bench, &["noa", "eve"], place(4, &["noa", "eve"])).await;
    assert_eq!((added, task.crawl.last_names.len()), (1, 1));
    let later = bench.submit("later", &["noa", "eve"]).await;
    assert_eq!((later.progress.left, later.progress.refused), (1, 1));
    assert_eq!(names(&bench.people("later", false).await), ["(nobody)", "eve"]);
    bench.assert_intact().await;
}

pub(crate) async fn forgetting_the_source_ends_the_task(bench: Bench) {
    let task = bench.submit_crawl("crawl").await;
    let bert = bench.submit_spec("bert", spec("bert"), &[]).await;
    bench.start(bert, 1).await;
    assert_eq!(task.spec.source, Source::FollowersOf(name("mia")));
    bench.store.forget(Platform::Instagram, &name("mia"), "eva", bench.now).await.unwrap();
    let ended = bench.task("crawl").await;
    assert_eq!((ended.spec.source, ended.state), (Source::Erased, TaskState::Cancelled));
    let running = bench.task("bert").await;
    assert_eq!((running.spec.source, running.wish), (Source::Erased, Some(Wish::Cancel)));
    let late = submission("late", spec("anna"), &[]);
    let late = bench.store.submit_task(late, "eva", bench.now).await.unwrap();
    assert_eq!((late.spec.source, late.state), (Source::Erased, TaskState::Cancelled));
    for entry in bench.store.admin_log(100).await.unwrap() {
        assert!(!format!("{entry:?}").contains("mia"), "{entry:?}");
    }
    bench.assert_intact().await;
}

pub(crate) async fn tasks_that_ended_long_ago_are_cleaned_up(bench: Bench) {
    let mut bench = bench.with("retention_days", serde_json::json!(10));
    bench.engage(follow("mia")).await;
    for (id, end) in [("old", true), ("open", false)] {
        let list = TaskSpec { source: Source::List, ..spec("anna") };
        let task = bench.submit_spec(id, list, &["mia", "noa"]).await;
        if end {
            bench.save_by_hand(task.cancel(bench.now).unwrap()).await;
        }
    }
    bench.wait(DAY * 9);
    let task = bench.submit("new", &["mia"]).await;
    bench.save_by_hand(task.cancel(bench.now).unwrap()).await;
    bench.wait(DAY * 2);
    let dry = bench.store.cleanup(&bench.settings, "eva", bench.now, true).await.unwrap();
    assert_eq!(dry.tasks_removed, 1);
    let mut removed = 0;
    loop {
        let step = bench.store.cleanup(&bench.settings, "eva", bench.now, false).await.unwrap();
        removed += step.tasks_removed;
        if !step.more {
            break;
        }
    }
    assert_eq!(removed, 1);
    assert_eq!(bench.store.task(&name("old")).await.unwrap(), None);
    assert_eq!(bench.people("old", false).await, []);
    assert_eq!(bench.people("open", false).await.len(), 2);
    assert!(bench.store.task(&name("new")).await.unwrap().is_some());
    bench.assert_intact().await;
}
