//! The data export that Instagram makes for its users ("Download your information"), in JSON.
//!
//! It is a folder, mostly in a zip, and where its files lie in it has changed over the years;
//! what they are called has hardly, so they are known by their names. Texts are written as
//! Latin-1 that stands for the bytes of UTF-8; usernames are ASCII, and of other texts nothing
//! is taken.

mod entry;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use decorum_core::outcome::reason;
use decorum_core::{AccountId, Action, Metadata, Outcome, Skip};

use crate::sink::{DONE, Found, Halt, InFile, Sink};
use crate::source::{ReadSeek, Source};
use crate::{Followers, ImportError, LeftOut, json};
use entry::Entry;

/// What a list is about. In this order they are read, so that of somebody who is on several
/// what we did comes before what they did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum List {
    Following,
    /// Asked to be let follow, and not answered yet, or a short time ago.
    Requested,
    /// Followed once, and unfollowed at the time that is given: the follow was not later.
    Unfollowed,
    Liked,
    Commented,
    Followers,
}

impl List {
    /// The list in a file with this name.
    fn of(file: &str) -> Option<Self> {
        let stem = base(file).strip_suffix(".json")?;
        // Long lists are cut into `followers_1.json`, `followers_2.json`, …
        let name = stem.trim_end_matches(|c: char| c.is_ascii_digit());
        let name = name.strip_suffix('_').filter(|_| name.len() < stem.len()).unwrap_or(stem);
        Some(match name {
            "following" => Self::Following,
            "pending_follow_requests" | "recent_follow_requests" => Self::Requested,
            "recently_unfollowed_accounts" | "recently_unfollowed_profiles" => Self::Unfollowed,
            "liked_posts" => Self::Liked,
            "post_comments" | "reels_comments" => Self::Commented,
            "followers" => Self::Followers,
            _ => return None,
        })
    }

    /// What its entries are called if they are not the whole document.
    const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Following => &["relationships_following"],
            Self::Requested => {
                &["relationships_follow_requests_sent", "relationships_permanent_follow_requests"]
            }
            Self::Unfollowed => &["relationships_unfollowed_users"],
            Self::Liked => &["likes_media_likes"],
            Self::Commented => &["comments_media_comments", "comments_reels_comments"],
            Self::Followers => &["relationships_followers"],
        }
    }

    const fn action(self) -> Action {
        match self {
            Self::Liked => Action::Like,
            Self::Commented => Action::Comment,
            Self::Following | Self::Requested | Self::Unfollowed | Self::Followers => {
                Action::Follow
            }
        }
    }
}

fn base(file: &str) -> &str {
    file.rsplit(['/', '\\']).next().unwrap_or_default()
}

fn is_personal(file: &str) -> bool {
    base(file) == "personal_information.json"
}

fn has_extension(file: &str, extension: &str) -> bool {
    Path::new(base(file)).extension().is_some_and(|found| found == extension)
}

fn is_page(file: &str) -> bool {
    has_extension(file, "html")
}

fn wanted(file: &str) -> bool {
    List::of(file).is_some() || is_personal(file) || is_page(file)
}

pub(crate) fn read_path(path: &Path, sink: &mut Sink<'_>) -> Result<(), Halt> {
    let name = path.display().to_string();
    if path.is_file() && has_extension(&name, "json") {
        let file = File::open(path).map_err(|e| ImportError::unreadable(path, e))?;
        return one_list(&name, file, sink);
    }
    read_source(&name, Source::open(path, &wanted)?, sink)
}

/// Reads one of the lists, or a zip with them.
pub(crate) fn read_bytes(
    name: &str,
    bytes: impl ReadSeek + 'static,
    sink: &mut Sink<'_>,
) -> Result<(), Halt> {
    if has_extension(name, "json") {
        return one_list(name, bytes, sink);
    }
    read_source(name, Source::zip(name, Box::new(bytes), &wanted)?, sink)
}

