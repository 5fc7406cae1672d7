//! Where things lie: the data directory, the store, the app profile, the first settings.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use decorum_core::{AccountId, Settings};
use decorum_device::{AppProfile, WebDriverOptions};
use decorum_engine::clock::{Clock, SystemClock, Watch};
use decorum_engine::guard::Guard;
use decorum_engine::machine::Machine;
use decorum_engine::process;
use decorum_engine::run::Kit;
use decorum_store::{Store, sqlite_path};

use crate::args::Common;
use crate::exit::Failure;

/// Whether a command writes to the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Write,
    Read,
}

/// The data directory: as given, or `decorum` in the user's.
pub(crate) fn data_dir(common: &Common) -> Result<PathBuf, Failure> {
    if let Some(dir) = &common.data_dir {
        return Ok(dir.clone());
    }
    let from = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    from("XDG_DATA_HOME")
        .or_else(|| from("HOME").map(|home| home.join(".local/share")))
        .map(|base| base.join("decorum"))
        .ok_or_else(|| {
            Failure::usage("there is no home directory; say where data goes with --data-dir DIR")
        })
}

/// Where pictures and page sources are kept for a person to look at.
pub(crate) fn evidence_dir(common: &Common) -> Result<PathBuf, Failure> {
    Ok(data_dir(common)?.join("evidence"))
}

/// The store's address: as given, or `decorum.db` in the data directory.
pub(crate) fn store_address(common: &Common) -> Result<String, Failure> {
    match &common.store {
        Some(address) => Ok(address.clone()),
        None => Ok(format!("sqlite:{}", data_dir(common)?.join("decorum.db").display())),
    }
}

/// Opens the store, making it and its directory if they are not there.
pub(crate) async fn open_store(common: &Common, access: Access) -> Result<Arc<dyn Store>, Failure> {
    let address = store_address(common)?;
    let path = sqlite_path(&address)?;
    // Nothing is there to be read yet: an empty store answers as well as a full one.
    let access = if path.as_ref().is_some_and(|p| !p.exists()) { Access::Write } else { access };
    if access == Access::Write
        && let Some(dir) = path.as_deref().and_then(Path::parent)
    {
        fs::create_dir_all(dir).map_err(|e| {
            Failure::new(
                crate::exit::UNREACHABLE,
                format!("the directory {} cannot be made: {e}; choose another with --store or --data-dir", dir.display()),
            )
        })?;
    }
    Ok(match access {
        Access::Write => decorum_store::open_store(&address).await?,
        Access::Read => decorum_store::open_store_read_only(&address).await?,
    })
}

/// Whether there is a store to be read already, as far as can be told without asking a server.
pub(crate) fn store_is_there(common: &Common) -> Result<bool, Failure> {
    Ok(sqlite_path(&store_address(common)?)?.is_none_or(|path| path.exists()))
}

/// The settings until somebody stores any: the defaults, changed by the environment.
pub(crate) fn first_settings() -> Result<Settings, Failure> {
    Settings::from_environment(|name| std::env::var(name).ok())
        .map_err(|e| Failure::usage(e.to_string()))
}

/// The guard of this process.
pub(crate) async fn guard(common: &Common, access: Access) -> Result<Guard, Failure> {
    let first = first_settings()?;
    let store = open_store(common, access).await?;
    let machine = machine(common, store.as_ref()).await?;
    Ok(Guard::new(store, machine, process::this_process("run"), first))
}

/// This machine, as far as this store is concerned.
pub(crate) async fn machine(common: &Common, store: &dyn Store) -> Result<Machine, Failure> {
    Ok(Machine::this(&data_dir(common)?, &store.identity().await?.place))
}

/// Refuses to go on by a clock that was set.
pub(crate) async fn clock_is_right(common: &Common, store: &dyn Store) -> Result<(), Failure> {
    let machine = machine(common, store).await?;
    match Watch::new(machine.clock, machine.anchor).trouble() {
        None => Ok(()),
        Some(trouble) => Err(Failure::new(crate::exit::PERSON_NEEDED, trouble.to_string())),
    }
}

/// The app profile: the built-in one, with the operator's laid over it.
pub(crate) fn profile(common: &Common) -> Result<AppProfile, Failure> {
    let Some(path) = &common.profile else { return Ok(AppProfile::builtin()) };
    let text = read_text(path, "app profile")?;
    AppProfile::from_toml(&text).map_err(|e| Failure::usage(format!("{}: {e}", path.display())))
}

/// What an automator needs.
pub(crate) fn kit(common: &Common) -> Result<Kit, Failure> {
    Kit::of(profile(common)?).map_err(|e| Failure::usage(format!("the app profile: {e}")))
}

/// The options for a phone: capabilities from a JSON file, if one is given.
pub(crate) fn device_options(
    profile: &AppProfile,
    capabilities: Option<&Path>,
) -> Result<WebDriverOptions, Failure> {
    let mut options = WebDriverOptions::for_profile(profile);
    if let Some(path) = capabilities {
        let text = read_text(path, "capabilities file")?;
        options.capabilities = serde_json::from_str(&text).map_err(|e| {
            Failure::usage(format!("{} is not a JSON object of capabilities: {e}", path.display()))
        })?;
    }
    Ok(options)
}

/// A text file that a person named.
pub(crate) fn read_text(path: &Path, what: &str) -> Result<String, Failure> {
    let bytes = fs::read(path).map_err(|e| {
        Failure::usage(format!("the {what} {} cannot be read: {e}", path.display()))
    })?;
    String::from_utf8(bytes).map_err(|_| {
        Failure::usage(format!("the {what} {} is not a text file (UTF-8)", path.display()))
    })
}

/// An account name that a person typed.
pub(crate) fn account(name: &str) -> Result<AccountId, Failure> {
    name.parse().map_err(|e: decorum_core::NameError| Failure::usage(e.to_string()))
}

/// The wall clock.
pub(crate) fn now() -> decorum_core::Timestamp {
    SystemClock.now()
}

/// Who changes settings and accounts by this command line, for the admin log.
pub(crate) fn who() -> String {
    let user = std::env::var("SUDO_USER").or_else(|_| std::env::var("USER"));
    format!("cli:{}", user.unwrap_or_else(|_| "unknown".to_owned()))
}
