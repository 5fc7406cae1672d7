//! The judge, part one: what must hold at the very moment of an act. And the history, for people.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use decorum_core::outcome::reason;
use decorum_core::{
    Action, Claim, ClaimId, DedupScope, DeviceId, EventId, Finding, Holder, Key, Last, Timestamp,
};
use decorum_engine::spool::Entry;

use crate::crew::Notes;
use crate::gate::Gate;
use crate::keeper::Keeper;
use crate::machine::{Begin, Host};
use crate::phone::lock;
use crate::platform::Reaction;

/// How much clocks may differ at first: by how much a wait may be shortened.
const SKEW: Duration = Duration::from_secs(5);
/// One part in so many is what they drift apart at most, 400 millionths.
const DRIFT: u32 = 2500;

/// A promise broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation(pub(crate) String);

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An act that reached the platform.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tapped {
    pub(crate) process: usize,
    pub(crate) account: usize,
    /// The app acted for somebody else.
    pub(crate) by_other: bool,
    pub(crate) target: usize,
    pub(crate) action: Action,
    pub(crate) reaction: Reaction,
    /// It had been done before.
    pub(crate) already: bool,
    /// The process had no right to send it when it did.
    pub(crate) without_right: Option<&'static str>,
    /// Somebody else has opened a session on the phone since.
    pub(crate) stale_session: bool,
}

/// Sessions on phones, counted, and the claims they may belong to.
#[derive(Debug, Default)]
struct Sessions {
    /// How many were opened.
    opened: u64,
    /// The number of the newest, by phone.
    on_phone: BTreeMap<DeviceId, u64>,
    /// The number of the newest, by who opened it.
    by_process: BTreeMap<usize, u64>,
    claims: BTreeMap<ClaimId, Made>,
}

/// By whom a claim was made, and after how many sessions.
#[derive(Clone, Copy, Debug)]
struct Made {
    process: usize,
    before: u64,
}

/// One process that was started.
#[derive(Clone, Debug)]
pub(crate) struct Process {
    pub(crate) worker: usize,
    /// What it is called: it holds for this name, and for every name below it.
    pub(crate) holder: Holder,
    pub(crate) host: Arc<Host>,
    pub(crate) gate: Gate,
}

impl Process {
    /// Whether this process, or one of the workers in it, is the holder.
    pub(crate) fn is(&self, holder: &Holder) -> bool {
        let below = holder.as_str().strip_prefix(self.holder.as_str());
        below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
    }
}

/// See the module's documentation.
#[derive(Debug)]
pub(crate) struct Watcher {
    begin: Begin,
    keeper: Arc<Mutex<Keeper>>,
    accounts: Vec<decorum_core::AccountId>,
    people: Vec<decorum_core::Username>,
    processes: Mutex<Vec<Process>>,
    /// What each process reported.
    reported: Mutex<BTreeSet<(usize, EventId)>>,
    /// What the store answered to, whoever reported it.
    answered: Mutex<BTreeSet<EventId>>,
    sessions: Mutex<Sessions>,
    violation: Mutex<Option<Violation>>,
    found: tokio::sync::watch::Sender<bool>,
    history: Option<Mutex<Vec<String>>>,
    /// What is noted of tasks.
    pub(crate) crew: Notes,
}

impl Watcher {
    pub(crate) fn new(
        begin: Begin,
        keeper: Arc<Mutex<Keeper>>,
        accounts: Vec<decorum_core::AccountId>,
        people: Vec<decorum_core::Username>,
        recording: bool,
    ) -> Self {
        Self {
            begin,
            keeper,
            accounts,
            people,
            processes: Mutex::new(Vec::new()),
            reported: Mutex::new(BTreeSet::new()),
            answered: Mutex::new(BTreeSet::new()),
            sessions: Mutex::new(Sessions::default()),
            violation: Mutex::new(None),
            found: tokio::sync::watch::Sender::new(false),
            history: recording.then(|| Mutex::new(Vec::new())),
            crew: Notes::default(),
        }
    }

    /// Takes note of a new process, and gives it its number.
    pub(crate) fn started(&self, process: Process) -> usize {
        let mut processes = lock(&self.processes);
        processes.push(process);
        processes.len() - 1
    }

    /// A process reports something that happened.
    pub(crate) fn reported(&self, process: usize, event: EventId) {
        lock(&self.reported).insert((process, event));
    }

    /// The store has taken it, has it already in other words, or has said why not. Whoever else
    /// delivers it from the spool, and hears nothing, loses nothing.
    pub(crate) fn answered(&self, event: EventId) {
        lock(&self.answered).insert(event);
    }

