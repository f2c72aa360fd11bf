#!/usr/bin/env python3
"""Computes labels.json: what each of Sotto's labels gives for fixed inputs.

Written against the documentation of crypto-core, not its code, and on other implementations of the primitives: Python's
hashlib and hmac, and the package `cryptography`. Run it and compare: python3 labels.py | diff - labels.json
"""

import hashlib
import hmac
import json
import struct

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id


def hkdf(secret, info):
    """RFC 5869 with SHA-256, no salt, 32 bytes: one block."""
    prk = hmac.new(bytes(32), secret, hashlib.sha256).digest()
    return hmac.new(prk, info + b"\x01", hashlib.sha256).digest()


def hchacha20(key, nonce):
    """draft-irtf-cfrg-xchacha-03, section 2.2."""
    s = list(struct.unpack("<16I", b"expand 32-byte k" + key + nonce))

    def quarter(a, b, c, d):
        for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            s[x] = (s[x] + s[y]) & 0xFFFFFFFF
            v = s[z] ^ s[x]
            s[z] = (v << turn | v >> (32 - turn)) & 0xFFFFFFFF

    for _ in range(10):
        for column in ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15)):
            quarter(*column)
        for diagonal in ((0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)):
            quarter(*diagonal)
    return struct.pack("<8I", *s[:4], *s[12:])


def seal(key, nonce, aad, plain):
    """A version byte, the nonce, XChaCha20-Poly1305."""
    inner = ChaCha20Poly1305(hchacha20(key, nonce[:16]))
    return b"\x01" + nonce + inner.encrypt(bytes(4) + nonce[16:], plain, aad)


def public(seed):
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def sign(seed, message):
    return Ed25519PrivateKey.from_private_bytes(seed).sign(message)


def label(text):
    return ("sotto.v1 " + text).encode()


def prefixed(text, message):
    return label(text) + b"\x00" + message


ROOT = bytes(range(32))
ACCOUNT = bytes([0xA1] * 16)
DEVICE = bytes([0xD1] * 16)
DEVICE_SEED = bytes([0xD2] * 32)
EXPORT_KEY = bytes(range(64))
RECOVERY_CODE = bytes(range(100, 132))
PRF_OUTPUT = bytes(range(100, 132))
NONCE = bytes(range(200, 224))

identity = hkdf(ROOT, label("identity key"))
credential = ACCOUNT + DEVICE + public(DEVICE_SEED) + public(identity)
# Version 1; account; name with its length; identity key; version 7 of the list; one device.
device_list = b"\x01" + ACCOUNT + b"\x05alice" + public(identity) + b"\x07" + b"\x01" + DEVICE + public(DEVICE_SEED)
stretched = Argon2id(
    salt=bytes([0x5A] * 16), length=32, iterations=3, lanes=1, memory_cost=64 * 1024
).derive(b"a passphrase")


def half(account, key):
    digest = hashlib.sha512(prefixed("safety number", account + key)).digest()
    return [int.from_bytes(digest[5 * i : 5 * i + 5], "big") % 100000 for i in range(6)]


parties = sorted([half(ACCOUNT, public(identity)), half(bytes([0xB1] * 16), public(bytes([0xB2] * 32)))])

# Group; the number of removals as eight bytes; the newcomer's account and device; the reference of its KeyPackage.
approval = bytes([0xC1] * 16) + struct.pack(">Q", 5) + bytes([0xB1] * 16) + bytes([0xB2] * 16) + bytes([0x4B] * 32)
# Group; account; the hash of the key in the device's leaf.
departure = bytes([0xC1] * 16) + ACCOUNT + bytes([0x1E] * 32)
# Version 1; group; revision 7; title and description with their lengths; a picture: its blob, 300 bytes as a varint, its
# digest, that it is sealed.
group_profile = (
    b"\x01" + bytes([0xC1] * 16) + b"\x07" + b"\x09Gardeners" + b"\x05Slugs"
    + b"\x01" + bytes([0xB0] * 16) + b"\xac\x02" + bytes([0xB1] * 32) + b"\x01"
)
# The only chunk of a file: padded to 4,096 bytes; a nonce of 19 zeros, the chunk's number and that it is the last.
file_content = b"what is in the file"
file_key = hkdf(ROOT, label("file"))
file_nonce = bytes(19) + struct.pack(">IB", 0, 1)
file_chunk = ChaCha20Poly1305(hchacha20(file_key, file_nonce[:16])).encrypt(
    bytes(4) + file_nonce[16:],
    file_content.ljust(4096, b"\x00"),
    prefixed("file", struct.pack(">Q", len(file_content))),
)

