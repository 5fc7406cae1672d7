//! A simulated phone as a process, with a ledger that outlives it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::Error;
use crate::process::Process;
use crate::program::Program;

/// How long a phone may take to be up.
const PATIENCE: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(10);

/// A phone and the one account its app is logged in as.
pub(crate) struct Phone {
    program: Program,
    home: PathBuf,
    pub(crate) account: String,
    port: u16,
    process: Option<Process>,
}

/// How the app and the line to the phone behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weather {
    /// The platform pushes back, connections break, sessions get lost.
    Rough,
    /// Everything works.
    Calm,
}

impl Weather {
    const fn name(self) -> &'static str {
        match self {
            Self::Rough => "rough",
            Self::Calm => "calm",
        }
    }
}

/// People are a function of the seed, so they are the same in any weather.
const PEOPLE: &str = "\
[latency]
tap_ms = 15
source_ms = 4
find_ms = 3
jitter = 0.5
[population]
private_share = 0.12
missing_share = 0.04
suspended_share = 0.03
story_share = 0.7
trap_share = 0.2
";

const FAULTS: &str = "
[[faults]]
kind = 'rate_limit'
probability = 0.015
for_seconds = 3
[[faults]]
kind = 'rate_limit'
probability = 0.005
for_seconds = 1
show = 'toast'
[[faults]]
kind = 'action_blocked'
probability = 0.004
for_seconds = 2
[[faults]]
kind = 'silent_revert'
probability = 0.02
revert_after_ms = 10
[[faults]]
kind = 'silent_revert'
probability = 0.01
revert_after_ms = 400
[[faults]]
kind = 'challenge'
probability = 0.003
[[faults]]
kind = 'challenge'
when = 'after'
probability = 0.005
[[faults]]
kind = 'logged_out'
probability = 0.001
[[faults]]
kind = 'interstitial'
prompt = 'notifications'
probability = 0.01
[[faults]]
kind = 'crash'
when = 'after'
probability = 0.01
[[faults]]
kind = 'crash'
when = 'before'
probability = 0.01
[[faults]]
kind = 'drop'
when = 'after'
probability = 0.02
[[faults]]
kind = 'drop'
when = 'before'
probability = 0.02
[[faults]]
kind = 'session_lost'
probability = 0.0015
[[faults]]
kind = 'stale_element'
route = 'click'
probability = 0.02
[[faults]]
kind = 'stall'
route = '/source'
probability = 0.002
stall_ms = 1500
";

impl Phone {
    /// A phone that is not up yet.
    pub(crate) fn new(
        program: &Program,
        home: &Path,
        account: &str,
        seed: u64,
        port: u16,
    ) -> Result<Self, Error> {
        let phone = Self {
            program: program.clone(),
            home: home.into(),
            account: account.to_owned(),
            port,
            process: None,
        };
        for weather in [Weather::Rough, Weather::Calm] {
            // TOML keeps whole numbers as signed ones.
            let seed = seed >> 1;
            let ledger = phone.ledger().display().to_string();
            let faults = if weather == Weather::Rough { FAULTS } else { "" };
            let text = format!(
                "account = '{account}'\nseed = {seed}\nledger_file = '{ledger}'\n{PEOPLE}{faults}"
            );
            fs::write(phone.scenario(weather), text)?;
        }
        Ok(phone)
    }

    /// Its ledger, as JSON lines.
    pub(crate) fn ledger(&self) -> PathBuf {
        self.home.join(format!("{}.ledger", self.account))
    }

    fn scenario(&self, weather: Weather) -> PathBuf {
        self.home.join(format!("{}.{}.toml", self.account, weather.name()))
    }

    /// Where it listens, whether it is up or not.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Starts it, without waiting until it is up.
    pub(crate) fn start(&mut self, weather: Weather) -> Result<(), Error> {
        let scenario = self.scenario(weather).display().to_string();
        let listen = format!("127.0.0.1:{}", self.port);
        let command = self.program.command(&["sim", "--listen", &listen, "--scenario", &scenario]);
        self.process = Some(Process::start(command, &self.home.join(&self.account))?);
        Ok(())
    }

    /// Waits until it can be connected to.
    pub(crate) async fn is_up(&mut self) -> Result<(), Error> {
        let began = Instant::now();
        while tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
            if let Some(process) = &mut self.process
                && let Some(status) = process.ended()?
            {
                let name = &self.account;
                return Err(format!("the phone of {name} ended ({status}), see {name}.err").into());
            }
            if began.elapsed() > PATIENCE {
                return Err(format!("the phone of {} is not up", self.account).into());
            }
            sleep(POLL).await;
        }
        Ok(())
    }

    /// Kills it.
    pub(crate) fn kill(&mut self) {
        self.process = None;
    }

    /// Whether it runs; one that ended by itself is an error.
    pub(crate) fn runs(&mut self) -> Result<bool, Error> {
        let Some(process) = &mut self.process else { return Ok(false) };
        match process.ended()? {
            None => Ok(true),
            Some(status) => {
                Err(format!("the phone of {} ended by itself: {status}", self.account).into())
            }
        }
    }
}
