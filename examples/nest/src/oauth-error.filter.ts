import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { OAuthError } from '@oauth-registry/express';
import type { Response } from 'express';
import { escape, page } from './page.js';

/** Responds to failed logins with their status and what to do. */
@Catch(OAuthError)
export class OAuthErrorFilter implements ExceptionFilter<OAuthError> {
  catch({ statusCode, message }: OAuthError, host: ArgumentsHost): void {
    const res = host.switchToHttp().getResponse<Response>();
    res.status(statusCode).send(page(`<p>${escape(message)}</p><a href="/">Back</a>`));
  }
}
