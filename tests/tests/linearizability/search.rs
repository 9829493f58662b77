//! Whether a concurrent history is linearizable: whether its calls could have taken effect one after the other.
//!
//! The search of Wing and Gong, with the memory of Lowe: a set of calls that took effect together with the state that they
//! led to is looked at once. A call whose answer never arrived may take effect at any time after it was made, or never.

use std::collections::HashSet;
use std::hash::Hash;

/// What the service does, one call after the other.
pub(crate) trait Model: Clone + Eq + Hash {
    type Op: PartialEq;
    type Answer;

    /// The states that the call may lead to. None if it cannot be answered like this here; `None` as the answer is one that
    /// nobody knows.
    fn step(&self, op: &Self::Op, answer: Option<&Self::Answer>) -> Vec<Self>;
}

/// A call. Times are the numbers of events, in the order in which they happened.
#[derive(Debug)]
pub(crate) struct Call<Op, Answer> {
    pub(crate) op: Op,
    pub(crate) made: usize,
    /// The answer, and when it arrived.
    pub(crate) answered: Option<(usize, Answer)>,
}

/// What the search found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Linearizable,
    /// The longest order of calls that could have taken effect; the rest could not.
    Not {
        longest: Vec<usize>,
    },
    /// There were too many possibilities.
    Undecided,
}

/// The possibilities after which the search gives up.
const MOST: usize = 2_000_000;

/// Whether the calls, of which there are at most 128, could have taken effect one after the other.
pub(crate) fn search<M: Model>(first: M, calls: &[Call<M::Op, M::Answer>]) -> Verdict {
    assert!(calls.len() <= 128, "a history of {} calls", calls.len());
    let answered = mask(calls, |call| call.answered.is_some());
    let mut seen = HashSet::from([(0_u128, first.clone())]);
    let mut open = vec![(0_u128, first, Vec::new())];
    let mut longest = Vec::new();
    while let Some((done, state, order)) = open.pop() {
        if answered & !done == 0 {
            return Verdict::Linearizable;
        }
        if seen.len() > MOST {
            return Verdict::Undecided;
        }
        if order.len() > longest.len() {
            longest.clone_from(&order);
        }
        // A call that was made after another was answered took effect after it.
        let left = (0..calls.len()).filter(|at| done & (1 << at) == 0);
        let first_answer = left.clone().filter_map(|at| calls[at].answered.as_ref()).map(|(when, _)| *when).min();
        let may_be_next = left.filter(|&at| first_answer.is_none_or(|when| calls[at].made < when));
        // The last to be put aside is looked at first: answered calls, in the order in which they were made.
        let (mut lost, mut known) = (Vec::<usize>::new(), Vec::new());
        for at in may_be_next {
            if calls[at].answered.is_some() {
                known.push(at);
            } else if lost.iter().all(|&other| calls[other].op != calls[at].op) {
                // Which of several equal calls took effect makes no difference.
                lost.push(at);
            }
        }
        known.sort_by_key(|&at| std::cmp::Reverse(calls[at].made));
        for at in lost.into_iter().chain(known) {
            let answer = calls[at].answered.as_ref().map(|(_, answer)| answer);
            for next in state.step(&calls[at].op, answer) {
                let has_no_effect = answer.is_none() && next == state;
                if !has_no_effect && seen.insert((done | 1 << at, next.clone())) {
                    let order = order.iter().copied().chain([at]).collect();
                    open.push((done | 1 << at, next, order));
                }
            }
        }
    }
    Verdict::Not { longest }
}

fn mask<T>(items: &[T], is_in: impl Fn(&T) -> bool) -> u128 {
    items.iter().enumerate().filter(|(_, item)| is_in(item)).fold(0, |mask, (at, _)| mask | 1 << at)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One number that is written, read, and increased with the old value as the answer.
    #[derive(Clone, Debug, PartialEq, Eq, Hash)]
    struct Number(u8);

    #[derive(Debug, Clone, PartialEq)]
    enum Op {
        Read,
        Write(u8),
        Increase,
    }

    impl Model for Number {
        type Op = Op;
        type Answer = u8;

        fn step(&self, op: &Op, answer: Option<&u8>) -> Vec<Self> {
            let (answered, next) = match op {
                Op::Read => (self.0, self.0),
                Op::Write(new) => (*new, *new),
                Op::Increase => (self.0, self.0 + 1),
            };
            if answer.is_none_or(|answer| *answer == answered) { vec![Self(next)] } else { Vec::new() }
        }
    }

    /// `(op, made, answered, answer)`; a call answered at 0 never was.
    fn check(history: impl IntoIterator<Item = (Op, usize, usize, u8)>, is_linearizable: bool) {
        let calls: Vec<_> = history
            .into_iter()
            .map(|(op, made, when, answer)| Call { op, made, answered: (when > 0).then_some((when, answer)) })
            .collect();
        let verdict = search(Number(0), &calls);
        assert_eq!(verdict == Verdict::Linearizable, is_linearizable, "{calls:?}: {verdict:?}");
    }

    #[test]
    fn histories_with_known_verdicts() {
        use Op::{Increase, Read, Write};
        check([], true);
        check([(Write(1), 1, 2, 1), (Read, 3, 4, 1)], true);
        // A stale look.
        check([(Write(1), 1, 2, 1), (Read, 3, 4, 0)], false);
        // Two calls at once, in either order.
        check([(Write(1), 1, 4, 1), (Read, 2, 3, 0)], true);
        check([(Write(1), 1, 4, 1), (Read, 2, 3, 1)], true);
        check([(Write(1), 1, 6, 1), (Read, 2, 3, 1), (Read, 4, 5, 0)], false);
        // A lost update, and none.
        check([(Increase, 1, 3, 0), (Increase, 2, 4, 0)], false);
        check([(Increase, 1, 3, 1), (Increase, 2, 4, 0), (Read, 5, 6, 2)], true);
        // An effect applied twice.
        check([(Increase, 1, 2, 0), (Read, 3, 4, 2)], false);
        // A lost answer: the effect comes at any later time, once, or never.
        check([(Write(1), 1, 0, 0), (Read, 2, 3, 0), (Read, 4, 5, 1)], true);
        check([(Write(1), 1, 0, 0), (Read, 2, 3, 0), (Read, 4, 5, 0)], true);
        check([(Write(1), 1, 0, 0), (Read, 2, 3, 1), (Read, 4, 5, 0)], false);
        check([(Increase, 1, 0, 0), (Read, 2, 3, 1), (Read, 4, 5, 2)], false);
        check([(Increase, 1, 0, 0), (Increase, 2, 0, 0), (Read, 3, 4, 2)], true);
        // Not before it was made.
        check([(Read, 1, 2, 1), (Write(1), 3, 0, 0)], false);
    }

    #[test]
    fn many_lost_answers_do_not_make_it_long() {
        let lost = (0..20).map(|at| (Op::Write(at % 4), 1, 0, 0));
        let looks = (0..20).map(|at| (Op::Read, 2 * usize::from(at) + 2, 2 * usize::from(at) + 3, at % 4));
        check(lost.clone().chain(looks.clone()), true);
        check(lost.chain(looks).chain([(Op::Read, 100, 101, 9)]), false);
    }
}
