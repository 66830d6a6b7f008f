import { describeContract } from './describe.js';
import { fastifyAdapter } from './fastify.js';

describeContract([
  fastifyAdapter(),
  fastifyAdapter({ session: '@fastify/secure-session' }),
  fastifyAdapter({ session: 'encrypted cookies' }),
]);
