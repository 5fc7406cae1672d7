//! `/api/tasks`: what the accounts are to do. The core says what a task may become; a handler here
//! reads, asks it, and writes what it answers if nobody was faster.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use decorum_core::task::TaskError;
use decorum_core::{
    AccountId, Action, Candidate, RefusalReason, Role, Source, Task, TaskId, TaskSpec,
    TaskStateName, Timestamp, Username,
};
use decorum_store::{CANDIDATES_MAX, StoreError, Submission, TaskFilter};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::body::{self, Body};
use crate::gate::Actor;
use crate::operation::{ACCOUNT_ID, CURSOR, IDEMPOTENCY_KEY, LIMIT, Operation, Param, Within};
use crate::params::{InPath, Params, header};
use crate::problem::{Kind, Problem};
use crate::state::{Shared, State as Inner};
use crate::wire::{KindWord, Label, Person, Place, TaskDocument, TaskShown, TaskStateWord};

/// How often a change is tried anew when somebody else was faster.
const TRIES: usize = 8;

/// The largest place in a queue: every program can count so far.
const ORD_MAX: u64 = (1 << 53) - 1;

fn open_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": ["true", "false"] })
}

pub(crate) const OPEN: Param = Param {
    name: "open",
    within: Within::Query,
    required: false,
    says: "true: only those that are still to be seen to.",
    schema: open_schema,
};

pub(super) fn operations() -> Vec<Operation> {
    let id = || Param::path::<Label>("task_id", "The task.");
    let by_hand = |path, name, says: &'static str, more: &'static str| {
        Operation::post(path, name)
            .says("tasks", says, more)
            .needs(Role::Operator)
            .takes([id()])
            .answers::<TaskShown>(200, "As it is now.")
            .refuses([Kind::NotFound, Kind::Conflict])
    };
    vec![
        Operation::post("/api/tasks", "createTask")
            .says("tasks", "Submit a task", "It queues behind the other tasks of its account. The same Idempotency-Key is the same task.")
            .needs(Role::Operator)
            .takes([IDEMPOTENCY_KEY])
            .reads::<TaskDocument>()
            .held_to(|bytes| read(body::read(bytes)?).map(drop))
            .answers::<TaskShown>(201, "Submitted.")
            .refuses([Kind::Conflict])
            .by(create),
        Operation::post("/api/tasks/preview", "previewTask")
            .says("tasks", "What a task would do, without submitting it", "Of the people on its list: how many may be engaged now, and why the others not.")
            .needs(Role::Viewer)
            .reads::<TaskDocument>()
            .held_to(|bytes| read(body::read(bytes)?).map(drop))
            .answers::<Preview>(200, "What it would do, as far as that can be told now.")
            .by(preview),
        Operation::get("/api/tasks", "listTasks")
            .says("tasks", "Tasks, newest first", "")
            .needs(Role::Viewer)
            .takes([
                ACCOUNT_ID,
                Param::query::<TaskStateWord>("state", "Only in this state."),
                Param::query::<KindWord>("kind", "Only of this kind."),
                CURSOR,
                LIMIT,
            ])
            .answers::<Page>(200, "A page of them.")
            .by(list),
        Operation::get("/api/tasks/{task_id}", "getTask")
            .says("tasks", "One task", "")
            .needs(Role::Viewer)
            .takes([id()])
            .answers::<TaskShown>(200, "As it is.")
            .refuses([Kind::NotFound])
            .by(one),
        by_hand("/api/tasks/{task_id}/pause", "pauseTask", "Stop a task for now", "A running one stops after the engagement under way.").by(pause),
        by_hand("/api/tasks/{task_id}/resume", "resumeTask", "Have a paused or waiting task go on", "").by(resume),
        by_hand("/api/tasks/{task_id}/cancel", "cancelTask", "Stop a task for good", "A running one stops after the engagement under way.").by(cancel),
        by_hand("/api/tasks/{task_id}/order", "moveTask", "Give a task another place in its account's queue", "Higher priority goes first; within one, the lower `ord`.")
            .reads::<Order>()
            .held_to(|bytes| body::read::<Order>(bytes)?.check())
            .by(order),
        Operation::post("/api/tasks/{task_id}/clone", "cloneTask")
            .says("tasks", "Submit the same task again", "With the people of its list, but those who were erased since.")
            .needs(Role::Operator)
            .takes([id(), IDEMPOTENCY_KEY])
            .answers::<TaskShown>(201, "Submitted.")
            .refuses([Kind::NotFound, Kind::Conflict])
            .by(clone),
        Operation::get("/api/tasks/{task_id}/candidates", "listCandidates")
            .says("tasks", "The people of a task, in order, and what became of them", "")
            .needs(Role::Viewer)
            .takes([id(), OPEN, CURSOR, LIMIT])
            .answers_as(200, "A page of them.", &["application/json"], candidates_schema)
            .refuses([Kind::NotFound])
            .by(candidates),
    ]
}

