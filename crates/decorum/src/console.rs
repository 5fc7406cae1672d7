//! Talking to a person on standard error, and to programs on standard output.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use decorum_core::Timestamp;
use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use serde::Serialize;

use crate::exit::{self, Failure};

/// Log lines go to standard error; `DECORUM_LOG` chooses (`info`, `decorum_store=debug`, …).
pub(crate) fn start_log(filter: Option<&str>) {
    let filter = tracing_subscriber::EnvFilter::try_new(filter.unwrap_or("warn"))
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .init();
}

/// A line of talk. A closed standard error must not end the work.
pub(crate) fn say(line: &str) {
    drop(writeln!(std::io::stderr().lock(), "{line}"));
}

/// An error, the way all of them look.
pub(crate) fn complain(message: &str) {
    if !message.is_empty() {
        say(&format!("decorum: {message}"));
    }
}

/// A line of the result.
pub(crate) fn print(line: impl std::fmt::Display) -> Result<(), Failure> {
    writeln!(std::io::stdout().lock(), "{line}").map_err(|e| exit::output(&e))
}

/// The result as one line of JSON.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string(value)
        .map_err(|e| Failure::new(exit::FAILED, format!("the result has no JSON form: {e}")))?;
    print(text)
}

/// A duration as people say it: `4 s`, `2 min 05 s`, `3 h 10 min`.
pub(crate) fn span(d: Duration) -> String {
    let s = d.as_secs() + u64::from(d.subsec_millis() >= 500);
    match (s / 3600, s / 60 % 60, s % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m} min {s:02} s"),
        (h, m, _) => format!("{h} h {m:02} min"),
    }
}

/// An instant for a person: to the second, in UTC.
pub(crate) fn instant(t: Timestamp) -> String {
    let text = t.to_string();
    text.split_once('.').map_or(text.clone(), |(s, _)| format!("{s}Z"))
}

/// `1 person`, `2 people`.
pub(crate) fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// Lines for whoever has no terminal to see a bar on: now and then one.
pub(crate) struct Lines {
    terminal: bool,
    said: Instant,
}

impl Lines {
    /// They come at most this often.
    const QUIET: Duration = Duration::from_secs(10);

    pub(crate) fn new() -> Self {
        Self { terminal: std::io::stderr().is_terminal(), said: Instant::now() }
    }

    /// Whether one is due; it is expected to be said then.
    pub(crate) fn is_due(&mut self) -> bool {
        let due = !self.terminal && self.said.elapsed() >= Self::QUIET;
        if due {
            self.said = Instant::now();
        }
        due
    }
}

/// Counts on a terminal, with the rate; says nothing elsewhere.
pub(crate) fn counter(what: &str) -> ProgressBar {
    styled(ProgressBar::no_length(), &format!("{{human_pos}} {what}  {{rate}}"))
}

/// A bar on a terminal, with the rate and the time left; says nothing elsewhere.
pub(crate) fn bar(total: u64, what: &str) -> ProgressBar {
    let template = format!(
        "{{bar:30.cyan/dim}} {{human_pos}}/{{human_len}} {what}  {{rate}}  left {{eta}}  {{msg}}"
    );
    styled(ProgressBar::new(total), &template)
}

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    let rate = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
        // A line that cannot be drawn now is drawn again soon.
        write!(out, "{:.0} a second", state.per_sec()).ok();
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.with_key("rate", rate).progress_chars("━╸─"));
    }
    bar
}

/// A question, on the line the answer is typed on.
pub(crate) fn ask(question: &str) {
    let mut stderr = std::io::stderr().lock();
    drop(write!(stderr, "{question}").and_then(|()| stderr.flush()));
}
