//! The device's own record, from a store that somebody has tampered with.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sotto_crypto_core::Device;

fuzz_target!(|data: &[u8]| {
    if let Ok(device) = Device::decode(data) {
        assert_eq!(device.encode().expose(), data);
    }
});