/// A page of tasks.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Tasks")]
struct Page {
    /// Newest first.
    items: Vec<TaskShown>,
    /// Where the next page begins; null: this was the last.
    next_cursor: Option<Place>,
}

/// What a task would do.
#[derive(Serialize, JsonSchema)]
struct Preview {
    /// People on its list; null: they are looked for first.
    people: Option<usize>,
    /// By action: how many may be engaged now.
    engage: BTreeMap<String, usize>,
    /// By reason: how many may not, over all actions.
    refused: BTreeMap<String, usize>,
    /// When it would first run, if it has a schedule.
    due_at: Option<crate::wire::Instant>,
}

/// A place in the queue.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "OrderRequest")]
#[serde(deny_unknown_fields)]
struct Order {
    /// Higher goes first.
    #[schemars(range(min = -32768, max = 32767))]
    priority: i16,
    /// Lower goes first within a priority.
    #[schemars(range(min = 1, max = ORD_MAX))]
    ord: u64,
}

impl Order {
    fn check(&self) -> Result<(), Problem> {
        if (1..=ORD_MAX).contains(&self.ord) {
            return Ok(());
        }
        let problem = format!("`ord` is a whole number from 1 to {ORD_MAX}");
        Err(Problem::new(Kind::InvalidBody, problem).at("ord"))
    }
}

fn candidates_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "required": ["items", "next_cursor"],
        "additionalProperties": false,
        "properties": {
            "items": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["ord", "username", "seen_at", "state"],
                    "properties": {
                        "ord": { "type": "integer", "minimum": 1 },
                        "username": { "type": ["string", "null"] },
                        "seen_at": { "type": "string", "format": "date-time" },
                        "state": { "type": "string", "enum": ["open", "done", "refused", "passed_over"] },
                    },
                },
            },
            "next_cursor": { "type": ["string", "null"] },
        },
    })
}

/// What is asked for, read by the core.
fn read(TaskDocument(document): TaskDocument) -> Result<(TaskSpec, Vec<Username>), Problem> {
    let impossible = |field: String, problem: String| {
        Problem::new(Kind::Impossible, format!("`{field}`: {problem}")).at(field)
    };
    let Value::Object(mut fields) = document else {
        return Err(Problem::new(Kind::InvalidBody, "a task is a JSON object"));
    };
    let targets: Vec<Person> = match fields.remove("targets") {
        None => Vec::new(),
        Some(targets) => serde_path_to_error::deserialize(targets).map_err(|e| {
            let field = format!("targets{}", e.path());
            Problem::new(Kind::InvalidBody, e.into_inner().to_string()).at(field)
        })?,
    };
    let spec =
        TaskSpec::from_json(&Value::Object(fields)).map_err(|e| impossible(e.field, e.problem))?;
    Ok((spec, targets.into_iter().map(|person| person.0).collect()))
}

/// The id of a task asked for with a key of the caller's, or a new one.
fn task_id(shared: &Inner, actor: &Actor, headers: &HeaderMap) -> Result<TaskId, Problem> {
    let text = match header::<Place>(headers, "idempotency-key")? {
        None => shared.guard.entropy().name(shared.now()),
        Some(Place(key)) => {
            let mut hash = Sha256::new();
            hash.update((actor.name.len() as u64).to_be_bytes());
            hash.update(actor.name.as_bytes());
            hash.update(key.as_bytes());
            let digest: [u8; 32] = hash.finalize().into();
            let bytes = digest.first_chunk::<16>().copied().unwrap_or_default();
            uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
        }
    };
    text.parse().map_err(|e: decorum_core::IdError| Problem::new(Kind::Internal, e.to_string()))
}

