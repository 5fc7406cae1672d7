//! Tasks: submitted once, in the order of their queue, changed by one at a time.

use decorum_core::{
    Action, Candidate, CandidateState, Filters, Schedule, Source, Task, TaskKind, TaskSpec,
    TaskState, TaskStateName, WaitReason, Wish,
};

use super::arrange::{Bench, DAY, SECOND, at_once, name};
use crate::{StoreError, Submission, TaskFilter};

/// The followers of `mia` are followed by this account.
pub(crate) fn spec(account: &str) -> TaskSpec {
    TaskSpec {
        kind: TaskKind::Engage,
        account_id: name(account),
        actions: vec![Action::Follow],
        source: Source::FollowersOf(name("mia")),
        limit: Some(50),
        comments: Vec::new(),
        dry_run: false,
        priority: 0,
        filters: Filters::default(),
        schedule: None,
        name: None,
    }
}

/// A submission of this task.
pub(crate) fn submission(id: &str, spec: TaskSpec, targets: &[&str]) -> Submission {
    let targets = targets.iter().copied().map(name).collect();
    Submission { id: name(id), spec, targets, copy_of: None }
}

impl Bench {
    pub(crate) async fn submit_spec(&self, id: &str, spec: TaskSpec, targets: &[&str]) -> Task {
        self.store.submit_task(submission(id, spec, targets), "eva", self.now).await.unwrap()
    }

    /// A task that `anna` follows these people.
    pub(crate) async fn submit(&self, id: &str, targets: &[&str]) -> Task {
        let spec = TaskSpec { source: Source::List, ..spec("anna") };
        self.submit_spec(id, spec, targets).await
    }

    /// A task that looks for the followers of `mia`.
    pub(crate) async fn submit_crawl(&self, id: &str) -> Task {
        self.submit_spec(id, spec("anna"), &[]).await
    }

    pub(crate) async fn task(&self, id: &str) -> Task {
        self.store.task(&name(id)).await.unwrap().unwrap()
    }

    /// Saves it as a worker does.
    pub(crate) async fn save(&self, task: Task) -> Result<Task, StoreError> {
        let rev = task.rev;
        self.store.save_task(&task, rev, None, self.now).await
    }

    /// Saves it as a person does.
    pub(crate) async fn save_by_hand(&self, task: Task) -> Task {
        let rev = task.rev;
        self.store.save_task(&task, rev, Some("eva"), self.now).await.unwrap()
    }

    pub(crate) fn started(&self, task: Task, fence: u64) -> Task {
        let fence = decorum_core::Fence::new(fence);
        task.start(self.holder.clone(), name("phone-1"), fence, self.now).unwrap()
    }

    pub(crate) async fn start(&self, task: Task, fence: u64) -> Task {
        self.save(self.started(task, fence)).await.unwrap()
    }

    pub(crate) async fn people(&self, id: &str, open_only: bool) -> Vec<Candidate> {
        let mut people: Vec<Candidate> = Vec::new();
        loop {
            let after = people.last().map_or(0, |last| last.ord);
            let more = self.store.candidates(&name(id), open_only, after, 7).await.unwrap();
            if more.is_empty() {
                return people;
            }
            assert!(more.len() <= 7);
            people.extend(more);
        }
    }

    async fn notes(&self) -> Vec<(String, String)> {
        let log = self.store.admin_log(100).await.unwrap();
        log.into_iter().rev().map(|entry| (entry.what, entry.subject)).collect()
    }
}

/// Who they are, in order.
pub(crate) fn names(people: &[Candidate]) -> Vec<&str> {
    let name = |each: &'static str, it: &Candidate| it.username.is_none().then_some(each);
    people
        .iter()
        .map(|it| name("(nobody)", it).unwrap_or_else(|| it.username.as_ref().unwrap().as_str()))
        .collect()
}

pub(crate) async fn a_task_is_kept_as_it_was_submitted(bench: Bench) {
    let schedule =
        Schedule::Daily { at: "09:30".to_owned(), time_zone: "Europe/Berlin".to_owned() };
    let filters =
        Filters { skip_private: true, bio_excludes: vec!["no dms".into()], ..Filters::default() };
    let full = TaskSpec {
        actions: vec![Action::Like, Action::Comment],
        comments: vec!["so schön! 🌷".into()],
        priority: -3,
        filters,
        schedule: Some(schedule),
        name: Some("spring".into()),
        dry_run: true,
        ..spec("anna")
    };
    let submitted = bench.submit_spec("spring", full.clone(), &[]).await;
    assert_eq!(submitted.spec, full);
    assert!(submitted.due_at().is_some_and(|due| due > bench.now && due < bench.now.plus(DAY)));
    assert_eq!(bench.another("worker-2").task("spring").await, submitted);
    assert_eq!(bench.store.task(&name("autumn")).await.unwrap(), None);
    bench.assert_intact().await;
}

