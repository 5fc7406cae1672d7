//! What others do instead, doing the same piece of work: Redis, a JSON file, the common design of a
//! service. What is not there on this machine is said to be missing.

mod common;
mod file;
mod redis;

use crate::book::Section;
use crate::engagement::Failed;
use crate::scale::Scale;

pub(crate) fn measure(scale: &Scale) -> Result<Vec<Section>, Failed> {
    Ok(vec![common::measure(scale)?, redis::measure(scale)?, file::measure(scale)?])
}
