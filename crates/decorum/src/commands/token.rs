//! `decorum token`: who may ask over the network.

use decorum_core::Role;
use decorum_engine::entropy::{Entropy, SystemEntropy};
use decorum_server::token;
use decorum_store::{TOKEN_NAME_MAX, Token};
use serde_json::json;

use crate::args::{Common, TokenAction};
use crate::console::{instant, print, print_json, say};
use crate::exit::{self, Code, Failure};
use crate::place::{self, Access};

pub(crate) async fn token(common: &Common, action: TokenAction) -> Result<Code, Failure> {
    match action {
        TokenAction::Create { role, name } => create(common, role, name).await,
        TokenAction::List { json } => list(common, json).await,
        TokenAction::Revoke { name } => {
            let store = place::open_store(common, Access::Write).await?;
            let did = store.revoke_token(&name, &place::who(), place::now()).await?;
            store.close().await?;
            say(&if did {
                format!("the token {name} opens nothing any more")
            } else {
                format!("the token {name} was revoked before")
            });
            Ok(exit::DONE)
        }
    }
}

async fn create(common: &Common, role: Role, name: Option<String>) -> Result<Code, Failure> {
    let now = place::now();
    let drawn = || {
        let entropy: &dyn Entropy = &SystemEntropy;
        let id = entropy.name(now);
        format!("{role}-{}", id.rsplit('-').next().unwrap_or_default())
    };
    let name = name.map_or_else(|| Ok(drawn()), checked)?;
    let (secret, hash) = token::draw()
        .map_err(|e| Failure::new(exit::FAILED, format!("there are no random numbers: {e}")))?;
    let store = place::open_store(common, Access::Write).await?;
    let new = Token {
        name,
        role,
        hash,
        created_at: now,
        created_by: place::who(),
        last_used_at: None,
        revoked_at: None,
    };
    store.add_token(&new).await?;
    store.close().await?;
    print(&secret)?;
    let name = new.name;
    say(&format!("the token of {name}, a {role}; it is not kept and cannot be shown again"));
    Ok(exit::DONE)
}

fn checked(name: String) -> Result<String, Failure> {
    let possible = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if name.is_empty() || name.len() > TOKEN_NAME_MAX || !name.chars().all(possible) {
        return Err(Failure::usage(format!(
            "a token's name has 1 to {TOKEN_NAME_MAX} letters, digits, `.`, `_` and `-`"
        )));
    }
    Ok(name)
}

async fn list(common: &Common, as_json: bool) -> Result<Code, Failure> {
    let store = place::open_store(common, Access::Read).await?;
    let tokens = store.tokens().await?;
    if as_json {
        print_json(&json!({ "items": tokens }))?;
        return Ok(exit::DONE);
    }
    if tokens.is_empty() {
        say("there is no token yet");
    }
    for Token { name, role, last_used_at, revoked_at, .. } in &tokens {
        let state = match (revoked_at, last_used_at) {
            (Some(at), _) => format!("revoked {}", instant(*at)),
            (None, Some(at)) => format!("last used {}", instant(*at)),
            (None, None) => "never used".to_owned(),
        };
        print(format!("{name:<32} {role:<9} {state}"))?;
    }
    Ok(exit::DONE)
}
