//! The keyboard.

use super::parts::{INK, WHITE};
use crate::app::{Key, Tap};
use crate::tree::{Field, HEIGHT, Node, Rect, WIDTH, rect};

/// Where the keyboard begins.
pub(super) const TOP: i32 = 553;

pub(super) fn keyboard(field: Field) -> Node {
    let mut board =
        Node::new("Keyboard", rect(0, TOP, WIDTH, HEIGHT - TOP)).fill(0xd3d6_ddff, 0).opaque();
    for (y, (indent, letters)) in
        (TOP + 10..).step_by(54).zip([(0, "qwertyuiop"), (19, "asdfghjkl"), (58, "zxcvbnm")])
    {
        for (x, letter) in (3 + indent..).step_by(39).zip(letters.chars()) {
            let at = rect(x, y, 33, 43);
            board.children.push(key("Key", at, &letter.to_string(), Key::Letter(letter)));
        }
    }
    board.children.push(key("Key", rect(339, TOP + 118, 46, 43), "delete", Key::Delete));
    board.children.push(key("Key", rect(98, TOP + 172, 194, 43), "space", Key::Letter(' ')));
    for (x, letter) in [(3, '.'), (50, '_')] {
        let at = rect(x, TOP + 172, 42, 43);
        board.children.push(key("Key", at, &letter.to_string(), Key::Letter(letter)));
    }
    let done = if field == Field::Search { "Search" } else { "Return" };
    board.child(key("Button", rect(298, TOP + 172, 88, 43), done, Key::Return))
}

fn key(kind: &'static str, at: Rect, name: &str, key: Key) -> Node {
    let size = if name.len() == 1 { 20 } else { 14 };
    Node::new(kind, at)
        .name(name)
        .label(name)
        .accessible()
        .fill(WHITE, 5)
        .centered(name, size, false, INK)
        .tap(Tap::Key(key))
}
