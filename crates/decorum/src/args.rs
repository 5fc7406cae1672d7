//! What can be typed.

mod crew;
mod maintenance;
mod server;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use decorum_core::{Action, ErrorClass, Status, Timestamp};
use decorum_import::{Kind, Zone};
use decorum_sheet::Format;
use decorum_store::Cursor;

pub(crate) use crew::{
    AlertsAction, Crawl, DeviceAction, DeviceAdd, ScheduleArgs, Submit, TaskAction, TaskWhich,
    Worker,
};
pub(crate) use maintenance::{Cleanup, Metrics, TargetAction};
pub(crate) use server::{Serve, TokenAction};

/// Restrained and accountable phone automation: never the same person twice, stop when told to,
/// and proof of what was done.
#[derive(Debug, Parser)]
#[command(name = "decorum", version, about, after_help = EXIT_CODES, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    done (people refused by dedup are not a failure)
  1    failed: some engagements could not be done
  2    wrong input or usage; nothing was changed
  3    check: some no
  4    audit verify, cleanup: the log is broken
  5    the account rests, or another worker holds it
  6    a person is needed
  7    store or phone not reachable
  130  interrupted; run again to go on
  141  nobody read the result to its end

Environment:
  DECORUM_STORE, DECORUM_DATA_DIR, DECORUM_PROFILE, DECORUM_DEVICE, DECORUM_LISTEN, DECORUM_LOG,
  DECORUM_WEBHOOK
  REENGAGEMENT_DAYS_DEFAULT, RATE_LIMIT_STEPS, COOLDOWN_AFTER_CONSECUTIVE, COOLDOWN_MINUTES:
  first values of the settings, until somebody changes them";

