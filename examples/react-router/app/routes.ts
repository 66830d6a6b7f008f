import { index, route, type RouteConfig } from '@react-router/dev/routes';

export default [
  index('routes/home.tsx'),
  route('login', 'routes/login.ts'),
  route('callback/corp', 'routes/callback.ts'),
  route('logout', 'routes/logout.ts'),
  route('auth/*', 'routes/auth.ts'),
] satisfies RouteConfig;
