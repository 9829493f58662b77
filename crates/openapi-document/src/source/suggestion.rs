//! Suggests the known word that a misspelt one was probably meant to be.

/// The known word nearest to `found`, as the start of a hint: "did you mean `required`? ".
pub(crate) fn did_you_mean<'k>(found: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let nearest = known
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(found, word), word))
        .min_by_key(|(distance, _)| *distance);
    match nearest {
        Some((distance, word)) if distance <= 1 + found.chars().count() / 4 => format!("did you mean `{word}`? "),
        _ => String::new(),
    }
}
