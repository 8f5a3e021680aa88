// Sends messages without leaving the page, and shows the newest first thing. Every form works without it.

const said = (form, text) => { form.querySelector('[data-lk-problem]').textContent = text; };

async function send(form) {
  const button = form.querySelector('button[type="submit"]');
  if (button.getAttribute('aria-busy') === 'true') return;
  button.setAttribute('aria-busy', 'true');
  said(form, '');
  try {
    const response = await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)), headers: { Accept: 'application/json' }, credentials: 'same-origin' });
    if (response.ok) {
      form.reset();
      form.querySelector('textarea').value = '';
      form.dispatchEvent(new CustomEvent('lk-sent', { bubbles: true }));
      document.dispatchEvent(new CustomEvent('lk-did'));
    } else {
      said(form, response.status === 401 ? 'You are signed out. Load the page again to sign in; copy your text first.' : (await response.json()).detail);
    }
  } catch {
    said(form, 'The server can\'t be reached just now. Your text is still here; try again.');
  }
  button.removeAttribute('aria-busy');
  form.querySelector('textarea').focus({ preventScroll: true });
}

document.addEventListener('submit', event => {
  if (event.defaultPrevented || !event.target.matches('form[data-lk-send]')) return;
  event.preventDefault();
  send(event.target);
});

document.addEventListener('keydown', event => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && event.target.form?.matches('[data-lk-send]')) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
});

// A long conversation opens at its end, where it goes on.
const stream = document.querySelector('.lk-stream'), compose = document.querySelector('#lk-compose');
if (stream && compose && !location.hash && stream.getBoundingClientRect().bottom > innerHeight) compose.scrollIntoView({ block: 'end' });
