import { postgresState } from '../support/postgres-state.ts';
import { storeSuite } from './store-suite.ts';

const state = postgresState();

storeSuite('PostgreSQL', state.open);
