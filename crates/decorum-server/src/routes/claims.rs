//! `/api/claims`: go ahead, and what became of it.
//!
//! The sidecar's way through an engagement: a claim is durable before it is answered, so the caller
//! acts only on a 201; its outcome moves the breaker and goes on record; and what nobody reports
//! falls in doubt when the lease ends, and refuses the person until somebody looked.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use decorum_core::{
    Breaker, ClaimId, ErrorClass, Event, Finding, Key, Metadata, Outcome, Report, Role, Status,
    outcome::reason,
};
use decorum_engine::guard::{Context, key};
use decorum_store::{ClaimVerdict, Committed};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::body::{self, Body};
use crate::gate::Actor;
use crate::operation::{ACCOUNT_ID, IDEMPOTENCY_KEY, LIMIT, Operation, Param};
use crate::params::{InPath, Params, header};
use crate::problem::{Kind, Problem};
use crate::state::{Shared, State as Inner};
use crate::wire::{
    AccountName, ActionWord, ClaimMetadata, ClassWord, Instant, Label, Locale, Person, Place,
    PlaceWord, Said, StatusWord, Uuid, Word,
};

pub(super) fn operations() -> Vec<Operation> {
    let id = || Param::path::<Uuid>("claim_id", "The claim.");
    let settling = [Kind::NotFound, Kind::Conflict];
    vec![
        Operation::post("/api/claims", "createClaim")
            .says("engage", "Claim one engagement: go ahead, or a refusal", "Act only on a 201. The claim is durable by then and yours alone until `lease_until`; report its outcome before that. A refusal (409) says why and when to ask again.")
            .needs(Role::Operator)
            .takes([IDEMPOTENCY_KEY])
            .reads::<Wish>()
            .answers::<Granted>(201, "Go ahead.")
            .refuses([Kind::Refused, Kind::Conflict, Kind::ClockTrouble])
            .by(create),
        Operation::get("/api/claims", "listDoubts")
            .says("engage", "Claims in doubt, oldest first", "Their holder vanished between acting and reporting. The person is refused until somebody looked and reconciled.")
            .needs(Role::Viewer)
            .takes([ACCOUNT_ID, LIMIT])
            .answers::<Doubts>(200, "The oldest of them. What is reconciled leaves the list; ask again for the rest.")
            .by(doubts),
        Operation::post("/api/claims/{claim_id}/outcome", "reportOutcome")
            .says("engage", "Say what became of a claim", "Give a `status`, or the `text` that the app showed and `where`: it is classified, moves the account's breaker and goes on record. `next` says what to do: `continue`, `wait` until, or `stop` and call a person. Reporting again changes nothing and answers the same.")
            .needs(Role::Operator)
            .takes([id()])
            .reads::<Told>()
            .held_to(|bytes| body::read::<Told>(bytes)?.check())
            .answers::<Recorded>(200, "It is on record.")
            .refuses(settling)
            .by(outcome),
        Operation::post("/api/claims/{claim_id}/release", "releaseClaim")
            .says("engage", "Give a claim back unused", "Nothing was done to the person. They may be claimed again at once, and the claim's share of the budget comes back.")
            .needs(Role::Operator)
            .takes([id()])
            .reads::<Release>()
            .answers::<Recorded>(200, "It is on record.")
            .refuses(settling)
            .by(release),
        Operation::post("/api/claims/{claim_id}/reconcile", "reconcileClaim")
            .says("engage", "Settle a claim in doubt by looking", "Look at the person's page first. What nobody can tell counts as done.")
            .needs(Role::Operator)
            .takes([id()])
            .reads::<Looked>()
            .answers::<Recorded>(200, "It is on record.")
            .refuses(settling)
            .by(reconcile),
    ]
}

/// The longest latency that is believed, in milliseconds: a day.
const LATENCY_MAX: u64 = 86_400_000;

/// A wish to engage.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "ClaimRequest")]
#[serde(deny_unknown_fields)]
struct Wish {
    /// Who acts.
    account_id: AccountName,
    /// On whom.
    target_username: Person,
    /// How.
    action: ActionWord,
    /// The task it belongs to.
    #[serde(default)]
    task_id: Option<Label>,
    /// The phone it will happen on.
    #[serde(default)]
    device_id: Option<Label>,
    /// What to remember with the claim and its event.
    #[serde(default)]
    metadata: Option<ClaimMetadata>,
}

