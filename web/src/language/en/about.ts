/** The page about Sotto. */
export const about = {
  title: 'About Sotto',
  lead: 'Sotto is end-to-end encrypted messaging that anyone can host. This page says in plain words what it protects, and what it does not.',
  travel: 'How a message travels',
  travelText:
    'Your device encrypts it before it leaves, and only the devices in the chat can open it. The keys change while you talk, so that a key that leaks opens little. Sotto uses MLS (RFC 9420), an open standard that cryptographers have studied, with a hybrid post-quantum key exchange: X25519 and ML-KEM together.',
  has: 'What the server has',
  has1: 'Your name, your public keys and the list of your devices.',
  has2: 'Which accounts share a chat, when messages pass, and roughly how long they are.',
  has3: 'Ciphertext. It has no key to any of it.',
  never: 'What the server never has',
  never1: 'What you write.',
  never2: 'Your password. It proves itself without being sent (OPAQUE, RFC 9807).',
  never3: 'Your private keys. They are sealed by your password or your recovery code before a copy is kept.',
  sure: 'Be sure who it is',
  sureText:
    'Every chat has a safety number. If both of you see the same digits, nobody sits in between. If somebody’s identity ever changes, Sotto says so loudly and sends nothing until you decide.',
  browser: 'In the browser',
  browserText:
    'A web page comes from the server each time. That makes it easy to use, and it means that you trust whoever runs the server to hand out the real program. The native client does not have this limit.',
} as const;
