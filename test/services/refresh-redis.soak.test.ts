import { describeRefresh } from '../support/fleet/scenario.js';

describeRefresh('redis');
