//! The labelled corpus in `tests/corpus/`, read with the built-in profile: every refusal that must
//! stop an account is caught, and harmless texts stop nobody. Prints a confusion matrix, figures
//! for each file and every text that was read wrong.

#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a test may fail")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use decorum_core::classify::{Class, Classifier, Place, Rule, Verdict};
use decorum_device::AppProfile;
use serde::Deserialize;

/// The languages of which each has a file.
const LANGUAGES: [&str; 14] =
    ["ar", "de", "en", "es", "fr", "hi", "id", "it", "ja", "ko", "pt", "ru", "tr", "zh"];

/// What must never be overlooked.
const MUST_CATCH: [Class; 4] =
    [Class::RateLimited, Class::ActionBlocked, Class::Challenge, Class::LoggedOut];

/// What stops or rests the acting account.
const STOPS: [Class; 5] = [
    Class::RateLimited,
    Class::ActionBlocked,
    Class::Challenge,
    Class::LoggedOut,
    Class::AccountSuspended,
];

/// Of a thousand refusals, how many must be given their very class.
const EXACT_PER_MILLE: usize = 970;

/// Of a thousand harmless texts, how many may stop an account.
const FALSE_ALARMS_PER_MILLE: usize = 5;

/// One line of the corpus.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Labelled {
    text: String,
    #[serde(rename = "where")]
    place: Place,
    locale: Option<String>,
    label: Class,
    note: Option<String>,
}

impl Labelled {
    fn is_refusal(&self) -> bool {
        !matches!(self.label, Class::Benign | Class::Unknown)
    }
}

/// The corpus by file, the name without its ending.
fn corpus() -> BTreeMap<String, Vec<Labelled>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus");
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.expect("an entry of the folder").path();
        if path.extension().is_none_or(|ending| ending != "jsonl") {
            continue;
        }
        let name = path.file_stem().and_then(|s| s.to_str()).expect("a name").to_owned();
        let lines = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{name}: {e}"));
        let texts: Vec<Labelled> = lines
            .lines()
            .enumerate()
            .map(|(i, line)| {
                serde_json::from_str(line).unwrap_or_else(|e| panic!("{name}, line {}: {e}", i + 1))
            })
            .collect();
        files.insert(name, texts);
    }
    files
}

fn builtin() -> Classifier {
    let profile = AppProfile::builtin();
    let rules = profile.messages().map(|(class, language, phrase)| {
        Rule::new(class, language, phrase).unwrap_or_else(|e| panic!("{e}"))
    });
    Classifier::new(rules).unwrap_or_else(|e| panic!("{e}"))
}

/// What came of some texts.
#[derive(Default)]
struct Tally {
    texts: usize,
    must_catch: usize,
    caught: usize,
    refusals: usize,
    exact: usize,
    benign: usize,
    false_alarms: usize,
    /// Harmless texts that nobody taught.
    unread: usize,
}

impl Tally {
    fn count(&mut self, asked: &Labelled, found: Class) {
        self.texts += 1;
        if MUST_CATCH.contains(&asked.label) {
            self.must_catch += 1;
            self.caught += usize::from(STOPS.contains(&found));
        }
        if asked.is_refusal() {
            self.refusals += 1;
            self.exact += usize::from(asked.label == found);
        }
        if asked.label == Class::Benign {
            self.benign += 1;
            self.false_alarms += usize::from(STOPS.contains(&found));
            self.unread += usize::from(found == Class::Unknown);
        }
    }

    fn print_head() {
        println!(
            "{:<12}{:>7}{:>13}{:>13}{:>15}{:>9}",
            "file", "texts", "caught", "exact", "false alarms", "unread"
        );
    }

    fn print(&self, name: &str) {
        println!(
            "{name:<12}{:>7}{:>13}{:>13}{:>15}{:>9}",
            self.texts,
            format!("{}/{}", self.caught, self.must_catch),
            format!("{}/{}", self.exact, self.refusals),
            format!("{}/{}", self.false_alarms, self.benign),
            self.unread,
        );
    }
}

