//! Device lists and credentials, before and behind their signatures.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sotto_crypto_core::{AccountRoot, verify_credential, verify_device_list};
use sotto_protocol::{AccountId, Binary, DeviceCredential, DeviceList, Signature, SignedDeviceList};

fuzz_target!(|data: &[u8]| {
    let identity = AccountRoot::from_bytes([1; 32]).identity();

    // What a server can send: nothing that the identity key did not sign is believed.
    let (signature, bytes) = data.split_at(data.len().min(Signature::LENGTH));
    if let Ok(signature) = Signature::try_from(signature) {
        let list = SignedDeviceList {
            list: Binary::from(bytes.to_vec()),
            signature,
        };
        let account = AccountId::from_bytes([1; 16]);
        verify_device_list(&list, account, identity.public_key(), 0).unwrap_err();
    }
    if let Ok(credential) = DeviceCredential::decode(data) {
        let _ = verify_credential(&credential);
    }

    // What a hostile account can sign for itself: no panic, and what is read is read the same again.
    if let Ok(list) = DeviceList::decode(data) {
        assert_eq!(DeviceList::decode(&list.encode()).as_ref(), Ok(&list));
        let signed = identity.sign_device_list(&list);
        let verified = verify_device_list(&signed, list.account, identity.public_key(), list.version);
        assert_eq!(verified.expect("signed by the identity").devices, list.devices);
    }
});
