//! An engagement: what it costs on the phone, and apart from it.

mod overhead;
mod timed;
mod trips;

use crate::book::Section;
use crate::engagement::Failed;
use crate::scale::Scale;

pub(crate) fn measure(scale: &Scale) -> Result<Vec<Section>, Failed> {
    Ok(vec![trips::measure(scale)?, overhead::measure(scale)?])
}
