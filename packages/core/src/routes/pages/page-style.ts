import { themed } from './theme.js';

/**
 * The style sheet of a page, besides that of its buttons. Nothing depends on what follows it in the
 * page: that would move while the page arrives.
 */
export const pageStyle: string = `
:root { color-scheme: light dark }
body {
  background: ${themed('background', 'background')}; color: ${themed('text', 'text')};
  display: grid; font: 1rem/1.5 var(--oauth-font, system-ui, sans-serif); grid-template-rows: 1fr auto;
  justify-items: center; margin: 0; min-height: 100vh; min-height: 100svh;
}
main { box-sizing: border-box; max-width: 25rem; padding: clamp(2rem, 14vh, 9rem) 1.25rem 2.5rem; width: 100% }
.oauth-wide { max-width: 60rem }
.oauth-logo { display: block; height: 3rem; margin: 0 0 1.5rem; object-fit: contain; width: 100% }
h1 {
  font-size: 1.75rem; letter-spacing: -.01em; line-height: 1.2; margin: 0 0 1.75rem;
  overflow-wrap: anywhere; text-align: center; text-wrap: balance;
}
ul {
  display: grid; gap: .75rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 18rem), 1fr));
  list-style: none; margin: 0; padding: 0;
}
li, li > form { display: flex; flex-direction: column }
li > form, li .oauth-login { flex: 1 0 auto }
.oauth-asks { grid-column: 1 / -1; justify-self: center; max-width: 22.5rem; width: 100% }
p { margin: 0 0 1.5rem; overflow-wrap: anywhere; text-align: center; text-wrap: pretty }
.oauth-reference { font-size: .875rem }
.oauth-reference code { font-family: ui-monospace, monospace; letter-spacing: .05em; user-select: all }
main .oauth-on { grid-template-columns: 1fr }
details { font-size: .875rem; text-align: center }
summary {
  cursor: pointer; display: inline-block; line-height: 1.5rem; opacity: .8; padding: .625rem 1rem;
  text-decoration: underline; text-underline-offset: .25em;
}
footer {
  box-sizing: border-box; display: flex; flex-wrap: wrap; font-size: .875rem; gap: 0 1.25rem; justify-content: center;
  max-width: 60rem; padding: 0 1.25rem 1.25rem; width: 100%;
}
footer a { color: inherit; overflow-wrap: anywhere; padding: .625rem 0; text-underline-offset: .25em }
summary:focus-visible, footer a:focus-visible { outline: 3px solid ${themed('focus', 'focus')} }`;