/// Go ahead.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Claim")]
struct Granted {
    /// The claim, for its outcome.
    claim_id: Uuid,
    /// Grows with every claim on this person and action.
    fence: u64,
    /// Without an outcome by then, the claim is in doubt.
    lease_until: Instant,
}

/// What became of a claim.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "OutcomeRequest")]
#[serde(deny_unknown_fields)]
struct Told {
    /// How it ended. Without it, `text` decides.
    #[serde(default)]
    status: Option<StatusWord>,
    /// What the app showed.
    #[serde(default)]
    text: Option<Said>,
    /// Where it stood: a dialog that says "try again later" is not a bio that says so.
    #[serde(default, rename = "where")]
    place: Option<PlaceWord>,
    /// The app's language, if it is known.
    #[serde(default)]
    locale: Option<Locale>,
    /// Why, as a stable word of the caller's.
    #[serde(default)]
    reason: Option<Word>,
    /// What kind of trouble, if the caller knows better than the text.
    #[serde(default)]
    error_class: Option<ClassWord>,
    /// From claim to outcome; measured here if it is not given.
    #[serde(default)]
    #[schemars(range(min = 0, max = LATENCY_MAX))]
    latency_ms: Option<u64>,
}

impl Told {
    fn check(&self) -> Result<(), Problem> {
        if self.latency_ms.is_some_and(|latency| latency > LATENCY_MAX) {
            let problem = format!("`latency_ms` is at most {LATENCY_MAX}, a day");
            return Err(Problem::new(Kind::InvalidBody, problem).at("latency_ms"));
        }
        Ok(())
    }
}

/// A claim given back.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "ReleaseRequest")]
#[serde(deny_unknown_fields)]
struct Release {
    /// Why, as a stable word of the caller's.
    #[serde(default)]
    reason: Option<Word>,
}

/// What looking at the phone showed.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Shown {
    /// The act had taken effect.
    Done,
    /// It clearly had not.
    NotDone,
    /// Nobody can tell.
    CannotTell,
}

/// What somebody saw.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "ReconcileRequest")]
#[serde(deny_unknown_fields)]
struct Looked {
    /// What looking showed.
    finding: Shown,
}

/// What to do next with this account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Next {
    /// Go on; the next claim says whether it is time.
    Continue,
    /// Rest until then.
    Wait,
    /// Nothing more until a person has cleared the account.
    Stop,
}

/// A report that is on record.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Outcome")]
struct Recorded {
    /// The event that says so.
    event_id: Uuid,
    /// How it ended.
    status: StatusWord,
    /// What kind of trouble.
    error_class: Option<ClassWord>,
    /// What to do next with this account.
    next: Next,
    /// Until when to wait.
    until: Option<Instant>,
    /// `settled` by this report, `repeated` if it had been before, `late` if somebody else had
    /// taken over meanwhile.
    #[schemars(extend("enum" = ["settled", "repeated", "late"]))]
    #[serde(rename = "recorded")]
    how: &'static str,
}

/// Claims in doubt.
#[derive(Serialize, JsonSchema)]
struct Doubts {
    /// Oldest first.
    items: Vec<Doubt>,
    /// Always null: what is reconciled leaves the list.
    next_cursor: Option<Place>,
}

/// A claim in doubt.
#[derive(Serialize, JsonSchema)]
struct Doubt {
    /// The claim.
    claim_id: Uuid,
    /// Who was to act.
    account_id: AccountName,
    /// On whom.
    target_username: Person,
    /// How.
    action: ActionWord,
    /// Who held it.
    holder: String,
    /// Since when.
    claimed_at: Instant,
    /// The task it belongs to.
    task_id: Option<String>,
    /// The phone it was to happen on.
    device_id: Option<String>,
}

