//! `decorum metrics`: what happened, in numbers.

use std::io::IsTerminal;
use std::sync::Arc;

use decorum_core::Status;
use decorum_store::{Metrics as Counted, MetricsQuery, Point, Step, Store};

use crate::args::{Common, Metrics};
use crate::console::{count, instant, print, print_json, say};
use crate::exit::{self, Code, Failure};
use crate::place::{self, Access};

/// Lines of the series a person is shown; JSON has them all.
const LINES: usize = 48;

/// The longest bar, in characters.
const BAR: u64 = 30;

pub(crate) async fn metrics(common: &Common, args: &Metrics) -> Result<Code, Failure> {
    let account_id = args.account.as_deref().map(place::account).transpose()?;
    if let (Some(from), Some(to)) = (args.from, args.to)
        && from >= to
    {
        return Err(Failure::usage(format!("--to {to} is not after --from {from}")));
    }
    let (from, to, step) = (args.from, args.to, args.step);
    let store = open(common).await?;
    if let Some(account) = &account_id
        && !store.accounts().await?.iter().any(|view| view.account.account_id == *account)
    {
        return Err(Failure::usage(format!("no account {account} is known to this store")));
    }
    let query = MetricsQuery { account_id, from, to, step };
    let counted = store.metrics(&query).await?;
    store.close().await?;
    if args.json {
        print_json(&counted)?;
        return Ok(exit::DONE);
    }
    if (counted.from, counted.to) != (from, to) {
        say(
            "the log was cleaned up there: what is gone is known by the hour only, so whole hours are counted",
        );
    }
    print_totals(&counted)?;
    print_series(&counted)?;
    Ok(exit::DONE)
}

/// To write if possible, so that what was counted need not be counted again; a store that can only
/// be read is counted all the same.
async fn open(common: &Common) -> Result<Arc<dyn Store>, Failure> {
    match place::open_store(common, Access::Write).await {
        Ok(store) => Ok(store),
        Err(failure) => place::open_store(common, Access::Read).await.map_err(|_| failure),
    }
}

fn print_totals(counted: &Counted) -> Result<(), Failure> {
    let to = |t: Option<_>, open: &str| t.map_or_else(|| open.to_owned(), instant);
    let (from, to) = (to(counted.from, "the beginning"), to(counted.to, "now"));
    print(format!("{:<14} {:>9}  from {from} to {to}", "events", grouped(counted.events)))?;
    let rate =
        counted.success_rate.map_or_else(|| "-".to_owned(), |r| format!("{:.1} %", r * 100.0));
    print(format!("{:<14} {rate:>9}  of what was tried to the end", "success rate"))?;
    let refused = grouped(counted.dedupe_hits);
    print(format!("{:<14} {refused:>9}  by ourselves (dedupe_hit)", "refused"))?;
    let latency = counted.latency;
    if let (Some(p50), Some(p90), Some(p95), Some(p99), Some(max)) =
        (latency.p50_ms, latency.p90_ms, latency.p95_ms, latency.p99_ms, latency.max_ms)
    {
        print(format!(
            "{:<14} {:>9}  p90 {}, p95 {}, p99 {}, longest {} ({} measured)",
            "latency p50",
            duration(p50),
            duration(p90),
            duration(p95),
            duration(p99),
            duration(max),
            grouped(latency.count)
        ))?;
    }
    let actions = counted.by_action.iter().map(|(word, n)| (word.as_str(), *n));
    let statuses = counted.by_status.iter().map(|(word, n)| (word.as_str(), *n));
    let classes = counted.by_error_class.iter().map(|(word, n)| (word.as_str(), *n));
    print_words("by action", actions)?;
    print_words("by status", statuses)?;
    print_words("by trouble", classes)
}

fn print_words<'a>(what: &str, words: impl Iterator<Item = (&'a str, u64)>) -> Result<(), Failure> {
    let said: Vec<String> =
        words.filter(|(_, n)| *n > 0).map(|(word, n)| format!("{word} {}", grouped(n))).collect();
    if said.is_empty() { Ok(()) } else { print(format!("{what:<14} {}", said.join(", "))) }
}

fn print_series(counted: &Counted) -> Result<(), Failure> {
    let hidden = counted.series.len().saturating_sub(LINES);
    let shown = counted.series.get(hidden..).unwrap_or_default();
    if shown.is_empty() {
        return Ok(());
    }
    let header: Vec<String> = Status::ALL.iter().map(|s| format!("{:>12}", s.as_str())).collect();
    print("")?;
    print(format!("{:<16} {:>9}{}", format!("{} (UTC)", counted.step), "events", header.concat()))?;
    let most = shown.iter().map(|point| point.events).max().unwrap_or_default();
    let draw = std::io::stdout().is_terminal();
    for point in shown {
        let n: Vec<String> =
            point.by_status.values().map(|n| format!("{:>12}", grouped(*n))).collect();
        let bar = if draw { format!("  {}", bar(point.events, most)) } else { String::new() };
        let start = when(point, counted.step);
        print(format!("{start:<16} {:>9}{}{bar}", grouped(point.events), n.concat()))?;
    }
    if hidden > 0 {
        let earlier = count(hidden, "earlier line", "earlier lines");
        say(&format!("{earlier} not shown; narrow it with --from and --to, or use --json"));
    }
    Ok(())
}

fn when(point: &Point, step: Step) -> String {
    let text = point.start.to_string();
    let (date, time) = (text.get(..10).unwrap_or_default(), text.get(11..16).unwrap_or_default());
    match step {
        Step::Day => date.to_owned(),
        Step::Hour => format!("{date} {time}"),
    }
}

/// A bar as long as `n` is to `most`, to the eighth of a character.
fn bar(n: u64, most: u64) -> String {
    let eighths = u128::from(n) * u128::from(BAR * 8) / u128::from(most.max(1));
    let (whole, rest) = (eighths / 8, eighths % 8);
    let mut bar = "█".repeat(usize::try_from(whole).unwrap_or_default());
    let part = usize::try_from(rest).ok().and_then(|rest| " ▏▎▍▌▋▊▉".chars().nth(rest));
    bar.extend(part.filter(|part| *part != ' '));
    bar
}

/// `1,234,567`.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Milliseconds as people say them.
fn duration(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => crate::console::span(std::time::Duration::from_millis(ms)),
    }
}
