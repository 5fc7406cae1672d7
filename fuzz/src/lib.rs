//! What the fuzzer tries: one function for each reader of text that others wrote.
//!
//! None of them may panic, whatever the text; and what a reader lets through keeps the promise
//! that the function checks. The functions are run by `make fuzz`, guided by coverage, and over
//! the seeds in `seeds/` by the ordinary tests, so that they never fall behind the code.

use std::sync::LazyLock;

use decorum_core::{Settings, Username};
use decorum_device::{AppProfile, Screen};
use decorum_sim::Scenario;

/// A name that is accepted is in the one normal form, and stays as it is when read again.
///
/// # Panics
///
/// When it is not.
pub fn username(text: &str) {
    let Ok(name) = text.parse::<Username>() else { return };
    let normal = name.as_str();
    assert!((1..=30).contains(&normal.len()), "{normal:?} is too short or too long");
    assert!(
        normal.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_')),
        "{normal:?} has a letter that no username has"
    );
    assert_eq!(normal.parse().as_ref(), Ok(&name), "reading the normal form changed it");
}

/// Settings that are accepted are the same after a way through their document.
///
/// # Panics
///
/// When they are not.
pub fn settings(text: &str) {
    let Ok(document) = serde_json::from_str(text) else { return };
    let Ok(settings) = Settings::from_json(&document) else { return };
    assert_eq!(Settings::from_json(&settings.to_json()).as_ref(), Ok(&settings));
}

/// A page source is understood or refused, and always in the same way.
///
/// # Panics
///
/// When two readings differ.
pub fn screen(source_xml: &str) {
    static PROFILE: LazyLock<AppProfile> = LazyLock::new(AppProfile::builtin);
    let first = Screen::read(source_xml, &PROFILE);
    assert_eq!(first, Screen::read(source_xml, &PROFILE));
}

/// A profile that is accepted can be asked everything.
pub fn profile(overlay: &str) {
    let Ok(profile) = AppProfile::from_toml(overlay) else { return };
    let _ = (profile.bundle_id(), profile.app_name(), profile.timings());
    let _ = (profile.user_link("ines.keramik"), profile.tag_link("keramik"));
    let _ = (profile.languages().count(), profile.messages().count());
}

/// A scenario that is accepted also passes the check for scenarios that are built in code.
///
/// # Panics
///
/// When it does not.
pub fn scenario(text: &str) {
    let Ok(scenario) = Scenario::from_toml(text) else { return };
    assert!(scenario.check().is_ok(), "accepted from a file, refused from code");
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    /// Runs a target over its seeds, which must not be missing.
    fn over_the_seeds_of(name: &str, target: fn(&str)) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(name);
        let mut seeds = 0;
        for entry in fs::read_dir(&folder).unwrap() {
            target(&fs::read_to_string(entry.unwrap().path()).unwrap());
            seeds += 1;
        }
        assert!(seeds > 0, "{} has no seed", folder.display());
    }

    #[test]
    fn every_seed_of_a_username_is_read() {
        over_the_seeds_of("username", super::username);
    }

    #[test]
    fn every_seed_of_the_settings_is_read() {
        over_the_seeds_of("settings", super::settings);
    }

    #[test]
    fn every_seed_of_a_screen_is_read() {
        over_the_seeds_of("screen", super::screen);
    }

    #[test]
    fn every_seed_of_a_profile_is_read() {
        over_the_seeds_of("profile", super::profile);
    }

    #[test]
    fn every_seed_of_a_scenario_is_read() {
        over_the_seeds_of("scenario", super::scenario);
    }
}
