//! Names the keywords that decide something, and tells which of them a schema has.

use serde_json::{Map, Value};

use crate::check::value::member;

macro_rules! keywords {
    ($($variant:ident $name:literal),* $(,)?) => {
        /// A keyword of JSON Schema 2020-12 that decides whether a value fits.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Keyword {
            $($variant),*
        }

        const ALL: &[Keyword] = &[$(Keyword::$variant),*];
        const NAMES: &[&str] = &[$($name),*];
    };
}

keywords! {
    Id "$id", Ref "$ref", DynamicRef "$dynamicRef",
    Type "type", Const "const", Enum "enum", Format "format",
    MultipleOf "multipleOf", Minimum "minimum", Maximum "maximum",
    ExclusiveMinimum "exclusiveMinimum", ExclusiveMaximum "exclusiveMaximum",
    MinLength "minLength", MaxLength "maxLength", Pattern "pattern",
    MinItems "minItems", MaxItems "maxItems", UniqueItems "uniqueItems", PrefixItems "prefixItems", Items "items",
    Contains "contains", MinContains "minContains", MaxContains "maxContains", UnevaluatedItems "unevaluatedItems",
    MinProperties "minProperties", MaxProperties "maxProperties", Required "required",
    DependentRequired "dependentRequired", DependentSchemas "dependentSchemas", Properties "properties",
    PatternProperties "patternProperties", AdditionalProperties "additionalProperties",
    PropertyNames "propertyNames", UnevaluatedProperties "unevaluatedProperties",
    AllOf "allOf", AnyOf "anyOf", OneOf "oneOf", Not "not", If "if", Then "then", Else "else",
    // OpenAPI.
    Discriminator "discriminator",
    // Numbers of this schema as the document has them, where no `f64` is that: JSON pointer -> text.
    Written "x-written",
    ContentEncoding "contentEncoding", ContentMediaType "contentMediaType", ContentSchema "contentSchema",
}

/// Longer than the longest name.
const LENGTHS: usize = 24;

/// The keywords with names of each length: few comparisons for each member of a schema.
const BY_LENGTH: [u64; LENGTHS] = {
    let mut sets = [0; LENGTHS];
    let mut index = 0;
    while index < NAMES.len() {
        sets[NAMES[index].len()] |= 1 << index;
        index += 1;
    }
    sets
};

impl Keyword {
    /// As it is written in a schema.
    pub(super) fn name(self) -> &'static str {
        NAMES[self as usize]
    }

    fn of(name: &str) -> Option<Self> {
        let mut candidates = *BY_LENGTH.get(name.len())?;
        while candidates != 0 {
            let index = candidates.trailing_zeros() as usize;
            if NAMES[index] == name {
                return Some(ALL[index]);
            }
            candidates &= candidates - 1;
        }
        None
    }
}

/// Several keywords.
pub(super) const fn set(keywords: &[Keyword]) -> u64 {
    let mut set = 0;
    let mut index = 0;
    while index < keywords.len() {
        set |= 1 << keywords[index] as u64;
        index += 1;
    }
    set
}

/// The members of a schema object, with those known that decide something.
#[derive(Clone, Copy)]
pub(super) struct Keywords<'s> {
    members: &'s Map<String, Value>,
    present: u64,
}

impl<'s> Keywords<'s> {
    pub(super) fn of(members: &'s Map<String, Value>) -> Self {
        let present = members.keys().filter_map(|name| Keyword::of(name)).fold(0, |set, word| set | 1 << word as u64);
        Self { members, present }
    }

    /// Whether the schema has one of these.
    pub(super) fn any(&self, keywords: u64) -> bool {
        self.present & keywords != 0
    }

    pub(super) fn get(&self, keyword: Keyword) -> Option<&'s Value> {
        if self.any(1 << keyword as u64) { member(self.members, keyword.name()) } else { None }
    }

    pub(super) fn is_true(&self, keyword: Keyword) -> bool {
        self.get(keyword) == Some(&Value::Bool(true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_keyword_is_found_by_its_name() {
        assert!(ALL.len() <= 64);
        for keyword in ALL {
            assert_eq!(Keyword::of(keyword.name()), Some(*keyword));
        }
        for name in ["", "description", "minitems", "a name that is longer than the longest"] {
            assert_eq!(Keyword::of(name), None);
        }
    }
}
