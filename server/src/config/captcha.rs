//! `[captcha]`: a proof of work against robots.

use super::InvalidValue;
use serde::{Deserialize, Serialize};
use sotto_protocol::limits;

/// A proof of work against robots. A registration needs one, and a login where many were refused. Clients do it by themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Captcha {
    /// Whether it is asked for.
    pub enabled: bool,
    /// How much work it is when nothing is going on: the number up to which has to be searched, by half as many hashes on average.
    pub least: u64,
    /// How much it is at most, however much is going on.
    pub most: u64,
}

impl Default for Captcha {
    fn default() -> Self {
        Self {
            enabled: true,
            // At a million hashes a second a quarter of a second on average, and half a second at worst.
            least: 500_000,
            // Eight seconds on average: more would keep away those with an old telephone, and not those who rent machines.
            most: 16_000_000,
        }
    }
}

impl Captcha {
    pub(super) fn validate(&self) -> Result<(), InvalidValue> {
        if !(1..=limits::CAPTCHA_NUMBER).contains(&self.least) {
            let bounds = format!("1 to {}", limits::CAPTCHA_NUMBER);
            return Err(InvalidValue::new("captcha.least", bounds));
        }
        if !(self.least..=limits::CAPTCHA_NUMBER).contains(&self.most) {
            let bounds = format!("{} (captcha.least) to {}", self.least, limits::CAPTCHA_NUMBER);
            return Err(InvalidValue::new("captcha.most", bounds));
        }
        Ok(())
    }
}
