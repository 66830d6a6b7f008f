import type { Question } from '../../options/server-choice.js';
import { html, type Html } from '../../platform/html.js';
import { fill, labelOf, type Texts } from './texts.js';
import { themed } from './theme.js';

/** Renders the fields a user fills in to log in, above its button. */
export function askFor(questions: readonly Question[], texts: Texts): Html[] {
  return questions.map(
    ({ name, label, preset, example }) =>
      html`<label class="oauth-question"
        ><span dir="auto">${labelOf(label, texts.questions)}</span
        ><input
          name="${name}"
          value="${preset}"
          required
          maxlength="2048"
          autocapitalize="none"
          autocomplete="on"
          spellcheck="false"
          dir="auto"
        />${example && html`<small dir="auto">${fill(texts.example, example)}</small>`}</label
      >`,
  );
}

/** The style sheet of these fields. */
export const questionStyle: string = `
.oauth-question { display: block; font: .875rem/1.5 var(--oauth-font, system-ui, sans-serif); margin: .25rem 0 .75rem }
.oauth-question input {
  background: transparent; border: 1px solid ${themed('border', 'border')};
  border-radius: calc(var(--oauth-radius, .625rem) / 3); box-sizing: border-box; color: inherit; display: block;
  font: inherit; font-size: 1rem; margin: .125rem 0; min-height: 2.75rem; padding: .5rem .75rem; width: 100%;
}
.oauth-question small { display: block; font-size: .8125rem }
.oauth-question input:focus-visible {
  outline: 3px solid ${themed('focus', 'focus')}; outline-offset: 2px;
}`;
