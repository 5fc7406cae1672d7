//! Somebody's story.

use super::{Content, parts};
use crate::app::{App, Tap};
use crate::people;
use crate::tree::{Color, Icon, Node, Paint, SCREEN, WIDTH, rect};
use parts::WHITE;

pub(super) fn story(app: &App, user: &str) -> Content {
    let seed = people::fingerprint(app.scenario.seed, &["story", user]);
    let person = people::fingerprint(app.scenario.seed, &["person", user]);
    let width = crate::picture::text::width(user, 14, true);
    Content::fixed(vec![
        Node::new("Other", SCREEN)
            .name("story-viewer")
            .paint(Paint::Tile { seed })
            .tap(Tap::CloseStory),
        Node::new("Other", rect(0, 0, WIDTH, 180))
            .paint(Paint::Shade { top: Color(0x0000_0088), bottom: Color(0x0000_0000) }),
        Node::new("ProgressIndicator", rect(10, 52, WIDTH - 20, 3))
            .value("50%")
            .fill(0xffff_ff66, 2),
        Node::new("Other", rect(10, 52, (WIDTH - 20) / 2, 3)).fill(WHITE, 2),
        parts::avatar(rect(14, 66, 34, 34), person),
        Node::new("Button", rect(58, 70, width + 6, 26))
            .name("story-author-button")
            .label(user)
            .accessible()
            .text(user, 14, true, WHITE)
            .tap(Tap::Profile(user.to_owned())),
        Node::new("Button", rect(338, 60, 44, 44))
            .name("story-dismiss-button")
            .label("Dismiss")
            .accessible()
            .tap(Tap::CloseStory)
            .child(parts::icon(rect(350, 72, 20, 20), Icon::Close, WHITE)),
        Node::new("Button", rect(16, 778, 290, 44))
            .name("story-reply-field")
            .label(app.texts().send_message)
            .accessible()
            .opaque()
            .paint(Paint::Border { color: Color(0xffff_ffcc), radius: 22, width: 1 })
            .child(Node::new("Other", rect(34, 778, 240, 44)).text(
                app.texts().send_message,
                15,
                false,
                WHITE,
            )),
        parts::icon(rect(324, 788, 25, 25), Icon::Heart, WHITE),
    ])
}
