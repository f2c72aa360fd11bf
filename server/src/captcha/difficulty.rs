//! How hard a challenge is.

/// Registrations and refused logins of one address in ten minutes from which on its challenges are twice as hard.
const OF_ADDRESS: u64 = 16;
/// Those of all addresses together from which on everybody's are.
const IN_ALL: u64 = 256;

/// How hard challenges are: the numbers up to which one may have to search. Half as many are tried on average.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Difficulty {
    /// When nothing is going on.
    pub(crate) least: u64,
    /// However much is going on.
    pub(crate) most: u64,
}

impl Difficulty {
    /// The number up to which one has to search after so many registrations and refused logins of the address, and in all: from
    /// [`OF_ADDRESS`] or [`IN_ALL`] of them on twice as many as at first, and twice again each time that they have doubled.
    pub(crate) fn after(self, of_address: u64, in_all: u64) -> u64 {
        let doublings = doublings(of_address, OF_ADDRESS).max(doublings(in_all, IN_ALL));
        self.least
            .checked_mul(1 << doublings.min(32))
            .map_or(self.most, |number| number.min(self.most))
    }
}

/// 0 below the first, 1 from there, 2 from twice as many, and so on.
fn doublings(count: u64, first: u64) -> u32 {
    (count / first).checked_ilog2().map_or(0, |log| log + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CURVE: Difficulty = Difficulty {
        least: 1000,
        most: 16_000,
    };

    #[test]
    fn an_address_that_does_more_than_people_do_works_twice_as_much_each_time_that_it_doubles() {
        for (count, number) in [
            (0, 1000),
            (15, 1000),
            (16, 2000),
            (31, 2000),
            (32, 4000),
            (64, 8000),
            (128, 16_000),
            (256, 16_000),
            (u64::MAX, 16_000),
        ] {
            assert_eq!(CURVE.after(count, count), number, "{count}");
        }
    }

    #[test]
    fn all_work_more_when_all_together_do_much() {
        for (count, number) in [
            (255, 1000),
            (256, 2000),
            (512, 4000),
            (1024, 8000),
            (u64::MAX, 16_000),
        ] {
            assert_eq!(CURVE.after(0, count), number, "{count}");
        }
    }

    #[test]
    fn it_never_falls_while_more_happens_and_keeps_its_bounds() {
        let mut before = 0;
        for count in 0..5000 {
            let number = CURVE.after(count, count * 3);
            assert!(number >= before && (CURVE.least..=CURVE.most).contains(&number));
            before = number;
        }
        let steep = Difficulty {
            least: u64::MAX / 2,
            most: u64::MAX,
        };
        assert_eq!(steep.after(1000, 1000), u64::MAX);
    }
}
