//! `/api/devices/{device_id}/…`: does a phone work, and what does it show?
//!
//! Nothing here comes between a worker and its phone: while a task holds it, what was seen last is
//! shown, and the answer says so.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use decorum_core::{DeviceId, DeviceRecord, Role};
use decorum_device::screen::{Outline, Outlined};
use decorum_device::{AppProfile, Screen};
use decorum_engine::crew::evidence::Picture;
use decorum_engine::crew::{Looked, Rung, Tested, Verdict, VisitError, Visits};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use super::devices::{nobody, parsed};
use crate::operation::{Operation, Param};
use crate::params::{InPath, Params};
use crate::problem::{Kind, Problem};
use crate::state::{Shared, State as Inner};
use crate::wire::{Instant, Label};

pub(super) fn operations() -> Vec<Operation> {
    let id = || Param::path::<Label>("device_id", "The phone.");
    vec![
        Operation::post("/api/devices/{device_id}/test", "testDevice")
            .says("phones", "Try every rung up to the app", "Its server, a session, the app: each that holds, and the first that breaks with what to do. While a task holds the phone only its server is asked.")
            .needs(Role::Operator)
            .takes([id()])
            .answers::<Test>(200, "What was found.")
            .refuses([Kind::NotFound])
            .endless()
            .by(test),
        Operation::post("/api/devices/{device_id}/look", "lookAtDevice")
            .says("phones", "Take a picture of a phone, and say what Decorum sees on it", "Touches nothing. While a task holds the phone nothing is taken, and what was seen last is answered with `fresh` false.")
            .needs(Role::Operator)
            .takes([id()])
            .answers::<Sight>(200, "What it shows.")
            .refuses([Kind::NotFound, Kind::Conflict])
            .endless()
            .by(look),
        Operation::get("/api/devices/{device_id}/screen", "getScreen")
            .says("phones", "What a phone showed last", "Workers take a picture of their phone now and then, and when something ends strangely. Only pictures of this machine are known here.")
            .needs(Role::Viewer)
            .takes([id()])
            .answers::<Sight>(200, "What it showed.")
            .refuses([Kind::NotFound])
            .by(screen),
        Operation::get("/api/devices/{device_id}/screenshot", "getScreenshot")
            .says("phones", "The last picture of a phone", "")
            .needs(Role::Viewer)
            .takes([
                id(),
                Param::query::<Instant>("taken_at", "Changes nothing: with the time of the picture in the address, no browser shows an older one that it has kept."),
            ])
            .answers_as(200, "A PNG file.", &["image/png"], picture_schema)
            .refuses([Kind::NotFound])
            .by(screenshot),
    ]
}

fn picture_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "contentMediaType": "image/png" })
}

/// What a test of a phone found.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DeviceTest")]
struct Test {
    /// Whether every rung that was tried holds.
    ok: bool,
    /// The rungs that were tried, from the ground up; the last may be broken.
    rungs: Vec<RungShown>,
    /// Until when a task holds the phone, unless renewed; then only its server was asked. Null: the
    /// phone was free.
    held_until: Option<Instant>,
}

/// A rung of the ladder.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DeviceRung")]
struct RungShown {
    /// `phone`: its server answers. `session`: the phone itself does. `source`: what it shows can be
    /// read. `upright`, `alert`: nothing is in the way. `app`: the app is in front. `page`: it is as
    /// the app profile says. `account`: it acts for an account.
    step: &'static str,
    /// Whether it holds.
    ok: bool,
    /// Whether the phone can be reached and wants a person.
    person_needed: bool,
    /// What was found; or what does not hold, and what to do about it.
    said: String,
}

impl From<Rung> for RungShown {
    fn from(Rung { step, verdict, said }: Rung) -> Self {
        let (ok, person_needed) = (verdict == Verdict::Holds, verdict == Verdict::PersonNeeded);
        Self { step: step.as_str(), ok, person_needed, said }
    }
}

/// What a phone shows.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DeviceScreen")]
struct Sight {
    /// Whether it was taken for this request.
    fresh: bool,
    /// Until when a task holds the phone, unless renewed, so that none was taken; null: it was not
    /// asked for, or the phone was free.
    held_until: Option<Instant>,
    /// When it was taken. The picture itself is at `screenshot`.
    taken_at: Instant,
    /// Which page Decorum takes it for; null: it could not be read, or only the picture is there.
    page: Option<&'static str>,
    /// What Decorum reads from it, a fact a line, as `decorum screen` prints it.
    says: Vec<String>,
    /// Why it could not be read.
    problem: Option<String>,
    /// How wide the screen is, in points.
    width: Option<f32>,
    /// How high the screen is, in points.
    height: Option<f32>,
    /// What stands where, in points.
    elements: Vec<Element>,
}

/// An element of a screen.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DeviceElement")]
struct Element {
    /// Its type, such as `Button`.
    kind: String,
    /// Its accessibility id, if it has one.
    id: Option<String>,
    /// What it says; empty: nothing.
    says: String,
    /// What the app profile knows it as, such as `follow_button`.
    known_as: Option<&'static str>,
    /// The left edge.
    x: f32,
    /// The upper edge.
    y: f32,
    /// How wide.
    width: f32,
    /// How high.
    height: f32,
}

impl From<Outlined> for Element {
    fn from(Outlined { element_type, id, says, known_as, frame }: Outlined) -> Self {
        let decorum_device::screen::Frame { x, y, width, height } = frame;
        Self { kind: element_type, id, says, known_as, x, y, width, height }
    }
}

