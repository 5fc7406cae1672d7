//! What the app says in each of its languages is understood, in sentences that the profile does
//! not hold as such: reworded, longer, cut, in other clothes.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail")]

use std::collections::BTreeSet;
use std::sync::LazyLock;

use decorum_core::classify::{Class, Classifier, Place, Rule, Verdict};
use decorum_device::AppProfile;

static CLASSIFIER: LazyLock<Classifier> = LazyLock::new(|| {
    let profile = AppProfile::builtin();
    let rules = profile.messages().map(|(class, language, phrase)| {
        Rule::new(class, language, phrase).unwrap_or_else(|e| panic!("{e}"))
    });
    Classifier::new(rules).unwrap_or_else(|e| panic!("{e}"))
});

/// What the app says, and what a reader takes it for.
struct Sentence {
    language: &'static str,
    means: &'static str,
    text: String,
}

impl Sentence {
    fn all() -> Vec<Self> {
        include_str!("sentences.tsv")
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(|line| {
                let mut fields = line.split('\t');
                let mut next = || fields.next().unwrap_or_else(|| panic!("{line}"));
                let (language, means) = (next(), next());
                Self { language, means, text: next().replace("\\n", "\n") }
            })
            .collect()
    }

    /// What is wrong with the verdict, if anything is.
    fn complaint(&self, text: &str, verdict: &Verdict) -> Option<String> {
        let right = match self.means {
            "harmless" => !is_alarm(verdict.class),
            class => verdict.class.as_str() == class,
        };
        (!right).then(|| format!("{} {text:?} is no {verdict:?}", self.means))
    }
}

/// Whether the account has to rest or a person is called.
const fn is_alarm(class: Class) -> bool {
    matches!(
        class,
        Class::AccountSuspended
            | Class::Challenge
            | Class::LoggedOut
            | Class::ActionBlocked
            | Class::RateLimited
    )
}

fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn sentences_mean_what_a_reader_would_say() {
    let sentences = Sentence::all();
    assert!(sentences.len() > 400, "{}", sentences.len());
    let wrong = sentences.iter().flat_map(|said| {
        [None, Some(said.language)].into_iter().filter_map(|locale| {
            said.complaint(&said.text, &CLASSIFIER.classify(&said.text, Place::Dialog, locale))
        })
    });
    none(&wrong.collect::<Vec<_>>());
}

#[test]
fn so_do_they_in_other_clothes() {
    let mut wrong = Vec::new();
    for said in Sentence::all() {
        let cut = said.text.contains('…');
        let dressed = [
            said.text.to_uppercase(),
            said.text.replace(' ', "\u{a0}\u{200b} "),
            format!("\u{200f}⚠️ {} ⚠️\u{200e}", said.text),
            said.text.replace('’', "'").replace(['.', ','], " "),
            if cut { said.text.clone() } else { format!("ana.b, {}\n#1 OK", said.text) },
        ];
        wrong.extend(dressed.iter().filter_map(|text| {
            said.complaint(text, &CLASSIFIER.classify(text, Place::Toast, None))
        }));
    }
    none(&wrong);
}

#[test]
fn an_answer_of_a_server_says_the_same_in_any_language() {
    let mut wrong = Vec::new();
    for said in Sentence::all().into_iter().filter(|said| said.means != "harmless") {
        let plain = said.text.replace('\n', "\\n").replace('"', "\\\"");
        let escaped: String = plain
            .encode_utf16()
            .map(|unit| match char::from_u32(unit.into()).filter(char::is_ascii) {
                Some(c) => c.to_string(),
                None => format!("\\u{unit:04x}"),
            })
            .collect();
        let body = format!("{{\"message\":\"{escaped}\",\"status\":\"fail\"}}");
        let verdict = CLASSIFIER.classify(&body, Place::Other, None);
        if !said.text.contains('…') {
            wrong.extend(said.complaint(&body, &verdict));
        }
    }
    none(&wrong);
}

#[test]
fn nobody_is_stopped_by_what_a_person_wrote() {
    for said in Sentence::all() {
        for place in [Place::Bio, Place::Caption, Place::Comment, Place::Username, Place::Button] {
            let class = CLASSIFIER.classify(&said.text, place, Some(said.language)).class;
            assert_eq!(class, Class::Benign, "{place}: {}", said.text);
        }
    }
}

#[test]
fn every_language_has_every_class_and_a_sentence_for_each() {
    let profile = AppProfile::builtin();
    let held: BTreeSet<(&str, &str)> = profile.messages().map(|(c, l, _)| (l, c)).collect();
    let sentences = Sentence::all();
    for language in profile.languages() {
        for class in Class::ALL.iter().filter(|class| **class != Class::Unknown) {
            assert!(held.contains(&(language, class.as_str())), "{language} {class}");
            let said =
                sentences.iter().any(|s| s.language == language && s.means == class.as_str());
            assert!(said, "no sentence in {language} means {class}");
        }
    }
}

#[test]
fn no_phrase_of_a_language_is_silenced_by_another_meaning() {
    let profile = AppProfile::builtin();
    let mut wrong = Vec::new();
    for (class, language, phrase) in profile.messages() {
        // A bare word stands for what may vary.
        let text = phrase.replace('*', "xx");
        let verdict = CLASSIFIER.classify(&text, Place::Dialog, Some(language));
        if verdict.class.as_str() != class {
            wrong.push(format!("{language} {class}: {phrase:?} is {verdict:?}"));
        }
    }
    none(&wrong);
}
