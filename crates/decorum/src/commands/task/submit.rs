//! Putting a task into the queue.

use decorum_core::{Filters, Schedule, Source, Task, TaskId, TaskKind, TaskSpec, Username};
use decorum_engine::entropy::{Entropy, SystemEntropy};
use decorum_store::{Store, Submission};

use super::show::{print_task, state};
use super::{find, named};
use crate::args::{Common, Crawl, ScheduleArgs, Submit};
use crate::console::{count, print};
use crate::exit::{self, Code, Failure};
use crate::list::{self, Duplicates};
use crate::place::{self, Access};

/// People read at a time.
const PAGE: usize = 1000;

pub(super) async fn submit(common: &Common, args: Submit) -> Result<Code, Failure> {
    let duplicates = if args.skip_duplicates { Duplicates::Skip } else { Duplicates::Refuse };
    let targets = match &args.targets {
        Some(path) => list::read(path, duplicates)?,
        None => Vec::new(),
    };
    let mut comments = args.texts;
    if let Some(path) = &args.comments {
        let text = place::read_text(path, "file of comments")?;
        let lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
        comments.extend(lines.map(ToOwned::to_owned));
    }
    let spec = TaskSpec {
        kind: TaskKind::Engage,
        account_id: place::account(&args.account)?,
        actions: args.action,
        source: args.source.unwrap_or(Source::List),
        limit: args.limit,
        comments,
        dry_run: args.dry_run,
        priority: args.priority,
        filters: Filters {
            skip_private: args.filters.skip_private,
            min_followers: args.filters.min_followers,
            max_followers: args.filters.max_followers,
            skip_following: args.filters.skip_following,
            bio_excludes: args.filters.bio_excludes,
            bio_includes_any: args.filters.bio_includes,
        },
        schedule: schedule(args.schedule),
        name: args.name,
    };
    put(common, args.id.as_deref(), spec, targets, args.json).await
}

pub(super) async fn crawl(common: &Common, args: Crawl) -> Result<Code, Failure> {
    let spec = TaskSpec {
        kind: TaskKind::Crawl,
        account_id: place::account(&args.account)?,
        actions: Vec::new(),
        source: args.source,
        limit: args.limit,
        comments: Vec::new(),
        dry_run: false,
        priority: args.priority,
        filters: Filters::default(),
        schedule: schedule(args.schedule),
        name: args.name,
    };
    put(common, args.id.as_deref(), spec, Vec::new(), args.json).await
}

/// The same once more. What was engaged is not engaged again: that is decided person by person.
pub(super) async fn clone(
    common: &Common,
    id: &str,
    account: Option<&str>,
    json: bool,
) -> Result<Code, Failure> {
    let id = named(id)?;
    let account = account.map(place::account).transpose()?;
    let store = place::open_store(common, Access::Write).await?;
    let task = find(store.as_ref(), &id).await?;
    let targets = match task.spec.source {
        Source::List => people(store.as_ref(), &task).await?,
        _ => Vec::new(),
    };
    store.close().await?;
    let account_id = account.unwrap_or_else(|| task.spec.account_id.clone());
    put(common, None, TaskSpec { account_id, ..task.spec }, targets, json).await
}

async fn people(store: &dyn Store, task: &Task) -> Result<Vec<Username>, Failure> {
    let (mut names, mut after) = (Vec::new(), 0);
    loop {
        let page = store.candidates(&task.id, false, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(names) };
        after = last.ord;
        names.extend(page.into_iter().filter_map(|candidate| candidate.username));
    }
}

fn schedule(args: ScheduleArgs) -> Option<Schedule> {
    let ScheduleArgs { at, daily, cron, time_zone } = args;
    let time_zone = time_zone.unwrap_or_default();
    match (at, daily, cron) {
        (Some(at), ..) => Some(Schedule::Once { at }),
        (_, Some(at), _) => Some(Schedule::Daily { at, time_zone }),
        (.., Some(expr)) => Some(Schedule::Cron { expr, time_zone }),
        _ => None,
    }
}

async fn put(
    common: &Common,
    id: Option<&str>,
    spec: TaskSpec,
    targets: Vec<Username>,
    json: bool,
) -> Result<Code, Failure> {
    let id: TaskId = match id {
        Some(id) => named(id)?,
        None => named(&(&SystemEntropy as &dyn Entropy).name(place::now()))?,
    };
    // Before anything is opened or changed.
    spec.check().map_err(|e| Failure::usage(e.to_string()))?;
    spec.check_with(&targets, &id).map_err(|e| Failure::usage(e.to_string()))?;
    let store = place::open_store(common, Access::Write).await?;
    let submission = Submission { id, spec, targets, copy_of: None };
    let task = store.submit_task(submission, &place::who(), place::now()).await?;
    store.close().await?;
    if json {
        print_task(&task)?;
        return Ok(exit::DONE);
    }
    let what = match (task.spec.kind, &task.spec.source) {
        (_, Source::List) => {
            let n = usize::try_from(task.progress.candidates).unwrap_or(usize::MAX);
            count(n, "person", "people")
        }
        (_, source) => source.to_string(),
    };
    print(format!("{}  {} for {}: {}", task.id, what, task.spec.account_id, state(&task)))?;
    Ok(exit::DONE)
}
