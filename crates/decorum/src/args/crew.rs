//! Commands about tasks, the workers that drive them, and the phones they are driven on.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use decorum_core::{Action, Source, TaskKind, TaskStateName, Timestamp};

use super::parse;

#[derive(Debug, ClapArgs)]
pub(crate) struct Worker {
    /// What it is called, in the log and in alerts
    #[arg(long, default_value = "worker", value_name = "NAME")]
    pub(crate) name: String,
    /// How many tasks it drives at the same time
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=1000), value_name = "N")]
    pub(crate) slots: u16,
    /// Seconds between two pictures of a phone that a task runs on; 0: only when something ends
    /// strangely
    #[arg(long, env = "DECORUM_PHONE_PICTURES", default_value_t = 60, value_name = "SECONDS")]
    pub(crate) phone_pictures: u32,
    /// Where alerts are posted, as JSON
    #[arg(long, env = "DECORUM_WEBHOOK", hide_env_values = true, value_name = "URL")]
    pub(crate) webhook: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TaskAction {
    /// Put a task into the queue of its account
    Submit(Box<Submit>),
    /// Tasks, newest first
    List {
        /// Only of this account
        #[arg(long)]
        account: Option<String>,
        /// Only in these states: queued, running, paused, waiting, succeeded, failed, cancelled
        #[arg(long, value_delimiter = ',', value_parser = parse::<TaskStateName>, value_name = "STATE")]
        state: Vec<TaskStateName>,
        /// Only engage, or only crawl
        #[arg(long, value_parser = parse::<TaskKind>)]
        kind: Option<TaskKind>,
        /// At most so many
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=1000), value_name = "N")]
        limit: u16,
        /// One JSON document
        #[arg(long)]
        json: bool,
    },
    /// One task: state, progress, rate, time left
    Show(TaskWhich),
    /// Stop for now, after the engagement under way
    Pause(TaskWhich),
    /// Go on; one that waits is tried at once
    Resume(TaskWhich),
    /// Stop for good, after the engagement under way
    Cancel(TaskWhich),
    /// Another place in the queue of its account
    Move {
        /// The task
        id: String,
        /// Higher goes first
        #[arg(long, allow_hyphen_values = true, value_name = "N")]
        priority: Option<i16>,
        /// Right before this task of the same account
        #[arg(long, value_name = "ID")]
        before: Option<String>,
        /// Before all others of its account and priority
        #[arg(long, conflicts_with = "before")]
        first: bool,
        /// One JSON document
        #[arg(long)]
        json: bool,
    },
    /// The same once more, as a new task
    Clone {
        /// The task
        id: String,
        /// For this account instead
        #[arg(long)]
        account: Option<String>,
        /// One JSON document
        #[arg(long)]
        json: bool,
    },
    /// The people of a task: who was seen where and when, and what became of them
    Candidates {
        /// The task
        id: String,
        /// Only those who are still to be engaged
        #[arg(long)]
        open: bool,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct TaskWhich {
    /// The task
    pub(crate) id: String,
    /// One JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Submit {
    /// The acting account
    #[arg(long)]
    pub(crate) account: String,
    /// What to do: follow, like, comment, view; several with commas
    #[arg(long, required = true, value_delimiter = ',', value_parser = parse::<Action>)]
    pub(crate) action: Vec<Action>,
    /// A file with one username a line; - for standard input
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "source",
        conflicts_with = "source"
    )]
    pub(crate) targets: Option<PathBuf>,
    /// Where people are looked for: followers-of:USER, following-of:USER, likers-of:USER, hashtag:TAG
    #[arg(long, value_parser = source)]
    pub(crate) source: Option<Source>,
    /// At most so many people
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<u32>,
    /// A text for `comment`; several are used in turn
    #[arg(long = "comment", value_name = "TEXT")]
    pub(crate) texts: Vec<String>,
    /// A file with one text for `comment` a line
    #[arg(long, value_name = "FILE")]
    pub(crate) comments: Option<PathBuf>,
    /// Count a name that stands in the list twice once, instead of refusing the list
    #[arg(long)]
    pub(crate) skip_duplicates: bool,
    /// Read and decide, but never act
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Higher goes first, -32768 to 32767
    #[arg(long, default_value_t = 0, allow_hyphen_values = true, value_name = "N")]
    pub(crate) priority: i16,
    #[command(flatten)]
    pub(crate) filters: FilterArgs,
    #[command(flatten)]
    pub(crate) schedule: ScheduleArgs,
    /// What you call it
    #[arg(long, value_name = "TEXT")]
    pub(crate) name: Option<String>,
    /// Its id; the same id again is the same task [default: a new one]
    #[arg(long)]
    pub(crate) id: Option<String>,
    /// One JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Default, ClapArgs)]
