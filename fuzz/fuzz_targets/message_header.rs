//! What the server reads of MLS messages, with a parser of its own.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sotto_protocol::message_header::{GroupInfoHeader, MessageHeader, key_package_suite, welcome_suite};

fuzz_target!(|data: &[u8]| {
    let _ = MessageHeader::read(data);
    let _ = GroupInfoHeader::read(data);
    let _ = key_package_suite(data);
    let _ = welcome_suite(data);
});
