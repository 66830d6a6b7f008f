import { access, login } from './oauth.js';

/** Logs in through a popup; the page behind it then shows who is logged in. */
for (const button of document.querySelectorAll('[data-popup]')) {
  button.addEventListener('click', async () => {
    const status = document.querySelector('[data-status]');
    status.textContent = '';
    try {
      await login(button.dataset.popup);
      location.reload();
    } catch (error) {
      status.textContent = error.message;
    }
  });
}

/** Calls the API through the server, which adds the token. */
for (const button of document.querySelectorAll('[data-access]')) {
  button.addEventListener('click', async () => {
    const response = await access(button.dataset.client, button.dataset.access);
    const result = document.querySelector('[data-result]');
    result.firstElementChild.textContent = JSON.stringify(await response.json(), undefined, 2);
    result.hidden = false;
  });
}