async fn submit(
    shared: &Inner,
    actor: &Actor,
    submission: Submission,
) -> Result<(StatusCode, Json<TaskShown>), Problem> {
    let asked = submission.spec.clone();
    let task = shared.store().submit_task(submission, &actor.who(), shared.now()).await?;
    if task.spec != asked {
        let problem = "this Idempotency-Key was used for another task";
        return Err(Problem::new(Kind::Conflict, problem).at("Idempotency-Key"));
    }
    Ok((StatusCode::CREATED, Json(TaskShown(task))))
}

async fn create(
    State(shared): State<Shared>,
    actor: Actor,
    headers: HeaderMap,
    Body(document): Body<TaskDocument>,
) -> Result<(StatusCode, Json<TaskShown>), Problem> {
    let (spec, targets) = read(document)?;
    let id = task_id(&shared, &actor, &headers)?;
    submit(&shared, &actor, Submission { id, spec, targets, copy_of: None }).await
}

async fn preview(
    State(shared): State<Shared>,
    Body(document): Body<TaskDocument>,
) -> Result<Json<Preview>, Problem> {
    let (spec, targets) = read(document)?;
    let name: TaskId = shared
        .guard
        .entropy()
        .name(shared.now())
        .parse()
        .map_err(|e: decorum_core::IdError| Problem::new(Kind::Internal, e.to_string()))?;
    spec.check_with(&targets, &name).map_err(|e| {
        Problem::new(Kind::Impossible, format!("`{}`: {}", e.field, e.problem)).at(e.field)
    })?;
    let mut preview = Preview {
        people: (spec.source == Source::List).then_some(targets.len()),
        engage: BTreeMap::new(),
        refused: BTreeMap::new(),
        due_at: due(&spec, shared.now()),
    };
    for action in &spec.actions {
        count(&shared, &spec.account_id, *action, &targets, &mut preview).await?;
    }
    Ok(Json(preview))
}

fn due(spec: &TaskSpec, now: Timestamp) -> Option<crate::wire::Instant> {
    spec.schedule.as_ref().and_then(|schedule| schedule.next(now)).map(crate::wire::Instant)
}

/// Whom an account may engage, portion by portion. The store is asked, not what the guard remembers:
/// a look ahead is no reason to remember anything.
async fn count(
    shared: &Inner,
    account: &AccountId,
    action: Action,
    targets: &[Username],
    preview: &mut Preview,
) -> Result<(), Problem> {
    let mut may = 0;
    for portion in targets.chunks(CANDIDATES_MAX) {
        let (first, now) = (&shared.options.first, shared.now());
        for answer in shared.store().check(first, account, action, portion, now).await? {
            match answer {
                // Of the account's own waits the task will take care when it runs.
                Err(refusal) if refusal.reason.is_about_target() => {
                    let reason = RefusalReason::as_str(refusal.reason).to_owned();
                    *preview.refused.entry(reason).or_default() += 1;
                }
                _ => may += 1,
            }
        }
    }
    preview.engage.insert(action.to_string(), may);
    Ok(())
}

async fn list(State(shared): State<Shared>, params: Params) -> Result<Json<Page>, Problem> {
    let state = params.get::<TaskStateWord>("state")?.map(|word| word.0);
    let filter = TaskFilter {
        account_id: params.account()?,
        states: state.into_iter().collect::<Vec<TaskStateName>>(),
        kind: params.get::<KindWord>("kind")?.map(|word| word.0),
    };
    let after = match params.get::<Place>("cursor")? {
        Some(place) => Some(place.0.parse().map_err(|e: StoreError| Problem::from(e))?),
        None => None,
    };
    let found = shared.store().tasks(&filter, after.as_ref(), params.limit()?).await?;
    Ok(Json(Page {
        items: found.items.into_iter().map(TaskShown).collect(),
        next_cursor: found.next.map(|next| Place(next.to_string())),
    }))
}

fn nobody(id: &TaskId) -> Problem {
    Problem::new(Kind::NotFound, format!("there is no task {id}"))
}

