import type { ReportReason } from '@sotto/client';
import { t } from '../language/catalogue';
import type { Option } from './option';

const REASONS: readonly ReportReason[] = [
  'spam',
  'fraud',
  'harassment',
  'hate',
  'violence',
  'sexual',
  'child-abuse',
  'self-harm',
  'illegal',
  'other',
];

/** Why something can be reported. */
export function reportReasons(): Option<ReportReason>[] {
  return REASONS.map((value) => ({ value, label: t(`reports.${value}`) }));
}
