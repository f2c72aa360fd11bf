import type { about as source } from '../en/about';
import type { Translated } from '../message';

export const about = {
  title: 'Über Sotto',
  lead: 'Sotto sind Ende-zu-Ende-verschlüsselte Nachrichten, die jeder selbst betreiben kann. Diese Seite sagt in einfachen Worten, was es schützt und was nicht.',
  travel: 'Wie eine Nachricht unterwegs ist',
  travelText:
    'Dein Gerät verschlüsselt sie, bevor sie losgeht, und nur die Geräte im Chat können sie öffnen. Die Schlüssel ändern sich, während ihr sprecht, sodass ein Schlüssel, der bekannt wird, wenig öffnet. Sotto verwendet MLS (RFC 9420), einen offenen Standard, den Kryptographen untersucht haben, mit einem hybriden Post-Quanten-Schlüsselaustausch: X25519 und ML-KEM zusammen.',
  has: 'Was der Server hat',
  has1: 'Deinen Namen, deine öffentlichen Schlüssel und die Liste deiner Geräte.',
  has2: 'Welche Konten in einem Chat sind, wann Nachrichten gehen und ungefähr wie lang sie sind.',
  has3: 'Chiffrat. Es hat zu nichts davon einen Schlüssel.',
  never: 'Was der Server nie hat',
  never1: 'Was du schreibst.',
  never2: 'Dein Passwort. Es beweist sich, ohne gesendet zu werden (OPAQUE, RFC 9807).',
  never3:
    'Deine privaten Schlüssel. Sie werden mit deinem Passwort oder deinem Wiederherstellungscode versiegelt, bevor eine Kopie aufbewahrt wird.',
  sure: 'Sei sicher, wer es ist',
  sureText:
    'Jeder Chat hat eine Sicherheitsnummer. Wenn ihr beide dieselben Ziffern seht, sitzt niemand dazwischen. Wenn sich eine Identität je ändert, sagt Sotto das deutlich und sendet nichts, bis du entscheidest.',
  browser: 'Im Browser',
  browserText:
    'Eine Webseite kommt jedes Mal vom Server. Das macht sie leicht zu benutzen und bedeutet, dass du dem, der den Server betreibt, vertraust, das echte Programm auszugeben. Der native Client hat diese Grenze nicht.',
} satisfies Translated<typeof source>;
