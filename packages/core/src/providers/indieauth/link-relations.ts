import { unescapeHtml } from '../../quirks/html-entities.js';

/** The target and relation of a link. */
interface Link {
  href: string;
  rel: string;
}

/** A page to search for links. */
export interface LinkedPage {
  /** The URL of the page, the base of relative links. */
  url: string;
  headers: Headers;
  text: string;
}

/**
 * Returns the http or https URL of the first link with a relation: from the `Link` headers, or else
 * from the `<link>` elements of an HTML page.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8288#section-3
 * @see https://html.spec.whatwg.org/multipage/links.html
 */
export function findLink(page: LinkedPage, relation: string): string | undefined {
  const isHtml = /^(text\/html|application\/xhtml\+xml)\b/i.test(
    page.headers.get('content-type') ?? '',
  );
  const links = [
    ...headerLinks(page.headers.get('link') ?? ''),
    ...(isHtml ? htmlLinks(page) : []),
  ];
  const found = links.find(({ rel }) => rel.toLowerCase().split(/\s+/).includes(relation));
  if (found === undefined || !URL.canParse(found.href, page.url)) return undefined;
  const { href } = new URL(found.href, page.url);
  return /^https?:/.test(href) ? href : undefined;
}

/**
 * Parses a `Link` header (RFC 8288 §3) in linear time: each expression starts at the end of the
 * last match.
 */
function headerLinks(header: string): Link[] {
  const links: Link[] = [];
  const target = /[\s,]*<([^>]*)>\s*/y;
  const param = /;\s*(?:([^\s=;,"]+)\s*)?(?:=\s*(?:"((?:[^"\\]|\\.)*)"\s*|([^\s;,"]+)\s*)?)?/y;
  for (let match = target.exec(header); match; match = target.exec(header)) {
    const link: Link = { href: match[1] ?? '', rel: '' };
    param.lastIndex = target.lastIndex;
    for (let one = param.exec(header); one; one = param.exec(header)) {
      // Of repeated parameters, the first counts (§3.3).
      if (one[1]?.toLowerCase() === 'rel') link.rel ||= one[2] ?? one[3] ?? '';
      target.lastIndex = param.lastIndex;
    }
    links.push(link);
  }
  return links;
}

/** Elements whose content is text or not part of the page. */
const opaque = /^(script|style|title|textarea|template|xmp|iframe|noembed|noframes|svg|math)$/;

/** Reads the tags in order, only as far as needed to tell them from text. */
function htmlLinks({ text }: LinkedPage): Link[] {
  const links: Link[] = [];
  const tag = /<([a-z][^\s/>]*)/iy;
  const attribute = /[\s/]*([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/y;
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at)) {
    if (text.startsWith('<!--', at)) {
      at = after(text, '-->', at + 2);
      continue;
    }
    tag.lastIndex = at;
    const name = tag.exec(text)?.[1]?.toLowerCase();
    at = name === undefined ? at + 1 : tag.lastIndex;
    if (name === undefined) continue;
    const attributes = new Map<string, string>();
    attribute.lastIndex = at;
    for (let one = attribute.exec(text); one; one = attribute.exec(text)) {
      const key = one[1]?.toLowerCase() ?? '';
      if (!attributes.has(key)) attributes.set(key, one[2] ?? one[3] ?? one[4] ?? '');
      at = attribute.lastIndex;
    }
    const [href, rel] = [attributes.get('href'), attributes.get('rel')];
    if (name === 'link' && href !== undefined && rel !== undefined) {
      links.push({ href: unescapeHtml(href).trim(), rel: unescapeHtml(rel) });
    }
    if (opaque.test(name)) at = closing(text, name, at);
  }
  return links;
}

function after(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at < 0 ? text.length : at + mark.length;
}

function closing(text: string, name: string, from: number): number {
  const end = new RegExp(`</${name}`, 'gi');
  end.lastIndex = from;
  return end.exec(text) ? end.lastIndex : text.length;
}
