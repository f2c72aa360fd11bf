import type { landing as source } from '../en/landing';
import type { Translated } from '../message';

export const landing = {
  title: 'Sprich leise.',
  lead: 'Sotto sind Nachrichten, die nur die Beteiligten lesen können. Der Server trägt jede Nachricht und kann keine öffnen. Jeder kann einen betreiben.',
  closed: 'Dieser Server nimmt keine neuen Konten an.',
  invited: 'Dieser Server nimmt neue Konten mit Einladung an. Keine Telefonnummer, keine E-Mail-Adresse.',
  open: 'Keine Telefonnummer, keine E-Mail-Adresse. Ein Name und ein Passwort.',
  youSee: 'Was du siehst',
  example1: 'Abendessen um acht?',
  example2: 'Ja. Ich bringe die guten Oliven mit 🫒',
  example3: 'Und sag Jo nichts, es ist eine Überraschung',
  serverSees: 'Was der Server sieht',
  promises: 'Was Sotto verspricht',
  onlyYou: 'Nur ihr könnt es lesen',
  onlyYouText:
    'Nachrichten werden auf deinem Gerät verschlüsselt und auf den anderen geöffnet. Dazwischen liegt nur Chiffrat, und die Schlüssel ändern sich, während ihr sprecht.',
  ready: 'Bereit für das, was kommt',
  readyText:
    'Post-Quanten-sicher von Anfang an: Ein heute aufgezeichnetes Gespräch bleibt den Computern von morgen verschlossen.',
  yours: 'Zum Selbstbetreiben',
  yoursText:
    'Ein Programm auf einer Maschine ist ein ganzer Server. Deine Leute, deine Regeln, deine Festplatte, und trotzdem ist nichts darauf zu lesen.',
  undertone: 'Sotto, von <name>sotto voce</name>: mit gedämpfter Stimme.',
  howItWorks: 'Wie es funktioniert',
} satisfies Translated<typeof source>;
