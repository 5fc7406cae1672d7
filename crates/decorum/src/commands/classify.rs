//! `decorum classify`: JSON lines in, verdicts out, in the same order.

use std::io::BufRead;

use decorum_core::classify::Place;
use serde::Deserialize;
use serde_json::json;

use crate::args::Common;
use crate::console::{print, print_json};
use crate::exit::{self, Code, Failure};
use crate::place::{self, Access};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    text: String,
    #[serde(default, rename = "where")]
    place: Option<String>,
    #[serde(default)]
    locale: Option<String>,
}

pub(crate) async fn classify(common: &Common) -> Result<Code, Failure> {
    let lexicon = place::kit(common)?.classifier;
    if place::store_is_there(common)? {
        let rules = place::guard(common, Access::Read).await?.settings().await?.message_rules;
        lexicon.learn(&rules).map_err(|e| Failure::usage(format!("message_rules: {e}")))?;
    }
    let classifier = lexicon.classifier();
    let mut code = exit::DONE;
    for (i, line) in std::io::stdin().lock().lines().enumerate() {
        let line = line.map_err(|e| {
            Failure::usage(format!("line {} cannot be read: {e}; JSON lines are UTF-8", i + 1))
        })?;
        if line.trim().is_empty() {
            continue;
        }
        let verdict =
            serde_json::from_str::<Asked>(&line).map_err(|e| e.to_string()).and_then(|asked| {
                let place = match asked.place.as_deref() {
                    None | Some("") => Place::Other,
                    Some(word) => {
                        word.parse().map_err(|e: decorum_core::WordError| e.to_string())?
                    }
                };
                Ok(classifier.classify(&asked.text, place, asked.locale.as_deref()))
            });
        match verdict {
            Ok(verdict) => print_json(&verdict)?,
            // Each line in has its line out, so that a caller can pair them up.
            Err(error) => {
                code = exit::USAGE;
                print(json!({ "label": null, "error": format!("line {}: {error}", i + 1) }))?;
            }
        }
    }
    Ok(code)
}
