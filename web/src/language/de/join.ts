import type { join as source } from '../en/join';
import type { Translated } from '../message';

export const join = {
  aGroup: 'Eine Gruppe',
  invited: 'Du bist zu dieser Gruppe eingeladen.',
  members: { one: 'Sie hat 1 Mitglied.', other: 'Sie hat {count} Mitglieder.' },
  linkIs: 'Der Link: {end}.',
  logInOrCreate:
    'Melde dich an, um beizutreten, oder erstelle zuerst ein Konto: Es braucht einen Namen und ein Passwort.',
  logIn: 'Melde dich an, um beizutreten. Dieser Server nimmt keine neuen Konten an.',
  alreadyIn: 'Du bist schon dabei.',
  open: 'Gruppe öffnen',
  hint: 'Ihre Mitglieder sehen, dass du beitrittst, und du liest, was ab dann gesagt wird.',
} satisfies Translated<typeof source>;
