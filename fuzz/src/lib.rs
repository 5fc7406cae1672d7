//! What the fuzzer tries: one function for each reader of text that others wrote.
//!
//! None of them may panic, whatever the text; and what a reader lets through keeps the promise
//! that the function checks. The functions are run by `make fuzz`, guided by coverage, and over
//! `seeds/` and `kept/` by the ordinary tests, so that they never fall behind the code.

mod api;
mod disk;
mod task;

use std::io::Cursor;
use std::ops::ControlFlow;
use std::sync::LazyLock;

use decorum_core::settings::ENVIRONMENT;
use decorum_core::{Action, Change, Settings, Timestamp, Username};
use decorum_device::{AppProfile, Screen};
use decorum_import::{Followers, ImportError, Item, Kind, Options, Zone, read_bytes};
use decorum_sheet::Format;
use decorum_sheet::resume::Written;
use decorum_sim::Scenario;

pub use api::{api_body, cursor};
pub use disk::{clock_anchor, import_database, spool};
pub use task::{schedule, task_record, task_spec};

type Each<'e> = dyn FnMut(Item) -> ControlFlow<()> + 'e;

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

/// Each line is what one of the variables holds. Settings that are accepted so are valid.
///
/// # Panics
///
/// When they are not, or when a refusal names no variable.
pub fn settings_environment(text: &str) {
    let lines: Vec<&str> = text.lines().collect();
    let lookup = |name: &str| {
        let nth = ENVIRONMENT.iter().position(|(variable, _)| *variable == name)?;
        lines.get(nth).map(|line| (*line).to_owned())
    };
    match Settings::from_environment(lookup) {
        Ok(settings) => assert_eq!(Settings::from_json(&settings.to_json()), Ok(settings)),
        Err(error) => assert!(ENVIRONMENT.iter().any(|(name, _)| *name == error.field), "{error}"),
    }
}

