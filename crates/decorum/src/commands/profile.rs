//! `decorum profile check`: which identifiers of the app profile a saved page has, so that a person
//! can repair a profile after an update of the app.

use std::path::Path;

use decorum_device::Screen;
use decorum_device::screen::{Match, Sieve};
use serde_json::json;

use crate::args::Common;
use crate::console::{print, print_json};
use crate::exit::{self, Code, Failure};
use crate::place;

pub(crate) fn check(common: &Common, file: &Path, as_json: bool) -> Result<Code, Failure> {
    let profile = place::profile(common)?;
    let source = place::read_text(file, "page source")?;
    let unreadable = |e: decorum_device::ScreenError| Failure::usage(e.to_string());
    let sieve = Sieve::read(&source, &profile).map_err(unreadable)?;
    let page = Screen::read(&source, &profile).map_err(unreadable)?.page.name();
    if as_json {
        let all = json!({ "page": page, "lists": sieve.lists, "unknown": sieve.unknown });
        print_json(&all)?;
        return Ok(exit::DONE);
    }
    print(format!("read as: {page}"))?;
    print("\nidentifiers of the profile")?;
    for list in &sieve.lists {
        match list.found.as_slice() {
            [] if list.tried.is_empty() => {
                print(format!("  none  {:<22} the profile has none", list.key))?;
            }
            [] => print(format!("  -     {:<22} not here: {}", list.key, list.tried.join(", ")))?,
            found => {
                for found in found {
                    print(format!("  ok    {:<22} {}", list.key, told(found)))?;
                }
            }
        }
    }
    if !sieve.unknown.is_empty() {
        print("\non the page, and not in the profile")?;
        for unknown in &sieve.unknown {
            print(format!("        {}", told(unknown)))?;
        }
    }
    Ok(exit::DONE)
}

fn told(found: &Match) -> String {
    let Match { id, elements, element_type, says } = found;
    let times = if *elements > 1 { format!(" ({elements} times)") } else { String::new() };
    let says = if says.is_empty() { String::new() } else { format!(" \"{says}\"") };
    format!("{id}: {element_type}{says}{times}")
}
