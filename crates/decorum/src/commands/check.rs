//! `decorum check`: may these people be engaged now?

use std::path::Path;

use decorum_core::Username;
use serde_json::json;

use crate::args::{Check, Common};
use crate::console::{instant, print};
use crate::exit::{self, Code, Failure};
use crate::list::{self, Duplicates};
use crate::place::{self, Access};

pub(crate) async fn check(common: &Common, args: &Check) -> Result<Code, Failure> {
    let account = place::account(&args.account)?;
    let users = users(&args.users)?;
    let guard = place::guard(common, Access::Read).await?;
    let answers = guard.check(&account, args.action, &users).await?;
    let mut code = exit::DONE;
    for (user, answer) in users.iter().zip(answers) {
        let refusal = answer.err();
        if refusal.is_some() {
            code = exit::SOME_NO;
        }
        if args.json {
            print(json!({
                "target_username": user,
                "engage": refusal.is_none(),
                "reason": refusal.map(|r| r.reason),
                "retry_at": refusal.and_then(|r| r.retry_at),
            }))?;
        } else {
            match refusal {
                None => print(format!("yes {user}"))?,
                Some(no) => {
                    let until =
                        no.retry_at.map_or_else(String::new, |t| format!(" until {}", instant(t)));
                    print(format!("no  {user} {}{until}", no.reason))?;
                }
            }
        }
    }
    Ok(code)
}

/// Names from the command line, `-` standing for a list on standard input.
pub(crate) fn users(given: &[String]) -> Result<Vec<Username>, Failure> {
    let mut users = Vec::new();
    for name in given {
        if name == "-" {
            users.extend(list::read(Path::new("-"), Duplicates::Skip)?);
        } else {
            let name = name.parse();
            users.push(name.map_err(|e: decorum_core::NameError| Failure::usage(e.to_string()))?);
        }
    }
    Ok(users)
}
