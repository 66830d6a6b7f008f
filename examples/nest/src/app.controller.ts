import { Controller, Get, Header, Post, Redirect, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { oauth } from './oauth.js';
import { escape, page } from './page.js';
import { logIn, settled } from './session.js';

/** `@Res()` without "passthrough" leaves the response to the adapter. */
@Controller()
export class AppController {
  @Get()
  @Header('cache-control', 'no-store')
  async start(@Req() req: Request): Promise<string> {
    const { user } = req.session;
    if (!user) return page('<p>You are not logged in.</p><a href="/login">Log in</a>');
    const response = await oauth.corp.get('me', { token: user.token });
    return page(`<h1>${escape(user.name)}</h1>
      <p>The API responds with ${response.status}:</p>
      <pre>${escape(await response.text())}</pre>
      <form method="post" action="/logout"><button>Log out</button></form>`);
  }

  @Get('login')
  async login(@Req() req: Request, @Res() res: Response): Promise<void> {
    await oauth.corp.authorizeRedirect(req, res);
  }

  @Get('callback/corp')
  @Redirect('/')
  async callback(@Req() req: Request): Promise<void> {
    await logIn(req, await oauth.corp.authorizeAccessToken(req));
  }

  @Post('logout')
  @Redirect('/', 303)
  async logout(@Req() req: Request): Promise<void> {
    await settled((done) => req.session.destroy(done));
  }
}
