//! `GET /api/check`, beside the design that such services commonly have: `reference/app.py`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use decorum_mongod::{Options, Server, in_database};
use mongodb::bson::{DateTime, Document, doc};
use mongodb::options::IndexOptions;
use mongodb::{Client, IndexModel};
use tempfile::TempDir;

use crate::book::{Goal, Row, Section, Unit};
use crate::child::Served;
use crate::engagement::Failed;
use crate::http::check::{ACCOUNT, CLIENTS, Checks, stocked};
use crate::http::load::drive;
use crate::scale::Scale;

const PEOPLE: u64 = 2_000;

/// What the bare handler answers, as long as a refusal is.
const ANSWER: &str =
    r#"{"engage":false,"reason":"already_engaged","retry_at":"2026-01-31T09:30:00Z"}"#;

const ABOUT: &str = "`GET /api/check` by 32 clients. The reference, in \
    `crates/decorum-bench/reference`, was written for this: one process of FastAPI on uvicorn with \
    uvloop and httptools, the asynchronous MongoDB driver, a unique index, and a dictionary of \
    refusals; it checks neither budgets nor breakers nor suppressed people. Decorum is `decorum \
    serve` as it comes, on SQLite, and on the same MongoDB server. The load takes its share of the \
    two cores, the larger the faster the server is; how far that lets any server come, a bare axum \
    handler shows, which answers the same JSON and asks nobody.";

pub(crate) fn measure(scale: &Scale) -> Result<Section, Failed> {
    let mut section = Section::new("HTTP: beside the common design", ABOUT);
    let Some(python) = std::env::var_os("DECORUM_BENCH_PYTHON").map(PathBuf::from) else {
        section.missing("its packages are not on this machine (scripts/ensure-bench-python)");
        return Ok(section);
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let mongod = Server::standalone(&Options::default()).await?;
        let people = scale.of(PEOPLE, 100);
        fill(&mongod.uri(), people).await?;
        let reference = reference(&python, &mongod.uri())?;
        let dir = TempDir::new()?;
        stocked(dir.path(), usize::try_from(people)?).await?;
        let sqlite = Served::decorum(dir.path(), &[])?;
        let (dir, store) = (TempDir::new()?, in_database(&mongod.uri(), "decorum"));
        let mongo = Served::decorum(dir.path(), &["--store", &store])?;
        let bare = Served::bare(ANSWER)?;
        let new = Arc::new(Checks { prefix: "new", people });
        let engaged = Arc::new(Checks { prefix: "", people });
        let lasting = scale.of(Duration::from_secs(2), Duration::from_millis(300));
        let asked = [(&sqlite, &new), (&mongo, &new), (&reference, &new)];
        let remembered = [(&sqlite, &engaged), (&bare, &engaged), (&reference, &engaged)];
        let all = [&asked[..], &remembered[..]].concat();
        let mut rates = vec![Vec::new(); all.len()];
        for sample in 0..=scale.samples(5) {
            for ((server, checks), rates) in all.iter().zip(&mut rates) {
                let load = drive(server.address, CLIENTS, lasting, checks).await?;
                // The first time nobody is warm.
                if sample > 0 {
                    rates.push(load.per_second);
                }
            }
        }
        let row = |what: &str, ours: usize, reference: usize| {
            Row::new(what, Unit::PerSecond, &rates[ours]).beside(&rates[reference])
        };
        let goal = Goal::RatioAtLeast(20.0);
        section.add(row("somebody new, on SQLite", 0, 2).goal(goal));
        section.add(row("somebody new, on the same MongoDB", 1, 2));
        section.add(row("a refusal that is remembered", 3, 5).goal(goal));
        section.add(row("a bare axum handler, which remembers nothing", 4, 5));
        section.draw_rows("common-design", "GET /api/check, requests a second", Unit::PerSecond);
        Ok(section)
    })
}

/// The database of the reference, in which so many people were engaged.
async fn fill(uri: &str, people: u64) -> Result<(), Failed> {
    let client = Client::with_uri_str(uri).await?;
    let latest = client.database("common").collection::<Document>("interactions_latest");
    let keys = doc! { "account_id": 1, "target_username": 1, "action": 1 };
    let unique = IndexOptions::builder().unique(true).build();
    latest.create_index(IndexModel::builder().keys(keys).options(unique).build()).await?;
    let expires_at = DateTime::from_system_time(SystemTime::now() + Duration::from_hours(24 * 30));
    let rows = (0..people).map(|n| {
        doc! {
            "account_id": ACCOUNT,
            "target_username": n.to_string(),
            "action": "follow",
            "last_status": "success",
            "expires_at": expires_at,
        }
    });
    latest.insert_many(rows).await?;
    Ok(())
}

fn reference(python: &Path, uri: &str) -> Result<Served, Failed> {
    let app = Path::new(env!("CARGO_MANIFEST_DIR")).join("reference/app.py");
    let mut command = Command::new(python);
    command.arg(app).args([uri, "common"]).stdin(Stdio::null());
    Served::start(command)
}
