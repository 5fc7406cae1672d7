//! Pixels: filled and outlined boxes, gradients, and the way out as PNG.

use tiny_skia::{
    Color as Ink, FillRule, GradientStop, LinearGradient, Paint, Path, PathBuilder, Pixmap,
    PixmapPaint, Point, Shader, SpreadMode, Stroke, Transform,
};

use crate::tree::{Color, HEIGHT, Rect, WIDTH};

/// The picture while it is drawn. Coordinates are points.
#[derive(Debug)]
pub(super) struct Canvas {
    pub(super) pixels: Pixmap,
    pub(super) scale: f32,
}

/// A whole number of points as the drawing library wants it.
#[expect(clippy::cast_precision_loss, reason = "a few thousand at most")]
pub(super) fn float(points: i32) -> f32 {
    points as f32
}

pub(super) fn ink(color: Color) -> Ink {
    let [red, green, blue, alpha] = color.0.to_be_bytes();
    Ink::from_rgba8(red, green, blue, alpha)
}

pub(super) fn solid(color: Color) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color(ink(color));
    paint
}

/// A gradient from corner to corner.
pub(super) fn gradient(from: (f32, f32), to: (f32, f32), colors: (Color, Color)) -> Paint<'static> {
    let mut paint = Paint::default();
    let stops = vec![GradientStop::new(0.0, ink(colors.0)), GradientStop::new(1.0, ink(colors.1))];
    let shader = LinearGradient::new(
        Point::from_xy(from.0, from.1),
        Point::from_xy(to.0, to.1),
        stops,
        SpreadMode::Pad,
        Transform::identity(),
    );
    paint.shader = shader.unwrap_or_else(|| Shader::SolidColor(ink(colors.0)));
    paint
}

/// A box with round corners.
pub(super) fn rounded(x: f32, y: f32, wide: f32, high: f32, radius: f32) -> Option<Path> {
    // How far the handles of a cubic curve lie out to make a quarter circle.
    const QUARTER: f32 = 0.552_285;
    let r = radius.min(wide / 2.0).min(high / 2.0).max(0.0);
    let k = r * QUARTER;
    let (right, bottom) = (x + wide, y + high);
    let mut path = PathBuilder::new();
    path.move_to(x + r, y);
    path.line_to(right - r, y);
    path.cubic_to(right - r + k, y, right, y + r - k, right, y + r);
    path.line_to(right, bottom - r);
    path.cubic_to(right, bottom - r + k, right - r + k, bottom, right - r, bottom);
    path.line_to(x + r, bottom);
    path.cubic_to(x + r - k, bottom, x, bottom - r + k, x, bottom - r);
    path.line_to(x, y + r);
    path.cubic_to(x, y + r - k, x + r - k, y, x + r, y);
    path.close();
    path.finish()
}

impl Canvas {
    pub(super) fn new(scale: u8) -> Option<Self> {
        let side = |points: i32| u32::try_from(points).ok().map(|points| points * u32::from(scale));
        let mut pixels = Pixmap::new(side(WIDTH)?, side(HEIGHT)?)?;
        pixels.fill(Ink::WHITE);
        Some(Self { pixels, scale: f32::from(scale) })
    }

    pub(super) fn to_pixels(&self) -> Transform {
        Transform::from_scale(self.scale, self.scale)
    }

    pub(super) fn path(&mut self, path: &Path, paint: &Paint<'_>) {
        let transform = self.to_pixels();
        self.pixels.fill_path(path, paint, FillRule::EvenOdd, transform, None);
    }

    pub(super) fn line(&mut self, path: &Path, paint: &Paint<'_>, stroke: &Stroke) {
        let transform = self.to_pixels();
        self.pixels.stroke_path(path, paint, stroke, transform, None);
    }

    pub(super) fn fill(&mut self, at: Rect, radius: i32, color: Color) {
        let path = rounded(float(at.x), float(at.y), float(at.w), float(at.h), float(radius));
        if let Some(path) = path {
            self.path(&path, &solid(color));
        }
    }

    pub(super) fn border(&mut self, at: Rect, radius: i32, width: i32, color: Color) {
        let (inset, width) = (float(width) / 2.0, float(width));
        let path = rounded(
            float(at.x) + inset,
            float(at.y) + inset,
            float(at.w) - width,
            float(at.h) - width,
            float(radius) - inset,
        );
        if let Some(path) = path {
            self.line(&path, &solid(color), &Stroke { width, ..Stroke::default() });
        }
    }

    pub(super) fn shade(&mut self, at: Rect, top: Color, bottom: Color) {
        let path = rounded(float(at.x), float(at.y), float(at.w), float(at.h), 0.0);
        if let Some(path) = path {
            let ends = ((0.0, float(at.y)), (0.0, float(at.y + at.h)));
            self.path(&path, &gradient(ends.0, ends.1, (top, bottom)));
        }
    }

    /// Puts a small picture, drawn in pixels, at a place in points.
    pub(super) fn place(&mut self, picture: &Pixmap, at: Rect) {
        let transform =
            Transform::from_translate(float(at.x) * self.scale, float(at.y) * self.scale);
        let paint = PixmapPaint::default();
        self.pixels.draw_pixmap(0, 0, picture.as_ref(), &paint, transform, None);
    }

    /// The picture, or a part of it, as PNG.
    pub(super) fn png(self, part: Option<Rect>) -> Result<Vec<u8>, String> {
        let picture = match part {
            None => self.pixels,
            Some(part) => self.cut(part).ok_or("the element has no picture")?,
        };
        picture.encode_png().map_err(|error| error.to_string())
    }

    fn cut(&self, part: Rect) -> Option<Pixmap> {
        let part = Rect { w: part.w.min(WIDTH), h: part.h.min(HEIGHT), ..part };
        let mut picture = Pixmap::new(pixels(part.w, self.scale)?, pixels(part.h, self.scale)?)?;
        let shift =
            Transform::from_translate(-float(part.x) * self.scale, -float(part.y) * self.scale);
        let paint = PixmapPaint::default();
        picture.draw_pixmap(0, 0, self.pixels.as_ref(), &paint, shift, None);
        Some(picture)
    }
}

/// Points as whole pixels; nothing for a side without length.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be positive and small"
)]
pub(super) fn pixels(points: i32, scale: f32) -> Option<u32> {
    let side = (float(points) * scale).round();
    (1.0..=8_192.0).contains(&side).then_some(side as u32)
}
