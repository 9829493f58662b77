//! Which records changed since somebody last asked?
//!
//! Three collections that write down what is done to them, so that no change can be forgotten:
//! whoever wants to change a record has to come through here.

use std::collections::{BTreeMap, VecDeque, btree_map};
use std::ops::{Index, IndexMut};

/// Records found by their key.
#[derive(Clone, Debug)]
pub(crate) struct Records<K, V> {
    all: BTreeMap<K, V>,
    changed: Vec<K>,
}

impl<K: Copy + Ord, V> Records<K, V> {
    pub(crate) fn new() -> Self {
        Self { all: BTreeMap::new(), changed: Vec::new() }
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

    pub(crate) fn values(&self) -> btree_map::Values<'_, K, V> {
        self.all.values()
    }

    /// The keys of what changed since the last time, removed records included, some of them twice.
    pub(crate) fn changed(&mut self) -> impl Iterator<Item = K> {
        self.changed.drain(..)
    }
}

/// Records as they come are no change: they were somewhere before.
impl<K: Copy + Ord, V> FromIterator<(K, V)> for Records<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(records: I) -> Self {
        Self { all: records.into_iter().collect(), changed: Vec::new() }
    }
}

/// What they hold is compared, not how it came about.
impl<K: PartialEq, V: PartialEq> PartialEq for Records<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.all == other.all
    }
}

/// Records found by their key, which come in the order of their keys, and go in about the same order.
///
/// They lie close together: a tree would be half empty after that.
#[derive(Clone, Debug)]
pub(crate) struct Sequence<K, V> {
    chunks: VecDeque<Chunk<K, V>>,
    len: usize,
    changed: Vec<K>,
}

/// Ascending by key. A removed record leaves its place until the whole chunk can go; one record at least is there.
#[derive(Clone, Debug)]
struct Chunk<K, V> {
    places: Vec<(K, Option<V>)>,
    len: usize,
}

impl<K: Copy + Ord, V> Sequence<K, V> {
    const CHUNK: usize = 256;

    pub(crate) fn new() -> Self {
        Self { chunks: VecDeque::new(), len: 0, changed: Vec::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        let (chunk, place) = self.place(key)?;
        self.chunks[chunk].places[place].1.as_ref()
    }

    /// Counts as a change, whatever is done with it.
    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let (chunk, place) = self.place(key)?;
        let found = self.chunks[chunk].places[place].1.as_mut()?;
        self.changed.push(*key);
        Some(found)
    }

    pub(crate) fn insert(&mut self, key: K, record: V) {
        self.changed.push(key);
        self.put(key, record);
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let (chunk, place) = self.place(key)?;
        let removed = self.chunks[chunk].places[place].1.take()?;
        self.changed.push(*key);
        self.len -= 1;
        self.chunks[chunk].len -= 1;
        if self.chunks[chunk].len == 0 {
            self.chunks.remove(chunk);
        }
        Some(removed)
    }

    pub(crate) fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.chunks.iter().flat_map(|chunk| chunk.records().map(|(_, record)| record))
    }

    /// The records after the first so many.
    pub(crate) fn after(&self, offset: usize) -> impl Iterator<Item = (&K, &V)> {
        let (chunks, rest) = skipped(self.chunks.iter(), offset);
        self.chunks.iter().skip(chunks).flat_map(Chunk::records).skip(rest)
    }

    /// The records before the last so many, the last first.
    pub(crate) fn before(&self, offset: usize) -> impl Iterator<Item = (&K, &V)> {
        let (chunks, rest) = skipped(self.chunks.iter().rev(), offset);
        self.chunks.iter().rev().skip(chunks).flat_map(|chunk| chunk.records().rev()).skip(rest)
    }

    /// The keys of what changed since the last time, removed records included, some of them twice.
    pub(crate) fn changed(&mut self) -> impl Iterator<Item = K> {
        self.changed.drain(..)
    }

    fn put(&mut self, key: K, record: V) {
        // The one it belongs into, or the last one.
        let chunk = self.chunk(&key).min(self.chunks.len().saturating_sub(1));
        let Some(into) = self.chunks.get_mut(chunk) else {
            self.chunks.push_back(Chunk::with(key, record));
            self.len += 1;
            return;
        };
        match into.places.binary_search_by_key(&key, |&(key, _)| key) {
            Ok(place) => {
                if into.places[place].1.replace(record).is_none() {
                    into.len += 1;
                    self.len += 1;
                }
            }
            Err(place) => {
                self.len += 1;
                if into.places.len() < Self::CHUNK {
                    into.places.insert(place, (key, Some(record)));
                    into.len += 1;
                } else if place == into.places.len() {
                    self.chunks.insert(chunk + 1, Chunk::with(key, record));
                } else {
                    // Out of order, which is rare: the chunk grows.
                    into.places.insert(place, (key, Some(record)));
                    into.len += 1;
                }
            }
        }
    }

    fn place(&self, key: &K) -> Option<(usize, usize)> {
        let chunk = self.chunk(key);
        let place = self.chunks.get(chunk)?.places.binary_search_by_key(key, |&(key, _)| key).ok()?;
        Some((chunk, place))
    }

    /// The number of the first chunk that does not end before this key.
    fn chunk(&self, key: &K) -> usize {
        let ends_before = |chunk: &Chunk<K, V>| chunk.places.last().is_some_and(|(last, _)| last < key);
        // What is asked for is among the latest most of the time.
        let last = self.chunks.len().saturating_sub(1);
        match self.chunks.back().and_then(|chunk| chunk.places.first()) {
            Some((first, _)) if first <= key => last + usize::from(ends_before(&self.chunks[last])),
            _ => self.chunks.partition_point(ends_before),
        }
    }
}

