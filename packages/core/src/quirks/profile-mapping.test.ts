import { describe, expect, it } from 'vitest';
import { parseJson } from '../platform/encoding.js';
import { evaluate } from './profile-mapping.js';
import { mapProfile } from './profile-mapping.js';

const sources = {
  $: {
    id: 1,
    name: '',
    login: 'ada',
    first: 'Ada',
    last: null,
    uri: '/users/42',
    icon: 'https://i.example/a.png?width=1&amp;s=2',
    title: 'Tom &amp; &#39;Jerry&#x27; &nosuch;',
    proto: '&constructor; &toString; &__proto__;',
    blank: '  ',
    nothing: {},
    none: [],
    flag: 'true',
    off: false,
    'https://claims.example/id': 'U1',
    emails: [
      { email: 'old@example.com', primary: false },
      { email: 'new@example.com', primary: true },
    ],
    json: '{"name":{"first":"Ada"}}',
    odd: 'a b?c#d',
  },
  token: { uid: 7 },
  id_token: {},
  callback: {},
  extra: [{ v: 1 }],
};

describe('an expression of a profile', () => {
  it.each<[string, unknown]>([
    ['$.id', 1],
    ['$.nosuch.deeper', undefined],
    ['$.last.deeper', undefined],
    ['$.name | $.login', 'ada'],
    ['$.emails[0].email', 'old@example.com'],
    ['$.emails[-1].email', 'new@example.com'],
    ['$.emails[?primary].email', 'new@example.com'],
    ['$.emails[?nosuch].email', undefined],
    ['$["https://claims.example/id"]', 'U1'],
    ['$.json.name.first', 'Ada'],
    ['$.constructor', undefined],
    ['token.uid', 7],
    ['extra[0].v', 1],
    ['nosuch.v', undefined],
    ['bool:$.flag', true],
    ['bool:$.off', false],
    ['bool:$.nosuch', false],
    ['present:$.login', true],
    ['present:$.last', undefined],
    ['present:$.last | $.login', 'ada'],
    ['and:$.flag $.off', false],
    ['if:$.flag $.login', 'ada'],
    ['if:$.off $.login', undefined],
    ['concat:$.first $.last', 'Ada'],
    ['concat:$.last $.nosuch', undefined],
    ['template:https://x.example/{login}/{id}', 'https://x.example/ada/1'],
    ['template:https://x.example/{odd}', 'https://x.example/a%20b%3Fc%23d'],
    ['template:https://x.example/{last} | const:none', 'none'],
    ['template:https://x.example/{token.uid}', 'https://x.example/7'],
    ['lastSegment:$.uri', '42'],
    ['withoutQuery:$.icon', 'https://i.example/a.png'],
    ['html:$.title', "Tom & 'Jerry' &nosuch;"],
    ['html:$.proto', '&constructor; &toString; &__proto__;'],
    ['$.blank | $.nothing | $.none | $.login', 'ada'],
    ['const:false', 'false'],
  ])('[M3] %s', (expression, expected) => {
    expect(evaluate(expression, sources)).toEqual(expected);
  });
});

describe('claims of a profile', () => {
  const read = (mapping: Record<string, string>, $: object) =>
    mapProfile({ sub: '$.id', ...mapping }, { ...sources, $: $ as Record<string, unknown> });

  it('[M3] are text, whatever the provider calls a number', () => {
    expect(read({ nickname: '$.n' }, { id: 12, n: 5 })).toEqual({
      sub: '12',
      nickname: '5',
      email_verified: false,
    });
  });

  it('[M3] count an email as verified only if the provider says so', () => {
    const mapping = { email: '$.email', email_verified: '$.ok' };
    const verified = (body: object) => read(mapping, { id: 1, ...body }).email_verified;
    expect(verified({ email: 'a@b.example', ok: true })).toBe(true);
    expect(verified({ email: 'a@b.example', ok: 'true' })).toBe(true);
    for (const ok of [false, 'false', null, undefined, 'yes', {}, 2]) {
      expect(verified({ email: 'a@b.example', ok })).toBe(false);
    }
    expect(verified({ ok: true })).toBe(false);
    expect(verified({ ok: true, email: null })).toBe(false);
  });

  it('[M3] take links of the web only', () => {
    for (const url of ['javascript:alert(1)', 'data:text/html,x', 'avatar/athlete/large.png']) {
      expect(read({ picture: '$.p', profile: '$.p', website: '$.p' }, { id: 1, p: url })).toEqual({
        sub: '1',
        email_verified: false,
      });
    }
  });

  it('[M3] have the words of the standard for what is abbreviated', () => {
    const gender = (value: unknown): unknown =>
      read({ gender: '$.g' }, { id: 1, g: value })['gender'];
    expect(['F', 'm', 'female', 'U', ' ', null].map(gender)).toEqual([
      'female',
      'male',
      'female',
      'U',
      undefined,
      undefined,
    ]);
  });

  it.each([
    ['its own', { name: 'Ada', login: 'ada', nick: 'a' }, 'Ada'],
    ['the username', { name: ' ', login: 'ada', nick: 'a' }, 'ada'],
    ['the nickname', { name: null, login: '', nick: 'a' }, 'a'],
    ['none', { login: null }, undefined],
  ])('[M3] have a name: %s', (_, body, name) => {
    const mapping = { name: '$.name', preferred_username: '$.login', nickname: '$.nick' };
    expect(read(mapping, { id: 1, ...body })['name']).toBe(name);
  });

  it('[M3] have no name that the mapping does not name', () => {
    expect(read({ nickname: '$.nick' }, { id: 1, nick: 'a' })).not.toHaveProperty('name');
  });

  it('[M3] need a subject', () => {
    for (const id of [undefined, null, '', {}, []]) {
      expect(() => read({}, { id })).toThrow(expect.objectContaining({ code: 'invalid_userinfo' }));
    }
  });
});

describe('JSON from outside', () => {
  it.each([
    ['{"id":17841400000000001}', { id: '17841400000000001' }],
    ['{"id":-17841400000000001}', { id: '-17841400000000001' }],
    ['{"a":[9007199254740993,1]}', { a: ['9007199254740993', 1] }],
    ['{"id":9007199254740991}', { id: 9007199254740991 }],
    ['{"t":"says \\"id\\":17841400000000001"}', { t: 'says "id":17841400000000001' }],
    ['{"x":0.12345678901234567,"y":1e400}', { x: Number('0.12345678901234567'), y: Infinity }],
    ['{"17841400000000001":1}', { '17841400000000001': 1 }],
  ])('[M3] preserves integers beyond 2^53 as their digits: %s', (text, expected) => {
    expect(parseJson(text)).toEqual(expected);
  });
});