# Group; the device that shares; the device that asked.
share = bytes([0xC1] * 16) + ACCOUNT + DEVICE + bytes([0xB1] * 16) + bytes([0xB2] * 16)
# Version 1; group; group key; the invitation's key, when it is over, in milliseconds, and its number of uses; the title, which is there.
INVITATION_SEED = bytes(range(50, 82))
link = (
    bytes([0xC1] * 16) + public(ROOT) + public(INVITATION_SEED) + b"\xc0\x84\x3d" + b"\x14" + b"\x01\x09Gardeners"
)
# Group; invitation; the device that uses it; its key.
USED_SEED = bytes([0x17] * 32)
use = bytes([0xC1] * 16) + public(USED_SEED) + bytes([0xB1] * 16) + bytes([0xB2] * 16) + public(DEVICE_SEED)
recovery_seed = hkdf(RECOVERY_CODE, label("recovery login"))
CHALLENGE = bytes([0xC4] * 32)
LINK_SECRET = bytes(range(50, 82))
link_id = hkdf(LINK_SECRET, label("device link id"))[:16]
link_seed = hkdf(LINK_SECRET, label("device link login"))
# Root; the old device's id and key; version 7 of the list.
linked = ROOT + DEVICE + public(DEVICE_SEED) + struct.pack(">Q", 7)
# ISO/IEC 7816-4 up to 128 bytes.
padded_name = "Zoë’s laptop".encode()
padded_name += b"\x80" + bytes(127 - len(padded_name))
device_hash = hashlib.sha512(prefixed("device code", ACCOUNT + DEVICE + public(DEVICE_SEED))).digest()
device_code = " ".join(f"{int.from_bytes(device_hash[5 * i : 5 * i + 5], 'big') % 100000:05}" for i in range(8))

record_key = hkdf(ROOT, label("vault record key"))
archive_key = hkdf(ROOT, label("archive key"))
CHAT = bytes([0xC1] * 16)
EPOCH = struct.pack(">Q", 5)
epoch_place = CHAT + EPOCH + ACCOUNT + DEVICE


def padded(content):
    return content + b"\x80" + bytes(127 - len(content))


# Sent at 1,000,000; typing.
signal = b"\xc0\x84\x3d\x00"
# Delivered up to 7; read up to 5; not said when somebody was there; two bytes for own devices.
marker = b"\x01\x07\x01\x05\x00\x02\x01\x02"
RECORD = bytes([0xE1] * 16)
# What it is, version 1, the salt; then an empty chunk, and one with all there is, which is the last. Their nonces are as a file's.
SALT = bytes(range(200, 216))
export_header = b"sotto.export" + b"\x01" + SALT
export_key = hkdf(
    Argon2id(salt=SALT, length=32, iterations=3, lanes=1, memory_cost=64 * 1024).derive(b"a passphrase"), label("export")
)


def export_chunk(number, is_last, content):
    nonce = bytes(19) + struct.pack(">IB", number, is_last)
    inner = ChaCha20Poly1305(hchacha20(export_key, nonce[:16]))
    return inner.encrypt(bytes(4) + nonce[16:], content, prefixed("export", export_header))


# The value, and its padding to 128 bytes.
record = b"what is kept" + b"\x80" + bytes(128 - 12 - 1)

