//! Telling how a run goes: a bar on a terminal, plain lines elsewhere.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use decorum_core::{RefusalReason, Status, Timestamp};
use decorum_engine::automator::Evidence;
use decorum_engine::run::{Engagement, Progress, Tell};
use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use crate::console::{Lines, count, instant, say, span};
use crate::place;

pub(crate) struct Report {
    bar: ProgressBar,
    terminal: bool,
    evidence: PathBuf,
    state: Mutex<State>,
    /// Until when the account rests; the bar counts down to it.
    rests_until: Arc<Mutex<Option<Timestamp>>>,
}

struct State {
    settled: u64,
    done: u64,
    total: u64,
    started: Instant,
    /// That all is well; what went wrong is said at once.
    lines: Lines,
}

impl Report {
    /// A report on `total` engagements; evidence goes into the folder `evidence`.
    pub(crate) fn new(total: usize, evidence: PathBuf, terminal: bool) -> Self {
        // Says nothing where there is no terminal.
        let bar = ProgressBar::new(total as u64);
        let rests_until = Arc::new(Mutex::new(None::<Timestamp>));
        let shown = Arc::clone(&rests_until);
        let countdown = move |_: &ProgressState, out: &mut dyn std::fmt::Write| {
            let until = shown.lock().ok().and_then(|until| *until);
            if let Some(until) = until {
                // A line that cannot be drawn now is drawn again in a second.
                write!(out, "  going on in {}", span(until.left(place::now()))).ok();
            }
        };
        let rate = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            write!(out, "{:.0} a minute", state.per_sec() * 60.0).ok();
        };
        if let Ok(style) = ProgressStyle::with_template(
            "{bar:30.cyan/dim} {pos}/{len}  {rate}  left {eta}  {msg}{countdown}",
        ) {
            bar.set_style(
                style.with_key("rate", rate).with_key("countdown", countdown).progress_chars("━╸─"),
            );
        }
        let (total, started, lines) = (total as u64, Instant::now(), Lines::new());
        let state = State { settled: 0, done: 0, total, started, lines };
        let report = Self { bar, terminal, evidence, state: Mutex::new(state), rests_until };
        if terminal {
            report.bar.enable_steady_tick(Duration::from_secs(1));
        }
        report
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn line(&self, text: &str) {
        if self.terminal {
            self.bar.suspend(|| say(text));
        } else {
            say(text);
        }
    }

    fn settled(&self, state: &mut State, n: u64) {
        state.settled += n;
        self.bar.set_position(state.settled);
    }

    fn attempted(&self, engagement: &Engagement, detail: &str, last: bool) {
        let Ok(mut state) = self.state.lock() else { return };
        if last {
            self.settled(&mut state, 1);
        }
        if engagement.status == Status::Success {
            state.done += 1;
        }
        let name = &engagement.target_username;
        let action = engagement.action;
        self.bar.set_message(format!("{action} {name}"));
        if !matches!(engagement.status, Status::Success) {
            let why = engagement
                .error_class
                .map(|c| c.to_string())
                .or_else(|| engagement.reason.clone())
                .unwrap_or_default();
            let again = if last { "" } else { " (will be tried again)" };
            let said = first_line(detail);
            self.line(&format!("{} {action} {name}: {why}{again}: {said}", engagement.status));
        } else if state.lines.is_due() {
            say(&pace(&state));
        }
    }
}

fn first_line(text: &str) -> String {
    let line: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    let line = line.join(" ");
    if line.chars().count() > 160 {
        format!("{}…", line.chars().take(160).collect::<String>())
    } else {
        line
    }
}

fn pace(state: &State) -> String {
    let elapsed = state.started.elapsed();
    let left = state.total.saturating_sub(state.settled);
    let each = elapsed / u32::try_from(state.settled.max(1)).unwrap_or(u32::MAX);
    let eta = each * u32::try_from(left).unwrap_or(u32::MAX);
    let seconds = elapsed.as_secs().max(1);
    let rate = state.settled * 60 / seconds;
    format!(
        "{} of {} ({} engaged), {rate} a minute, about {} left",
        state.settled,
        state.total,
        state.done,
        span(eta)
    )
}

impl Tell for Report {
    fn tell(&self, progress: Progress<'_>) {
        match progress {
            Progress::Checked { open, refused } => {
                if let Ok(mut state) = self.state.lock() {
                    self.settled(&mut state, refused as u64);
                }
                if refused > 0 {
                    self.line(&format!(
                        "{open} to engage, {refused} refused before any phone was asked"
                    ));
                }
            }
            Progress::Connected { device } => self.line(&format!("connected to {device}")),
            Progress::Reconciled { target, found } => {
                self.line(&format!("looked at {target}, left in doubt by an earlier run: {found}"));
            }
            Progress::Attempted { engagement, detail, last } => {
                self.attempted(engagement, detail, last);
            }
            Progress::Refused(refused) => {
                if let Ok(mut state) = self.state.lock() {
                    self.settled(&mut state, 1);
                }
                let reason = refused.refusal.reason.explained();
                self.line(&format!(
                    "refused {} {}: {reason}",
                    refused.action, refused.target_username
                ));
            }
            Progress::Waiting { reason, until } => {
                let until_text = until.map_or_else(
                    || "until that changes".to_owned(),
                    |t| format!("until {} ({})", instant(t), span(t.left(place::now()))),
                );
                self.line(&format!("waiting {until_text}: {}", about(reason)));
                if let Ok(mut rests) = self.rests_until.lock() {
                    *rests = until;
                }
                self.bar.set_message("waiting");
            }
            Progress::Resumed => {
                if let Ok(mut rests) = self.rests_until.lock() {
                    *rests = None;
                }
                self.line("the wait is over, going on");
            }
            Progress::PhoneTrouble { why } => {
                self.line(&format!("the phone failed, trying again: {}", first_line(&why)));
            }
        }
    }

    fn keep_evidence(&self, name: &str, evidence: &Evidence) -> Option<String> {
        let folder = &self.evidence;
        std::fs::create_dir_all(folder).ok()?;
        let mut kept = Vec::new();
        if let Some(png) = &evidence.screenshot {
            let path = folder.join(format!("{name}.png"));
            std::fs::write(&path, png).ok()?;
            kept.push(path);
        }
        if let Some(xml) = &evidence.source {
            let path = folder.join(format!("{name}.xml"));
            std::fs::write(&path, xml).ok()?;
            kept.push(path);
        }
        let first = kept.first()?.display().to_string();
        let n = count(kept.len(), "file", "files");
        self.line(&format!("kept for a person to look at ({n}): {first}"));
        Some(first)
    }
}

fn about(reason: RefusalReason) -> &'static str {
    let text = reason.explained();
    text.strip_prefix("must wait: ").unwrap_or(text)
}
