import type { safety as source } from '../en/safety';
import type { Translated } from '../message';

export const safety = {
  same: 'Sie sind gleich',
  changed: 'Identität geändert',
  changedMember:
    'Die Schlüssel hinter diesem Namen sind nicht die, die du kanntest. Vielleicht hat {name} neu angefangen; vielleicht gibt sich jemand anders als {name} aus. Vergleiche die Sicherheitsnummer, bevor du sie annimmst.',
  compareNumber: 'Sicherheitsnummer vergleichen',
  accept: 'Die neue Identität annehmen',
  compareMember:
    'Vergleiche diese Ziffern mit {name}, nebeneinander oder in einem Anruf, bei dem du die Stimme kennst. Wenn sie auf beiden Bildschirmen gleich sind, steht niemand zwischen euch.',
  numberWith: 'Sicherheitsnummer mit {name}',
  notKnown: 'Die Sicherheitsnummer von {name} ist noch nicht bekannt.',
  changedTitle: 'Die Identität von {name} hat sich geändert',
  changedInGroup:
    'Die Schlüssel hinter diesem Namen sind nicht die, die du kanntest. Vielleicht hat {name} neu angefangen; vielleicht gibt sich jemand anders als {name} aus. Was hier gesagt wird, kann dort ankommen. Vergleiche zuerst die Sicherheitsnummer, über etwas anderes als Sotto.',
  changedInChat:
    'Die Schlüssel hinter diesem Namen sind nicht die, die du kanntest. Vielleicht hat {name} neu angefangen; vielleicht gibt sich jemand anders als {name} aus. Nichts wird gesendet, bis du entscheidest. Vergleiche zuerst die Sicherheitsnummer, über etwas anderes als Sotto.',
  number: 'Sicherheitsnummer',
  compareHint:
    'Vergleiche diese Ziffern mit <strong>{name}</strong>, nebeneinander oder in einem Anruf, bei dem du die Stimme kennst. Wenn sie auf beiden Bildschirmen gleich sind, steht niemand zwischen euch.',
  otherKeys:
    '<strong>Das stimmt nicht überein.</strong> Einer von euch sieht andere Schlüssel, als der andere hat: Jemand kann zwischen euch stehen. Sage hier nichts, was privat bleiben muss, und sag es {name} über etwas anderes als Sotto.',
  otherAccounts:
    '<strong>Das ist nicht der Code dieses Chats.</strong> Wenn {name} dir den Code eines anderen Chats gezeigt hat, frage nach dem richtigen. Wenn nicht, zeigt der Server einem von euch jemand anderen.',
  youVerified: 'Du hast {name} geprüft: Niemand steht zwischen euch.',
  compareByQr: 'Per QR-Code vergleichen',
  letScan: 'Lass {name} das scannen:',
  codeWith: 'Sicherheitscode mit {name}',
  theirScreen: 'Was der Bildschirm von {name} zeigt',
  compare: 'Vergleichen',
  scan: 'Mit der Kamera scannen',
  noCode: 'In diesem Bild wurde kein QR-Code gefunden. Bitte versuche es noch einmal, näher und gerade.',
  unreadable: 'Dieses Bild konnte nicht gelesen werden.',
} satisfies Translated<typeof source>;
