//! From a schedule that breaks a promise to the few faults that it takes.

use decorum_engine::run::Kit;

use crate::protection::{Protection, leave_out};
use crate::scene::Scene;
use crate::world::Played;

/// Leaves out ever smaller parts of the faults for as long as a promise is still broken; returns
/// the schedule of which nothing more can be left out.
pub(crate) fn shrink(
    failing: &Scene,
    kit: &Kit,
    without: Option<Protection>,
) -> Result<Scene, String> {
    let fails = |scene: &Scene| -> Result<bool, String> {
        leave_out(without);
        Ok(scene.play(kit, false)?.violation.is_some())
    };
    let mut best = failing.clone();
    let mut part = best.faults().len().div_ceil(2).max(1);
    loop {
        let mut from = 0;
        let mut shortened = false;
        while from < best.faults().len() {
            let mut faults = best.faults().to_vec();
            let to = (from + part).min(faults.len());
            faults.drain(from..to);
            let fewer = best.clone().with_faults(faults);
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
    scene: &Scene,
    kit: &Kit,
    without: Option<Protection>,
) -> Result<Played, String> {
    leave_out(without);
    scene.play(kit, true)
}