    /// A process ends by itself: what it reported must be in the store, or beside it.
    pub(crate) fn left(&self, process: usize) {
        let Some(host) = lock(&self.processes).get(process).map(|p| Arc::clone(&p.host)) else {
            return;
        };
        let waiting: Vec<EventId> = host.waiting().iter().filter_map(event_of).collect();
        let log = &lock(&self.keeper).log;
        let (reported, answered) = (lock(&self.reported), lock(&self.answered));
        let of_it = reported.iter().filter(|(whose, _)| *whose == process);
        let lost = of_it.map(|(_, event)| *event).find(|event| {
            !answered.contains(event)
                && !waiting.contains(event)
                && !log.iter().any(|recorded| recorded.id == *event)
        });
        if let Some(event) = lost {
            let at = self.begin.elapsed().as_secs();
            self.object(format!("second {at}: the outcome {event} is neither kept nor on record"));
        }
    }

    /// What the fastest clock may show.
    pub(crate) fn latest(&self) -> Timestamp {
        self.begin.truth().plus(SKEW + self.begin.elapsed() / DRIFT)
    }

    /// The process of this number.
    pub(crate) fn process(&self, number: usize) -> Option<Process> {
        lock(&self.processes).get(number).cloned()
    }

    /// The process that a holder is, or is in.
    pub(crate) fn process_of(&self, holder: &Holder) -> Option<Process> {
        lock(&self.processes).iter().find(|process| process.is(holder)).cloned()
    }

    /// How many processes there were.
    pub(crate) fn processes(&self) -> usize {
        lock(&self.processes).len()
    }

    /// Writes a line of history, if one is kept.
    pub(crate) fn note(&self, process: usize, line: impl FnOnce() -> String) {
        let Some(history) = &self.history else { return };
        let at = self.begin.elapsed();
        let who = lock(&self.processes)
            .get(process)
            .map_or_else(String::new, |p| format!("worker {} ({})", p.worker, p.holder));
        let line = line();
        lock(history).push(format!("{:>9}.{:03}  {who}  {line}", at.as_secs(), at.subsec_millis()));
    }

    /// A process opened a session on a phone, which ends whatever session the phone had.
    pub(crate) fn opened(&self, process: usize, phone: &DeviceId) {
        let mut sessions = lock(&self.sessions);
        sessions.opened += 1;
        let opened = sessions.opened;
        sessions.on_phone.insert(phone.clone(), opened);
        sessions.by_process.insert(process, opened);
    }

    /// The store granted a claim.
    pub(crate) fn granted(&self, process: usize, id: ClaimId) {
        let mut sessions = lock(&self.sessions);
        let before = sessions.opened;
        sessions.claims.insert(id, Made { process, before });
    }

    /// A process settles a doubt by what it found: whoever made the claim must not be able to act any
    /// more, or what they may still do must be on record already.
    pub(crate) fn settles(&self, process: usize, claim: &Claim, finding: Finding) {
        let sessions = lock(&self.sessions);
        let Some(made) = sessions.claims.get(&claim.id) else { return };
        let gone = self.process(made.process).is_none_or(|claimant| !claimant.gate.is_alive());
        if gone || made.process == process {
            return;
        }
        let since = |opened: Option<&u64>| opened.is_some_and(|opened| *opened > made.before);
        let may = match finding {
            Finding::Done => true,
            Finding::NotDone => {
                since(claim.device_id.as_ref().and_then(|phone| sessions.on_phone.get(phone)))
            }
            Finding::CannotTell => since(sessions.by_process.get(&process)),
        };
        if !may {
            let at = self.begin.elapsed().as_secs();
            self.object(format!(
                "second {at}: it was settled ({finding:?}) while {} could still act",
                claim.holder
            ));
        }
    }

    /// Whether an act of this process is what was taken for done because nobody could tell.
    fn is_presumed(&self, process: usize, last: Option<&Last>) -> bool {
        last.filter(|last| last.reason.as_deref() == Some(reason::PRESUMED))
            .and_then(|last| last.claim_id)
            .and_then(|id| lock(&self.sessions).claims.get(&id).copied())
            .is_some_and(|made| made.process == process)
    }

    pub(crate) fn claimed(&self, process: usize, id: ClaimId, key: &Key) {
        self.note(process, || {
            format!("claim {id} granted: {} {}", key.action, key.target_username)
        });
    }

    pub(crate) fn history(&self) -> Vec<String> {
        self.history.as_ref().map(|lines| lock(lines).clone()).unwrap_or_default()
    }

    /// Objects, if what was found of tasks is an objection.
    pub(crate) fn judge_crew(&self, found: Result<(), String>) {
        if let Err(why) = found {
            let at = self.begin.elapsed().as_secs();
            self.object(format!("second {at}: {why}"));
        }
    }

    /// Takes note of a broken promise; the first one counts.
    pub(crate) fn object(&self, violation: String) {
        let mut found = lock(&self.violation);
        if found.is_none() {
            *found = Some(Violation(violation));
            self.found.send_replace(true);
        }
    }

    pub(crate) fn violation(&self) -> Option<Violation> {
        lock(&self.violation).clone()
    }

