import type { ReactNode } from 'react';
import { Links, Meta, Outlet, Scripts } from 'react-router';
import style from './style.css?url';

export const links = () => [
  { rel: 'icon', href: 'data:,' },
  { rel: 'stylesheet', href: style },
];

export default function Root(): ReactNode {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <Meta />
        <Links />
      </head>
      <body>
        <Outlet />
        <Scripts />
      </body>
    </html>
  );
}