/// Each line is a change as `decorum settings set` takes it. Settings after accepted changes are
/// valid, and hold what the change says when it is made again.
///
/// # Panics
///
/// When they are not, or do not.
pub fn settings_change(text: &str) {
    let mut settings = Settings::default();
    for line in text.lines() {
        let Ok(Change { name, value }) = line.parse() else { continue };
        let _ = settings.get(&name);
        let Ok(changed) = settings.with(&name, value.clone()) else { continue };
        assert_eq!(changed.with(&name, value).as_ref(), Ok(&changed), "it is not done once done");
        assert_eq!(Settings::from_json(&changed.to_json()).as_ref(), Ok(&changed));
        assert!(changed.get(&name).is_ok(), "{name} was set and is not there");
        settings = changed;
    }
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

fn import_options() -> Options {
    Options {
        account: "studio.nord".parse().ok(),
        action: Some(Action::Follow),
        followers: Followers::Engaged,
        zone: "UTC".parse().unwrap_or_else(|_| Zone::of_this_machine()),
        now: Timestamp::from_millis(1_780_315_200_000),
    }
}

/// What a file of another program holds is the same each time it is read, and nothing of it is
/// yet to come. `read` hands over each item.
fn import(read: impl Fn(&Options, &mut Each<'_>) -> Result<(), ImportError>) {
    let options = import_options();
    let all = || {
        let mut items = Vec::new();
        let ended = read(&options, &mut |item| {
            items.push(item);
            ControlFlow::Continue(())
        });
        (items, ended.map_err(|e| e.to_string()))
    };
    let first = all();
    assert!(first == all(), "it is read differently");
    let end_of_today = options.now.plus(std::time::Duration::from_hours(24));
    for item in first.0 {
        if let Item::Engagement(engagement) = item {
            assert!(engagement.happened_at.is_none_or(|at| at < end_of_today), "{engagement:?}");
            assert_ne!(engagement.target_username.as_str(), engagement.account_id.as_str());
        }
    }
}

fn import_bytes(kind: Kind, name: &str, bytes: &[u8]) {
    import(|options, each| read_bytes(kind, name, bytes, options, each));
}

/// A table.
///
/// # Panics
///
/// When what was read is impossible, as for all imports.
pub fn import_csv(bytes: &[u8]) {
    import_bytes(Kind::Csv, "people.csv", bytes);
}

/// A list of an Instagram export: each of them, for the shapes have much in common.
///
/// # Panics
///
/// As for [`import_csv`].
pub fn import_instagram(bytes: &[u8]) {
    for name in ["following.json", "followers_1.json", "liked_posts.json", "post_comments_1.json"] {
        import_bytes(Kind::InstagramExport, name, bytes);
    }
}

/// An Instagram export as a zip.
///
/// # Panics
///
/// As for [`import_csv`].
pub fn import_zip(bytes: &[u8]) {
    import_bytes(Kind::InstagramExport, "export.zip", bytes);
}

/// An `interacted_users.json`.
///
/// # Panics
///
/// As for [`import_csv`].
pub fn import_gramaddict(bytes: &[u8]) {
    import_bytes(Kind::Gramaddict, "interacted_users.json", bytes);
}

/// A pool of `InstaPy`.
///
/// # Panics
///
/// As for [`import_csv`].
pub fn import_pool(bytes: &[u8]) {
    import_bytes(Kind::Instapy, "studio.nord_followedPool.csv", bytes);
}

/// A file that an export is to go on in: what is kept of it is in it, and is kept again.
///
/// # Panics
///
/// When it is not.
pub fn export_resume(bytes: &[u8]) {
    for format in [Format::Csv, Format::Json, Format::Jsonl] {
        let Ok(written) = Written::read(Cursor::new(bytes), format) else { continue };
        let kept = usize::try_from(written.keep).ok().and_then(|keep| bytes.get(..keep));
        let kept = kept.expect("no more is kept than there is");
        let again = Written::read(Cursor::new(kept), format).expect("it was taken before");
        assert_eq!(again, written, "{format:?}");
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    /// Runs a target over its seeds, which must not be missing, and over what is kept of the
    /// inputs that fuzzing found.
    fn over_the_bytes_of(name: &str, target: impl Fn(&[u8])) {
        let fuzz = Path::new(env!("CARGO_MANIFEST_DIR"));
        let files = |folder: &str| fs::read_dir(fuzz.join(folder).join(name)).into_iter().flatten();
        assert!(files("seeds").count() > 0, "{name} has no seed");
        for entry in files("seeds").chain(files("kept")) {
            target(&fs::read(entry.unwrap().path()).unwrap());
        }
    }

    /// The same for a target that takes text; what is no text, the fuzzer does not hand to it.
    fn over_the_seeds_of(name: &str, target: fn(&str)) {
        over_the_bytes_of(name, |bytes| std::str::from_utf8(bytes).map_or((), target));
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

    #[test]
    fn every_seed_of_import_csv_is_read() {
        over_the_bytes_of("import_csv", super::import_csv);
    }

    #[test]
    fn every_seed_of_import_instagram_is_read() {
        over_the_bytes_of("import_instagram", super::import_instagram);
    }

    #[test]
    fn every_seed_of_import_zip_is_read() {
        over_the_bytes_of("import_zip", super::import_zip);
    }

    #[test]
    fn every_seed_of_import_gramaddict_is_read() {
        over_the_bytes_of("import_gramaddict", super::import_gramaddict);
    }

    #[test]
    fn every_seed_of_import_pool_is_read() {
        over_the_bytes_of("import_pool", super::import_pool);
    }

    #[test]
    fn every_seed_of_export_resume_is_read() {
        over_the_bytes_of("export_resume", super::export_resume);
    }

    #[test]
    fn every_seed_of_settings_environment_is_read() {
        over_the_seeds_of("settings_environment", super::settings_environment);
    }

    #[test]
    fn every_seed_of_settings_change_is_read() {
        over_the_seeds_of("settings_change", super::settings_change);
    }

    #[test]
    fn every_seed_of_import_database_is_read() {
        over_the_bytes_of("import_database", super::import_database);
    }

    #[test]
    fn every_seed_of_spool_is_read() {
        over_the_bytes_of("spool", super::spool);
    }

    #[test]
    fn every_seed_of_clock_anchor_is_read() {
        over_the_bytes_of("clock_anchor", super::clock_anchor);
    }

    #[test]
    fn every_seed_of_an_api_body_is_read() {
        over_the_bytes_of("api_body", super::api_body);
    }

    #[test]
    fn every_seed_of_a_task_spec_is_read() {
        over_the_seeds_of("task_spec", super::task_spec);
    }

    #[test]
    fn every_seed_of_a_schedule_is_read() {
        over_the_seeds_of("schedule", super::schedule);
    }

    #[test]
    fn every_seed_of_a_cursor_is_read() {
        over_the_seeds_of("cursor", super::cursor);
    }

    #[test]
    fn every_seed_of_a_task_record_is_read() {
        over_the_seeds_of("task_record", super::task_record);
    }
}
