//! Pictures of numbers, as SVG: bars beside bars, or lines over sizes.
//!
//! Written by hand because it is short, and because a picture in a page that may be light or dark
//! has to bring both sets of colours, which libraries that draw charts do not do.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::Unit;
use super::number::number;

const WIDTH: f64 = 760.0;

const STYLE: &str = "text{font:13px system-ui,sans-serif;fill:#1f2328}.quiet{fill:#59636e}\
    .title{font-weight:600}.c0{fill:#0969da;stroke:#0969da}.c1{fill:#8c959f;stroke:#8c959f}\
    .c2{fill:#bc4c00;stroke:#bc4c00}.c3{fill:#1a7f37;stroke:#1a7f37}.c4{fill:#8250df;stroke:#8250df}\
    .c5{fill:#9a6700;stroke:#9a6700}.bar{stroke:none}.line{fill:none;stroke-width:2}\
    .grid{stroke:#d1d9e0}\
    @media (prefers-color-scheme:dark){text{fill:#f0f6fc}.quiet{fill:#9198a1}\
    .c0{fill:#4493f8;stroke:#4493f8}.c1{fill:#7d8590;stroke:#7d8590}.c2{fill:#f0883e;stroke:#f0883e}\
    .c3{fill:#3fb950;stroke:#3fb950}.c4{fill:#ab7df8;stroke:#ab7df8}.c5{fill:#d29922;stroke:#d29922}\
    .line{fill:none}.grid{stroke:#3d444d}}";

/// Colours there are.
const COLOURS: usize = 6;

/// One thing beside its reference.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Bar {
    pub(crate) label: String,
    pub(crate) ours: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reference: Option<f64>,
}

/// How something changes with a size.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) name: String,
    /// Size and value, by size.
    pub(crate) points: Vec<(f64, f64)>,
}

/// A picture; `id` names its file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Figure {
    /// Linear, from zero.
    Bars { id: String, title: String, unit: Unit, bars: Vec<Bar> },
    /// Both axes logarithmic, as both span decades.
    Lines { id: String, title: String, size: String, unit: Unit, lines: Vec<Line> },
}

impl Figure {
    pub(super) fn id(&self) -> &str {
        let (Self::Bars { id, .. } | Self::Lines { id, .. }) = self;
        id
    }

    pub(super) fn title(&self) -> &str {
        let (Self::Bars { title, .. } | Self::Lines { title, .. }) = self;
        title
    }

    /// The whole file.
    pub(super) fn svg(&self) -> String {
        let (height, body) = match self {
            Self::Bars { unit, bars, .. } => bars_of(*unit, bars),
            Self::Lines { size, unit, lines, .. } => lines_of(size, *unit, lines),
        };
        let title = escaped(self.title());
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
             width=\"{WIDTH}\" height=\"{height}\" role=\"img\"><title>{title}</title>\
             <style>{STYLE}</style>\n<text class=\"title\" x=\"8\" y=\"22\">{title}</text>\n\
             {body}</svg>\n"
        )
    }
}

fn bars_of(unit: Unit, bars: &[Bar]) -> (f64, String) {
    const LEFT: f64 = 330.0;
    const ROOM: f64 = 300.0;
    const BAR: f64 = 13.0;
    let most = bars.iter().flat_map(|bar| [Some(bar.ours), bar.reference]).flatten();
    let most = most.fold(f64::MIN_POSITIVE, f64::max);
    let mut out = legend(&["Decorum", "reference"], 46.0);
    let mut y = 64.0;
    for Bar { label, ours, reference } in bars {
        text(&mut out, "quiet", (LEFT - 10.0, y + BAR), "end", label);
        for (colour, value) in [Some(*ours), *reference].into_iter().enumerate() {
            let Some(value) = value else { continue };
            let width = (value / most * ROOM).max(1.0);
            writeln!(
                out,
                "<rect class=\"c{colour} bar\" x=\"{LEFT}\" y=\"{y:.1}\" width=\"{width:.1}\" \
                 height=\"{}\"/>",
                BAR - 1.0
            )
            .ok();
            text(&mut out, "", (LEFT + width + 6.0, y + BAR - 2.0), "start", &unit.show(value));
            y += BAR;
        }
        y += 10.0;
    }
    (y + 6.0, out)
}

