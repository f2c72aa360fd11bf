/** The page for whoever is not logged in. */
export const landing = {
  title: 'Talk quietly.',
  lead: 'Sotto is messaging that only the people in it can read. The server carries every message and can open none. Anyone can run one.',
  closed: 'This server takes no new accounts.',
  invited: 'This server takes new accounts by invite. No phone number, no e-mail address.',
  open: 'No phone number, no e-mail address. A name and a password.',
  youSee: 'What you see',
  example1: 'Dinner at eight?',
  example2: 'Yes. I’ll bring the good olives 🫒',
  example3: 'And don’t tell Jo, it’s a surprise',
  serverSees: 'What the server sees',
  promises: 'What Sotto promises',
  onlyYou: 'Only you can read it',
  onlyYouText:
    'Messages are encrypted on your device and opened on theirs. What lies between holds ciphertext, and keys that change as you talk.',
  ready: 'Ready for what comes',
  readyText: 'Post-quantum by default: a conversation recorded today stays closed to the computers of tomorrow.',
  yours: 'Yours to host',
  yoursText:
    'One program on one machine is a whole server. Your people, your rules, your disk, and still nothing on it to read.',
  undertone: 'Sotto, from <name>sotto voce</name>: in an undertone.',
  howItWorks: 'How it works',
} as const;