fn one_list(name: &str, bytes: impl Read, sink: &mut Sink<'_>) -> Result<(), Halt> {
    let Some(list) = List::of(name) else {
        let problem = "is none of the lists of an export (following.json, followers_1.json, \
                       liked_posts.json, post_comments_1.json); give the zip or its folder";
        return Err(ImportError::unexpected(name, problem).into());
    };
    let account = sink.account(name, None)?;
    read_list(list, &InFile::new(name), bytes, u64::MAX, &account, sink)
}

fn read_source(name: &str, mut source: Source, sink: &mut Sink<'_>) -> Result<(), Halt> {
    let files = source.files();
    let mut lists: Vec<(List, String)> =
        files.iter().filter_map(|file| Some((List::of(file)?, file.clone()))).collect();
    lists.sort();
    if lists.is_empty() {
        let problem = if files.iter().any(|file| is_page(file)) {
            "is an export in HTML; request it again, and choose JSON as the format"
        } else {
            "has none of the lists of an export (following.json, followers_1.json, \
             liked_posts.json, post_comments_1.json); give the zip as it was downloaded, or the \
             folder that was unpacked from it"
        };
        return Err(source.nothing(name, problem).into());
    }
    source.tell_closed(name, sink)?;
    let personal: Vec<String> = files.iter().filter(|file| is_personal(file)).cloned().collect();
    let mut named = None;
    for file in &personal {
        let in_file = InFile::new(&format!("{name}: {file}"));
        let max = source.whole_max();
        let found = source.read(file, |bytes| whose(&in_file, bytes, max))?;
        named = named.or(found);
    }
    let account = sink.account(name, named)?;
    for (list, file) in lists {
        let in_file = InFile::new(&format!("{name}: {file}"));
        let max = source.whole_max();
        source.read(&file, |bytes| read_list(list, &in_file, bytes, max, &account, sink))?;
    }
    Ok(())
}

/// Whose export it is, if it says so in a language we know.
fn whose(file: &InFile, bytes: &mut dyn Read, max: u64) -> Result<Option<AccountId>, Halt> {
    let mut name = None;
    json::list(file, bytes, max, &["profile_user"], &mut |spot, entry: Entry| {
        if let Some(text) = entry.mapped("Username") {
            let account = text.parse::<AccountId>();
            let account =
                account.map_err(|e| ImportError::damaged(file.at(spot), e.to_string()))?;
            name = name.take().or(Some(account));
        }
        Ok(())
    })?;
    Ok(name)
}

fn read_list(
    list: List,
    file: &InFile,
    bytes: impl Read,
    max: u64,
    account: &AccountId,
    sink: &mut Sink<'_>,
) -> Result<(), Halt> {
    json::list(file, bytes, max, list.names(), &mut |spot, entry: Entry| {
        let place = file.at(spot);
        if list == List::Followers && sink.options.followers == Followers::Leave {
            return sink.left_out(LeftOut::FollowsUs, place);
        }
        let (outcome, reason) = match list {
            List::Followers => (Outcome::Skipped(Skip::AlreadyDone), Some(reason::FOLLOWS_YOU)),
            _ => (DONE, None),
        };
        for (names, happened_at) in entry.people(list) {
            let found = Found {
                account_id: account.clone(),
                names: &names,
                action: list.action(),
                outcome,
                reason,
                happened_at: happened_at.map(Into::into),
                metadata: Metadata::default(),
            };
            sink.found(found, place.clone())?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_names_wherever_they_lie() {
        for (file, list) in [
            ("connections/followers_and_following/following.json", Some(List::Following)),
            ("instagram-me-2026/followers_and_following/followers_1.json", Some(List::Followers)),
            ("followers_12.json", Some(List::Followers)),
            ("followers.json", Some(List::Followers)),
            ("likes/liked_posts.json", Some(List::Liked)),
            ("a\\b\\post_comments_1.json", Some(List::Commented)),
            ("comments/reels_comments.json", Some(List::Commented)),
            ("pending_follow_requests.json", Some(List::Requested)),
            ("recently_unfollowed_profiles.json", Some(List::Unfollowed)),
            ("following_hashtags.json", None),
            ("liked_comments.json", None),
            ("followers_1.html", None),
            ("._following.json", None),
            ("following1.json", None),
            ("1.json", None),
        ] {
            assert_eq!(List::of(file), list, "{file}");
        }
    }
}
