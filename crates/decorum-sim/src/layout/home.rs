//! The phone without the app: home screen and lock screen.

use super::parts::{self, WHITE};
use crate::app::Tap;
use crate::tree::{Color, Icon, Node, Paint, SCREEN, WIDTH, rect};

fn board() -> Node {
    Node::new("Window", SCREEN).child(
        Node::new("Other", SCREEN)
            .paint(Paint::Shade { top: Color(0x2a3a_68ff), bottom: Color(0xd483_8fff) }),
    )
}

/// The home screen, with the app's icon.
pub(super) fn home() -> Node {
    let icon = |x: i32, y: i32, name: &str, color: u32| {
        Node::new("Icon", rect(x, y, 64, 86))
            .name(name)
            .label(name)
            .accessible()
            .child(Node::new("Other", rect(x, y, 64, 64)).fill(color, 15))
            .child(Node::new("Other", rect(x - 8, y + 67, 80, 16)).centered(name, 12, false, WHITE))
    };
    let mut window = board();
    window.children.push(
        icon(27, 88, "Instagram", 0xd62f_7fff).tap(Tap::Launch).child(parts::icon(
            rect(43, 104, 32, 32),
            Icon::Camera,
            WHITE,
        )),
    );
    for (at, (name, color)) in [
        ("Photos", 0xf6c3_44ff),
        ("Maps", 0x4caf_74ff),
        ("Notes", 0xf2e3_a2ff),
        ("Weather", 0x3c8c_e7ff),
        ("Clock", 0x2023_2aff),
        ("Settings", 0x8e93_9cff),
    ]
    .into_iter()
    .enumerate()
    {
        let at = i32::try_from(at).unwrap_or(0) + 1;
        window.children.push(icon(27 + at % 4 * 91, 88 + at / 4 * 108, name, color));
    }
    Node::new("Application", SCREEN)
        .label(" ")
        .child(window.child(parts::home_indicator(true)))
        .child(parts::status_bar(true))
}

/// The lock screen.
pub(super) fn locked() -> Node {
    Node::new("Application", SCREEN)
        .label(" ")
        .child(board().children([
            parts::centered(rect(0, 110, WIDTH, 24), "Tuesday 9 June", 18, false, WHITE),
            parts::centered(rect(0, 136, WIDTH, 90), "9:41", 76, true, WHITE),
            parts::home_indicator(true),
        ]))
        .child(parts::status_bar(true))
}
