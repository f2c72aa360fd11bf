import type { broadcast as source } from '../en/broadcast';
import type { Translated } from '../message';

export const broadcast = {
  title: 'Rundnachrichten',
  ofServer: 'Von denen, die diesen Server betreiben, an alle darauf.',
  ofCommunity: 'Von denen, die sich um die Gemeinschaft kümmern, an alle darin.',
  none: 'Es gibt noch keine Rundnachrichten.',
  joinFirst: 'Tritt der Gemeinschaft bei, um mitzulesen.',
  start: 'Rundnachrichten beginnen',
  starting: 'Wird begonnen …',
  startTitle: 'Rundnachrichten beginnen',
  startHint:
    'Du schreibst, und alle, die mitlesen, sehen es. Du kannst dort andere zu Admins machen, die auch schreiben. Höchstens 2.000 Geräte können mitlesen; und weil alle hier dazukommen können, ist es vor einem späteren Quantencomputer nicht geschützt.',
  begin: 'Beginnen',
  another: 'Andere beginnen',
  stop: 'Rundnachrichten beenden…',
  stopTitle: 'Rundnachrichten beenden?',
  stopHint: 'Sie werden hier nicht mehr gezeigt. Die Gruppe geht für alle weiter, die mitlesen.',
  stopThis: 'Rundnachrichten beenden',
  readOnly: 'Hier schreiben Eigentümer und Admins. Du liest mit.',
  about: 'Rundnachrichten: Eigentümer und Admins schreiben, alle anderen lesen.',
} satisfies Translated<typeof source>;
