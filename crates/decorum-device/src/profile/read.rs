//! From TOML to a checked profile. Whatever is wrong is named by its dotted key.

use std::time::Duration;

use toml::{Table, Value};

use super::data::Data;
use super::fold::words;
use super::label::NAME;
use super::{Inside, ProfileError, Timings, vocabulary::Vocabulary};

/// The longest overlay, in bytes.
const OVERLAY_MAX: usize = 1024 * 1024;
/// The longest wait a profile may ask for.
const WAIT_MAX: Duration = Duration::from_mins(2);
/// The longest label, phrase or identifier, in bytes.
const TEXT_MAX: usize = 500;

/// Parses a document on its own.
pub(super) fn parse(text: &str) -> Result<Table, ProfileError> {
    if text.len() > OVERLAY_MAX {
        return Err(invalid(
            "(document)",
            format!("it has {} bytes; at most {OVERLAY_MAX} are possible", text.len()),
        ));
    }
    text.parse().map_err(|e: toml::de::Error| {
        let line = e.span().map(|span| {
            1 + text.get(..span.start).unwrap_or_default().bytes().filter(|b| *b == b'\n').count()
        });
        let place = line.map(|line| format!("line {line}: ")).unwrap_or_default();
        invalid("(document)", format!("{place}{}", e.message()))
    })
}

/// Lays one table over another: tables merge, everything else replaces.
pub(super) fn lay_over(base: &mut Table, overlay: Table) {
    for (key, value) in overlay {
        match (base.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => lay_over(below, above),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

/// Reads and checks a merged document.
pub(super) fn compile(table: Table) -> Result<Inside, ProfileError> {
    let data: Data = serde_path_to_error::deserialize(Value::Table(table)).map_err(|e| {
        let path = e.path().to_string();
        let detail = e.into_inner();
        let detail = detail.message();
        invalid(&key_of(&path, detail), detail)
    })?;
    check(&data)?;
    let vocabulary = Vocabulary::of(&data);
    check_meanings(&vocabulary)?;
    let ms = Duration::from_millis;
    let timings = Timings {
        settle: ms(data.timings.settle_ms),
        load_timeout: ms(data.timings.load_timeout_ms),
        poll: ms(data.timings.poll_ms),
        source_timeout: ms(data.timings.source_timeout_ms),
    };
    Ok(Inside { data, vocabulary, timings })
}

/// The path of an error, down to the key that nobody knows.
fn key_of(path: &str, detail: &str) -> String {
    let named = detail
        .split_once("unknown field `")
        .or_else(|| detail.split_once("missing field `"))
        .and_then(|(_, rest)| rest.split_once('`'))
        .map(|(name, _)| name);
    match (path, named) {
        (".", None) => "(document)".to_owned(),
        (".", Some(name)) => name.to_owned(),
        (path, Some(name)) if path != name && !path.ends_with(&format!(".{name}")) => {
            format!("{path}.{name}")
        }
        (path, _) => path.to_owned(),
    }
}

fn check(data: &Data) -> Result<(), ProfileError> {
    for (key, text) in [("app.name", &data.app.name), ("app.bundle_id", &data.app.bundle_id)] {
        if text.trim().is_empty() {
            return Err(invalid(key, "it is empty"));
        }
    }
    for (key, link, gap) in
        [("links.user", &data.links.user, NAME), ("links.tag", &data.links.tag, "{tag}")]
    {
        if !link.contains(gap) {
            return Err(invalid(key, format!("it needs `{gap}` where the name belongs")));
        }
    }
    check_timings(data)?;
    let identifiers =
        data.identifiers.lists().map(|(key, list)| (format!("identifiers.{key}"), list));
    for (key, list) in identifiers {
        check_list(&key, list, |id| !id.trim().is_empty())?;
    }
    for (language, texts) in &data.texts {
        check_language("texts", language)?;
        for (key, list) in texts.lists() {
            let usable = |text: &str| {
                text.contains(NAME) && !words(&text.replace(NAME, "")).is_empty()
                    || !text.contains(NAME) && !words(text).is_empty()
            };
            check_list(&format!("texts.{language}.{key}"), list, usable)?;
        }
    }
    for (language, messages) in &data.messages {
        check_language("messages", language)?;
        for (key, list) in messages.lists() {
            check_list(&format!("messages.{language}.{key}"), list, |text| {
                !words(text).is_empty()
            })?;
        }
    }
    Ok(())
}

fn check_timings(data: &Data) -> Result<(), ProfileError> {
    let timings = &data.timings;
    for (key, value, least) in [
        ("settle_ms", timings.settle_ms, 0),
        ("load_timeout_ms", timings.load_timeout_ms, 1),
        ("poll_ms", timings.poll_ms, 1),
        ("source_timeout_ms", timings.source_timeout_ms, 1),
    ] {
        if value < least || Duration::from_millis(value) > WAIT_MAX {
            let most = WAIT_MAX.as_millis();
            return Err(invalid(
                &format!("timings.{key}"),
                format!("{value} is out of range; {least} to {most} milliseconds are possible"),
            ));
        }
    }
    Ok(())
}

fn check_list(
    key: &str,
    list: &[String],
    usable: impl Fn(&str) -> bool,
) -> Result<(), ProfileError> {
    match list.iter().find(|text| text.len() > TEXT_MAX || !usable(text)) {
        None => Ok(()),
        Some(text) => {
            let short: String = text.chars().take(40).collect();
            Err(invalid(
                key,
                format!("`{short}` has nothing in it to look for, or more than {TEXT_MAX} bytes"),
            ))
        }
    }
}

fn check_language(section: &str, language: &str) -> Result<(), ProfileError> {
    let fits = (2..=16).contains(&language.len())
        && language.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if fits {
        Ok(())
    } else {
        let short: String = language.chars().take(40).collect();
        Err(invalid(
            &format!("{section}.{short}"),
            "it is no language code such as `en` or `pt-BR`",
        ))
    }
}

/// A label that meant two things would make a tap a guess.
fn check_meanings(vocabulary: &Vocabulary) -> Result<(), ProfileError> {
    let v = vocabulary;
    for (key, one, other_key, other) in [
        ("follow", &v.follow, "following", &v.following),
        ("follow", &v.follow, "requested", &v.requested),
        ("following", &v.following, "requested", &v.requested),
        ("like", &v.like, "liked", &v.liked),
    ] {
        if let Some(label) = one.shared_with(other) {
            return Err(invalid(
                &format!("texts.*.{key}"),
                format!("`{label}` is also in `{other_key}`; one label cannot mean both"),
            ));
        }
    }
    Ok(())
}

fn invalid(key: &str, detail: impl Into<String>) -> ProfileError {
    ProfileError::Invalid { key: key.to_owned(), detail: detail.into() }
}
