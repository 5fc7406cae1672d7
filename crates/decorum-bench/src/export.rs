//! Writing the log out: how fast, and in how much memory, from a long log beside a short one.

use std::path::Path;
use std::time::Instant;

use crate::engagement::Failed;
use crate::fill;
use crate::process::{binary, peak_memory};
use crate::table::{self, Row};

const SAMPLES: usize = 3;

pub(crate) fn all(short: u64, long: u64) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build()?;
    let kept = |events| {
        runtime.block_on(async {
            let (store, file) = fill::sqlite(events).await?;
            store.close().await?;
            Ok::<_, Failed>(file)
        })
    };
    let (small, big) = (kept(short)?, kept(long)?);
    table::heading(&format!("an export of {long} events"), &format!("the same of {short} events"));
    for format in ["jsonl", "csv", "json"] {
        let (mut rates, mut reference) = (Vec::new(), Vec::new());
        let (mut memory, mut reference_memory) = (Vec::new(), Vec::new());
        for _ in 0..SAMPLES {
            let (rate, mb) = export(&small, format, short)?;
            reference.push(rate);
            reference_memory.push(mb);
            let (rate, mb) = export(&big, format, long)?;
            rates.push(rate);
            memory.push(mb);
        }
        let what = format!("{format}, events");
        table::row(&Row { what, samples: rates, reference, unit: "/s" });
        let what = format!("{format}, peak memory");
        table::row(&Row { what, samples: memory, reference: reference_memory, unit: "MB" });
    }
    Ok(())
}

/// Events a second, and the most memory in megabytes.
#[expect(clippy::cast_precision_loss, reason = "shown with two decimals")]
fn export(file: &Path, format: &str, events: u64) -> Result<(f64, f64), Failed> {
    let started = Instant::now();
    let store = format!("sqlite:{}", file.display());
    let mut command = std::process::Command::new(binary()?);
    command.args(["export", "--store", &store, "--format", format]);
    let kb = peak_memory(&mut command)?;
    let seconds = started.elapsed().as_secs_f64();
    Ok((events as f64 / seconds, kb as f64 / 1024.0))
}
