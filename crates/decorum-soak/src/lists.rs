//! Whom to engage: lists that overlap, so that workers meet, and then fresh people.

use decorum_core::Action;

/// People of one account at a time.
const POOL: usize = 20;

/// What a worker is asked to do.
#[derive(Clone, Debug, Default)]
pub(crate) struct List {
    pub(crate) people: Vec<String>,
    pub(crate) actions: Vec<Action>,
    pub(crate) comment: String,
}

/// The people one account's workers compete for.
pub(crate) struct Pool {
    letter: char,
    generation: usize,
    done: usize,
    workers: usize,
}

impl Pool {
    pub(crate) const fn new(letter: char, workers: usize) -> Self {
        Self { letter, generation: 0, done: 0, workers }
    }

    /// A worker is through with its list. Once as many lists are as there are workers, the next
    /// ones are of fresh people.
    pub(crate) const fn is_through(&mut self) {
        self.done += 1;
        if self.done >= self.workers {
            self.done = 0;
            self.generation += 1;
        }
    }

    /// Some of the people, in any order, and what to do to them.
    pub(crate) fn list(&self, random: &mut fastrand::Rng) -> List {
        let mut people: Vec<String> =
            (0..POOL).map(|n| format!("{}{}.p{n}", self.letter, self.generation)).collect();
        random.shuffle(&mut people);
        people.truncate(random.usize(POOL / 3..=POOL));
        let mut actions = Action::ALL.to_vec();
        random.shuffle(&mut actions);
        actions.truncate(random.usize(1..=actions.len()));
        List { people, actions, comment: format!("What a light, number {}", random.u16(..)) }
    }

    /// Somebody nobody has on a list, to be engaged when it is calm.
    pub(crate) fn somebody_else(&self, number: usize) -> List {
        List {
            people: vec![format!("{}calm.p{number}", self.letter)],
            actions: vec![Action::Follow],
            comment: String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn lists_of_one_pool_overlap_until_all_are_through() {
        let mut random = fastrand::Rng::with_seed(1);
        let mut pool = Pool::new('a', 2);
        let people = |list: List| list.people.into_iter().collect::<HashSet<_>>();
        let (one, other) = (people(pool.list(&mut random)), people(pool.list(&mut random)));
        assert!(one.intersection(&other).count() > 0);

        pool.is_through();
        assert!(people(pool.list(&mut random)).intersection(&one).count() > 0);
        pool.is_through();
        assert_eq!(people(pool.list(&mut random)).intersection(&one).count(), 0);
    }
}
