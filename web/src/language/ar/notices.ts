import type { notices as source } from '../en/notices';
import type { Translated } from '../message';

export const notices = {
  mention: 'ذكرك {who}',
  mentionIn: 'ذكرك {who} في {where}',
  reply: 'رد عليك {who}',
  replyIn: 'رد عليك {who} في {where}',
  reaction: 'تفاعل {who} مع رسالتك بـ {emoji}',
  reactionIn: 'تفاعل {who} مع رسالتك بـ {emoji} في {where}',
  addedBy: 'أضافك {who} إلى مجموعة:',
  added: 'أُضفت إلى مجموعة:',
  request: 'يريد {who} مراسلتك',
  device: 'سجّل جهاز جديد الدخول إلى حسابك',
  notInIt: 'لم تعد فيها.',
  requestHint: 'لا يعرف عنك شيئًا حتى تقبل.',
  deviceHint: 'إذا لم يكن لك فأزله.',
  deviceNamedHint: '{device}. إذا لم يكن لك فأزله.',
  community: 'تأسس مجتمع بالقرب منك',
  communityHint: 'بالقرب من المكان المذكور في ملفك. ألقِ نظرة.',
  new: 'جديد:',
} satisfies Translated<typeof source>;
