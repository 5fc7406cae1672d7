//! `GramAddict`: `accounts/NAME/interacted_users.json`, an object of people, each with what was
//! done last, and when by the clock on the wall. Since one of its versions a person has a list
//! of that, an entry for each of its own sources.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use decorum_core::{AccountId, Action, Metadata};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::sink::{DONE, Found, Halt, InFile, Sink};
use crate::time::local_time;
use crate::{ImportError, LeftOut, Place, Spot, json};

const FILE: &str = "interacted_users.json";

/// What is remembered of a person: one entry, or a list of them.
struct Person(Vec<Interaction>);

impl<'de> Deserialize<'de> for Person {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct EitherWay;

        impl<'de> Visitor<'de> for EitherWay {
            type Value = Person;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("what was done to a person, or a list of that")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Person, A::Error> {
                let one = Deserialize::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Person(vec![one]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Person, A::Error> {
                Deserialize::deserialize(SeqAccessDeserializer::new(seq)).map(Person)
            }
        }

        json.deserialize_any(EitherWay)
    }
}

/// What was done. Counts are sums over all times.
#[derive(Deserialize)]
struct Interaction {
    #[serde(rename = "last_interaction")]
    at: Option<String>,
    following_status: Option<String>,
    followed: Option<bool>,
    is_requested: Option<bool>,
    unfollowed: Option<bool>,
    liked: Option<i64>,
    watched: Option<i64>,
    commented: Option<i64>,
}

impl Interaction {
    /// An unfollow proves a follow. When that was is not known, but not later.
    fn was_followed(&self) -> bool {
        let flag = |flag: Option<bool>| flag == Some(true);
        let status = self.following_status.as_deref().unwrap_or_default().to_lowercase();
        flag(self.followed)
            || flag(self.is_requested)
            || flag(self.unfollowed)
            || matches!(status.as_str(), "followed" | "requested" | "unfollowed")
    }

    fn actions(&self) -> impl Iterator<Item = Action> {
        let some = |count: Option<i64>| count.is_some_and(|n| n > 0);
        [
            (self.was_followed(), Action::Follow),
            (some(self.liked), Action::Like),
            (some(self.commented), Action::Comment),
            (some(self.watched), Action::View),
        ]
        .into_iter()
        .filter_map(|(done, action)| done.then_some(action))
    }
}

pub(crate) fn read_path(path: &Path, sink: &mut Sink<'_>) -> Result<(), Halt> {
    let is_folder = path.is_dir();
    let file: PathBuf = if is_folder { path.join(FILE) } else { path.to_owned() };
    if is_folder && !file.is_file() {
        let problem = format!("has no {FILE}; give the folder of the account, accounts/NAME");
        return Err(ImportError::unexpected(path.display().to_string(), problem).into());
    }
    let open = File::open(&file).map_err(|e| ImportError::unreadable(&file, e))?;
    let named = folder_account(&file, is_folder, sink.options.account.is_some());
    read(&file.display().to_string(), open, named, sink)
}

/// The account that the folder of the file is called by. A folder within `accounts` is of that
/// account and no other. A file from there may be asked to count for another one (`given`), and a
/// folder from elsewhere may be called anything.
fn folder_account(file: &Path, is_folder: bool, given: bool) -> Option<AccountId> {
    let file = file.canonicalize().ok()?;
    let folder = file.parent()?;
    let within_accounts = folder.parent()?.file_name()? == "accounts";
    let name = folder.file_name()?.to_str()?;
    let says = match (is_folder, within_accounts) {
        (true, true) => true,
        (true, false) | (false, true) => !given,
        (false, false) => false,
    };
    if says { name.parse().ok() } else { None }
}

/// Reads an `interacted_users.json` of the account that its folder is called by, if that says
/// anything.
pub(crate) fn read(
    name: &str,
    bytes: impl Read,
    folder: Option<AccountId>,
    sink: &mut Sink<'_>,
) -> Result<(), Halt> {
    let account = sink.account(name, folder)?;
    let file = InFile::new(name);
    json::object(&file, bytes, u64::MAX, &mut |spot, person: Person| {
        let Spot::Key(username) = &spot else { return Ok(()) };
        let username = username.clone();
        let place = file.at(spot);
        let Person(interactions) = person;
        if interactions.iter().all(|interaction| interaction.actions().next().is_none()) {
            return sink.left_out(LeftOut::NotDone, place);
        }
        for interaction in interactions {
            engaged(&account, &username, &interaction, &place, sink)?;
        }
        Ok(())
    })
}

fn engaged(
    account: &AccountId,
    username: &str,
    interaction: &Interaction,
    place: &Place,
    sink: &mut Sink<'_>,
) -> Result<(), Halt> {
    let text = interaction.at.as_deref();
    let happened_at = text.and_then(|text| local_time(text, &sink.options.zone)).map(Into::into);
    if let (Some(text), None) = (text, happened_at) {
        let shown: String = text.chars().take(60).collect();
        return sink.bad(format!("`{shown}` is not a time"), place.clone());
    }
    for action in interaction.actions() {
        let found = Found {
            account_id: account.clone(),
            names: &[username],
            action,
            outcome: DONE,
            reason: None,
            happened_at,
            metadata: Metadata::default(),
        };
        if sink.found(found, place.clone())?.is_none() {
            // Once is enough to say what is wrong with a name or a time.
            break;
        }
    }
    Ok(())
}
