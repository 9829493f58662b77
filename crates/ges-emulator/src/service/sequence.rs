//! What is found by its key, and comes in the order of its keys?
//!
//! Values that are added in about the order of their keys, and removed in about the same order, lie close together here:
//! a tree would be half empty after that.

use std::collections::VecDeque;

/// Values found by their key.
#[derive(Clone, Debug)]
pub(crate) struct Sequence<K, V> {
    chunks: VecDeque<Chunk<K, V>>,
    len: usize,
}

/// Ascending by key. A removed value leaves its place until the whole chunk can go; one value at least is there.
#[derive(Clone, Debug)]
struct Chunk<K, V> {
    places: Vec<(K, Option<V>)>,
    len: usize,
}

impl<K: Copy + Ord, V> Sequence<K, V> {
    const CHUNK: usize = 256;

    pub(crate) fn new() -> Self {
        Self { chunks: VecDeque::new(), len: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        let (chunk, place) = self.place(key)?;
        self.chunks[chunk].places[place].1.as_ref()
    }

    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let (chunk, place) = self.place(key)?;
        self.chunks[chunk].places[place].1.as_mut()
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        // The one it belongs into, or the last one.
        let chunk = self.chunk(&key).min(self.chunks.len().saturating_sub(1));
        let Some(into) = self.chunks.get_mut(chunk) else {
            // Most sequences stay short.
            self.chunks.push_back(Chunk { places: vec![(key, Some(value))], len: 1 });
            self.len += 1;
            return;
        };
        match into.find(&key) {
            Ok(place) => {
                if into.places[place].1.replace(value).is_none() {
                    into.len += 1;
                    self.len += 1;
                }
            }
            Err(place) if place == into.places.len() && place >= Self::CHUNK => {
                let mut places = Vec::with_capacity(Self::CHUNK);
                places.push((key, Some(value)));
                self.chunks.insert(chunk + 1, Chunk { places, len: 1 });
                self.len += 1;
            }
            // Out of order, which is rare.
            Err(_) if into.places.len() >= Self::CHUNK => {
                let further = into.make_room();
                if let Some(further) = further {
                    self.chunks.insert(chunk + 1, further);
                }
                self.insert(key, value);
            }
            Err(place) => {
                into.places.insert(place, (key, Some(value)));
                into.len += 1;
                self.len += 1;
            }
        }
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let (chunk, place) = self.place(key)?;
        let removed = self.chunks[chunk].places[place].1.take()?;
        self.len -= 1;
        self.chunks[chunk].len -= 1;
        if self.chunks[chunk].len == 0 {
            self.chunks.remove(chunk);
        }
        Some(removed)
    }

    pub(crate) fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.chunks.iter().flat_map(|chunk| chunk.values().map(|(_, value)| value))
    }

    /// What comes after the first so many.
    pub(crate) fn after(&self, offset: usize) -> impl Iterator<Item = (&K, &V)> {
        let (chunks, rest) = skipped(self.chunks.iter(), offset);
        let mut first = rest;
        self.chunks.iter().skip(chunks).flat_map(move |chunk| chunk.after(std::mem::take(&mut first)))
    }

    /// What comes before the last so many, the last first.
    pub(crate) fn before(&self, offset: usize) -> impl Iterator<Item = (&K, &V)> {
        let (chunks, rest) = skipped(self.chunks.iter().rev(), offset);
        let mut last = rest;
        self.chunks.iter().rev().skip(chunks).flat_map(move |chunk| chunk.before(std::mem::take(&mut last)))
    }

    fn place(&self, key: &K) -> Option<(usize, usize)> {
        let chunk = self.chunk(key);
        let place = self.chunks.get(chunk)?.find(key).ok()?;
        Some((chunk, place))
    }

    /// The number of the first chunk that does not end before this key.
    fn chunk(&self, key: &K) -> usize {
        let ends_before = |chunk: &Chunk<K, V>| chunk.places.last().is_some_and(|(last, _)| last < key);
        // What is asked for is among the latest most of the time, and what is removed among the first.
        match (self.chunks.front(), self.chunks.back()) {
            (_, Some(last)) if last.places.first().is_some_and(|(first, _)| first <= key) => {
                self.chunks.len() - usize::from(!ends_before(last))
            }
            (Some(first), _) if !ends_before(first) => 0,
            _ => self.chunks.partition_point(ends_before),
        }
    }
}

