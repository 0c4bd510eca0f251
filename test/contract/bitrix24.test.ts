import { bitrix24Bench } from './connector/bitrix24-bench.ts';
import { connectorSuite } from './connector-suite.ts';

connectorSuite('Bitrix24 as documented', bitrix24Bench, {});

// What the vendor's documents leave open, in its other reading.
connectorSuite('Bitrix24 with option ids as texts', bitrix24Bench, { variants: { 'item-enum-type': 'B' } });
connectorSuite('Bitrix24 with dates at midnight of a portal west of UTC', bitrix24Bench, {
  variants: { 'date-shift': 'B' },
  portalOffset: '-05:00',
});
connectorSuite('Bitrix24 with dates at UTC midnight of a portal west of UTC', bitrix24Bench, {
  portalOffset: '-05:00',
});
connectorSuite('Bitrix24 with the other forms of lists and batches', bitrix24Bench, {
  variants: {
    'list-start-minus-one': 'B',
    'list-start-unaligned': 'B',
    'batch-numeric-keys': 'B',
    'batch-overflow': 'B',
    'batch-operating-limit': 'B',
    'limit-retry-after': 'B',
  },
});
connectorSuite('Bitrix24 with the other forms of fields and saves', bitrix24Bench, {
  variants: {
    'item-upper-name': 'A',
    'item-noop-update': 'B',
    'uf-letters-without-number': 'B',
    'userfieldconfig-filter-entity': 'A',
    'event-bind-by-webhook': 'B',
    'status-insufficient-scope': 'B',
  },
});
connectorSuite('Bitrix24 called by somebody who is no administrator', bitrix24Bench, { admin: false });
