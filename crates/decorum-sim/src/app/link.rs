//! Links that open the app.

use super::{App, PostId, Running, Screen};
use crate::effects::Effects;
use crate::error::{Code, Failure, fail};
use crate::scenario::username;

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Link {
    Feed,
    Profile(String),
    Post(PostId),
    Story(String),
    Tag(String),
    /// Not ours: the browser opens.
    Elsewhere,
}

impl App {
    /// Opens a link, starting the app when needed.
    pub(crate) fn open_link(
        &mut self,
        url: &str,
        effects: &mut Effects,
        now: i64,
    ) -> Result<(), Failure> {
        let link =
            parse(url).ok_or_else(|| fail(Code::InvalidArgument, format!("`{url}` is no URL")))?;
        if link == Link::Elsewhere {
            self.go_behind();
            return Ok(());
        }
        if self.running == Running::No {
            self.activate(now);
        }
        self.running = Running::Front;
        if !self.usable() {
            return Ok(());
        }
        match link {
            Link::Feed => self.open_root(Screen::Feed, now),
            Link::Profile(user) => self.push(Screen::Profile(user), now),
            Link::Post(post) => self.push(Screen::Post(post), now),
            Link::Tag(tag) => self.push(Screen::Tag(tag), now),
            Link::Story(user) => self.watch(&user, effects, now)?,
            Link::Elsewhere => {}
        }
        Ok(())
    }
}

fn parse(url: &str) -> Option<Link> {
    let (scheme, rest) = url.trim().split_once(':')?;
    if scheme.is_empty() || !scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+') {
        return None;
    }
    let rest = rest.trim_start_matches('/');
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let path = path.split('#').next().unwrap_or_default();
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match scheme.to_ascii_lowercase().as_str() {
        "instagram" => Some(own_scheme(&parts, query)),
        "http" | "https" => Some(web(&parts)),
        _ => Some(Link::Elsewhere),
    }
}

fn own_scheme(parts: &[&str], query: &str) -> Link {
    let value = |key: &str| {
        query.split('&').find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            (name == key && !value.is_empty()).then(|| decode(value))
        })
    };
    let user = value("username").map(|name| username(&name));
    match (parts.first().copied().unwrap_or_default(), user) {
        ("user", Some(user)) => Link::Profile(user),
        ("story" | "stories", Some(user)) => Link::Story(user),
        ("media", _) => {
            value("id").as_deref().and_then(PostId::parse).map_or(Link::Feed, Link::Post)
        }
        ("tag", _) => value("name").map_or(Link::Feed, |tag| Link::Tag(tag.to_lowercase())),
        // The real app lands on the feed for anything it does not know.
        _ => Link::Feed,
    }
}

fn web(parts: &[&str]) -> Link {
    let host = parts.first().copied().unwrap_or_default().to_ascii_lowercase();
    if !matches!(host.as_str(), "instagram.com" | "www.instagram.com" | "m.instagram.com") {
        return Link::Elsewhere;
    }
    match parts.get(1..).unwrap_or_default() {
        ["explore", "tags", tag, ..] => Link::Tag(decode(tag).to_lowercase()),
        ["p" | "reel", id, ..] => PostId::parse(&decode(id)).map_or(Link::Feed, Link::Post),
        ["stories", user, ..] => Link::Story(username(&decode(user))),
        [] | ["explore", ..] => Link::Feed,
        [user, ..] => Link::Profile(username(&decode(user))),
    }
}

/// Undoes percent encoding; what is malformed stays as it is.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let code = (byte == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let Some(code) = code {
            out.push(code);
            at += 3;
        } else {
            out.push(if byte == b'+' { b' ' } else { byte });
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_where_they_say() {
        let cases = [
            ("instagram://user?username=Ada.Stone", Link::Profile("ada.stone".into())),
            ("https://www.instagram.com/ada.stone/", Link::Profile("ada.stone".into())),
            ("https://instagram.com/ada.stone?igsh=1", Link::Profile("ada.stone".into())),
            ("instagram://mainfeed", Link::Feed),
            ("instagram://media?id=3_ada.stone", Link::Post(PostId::new("ada.stone", 3))),
            ("https://www.instagram.com/p/0_ada/", Link::Post(PostId::new("ada", 0))),
            ("instagram://tag?name=Ceramics", Link::Tag("ceramics".into())),
            ("https://example.org/ada", Link::Elsewhere),
        ];
        for (url, link) in cases {
            assert_eq!(parse(url), Some(link), "{url}");
        }
        assert_eq!(parse("no url"), None);
    }
}
