//! The few screens the model phone shows, as the page source would have them, and what on them can
//! be tapped.

use decorum_core::Username;
use decorum_device::Locator;

/// Something on a screen that can be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) value: String,
    /// What tapping it does.
    pub(crate) tap: Tap,
}

/// What a tap does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tap {
    Nothing,
    Follow,
    Like,
    OpenPost,
    OpenComments,
    Field,
    SendComment,
    OpenStory,
    LeaveStory,
    CloseDialog,
    OwnProfile,
    /// Shows the accounts that are logged in.
    OpenAccounts,
    /// Has the app act for the account of this number.
    SwitchTo(usize),
}

impl Part {
    fn new(kind: &'static str, name: &str, label: &str, tap: Tap) -> Self {
        let (name, label) = (name.to_owned(), label.to_owned());
        Self { kind, name, label, value: String::new(), tap }
    }

    /// Whether a locator means it. The engine asks only for what it has read, so every locator is
    /// one that can be made from a part.
    pub(crate) fn is_meant(&self, locator: &Locator) -> bool {
        let id = Locator::AccessibilityId(self.name.clone());
        let kind = format!("XCUIElementType{}", self.kind);
        (!self.name.is_empty() && *locator == id)
            || *locator == Locator::name_and_label(&self.name, &self.label)
            || *locator == Locator::type_and_label(&kind, &self.label)
    }

    fn xml(&self) -> String {
        let Self { kind, name, label, value, .. } = self;
        let said = format!("name=\"{name}\" label=\"{label}\" value=\"{value}\"");
        // A row says what it is by the text in it.
        let inside = if *kind == "Cell" { text(label) } else { String::new() };
        element(kind, &said, &inside)
    }
}

/// One screen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Screenful {
    bar: Option<String>,
    list: Option<&'static str>,
    pub(crate) parts: Vec<Part>,
    texts: Vec<String>,
    comments: Vec<(String, String)>,
    dialog: Option<(&'static str, Vec<Part>)>,
    /// A window over the page, with a row for each account that is logged in.
    sheet: Vec<Part>,
}

/// What is known of a person's page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shown {
    pub(crate) following: bool,
    pub(crate) private: bool,
    pub(crate) posts: u64,
    pub(crate) story: bool,
}

pub(crate) const RATE_LIMITED: &str =
    "Try again later. We limit how often you can do certain things on Instagram.";
pub(crate) const CHALLENGE: &str = "Help us confirm it's you";

impl Screenful {
    pub(crate) fn feed() -> Self {
        let mut home = Part::new("Button", "mainfeed-tab", "Home", Tap::Nothing);
        "1".clone_into(&mut home.value);
        let own = Part::new("Button", "profile-tab", "Profile", Tap::OwnProfile);
        let tray = Part::new("CollectionView", "stories-tray", "", Tap::Nothing);
        Self { parts: vec![tray, home, own], ..Self::default() }
    }

    pub(crate) fn own(name: &str) -> Self {
        let title = Part::new("Button", "user-switch-title-button", name, Tap::OpenAccounts);
        let followers =
            Part::new("Button", "user-detail-header-followers", "9 followers", Tap::Nothing);
        let edit = Part::new("Button", "profile-action-bar-button", "Edit profile", Tap::Nothing);
        Self { list: Some("profile"), parts: vec![title, followers, edit], ..Self::default() }
    }

    /// The same with the sheet of accounts over it, by number and name.
    pub(crate) fn with_accounts<'a>(
        mut self,
        accounts: impl Iterator<Item = (usize, &'a str)>,
    ) -> Self {
        let row = |(n, name)| Part::new("Cell", "", name, Tap::SwitchTo(n));
        self.sheet = accounts.map(row).collect();
        self
    }

    pub(crate) fn profile(name: &Username, shown: Shown) -> Self {
        let posts = format!("{} posts", shown.posts);
        let mut parts = vec![
            Part::new("Button", "user-detail-header-media-button", &posts, Tap::Nothing),
            Part::new("Button", "user-detail-header-followers", "84 followers", Tap::Nothing),
        ];
        let label = match (shown.following, shown.private) {
            (true, true) => "Requested",
            (true, false) => "Following",
            (false, _) => "Follow",
        };
        parts.push(Part::new("Button", "user-detail-header-follow-button", label, Tap::Follow));
        let mut texts = Vec::new();
        if shown.private {
            texts.push("This account is private".to_owned());
        } else {
            if shown.story {
                parts.push(Part::new("Button", "story-ring", "Story", Tap::OpenStory));
            }
            if shown.posts > 0 {
                parts.push(Part::new("Cell", "media-thumbnail-cell", "Photo", Tap::OpenPost));
            }
        }
        Self {
            bar: Some(name.as_str().to_owned()),
            list: Some("profile"),
            parts,
            texts,
            ..Self::default()
        }
    }

