import type { noticePage as source } from '../en/noticePage';
import type { Translated } from '../message';

export const noticePage = {
  none: 'لا شيء بعد. عندما يذكرك أحد أو يرد عليك أو يتفاعل مع ما قلته أو يضيفك إلى مجموعة، تجد ذلك هنا.',
} satisfies Translated<typeof source>;
