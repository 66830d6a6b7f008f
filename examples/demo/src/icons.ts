import { html, type Html } from './html.js';

const draw = (shape: Html): Html =>
  html`<svg
    viewBox="0 0 24 24"
    width="28"
    height="28"
    fill="none"
    stroke="currentColor"
    stroke-width="1.8"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    ${shape}
  </svg>`;

/** A picture for each client. */
export const icons: Record<string, Html> = {
  openid: draw(
    html`<path d="m9 21 1.2-12h3.6L15 21M6.5 21h11M10 9V5.5h4V9M12 5.5V3M9.5 15h5" /><path
        d="m17.5 6 3-1M17.5 8.5l3 1M6.5 6l-3-1M6.5 8.5l-3 1"
      />`,
  ),
  octo: draw(
    html`<circle cx="6" cy="5" r="2" /><circle cx="6" cy="19" r="2" /><circle
        cx="18"
        cy="8"
        r="2"
      /><path d="M6 7v10M18 10c0 4-6 3.5-10.5 6" />`,
  ),
  photos: draw(
    html`<rect x="3" y="6.5" width="18" height="13" rx="2.5" /><circle
        cx="12"
        cy="13"
        r="3.5"
      /><path d="M8 6.5 9.5 4h5L16 6.5" />`,
  ),
};
