import { describeRefresh } from '../refresh/scenario.js';

describeRefresh('redis');