impl Sight {
    fn of(picture: &Picture, profile: &AppProfile) -> Self {
        let taken_at = jiff::Timestamp::try_from(picture.taken_at).unwrap_or_default();
        let mut sight = Self {
            fresh: false,
            held_until: None,
            taken_at: Instant(taken_at.into()),
            page: None,
            says: Vec::new(),
            problem: None,
            width: None,
            height: None,
            elements: Vec::new(),
        };
        let Some(source) = &picture.source else { return sight };
        match (Screen::read(source, profile), Outline::read(source, profile)) {
            (Ok(screen), Ok(outline)) => {
                sight.page = Some(screen.page.name());
                sight.says = screen.to_string().lines().map(str::to_owned).collect();
                sight.width = outline.size.map(|size| size.width);
                sight.height = outline.size.map(|size| size.height);
                sight.elements = outline.elements.into_iter().map(Into::into).collect();
            }
            (Err(error), _) | (_, Err(error)) => sight.problem = Some(error.to_string()),
        }
        sight
    }
}

/// The phone, and how to visit it.
async fn phone(shared: &Inner, id: &Label) -> Result<(DeviceRecord, Arc<Visits>), Problem> {
    let id = parsed(id)?;
    let found = shared.store().device(&id).await?.ok_or_else(|| nobody(&id))?;
    Ok((found, visits(shared)?))
}

fn visits(shared: &Inner) -> Result<Arc<Visits>, Problem> {
    shared
        .options
        .phones
        .clone()
        .ok_or_else(|| Problem::new(Kind::NotFound, "this server does not look at phones"))
}

fn broken(error: VisitError) -> Problem {
    match error {
        VisitError::Store(error) => error.into(),
        VisitError::Phone(_) | VisitError::TooLong => {
            Problem::new(Kind::Conflict, format!("the phone cannot be looked at: {error}"))
        }
        VisitError::Folder(_) => Problem::new(Kind::Internal, error.to_string()),
    }
}

/// What a visit that runs to its end, whoever waits for it, came to.
async fn whole<T: Send + 'static>(
    visit: impl Future<Output = Result<T, VisitError>> + Send + 'static,
) -> Result<T, Problem> {
    let ended = tokio::spawn(visit).await;
    ended.map_err(|_| Problem::new(Kind::Internal, "the visit broke off"))?.map_err(broken)
}

async fn test(
    State(shared): State<Shared>,
    InPath(id): InPath<Label>,
) -> Result<Json<Test>, Problem> {
    let (phone, visits) = phone(&shared, &id).await?;
    let Tested { rungs, held_until } =
        whole(async move { visits.test(&shared.guard, &phone).await }).await?;
    let ok = rungs.iter().all(Rung::holds);
    let rungs = rungs.into_iter().map(Into::into).collect();
    Ok(Json(Test { ok, rungs, held_until: held_until.map(Instant) }))
}

async fn look(
    State(shared): State<Shared>,
    InPath(id): InPath<Label>,
) -> Result<Json<Sight>, Problem> {
    let (phone, visits) = phone(&shared, &id).await?;
    let device_id = phone.device_id.clone();
    let (looking, by) = (Arc::clone(&visits), Arc::clone(&shared));
    let looked = whole(async move { looking.look(&by.guard, &phone).await }).await?;
    let last = last(&visits, &device_id)?;
    match (looked, last) {
        (Looked::Fresh, Some(sight)) => Ok(Json(Sight { fresh: true, ..sight })),
        (Looked::Held(until), Some(sight)) => {
            Ok(Json(Sight { held_until: Some(Instant(until)), ..sight }))
        }
        (Looked::Held(_), None) => {
            let problem = "a task uses the phone, and no picture of it was taken yet";
            Err(Problem::new(Kind::Conflict, problem).after(10))
        }
        (Looked::Fresh, None) => Err(Problem::new(Kind::Internal, "the picture is gone")),
    }
}

fn last(visits: &Visits, id: &DeviceId) -> Result<Option<Sight>, Problem> {
    Ok(picture(visits, id)?.map(|picture| Sight::of(&picture, visits.profile())))
}

fn picture(visits: &Visits, id: &DeviceId) -> Result<Option<Picture>, Problem> {
    visits.last(id).map_err(|error| {
        tracing::error!(phone = %id, %error, "its last picture cannot be read");
        Problem::new(Kind::Internal, "the last picture of the phone cannot be read")
    })
}

fn none(id: &DeviceId) -> Problem {
    let problem = format!("no picture of {id} was taken on this machine yet; look at it first");
    Problem::new(Kind::NotFound, problem)
}

async fn screen(
    State(shared): State<Shared>,
    InPath(id): InPath<Label>,
) -> Result<Json<Sight>, Problem> {
    let (phone, visits) = phone(&shared, &id).await?;
    last(&visits, &phone.device_id)?.map(Json).ok_or_else(|| none(&phone.device_id))
}

async fn screenshot(
    State(shared): State<Shared>,
    InPath(id): InPath<Label>,
    params: Params,
) -> Result<Response, Problem> {
    params.instant("taken_at")?;
    let (phone, visits) = phone(&shared, &id).await?;
    let found = picture(&visits, &phone.device_id)?.ok_or_else(|| none(&phone.device_id))?;
    let media = HeaderValue::from_static("image/png");
    Ok(([(header::CONTENT_TYPE, media)], found.png).into_response())
}
