//! Measuring and breaking text, with the font the picture is drawn with.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, PxScale, ScaleFont};

static REGULAR: LazyLock<Option<FontRef<'static>>> =
    LazyLock::new(|| FontRef::try_from_slice(notosans::REGULAR_TTF).ok());
static BOLD: LazyLock<Option<FontRef<'static>>> =
    LazyLock::new(|| FontRef::try_from_slice(notosans::BOLD_TTF).ok());

/// The font of a weight.
pub(super) fn font(bold: bool) -> Option<&'static FontRef<'static>> {
    if bold { BOLD.as_ref() } else { REGULAR.as_ref() }
}

/// Size the font library wants for a size in points: it counts the whole line.
pub(super) fn scale(size: f32) -> PxScale {
    PxScale::from(size * 1.36)
}

/// Height of a line of text.
pub(crate) fn line_height(size: i32) -> i32 {
    size * 4 / 3
}

/// Width of a text in points, rounded up.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "sizes and widths are small"
)]
pub(crate) fn width(text: &str, size: i32, bold: bool) -> i32 {
    advance(text, size as f32, bold).min(100_000.0).ceil() as i32
}

/// Width of a text in pixels at a size.
pub(super) fn advance(text: &str, size: f32, bold: bool) -> f32 {
    let Some(font) = font(bold) else { return 0.0 };
    let scaled = font.as_scaled(scale(size));
    text.chars().map(|letter| scaled.h_advance(font.glyph_id(letter))).sum()
}

/// Breaks a text into lines that fit a width; a word that does not fit alone is cut.
pub(crate) fn wrap(text: &str, size: i32, bold: bool, wide: i32) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if width(&longer, size, bold) <= wide {
            line = longer;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for letter in word.chars() {
            line.push(letter);
            if line.chars().count() > 1 && width(&line, size, bold) > wide {
                line.pop();
                lines.push(std::mem::replace(&mut line, letter.to_string()));
            }
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}
