//! Faces and photographs, invented from a number.

use tiny_skia::{FillRule, Mask, PathBuilder, Pixmap, Stroke, Transform};

use super::canvas::{Canvas, float, gradient, pixels, rounded, solid};
use crate::tree::{Color, Rect, Ring};

/// Colours that go together.
const PAIRS: [(u32, u32); 16] = [
    (0xf6d3_65ff, 0xfda0_85ff),
    (0x84d8_b0ff, 0x6fb3_f4ff),
    (0xa18c_d1ff, 0xf5b6_e4ff),
    (0xff9a_9eff, 0xfec9_e0ff),
    (0x667e_eaff, 0x764b_a2ff),
    (0x43c9_8bff, 0x38c9_d7ff),
    (0xfa70_9aff, 0xfec1_40ff),
    (0x30b0_d0ff, 0x4338_87ff),
    (0x5ed7_dfff, 0xb490_caff),
    (0xd299_c2ff, 0xf6e9_c7ff),
    (0x89d7_feff, 0x6696_ffff),
    (0xe883_c9ff, 0xf557_6cff),
    (0x4fac_feff, 0x25d2_e8ff),
    (0xc790_81ff, 0xe9bf_95ff),
    (0x1b9a_60ff, 0x7cc9_92ff),
    (0x2c3e_50ff, 0x4ca1_afff),
];

fn pair(seed: u64) -> (Color, Color) {
    let place = usize::try_from(seed % PAIRS.len() as u64).unwrap_or(0);
    let (from, to) = PAIRS.get(place).copied().unwrap_or_default();
    (Color(from), Color(to))
}

/// A part of the seed as a number from 0 to 1.
fn part(seed: u64, shift: u32) -> f32 {
    f32::from(u8::try_from(seed >> shift & 0xff).unwrap_or(0)) / 255.0
}

/// A round picture of a person, with a ring when there is a story.
pub(super) fn avatar(canvas: &mut Canvas, at: Rect, seed: u64, ring: Ring) {
    let gap = if ring == Ring::None { 0 } else { (at.w / 14).max(3) + 1 };
    if ring != Ring::None {
        let colors = match ring {
            Ring::Unseen => (Color(0xf9b0_3fff), Color(0xd621_7aff)),
            _ => (Color(0xd5d8_deff), Color(0xd5d8_deff)),
        };
        let width = float((at.w / 26).max(2));
        let (x, y, side) = (float(at.x), float(at.y), float(at.w));
        let half = width / 2.0;
        if let Some(path) = rounded(x + half, y + half, side - width, side - width, side) {
            let paint = gradient((x, y + side), (x + side, y), colors);
            canvas.line(&path, &paint, &Stroke { width, ..Stroke::default() });
        }
    }
    let inner = Rect { x: at.x + gap, y: at.y + gap, w: at.w - 2 * gap, h: at.h - 2 * gap };
    if let Some(face) = pixels(inner.w, canvas.scale).and_then(|side| face(side, seed)) {
        canvas.place(&face, inner);
    }
}

fn face(side: u32, seed: u64) -> Option<Pixmap> {
    let mut picture = Pixmap::new(side, side)?;
    let unit = f32::from(u16::try_from(side).ok()?);
    let circle = PathBuilder::from_circle(unit / 2.0, unit / 2.0, unit / 2.0)?;
    let mut mask = Mask::new(side, side)?;
    mask.fill_path(&circle, FillRule::Winding, true, Transform::identity());
    let back = gradient((0.0, 0.0), (unit, unit), pair(seed));
    picture.fill_path(&circle, &back, FillRule::Winding, Transform::identity(), None);
    let (hair, shirt) = pair(seed >> 13);
    let skins = [0xf3cf_b3ff, 0xe0ac_86ff, 0xb97f_56ff, 0x8a5a_3cff, 0xf7dc_c8ff];
    let skin = skins.get(usize::try_from(seed >> 21 & 0xff).unwrap_or(0) % 5).copied()?;
    let dark = [0x2b20_1cff, 0x5a3b_27ff, 0x8a6a_3dff, 0x1e23_2eff, hair.0];
    let hair = dark.get(usize::try_from(seed >> 30 & 0xff).unwrap_or(0) % 5).copied()?;
    let mut blob = |x: f32, y: f32, rx: f32, ry: f32, color: u32| {
        let oval = tiny_skia::Rect::from_xywh(
            (x - rx) * unit,
            (y - ry) * unit,
            2.0 * rx * unit,
            2.0 * ry * unit,
        );
        if let Some(path) = oval.and_then(PathBuilder::from_oval) {
            let paint = solid(Color(color));
            picture.fill_path(&path, &paint, FillRule::Winding, Transform::identity(), Some(&mask));
        }
    };
    let long = seed >> 40 & 1 == 0;
    if long {
        blob(0.5, 0.50, 0.25, 0.31, hair);
    }
    blob(0.5, 1.02, 0.38, 0.34, shirt.0);
    blob(0.5, 0.68, 0.085, 0.12, skin);
    blob(0.5, 0.36, 0.205, 0.19, hair);
    blob(0.5, 0.46, 0.165, 0.2, skin);
    let fringe = 0.305 + 0.02 * part(seed, 48);
    blob(0.47 + 0.06 * part(seed, 52), fringe, 0.17, 0.08, hair);
    Some(picture)
}

