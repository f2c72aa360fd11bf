//! What a hostile server can send: no panic, and what is read is read the same again.

#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use sotto_protocol::frame::ServerFrame;

fuzz_target!(|data: &[u8]| {
    if let Ok(frame) = ServerFrame::decode(&Bytes::copy_from_slice(data)) {
        assert_eq!(ServerFrame::decode(&frame.encode()), Ok(frame));
    }
});
