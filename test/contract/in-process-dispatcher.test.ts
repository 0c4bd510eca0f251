import { createInProcessDispatcher } from '../../src/work/in-process.ts';
import { dispatcherSuite } from './dispatcher-suite.ts';

dispatcherSuite('within the process', async () => ({ make: createInProcessDispatcher, close: async () => {} }));
