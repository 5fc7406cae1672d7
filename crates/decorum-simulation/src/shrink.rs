//! From a schedule that breaks a promise to the few faults that it takes.

use decorum_engine::run::Kit;

use crate::protection::{Protection, leave_out};
use crate::schedule::Schedule;
use crate::world::{Played, play};

/// Leaves out ever smaller parts of the faults for as long as a promise is still broken; returns
/// the schedule of which nothing more can be left out.
pub(crate) fn shrink(
    failing: &Schedule,
    kit: &Kit,
    without: Option<Protection>,
) -> Result<Schedule, String> {
    let fails = |schedule: &Schedule| -> Result<bool, String> {
        leave_out(without);
        Ok(play(schedule, kit, false)?.violation.is_some())
    };
    let mut best = failing.clone();
    let mut part = best.faults.len().div_ceil(2).max(1);
    loop {
        let mut from = 0;
        let mut shortened = false;
        while from < best.faults.len() {
            let mut fewer = best.clone();
            let to = (from + part).min(fewer.faults.len());
            fewer.faults.drain(from..to);
            if fails(&fewer)? {
                best = fewer;
                shortened = true;
            } else {
                from += part;
            }
        }
        if part == 1 && !shortened {
            return Ok(best);
        }
        part = if part > 1 { part / 2 } else { 1 };
    }
}

/// Plays it once more and writes down what happened.
pub(crate) fn tell(
    schedule: &Schedule,
    kit: &Kit,
    without: Option<Protection>,
) -> Result<Played, String> {
    leave_out(without);
    play(schedule, kit, true)
}
