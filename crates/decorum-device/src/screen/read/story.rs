//! Reading a story.

use super::view::View;
use crate::profile::fold::is_username;
use crate::screen::page::plain_username;
use crate::screen::{Control, StoryPage};

/// A story, known by the button that leaves it.
pub(super) fn read(view: &View<'_>) -> Option<StoryPage> {
    let ids = view.ids();
    let (_, dismiss) = view.find(&ids.story_dismiss)?;
    let author = view
        .find(&ids.story_author)
        .map(|(_, node)| plain_username(node.said()))
        .filter(|name| is_username(name));
    Some(StoryPage { author, dismiss: Some(Control::of(dismiss)) })
}
