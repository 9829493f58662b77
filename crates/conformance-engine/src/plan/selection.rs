//! Which cases a run asks for: patterns over case ids, kinds, a shard.

use crate::model::shard::Shard;

/// Which cases are asked for: patterns over case ids in which `*` is any text and `?` any character.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only cases that one of these matches; all if there are none.
    pub only: Vec<String>,
    /// No case that one of these matches.
    pub skip: Vec<String>,
    /// Only cases of these kinds ([`Kind::name`](crate::model::suite::Kind::name)); all if there are none.
    pub kinds: Vec<String>,
    /// Only this part of the cases.
    pub shard: Option<Shard>,
    /// Of the cases of [`Environment::resource`](crate::plan::Environment::resource) only the documented and described
    /// ones, and those others that take no operation more.
    pub frugal: bool,
}

/// `*` is any text, `?` any one character; everything else is itself. Linear in practice: only the last `*` is retried.
pub(crate) fn matches(pattern: &str, id: &str) -> bool {
    let (pattern, id): (Vec<char>, Vec<char>) = (pattern.chars().collect(), id.chars().collect());
    let (mut at_pattern, mut at_id) = (0, 0);
    let mut last_star = None;
    while at_id < id.len() {
        match pattern.get(at_pattern) {
            Some('*') => {
                last_star = Some((at_pattern, at_id));
                at_pattern += 1;
            }
            Some(character) if *character == '?' || *character == id[at_id] => {
                at_pattern += 1;
                at_id += 1;
            }
            _ => {
                let Some((star, from)) = last_star else { return false };
                (at_pattern, at_id) = (star, from + 1);
            }
        }
    }
    pattern[at_pattern..].iter().all(|character| *character == '*')
}
