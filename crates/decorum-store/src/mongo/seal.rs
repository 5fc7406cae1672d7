//! A checksum in every document that may change.
//!
//! The seal is the first eight bytes of a SHA-256 over the fields that stand before it: not a
//! defence against somebody who can compute it, but nothing changes unseen, be it by a failing
//! disk or by hand. What stands behind the seal belongs to the protocol of [`super::step`] and may
//! change without it. Events need no seal; they are chained.

use mongodb::bson::{Bson, Document};
use sha2::{Digest as _, Sha256};

use super::fault::{Fault, Outcome};

const SEAL: &str = "seal";

/// The document with its seal behind all its fields.
pub(super) fn sealed(mut document: Document) -> Outcome<Document> {
    let seal = checksum(&document)?;
    document.insert(SEAL, seal);
    Ok(document)
}

/// Whether the seal fits what stands before it.
pub(super) fn is_intact(document: &Document) -> Outcome<bool> {
    let before: Document = document
        .iter()
        .take_while(|(name, _)| *name != SEAL)
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    Ok(document.get(SEAL) == Some(&Bson::Int64(checksum(&before)?)))
}

fn checksum(document: &Document) -> Outcome<i64> {
    let bytes = document
        .to_vec()
        .map_err(|e| Fault::Damaged(format!("a document has no BSON form: {e}")))?;
    let digest: [u8; 32] = Sha256::digest(&bytes).into();
    Ok(digest.first_chunk().map_or(0, |eight| i64::from_be_bytes(*eight)))
}
