//! What is done to the servers while the writers write.
//!
//! A primary is struck just after it has acknowledged a claim: what it knows then, the next one may
//! know least of.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, Instant};

use decorum_mongod::Server;
use tokio::time::sleep;

use crate::Error;
use crate::judge::Judge;

/// How long a killed node stays away.
const AWAY: Duration = Duration::from_secs(1);

/// How long a node is held still: longer than the others wait before they elect, so that it wakes
/// up as a primary that is none any more.
const STILL: Duration = Duration::from_secs(5);

/// How long to wait for the moment to strike.
const MOMENT: Duration = Duration::from_secs(1);

/// What befalls the primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is killed, and started again a second later.
    Kill,
    /// It is held still until there is another, and wakes up.
    Pause,
    /// It hands over.
    StepDown,
}

impl Fault {
    const ALL: [Self; 3] = [Self::Kill, Self::Pause, Self::StepDown];

    const fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Pause => "pause",
            Self::StepDown => "step-down",
        }
    }

    async fn strike(self, server: &mut Server, judge: &Judge) -> Result<(), Error> {
        match self {
            Self::Kill => {
                let primary = server.primary().await?;
                judge.next_act(MOMENT).await;
                server.kill(primary)?;
                sleep(AWAY).await;
                server.restart(primary).await?;
            }
            Self::Pause => {
                let primary = server.primary().await?;
                judge.next_act(MOMENT).await;
                server.pause(primary, true)?;
                sleep(STILL).await;
                server.pause(primary, false)?;
            }
            Self::StepDown => {
                server.step_down().await?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|fault| fault.name() == name);
        found.ok_or_else(|| format!("`{name}` is no fault; there are kill, pause and step-down"))
    }
}

/// Strikes with `faults` in turn, one each `every`, for as long as `lasts`. Returns how often.
/// Every node runs when this is over.
pub(crate) async fn strike(
    server: &mut Server,
    judge: &Judge,
    faults: &[Fault],
    every: Duration,
    lasts: Duration,
    said: impl Fn(usize, Duration),
) -> Result<usize, Error> {
    let began = Instant::now();
    let mut struck = 0;
    // Undisturbed at first, so that there is something to disturb.
    sleep(every.min(lasts)).await;
    for fault in faults.iter().cycle() {
        if began.elapsed() >= lasts {
            break;
        }
        let next = Instant::now() + every;
        fault.strike(server, judge).await?;
        struck += 1;
        said(struck, began.elapsed());
        sleep(next.saturating_duration_since(Instant::now())).await;
    }
    server.in_step().await?;
    Ok(struck)
}