    pub(crate) fn missing() -> Self {
        Self { texts: vec!["Sorry, this page isn't available".to_owned()], ..Self::default() }
    }

    pub(crate) fn challenge() -> Self {
        let next = Part::new("Button", "", "Continue", Tap::Nothing);
        Self { texts: vec![CHALLENGE.to_owned()], parts: vec![next], ..Self::default() }
    }

    pub(crate) fn post(author: &Username, liked: bool) -> Self {
        let like = if liked { "Liked" } else { "Like" };
        let parts = vec![
            Part::new("Button", "feed-item-header-user-button", author.as_str(), Tap::Nothing),
            Part::new("Button", "like-button", like, Tap::Like),
            Part::new("Button", "comment-button", "Comment", Tap::OpenComments),
        ];
        Self { parts, ..Self::default() }
    }

    pub(crate) fn comments(comments: &[(String, String)], draft: Option<&str>) -> Self {
        let mut field = Part::new("TextView", "text-view", "", Tap::Field);
        draft.unwrap_or("Add a comment").clone_into(&mut field.value);
        let mut parts = vec![field];
        if draft.is_some() {
            parts.push(Part::new("Button", "send-button", "Post comment", Tap::SendComment));
        }
        Self { parts, comments: comments.to_vec(), ..Self::default() }
    }

    pub(crate) fn story(author: &Username) -> Self {
        let parts = vec![
            Part::new("Button", "story-author-button", author.as_str(), Tap::Nothing),
            Part::new("Button", "story-dismiss-button", "Close", Tap::LeaveStory),
        ];
        Self { parts, ..Self::default() }
    }

    /// The same with a dialog over it.
    pub(crate) fn with_dialog(mut self, text: &'static str) -> Self {
        self.dialog = Some((text, vec![Part::new("Button", "", "OK", Tap::CloseDialog)]));
        self
    }

    /// The part a locator means.
    pub(crate) fn find(&self, locator: &Locator) -> Option<&Part> {
        self.all().find(|part| part.is_meant(locator))
    }

    /// Everything that can be found.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Part> {
        let dialog = self.dialog.iter().flat_map(|(_, buttons)| buttons);
        dialog.chain(&self.sheet).chain(&self.parts)
    }

    /// Whether a dialog lies over it.
    pub(crate) fn is_covered(&self, part: &Part) -> bool {
        self.dialog.as_ref().is_some_and(|(_, buttons)| !buttons.contains(part))
    }

    pub(crate) fn xml(&self) -> String {
        let mut page = String::new();
        if let Some(bar) = &self.bar {
            page.push_str(&element("NavigationBar", &format!("name=\"{bar}\""), ""));
        }
        let mut inside: String = self.parts.iter().map(Part::xml).collect();
        inside.extend(self.texts.iter().map(|words| text(words)));
        inside.extend(self.comments.iter().map(|(who, what)| {
            let said = text(who) + &text(what);
            element("Cell", "", &said)
        }));
        match self.list {
            Some(list) => {
                page.push_str(&element("CollectionView", &format!("name=\"{list}\""), &inside));
            }
            None => page.push_str(&inside),
        }
        if let Some((words, buttons)) = &self.dialog {
            let buttons: String = buttons.iter().map(Part::xml).collect();
            page.push_str(&element("Alert", "", &(text(words) + &buttons)));
        }
        let mut window = element("Window", "", &page);
        if !self.sheet.is_empty() {
            let rows: String = self.sheet.iter().map(Part::xml).collect();
            window.push_str(&element("Window", "", &rows));
        }
        element("Application", "name=\"Instagram\" label=\"Instagram\"", &window)
    }
}

fn element(kind: &str, attributes: &str, inside: &str) -> String {
    let tag = format!("XCUIElementType{kind}");
    format!("<{tag} type=\"{tag}\" {attributes} enabled=\"true\" visible=\"true\">{inside}</{tag}>")
}

fn text(words: &str) -> String {
    let said = format!("name=\"{words}\" label=\"{words}\" value=\"{words}\"");
    element("StaticText", &said, "")
}
