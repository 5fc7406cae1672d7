//! Asking whether somebody may be engaged: one refusal that is remembered, and ten thousand people
//! at once.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use decorum_core::{Action, Key, Refusal, RefusalReason, Timestamp, Username};
use decorum_engine::guard::{Guard, key};
use hyper::StatusCode;
use rusqlite::Connection as Sqlite;
use tempfile::TempDir;

use crate::book::{Goal, Row, Section, Unit, whole};
use crate::child::Served;
use crate::engagement::{Failed, guard, guard_of};
use crate::http::check::{ACCOUNT, stocked};
use crate::http::load::{Connection, post};
use crate::scale::Scale;

/// Refusals asked for in one sample.
const ROUNDS: u32 = 20_000;
/// People who were engaged.
const ENGAGED: usize = 1_000;
/// People of one bulk check.
const BULK: usize = 10_000;

const REMEMBERED: &str = "The guard is asked about somebody whom the account engaged already, and \
    remembers. The reference looks the same key up in a plain hash map and compares the time, with \
    nothing to expire, nothing to bound, one thread and a clock that nobody watches.";

const MANY: &str = "Ten thousand people for one account, one in ten of whom was engaged before and \
    none of whom is remembered: by the guard in its own process, and as `POST /api/check` over HTTP. \
    The reference is bare SQLite that reads the dedup row of each by its primary key, and decides \
    nothing.";

pub(crate) fn measure(scale: &Scale) -> Result<Vec<Section>, Failed> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let dir = TempDir::new()?;
        stocked(dir.path(), scale.of(ENGAGED, 50)).await?;
        let guard = guard(dir.path()).await?;
        let remembered = remembered(scale, &guard).await?;
        let many = many(scale, &dir, &guard).await?;
        guard.store().close().await?;
        Ok(vec![remembered, many])
    })
}

async fn remembered(scale: &Scale, guard: &Guard) -> Result<Section, Failed> {
    let mut section = Section::new("A refusal that is remembered", REMEMBERED);
    let account = ACCOUNT.parse()?;
    let people: Vec<Username> =
        (0..scale.of(ENGAGED, 50)).map(|n| n.to_string().parse()).collect::<Result<_, _>>()?;
    let answers = guard.check(&account, Action::Follow, &people).await?;
    let now = guard.clock().now();
    let mut map: HashMap<Key, (Refusal, Timestamp)> = HashMap::new();
    for (person, answer) in people.iter().zip(&answers) {
        let refusal = answer.err().filter(|r| r.reason == RefusalReason::AlreadyEngaged);
        let refusal = refusal.ok_or("somebody who was engaged is not refused")?;
        let until = now.plus(Duration::from_hours(1));
        map.insert(key(&account, person, Action::Follow), (refusal, until));
    }
    let (mut ours, mut reference) = (Vec::new(), Vec::new());
    let rounds = scale.of(ROUNDS, 200);
    for _ in 0..scale.samples(15) {
        let started = Instant::now();
        for person in people.iter().cycle().take(rounds as usize) {
            let asked = std::slice::from_ref(person);
            black_box(guard.check(&account, Action::Follow, asked).await?);
        }
        ours.push(started.elapsed() / rounds);
        let started = Instant::now();
        for person in people.iter().cycle().take(rounds as usize) {
            let found = map.get(&key(&account, black_box(person), Action::Follow));
            let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
            let now = Timestamp::MIN.plus(since);
            black_box(found.filter(|(_, until)| now < *until).map(|(refusal, _)| *refusal));
        }
        reference.push(started.elapsed() / rounds);
    }
    let row = Row::timed("refusals", Unit::PerSecond, &ours).beside_timed(&reference);
    section.add(row.goal(Goal::RatioAtLeast(0.3)));
    Ok(section)
}

async fn many(scale: &Scale, dir: &TempDir, guard: &Guard) -> Result<Section, Failed> {
    let bulk = scale.of(BULK, 200);
    let mut section =
        Section::new(format!("May these {} people be engaged", whole(bulk as u64)), MANY);
    let account = ACCOUNT.parse()?;
    let engaged = scale.of(ENGAGED, 20);
    let names: Vec<String> =
        (0..bulk).map(|n| if n < engaged { n.to_string() } else { format!("new{n}") }).collect();
    let people: Vec<Username> = names.iter().map(|n| n.parse()).collect::<Result<_, _>>()?;
    let bare = Sqlite::open(dir.path().join("decorum.db"))?;
    let json = serde_json::to_string(&names)?;
    let body = format!("{{\"account_id\":\"{ACCOUNT}\",\"action\":\"follow\",\"targets\":{json}}}");
    let (mut ours, mut http, mut reference) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..scale.samples(11) {
        // One that remembers nobody yet.
        let fresh = guard_of(dir.path(), Arc::clone(guard.store())).await?;
        let started = Instant::now();
        let answers = fresh.check(&account, Action::Follow, &people).await?;
        ours.push(started.elapsed());
        if answers.iter().filter(|answer| answer.is_err()).count() != engaged {
            return Err("not those are refused who were engaged".into());
        }
        reference.push(bare_many(&bare, &names, engaged)?);
        let server = Served::decorum(dir.path(), &["--no-workers"])?;
        let mut connection = Connection::open(server.address).await?;
        // The way there is known then, and still nobody remembered.
        connection.ask(post("/api/check", body.replace("follow", "like"))?).await?;
        let started = Instant::now();
        let (status, _) = connection.ask(post("/api/check", body.clone())?).await?;
        http.push(started.elapsed());
        if status != StatusCode::OK {
            return Err(format!("a bulk check was answered {status}").into());
        }
    }
    for (what, times) in [("by the guard", ours), ("over HTTP", http)] {
        let row = Row::timed(what, Unit::Millis, &times).beside_timed(&reference);
        section.add(row.goal(Goal::AtMost(50.0)));
    }
    Ok(section)
}

fn bare_many(db: &Sqlite, names: &[String], engaged: usize) -> Result<Duration, Failed> {
    let started = Instant::now();
    db.execute_batch("BEGIN")?;
    let mut statement = db.prepare_cached(
        "SELECT * FROM interactions_latest WHERE platform = 'instagram' AND account_id = ?1
         AND target_username = ?2 AND action = 'follow'",
    )?;
    let mut found = 0;
    for name in names {
        found += usize::from(statement.exists((ACCOUNT, name))?);
    }
    db.execute_batch("COMMIT")?;
    let took = started.elapsed();
    if found == engaged {
        Ok(took)
    } else {
        Err(format!("bare SQLite finds {found} of {engaged} people").into())
    }
}