pub(crate) async fn the_people_of_a_list_are_its_candidates(bench: Bench) {
    let people: Vec<String> = (0..40).map(|n| format!("mia_{n}")).collect();
    let given: Vec<_> = people.iter().map(String::as_str).collect();
    let task = bench.submit("spring", &given).await;
    assert_eq!((task.progress.candidates, task.progress.left), (40, 40));
    let there = bench.people("spring", true).await;
    assert_eq!(names(&there), given);
    assert_eq!(there.iter().map(|it| it.ord).collect::<Vec<_>>(), (1..=40).collect::<Vec<_>>());
    assert_eq!(bench.people("spring", false).await, there);
}

pub(crate) async fn submitting_twice_is_submitting_once(bench: Bench) {
    let first = bench.submit("spring", &["mia", "noa"]).await;
    let again = bench.submit("spring", &["zoe"]).await;
    assert_eq!(again, first);
    assert_eq!(names(&bench.people("spring", false).await), ["mia", "noa"]);
    let crowd = bench.clone();
    let all = at_once(8, move |_| {
        let bench = crowd.clone();
        async move { bench.submit("summer", &["mia"]).await }
    })
    .await;
    assert!(all.iter().all(|task| *task == all[0]));
    let submitted = ("task.submitted".to_owned(), "summer".to_owned());
    let noted = bench.notes().await.into_iter().filter(|note| *note == submitted).count();
    assert_eq!(noted, 1);
}

pub(crate) async fn what_cannot_work_is_refused_and_changes_nothing(bench: Bench) {
    let list = || TaskSpec { source: Source::List, ..spec("anna") };
    for (spec, targets, field) in [
        (list(), &[][..], "targets"),
        (list(), &["mia", "mia"], "targets"),
        (list(), &["anna"], "targets"),
        (spec("anna"), &["mia"], "targets"),
        (TaskSpec { actions: Vec::new(), ..list() }, &["mia"], "actions"),
    ] {
        let asked = bench.store.submit_task(submission("t", spec, targets), "eva", bench.now).await;
        let Err(StoreError::BadTask(problem)) = asked else { panic!("{asked:?}") };
        assert_eq!(problem.field, field, "{problem}");
    }
    assert_eq!(bench.store.task(&name("t")).await.unwrap(), None);
    assert_eq!(bench.notes().await, []);
}

pub(crate) async fn tasks_queue_up_behind_each_other(bench: Bench) {
    for (id, ord) in [("a", 1), ("b", 2), ("c", 3)] {
        assert_eq!(bench.submit(id, &["mia"]).await.ord, ord);
    }
    let other = TaskSpec { source: Source::List, ..spec("bert") };
    assert_eq!(bench.submit_spec("d", other, &["mia"]).await.ord, 1);
    let c = bench.task("c").await;
    let cancelled = c.cancel(bench.now).unwrap();
    bench.save_by_hand(cancelled).await;
    assert_eq!(bench.submit("e", &["mia"]).await.ord, 3, "what ended has no place any more");
}

pub(crate) async fn a_change_needs_the_rev_it_was_based_on(bench: Bench) {
    let task = bench.submit("spring", &["mia"]).await;
    let running = bench.start(task.clone(), 1).await;
    assert_eq!(running.rev, task.rev + 1);
    let stale = task.clone().pause().unwrap();
    let asked = bench.store.save_task(&stale, task.rev, Some("eva"), bench.now).await;
    assert!(matches!(asked, Err(StoreError::Conflict { found: 2, expected: 1, .. })), "{asked:?}");
    assert_eq!(bench.task("spring").await, running);
    let nobody = Task { id: name("autumn"), ..task };
    let asked = bench.store.save_task(&nobody, 1, None, bench.now).await;
    assert!(matches!(asked, Err(StoreError::NoSuchTask(_))), "{asked:?}");
    let same = bench.save(running.clone()).await.unwrap();
    assert_eq!(same, running, "what changes nothing is no change");
}

