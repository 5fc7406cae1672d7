//! What lies over the screen: dialogs, sheets, prompts and toasts, each in a window of its own.

use super::parts::{self, BLUE, GRAY, INK, LINE, RED, SOFT, WHITE};
use crate::app::{App, Dialog, Overlay, Tap};
use crate::picture::text;
use crate::tree::{Align, Color, HEIGHT, Icon, Node, Paint, SCREEN, WIDTH, rect};

const DIM: u32 = 0x0000_0080;

pub(super) fn windows(app: &App, now: i64) -> Vec<Node> {
    let mut windows: Vec<Node> = app.overlays.iter().map(|overlay| window(app, overlay)).collect();
    if let Some(words) = app.toast(now) {
        windows.push(toast(words));
    }
    windows
}

/// Alerts of the system, which stay when the app is gone.
pub(super) fn system_windows(app: &App) -> Vec<Node> {
    app.overlays
        .iter()
        .filter(|overlay| matches!(overlay, Overlay::Dialog(dialog) if dialog.system))
        .map(|overlay| window(app, overlay))
        .collect()
}

fn window(app: &App, overlay: &Overlay) -> Node {
    let texts = app.texts();
    let body = match overlay {
        Overlay::Dialog(dialog) => vec![backdrop(None), self::dialog(dialog)],
        Overlay::Unfollow(user) => unfollow(app, user),
        Overlay::Accounts => accounts(app),
        Overlay::Notifications => page(
            Icon::Bell,
            texts.notifications_title,
            texts.notifications_text,
            parts::button(rect(24, 690, WIDTH - 48, 48), texts.turn_on, BLUE, WHITE),
            Some(parts::button(rect(24, 746, WIDTH - 48, 44), texts.not_now, WHITE, BLUE)),
        ),
        Overlay::Photos => page(
            Icon::Camera,
            texts.photos_title,
            texts.photos_text,
            parts::button(rect(24, 720, WIDTH - 48, 48), texts.continue_, BLUE, WHITE)
                .name("ig-photo-library-priming-continue-button"),
            None,
        ),
    };
    Node::new("Window", SCREEN).child(Node::new("Other", SCREEN).children(body))
}

fn backdrop(tap: Option<Tap>) -> Node {
    let mut node = Node::new("Other", SCREEN).fill(DIM, 0).opaque();
    node.tap = tap;
    node
}

fn dialog(dialog: &Dialog) -> Node {
    let (x, width) = (52, 286);
    let wide = width - 40;
    let heading = text::wrap(&dialog.title, 17, true, wide).len().min(6);
    let lines = text::wrap(&dialog.text, 14, false, wide).len().min(12);
    let tall = |lines: usize, size| i32::try_from(lines).unwrap_or(0) * text::line_height(size);
    let title_height = if dialog.title.is_empty() { 0 } else { tall(heading, 17) + 6 };
    let body_height = if dialog.text.is_empty() { 0 } else { tall(lines, 14) };
    let buttons = i32::try_from(dialog.buttons.len()).unwrap_or(0);
    let height = 22 + title_height + body_height + 18 + buttons * 46;
    let y = (HEIGHT - height) / 2;
    let mut content = Node::new("Other", rect(x, y, width, height));
    if !dialog.title.is_empty() {
        let at = rect(x + 20, y + 22, wide, 0);
        content.children.push(parts::paragraph(at, &dialog.title, 17, true, INK, Align::Center));
    }
    if !dialog.text.is_empty() {
        let at = rect(x + 20, y + 22 + title_height, wide, 0);
        content.children.push(parts::paragraph(at, &dialog.text, 14, false, GRAY, Align::Center));
    }
    let first = y + height - buttons * 46;
    for (place, words) in dialog.buttons.iter().enumerate() {
        let top = first + i32::try_from(place).unwrap_or(0) * 46;
        content.children.push(Node::new("Other", rect(x, top, width, 1)).fill(LINE, 0));
        content.children.push(
            Node::new("Button", rect(x, top + 1, width, 45))
                .label(words.as_str())
                .accessible()
                .centered(words.as_str(), 16, place + 1 == dialog.buttons.len(), BLUE)
                .tap(Tap::Button(place)),
        );
    }
    let kind = if dialog.alert { "Alert" } else { "Other" };
    let mut node =
        Node::new(kind, rect(x, y, width, height)).fill(WHITE, 16).opaque().child(content);
    if dialog.alert {
        let words = if dialog.title.is_empty() { &dialog.text } else { &dialog.title };
        node = node.label(words.as_str());
    } else {
        node = node.name("igds-alert-dialog");
    }
    node
}

