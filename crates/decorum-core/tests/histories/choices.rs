//! A history as plain bytes, so that one form serves both drivers: the sweep fills it from a
//! seed, and proptest shrinks it to fewer steps and smaller numbers.

use std::time::Duration;

use decorum_core::{
    Action, Cap, DedupScope, ErrorClass, Finding, Jitter, Outcome, QuietHours, Settings, Skip,
};

pub(crate) const SETUP: usize = 16;
pub(crate) const STEP: usize = 6;

/// The bytes of a history.
#[derive(Clone, Debug)]
pub(crate) struct Choices {
    pub(crate) setup: [u8; SETUP],
    pub(crate) steps: Vec<[u8; STEP]>,
}

impl Choices {
    /// What this seed stands for, now and in a year.
    pub(crate) fn from_seed(seed: u64, steps: std::ops::Range<usize>) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut setup = [0; SETUP];
        random.fill(&mut setup);
        let mut steps = vec![[0; STEP]; random.usize(steps)];
        for step in &mut steps {
            random.fill(step);
        }
        Self { setup, steps }
    }
}

/// The circumstances of a history.
pub(crate) struct Setup {
    pub(crate) accounts: usize,
    pub(crate) targets: usize,
    pub(crate) actions: usize,
    pub(crate) suppressed: usize,
    pub(crate) start_minute: u64,
    pub(crate) settings: Settings,
    /// From and to, in minutes of the day, UTC.
    pub(crate) quiet: Option<(u64, u64)>,
}

fn pick<T: Copy>(from: &[T], byte: u8) -> T {
    from[usize::from(byte) % from.len()]
}

impl Setup {
    pub(crate) fn read(b: &[u8; SETUP]) -> Self {
        let steps: [&[u32]; 4] = [&[60, 120, 300, 600], &[5], &[1, 30], &[90, 10]];
        let quiet = pick(&[None, None, None, None, Some((600, 720)), Some((1320, 360))], b[0]);
        let mut settings = Settings {
            reengagement_days: pick(&[1, 2, 30], b[1]),
            private_retry_days: pick(&[1, 2], b[2]),
            rate_limit_steps: pick(&steps, b[3]).to_vec(),
            backoff_jitter: pick(&[0.25, 0.0, 0.9], b[4]),
            cooldown_after_consecutive: pick(&[3, 1, 2, 4], b[5]),
            cooldown_minutes: pick(&[45, 1], b[6]),
            ramp_hours: pick(&[24, 0, 1], b[6]),
            dedup_scope: pick(&[DedupScope::Account, DedupScope::Fleet], b[7]),
            min_seconds_between_actions: pick(&[0, 0, 5, 20], b[8]),
            quiet_hours: quiet.map(|(from, to)| QuietHours {
                from: format!("{:02}:{:02}", from / 60, from % 60),
                to: format!("{:02}:{:02}", to / 60, to % 60),
                time_zone: "UTC".to_owned(),
            }),
            claim_lease_seconds: pick(&[120, 5, 30, 3600], b[9]),
            ..Settings::default()
        };
        let caps = [
            (None, None),
            (Some(1), Some(2)),
            (Some(2), None),
            (None, Some(3)),
            (Some(3), Some(4)),
        ];
        let (hour, day) = pick(&caps, b[10]);
        settings.budgets.follow = Cap { hour, day };
        settings.budgets.like = Cap { hour: day, day: None };
        settings.budgets.comment = Cap { hour: Some(u32::from(b[10] & 1)), day: Some(1) };
        settings.budgets.view = Cap::default();
        Self {
            accounts: 1 + usize::from(b[11] % 3),
            targets: 1 + usize::from(b[12] % 6),
            actions: 1 + usize::from(b[13] % 4),
            suppressed: usize::from(b[14] % 8),
            start_minute: u64::from(b[15]) * 6,
            settings,
            quiet,
        }
    }
}

/// How a claimant proves that the account is its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    None,
    Current,
    Stale,
}

/// How the clock moves before a step.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Clock {
    Stands,
    On(Duration),
    Back(Duration),
    /// To the instant the last refusal named, plus so many milliseconds.
    ToRetry(i64),
}

/// What somebody does. Numbers are taken modulo what there is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    Claim {
        account: usize,
        target: usize,
        action: usize,
        holder: usize,
        proof: Proof,
    },
    ClaimAgain {
        nth: usize,
    },
    Commit {
        nth: usize,
        outcome: Outcome,
    },
    Lapse {
        gone: Option<usize>,
    },
    Sweep,
    Reconcile {
        nth: usize,
        finding: Finding,
    },
    ObserveRefusal,
    Observe {
        account: usize,
        target: usize,
        action: usize,
        outcome: Outcome,
    },
    /// Something of the past, this long ago, is put on record.
    Import {
        account: usize,
        target: usize,
        action: usize,
        outcome: Outcome,
        ago: Duration,
    },
    Trouble {
        account: usize,
        class: ErrorClass,
    },
    Halt {
        account: usize,
    },
    Clear {
        account: usize,
    },
    Acquire {
        account: usize,
        holder: usize,
        gone: bool,
    },
    Renew {
        account: usize,
        stale: bool,
    },
    Release {
        account: usize,
        stale: bool,
    },
}

