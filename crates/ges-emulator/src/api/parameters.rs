//! Reads the parameters of a query.

use crate::api::route::decoded;
use std::borrow::Cow;

/// The parameters of a query in their order, decoded. The value is `None` if it is not percent-encoded UTF-8; such a name
/// stays as it is.
pub(crate) fn parameters(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Option<Cow<'_, str>>)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(pair);
    pairs.map(|(name, value)| (decoded(name).unwrap_or(Cow::Borrowed(name)), decoded(value)))
}

/// Names and values as the query has them; a parameter without `=` has an empty value.
pub(crate) fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').map(pair)
}

fn pair(text: &str) -> (&str, &str) {
    text.split_once('=').unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded_in_their_order() {
        let found: Vec<_> = parameters("a=1&b&&c%20d=%C3%A9=&%zz=%zz&a=").collect();
        let expected = [("a", Some("1")), ("b", Some("")), ("c d", Some("é=")), ("%zz", None), ("a", Some(""))];
        assert_eq!(found, expected.map(|(name, value)| (Cow::Borrowed(name), value.map(Cow::Borrowed))));
        assert_eq!(parameters("").count(), 0);
    }
}
