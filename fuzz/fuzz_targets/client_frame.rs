//! What any connected stranger can send: no panic, and what is read is read the same again.

#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use sotto_protocol::frame::ClientFrame;

fuzz_target!(|data: &[u8]| {
    if let Ok(frame) = ClientFrame::decode(&Bytes::copy_from_slice(data)) {
        assert_eq!(ClientFrame::decode(&frame.encode()), Ok(frame));
    }
});