/// How many whole chunks, and how many further values, are the first so many.
fn skipped<'a, K: 'a, V: 'a>(chunks: impl Iterator<Item = &'a Chunk<K, V>>, offset: usize) -> (usize, usize) {
    let mut rest = offset;
    let is_skipped = |chunk: &&Chunk<K, V>| {
        let whole = rest.checked_sub(chunk.len);
        rest = whole.unwrap_or(rest);
        whole.is_some()
    };
    (chunks.take_while(is_skipped).count(), rest)
}

impl<K: Copy + Ord, V> Chunk<K, V> {
    fn values(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.places.iter().filter_map(there)
    }

    fn after(&self, offset: usize) -> impl Iterator<Item = (&K, &V)> {
        let (begin, rest) = if self.is_full() { (offset, 0) } else { (0, offset) };
        self.places.get(begin..).unwrap_or_default().iter().filter_map(there).skip(rest)
    }

    fn before(&self, offset: usize) -> impl Iterator<Item = (&K, &V)> {
        let (end, rest) =
            if self.is_full() { (self.len.saturating_sub(offset), 0) } else { (self.places.len(), offset) };
        self.places.get(..end).unwrap_or_default().iter().rev().filter_map(there).skip(rest)
    }

    /// Without places of what was removed, no place has to be looked at to count it.
    fn is_full(&self) -> bool {
        self.len == self.places.len()
    }

    /// Gives up the places of what was removed, or else its second half.
    fn make_room(&mut self) -> Option<Self> {
        if !self.is_full() {
            self.places.retain(|(_, value)| value.is_some());
            return None;
        }
        let places = self.places.split_off(self.places.len() / 2);
        self.len -= places.len();
        Some(Self { len: places.len(), places })
    }

    /// Where the key is, or where it would be.
    fn find(&self, key: &K) -> Result<usize, usize> {
        match self.places.last() {
            Some((last, _)) if last == key => Ok(self.places.len() - 1),
            Some((last, _)) if last < key => Err(self.places.len()),
            _ => self.places.binary_search_by_key(key, |&(key, _)| key),
        }
    }
}

fn there<K, V>((key, value): &(K, Option<V>)) -> Option<(&K, &V)> {
    Some((key, value.as_ref()?))
}

impl<K: Copy + Ord, V> FromIterator<(K, V)> for Sequence<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(values: I) -> Self {
        let mut all = Self::new();
        for (key, value) in values {
            all.insert(key, value);
        }
        all
    }
}

/// What is in it is compared, not where it lies.
impl<K: Copy + Ord, V: PartialEq> PartialEq for Sequence<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.after(0).eq(other.after(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_sequence_is_a_map() {
        let mut sequence: Sequence<u16, u16> = (0..1000).map(|key| (key, key)).collect();
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
    }

    #[test]
    fn no_order_of_arrival_makes_it_slow() {
        let scattered = |n: u32| n.wrapping_mul(0x9e37_79b1) >> 16;
        for keys in [(0..3000).rev().collect::<Vec<u32>>(), (0..3000).map(scattered).collect()] {
            let mut sequence: Sequence<u32, u32> = keys.iter().map(|&key| (key, key)).collect();
            assert!(sequence.values().is_sorted() && sequence.len() == keys.len());
            for key in keys.iter().step_by(2) {
                sequence.remove(key);
                sequence.insert(key + 1, *key);
            }
            assert!(sequence.chunks.iter().all(|chunk| chunk.places.len() <= Sequence::<u32, u32>::CHUNK));
            assert!(sequence.after(0).map(|(key, _)| key).is_sorted());
        }
    }
}
