//! How are secrets kept, so that nothing of them is left in memory once they are dropped?

use bytes::Bytes;
use http::HeaderValue;
use zeroize::Zeroizing;

/// A header with a secret: not printed, shared by all that carry it, and overwritten when the last of them is gone.
/// `None` if a header cannot carry it.
///
/// What the HTTP client writes to the network passes through its own buffers, which are out of our hands.
pub(crate) fn header(secret: &[u8]) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_maybe_shared(bytes(Zeroizing::new(secret.to_vec()))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The same for a body.
pub(crate) fn bytes(secret: Zeroizing<Vec<u8>>) -> Bytes {
    struct Owner(Zeroizing<Vec<u8>>);

    impl AsRef<[u8]> for Owner {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }

    Bytes::from_owner(Owner(secret))
}