#[derive(Debug, ClapArgs)]
pub(crate) struct Common {
    /// Where to remember: sqlite:PATH or <mongodb://HOST/DATABASE> [default: sqlite:decorum.db in the data directory]
    #[arg(long, global = true, env = "DECORUM_STORE", value_name = "ADDRESS")]
    pub(crate) store: Option<String>,
    /// Where files go [default: decorum in the user's data directory]
    #[arg(long, global = true, env = "DECORUM_DATA_DIR", value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// An app profile (TOML) laid over the built-in one
    #[arg(long, global = true, env = "DECORUM_PROFILE", value_name = "FILE")]
    pub(crate) profile: Option<PathBuf>,
    /// What to log to standard error: error, warn, info, debug, or a filter
    #[arg(long, global = true, env = "DECORUM_LOG", value_name = "FILTER", hide = true)]
    pub(crate) log: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Engage a list of people, each once, through a phone
    Run(Run),
    /// Drive the tasks of the queue on the phones of the registry, until asked to stop
    Worker(Worker),
    /// What accounts are to do: submit, look at, stop, go on, put in order
    Task {
        #[command(subcommand)]
        action: TaskAction,
    },
    /// Look for people and put them on a list, for a person to look at; engages nobody
    Crawl(Crawl),
    /// The phones that workers use
    Device {
        #[command(subcommand)]
        action: DeviceAction,
    },
    /// What a person has to see to
    Alerts {
        #[command(subcommand)]
        action: AlertsAction,
    },
    /// Show it all on simulated phones
    Demo(Demo),
    /// May these people be engaged now? Exit code 0: all yes, 3: some no
    Check(Check),
    /// Read or change the settings
    Settings {
        #[command(subcommand)]
        action: SettingsAction,
    },
    /// The state of the accounts
    Account {
        #[command(subcommand)]
        action: AccountAction,
    },
    /// What does the app say? JSON lines {"text","where","locale"} in, {"label",…} out
    Classify,
    /// What Decorum sees on a screen
    Screen(Screen),
    /// The app profile: how the app looks
    Profile {
        #[command(subcommand)]
        action: ProfileAction,
    },
    /// Write the log out
    Export(Export),
    /// Put on record whom an account engaged before, as other programs remember it
    Import(Import),
    /// Prove that the log is whole
    Audit {
        #[command(subcommand)]
        action: AuditAction,
    },
    /// Totals, success rate, latencies, and counts by day or hour
    Metrics(Metrics),
    /// Never contact these people
    Suppress(Suppress),
    /// What is known about a person
    Target {
        #[command(subcommand)]
        action: TargetAction,
    },
    /// Remove what decides nothing any more, and events past retention
    Cleanup(Cleanup),
    /// Move to another store
    Store {
        #[command(subcommand)]
        action: StoreAction,
    },
    /// The HTTP API, for scripts, for a dashboard, for automators in any language
    Serve(Serve),
    /// Who may ask over the network
    Token {
        #[command(subcommand)]
        action: TokenAction,
    },
    /// The simulated phone alone
    Sim(Sim),
    /// Check configuration, store, clock and phone, and say what to do
    Doctor(Doctor),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Phone {
    /// An Appium server or a WebDriverAgent, such as <http://127.0.0.1:8100>
    #[arg(long, env = "DECORUM_DEVICE", value_name = "URL")]
    pub(crate) device: Option<String>,
    /// A JSON object of capabilities, merged into the session request
    #[arg(long, value_name = "FILE.json")]
    pub(crate) capabilities: Option<PathBuf>,
}

#[expect(
    clippy::struct_excessive_bools,
    clippy::struct_field_names,
    reason = "the fields are the flags of the command line"
)]
#[derive(Debug, ClapArgs)]
pub(crate) struct Run {
    /// The acting account
    #[arg(long)]
    pub(crate) account: String,
    /// What to do: follow, like, comment, view; several with commas
    #[arg(long, required = true, value_delimiter = ',', value_parser = parse::<Action>)]
    pub(crate) action: Vec<Action>,
    /// A file with one username a line; - for standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) targets: PathBuf,
    #[command(flatten)]
    pub(crate) phone: Phone,
    /// A text for `comment`; several are used in turn
    #[arg(long = "comment", value_name = "TEXT")]
    pub(crate) texts: Vec<String>,
    /// A file with one text for `comment` a line
    #[arg(long, value_name = "FILE")]
    pub(crate) comments: Option<PathBuf>,
    /// Count a name that stands in the list twice once, instead of refusing the list
    #[arg(long)]
    pub(crate) skip_duplicates: bool,
    /// End when the account must rest, instead of waiting
    #[arg(long)]
    pub(crate) no_wait: bool,
    /// Read and decide, but never act
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Print one JSON document at the end
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Demo {
    /// End after the summary, instead of keeping the phones up to be looked at
    #[arg(long)]
    pub(crate) once: bool,
    /// How many people each account engages
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u32).range(4..=2000), value_name = "N")]
    pub(crate) targets: u32,
    /// What the apps on the phones speak: en, de, es, fr, ja or pt; one in English and one in Spanish
    /// if it is not given
    #[arg(long, value_parser = ["en", "de", "es", "fr", "ja", "pt"], value_name = "CODE")]
    pub(crate) language: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Check {
    /// The acting account
    pub(crate) account: String,
    /// follow, like, comment or view
    #[arg(value_parser = parse::<Action>)]
    pub(crate) action: Action,
    /// Usernames; - reads them from standard input
    #[arg(required = true)]
    pub(crate) users: Vec<String>,
    /// One JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SettingsAction {
    /// Print the settings, or one of them, as JSON
    Get {
        /// Such as `cooldown_minutes` or `budgets.follow.hour`
        name: Option<String>,
    },
    /// Change settings, all of them or none
    Set {
        /// Such as `cooldown_minutes=60` or `budgets.follow.hour=null`
        #[arg(required = true, value_name = "NAME=JSON")]
        changes: Vec<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum AccountAction {
    /// Every account, its state and its use of the budgets
    List {
        /// One JSON document
        #[arg(long)]
        json: bool,
    },
    /// Stop an account until it is cleared
    Halt {
        /// The account
        account: String,
        /// Why
        #[arg(long)]
        note: String,
    },
    /// Make an account active again, after a person has looked
    Clear {
        /// The account
        account: String,
        /// What was seen or done
        #[arg(long)]
        note: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProfileAction {
    /// Which identifiers of the profile a saved page source has, and which it has besides
    Check {
        /// A saved page source (XML)
        file: PathBuf,
        /// One JSON document
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Screen {
    /// A saved page source (XML)
    #[arg(conflicts_with = "device", required_unless_present = "device")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) phone: Phone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Order {
    Newest,
    Oldest,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Export {
    /// How to write: csv, json or jsonl
    #[arg(long, value_parser = parse::<Format>)]
    pub(crate) format: Format,
    /// To this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Go on in the file of -o after its last whole event, instead of writing it anew
    #[arg(long, requires = "output", conflicts_with = "after")]
    pub(crate) resume: bool,
    /// Only what comes after this place, as an export said at its end
    #[arg(long, value_name = "CURSOR", value_parser = parse::<Cursor>)]
    pub(crate) after: Option<Cursor>,
    /// Only of this account
    #[arg(long, alias = "account")]
    pub(crate) account_id: Option<String>,
    /// Only about this person
    #[arg(long, alias = "target")]
    pub(crate) target_username: Option<String>,
    /// Only of this action
    #[arg(long, value_parser = parse::<Action>)]
    pub(crate) action: Option<Action>,
    /// Only with this status
    #[arg(long, value_parser = parse::<Status>)]
    pub(crate) status: Option<Status>,
    /// Only with this kind of trouble
    #[arg(long, value_parser = parse::<ErrorClass>)]
    pub(crate) error_class: Option<ErrorClass>,
    /// Only of this task
    #[arg(long, alias = "task")]
    pub(crate) task_id: Option<String>,
    /// Only on this phone
    #[arg(long, alias = "device")]
    pub(crate) device_id: Option<String>,
    /// Only from this instant on (RFC 3339)
    #[arg(long, value_parser = parse::<Timestamp>)]
    pub(crate) from: Option<Timestamp>,
    /// Only before this instant (RFC 3339)
    #[arg(long, value_parser = parse::<Timestamp>)]
    pub(crate) to: Option<Timestamp>,
    /// Which first
    #[arg(long, value_enum, default_value = "oldest")]
    pub(crate) order: Order,
}

/// What is done with followers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Followers {
    /// They count as engaged: whoever came by themselves is left alone
    Engaged,
    /// They are left out
    Leave,
}

impl From<Followers> for decorum_import::Followers {
    fn from(followers: Followers) -> Self {
        match followers {
            Followers::Engaged => Self::Engaged,
            Followers::Leave => Self::Leave,
        }
    }
}

#[expect(clippy::struct_excessive_bools, reason = "the fields are the flags of the command line")]
#[derive(Debug, ClapArgs)]
pub(crate) struct Import {
    /// csv, instagram-export, gramaddict or instapy
    #[arg(value_parser = parse::<Kind>)]
    pub(crate) kind: Kind,
    /// The file; for instagram-export, gramaddict and instapy also the folder
    pub(crate) file: PathBuf,
    /// The acting account, where the file does not name it; where it does, only this one
    #[arg(long)]
    pub(crate) account: Option<String>,
    /// What was done, for a CSV that does not say
    #[arg(long, value_parser = parse::<Action>)]
    pub(crate) action: Option<Action>,
    /// What is done with the followers in an Instagram export
    #[arg(long, value_enum, default_value = "engaged")]
    pub(crate) followers: Followers,
    /// Where times without an offset were written, such as Europe/Berlin [default: the machine's]
    #[arg(long, value_name = "ZONE", value_parser = parse::<Zone>)]
    pub(crate) time_zone: Option<Zone>,
    /// Leave out entries that cannot be true, instead of refusing the file
    #[arg(long)]
    pub(crate) skip_bad: bool,
    /// Only look
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
    /// Print one JSON document at the end
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditAction {
    /// Follow every chain from its first event; exit code 4 and the event if one is broken
    Verify {
        /// Only this account's
        #[arg(long)]
        account: Option<String>,
        /// One JSON document
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum StoreAction {
    /// Copy everything into an empty store, compare both, and go on where an earlier copy broke off
    Copy {
        /// Which store: sqlite:PATH or <mongodb://HOST/DATABASE>
        from: String,
        /// Into which
        to: String,
        /// One JSON document
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Suppress {
    /// Usernames; - reads them from standard input
    #[arg(required = true)]
    pub(crate) users: Vec<String>,
    /// Why
    #[arg(long)]
    pub(crate) note: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Sim {
    /// Where to listen; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:8100", value_name = "A")]
    pub(crate) listen: SocketAddr,
    /// What the phone is like (TOML); without it, calm
    #[arg(long, value_name = "FILE")]
    pub(crate) scenario: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Doctor {
    #[command(flatten)]
    pub(crate) phone: Phone,
    /// Say that this machine's clock is right as it is, after it was set
    #[arg(long)]
    pub(crate) confirm_clock: bool,
    /// One JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

fn parse<T>(text: &str) -> Result<T, String>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|e: T::Err| e.to_string())
}
