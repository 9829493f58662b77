//! Suggests the known word that a misspelt one was probably meant to be.

/// Longer words are not compared: it takes the product of both lengths.
const LONGEST: usize = 100;

/// Of more words of about the same length, these are compared.
const MOST: usize = 2_000;

/// The known word nearest to `found`, as the start of a hint: "did you mean `required`? ".
pub(crate) fn did_you_mean<'k>(found: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let mut left = usize::MAX;
    did_you_mean_within(&mut left, found, known)
}

/// The same, as long as of `left` comparisons there are any: where many words are misspelt, and each has many to be
/// compared with, the first ones get a suggestion.
pub(crate) fn did_you_mean_within<'k>(
    left: &mut usize,
    found: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> String {
    let length = found.chars().count();
    let most = 1 + length / 4;
    if length > LONGEST || *left == 0 {
        return String::new();
    }
    // Words differ by at least as much as their lengths do.
    let alike =
        known.into_iter().filter(|word| word.len() <= 4 * LONGEST && word.chars().count().abs_diff(length) <= most);
    let compared = alike.take(MOST.min(*left)).map(|word| (strsim::damerau_levenshtein(found, word), word));
    let mut count = 0;
    let nearest = compared.inspect(|_| count += 1).min_by_key(|(distance, _)| *distance);
    *left = left.saturating_sub(count);
    match nearest {
        Some((distance, word)) if distance <= most => format!("did you mean `{word}`? "),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_suggested_and_no_word_costs_too_much() {
        let known = ["required", "require", "readOnly", "x"];
        assert_eq!(did_you_mean("requird", known), "did you mean `required`? ");
        assert_eq!(did_you_mean("redOnly", known), "did you mean `readOnly`? ");
        assert_eq!(did_you_mean("nothing", known), "");
        assert_eq!(did_you_mean(&"r".repeat(1_000_000), known), "");
        let long = "r".repeat(1_000_000);
        assert_eq!(did_you_mean("required", [long.as_str(), "requires"]), "did you mean `requires`? ");
        let mut left = 4;
        assert_ne!(did_you_mean_within(&mut left, "requird", known), "");
        assert_ne!(did_you_mean_within(&mut left, "requird", known), "");
        assert_eq!((left, did_you_mean_within(&mut left, "requird", known).as_str()), (0, ""));
    }
}