fn sheet(height: i32) -> Node {
    let y = HEIGHT - height;
    Node::new("Other", rect(0, y, WIDTH, height + 20))
        .fill(WHITE, 18)
        .opaque()
        .child(Node::new("Other", rect(177, y + 8, 36, 5)).fill(LINE, 3))
}

fn unfollow(app: &App, user: &str) -> Vec<Node> {
    let texts = app.texts();
    let y = HEIGHT - 230;
    let row = |y: i32, words: &str, ink: u32| {
        Node::new("Cell", rect(0, y, WIDTH, 56))
            .label(words)
            .accessible()
            .fill(WHITE, 0)
            .child(parts::label(rect(24, y + 17, 300, 22), words, 16, false, ink))
    };
    let body = sheet(230)
        .child(parts::centered(rect(20, y + 26, WIDTH - 40, 22), user, 16, true, INK))
        .child(Node::new("Other", rect(0, y + 60, WIDTH, 1)).fill(LINE, 0))
        .child(row(y + 64, texts.unfollow, RED).tap(Tap::Unfollow(user.to_owned())))
        .child(row(y + 122, texts.cancel, INK).tap(Tap::CloseOverlay));
    vec![backdrop(Some(Tap::CloseOverlay)), body]
}

fn accounts(app: &App) -> Vec<Node> {
    let scenario = &app.scenario;
    let mut names = vec![scenario.account.as_str()];
    names.extend(scenario.other_accounts.iter().map(String::as_str));
    if !names.contains(&app.account.as_str()) {
        names.push(&app.account);
    }
    names.truncate(8);
    let below = i32::try_from(names.len()).unwrap_or(0) * 64;
    let height = 70 + below + 64;
    let top = HEIGHT - height + 30;
    let mut body = sheet(height);
    for (y, name) in (top..).step_by(64).zip(names) {
        let seed = crate::people::fingerprint(scenario.seed, &["person", name]);
        body.children.push(
            Node::new("Cell", rect(0, y, WIDTH, 64))
                .label(name)
                .accessible()
                .fill(WHITE, 0)
                .selected(name == app.account)
                .tap(Tap::UseAccount(name.to_owned()))
                .child(parts::avatar(rect(20, y + 8, 48, 48), seed))
                .child(parts::label(rect(82, y + 22, 240, 20), name, 15, true, INK)),
        );
    }
    // Logging in is a person's business: here it leads nowhere.
    let words = app.texts().add_account;
    body.children.push(
        Node::new("Cell", rect(0, top + below, WIDTH, 64))
            .label(words)
            .accessible()
            .fill(WHITE, 0)
            .child(parts::label(rect(82, top + below + 22, 280, 20), words, 15, false, INK)),
    );
    vec![backdrop(Some(Tap::CloseOverlay)), body]
}

/// A prompt that fills the screen.
fn page(mark: Icon, title: &str, words: &str, main: Node, other: Option<Node>) -> Vec<Node> {
    let heading =
        parts::paragraph(rect(40, 330, WIDTH - 80, 0), title, 24, true, INK, Align::Center);
    let below = heading.rect.y + heading.rect.h + 10;
    let body = Node::new("Other", SCREEN)
        .fill(WHITE, 0)
        .opaque()
        .child(Node::new("Image", rect(145, 200, 100, 100)).fill(SOFT, 50).child(parts::icon(
            rect(173, 228, 44, 44),
            mark,
            BLUE,
        )))
        .child(heading)
        .child(parts::paragraph(
            rect(40, below, WIDTH - 80, 0),
            words,
            15,
            false,
            GRAY,
            Align::Center,
        ))
        .child(main.tap(Tap::CloseOverlay))
        .children(other.map(|node| node.tap(Tap::CloseOverlay)));
    vec![body]
}

fn toast(words: &str) -> Node {
    let lines = text::wrap(words, 14, false, WIDTH - 72).len().clamp(1, 4);
    let height = i32::try_from(lines).unwrap_or(1) * text::line_height(14) + 28;
    let at = rect(16, 740 - height, WIDTH - 32, height);
    let label =
        parts::paragraph(rect(36, at.y + 14, WIDTH - 72, 0), words, 14, false, WHITE, Align::Left);
    let bar = Node::new("Other", at)
        .name("igds-toast")
        .fill(0x2427_2dff, 12)
        .paint(Paint::Border { color: Color(0x3a3e_46ff), radius: 12, width: 1 })
        .child(label);
    // The window is only as large as the toast: taps go on reaching the screen.
    Node::new("Window", at).child(bar)
}
