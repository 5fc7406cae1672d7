//! What the store adds to the disk: a claim and its commit, against bare statements that write
//! the same rows in the same number of transactions, equally durable.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use decorum_core::{
    Action, ClaimId, ClaimRequest, EventId, Jitter, Key, Metadata, Outcome, Platform, Report, Salt,
    Settings, Stamp, Timestamp,
};
use decorum_store::{ClaimVerdict, Store, open_store};
use rusqlite::Connection;
use tempfile::TempDir;
use uuid::Uuid;

use crate::table::Row;

/// Engagements of one sample.
const BATCH: usize = 200;
const SAMPLES: usize = 9;
/// Callers at the same time, for the row that shows group commit.
const TOGETHER: usize = 32;

/// Settings without pace, so that only the store is measured.
fn unhurried() -> Result<Settings, Box<dyn Error>> {
    let free = "{\"hour\":null,\"day\":null}";
    let document = format!(
        "{{\"min_seconds_between_actions\":0,\"budgets\":{{\"follow\":{free},\"like\":{free},\
         \"comment\":{free},\"view\":{free}}}}}"
    );
    Ok(Settings::from_json(&serde_json::from_str(&document)?)?)
}

pub(crate) fn claim_and_commit() -> Result<Vec<Row>, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build()?;
    let dir = TempDir::new()?;
    let address = format!("sqlite:{}", dir.path().join("decorum.db").display());
    let store = runtime.block_on(open_store(&address))?;
    let bare = bare(&dir)?;
    let settings = Arc::new(unhurried()?);
    let (mut alone, mut together, mut reference) = (Vec::new(), Vec::new(), Vec::new());
    for sample in 0..SAMPLES {
        reference.push(bare_batch(&bare, sample)?);
        let started = Instant::now();
        runtime.block_on(engage(&store, &settings, &format!("a{sample}_"), 0..BATCH))?;
        alone.push(started.elapsed() / u32::try_from(BATCH)?);
        let started = Instant::now();
        runtime.block_on(at_once(&store, &settings, sample))?;
        together.push(started.elapsed() / u32::try_from(BATCH)?);
    }
    Ok(vec![
        Row::millis("one caller", &alone, &reference),
        Row::millis(&format!("{TOGETHER} callers at once (group commit)"), &together, &reference),
    ])
}

async fn at_once(
    store: &Arc<dyn Store>,
    settings: &Arc<Settings>,
    sample: usize,
) -> Result<(), Box<dyn Error>> {
    let each = BATCH / TOGETHER + 1;
    let callers: Vec<_> = (0..TOGETHER)
        .map(|caller| {
            let (store, settings) = (Arc::clone(store), Arc::clone(settings));
            tokio::spawn(async move {
                let prefix = format!("t{sample}_{caller}_");
                engage(&store, &settings, &prefix, 0..each).await.map_err(|e| e.to_string())
            })
        })
        .collect();
    for caller in callers {
        caller.await??;
    }
    Ok(())
}

async fn engage(
    store: &Arc<dyn Store>,
    settings: &Settings,
    prefix: &str,
    range: std::ops::Range<usize>,
) -> Result<(), Box<dyn Error>> {
    for i in range {
        let key = Key {
            platform: Platform::Instagram,
            account_id: format!("{prefix}account").parse()?,
            target_username: format!("{prefix}{i}").parse()?,
            action: Action::Follow,
        };
        let now = Timestamp::from_millis(1_800_000_000_000);
        let request = ClaimRequest {
            claim_id: ClaimId::from_uuid(Uuid::now_v7()),
            key: key.clone(),
            holder: "bench".parse()?,
            account_fence: None,
            task_id: None,
            device_id: None,
            metadata: Metadata::default(),
            now,
        };
        let ClaimVerdict::Granted(claim) = store.claim(settings, request).await? else {
            return Err("a claim was refused that nothing speaks against".into());
        };
        let report = Report {
            claim_id: claim.id,
            key,
            outcome: Outcome::Success { presumed: false },
            reason: None,
            detail: String::new(),
            session_id: None,
            device_id: None,
            latency_ms: Some(1),
            metadata: Metadata::default(),
            jitter: Jitter::default(),
            stamp: Stamp {
                event_id: EventId::from_uuid(Uuid::now_v7()),
                salt: Salt(fastrand::u128(..).to_be_bytes()),
                now,
            },
        };
        store.commit(settings, report).await?;
    }
    Ok(())
}

fn bare(dir: &TempDir) -> Result<Connection, rusqlite::Error> {
    let db = Connection::open(dir.path().join("bare.db"))?;
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE latest (account TEXT, target TEXT, action TEXT, row TEXT,
                              PRIMARY KEY (account, target, action)) WITHOUT ROWID;
         CREATE TABLE accounts (account TEXT PRIMARY KEY, row TEXT) WITHOUT ROWID;
         CREATE TABLE events (id TEXT PRIMARY KEY, account TEXT, seq INTEGER, row TEXT, ts INTEGER,
                              UNIQUE (account, seq));
         CREATE INDEX events_ts ON events (ts);",
    )?;
    Ok(db)
}

/// The rows of an engagement, of about the size the store writes, in two transactions.
fn bare_batch(db: &Connection, sample: usize) -> Result<Duration, Box<dyn Error>> {
    let row = "x".repeat(400);
    let started = Instant::now();
    for i in 0..BATCH {
        let (account, target) = (format!("b{sample}"), format!("b{sample}_{i}"));
        for commit in [false, true] {
            db.execute_batch("BEGIN IMMEDIATE")?;
            db.prepare_cached("INSERT OR REPLACE INTO latest VALUES (?1, ?2, 'follow', ?3)")?
                .execute((&account, &target, &row))?;
            db.prepare_cached("INSERT OR REPLACE INTO accounts VALUES (?1, ?2)")?
                .execute((&account, &row))?;
            if commit {
                db.prepare_cached("INSERT INTO events VALUES (?1, ?2, ?3, ?4, 1)")?.execute((
                    Uuid::now_v7().to_string(),
                    &account,
                    i64::try_from(i)?,
                    &row,
                ))?;
            }
            db.execute_batch("COMMIT")?;
        }
    }
    Ok(started.elapsed() / u32::try_from(BATCH)?)
}
