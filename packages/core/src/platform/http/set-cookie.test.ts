import { describe, expect, it } from 'vitest';
import { formatCookie } from './set-cookie.js';

describe('a cookie as a header', () => {
  it('is dropped by two attributes, for Next.js loses a Max-Age of 0 when it adds cookies', () => {
    const dropped = formatCookie({
      name: 'a',
      value: '',
      maxAge: 0,
      secure: true,
      sameSite: 'lax',
    });
    expect(dropped).toBe(
      'a=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax; Secure',
    );
    const kept = formatCookie({ name: 'a', value: 'b', maxAge: 60, secure: false });
    expect(kept).toBe('a=b; Path=/; Max-Age=60; HttpOnly');
  });
});