/// An axis whose every decade takes the same room.
struct Axis {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Axis {
    /// Whole decades around all of these, drawn from one coordinate to another.
    fn around(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Self {
        let logs = values.filter(|value| *value > 0.0).map(f64::log10);
        let (low, high) = logs
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
        let (low, high) = if low <= high { (low.floor(), high.ceil()) } else { (0.0, 1.0) };
        Self { low, high: high.max(low + 1.0), from, to }
    }

    fn place(&self, value: f64) -> f64 {
        let share = (value.log10() - self.low) / (self.high - self.low);
        self.from + share * (self.to - self.from)
    }

    fn decades(&self) -> impl Iterator<Item = f64> {
        let (low, high) = (self.low, self.high);
        std::iter::successors(Some(low), |x| Some(x + 1.0))
            .take_while(move |x| *x <= high + 0.5)
            .map(|x| 10_f64.powf(x))
    }
}

fn lines_of(size: &str, unit: Unit, lines: &[Line]) -> (f64, String) {
    const TOP: f64 = 64.0;
    const BOTTOM: f64 = 300.0;
    let points = || lines.iter().flat_map(|line| line.points.iter().copied());
    let across = Axis::around(points().map(|(x, _)| x), 90.0, WIDTH - 30.0);
    let up = Axis::around(points().map(|(_, y)| y), BOTTOM, TOP);
    let names: Vec<&str> = lines.iter().map(|line| line.name.as_str()).collect();
    let mut out = legend(&names, 46.0);
    for value in up.decades() {
        let y = up.place(value);
        let (left, right) = (across.from, across.to);
        writeln!(
            out,
            "<line class=\"grid\" x1=\"{left}\" y1=\"{y:.1}\" x2=\"{right}\" y2=\"{y:.1}\"/>"
        )
        .ok();
        text(&mut out, "quiet", (left - 8.0, y + 4.0), "end", &unit.show(value));
    }
    for value in across.decades() {
        text(&mut out, "quiet", (across.place(value), BOTTOM + 20.0), "middle", &number(value));
    }
    text(&mut out, "quiet", (WIDTH / 2.0, BOTTOM + 40.0), "middle", size);
    for (colour, line) in lines.iter().enumerate() {
        let colour = colour % COLOURS;
        let places: Vec<(f64, f64)> =
            line.points.iter().map(|(x, y)| (across.place(*x), up.place(*y))).collect();
        let way: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let way = way.join(" ");
        writeln!(out, "<polyline class=\"c{colour} line\" points=\"{way}\"/>").ok();
        for (x, y) in places {
            writeln!(out, "<circle class=\"c{colour}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>").ok();
        }
    }
    (BOTTOM + 52.0, out)
}

fn legend(names: &[&str], y: f64) -> String {
    let mut out = String::new();
    let mut x = 8.0;
    for (colour, name) in names.iter().enumerate() {
        let colour = colour % COLOURS;
        writeln!(
            out,
            "<rect class=\"c{colour} bar\" x=\"{x:.1}\" y=\"{}\" width=\"12\" height=\"12\"/>",
            y - 10.0
        )
        .ok();
        text(&mut out, "quiet", (x + 18.0, y), "start", name);
        // No font is at hand to measure with; seven units a character are enough at this size.
        x += 34.0 + 7.0 * name.chars().fold(0.0, |sum, _| sum + 1.0);
    }
    out
}

fn text(out: &mut String, class: &str, (x, y): (f64, f64), anchor: &str, what: &str) {
    let what = escaped(what);
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    writeln!(out, "<text{class} x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{what}</text>")
        .ok();
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use quick_xml::Reader;
    use quick_xml::events::Event;

    use super::*;

    fn is_well_formed(svg: &str) {
        let mut reader = Reader::from_str(svg);
        let mut depth = 0;
        loop {
            match reader.read_event().expect("XML") {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(depth, 0, "{svg}");
    }

    #[test]
    fn a_bar_is_as_long_as_its_share_of_the_longest() {
        let bars = vec![
            Bar { label: "one & <all>".into(), ours: 50.0, reference: Some(100.0) },
            Bar { label: "alone".into(), ours: 25.0, reference: None },
        ];
        let figure = Figure::Bars { id: "x".into(), title: "t".into(), unit: Unit::Millis, bars };
        let svg = figure.svg();
        is_well_formed(&svg);
        for width in ["150.0", "300.0", "75.0"] {
            assert!(svg.contains(&format!("width=\"{width}\"")), "{width}: {svg}");
        }
        assert!(svg.contains("one &amp; &lt;all&gt;"));
    }

    #[test]
    fn a_line_keeps_within_whole_decades() {
        let lines =
            vec![Line { name: "a".into(), points: vec![(1_000.0, 2.0), (50_000.0, 200.0)] }];
        let (size, unit) = ("people".into(), Unit::Millis);
        let figure = Figure::Lines { id: "x".into(), title: "t".into(), size, unit, lines };
        let svg = figure.svg();
        is_well_formed(&svg);
        for tick in [">1,000<", ">10,000<", ">100,000<", ">1 ms<", ">1,000 ms<"] {
            assert!(svg.contains(tick), "{tick}: {svg}");
        }
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }

    #[test]
    fn nothing_to_show_is_still_a_picture() {
        let lines = vec![Line { name: "a".into(), points: vec![] }];
        let (size, unit) = ("people".into(), Unit::Millis);
        let figure = Figure::Lines { id: "x".into(), title: "t".into(), size, unit, lines };
        is_well_formed(&figure.svg());
    }
}