async fn create(
    State(shared): State<Shared>,
    actor: Actor,
    headers: HeaderMap,
    Body(wish): Body<Wish>,
) -> Result<Response, Problem> {
    shared.clock_is_right()?;
    shared.nothing_waits().await?;
    let idempotency = header::<Place>(&headers, "idempotency-key")?;
    let claim_id = match idempotency {
        Some(Place(key)) => claim_of(&actor.name, &key),
        None => shared.guard.entropy().claim_id(shared.now()),
    };
    let label = |name: &'static str, problem: decorum_core::IdError| {
        Problem::new(Kind::InvalidBody, problem.to_string()).at(name)
    };
    let task = wish.task_id.map(|l| l.0.parse().map_err(|e| label("task_id", e)));
    let device = wish.device_id.map(|l| l.0.parse().map_err(|e| label("device_id", e)));
    let context = Context {
        task_id: task.transpose()?,
        device_id: device.transpose()?,
        session_id: None,
        account_fence: None,
    };
    let about = key(&wish.account_id.0, &wish.target_username.0, wish.action.0);
    let metadata = wish.metadata.unwrap_or_default().0;
    let verdict = shared
        .guard
        .claim_for(actor.holder()?, claim_id, about.clone(), &context, metadata)
        .await?;
    match verdict {
        ClaimVerdict::Granted(claim) => {
            shared.claims.insert(claim.id, (about, claim.claimed_at));
            let granted = Granted {
                claim_id: uuid(claim.id),
                fence: claim.fence.get(),
                lease_until: Instant(claim.lease_until),
            };
            Ok((StatusCode::CREATED, Json(granted)).into_response())
        }
        ClaimVerdict::Refused(refusal) => {
            // On record, as every attempt is; the answer does not wait for what only counts it.
            let refused = vec![(about.clone(), refusal)];
            if let Err(error) = shared.guard.record_refusals(refused, &context).await {
                tracing::warn!(%error, "a refusal is not on record");
            }
            Err(Problem::refused(refusal, about.target_username.as_str(), shared.now()))
        }
    }
}