/// One step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) clock: Clock,
    pub(crate) act: Act,
    pub(crate) jitter: Jitter,
}

const CLASSES: [ErrorClass; 11] = [
    ErrorClass::RateLimited,
    ErrorClass::ActionBlocked,
    ErrorClass::Network,
    ErrorClass::App,
    ErrorClass::Device,
    ErrorClass::PrivateAccount,
    ErrorClass::TargetUnavailable,
    ErrorClass::Challenge,
    ErrorClass::LoggedOut,
    ErrorClass::AccountSuspended,
    ErrorClass::Unknown,
];

/// What an import may say: anything, but mostly that somebody was engaged.
const PAST: [Outcome; 8] = [
    Outcome::Success { presumed: false },
    Outcome::Success { presumed: false },
    Outcome::Success { presumed: true },
    Outcome::Skipped(Skip::AlreadyDone),
    Outcome::Skipped(Skip::Private),
    Outcome::Skipped(Skip::Other),
    Outcome::Failed(ErrorClass::RateLimited),
    Outcome::Failed(ErrorClass::Network),
];

fn outcome(byte: u8) -> Outcome {
    match byte {
        0..=79 => Outcome::Success { presumed: false },
        80..=89 => Outcome::Success { presumed: true },
        90..=149 => Outcome::Failed(ErrorClass::RateLimited),
        150..=179 => Outcome::Retry(None),
        180..=189 => Outcome::Skipped(pick(
            &[Skip::AlreadyDone, Skip::Private, Skip::NothingThere, Skip::Other],
            byte,
        )),
        190..=205 => Outcome::Retry(Some(pick(&CLASSES[..7], byte))),
        206..=245 => Outcome::Failed(pick(&CLASSES[..7], byte)),
        _ => Outcome::Failed(pick(&CLASSES, byte)),
    }
}

impl Step {
    pub(crate) fn read(b: [u8; STEP]) -> Self {
        let [kind, who, what, more, jitter, clock] = b;
        let account = usize::from(who & 3);
        let target = usize::from(who >> 2);
        let (action, nth) = (usize::from(what & 3), usize::from(what));
        let holder = usize::from(more & 1);
        let act = match kind {
            0..=79 => Act::Claim {
                account,
                target,
                action,
                holder,
                proof: pick(&[Proof::None, Proof::None, Proof::Current, Proof::Stale], more >> 1),
            },
            80..=89 => Act::ClaimAgain { nth },
            90..=169 => Act::Commit { nth, outcome: outcome(more) },
            170..=181 => Act::Lapse { gone: (more & 2 == 0).then_some(holder) },
            182..=199 => Act::Reconcile {
                nth,
                finding: pick(&[Finding::Done, Finding::NotDone, Finding::CannotTell], more),
            },
            200..=206 => Act::ObserveRefusal,
            207..=209 => Act::Sweep,
            210..=214 => Act::Observe { account, target, action, outcome: outcome(more) },
            215..=219 => Act::Import {
                account,
                target,
                action,
                outcome: pick(&PAST, more),
                ago: Duration::from_mins(u64::from(more >> 2).pow(2) * 23),
            },
            220..=224 => Act::Trouble { account, class: pick(&CLASSES, more) },
            225..=226 => Act::Halt { account },
            227..=238 => Act::Clear { account },
            239..=246 => Act::Acquire { account, holder, gone: more & 2 == 0 },
            247..=251 => Act::Renew { account, stale: more & 1 == 1 },
            _ => Act::Release { account, stale: more & 1 == 1 },
        };
        Self { clock: clock_move(clock), act, jitter: Jitter::new(f64::from(jitter) / 127.5 - 1.0) }
    }
}

fn clock_move(byte: u8) -> Clock {
    let n = u64::from(byte);
    match byte {
        0..=79 => Clock::Stands,
        80..=139 => Clock::On(Duration::from_secs(n - 79)),
        140..=169 => Clock::On(Duration::from_mins(n - 139)),
        170..=184 => Clock::On(Duration::from_hours(n - 169)),
        185..=189 => Clock::On(Duration::from_hours(24 * (n - 184))),
        190..=191 => Clock::On(Duration::from_hours(24 * 40)),
        192..=199 => Clock::Back(Duration::from_secs(10 * (n - 191))),
        200..=205 => Clock::Back(Duration::from_mins(7 * (n - 199))),
        206..=211 => Clock::Back(Duration::from_hours(11 * (n - 205))),
        212..=240 => Clock::ToRetry(0),
        241..=250 => Clock::ToRetry(-1),
        _ => Clock::ToRetry(1),
    }
}

/// The actions in use, by number.
pub(crate) fn action(n: usize) -> Action {
    Action::ALL[n % Action::ALL.len()]
}