/// A photograph: sky, sun, hills; or colours and shapes.
pub(super) fn tile(canvas: &mut Canvas, at: Rect, seed: u64) {
    let size = (pixels(at.w, canvas.scale), pixels(at.h, canvas.scale));
    let (Some(w), Some(h)) = size else { return };
    let Some(mut picture) = Pixmap::new(w, h) else { return };
    let (Ok(wide), Ok(high)) = (u16::try_from(w), u16::try_from(h)) else { return };
    let (wide, high) = (f32::from(wide), f32::from(high));
    let colors = pair(seed >> 5);
    let back = gradient((0.0, 0.0), (wide * 0.4, high), colors);
    if let Some(path) = rounded(0.0, 0.0, wide, high, 0.0) {
        picture.fill_path(&path, &back, FillRule::Winding, Transform::identity(), None);
    }
    if seed >> 9 & 1 == 0 {
        landscape(&mut picture, wide, high, seed);
    } else {
        shapes(&mut picture, wide, high, seed);
    }
    canvas.place(&picture, at);
}

fn circle(picture: &mut Pixmap, x: f32, y: f32, radius: f32, color: u32) {
    if let Some(path) = PathBuilder::from_circle(x, y, radius) {
        let paint = solid(Color(color));
        picture.fill_path(&path, &paint, FillRule::Winding, Transform::identity(), None);
    }
}

fn landscape(picture: &mut Pixmap, w: f32, h: f32, seed: u64) {
    let (x, y) = (w * (0.2 + 0.6 * part(seed, 12)), h * (0.2 + 0.2 * part(seed, 20)));
    circle(picture, x, y, w * 0.17, 0xffff_ff30);
    circle(picture, x, y, w * 0.11, 0xffff_ffc0);
    let (_, tint) = pair(seed >> 17);
    for (layer, alpha) in [(0.0, 0x59), (1.0, 0x80), (2.0, 0xb0)] {
        let base = h * (0.58 + 0.13 * layer);
        let swing = h * 0.13;
        let shift = (part(seed >> 3, 24) * 0.7 + layer * 0.43) % 0.9;
        let mut path = PathBuilder::new();
        path.move_to(0.0, base);
        path.cubic_to(
            w * (0.1 + shift * 0.3),
            base - swing * (1.5 - shift * 1.8),
            w * (0.25 + shift * 0.3),
            base + swing * (1.0 - shift),
            w * (0.45 + shift * 0.2),
            base - swing * 0.2,
        );
        let crest = base - swing * (1.3 * shift);
        path.cubic_to(w * (0.65 + shift * 0.2), crest - swing * 0.6, w * 0.85, base, w, crest);
        path.line_to(w, h);
        path.line_to(0.0, h);
        path.close();
        if let Some(path) = path.finish() {
            let paint = solid(Color(tint.0 & 0xffff_ff00 | alpha));
            picture.fill_path(&path, &paint, FillRule::Winding, Transform::identity(), None);
            let shade = solid(Color(0x1018_3020));
            picture.fill_path(&path, &shade, FillRule::Winding, Transform::identity(), None);
        }
    }
}

fn shapes(picture: &mut Pixmap, w: f32, h: f32, seed: u64) {
    let (warm, cool) = pair(seed >> 23);
    let place = |shift: u32| (w * part(seed, shift), h * part(seed >> 7, shift));
    let (x, y) = place(11);
    circle(picture, x, y, w * 0.46, warm.0 & 0xffff_ff00 | 0x70);
    let (x, y) = place(29);
    circle(picture, x, y, w * 0.33, cool.0 & 0xffff_ff00 | 0x80);
    let (x, y) = place(39);
    circle(picture, x, y, w * 0.18, 0xffff_ff59);
    circle(picture, w * 0.5, h * 0.55, w * 0.1, 0xffff_ff8c);
}
