//! A token's secret: 256 random bits, written so that it is recognized where it does not belong.

use decorum_core::Digest;
use sha2::{Digest as _, Sha256};

/// How every token begins. Tools that look for leaked secrets can look for it.
pub const PREFIX: &str = "decorum_";

/// A new token, and what is kept of it.
///
/// # Errors
/// When the system has no random numbers.
pub fn draw() -> Result<(String, Digest), getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    let secret = format!("{PREFIX}{}", Digest::from_bytes(bytes));
    let hash = hash(&secret);
    Ok((secret, hash))
}

/// What is kept of a token.
pub fn hash(secret: &str) -> Digest {
    Digest::from_bytes(Sha256::digest(secret.as_bytes()).into())
}

/// Compares without telling by the time it takes where the first difference is.
pub(crate) fn is_same(a: &[u8], b: &[u8]) -> bool {
    let differences = a.iter().zip(b).fold(0, |sum, (a, b)| sum | (a ^ b));
    a.len() == b.len() && std::hint::black_box(differences) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_256_random_bits_and_is_never_drawn_twice() {
        let (one, kept) = draw().expect("random numbers");
        let (two, _) = draw().expect("random numbers");
        assert_ne!(one, two);
        assert_eq!(one.len(), PREFIX.len() + 64);
        assert_eq!(hash(&one), kept);
        assert!(!kept.to_string().contains(&one[PREFIX.len()..]));
    }

    #[test]
    fn only_the_same_bytes_are_the_same() {
        assert!(is_same(b"abc", b"abc") && is_same(b"", b""));
        for (a, b) in [("abc", "abd"), ("abc", "ab"), ("ab", "abc"), ("", "a")] {
            assert!(!is_same(a.as_bytes(), b.as_bytes()), "{a} {b}");
        }
    }
}
