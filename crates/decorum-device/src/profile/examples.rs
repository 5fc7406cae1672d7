//! What the app is known to say, each text with what a person says that it means: `tests/corpus/`.

use std::sync::OnceLock;

use decorum_core::classify::{Class, Example, Place};
use serde::Deserialize;

macro_rules! corpus {
    ($($name:literal),*) => {
        [$(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/corpus/", $name, ".jsonl"))),*]
    };
}

const CORPUS: [&str; 16] = corpus![
    "adversarial",
    "api",
    "ar",
    "de",
    "en",
    "es",
    "fr",
    "hi",
    "id",
    "it",
    "ja",
    "ko",
    "pt",
    "ru",
    "tr",
    "zh"
];

#[derive(Deserialize)]
struct Line {
    text: String,
    #[serde(rename = "where")]
    place: Place,
    locale: Option<String>,
    label: Class,
}

/// Labelled texts of all languages, by which a new rule is tried. Read once per process.
pub fn examples() -> &'static [Example] {
    static READ: OnceLock<Vec<Example>> = OnceLock::new();
    READ.get_or_init(|| CORPUS.iter().flat_map(|file| file.lines()).map(example).collect())
}

fn example(line: &str) -> Example {
    match serde_json::from_str(line) {
        Ok(Line { text, place, locale, label }) => Example { text, place, locale, class: label },
        // They are constants, and a test of this crate reads every line.
        Err(error) => unreachable!("the corpus: {error}: {line}"),
    }
}
