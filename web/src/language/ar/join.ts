import type { join as source } from '../en/join';
import type { Translated } from '../message';

export const join = {
  aGroup: 'مجموعة',
  invited: 'أنت مدعو إلى هذه المجموعة.',
  members: {
    zero: 'ليس فيها أحد.',
    one: 'فيها شخص واحد.',
    two: 'فيها شخصان.',
    few: 'فيها {count} أشخاص.',
    many: 'فيها {count} شخصًا.',
    other: 'فيها {count} شخص.',
  },
  linkIs: 'الرابط: {end}.',
  logInOrCreate: 'سجّل الدخول للانضمام، أو أنشئ حسابًا أولًا: يحتاج إلى اسم وكلمة مرور.',
  logIn: 'سجّل الدخول للانضمام. لا يقبل هذا الخادم حسابات جديدة.',
  alreadyIn: 'أنت فيها بالفعل.',
  open: 'فتح المجموعة',
  hint: 'يرى أعضاؤها أنك انضممت، وتقرأ ما يقال من ذلك الحين.',
} satisfies Translated<typeof source>;
