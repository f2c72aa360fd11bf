import type { group as source } from '../en/group';
import type { Translated } from '../message';

export const group = {
  foundCount: {
    zero: 'لم يُعثر على أي مجموعة',
    one: 'عُثر على مجموعة واحدة',
    two: 'عُثر على مجموعتين',
    few: 'عُثر على {count} مجموعات',
    many: 'عُثر على {count} مجموعة',
    other: 'عُثر على {count} مجموعة',
  },
  foundOrMore: {
    zero: 'عُثر على {count} مجموعة أو أكثر',
    one: 'عُثر على مجموعة واحدة أو أكثر',
    two: 'عُثر على مجموعتين أو أكثر',
    few: 'عُثر على {count} مجموعات أو أكثر',
    many: 'عُثر على {count} مجموعة أو أكثر',
    other: 'عُثر على {count} مجموعة أو أكثر',
  },
  foundNone: 'لم يُعثر على مجموعة باسم «{sought}».',
} satisfies Translated<typeof source>;
