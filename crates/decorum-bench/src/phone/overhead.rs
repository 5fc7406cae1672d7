//! What Decorum itself takes for an engagement: the time between calls to a phone that answers at
//! once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use decorum_core::{DeviceRecord, Source, TaskKind, TaskSpec, Username};
use decorum_device::{AppProfile, WebDriverOptions};
use decorum_engine::crew::{Crew, Parts};
use decorum_engine::run::{Kit, StopSwitch};
use decorum_sim::{Phone, Scenario};
use decorum_store::{Store, Submission};
use tempfile::TempDir;

use super::timed::{Calls, TimedClock, TimedLines};
use crate::book::{Goal, Row, Section, Unit};
use crate::engagement::{Failed, guard_by};
use crate::scale::Scale;

/// People of one sample.
const PEOPLE: usize = 150;

const ABOUT: &str = "A task of follows, driven by a worker on an SQLite store, on a simulated phone \
    that answers at once. What counts is the time between the first call to the phone and the last in \
    which no call is under way and none of the pauses that the app profile gives the phone (a \
    millisecond between two looks at a page): reading screens, deciding, claim, commit, evidence. The \
    task's note of who is over is written while the next page opens, and counts as far as it takes \
    longer than that. The simulated phone runs in the same process.";

/// What the profile gives the phone between two looks, and nothing after a tap.
const PAUSE: Duration = Duration::from_millis(1);

pub(crate) fn measure(scale: &Scale) -> Result<Section, Failed> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut section = Section::new("An engagement apart from the phone", ABOUT);
    let mut outside = Vec::new();
    for _ in 0..scale.samples(5) {
        outside.push(runtime.block_on(task(scale.of(PEOPLE, 5)))?);
    }
    let row = Row::timed("outside of calls to the phone, a follow", Unit::Millis, &outside);
    section.add(row.goal(Goal::AtMost(2.0)));
    Ok(section)
}

/// Drives one task from beginning to end; what an engagement of it took outside of the phone.
async fn task(people: usize) -> Result<Duration, Failed> {
    let dir = TempDir::new()?;
    let calls = Arc::<Mutex<Calls>>::default();
    let clock = TimedClock { pause: PAUSE, calls: Arc::clone(&calls) };
    let guard = Arc::new(guard_by(dir.path(), Arc::new(clock)).await?);
    let store: Arc<dyn Store> = Arc::clone(guard.store());
    let profile = AppProfile::from_toml("[timings]\nsettle_ms = 0\npoll_ms = 1\n")?;
    let options = WebDriverOptions::for_profile(&profile);
    let lines = TimedLines { options, calls };
    let scenario = Scenario::from_toml("account = 'studio.nord'")?;
    let phone = Phone::start(scenario, "127.0.0.1:0".parse()?).await?;
    let now = guard.clock().now();
    let record = DeviceRecord::new("phone".parse()?, phone.url(), vec!["studio.nord".parse()?]);
    store.put_device(&record, 0, None, now).await?;
    let targets: Vec<Username> =
        (0..people).map(|n| format!("person{n}").parse()).collect::<Result<_, _>>()?;
    let spec = TaskSpec {
        kind: TaskKind::Engage,
        account_id: "studio.nord".parse()?,
        actions: vec![decorum_core::Action::Follow],
        source: Source::List,
        limit: None,
        comments: Vec::new(),
        dry_run: false,
        priority: 0,
        filters: decorum_core::Filters::default(),
        schedule: None,
        name: None,
    };
    let id: decorum_core::TaskId = "bench".parse()?;
    let submission = Submission { id: id.clone(), spec, targets, copy_of: None };
    store.submit_task(submission, "bench", now).await?;
    let crew = Crew::new(Parts {
        guard,
        kit: Kit::of(profile)?,
        lines: Arc::new(lines.clone()),
        name: "bench".to_owned(),
        slots: 1,
        folder: dir.path().join("evidence"),
        webhook: None,
        pictures: None,
    });
    let (switch, stop) = StopSwitch::new();
    let working = tokio::spawn(async move { crew.work(&stop).await });
    let ended = loop {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let task = store.task(&id).await?.ok_or("the task is gone")?;
        if !task.is_open() {
            break task;
        }
    };
    switch.stop();
    working.await?;
    let calls = lines.take();
    let engaged = phone.ledger().len();
    phone.stop().await;
    store.close().await?;
    if engaged != people {
        let state = BTreeMap::from([("task", format!("{:?}", ended.state))]);
        return Err(format!("{engaged} of {people} people were engaged: {state:?}").into());
    }
    Ok(calls.outside() / u32::try_from(people)?)
}