answers = {
    "identity key": public(identity),
    "archive key": hkdf(ROOT, label("archive key")),
    "profile key": hkdf(ROOT, label("profile key")),
    "vault record key": hkdf(ROOT, label("vault record key")),
    "device credential": sign(identity, prefixed("device credential", credential)),
    "device list": sign(identity, prefixed("device list", device_list)),
    "vault by password": seal(
        hkdf(EXPORT_KEY, label("vault by password")), NONCE, prefixed("vault by password", ACCOUNT), ROOT
    ),
    "vault by recovery code": seal(
        hkdf(RECOVERY_CODE, label("vault by recovery code")), NONCE, prefixed("vault by recovery code", ACCOUNT), ROOT
    ),
    # Bound to the account and to the id that the authenticator gave the passkey.
    "vault by passkey": seal(
        hkdf(PRF_OUTPUT, label("vault by passkey")), NONCE, prefixed("vault by passkey", ACCOUNT + b"credential"), ROOT
    ),
    "passkey prf": hashlib.sha256(label("passkey prf")).digest(),
    "passkey name": seal(
        hkdf(ROOT, label("vault record key")),
        NONCE,
        prefixed("passkey name", ACCOUNT + hashlib.sha256(b"credential").digest()),
        padded_name,
    ),
    "store record": seal(ROOT, NONCE, prefixed("store record", b"record/1"), b"what is stored"),
    "store key from passphrase": hkdf(stretched, label("store key from passphrase")),
    "group profile": sign(ROOT, prefixed("group profile", group_profile)),
    "approval": sign(DEVICE_SEED, prefixed("approval", approval)),
    "departure": sign(DEVICE_SEED, prefixed("departure", departure)),
    "safety number": " ".join(f"{group:05}" for half in parties for group in half).encode(),
    "file": file_chunk[-32:],
    "group key share": prefixed("group key share", share),
    "history share": prefixed("history share", share),
    # The whole link: what is signed, the signature, the seed.
    "invite link": b"\x01" + link + sign(ROOT, prefixed("invite link", b"\x01" + link)) + INVITATION_SEED,
    "invitation use": sign(USED_SEED, prefixed("invitation use", use)),
    "recovery login": sign(recovery_seed, prefixed("recovery login", CHALLENGE + b"alice")),
    "device link id": link_id,
    "device link device": hkdf(LINK_SECRET, label("device link device"))[:16],
    "device link vault": seal(
        hkdf(LINK_SECRET, label("device link vault")), NONCE, prefixed("device link vault", ACCOUNT), linked
    ),
    "device link login": sign(link_seed, prefixed("device link login", CHALLENGE + link_id)),
    "device name": seal(
        hkdf(ROOT, label("vault record key")), NONCE, prefixed("device name", ACCOUNT + DEVICE), padded_name
    ),
    "device code": device_code.encode(),
    "account record id": hkdf(record_key, prefixed("account record id", b"contacts"))[:16],
    "account record": seal(record_key, NONCE, prefixed("account record", ACCOUNT + RECORD), record),
    "signal": EPOCH + seal(bytes(range(32)), NONCE, prefixed("signal", epoch_place), padded(signal)),
    "marker": EPOCH + seal(bytes(range(32, 64)), NONCE, prefixed("marker", epoch_place), padded(marker)),
    "own marker": seal(record_key, NONCE, prefixed("own marker", CHAT + ACCOUNT + DEVICE), struct.pack(">Q", 5)),
    # Of revision 5.
    "archive index": seal(
        archive_key, NONCE, prefixed("archive index", ACCOUNT + CHAT + struct.pack(">Q", 5)), padded(b"an index")
    ),
    "archive segment": seal(
        archive_key, NONCE, prefixed("archive segment", ACCOUNT + CHAT + bytes([0xE2] * 16)), padded(b"a segment")
    ),
    "export": export_header + export_chunk(0, 0, b"") + export_chunk(1, 1, b"what was said"),
    # What an export begins with; the block's number.
    "export block": hmac.new(
        hkdf(ROOT, label("export block")),
        prefixed("export block", bytes(range(100, 145)) + struct.pack(">Q", 5) + b"a block"),
        hashlib.sha256,
    ).digest(),
    # The chat, the message, the account, the device; what is said.
    "franking": hmac.new(
        bytes(range(32)),
        prefixed("franking", CHAT + bytes([0x3E] * 16) + ACCOUNT + DEVICE + b"what is said"),
        hashlib.sha256,
    ).digest(),
    "bot admission": hkdf(bytes(range(32)), label("bot admission")),
    "bot password": hkdf(bytes(range(32)), label("bot password")),
}
print(json.dumps({"sotto.v1 " + name: answer.hex() for name, answer in answers.items()}, indent=2))
