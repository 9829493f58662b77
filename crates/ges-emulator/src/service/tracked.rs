//! Which records changed since somebody last asked?
//!
//! Three collections that write down what is done to them, so that no change can be forgotten:
//! whoever wants to change a record has to come through here.

use crate::service::sequence::Sequence;
use std::collections::{HashMap, hash_map};
use std::hash::Hash;
use std::ops::{Index, IndexMut};

/// Records found by their key.
#[derive(Clone, Debug)]
pub(crate) struct Records<K, V> {
    all: HashMap<K, V>,
    changed: Vec<K>,
}

impl<K: Copy + Eq + Hash, V> Records<K, V> {
    pub(crate) fn new() -> Self {
        Self { all: HashMap::new(), changed: Vec::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.all.get(key)
    }

    /// Counts as a change, whatever is done with it.
    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let found = self.all.get_mut(key)?;
        self.changed.push(*key);
        Some(found)
    }

    pub(crate) fn insert(&mut self, key: K, record: V) {
        self.changed.push(key);
        self.all.insert(key, record);
    }

    pub(crate) fn remove(&mut self, key: &K) {
        if self.all.remove(key).is_some() {
            self.changed.push(*key);
        }
    }

    /// In no order.
    pub(crate) fn values(&self) -> hash_map::Values<'_, K, V> {
        self.all.values()
    }

    /// The keys of what changed since the last time, removed records included, some of them twice.
    pub(crate) fn changed(&mut self) -> impl Iterator<Item = K> {
        self.changed.drain(..)
    }
}

/// Records as they come are no change: they were somewhere before.
impl<K: Copy + Eq + Hash, V> FromIterator<(K, V)> for Records<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(records: I) -> Self {
        Self { all: records.into_iter().collect(), changed: Vec::new() }
    }
}

/// What they hold is compared, not how it came about.
impl<K: Eq + Hash, V: PartialEq> PartialEq for Records<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.all == other.all
    }
}

/// Records as they come, found by their key.
#[derive(Clone, Debug)]
pub(crate) struct Series<K, V> {
    all: Sequence<K, V>,
    changed: Vec<K>,
}

impl<K: Copy + Ord, V> Series<K, V> {
    pub(crate) fn new() -> Self {
        Self { all: Sequence::new(), changed: Vec::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.all.get(key)
    }

    /// Counts as a change, whatever is done with it.
    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let found = self.all.get_mut(key)?;
        self.changed.push(*key);
        Some(found)
    }

    pub(crate) fn insert(&mut self, key: K, record: V) {
        self.changed.push(key);
        self.all.insert(key, record);
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let removed = self.all.remove(key)?;
        self.changed.push(*key);
        Some(removed)
    }

    pub(crate) fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.all.values()
    }

    /// The keys of what changed since the last time, removed records included, some of them twice.
    pub(crate) fn changed(&mut self) -> impl Iterator<Item = K> {
        self.changed.drain(..)
    }
}

/// Records as they come are no change: they were somewhere before.
impl<K: Copy + Ord, V> FromIterator<(K, V)> for Series<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(records: I) -> Self {
        Self { all: records.into_iter().collect(), changed: Vec::new() }
    }
}

/// What they hold is compared, not how it came about.
impl<K: Copy + Ord, V: PartialEq> PartialEq for Series<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.all == other.all
    }
}

/// Records found by their number, counted from 0. None is ever taken out.
#[derive(Clone, Debug)]
pub(crate) struct Rows<V> {
    all: Vec<V>,
    changed: Vec<usize>,
}

impl<V> Rows<V> {
    pub(crate) fn new() -> Self {
        Self { all: Vec::new(), changed: Vec::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn get(&self, at: usize) -> Option<&V> {
        self.all.get(at)
    }

    pub(crate) fn push(&mut self, record: V) {
        self.changed.push(self.all.len());
        self.all.push(record);
    }

    pub(crate) fn as_slice(&self) -> &[V] {
        &self.all
    }

    /// The numbers of what changed since the last time, some of them twice.
    pub(crate) fn changed(&mut self) -> impl Iterator<Item = usize> {
        self.changed.drain(..)
    }
}

/// Records as they come are no change: they were somewhere before.
impl<V> From<Vec<V>> for Rows<V> {
    fn from(all: Vec<V>) -> Self {
        Self { all, changed: Vec::new() }
    }
}

impl<V> Index<usize> for Rows<V> {
    type Output = V;

    fn index(&self, at: usize) -> &V {
        &self.all[at]
    }
}

/// Counts as a change, whatever is done with it.
impl<V> IndexMut<usize> for Rows<V> {
    fn index_mut(&mut self, at: usize) -> &mut V {
        self.changed.push(at);
        &mut self.all[at]
    }
}

/// What they hold is compared, not how it came about.
impl<V: PartialEq> PartialEq for Rows<V> {
    fn eq(&self, other: &Self) -> bool {
        self.all == other.all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_changes_nothing_and_writing_is_noticed() {
        let mut records: Records<u8, char> = [(1, 'a'), (2, 'b'), (3, 'c')].into_iter().collect();
        assert_eq!((records.get(&1), records.len(), records.values().count()), (Some(&'a'), 3, 3));
        assert_eq!(records.changed().count(), 0);
        records.insert(4, 'd');
        records.remove(&2);
        records.remove(&9);
        assert_eq!(records.get_mut(&9), None);
        *records.get_mut(&1).unwrap() = 'z';
        assert_eq!(records.changed().collect::<Vec<_>>(), [4, 2, 1]);
        assert_eq!(records.changed().count(), 0);
    }

    #[test]
    fn a_series_notices_it_too() {
        let mut series: Series<u8, char> = [(1, 'a'), (2, 'b')].into_iter().collect();
        assert_eq!((series.get(&1), series.len(), series.values().count()), (Some(&'a'), 2, 2));
        assert_eq!(series.changed().count(), 0);
        series.insert(4, 'd');
        assert_eq!((series.remove(&2), series.remove(&9)), (Some('b'), None));
        assert_eq!(series.get_mut(&9), None);
        *series.get_mut(&1).unwrap() = 'z';
        assert_eq!(series.changed().collect::<Vec<_>>(), [4, 2, 1]);
        assert_eq!(series.changed().count(), 0);
    }

    #[test]
    fn rows_notice_it_too() {
        let mut rows = Rows::from(vec!['a', 'b']);
        assert_eq!((rows[0], rows.get(2), rows.as_slice()), ('a', None, ['a', 'b'].as_slice()));
        assert_eq!(rows.changed().count(), 0);
        rows.push('c');
        rows[1] = 'z';
        assert_eq!(rows.changed().collect::<Vec<_>>(), [2, 1]);
    }
}