/// The id of a claim asked for with a key of the caller's: the same for the same caller and key.
fn claim_of(name: &str, key: &str) -> ClaimId {
    let mut hash = Sha256::new();
    hash.update((name.len() as u64).to_be_bytes());
    hash.update(name.as_bytes());
    hash.update(key.as_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    let bytes = digest.first_chunk::<16>().copied().unwrap_or_default();
    ClaimId::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

fn uuid(id: ClaimId) -> Uuid {
    Uuid(uuid::Uuid::from_bytes(*id.as_bytes()))
}

async fn doubts(State(shared): State<Shared>, params: Params) -> Result<Json<Doubts>, Problem> {
    let account = params.account()?;
    // Nobody else might look for a long time.
    shared.store().lapse(account.as_ref(), &[], shared.now()).await?;
    let found = shared.store().doubts(account.as_ref(), params.limit()?).await?;
    let items = found.into_iter().map(|doubt| Doubt {
        claim_id: uuid(doubt.claim.id),
        account_id: AccountName(doubt.key.account_id),
        target_username: Person(doubt.key.target_username),
        action: ActionWord(doubt.key.action),
        holder: doubt.claim.holder.to_string(),
        claimed_at: Instant(doubt.claim.claimed_at),
        task_id: doubt.claim.task_id.map(|t| t.to_string()),
        device_id: doubt.claim.device_id.map(|d| d.to_string()),
    });
    Ok(Json(Doubts { items: items.collect(), next_cursor: None }))
}

/// How an attempt ended, in the caller's words or in the app's.
async fn judged(shared: &Inner, told: &Told) -> Result<(Outcome, Option<String>, String), Problem> {
    let text = told.text.as_ref().map(|said| said.0.as_str());
    let mut class = told.error_class.map(|class| class.0);
    let mut said = None;
    if let (None, Some(text)) = (class, text) {
        let rules = shared.guard.settings().await?.message_rules;
        if let Err(error) = shared.lexicon.learn(&rules) {
            tracing::warn!(%error, "the message rules of the settings contradict the app profile");
        }
        let place = told.place.map_or_else(Default::default, |place| place.0);
        let locale = told.locale.as_ref().map(|locale| locale.0.as_str());
        said = Some(shared.lexicon.classify(text, place, locale).class);
        class = said.and_then(decorum_core::classify::Class::error_class);
    }
    let reason = told.reason.as_ref().map(|word| word.0.clone());
    let status = match (told.status, class, said) {
        (Some(status), _, _) => status.0,
        (None, Some(ErrorClass::PrivateAccount), _) => Status::Skipped,
        (None, Some(_), _) => Status::Failed,
        // The app said something harmless after the act.
        (None, None, Some(_)) => Status::Success,
        (None, None, None) => {
            let problem = "give a `status`, or the `text` that the app showed";
            return Err(Problem::new(Kind::Impossible, problem).at("status"));
        }
    };
    // A success that shows a text about somebody's page is still a success; one that comes with
    // trouble is not.
    let status = match (status, class) {
        (Status::Success, Some(trouble))
            if decorum_core::Signal::from(trouble) != decorum_core::Signal::Neutral =>
        {
            Status::Failed
        }
        (status, _) => status,
    };
    let outcome = Outcome::from_fields(status, reason.as_deref(), class).map_err(|e| {
        let field = if status == Status::DedupeHit { "status" } else { "error_class" };
        Problem::new(Kind::Impossible, e.to_string()).at(field)
    })?;
    Ok((outcome, reason, text.unwrap_or_default().to_owned()))
}

async fn outcome(
    State(shared): State<Shared>,
    InPath(id): InPath<Uuid>,
    Body(told): Body<Told>,
) -> Result<Json<Recorded>, Problem> {
    told.check()?;
    let (outcome, reason, detail) = judged(&shared, &told).await?;
    settle(shared, id, (outcome, reason, detail), told.latency_ms).await
}

async fn release(
    State(shared): State<Shared>,
    InPath(id): InPath<Uuid>,
    Body(release): Body<Release>,
) -> Result<Json<Recorded>, Problem> {
    let reason = release.reason.map_or_else(|| reason::RELEASED.to_owned(), |word| word.0);
    settle(shared, id, (Outcome::Retry(None), Some(reason), String::new()), None).await
}

async fn settle(
    shared: Shared,
    id: Uuid,
    (outcome, reason, detail): (Outcome, Option<String>, String),
    latency_ms: Option<u64>,
) -> Result<Json<Recorded>, Problem> {
    let claim_id = ClaimId::from_uuid(id.0);
    let now = shared.now();
    let (about, claimed_at) = match shared.claims.get(&claim_id) {
        Some((about, claimed_at)) => (about, Some(claimed_at)),
        None => (known(&shared, claim_id).await?, None),
    };
    let measured = claimed_at.and_then(|t| u64::try_from(now.left(t).as_millis()).ok());
    let report = Report {
        claim_id,
        key: about.clone(),
        outcome,
        reason,
        detail,
        session_id: None,
        device_id: None,
        latency_ms: latency_ms.or(measured),
        metadata: Metadata::default(),
        jitter: shared.guard.entropy().jitter(),
        stamp: shared.guard.entropy().stamp(now),
    };
    // What happened is kept also when the caller does not wait for the answer.
    let keeping = {
        let shared = Arc::clone(&shared);
        tokio::spawn(async move { shared.guard.settle(report).await })
    };
    let broke = |_| Problem::new(Kind::Internal, "the report broke off");
    let committed = keeping.await.map_err(broke)??;
    recorded(&shared, &about, committed).await
}

async fn known(shared: &Inner, claim: ClaimId) -> Result<Key, Problem> {
    let found = shared.store().find_claim(claim).await?;
    found.ok_or_else(|| {
        let problem = format!("there is no claim {claim}; claims are made with POST /api/claims");
        Problem::new(Kind::NotFound, problem)
    })
}

async fn reconcile(
    State(shared): State<Shared>,
    InPath(id): InPath<Uuid>,
    actor: Actor,
    Body(looked): Body<Looked>,
) -> Result<Json<Recorded>, Problem> {
    let claim = ClaimId::from_uuid(id.0);
    let about = known(&shared, claim).await?;
    let finding = match looked.finding {
        Shown::Done => Finding::Done,
        Shown::NotDone => Finding::NotDone,
        Shown::CannotTell => Finding::CannotTell,
    };
    let metadata = Metadata::default().with("reconciled_by", actor.who());
    let committed = shared.guard.reconcile(claim, finding, metadata).await?;
    recorded(&shared, &about, committed).await
}

async fn recorded(
    shared: &Inner,
    about: &Key,
    committed: Committed,
) -> Result<Json<Recorded>, Problem> {
    let how = match &committed {
        Committed::Settled(_) => "settled",
        Committed::Late(_) => "late",
        Committed::Repeated(_) => "repeated",
    };
    let Event { id, status, error_class, .. } = committed.event();
    let account = shared.store().account(&about.account_id).await?.account;
    let now = shared.now();
    let (next, until) = match &account.breaker {
        Breaker::Halted { .. } => (Next::Stop, None),
        resting => match resting.until(now) {
            Some(until) => (Next::Wait, Some(Instant(until))),
            None => (Next::Continue, None),
        },
    };
    Ok(Json(Recorded {
        event_id: Uuid(uuid::Uuid::from_bytes(*id.as_bytes())),
        status: StatusWord(*status),
        error_class: error_class.map(ClassWord),
        next,
        until,
        how,
    }))
}