#[command(next_help_heading = "Whom to leave out, by what their page shows")]
pub(crate) struct FilterArgs {
    /// Private accounts
    #[arg(long)]
    pub(crate) skip_private: bool,
    /// Whom the account follows already
    #[arg(long)]
    pub(crate) skip_following: bool,
    /// Who has fewer followers
    #[arg(long, value_name = "N")]
    pub(crate) min_followers: Option<u64>,
    /// Who has more followers
    #[arg(long, value_name = "N")]
    pub(crate) max_followers: Option<u64>,
    /// Whose bio has this in it; may be given several times
    #[arg(long = "bio-excludes", value_name = "WORDS")]
    pub(crate) bio_excludes: Vec<String>,
    /// Whose bio has none of these in it; may be given several times
    #[arg(long = "bio-includes", value_name = "WORDS")]
    pub(crate) bio_includes: Vec<String>,
}

#[derive(Debug, Default, ClapArgs)]
#[command(next_help_heading = "When")]
pub(crate) struct ScheduleArgs {
    /// Once, at this instant (RFC 3339)
    #[arg(long, value_parser = parse::<Timestamp>, group = "when", value_name = "TIME")]
    pub(crate) at: Option<Timestamp>,
    /// Every day at this time, such as 09:30
    #[arg(long, group = "when", requires = "time_zone", value_name = "HH:MM")]
    pub(crate) daily: Option<String>,
    /// Minute, hour, day of the month, month, weekday, such as "30 9 * * mon-fri"
    #[arg(long, group = "when", requires = "time_zone", value_name = "EXPR")]
    pub(crate) cron: Option<String>,
    /// Where `--daily` and `--cron` are meant, such as Europe/Berlin
    #[arg(long, value_name = "ZONE")]
    pub(crate) time_zone: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Crawl {
    /// The account that looks
    #[arg(long)]
    pub(crate) account: String,
    /// Where: followers-of:USER, following-of:USER, likers-of:USER, hashtag:TAG
    #[arg(long, value_parser = source)]
    pub(crate) source: Source,
    /// At most so many people
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<u32>,
    /// Higher goes first, -32768 to 32767
    #[arg(long, default_value_t = 0, allow_hyphen_values = true, value_name = "N")]
    pub(crate) priority: i16,
    #[command(flatten)]
    pub(crate) schedule: ScheduleArgs,
    /// What you call it
    #[arg(long, value_name = "TEXT")]
    pub(crate) name: Option<String>,
    /// Its id; the same id again is the same task [default: a new one]
    #[arg(long)]
    pub(crate) id: Option<String>,
    /// One JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DeviceAction {
    /// Put a phone into the registry, or change its entry
    Add(DeviceAdd),
    /// Every phone, its accounts and its state
    List {
        /// One JSON document
        #[arg(long)]
        json: bool,
    },
    /// Take a phone out of the registry
    Remove {
        /// The phone
        id: String,
    },
    /// Ask phones whether they answer, now; exit code 7 if one does not
    Check {
        /// The phone [default: all]
        id: Option<String>,
        /// One JSON document
        #[arg(long)]
        json: bool,
    },
    /// Let workers use the phone again
    Enable {
        /// The phone
        id: String,
    },
    /// Take the phone out of use; a task on it ends its engagement first
    Disable {
        /// The phone
        id: String,
    },
    /// Try every rung up to the app, on a phone that no worker uses; exit code 7 if one breaks
    Test {
        /// The phone
        id: String,
        /// One JSON document
        #[arg(long)]
        json: bool,
    },
    /// Take a screenshot of a phone that no worker uses, and print where it is
    Screenshot {
        /// The phone
        id: String,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DeviceAdd {
    /// An Appium server or a WebDriverAgent, such as <http://127.0.0.1:8100>
    pub(crate) url: String,
    /// An account that is logged in on it; several with commas
    #[arg(long = "account", value_delimiter = ',', required = true, value_name = "ACCOUNT")]
    pub(crate) accounts: Vec<String>,
    /// Which phone, where an Appium server has several
    #[arg(long)]
    pub(crate) udid: Option<String>,
    /// A JSON object of capabilities, merged into the session request
    #[arg(long, value_name = "FILE.json")]
    pub(crate) capabilities: Option<PathBuf>,
    /// One JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AlertsAction {
    /// What is to be seen to, newest first
    List {
        /// Also what was closed
        #[arg(long)]
        all: bool,
        /// One JSON document
        #[arg(long)]
        json: bool,
    },
    /// Say that something was seen to
    Close {
        /// The alert
        id: String,
    },
}

/// `followers-of:anna` and the like.
fn source(text: &str) -> Result<Source, String> {
    let (kind, name) = text.split_once(':').unwrap_or((text, ""));
    let person = || name.parse().map_err(|e: decorum_core::NameError| e.to_string());
    match kind {
        "followers-of" => Ok(Source::FollowersOf(person()?)),
        "following-of" => Ok(Source::FollowingOf(person()?)),
        "likers-of" => Ok(Source::LikersOf(person()?)),
        "hashtag" => Ok(Source::Hashtag(parse(name)?)),
        _ => Err("write followers-of:USER, following-of:USER, likers-of:USER or hashtag:TAG; a \
                  list of names is given with --targets"
            .to_owned()),
    }
}
