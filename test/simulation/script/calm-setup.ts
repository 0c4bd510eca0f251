import type { Setup } from './script.ts';

/** Four pairs, and nothing goes wrong. */
export const CALM: Setup = {
  pairs: 4,
  requests: 0,
  deals: 0,
  conflict: 'hold',
  labels: 'merge',
  note: 'both',
  gone: 'unlink',
  sweepMinutes: 30,
  tickMs: 60_000,
  indexLagMs: 2_000,
  keyGaps: false,
  limits: 'off',
  application: false,
  skewMs: 0,
  latencyMs: 400,
  webhooks: 'normal',
  hours: 24,
};
