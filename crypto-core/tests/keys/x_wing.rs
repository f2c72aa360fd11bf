//! The known answers of X-Wing (draft-connolly-cfrg-xwing-kem), through the crate that our HPKE uses.

use crate::support::{hex, vectors};
use x_wing::{Decapsulate, DecapsulationKey, Decapsulator, KeyExport};

#[test]
fn x_wing_makes_keys_encapsulates_and_decapsulates_as_its_draft_says() {
    let Some(vectors) = vectors("x-wing-kat.json") else {
        return;
    };
    let vectors = vectors.as_array().unwrap();
    assert!(!vectors.is_empty());
    for vector in vectors {
        let seed: [u8; 32] = hex(&vector["seed"]).try_into().unwrap();
        let key = DecapsulationKey::from(seed);
        assert_eq!(key.as_bytes()[..], hex(&vector["sk"]));
        assert_eq!(key.encapsulation_key().to_bytes()[..], hex(&vector["pk"]));

        let randomness = hex(&vector["eseed"]);
        let (ciphertext, shared) = key
            .encapsulation_key()
            .encapsulate_deterministic(&randomness[..].try_into().unwrap());
        assert_eq!(ciphertext[..], hex(&vector["ct"]));
        assert_eq!(shared[..], hex(&vector["ss"]));
        assert_eq!(key.decapsulate(&ciphertext)[..], hex(&vector["ss"]));
    }
}

#[test]
fn an_altered_x_wing_ciphertext_gives_another_secret() {
    let key = DecapsulationKey::from([7; 32]);
    let (ciphertext, shared) = key.encapsulation_key().encapsulate_deterministic(&[9; 64].into());
    // One bit in the ML-KEM part, one in the X25519 part.
    for position in [0, 1100] {
        let mut altered = ciphertext;
        altered[position] ^= 1;
        assert_ne!(key.decapsulate(&altered), shared);
    }
}
