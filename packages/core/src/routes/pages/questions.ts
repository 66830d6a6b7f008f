import type { Question } from '../../options/server-choice.js';
import { html, type Html } from './html.js';

/** Renders the fields a user fills in to log in, above its button. */
export function askFor(questions: readonly Question[]): Html[] {
  return questions.map(
    ({ name, label, preset }) =>
      html`<label class="oauth-question"
        ><span dir="auto">${label}</span
        ><input
          name="${name}"
          value="${preset}"
          required
          maxlength="2048"
          autocapitalize="none"
          autocomplete="on"
          spellcheck="false"
          dir="auto"
      /></label>`,
  );
}

/** The style sheet of these fields. */
export const questionStyle = `
.oauth-question { display: block; font: .875rem/1.5 var(--oauth-font, system-ui, sans-serif); margin: 0 0 .5rem }
.oauth-question input {
  background: transparent; border: 1px solid var(--oauth-border, light-dark(#8a96a8, #64748b));
  border-radius: var(--oauth-radius, .625rem); box-sizing: border-box; color: inherit; display: block;
  font: inherit; font-size: 1rem; min-height: 3rem; padding: .5rem .9375rem; width: 100%;
}
.oauth-question input:focus-visible {
  outline: 3px solid var(--oauth-focus, light-dark(#2563eb, #93c5fd)); outline-offset: 2px;
}`;