    /// Waits for the first objection.
    pub(crate) async fn objection(&self) {
        let mut found = self.found.subscribe();
        let _ = found.wait_for(|found| *found).await;
    }

    /// An act reached the platform: may it have?
    pub(crate) fn tapped(&self, tapped: &Tapped) {
        let name = self.accounts.get(tapped.account).map_or("?", |a| a.as_str());
        let whom = self.people.get(tapped.target).map_or("?", |p| p.as_str());
        let act = format!("{} {whom} as {name}", tapped.action);
        self.note(tapped.process, || format!("phone: {act}: {:?}", tapped.reaction));
        if let Err(why) = self.judge(tapped) {
            let at = self.begin.elapsed().as_secs();
            self.object(format!("second {at}: {act}: {why}"));
        }
    }

    fn judge(&self, tapped: &Tapped) -> Result<(), String> {
        if tapped.by_other {
            return Err("the app acted for another account".to_owned());
        }
        if tapped.already {
            return Err("it had been done before".to_owned());
        }
        if let Some(why) = tapped.without_right {
            return Err(why.to_owned());
        }
        if tapped.stale_session {
            return Err("another holder had taken the phone over".to_owned());
        }
        let process = lock(&self.processes).get(tapped.process).cloned();
        let process = process.ok_or("nobody did it")?;
        let account = self.accounts.get(tapped.account).ok_or("nobody's act")?;
        let target = self.people.get(tapped.target).ok_or("on nobody")?;
        let keeper = lock(&self.keeper);
        let key = decorum_engine::guard::key(account, target, tapped.action);
        let row = keeper.rows.get(&key);
        match row.and_then(|row| row.claim()) {
            None if self.is_presumed(tapped.process, row.and_then(|row| row.last.as_ref())) => {}
            None => return Err("there is no claim on it in the store".to_owned()),
            Some(claim) if !process.is(&claim.holder) => {
                return Err(format!("the claim on it is {}'s", claim.holder));
            }
            Some(_) => {}
        }
        let now = self.latest();
        if keeper.settings.dedup_scope == DedupScope::Fleet {
            let other = keeper.rows.iter().find(|(other, row)| {
                other.account_id != *account
                    && other.target_username == *target
                    && other.action == tapped.action
                    && row.last.as_ref().is_some_and(|last| {
                        last.status == decorum_core::Status::Success
                            && last.expires_at.is_some_and(|until| now < until)
                    })
            });
            if let Some((other, _)) = other {
                return Err(format!(
                    "{} had done it, and the scope is the fleet",
                    other.account_id
                ));
            }
        }
        Ok(())
    }

    /// Why the process has no right to touch the phone now, if it has none. Asked when a tap is
    /// sent: a process can freeze right after it, before the first byte leaves, and no check of
    /// its own can help there. What helps is that the phone obeys the newest session only, and
    /// that the claim is still on record.
    pub(crate) fn without_right(
        &self,
        process: usize,
        account: usize,
        phone: usize,
    ) -> Option<&'static str> {
        let process = lock(&self.processes).get(process).cloned()?;
        let id = self.accounts.get(account)?;
        let keeper = lock(&self.keeper);
        let holder = |name: String| keeper.leases.get(&name).map(|lease| &lease.holder);
        let account = holder(format!("account:{id}")).filter(|holder| process.is(holder));
        if account.is_none() || account != holder(format!("device:phone{phone}")) {
            return Some("its leases had passed to somebody else when it was sent");
        }
        let now = self.latest();
        if keeper.rests.get(id).is_some_and(|until| now < *until) {
            return Some("the account had been told to rest");
        }
        let said = process.host.waiting().into_iter().any(|entry| tells_to_stop(&entry, id));
        said.then_some("this machine had yet to deliver that the account must stop")
    }
}

fn event_of(entry: &Entry) -> Option<EventId> {
    match entry {
        Entry::Outcome(report) => Some(report.stamp.event_id),
        Entry::Seen(seen) => Some(seen.stamp.event_id),
        Entry::Trouble { .. } => None,
    }
}

/// Whether an entry of the spool says that the account is to rest.
fn tells_to_stop(entry: &Entry, account: &decorum_core::AccountId) -> bool {
    use decorum_core::{ErrorClass, Outcome, Seen};
    let stops = |class: ErrorClass| {
        matches!(class, ErrorClass::RateLimited | ErrorClass::ActionBlocked | ErrorClass::Challenge)
    };
    match entry {
        Entry::Outcome(report) => {
            report.key.account_id == *account
                && matches!(report.outcome, Outcome::Failed(class) if stops(class))
        }
        Entry::Seen(seen) => {
            seen.key.account_id == *account
                && matches!(seen.seen, Seen::Outcome(Outcome::Failed(class)) if stops(class))
        }
        Entry::Trouble { account: whose, class, .. } => whose == account && stops(*class),
    }
}
