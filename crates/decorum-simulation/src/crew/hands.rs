//! What a person does to tasks.

use decorum_core::{TaskId, Timestamp};

use crate::faults::Deed;
use crate::keeper::Keeper;
use crate::watcher::Watcher;

/// Who does by hand what is done by hand.
pub(super) const PERSON: &str = "person";

/// Does it, if that is possible as the task is now.
pub(crate) fn by_hand(
    keeper: &mut Keeper,
    watcher: &Watcher,
    id: &TaskId,
    deed: Deed,
    now: Timestamp,
) {
    let Some(task) = keeper.board.tasks.get(id).cloned() else { return };
    let (rev, ord) = (task.rev, task.ord);
    let changed = match deed {
        Deed::Pause => task.pause(),
        Deed::Resume => task.resume(now),
        Deed::Cancel => task.cancel(now),
        Deed::Hurry => task.moved(9, ord),
    };
    let Ok(changed) = changed else { return };
    if let Err(error) = keeper.board.save(&changed, rev, Some(PERSON), now) {
        watcher.object(format!("a person cannot change task {id}: {error}"));
    }
    watcher.note(usize::MAX, || {
        format!("a person: {id} is {:?}, to be {:?}", changed.state, changed.wish)
    });
}
