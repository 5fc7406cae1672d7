//! Who plays: phones with their accounts, and whom each account is to engage.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::Fleet;
use crate::Error;
use crate::process::Process;
use crate::program::Program;

/// How the phones are: people are a function of the seed, which is the same for all of them.
const PEOPLE: &str = "\
[latency]
tap_ms = 8
source_ms = 2
find_ms = 2
jitter = 0.5
[population]
private_share = 0.03
missing_share = 0.02
trap_share = 0.1
";

/// What every platform does now and then.
const FAULTS: &str = "
[[faults]]
kind = 'rate_limit'
probability = 0.008
for_seconds = 2
[[faults]]
kind = 'action_blocked'
probability = 0.002
for_seconds = 1
[[faults]]
kind = 'silent_revert'
probability = 0.005
revert_after_ms = 10
[[faults]]
kind = 'drop'
when = 'after'
probability = 0.004
[[faults]]
kind = 'drop'
when = 'before'
probability = 0.004
[[faults]]
kind = 'session_lost'
probability = 0.0005
";

/// A phone and the accounts that are logged in on it.
pub(super) struct Phone {
    program: Program,
    scenario: PathBuf,
    log: PathBuf,
    pub(super) name: String,
    pub(super) accounts: Vec<String>,
    pub(super) ledger: PathBuf,
    port: u16,
    process: Option<Process>,
}

impl Phone {
    pub(super) fn new(
        fleet: &Fleet,
        program: &Program,
        home: &Path,
        number: usize,
    ) -> Result<Self, Error> {
        let name = format!("phone{number:02}");
        let accounts: Vec<String> =
            (0..fleet.accounts_each).map(|n| format!("acc{number:02}.{n}")).collect();
        let ledger = home.join(format!("{name}.ledger"));
        let scenario = home.join(format!("{name}.toml"));
        let others: Vec<String> = accounts.iter().skip(1).map(|a| format!("'{a}'")).collect();
        let mut text = format!(
            "account = '{}'\nother_accounts = [{}]\nseed = {}\nledger_file = '{}'\n{PEOPLE}{FAULTS}",
            accounts.first().ok_or("a phone needs an account")?,
            others.join(", "),
            // TOML keeps whole numbers as signed ones.
            fleet.seed >> 1,
            ledger.display()
        );
        if number < fleet.challenges {
            let act = 5 + number;
            writeln!(text, "[[faults]]\nkind = 'challenge'\nat_act = {act}")?;
        }
        fs::write(&scenario, text)?;
        Ok(Self {
            program: program.clone(),
            log: home.join(&name),
            scenario,
            name,
            accounts,
            ledger,
            port: decorum_mongod::free_port()?,
            process: None,
        })
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Starts it. One that comes back remembers what happened, but not what it was going to do:
    /// the platform asks for a person only once.
    pub(super) fn start(&mut self) -> Result<(), Error> {
        let listen = format!("127.0.0.1:{}", self.port);
        let scenario = self.scenario.display().to_string();
        let command = self.program.command(&["sim", "--listen", &listen, "--scenario", &scenario]);
        self.process = Some(Process::start(command, &self.log)?);
        Ok(())
    }

    pub(super) fn kill(&mut self) {
        self.process = None;
    }

    pub(super) const fn is_up(&self) -> bool {
        self.process.is_some()
    }

    /// One that ended by itself is an error of ours.
    pub(super) fn check(&mut self) -> Result<(), Error> {
        if let Some(process) = &mut self.process
            && let Some(status) = process.ended()?
        {
            return Err(format!("{} ended by itself: {status}", self.name).into());
        }
        Ok(())
    }
}

/// Everybody on the lists of the fleet.
fn people(fleet: &Fleet) -> Vec<String> {
    (0..fleet.targets).map(|n| format!("person.{n:05}")).collect()
}

/// Whom each account is to engage: everybody is on `lists_each` of them, in an order of its own.
pub(super) fn lists(
    fleet: &Fleet,
    accounts: usize,
    random: &mut fastrand::Rng,
) -> Vec<Vec<String>> {
    let mut lists = vec![Vec::new(); accounts];
    for person in people(fleet) {
        let first = random.usize(0..accounts);
        for n in 0..fleet.lists_each.min(accounts) {
            // Far apart, so that phones compete rather than accounts of one phone.
            let at = (first + n * (accounts / fleet.lists_each.max(1)).max(1)) % accounts;
            lists[at].push(person.clone());
        }
    }
    for list in &mut lists {
        random.shuffle(list);
    }
    lists
}