pub(crate) async fn one_of_many_racing_changes_wins(bench: Bench) {
    let task = bench.submit("spring", &["mia"]).await;
    let crowd = bench.clone();
    let won = at_once(8, move |n| {
        let (bench, task) = (crowd.another(&format!("worker-{n}")), task.clone());
        async move { bench.save(bench.started(task, n as u64 + 1)).await }
    })
    .await;
    let winners: Vec<_> = won.iter().filter_map(|won| won.as_ref().ok()).collect();
    assert_eq!(winners.len(), 1, "{won:?}");
    assert_eq!(bench.task("spring").await, *winners[0]);
    let lost = |won: &&Result<Task, StoreError>| matches!(won, Err(StoreError::Conflict { .. }));
    assert_eq!(won.iter().filter(lost).count(), 7, "{won:?}");
}

pub(crate) async fn an_account_runs_one_task_at_a_time(bench: Bench) {
    let (a, b) = (bench.submit("a", &["mia"]).await, bench.submit("b", &["mia"]).await);
    let running = bench.start(a, 1).await;
    let second = bench.save(bench.started(b.clone(), 1)).await;
    assert!(matches!(second, Err(StoreError::AlreadyRunning { .. })), "{second:?}");
    assert_eq!(bench.task("b").await.state, TaskState::Queued);
    let finished = running.finish(bench.now).unwrap();
    bench.save(finished).await.unwrap();
    bench.start(b, 2).await;
    let other = TaskSpec { source: Source::List, ..spec("bert") };
    let other = bench.submit_spec("c", other, &["mia"]).await;
    bench.start(other, 1).await;
    bench.assert_intact().await;
}

pub(crate) async fn what_ended_has_ended(bench: Bench) {
    let task = bench.submit("spring", &["mia"]).await;
    let running = bench.start(task, 3).await;
    let done = bench.save(running.clone().finish(bench.now).unwrap()).await.unwrap();
    let again = Task { rev: done.rev, ..running.clone() };
    let asked = bench.save(again).await;
    assert!(matches!(asked, Err(StoreError::TaskState(_))), "{asked:?}");
    let other = bench.submit("summer", &["mia"]).await;
    let other = bench.start(other, 4).await;
    let older = Task { fence: decorum_core::Fence::new(3), ..other };
    let asked = bench.save(older).await;
    assert!(matches!(asked, Err(StoreError::StaleFence { .. })), "{asked:?}");
}

pub(crate) async fn open_tasks_are_those_that_have_not_ended(mut bench: Bench) {
    for id in ["a", "b", "c", "d"] {
        bench.submit(id, &["mia"]).await;
        bench.wait(SECOND);
    }
    let b = bench.task("b").await.cancel(bench.now).unwrap();
    bench.save_by_hand(b).await;
    let c = bench.task("c").await.pause().unwrap();
    bench.save_by_hand(c).await;
    let d = bench.task("d").await;
    let waits = bench.start(d, 1).await.wait(WaitReason::Budget, Some(bench.now), bench.now);
    bench.save(waits.unwrap()).await.unwrap();
    let open = bench.store.open_tasks().await.unwrap();
    assert_eq!(open.iter().map(|task| task.id.as_str()).collect::<Vec<_>>(), ["a", "c", "d"]);
}

pub(crate) async fn pages_of_tasks_have_no_gaps_and_no_repeats(mut bench: Bench) {
    for n in 0..23 {
        let account = ["anna", "bert"][n % 2];
        let list = TaskSpec { source: Source::List, ..spec(account) };
        let task = bench.submit_spec(&format!("t.{n:02}"), list, &["mia"]).await;
        if n % 3 == 0 {
            bench.save_by_hand(task.cancel(bench.now).unwrap()).await;
        }
        if n % 4 == 0 {
            bench.wait(SECOND);
        }
    }
    let all: Vec<String> = (0..23).rev().map(|n| format!("t.{n:02}")).collect();
    let anna = TaskFilter { account_id: Some(name("anna")), ..TaskFilter::default() };
    let queued = TaskFilter { states: vec![TaskStateName::Queued], ..TaskFilter::default() };
    let ended = TaskFilter {
        states: vec![TaskStateName::Cancelled, TaskStateName::Failed],
        kind: Some(TaskKind::Engage),
        ..anna.clone()
    };
    let crawls = TaskFilter { kind: Some(TaskKind::Crawl), ..TaskFilter::default() };
    let wanted = |keep: fn(usize) -> bool| -> Vec<String> {
        (0..23).rev().filter(|n| keep(*n)).map(|n| format!("t.{n:02}")).collect()
    };
    for (filter, wanted) in [
        (TaskFilter::default(), all),
        (anna, wanted(|n| n % 2 == 0)),
        (queued, wanted(|n| n % 3 != 0)),
        (ended, wanted(|n| n % 6 == 0)),
        (crawls, Vec::new()),
    ] {
        for limit in [1, 5, 1000] {
            let (mut found, mut after) = (Vec::new(), None);
            loop {
                let page = bench.store.tasks(&filter, after.as_ref(), limit).await.unwrap();
                assert!(page.items.len() <= limit && page.items.iter().all(|it| filter.has(it)));
                found.extend(page.items.into_iter().map(|task| task.id.to_string()));
                after = match page.next {
                    Some(next) => Some(next.to_string().parse().unwrap()),
                    None => break,
                };
            }
            assert_eq!(found, wanted, "{filter:?} by {limit}");
        }
    }
}

