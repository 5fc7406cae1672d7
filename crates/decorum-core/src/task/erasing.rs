//! What a task says of a person who is erased.

use super::{Source, Task, TaskState};
use crate::erasure::{ERASED, mentions};
use crate::{Action, Timestamp, Username};

impl Task {
    /// The task without the person; `None`: it says nothing of them. One that cannot go on without
    /// them is cancelled.
    pub fn without(&self, person: &Username, now: Timestamp) -> Option<Self> {
        let mut task = self.clone();
        if task.spec.source.person() == Some(person) {
            task.spec.source = Source::Erased;
        }
        // A text that was blanked would be posted as it stands.
        task.spec.comments.retain(|text| !mentions(text, person));
        let blank = |text: &mut String| {
            if mentions(text, person) {
                ERASED.clone_into(text);
            }
        };
        task.spec.name.iter_mut().for_each(blank);
        task.spec.filters.bio_excludes.retain(|word| !mentions(word, person));
        task.spec.filters.bio_includes_any.iter_mut().for_each(blank);
        task.crawl.last_names.retain(|name| name != person);
        task.crawl.note.iter_mut().for_each(blank);
        if let TaskState::Failed { why } = &mut task.state {
            blank(why);
        }
        if task == *self {
            return None;
        }
        let speechless =
            task.spec.comments.is_empty() && task.spec.actions.contains(&Action::Comment);
        if speechless || task.has_lost_source() {
            // What ended stays as it ended.
            return Some(task.clone().cancel(now).unwrap_or(task));
        }
        Some(task)
    }
}
