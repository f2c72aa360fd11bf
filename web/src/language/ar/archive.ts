import type { archive as source } from '../en/archive';
import type { Translated } from '../message';

export const archive = {
  rolledBack: 'يعرض الخادم سجلًا أقدم مما حفظته أجهزتك هناك.',
  forked: 'يعرض الخادم على أجهزتك سجلات مختلفة.',
  cut: 'ينقص جزء من السجل الذي حفظته أجهزتك على الخادم.',
  foreign: 'ما يعرضه الخادم على أنه سجلك لم تحفظه أجهزتك.',
  aChat: 'محادثة',
  restoring: 'جارٍ قراءة رسائلك السابقة…',
  faultHint: 'الرسائل على هذا الجهاز كما كانت. اسأل من يدير الخادم إذا لم تتوقع هذا.',
  seen: 'رأيت ذلك',
} satisfies Translated<typeof source>;