/// How many whole chunks, and how many further records, are the first so many.
fn skipped<'a, K: 'a, V: 'a>(chunks: impl Iterator<Item = &'a Chunk<K, V>>, offset: usize) -> (usize, usize) {
    let mut rest = offset;
    let is_skipped = |chunk: &&Chunk<K, V>| {
        let whole = rest.checked_sub(chunk.len);
        rest = whole.unwrap_or(rest);
        whole.is_some()
    };
    (chunks.take_while(is_skipped).count(), rest)
}

impl<K, V> Chunk<K, V> {
    fn records(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.places.iter().filter_map(|(key, record)| Some((key, record.as_ref()?)))
    }

    fn with(key: K, record: V) -> Self {
        let mut places = Vec::with_capacity(256);
        places.push((key, Some(record)));
        Self { places, len: 1 }
    }
}

/// Records as they come are no change: they were somewhere before.
impl<K: Copy + Ord, V> FromIterator<(K, V)> for Sequence<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(records: I) -> Self {
        let mut all = Self::new();
        for (key, record) in records {
            all.put(key, record);
        }
        all
    }
}

/// What they hold is compared, not how it came about.
impl<K: Copy + Ord, V: PartialEq> PartialEq for Sequence<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.after(0).eq(other.after(0))
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
    fn a_sequence_is_a_map_that_notices_it_too() {
        let mut sequence: Sequence<u16, u16> = (0..1000).map(|key| (key, key)).collect();
        assert_eq!(sequence.changed().count(), 0);
        let mut map: BTreeMap<u16, u16> = (0..1000).map(|key| (key, key)).collect();
        // Forward mostly, but not only; some of it where something was before.
        let keys = (0..4000_u16).map(|n| if n % 7 == 0 { n.wrapping_mul(7919) % 3000 } else { 1000 + n / 2 });
        for (n, key) in keys.enumerate() {
            let changes = match n % 5 {
                0 => sequence.remove(&key) == map.remove(&key),
                1 => sequence.get_mut(&key).map(|value| *value += 1) == map.get_mut(&key).map(|value| *value += 1),
                _ => {
                    sequence.insert(key, n as u16);
                    map.insert(key, n as u16);
                    true
                }
            };
            assert!(changes, "{n}");
            assert_eq!((sequence.get(&key), sequence.len()), (map.get(&key), map.len()));
            if n % 100 == 0 {
                assert!(sequence.values().eq(map.values()) && sequence.values().rev().eq(map.values().rev()));
                for offset in [0, 1, 255, 256, 300, map.len() - 1, map.len(), map.len() + 1] {
                    assert!(sequence.after(offset).eq(map.iter().skip(offset)), "{offset}");
                    assert!(sequence.before(offset).eq(map.iter().rev().skip(offset)), "{offset}");
                }
                // What is not there any more is no difference.
                assert!(sequence == map.iter().map(|(&key, &value)| (key, value)).collect());
            }
        }
        for key in 0..u16::MAX {
            assert_eq!(sequence.remove(&key), map.remove(&key));
        }
        assert_eq!((sequence.len(), sequence.chunks.len()), (0, 0));
        sequence.changed().for_each(drop);
        sequence.insert(4, 4);
        sequence.remove(&4);
        sequence.remove(&9);
        assert_eq!(sequence.changed().collect::<Vec<_>>(), [4, 4]);
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
