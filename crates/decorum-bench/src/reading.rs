//! Understanding what the app shows: a text becomes a class, a page source becomes a screen.

use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

use decorum_device::{AppProfile, Screen, examples};
use decorum_engine::lexicon::Lexicon;
use quick_xml::{Reader, events::Event};

use crate::book::{Row, Section, Unit};
use crate::engagement::Failed;
use crate::scale::Scale;

const SAMPLES: usize = 21;

/// What a page source of a long list weighs, in bytes.
const SOURCE_BYTES: usize = 300_000;

pub(crate) fn all(scale: &Scale) -> Result<Vec<Section>, Failed> {
    Ok(vec![texts(scale)?, sources(scale)?])
}

/// Every text of the corpus, against looking for each phrase of the profile in its lower-case form.
fn texts(scale: &Scale) -> Result<Section, Failed> {
    let profile = AppProfile::builtin();
    let lexicon = Lexicon::of(&profile)?;
    let phrases: Vec<String> = profile.messages().map(|(_, _, p)| p.to_lowercase()).collect();
    let texts = examples();
    let many = u32::try_from(texts.len())?;
    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    for _ in 0..scale.samples(SAMPLES) {
        ours.push(
            timed(|| {
                for text in texts {
                    black_box(lexicon.classify(&text.text, text.place, text.locale.as_deref()));
                }
            }) / many,
        );
        plain.push(
            timed(|| {
                for text in texts {
                    let text = text.text.to_lowercase();
                    black_box(phrases.iter().find(|phrase| text.contains(phrase.as_str())));
                }
            }) / many,
        );
    }
    let mut section = Section::new(
        "Classifying a text",
        format!(
            "What the app said, in {} labelled texts of fourteen languages, becomes a class. The \
             reference makes the text lower case and searches it for each of the profile's {} \
             phrases in turn, which knows neither accents nor places nor whole words.",
            texts.len(),
            phrases.len()
        ),
    );
    section.add(Row::timed("a text", Unit::Micros, &ours).beside_timed(&plain));
    Ok(section)
}

/// A long list, against reading the XML and doing nothing with it.
fn sources(scale: &Scale) -> Result<Section, Failed> {
    let profile = AppProfile::builtin();
    let source = long_list()?;
    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    for _ in 0..scale.samples(SAMPLES) {
        let started = Instant::now();
        black_box(Screen::read(&source, &profile)?);
        ours.push(started.elapsed());
        let started = Instant::now();
        let mut reader = Reader::from_str(&source);
        while !matches!(black_box(reader.read_event()?), Event::Eof) {}
        plain.push(started.elapsed());
    }
    let mut section = Section::new(
        "Reading a screen",
        "The page source of a long list becomes a screen: which page, whose rows, what their \
         buttons say. The reference reads the same XML event by event with the same parser and \
         keeps nothing.",
    );
    let what = format!("a page source of {} kB", source.len() / 1000);
    section.add(Row::timed(what, Unit::Micros, &ours).beside_timed(&plain));
    Ok(section)
}

fn timed(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

fn long_list() -> Result<String, Failed> {
    let mut source = String::from(
        "<XCUIElementTypeApplication type=\"XCUIElementTypeApplication\" name=\"Instagram\" \
         label=\"Instagram\" enabled=\"true\" visible=\"true\" x=\"0\" y=\"0\" width=\"390\" \
         height=\"844\"><XCUIElementTypeWindow type=\"XCUIElementTypeWindow\" enabled=\"true\" \
         visible=\"true\" x=\"0\" y=\"0\" width=\"390\" height=\"844\">",
    );
    for n in 0.. {
        if source.len() >= SOURCE_BYTES {
            break;
        }
        let y = 60 * n;
        write!(
            source,
            "<XCUIElementTypeCell type=\"XCUIElementTypeCell\" enabled=\"true\" visible=\"true\" \
             x=\"0\" y=\"{y}\" width=\"390\" height=\"60\"><XCUIElementTypeStaticText \
             type=\"XCUIElementTypeStaticText\" value=\"person{n}\" name=\"person{n}\" \
             label=\"person{n}\" enabled=\"true\" visible=\"true\" x=\"60\" y=\"{y}\" width=\"200\" \
             height=\"20\"/><XCUIElementTypeButton type=\"XCUIElementTypeButton\" name=\"Follow\" \
             label=\"Follow\" enabled=\"true\" visible=\"true\" x=\"280\" y=\"{y}\" width=\"90\" \
             height=\"32\"/></XCUIElementTypeCell>"
        )?;
    }
    source.push_str("</XCUIElementTypeWindow></XCUIElementTypeApplication>");
    Ok(source)
}
