//! The page that people read: every goal and whether it is reached first, then each part.

use std::fmt::Write as _;

use super::number::number;
use super::{Chapter, Goal, Row, Section};

const HEAD: &str = "# Benchmarks\n\n\
    What things cost, each beside a named reference that was measured in the same run, in turn with \
    it. Machines differ; the ratio is what to compare. Numbers are medians, with the least and the \
    greatest sample in parentheses. This page is written by `make bench` out of `benchmarks.json`; \
    `make bench ARGS=\"http\"` measures one part anew, `ARGS=\"--help\"` lists them.\n\n";

pub(super) fn write(chapters: &[&Chapter]) -> String {
    let mut out = HEAD.to_owned();
    let first = chapters.first().map(|chapter| &chapter.machine);
    let is_common = chapters.iter().all(|chapter| Some(&chapter.machine) == first);
    if let (Some(machine), true) = (first, is_common) {
        writeln!(out, "Measured on {}.\n", machine.sentence()).ok();
    }
    let sections = || chapters.iter().flat_map(|chapter| &chapter.sections);
    goals(&mut out, sections());
    for chapter in chapters {
        for section in &chapter.sections {
            write_section(&mut out, section);
            if !is_common {
                writeln!(out, "Measured on {}.\n", chapter.machine.sentence()).ok();
            }
        }
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn goals<'a>(out: &mut String, sections: impl Iterator<Item = &'a Section>) {
    out.push_str("## What was to be reached\n\n");
    out.push_str("| | is | goal | reached |\n| --- | --- | --- | --- |\n");
    for section in sections {
        for row in &section.rows {
            let Some(goal) = row.goal else { continue };
            let is = match goal {
                Goal::AtMost(_) => row.unit.show(row.ours.median),
                _ => times(row.ratio()),
            };
            let (what, goal, reached) = (&row.what, wanted(row), reached(row));
            writeln!(out, "| {}: {what} | {is} | {goal} | {reached} |", section.title).ok();
        }
    }
    out.push('\n');
}

fn write_section(out: &mut String, section: &Section) {
    writeln!(out, "## {}\n\n{}\n", section.title, section.about).ok();
    if !section.rows.is_empty() {
        let has = |what: fn(&Row) -> bool| section.rows.iter().any(what);
        let (beside, goal) = (has(|row| row.reference.is_some()), has(|row| row.goal.is_some()));
        let mut head = vec!["", "Decorum"];
        head.extend(if beside { vec!["reference", "ratio"] } else { vec![] });
        head.extend(goal.then_some("goal"));
        writeln!(out, "| {} |", head.join(" | ")).ok();
        writeln!(out, "|{}", " --- |".repeat(head.len())).ok();
        for row in &section.rows {
            let mut cells = vec![row.what.clone(), with_spread(row.unit, row.ours)];
            if beside {
                cells.push(row.reference.map_or_else(String::new, |r| with_spread(row.unit, r)));
                cells.push(times(row.ratio()));
            }
            if goal {
                let wanted = wanted(row);
                cells.push(if wanted.is_empty() {
                    wanted
                } else {
                    format!("{wanted}, {}", reached(row))
                });
            }
            writeln!(out, "| {} |", cells.join(" | ")).ok();
        }
        out.push('\n');
    }
    for why in &section.missing {
        writeln!(out, "Not measured: {why}\n").ok();
    }
    for figure in &section.figures {
        writeln!(out, "![{}](images/bench/{}.svg)\n", figure.title(), figure.id()).ok();
    }
}

fn with_spread(unit: super::Unit, summary: crate::summary::Summary) -> String {
    let median = unit.show(summary.median);
    if summary.samples < 2 {
        return median;
    }
    format!("{median} ({} to {})", number(summary.low), number(summary.high))
}

fn times(ratio: Option<f64>) -> String {
    ratio.map_or_else(String::new, |ratio| format!("{}x", number(ratio)))
}

fn wanted(row: &Row) -> String {
    match row.goal {
        None => String::new(),
        Some(Goal::RatioAtLeast(least)) => format!("at least {least}x"),
        Some(Goal::RatioAtMost(most)) => format!("at most {most}x"),
        Some(Goal::AtMost(most)) => format!("at most {}", row.unit.show(most)),
    }
}

fn reached(row: &Row) -> &'static str {
    match row.is_met() {
        Some(true) => "yes",
        Some(false) => "**no**",
        None => "",
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Machine, Unit};
    use super::*;

    fn chapter(rows: Vec<Row>) -> Chapter {
        let section = Section {
            title: "a claim".into(),
            about: "Beside nothing.".into(),
            rows,
            figures: Vec::new(),
            missing: vec!["there is no server here".into()],
        };
        Chapter { machine: Machine::this(), sections: vec![section] }
    }

    #[test]
    fn the_page_says_what_was_to_be_reached_and_whether_it_was() {
        let rate = |what: &str, is: f64, least| {
            Row::new(what, Unit::PerSecond, &[is, is + 2.0, is + 1.0])
                .beside(&[1000.0])
                .goal(Goal::RatioAtLeast(least))
        };
        let memory = Row::new("memory", Unit::Megabytes, &[12.0]).goal(Goal::AtMost(40.0));
        let page =
            write(&[&chapter(vec![rate("quick", 900.0, 0.7), rate("slow", 400.0, 0.7), memory])]);
        for line in [
            "| a claim: quick | 0.901x | at least 0.7x | yes |",
            "| a claim: slow | 0.401x | at least 0.7x | **no** |",
            "| a claim: memory | 12 MB | at most 40 MB | yes |",
            "| quick | 901/s (900 to 902) | 1,000/s | 0.901x | at least 0.7x, yes |",
            "Not measured: there is no server here",
        ] {
            assert!(page.lines().any(|l| l == line), "{line}\n{page}");
        }
        assert_eq!(page.matches("Measured on").count(), 1, "{page}");
    }
}
