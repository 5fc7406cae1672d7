//! Taps and drags on the screen as it is, shared by several routes.

use serde_json::Value;

use super::NOTHING;
use crate::app::Gesture;
use crate::error::Failure;
use crate::layout::Screenful;
use crate::machine::Machine;

/// A tap at a point.
pub(super) fn tap(
    machine: &mut Machine,
    screen: &Screenful,
    point: (i32, i32),
    now: i64,
) -> Result<Value, Failure> {
    machine.app.tap_at(&screen.tree, point, &mut machine.effects, now)?;
    Ok(NOTHING)
}

/// A drag from point to point.
pub(super) fn drag(machine: &mut Machine, from: (i32, i32), to: (i32, i32), now: i64) -> Value {
    let end = machine.screen(now).scroll_end;
    machine.app.drag(Gesture { from, to }, end, &mut machine.effects, now);
    NOTHING
}
