//! `POST /api/claims` and its outcome, beside the engine claiming and committing in its own process.

use std::sync::Arc;
use std::time::{Duration, Instant};

use decorum_engine::guard::Guard;
use hyper::StatusCode;
use serde_json::Value;
use tempfile::TempDir;

use super::check::stocked;
use super::load::{Asking, Connection, drive, post};
use crate::book::{Goal, Row, Section, Unit};
use crate::child::Served;
use crate::engagement::{Failed, engage_by, guard};
use crate::scale::Scale;

/// Accounts at the same time.
const ACCOUNTS: usize = 16;

const ABOUT: &str = "`POST /api/claims` and then `POST /api/claims/{id}/outcome` of `decorum serve` \
    on an SQLite store, by 16 programs at once, each with an account of its own; an engagement is \
    both. The reference is the engine's guard doing the same for as many accounts in its own \
    process, on a store of its own: what is left is what HTTP and JSON add, and the load, which \
    shares the cores.";

/// Engages one person after the other.
struct Engagements {
    /// Tells samples apart.
    sample: usize,
}

impl Asking for Engagements {
    async fn ask(&self, connection: &mut Connection, client: usize, n: u64) -> Result<(), Failed> {
        let sample = self.sample;
        let claim = format!(
            "{{\"account_id\":\"account{client}\",\"target_username\":\"s{sample}_{n}\",\
             \"action\":\"follow\"}}"
        );
        let (status, answer) = connection.ask(post("/api/claims", claim)?).await?;
        if status != StatusCode::CREATED {
            return Err(format!("a claim was answered {status}: {answer:?}").into());
        }
        let answer: Value = serde_json::from_slice(&answer)?;
        let claim = answer["claim_id"].as_str().ok_or("a claim without an id")?;
        let outcome =
            post(&format!("/api/claims/{claim}/outcome"), "{\"status\":\"success\"}".to_owned())?;
        let (status, answer) = connection.ask(outcome).await?;
        if status != StatusCode::OK {
            return Err(format!("an outcome was answered {status}: {answer:?}").into());
        }
        Ok(())
    }
}

pub(crate) fn measure(scale: &Scale) -> Result<Vec<Section>, Failed> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let mut section = Section::new("HTTP: claim and outcome", ABOUT);
        let (dir, own) = (TempDir::new()?, TempDir::new()?);
        stocked(dir.path(), 1).await?;
        let server = Served::decorum(dir.path(), &[])?;
        let guard = Arc::new(guard(own.path()).await?);
        let lasting = scale.of(Duration::from_secs(2), Duration::from_millis(200));
        let (mut ours, mut reference, mut p99) = (Vec::new(), Vec::new(), Vec::new());
        for sample in 0..scale.samples(7) {
            reference.push(engine(&guard, sample, lasting).await?);
            let asking = Arc::new(Engagements { sample });
            let load = drive(server.address, ACCOUNTS, lasting, &asking).await?;
            ours.push(load.per_second);
            p99.push(load.p99);
        }
        guard.store().close().await?;
        let row = Row::new("engagements", Unit::PerSecond, &ours).beside(&reference);
        section.add(row.goal(Goal::RatioAtLeast(0.5)));
        section.add(Row::timed("99th percentile of both requests", Unit::Millis, &p99));
        section.draw_rows("http-claims", "Claim and outcome over HTTP, a second", Unit::PerSecond);
        Ok(vec![section])
    })
}

/// Engagements a second of the engine itself.
async fn engine(guard: &Arc<Guard>, sample: usize, lasting: Duration) -> Result<f64, Failed> {
    let started = Instant::now();
    let engaging: Vec<_> = (0..ACCOUNTS)
        .map(|account| {
            let guard = Arc::clone(guard);
            tokio::spawn(async move {
                let (account, mut n) = (format!("account{account}"), 0_u32);
                while started.elapsed() < lasting {
                    engage_by(&guard, &account, &format!("s{sample}_{n}")).await?;
                    n += 1;
                }
                Ok::<_, Failed>(n)
            })
        })
        .collect();
    let mut engagements = 0;
    for account in engaging {
        engagements += account.await??;
    }
    Ok(f64::from(engagements) / started.elapsed().as_secs_f64())
}
