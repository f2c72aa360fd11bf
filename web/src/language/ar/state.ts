import type { state as source } from '../en/state';
import type { Translated } from '../message';

export const state = {
  copyRefused: 'لا يسمح متصفحك لـ Sotto بالنسخ. حدد النص وانسخه يدويًا.',
  notHere: 'هذه الرسالة ليست في هذا المتصفح: إنها أقدم مما لديه أو حُذفت.',
  notWoken:
    'تعذر تسجيل هذا المتصفح لدى خدمة الإشعارات، فلا تعلم بالرسائل الجديدة إلا وSotto مفتوح في تبويب. أوقف الإشعارات وشغّلها مجددًا لإعادة المحاولة.',
  intentFailed: 'تعذر تنفيذ ما طلبته في «{title}». {reason}',
} satisfies Translated<typeof source>;
