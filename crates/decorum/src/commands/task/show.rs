//! Looking at tasks and their people.

use std::time::Duration;

use decorum_core::{
    Candidate, CandidateState, Task, TaskKind, TaskState, TaskStateName, WaitReason, Wish,
};
use decorum_store::TaskFilter;
use serde_json::{Value, json};

use super::{find, named};
use crate::args::{Common, TaskWhich};
use crate::console::{instant, print, print_json, say, span};
use crate::exit::{self, Code, Failure};
use crate::place::{self, Access};

/// People read at a time.
const PAGE: usize = 1000;

pub(super) async fn list(
    common: &Common,
    account: Option<&str>,
    states: Vec<TaskStateName>,
    kind: Option<TaskKind>,
    limit: usize,
    as_json: bool,
) -> Result<Code, Failure> {
    let account_id = account.map(place::account).transpose()?;
    let store = place::open_store(common, Access::Read).await?;
    let filter = TaskFilter { account_id, states, kind };
    let page = store.tasks(&filter, None, limit).await?;
    if as_json {
        let items: Vec<Value> = page.items.iter().map(view).collect();
        print_json(&json!({ "items": items }))?;
        return Ok(exit::DONE);
    }
    if page.items.is_empty() {
        say("there is no such task");
    }
    for task in &page.items {
        let name = task.spec.name.as_deref().map(|name| format!("  \"{name}\""));
        print(format!(
            "{}  {:<20} {}{}  {}",
            task.id,
            task.spec.account_id,
            what(task),
            name.unwrap_or_default(),
            state(task)
        ))?;
    }
    if page.next.is_some() {
        say(&format!("there are more; --limit shows more than {limit}"));
    }
    Ok(exit::DONE)
}

pub(super) async fn show(common: &Common, args: &TaskWhich) -> Result<Code, Failure> {
    let id = named(&args.id)?;
    let store = place::open_store(common, Access::Read).await?;
    let task = find(store.as_ref(), &id).await?;
    if args.json {
        print_task(&task)?;
        return Ok(exit::DONE);
    }
    let name = task.spec.name.as_deref().map(|name| format!("  \"{name}\""));
    print(format!("{}{}", task.id, name.unwrap_or_default()))?;
    print(format!("  {} {}: {}", task.spec.account_id, what(&task), task.spec.source))?;
    print(format!("  {}", state(&task)))?;
    let p = task.progress;
    print(format!(
        "  {} of {} done: {} engaged, {} skipped, {} failed, {} refused; {} left",
        p.done, p.candidates, p.engaged, p.skipped, p.failed, p.refused, p.left
    ))?;
    if let Some((rate, left)) = pace(&task) {
        let left = left.map_or_else(String::new, |left| format!(", about {} left", span(left)));
        print(format!("  {rate:.1} a minute{left}"))?;
    }
    if task.spec.source.is_crawled() {
        let end = if task.crawl.finished { "the end was reached" } else { "not at the end yet" };
        print(format!("  looked at {} rows; {end}", task.crawl.seen))?;
    }
    if let Some(note) = &task.crawl.note {
        print(format!("  {note}"))?;
    }
    Ok(exit::DONE)
}

pub(super) async fn candidates(
    common: &Common,
    id: &str,
    open_only: bool,
    as_json: bool,
) -> Result<Code, Failure> {
    let id = named(id)?;
    let store = place::open_store(common, Access::Read).await?;
    find(store.as_ref(), &id).await?;
    let mut after = 0;
    loop {
        let page = store.candidates(&id, open_only, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(exit::DONE) };
        after = last.ord;
        for candidate in &page {
            if as_json {
                print_json(candidate)?;
            } else {
                print(person(candidate))?;
            }
        }
    }
}

