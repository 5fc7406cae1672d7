//! Screens behind which the app does not open: login, challenge, suspension.

use super::parts::{self, BLUE, GRAY, INK, SOFT, WHITE};
use crate::app::{App, Gate, Tap};
use crate::tree::{Align, Color, Field, Icon, Node, Paint, Rect, WIDTH, rect};

pub(super) fn gate(app: &App, gate: Gate) -> Vec<Node> {
    match gate {
        Gate::Open => Vec::new(),
        Gate::LoggedOut => login(app),
        Gate::Challenge => challenge(app),
        Gate::Suspended => suspended(app),
    }
}

fn login(app: &App) -> Vec<Node> {
    let texts = app.texts();
    vec![
        parts::centered(rect(45, 190, 300, 60), "Instagram", 44, true, INK),
        input(app, Field::LoginName, "login-username-text-field", texts.login_name, 320),
        input(app, Field::LoginPassword, "login-password-text-field", texts.login_password, 380),
        parts::button(rect(24, 444, WIDTH - 48, 46), texts.login_button, BLUE, WHITE)
            .name("login-button"),
        parts::button(rect(60, 504, WIDTH - 120, 36), texts.login_forgot, WHITE, INK),
        parts::button(rect(24, 752, WIDTH - 48, 44), texts.login_create, SOFT, BLUE),
    ]
}

fn challenge(app: &App) -> Vec<Node> {
    let texts = app.texts();
    let mut nodes = notice(Icon::Lock, texts.challenge_title, texts.challenge_text);
    nodes.push(input(app, Field::Code, "challenge-code-text-field", texts.code_hint, 420));
    nodes.push(
        parts::button(rect(24, 490, WIDTH - 48, 46), texts.challenge_button, BLUE, WHITE)
            .name("challenge-continue-button"),
    );
    nodes
}

fn suspended(app: &App) -> Vec<Node> {
    let texts = app.texts();
    let mut nodes = notice(Icon::Warning, texts.suspended_title, texts.suspended_text);
    nodes.push(parts::label(rect(24, 80, 300, 20), &app.account, 14, true, GRAY));
    nodes.push(
        parts::button(rect(24, 490, WIDTH - 48, 46), texts.suspended_button, BLUE, WHITE)
            .name("suspended-appeal-button"),
    );
    nodes
}

fn notice(mark: Icon, title: &str, words: &str) -> Vec<Node> {
    let heading = parts::paragraph(rect(24, 214, WIDTH - 48, 0), title, 24, true, INK, Align::Left);
    let below = heading.rect.y + heading.rect.h + 10;
    vec![
        Node::new("Image", rect(24, 124, 68, 68)).fill(SOFT, 34).child(parts::icon(
            rect(43, 143, 30, 30),
            mark,
            INK,
        )),
        heading,
        parts::paragraph(rect(24, below, WIDTH - 48, 0), words, 15, false, GRAY, Align::Left),
    ]
}

fn input(app: &App, field: Field, name: &str, hint: &str, y: i32) -> Node {
    let value = app.field(field);
    let secret = field == Field::LoginPassword;
    let dots: String = value.chars().map(|_| '•').collect();
    let value = if secret { dots.as_str() } else { value };
    let (shown, ink) = if value.is_empty() { (hint, GRAY) } else { (value, INK) };
    let at = Rect { x: 24, y, w: WIDTH - 48, h: 50 };
    let kind = if secret { "SecureTextField" } else { "TextField" };
    let mut node = Node::new(kind, at)
        .name(name)
        .label(hint)
        .value(value)
        .accessible()
        .fill(SOFT, 12)
        .paint(Paint::Border { color: Color(parts::LINE), radius: 12, width: 1 })
        .tap(Tap::Focus(field))
        .child(Node::new("Other", rect(40, y, at.w - 32, 50)).text(shown, 15, false, ink));
    node.placeholder = Some(hint.to_owned());
    node.field = Some(field);
    node
}
