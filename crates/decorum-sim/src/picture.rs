//! The picture of a screen: the same tree the page source shows, drawn.

mod art;
mod canvas;
mod icons;
pub(crate) mod text;

use crate::tree::{Align, Paint, Rect, Tree};
use canvas::Canvas;

/// PNG of the screen, or of a part of it.
pub(crate) fn png(tree: &Tree, scale: u8, part: Option<Rect>) -> Result<Vec<u8>, String> {
    let mut canvas = Canvas::new(scale).ok_or("the picture is too large")?;
    for item in tree.items.iter().filter(|item| item.visible) {
        for paint in &item.node.paint {
            draw(&mut canvas, item.node.rect, paint);
        }
    }
    canvas.png(part)
}

fn draw(canvas: &mut Canvas, at: Rect, paint: &Paint) {
    match paint {
        Paint::Fill { color, radius } => canvas.fill(at, *radius, *color),
        Paint::Border { color, radius, width } => canvas.border(at, *radius, *width, *color),
        Paint::Shade { top, bottom } => canvas.shade(at, *top, *bottom),
        Paint::Avatar { seed, ring } => art::avatar(canvas, at, *seed, *ring),
        Paint::Tile { seed } => art::tile(canvas, at, *seed),
        Paint::Icon { icon, color } => icons::icon(canvas, at, *icon, *color),
        Paint::Text { text, size, bold, color, align, lines } => {
            let rows = if *lines > 1 || text::width(text, *size, *bold) > at.w + 2 {
                text::wrap(text, *size, *bold, at.w)
            } else {
                vec![text.clone()]
            };
            let count = rows.len().min(usize::from(*lines));
            let height = text::line_height(*size);
            let total = i32::try_from(count).unwrap_or(1) * height;
            let mut y = at.y + (at.h - total) / 2;
            for (place, row) in rows.iter().take(count).enumerate() {
                let cut = place + 1 == count && count < rows.len();
                let shown = if cut { format!("{row}…") } else { row.clone() };
                let x = match align {
                    Align::Left => at.x,
                    Align::Center => at.x + (at.w - text::width(&shown, *size, *bold)) / 2,
                };
                text::draw(canvas, &shown, (x, y), *size, *bold, *color);
                y += height;
            }
        }
    }
}