/// Prints how often each expected class (a row) was found as each class (a column).
fn print_matrix(cells: &BTreeMap<(Class, Class), usize>) {
    print!("{:<20}", "expected \\ found");
    for found in Class::ALL {
        print!(" {:>11.11}", found.as_str());
    }
    println!();
    for expected in Class::ALL.iter().filter(|c| cells.keys().any(|(row, _)| row == *c)) {
        print!("{:<20}", expected.as_str());
        for found in Class::ALL {
            match cells.get(&(*expected, *found)) {
                Some(times) => print!(" {times:>11}"),
                None => print!(" {:>11}", "."),
            }
        }
        println!();
    }
}

fn print_wrong(file: &str, asked: &Labelled, found: &Verdict) {
    println!(
        "\n{file} · {} · {}{}\n  text      {:?}\n  expected  {}\n  found     {}",
        asked.place,
        asked.locale.as_deref().unwrap_or("no locale"),
        asked.note.as_deref().map(|n| format!(" · {n}")).unwrap_or_default(),
        asked.text,
        asked.label,
        found.class,
    );
    if let Some(because) = &found.evidence {
        println!(
            "  because   {:?} of {:?} ({})",
            because.matched, because.phrase, because.language
        );
    }
}

#[test]
fn the_corpus_is_big_and_broad_enough() {
    let corpus = corpus();
    let texts: usize = corpus.values().map(Vec::len).sum();
    assert!(texts >= 600, "{texts} texts");
    let adversarial = corpus.get("adversarial").map_or(0, Vec::len);
    assert!(adversarial >= 50, "{adversarial} adversarial texts");
    let benign = corpus.values().flatten().filter(|t| t.label == Class::Benign).count();
    assert!(benign * 3 >= texts, "{benign} of {texts} texts are benign: fewer than a third");
    for language in LANGUAGES {
        let texts = corpus.get(language).unwrap_or_else(|| panic!("no file for {language}"));
        let has: BTreeSet<Class> = texts.iter().map(|t| t.label).collect();
        for class in Class::ALL.iter().filter(|c| **c != Class::Unknown) {
            assert!(has.contains(class), "{language} has no text of the class {class}");
        }
        for text in texts {
            let locale = text.locale.as_deref().unwrap_or_default();
            assert!(locale.starts_with(language), "{language}: {:?} is of {locale:?}", text.text);
        }
    }
    assert!(corpus.contains_key("api"));
}

#[test]
fn the_corpus_says_nothing_twice() {
    let corpus = corpus();
    let mut seen = BTreeMap::new();
    for text in corpus.values().flatten() {
        let before = seen.insert((&text.text, text.place, &text.locale), text.label);
        assert_eq!(before, None, "{:?} at {} is there twice", text.text, text.place);
    }
}

#[test]
fn confusion_matrix_of_the_corpus() {
    let classifier = builtin();
    let mut cells = BTreeMap::new();
    let mut all = Tally::default();
    let mut files = Vec::new();
    for (file, texts) in corpus() {
        let mut tally = Tally::default();
        for asked in texts {
            let found = classifier.classify(&asked.text, asked.place, asked.locale.as_deref());
            *cells.entry((asked.label, found.class)).or_insert(0) += 1;
            tally.count(&asked, found.class);
            all.count(&asked, found.class);
            // A harmless text that nobody taught is no mistake: a person reads it once.
            let unread = asked.label == Class::Benign && found.class == Class::Unknown;
            if asked.label != found.class && !unread {
                print_wrong(&file, &asked, &found);
            }
        }
        files.push((file, tally));
    }
    println!();
    print_matrix(&cells);
    println!();
    Tally::print_head();
    for (file, tally) in &files {
        tally.print(file);
    }
    all.print("all");
    println!(
        "\ncaught: refusals that must stop the account and did; exact: refusals given their class;\n\
         unread: harmless texts that nobody taught (unknown)"
    );

    assert_eq!(all.caught, all.must_catch, "refusals were overlooked");
    assert!(
        all.exact * 1000 >= all.refusals * EXACT_PER_MILLE,
        "only {} of {} refusals were given their class",
        all.exact,
        all.refusals
    );
    assert!(
        all.false_alarms * 1000 <= all.benign * FALSE_ALARMS_PER_MILLE,
        "{} of {} harmless texts would stop an account",
        all.false_alarms,
        all.benign
    );
}

#[test]
fn every_line_is_among_the_examples_that_a_new_rule_is_tried_on() {
    let lines: usize = corpus().values().map(Vec::len).sum();
    assert_eq!(decorum_device::examples().len(), lines);
}
