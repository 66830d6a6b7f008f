// On Bun, which serves what a module exports.
import { createApp } from './app.js';

const { PORT = '3000' } = process.env;
const { fetch } = createApp(process.env);

export default { hostname: 'localhost', port: Number(PORT), fetch };