pub(crate) async fn what_people_do_to_tasks_is_noted(mut bench: Bench) {
    let task = bench.submit("spring", &["mia"]).await;
    let task = bench.save_by_hand(task.pause().unwrap()).await;
    let task = bench.save_by_hand(task.resume(bench.now).unwrap()).await;
    let task = bench.save_by_hand(task.moved(7, 4).unwrap()).await;
    bench.wait(SECOND);
    let task = bench.start(task, 1).await;
    let task = bench.save_by_hand(task.pause().unwrap()).await;
    assert_eq!(task.wish, Some(Wish::Pause));
    let task = bench.save_by_hand(task.resume(bench.now).unwrap()).await;
    let task = bench.save_by_hand(task.cancel(bench.now).unwrap()).await;
    bench.save(task.honour(bench.now).unwrap()).await.unwrap();
    let notes = bench.notes().await;
    let what: Vec<_> = notes.iter().map(|(what, _)| what.as_str()).collect();
    assert_eq!(
        what,
        [
            "task.submitted",
            "task.paused",
            "task.resumed",
            "task.moved",
            "task.paused",
            "task.resumed",
            "task.cancelled"
        ]
    );
    assert!(notes.iter().all(|(_, subject)| subject == "spring"));
    bench.assert_intact().await;
}

pub(crate) async fn a_scheduled_task_makes_one_copy_for_each_time(mut bench: Bench) {
    let schedule = Schedule::Daily { at: "18:00".to_owned(), time_zone: "UTC".to_owned() };
    let scheduled = TaskSpec { schedule: Some(schedule), ..spec("anna") };
    let parent = bench.submit_spec("daily", scheduled, &[]).await;
    assert_eq!(parent.due(bench.now), None);
    bench.wait(DAY);
    let (id, copy) = parent.due(bench.now).unwrap();
    let due = parent.due_at().unwrap();
    assert_eq!(id.to_string(), format!("daily@{}", due.as_millis()));
    let decided = bench.save(parent.begin_copy().unwrap()).await.unwrap();
    let parent = bench.store.task(&decided.id).await.unwrap().unwrap();
    assert_eq!((parent.copying, parent.rev), (Some(due), decided.rev), "whoever looks makes it");
    let submission = Submission {
        id: id.clone(),
        spec: copy,
        targets: Vec::new(),
        copy_of: Some(parent.id.clone()),
    };
    for _ in 0..2 {
        let made =
            bench.store.submit_task(submission.clone(), "worker-1", bench.now).await.unwrap();
        assert_eq!((made.copy_of.as_ref(), made.state), (Some(&parent.id), TaskState::Queued));
    }
    let asked = parent.clone().cancel(bench.now).unwrap();
    assert!(asked.is_open(), "the copy comes first");
    let parent = bench.save(parent.copied(bench.now).unwrap()).await.unwrap();
    assert_eq!(bench.store.task(&parent.id).await.unwrap(), Some(parent.clone()));
    assert!(parent.due_at().unwrap() > due);
    let open = bench.store.open_tasks().await.unwrap();
    assert_eq!(open.len(), 2);
    bench.wait(DAY);
    let due = decorum_core::task::queue::due(&open, bench.now);
    assert!(due.iter().all(|due| due.copy.is_none()), "the one before is still open: {due:?}");
    let notes = bench.notes().await;
    assert_eq!(notes.len(), 1, "copies are not the doing of a person: {notes:?}");
}

/// So that what is settled can be told.
pub(crate) fn done(status: decorum_core::Status) -> CandidateState {
    CandidateState::Done { status, reason: None }
}