fn parsed(Label(text): &Label) -> Result<TaskId, Problem> {
    text.parse().map_err(|e: decorum_core::IdError| {
        Problem::new(Kind::InvalidParameter, e.to_string()).at("task_id")
    })
}

async fn found(shared: &Inner, id: &TaskId) -> Result<Task, Problem> {
    shared.store().task(id).await?.ok_or_else(|| nobody(id))
}

async fn one(
    State(shared): State<Shared>,
    InPath(id): InPath<Label>,
) -> Result<Json<TaskShown>, Problem> {
    Ok(Json(TaskShown(found(&shared, &parsed(&id)?).await?)))
}

/// Changes a task by hand, anew if somebody else was faster.
async fn change(
    shared: &Inner,
    actor: &Actor,
    id: &Label,
    change: impl Fn(Task, Timestamp) -> Result<Task, TaskError>,
) -> Result<Json<TaskShown>, Problem> {
    let id = parsed(id)?;
    let mut tried = 0;
    loop {
        let (task, now) = (found(shared, &id).await?, shared.now());
        let rev = task.rev;
        let wanted =
            change(task.clone(), now).map_err(|e| Problem::new(Kind::Conflict, e.to_string()))?;
        if wanted == task {
            return Ok(Json(TaskShown(task)));
        }
        tried += 1;
        match shared.store().save_task(&wanted, rev, Some(&actor.who()), now).await {
            Err(StoreError::Conflict { .. }) if tried < TRIES => {}
            saved => return Ok(Json(TaskShown(saved?))),
        }
    }
}

async fn pause(
    State(shared): State<Shared>,
    InPath(id): InPath<Label>,
    actor: Actor,
) -> Result<Json<TaskShown>, Problem> {
    change(&shared, &actor, &id, |task, _| task.pause()).await
}

async fn resume(
    State(shared): State<Shared>,
    InPath(id): InPath<Label>,
    actor: Actor,
) -> Result<Json<TaskShown>, Problem> {
    change(&shared, &actor, &id, Task::resume).await
}

async fn cancel(
    State(shared): State<Shared>,
    InPath(id): InPath<Label>,
    actor: Actor,
) -> Result<Json<TaskShown>, Problem> {
    change(&shared, &actor, &id, Task::cancel).await
}

async fn order(
    State(shared): State<Shared>,
    InPath(id): InPath<Label>,
    actor: Actor,
    Body(order): Body<Order>,
) -> Result<Json<TaskShown>, Problem> {
    order.check()?;
    change(&shared, &actor, &id, |task, _| task.moved(order.priority, order.ord)).await
}

async fn clone(
    State(shared): State<Shared>,
    InPath(id): InPath<Label>,
    actor: Actor,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<TaskShown>), Problem> {
    let original = found(&shared, &parsed(&id)?).await?;
    let mut targets = Vec::new();
    if original.spec.source == Source::List {
        let mut after = 0;
        loop {
            let page =
                shared.store().candidates(&original.id, false, after, CANDIDATES_MAX).await?;
            let Some(last) = page.last() else { break };
            after = last.ord;
            targets.extend(page.into_iter().filter_map(|candidate| candidate.username));
        }
    }
    let id = task_id(&shared, &actor, &headers)?;
    submit(&shared, &actor, Submission { id, spec: original.spec, targets, copy_of: None }).await
}

/// People of a task.
#[derive(Serialize)]
struct Candidates {
    items: Vec<Candidate>,
    next_cursor: Option<String>,
}

async fn candidates(
    State(shared): State<Shared>,
    InPath(id): InPath<Label>,
    params: Params,
) -> Result<Json<Candidates>, Problem> {
    let id = parsed(&id)?;
    found(&shared, &id).await?;
    let open = params.word("open", &[("true", true), ("false", false)])?.unwrap_or(false);
    let after = match params.get::<Place>("cursor")? {
        Some(Place(text)) => text.parse().map_err(|_| Problem::from(StoreError::BadCursor))?,
        None => 0,
    };
    let limit = params.limit()?;
    let items = shared.store().candidates(&id, open, after, limit).await?;
    let last = items.last().filter(|_| items.len() == limit).map(|c| c.ord.to_string());
    Ok(Json(Candidates { items, next_cursor: last }))
}
