import type { composer as source } from '../en/composer';
import type { Translated } from '../message';

export const composer = {
  edit: 'تعديل',
  answerTo: 'رد على {name}',
  answerToYourself: 'رد على نفسك',
  notAnswer: 'عدم الرد على هذه الرسالة',
  notEdit: 'عدم تعديل هذه الرسالة',
  tooLong: 'حجم هذه الرسالة {size} كيبيبايت، وأطول ما يمكن إرساله {most} كيبيبايت. اختصرها أو أرسلها على أجزاء.',
  membersFit: {
    zero: 'لا عضو يطابق. اختر بالأسهم وأدخل بمفتاح الإدخال.',
    one: 'عضو واحد يطابق. اختر بالأسهم وأدخل بمفتاح الإدخال.',
    two: 'عضوان يطابقان. اختر بالأسهم وأدخل بمفتاح الإدخال.',
    few: '{count} أعضاء يطابقون. اختر بالأسهم وأدخل بمفتاح الإدخال.',
    many: '{count} عضوًا يطابقون. اختر بالأسهم وأدخل بمفتاح الإدخال.',
    other: '{count} عضو يطابقون. اختر بالأسهم وأدخل بمفتاح الإدخال.',
  },
  membersToName: 'الأعضاء الذين يمكن ذكرهم',
} satisfies Translated<typeof source>;
