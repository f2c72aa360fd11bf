//! How much is taken in a short time.

use core::time::Duration;
use std::sync::{Mutex, PoisonError};
use tokio::time::Instant;

/// So many at once, and one more after each pause (the generic cell rate algorithm).
pub(crate) struct Bucket {
    pause: Duration,
    burst: Duration,
    /// When all that was taken is paid for.
    paid: Mutex<Instant>,
}

impl Bucket {
    /// Nothing was taken yet.
    pub(crate) fn new(burst: u32, per_minute: u32) -> Self {
        let pause = Duration::from_mins(1) / per_minute.max(1);
        Self {
            pause,
            burst: pause.saturating_mul(burst.max(1)),
            paid: Mutex::new(Instant::now()),
        }
    }

    /// Takes one, or says after how long there is one to take.
    pub(crate) fn take(&self, now: Instant) -> Result<(), Duration> {
        let mut paid = self.paid.lock().unwrap_or_else(PoisonError::into_inner);
        let after = (*paid).max(now) + self.pause;
        match (after - now).checked_sub(self.burst) {
            Some(wait) if !wait.is_zero() => Err(wait),
            _ => {
                *paid = after;
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_taken_at_once_and_then_so_many_a_minute() {
        let bucket = Bucket::new(3, 60);
        let now = Instant::now() + Duration::from_secs(1);
        assert!((0..3).all(|_| bucket.take(now).is_ok()));
        assert_eq!(bucket.take(now), Err(Duration::from_secs(1)));
        let later = now + Duration::from_secs(1);
        assert_eq!(bucket.take(later), Ok(()));
        assert!(bucket.take(later).is_err());
    }
}
