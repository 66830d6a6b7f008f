import { describeContract } from './describe.js';
import { expressAdapter } from './express.js';

describeContract([
  expressAdapter(),
  expressAdapter({ version: 4 }),
  expressAdapter({ sealed: true }),
  expressAdapter({ version: 4, sealed: true }),
]);