fn person(candidate: &Candidate) -> String {
    let name = candidate.username.as_ref().map_or("(erased)", |name| name.as_str());
    let state = match &candidate.state {
        CandidateState::Open => "open".to_owned(),
        CandidateState::Done { status, reason: None } => status.to_string(),
        CandidateState::Done { status, reason: Some(reason) } => format!("{status} ({reason})"),
        CandidateState::Refused { reason } => format!("refused ({reason})"),
        CandidateState::PassedOver { reason } => format!("passed over ({reason})"),
    };
    let source = candidate.source.as_deref().map(|source| format!("  {source}"));
    let seen = instant(candidate.seen_at);
    format!("{:>6}  {name:<30}  {seen}  {state}{}", candidate.ord, source.unwrap_or_default())
}

/// What it does, in a word or two.
fn what(task: &Task) -> String {
    let dry = if task.spec.dry_run { " (dry run)" } else { "" };
    match task.spec.kind {
        TaskKind::Crawl => "crawl".to_owned(),
        TaskKind::Engage => {
            let actions: Vec<&str> = task.spec.actions.iter().map(|a| a.as_str()).collect();
            format!("{}{dry}", actions.join(","))
        }
    }
}

/// Where it stands, for a person.
pub(super) fn state(task: &Task) -> String {
    let p = task.progress;
    let far = format!("{}/{}", p.done, p.candidates);
    match &task.state {
        TaskState::Queued => format!("queued, {far}"),
        TaskState::Running { device_id, .. } if task.wish.is_some() => {
            format!("running on {device_id}, {far}; stops after the engagement under way")
        }
        TaskState::Running { device_id, .. } => format!("running on {device_id}, {far}"),
        _ if task.wish == Some(Wish::Cancel) => {
            format!("being cancelled, {far}; ends once its copy that is due is made")
        }
        TaskState::Paused => format!("paused, {far}"),
        TaskState::Waiting { reason, until } => {
            let until = until.map_or_else(
                || until_what(*reason).to_owned(),
                |until| format!("until {}", instant(until)),
            );
            format!("waiting ({reason}) {until}, {far}")
        }
        TaskState::Succeeded => format!("succeeded, {far}"),
        TaskState::Failed { why } => format!("failed, {far}: {why}"),
        TaskState::Cancelled => format!("cancelled, {far}"),
    }
}

/// What ends a wait that has no end by the clock.
const fn until_what(reason: WaitReason) -> &'static str {
    match reason {
        WaitReason::Halted => "until a person clears the account",
        WaitReason::Device => "until a phone of the account answers",
        WaitReason::AccountBusy => "until the account's task before it is over",
        WaitReason::PhoneBusy => "until the phone is free",
        WaitReason::Person | WaitReason::Clock => "until a person has looked and resumes it",
        _ => "until that changes",
    }
}

/// Engaged or tried people a minute since it was first started, and how long the rest takes at that
/// rate. Those who were refused cost nothing, so they do not count.
fn pace(task: &Task) -> Option<(f64, Option<Duration>)> {
    let began = task.started_at?;
    let until = task.ended_at.unwrap_or_else(place::now);
    let minutes = until.left(began).as_secs_f64() / 60.0;
    let p = task.progress;
    let tried = p.engaged + p.skipped + p.failed;
    if tried == 0 || minutes <= 0.0 {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "nobody counts people to 2^52")]
    let (tried, left) = (tried as f64, p.left as f64);
    let rate = tried / minutes;
    let open = task.is_open() && p.left > 0;
    Some((rate, open.then(|| Duration::try_from_secs_f64(left / rate * 60.0).ok()).flatten()))
}

/// A task as every interface shows it: as it is kept, with its rate and the time left.
fn view(task: &Task) -> Value {
    let mut document = json!(task);
    if let (Some(fields), Some((rate, left))) = (document.as_object_mut(), pace(task)) {
        fields.insert("per_minute".to_owned(), json!((rate * 10.0).round() / 10.0));
        fields.insert("seconds_left".to_owned(), json!(left.map(|left| left.as_secs())));
    }
    document
}

pub(super) fn print_task(task: &Task) -> Result<(), Failure> {
    print_json(&view(task))
}
