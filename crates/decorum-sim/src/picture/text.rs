//! Measuring and breaking text, with the font the picture is drawn with.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, PxScale, ScaleFont};

use super::canvas::{Canvas, float};
use crate::tree::Color;

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

/// Writes one line; `place` is its top left corner in points.
pub(super) fn draw(
    canvas: &mut Canvas,
    text: &str,
    place: (i32, i32),
    size: i32,
    bold: bool,
    color: Color,
) {
    let Some(font) = font(bold) else { return };
    let pixels = scale(float(size) * canvas.scale);
    let scaled = font.as_scaled(pixels);
    let mut x = float(place.0) * canvas.scale;
    let slack = float(line_height(size)) * canvas.scale - scaled.height();
    let baseline = float(place.1) * canvas.scale + scaled.ascent() + slack / 2.0;
    for letter in text.chars() {
        let id = font.glyph_id(letter);
        let advance = scaled.h_advance(id);
        // Letters the font does not have are left blank rather than drawn as boxes.
        if id.0 != 0
            && let Some(glyph) =
                font.outline_glyph(id.with_scale_and_position(pixels, ab_glyph::point(x, baseline)))
        {
            let bounds = glyph.px_bounds();
            glyph.draw(|dx, dy, cover| {
                blend(
                    canvas,
                    whole(bounds.min.x) + i64::from(dx),
                    whole(bounds.min.y) + i64::from(dy),
                    cover,
                    color,
                );
            });
        }
        x += advance;
    }
}

#[expect(clippy::cast_possible_truncation, reason = "pixels of a screen")]
fn whole(pixels: f32) -> i64 {
    pixels as i64
}

/// Mixes a colour into a pixel.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "channels are clamped to a byte"
)]
fn blend(canvas: &mut Canvas, x: i64, y: i64, cover: f32, color: Color) {
    let (wide, high) = (i64::from(canvas.pixels.width()), i64::from(canvas.pixels.height()));
    if x < 0 || y < 0 || x >= wide || y >= high {
        return;
    }
    let Ok(at) = usize::try_from(y * wide + x) else { return };
    let [red, green, blue, alpha] = color.0.to_be_bytes();
    let cover = cover.clamp(0.0, 1.0) * f32::from(alpha) / 255.0;
    if let Some(pixel) = canvas.pixels.pixels_mut().get_mut(at) {
        // The canvas is opaque, so the channels need no division by alpha.
        let mix = |old: u8, new: u8| {
            (f32::from(old) * (1.0 - cover) + f32::from(new) * cover).round().clamp(0.0, 255.0)
                as u8
        };
        let mixed = tiny_skia::PremultipliedColorU8::from_rgba(
            mix(pixel.red(), red),
            mix(pixel.green(), green),
            mix(pixel.blue(), blue),
            255,
        );
        if let Some(mixed) = mixed {
            *pixel = mixed;
        }
    }
}
