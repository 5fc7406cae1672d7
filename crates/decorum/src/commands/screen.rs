//! `decorum screen`: what Decorum sees, so that a person can repair a profile in minutes.

use decorum_device::{Device, Screen};

use super::phone::Line;
use crate::args::{self, Common};
use crate::console::print;
use crate::exit::{self, Code, Failure};
use crate::place;

pub(crate) async fn screen(common: &Common, args: &args::Screen) -> Result<Code, Failure> {
    let profile = place::profile(common)?;
    let source = if let Some(path) = &args.file {
        place::read_text(path, "page source")?
    } else {
        let phone = Line::new(&args.phone, &profile)?.connect().await?;
        let living = phone.status().await?.session_id;
        phone.open_session(living.as_deref()).await?;
        let source = phone.source().await;
        // Only a session that was opened for this look is closed after it.
        if living.is_none() || phone.session_id() != living {
            phone.close_session().await?;
        }
        source?
    };
    let screen = Screen::read(&source, &profile).map_err(|e| Failure::usage(e.to_string()))?;
    print(screen)?;
    Ok(exit::DONE)
}
