import { afterAll } from 'vitest';
import { describeContract } from './describe.js';
import { startNext } from './next.js';

const next = await startNext();
afterAll(() => next.close());

describeContract([next.adapter('App'), next.adapter('Pages')]);
