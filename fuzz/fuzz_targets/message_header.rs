//! What the server reads of MLS messages, with a parser of its own.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sotto_protocol::message_header::{
    GroupInfoHeader, MessageHeader, SignedGroupInfo, commit_evidence, key_package_ref_input, key_package_suite,
    welcome_suite,
};

fuzz_target!(|data: &[u8]| {
    let _ = MessageHeader::read(data);
    let _ = GroupInfoHeader::read(data);
    let _ = key_package_suite(data);
    let _ = welcome_suite(data);
    let _ = commit_evidence(data);
    if let Ok(signed) = SignedGroupInfo::read(data) {
        // All of it but the frame is signed, but for the signature and its length.
        assert!(signed.signed_bytes().len() > data.len() - 4 - signed.signature.len() - 4);
    }
    if let Ok(input) = key_package_ref_input(data) {
        assert!(input.ends_with(&data[4..]));
    }
});
