//! Small pictures, drawn as lines on a grid of 24 by 24.

use tiny_skia::{LineCap, LineJoin, Path, PathBuilder, Stroke, Transform};

use super::canvas::{Canvas, float, solid};
use crate::tree::{Color, Icon, Rect};

/// Outlines of an icon, and whether they are filled.
fn outline(icon: Icon) -> (&'static str, bool) {
    match icon {
        Icon::Home => {
            ("M 3 11 L 12 3 L 21 11 L 21 21 L 15 21 L 15 15 L 9 15 L 9 21 L 3 21 Z", false)
        }
        Icon::Reels => (
            "M 6 3 L 18 3 C 20 3 21 4 21 6 L 21 18 C 21 20 20 21 18 21 L 6 21 C 4 21 3 20 3 18 \
              L 3 6 C 3 4 4 3 6 3 Z M 3 8 L 21 8 M 8 3 L 11 8 M 14 3 L 17 8 \
              M 10 12 L 15 14.7 L 10 17.4 Z",
            false,
        ),
        Icon::Send => ("M 3 4 L 21 4 L 12 20 L 9.5 11 Z M 9.5 11 L 21 4", false),
        Icon::Search => (
            "M 10.5 3.5 C 14.4 3.5 17.5 6.6 17.5 10.5 C 17.5 14.4 14.4 17.5 10.5 17.5 \
              C 6.6 17.5 3.5 14.4 3.5 10.5 C 3.5 6.6 6.6 3.5 10.5 3.5 Z M 15.7 15.7 L 21 21",
            false,
        ),
        Icon::Heart => (HEART, false),
        Icon::HeartFilled => (HEART, true),
        Icon::Bubble => (
            "M 12 3 C 17 3 21 7 21 12 C 21 13.6 20.6 15 19.9 16.3 L 21 21 L 16.3 19.9 \
              C 15 20.6 13.6 21 12 21 C 7 21 3 17 3 12 C 3 7 7 3 12 3 Z",
            false,
        ),
        Icon::Bookmark => ("M 5 3 L 19 3 L 19 21 L 12 14.5 L 5 21 Z", false),
        Icon::Back => ("M 15 3.5 L 6.5 12 L 15 20.5", false),
        Icon::Close => ("M 4 4 L 20 20 M 20 4 L 4 20", false),
        Icon::Dots => (
            "M 3.2 12 L 4.8 12 L 4.8 12.1 L 3.2 12.1 Z M 11.2 12 L 12.8 12 L 12.8 12.1 L 11.2 12.1 Z \
              M 19.2 12 L 20.8 12 L 20.8 12.1 L 19.2 12.1 Z",
            false,
        ),
        Icon::Grid => (
            "M 3 3 L 21 3 L 21 21 L 3 21 Z M 9 3 L 9 21 M 15 3 L 15 21 M 3 9 L 21 9 M 3 15 L 21 15",
            false,
        ),
        Icon::Lock => (
            "M 5 11 L 19 11 L 19 21 L 5 21 Z M 8 11 L 8 7.5 C 8 5 9.8 3 12 3 C 14.2 3 16 5 16 7.5 \
              L 16 11",
            false,
        ),
        Icon::Warning => {
            ("M 12 3 L 22 20.5 L 2 20.5 Z M 12 9.5 L 12 14.5 M 12 17.4 L 12 17.6", false)
        }
        Icon::Chevron => ("M 3 7 L 12 17 L 21 7", false),
        Icon::Camera => (
            "M 6 3 L 18 3 C 20 3 21 4 21 6 L 21 18 C 21 20 20 21 18 21 L 6 21 C 4 21 3 20 3 18 \
              L 3 6 C 3 4 4 3 6 3 Z M 12 7.5 C 14.5 7.5 16.5 9.5 16.5 12 C 16.5 14.5 14.5 16.5 12 16.5 \
              C 9.5 16.5 7.5 14.5 7.5 12 C 7.5 9.5 9.5 7.5 12 7.5 Z M 17.3 6.6 L 17.5 6.6",
            false,
        ),
        Icon::Battery => (
            "M 5 6 L 30 6 C 32 6 33 7.2 33 9 L 33 17 C 33 18.8 32 20 30 20 L 5 20 \
              C 3 20 2 18.8 2 17 L 2 9 C 2 7.2 3 6 5 6 Z M 34.5 11 L 36 11 L 36 15 L 34.5 15 Z",
            true,
        ),
        Icon::Signal => (
            "M 1 15 L 5 15 L 5 20 L 1 20 Z M 7 11.5 L 11 11.5 L 11 20 L 7 20 Z \
              M 13 8 L 17 8 L 17 20 L 13 20 Z M 19 4 L 23 4 L 23 20 L 19 20 Z",
            true,
        ),
        Icon::Bell => (
            "M 5 17 L 19 17 C 17.5 15 17.5 13.5 17.5 10.5 C 17.5 7 15.2 4.2 12 4.2 \
              C 8.8 4.2 6.5 7 6.5 10.5 C 6.5 13.5 6.5 15 5 17 Z M 10 20.5 L 14 20.5",
            false,
        ),
        Icon::Stack => ("M 3 8 L 16 8 L 16 21 L 3 21 Z M 8 8 L 8 3 L 21 3 L 21 16 L 16 16", false),
        Icon::Play => ("M 6 3 L 21 12 L 6 21 Z", true),
    }
}

const HEART: &str = "M 12 20.5 C 4 15 2 11.5 2 8.3 C 2 5.3 4.3 3.2 7 3.2 C 9.2 3.2 11 4.4 12 6.4 \
                     C 13 4.4 14.8 3.2 17 3.2 C 19.7 3.2 22 5.3 22 8.3 C 22 11.5 20 15 12 20.5 Z";

pub(super) fn icon(canvas: &mut Canvas, at: Rect, icon: Icon, color: Color) {
    let (outline, filled) = outline(icon);
    let Some(path) = read(outline) else { return };
    let unit = float(at.w.min(at.h)) / 24.0;
    let place = Transform::from_scale(unit, unit).post_translate(float(at.x), float(at.y));
    let Some(path) = path.transform(place) else { return };
    let paint = solid(color);
    if filled {
        canvas.path(&path, &paint);
    } else {
        let stroke = Stroke {
            width: (unit * 1.9).max(1.3),
            line_cap: LineCap::Round,
            line_join: LineJoin::Round,
            ..Stroke::default()
        };
        canvas.line(&path, &paint, &stroke);
    }
}

/// Reads `M x y`, `L x y`, `C x y x y x y` and `Z`.
fn read(outline: &str) -> Option<Path> {
    let mut path = PathBuilder::new();
    let mut words = outline.split_ascii_whitespace();
    while let Some(word) = words.next() {
        let mut number = || words.next()?.parse::<f32>().ok();
        match word {
            "M" => path.move_to(number()?, number()?),
            "L" => path.line_to(number()?, number()?),
            "C" => path.cubic_to(number()?, number()?, number()?, number()?, number()?, number()?),
            _ => path.close(),
        }
    }
    path.finish()
}
