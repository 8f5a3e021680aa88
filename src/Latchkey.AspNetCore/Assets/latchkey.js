// What the pages say again as time goes on and things happen. Every page works without it.
const assets = new URL('.', import.meta.url);
const hour = 3600, day = 86400;

// --- time: instants in the reader's zone, spans in words -------------------------------------------------------------

let clockAhead = 0; // how far the server's clock is ahead of this machine's
const now = () => Date.now() + clockAhead;

const counted = (count, unit, plural) => `${count}${unit}${plural && count !== 1 ? 's' : ''}`;

// The same words as Durations.cs; the two change together.
function inTwo(seconds, [d, h, m, s], plural) {
  const total = Math.max(0, Math.floor(seconds));
  const [first, unit, then, smaller] =
    total >= day ? [Math.floor(total / day), d, Math.floor(total % day / hour), h]
    : total >= hour ? [Math.floor(total / hour), h, Math.floor(total % hour / 60), m]
    : total >= 60 ? [Math.floor(total / 60), m, total % 60, s]
    : [total, s, 0, ''];
  return then === 0 ? counted(first, unit, plural) : `${counted(first, unit, plural)} ${counted(then, smaller, plural)}`;
}
const long = seconds => inTwo(seconds, [' day', ' hour', ' minute', ' second'], true);
const short = seconds => inTwo(seconds, [' d', ' h', ' min', ' s'], false);
function ago(seconds) {
  if (seconds < 60) return 'just now';
  const [count, unit] = seconds < hour ? [seconds / 60, ' minute'] : seconds < day ? [seconds / hour, ' hour'] : [seconds / day, ' day'];
  return counted(Math.floor(count), unit, true) + ' ago';
}

const format = options => new Intl.DateTimeFormat('en-GB', options);
const clock = format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const date = format({ day: 'numeric', month: 'short', year: 'numeric' });
const weekday = format({ weekday: 'short' });
const dateOf = at => date.format(at).replace('Sept', 'Sep');

function words(at, how) {
  const left = (at - now()) / 1000;
  const today = dateOf(at) === dateOf(now());
  switch (how) {
    case 'left': return left > 0 ? `in ${long(left)}` : 'now';
    case 'left-short': return left > 0 ? `in ${short(left)}` : 'now';
    case 'ago': return ago(-left);
    case 'clock': return today ? clock.format(at) : `${dateOf(at)}, ${clock.format(at)}`;
    case 'day': return today ? `today ${clock.format(at)}` : `${dateOf(at)}, ${clock.format(at)}`;
    default: return `${weekday.format(at)} ${dateOf(at)}, ${clock.format(at)}`;
  }
}

function tell(time) {
  const said = words(Date.parse(time.dateTime), time.dataset.lkTime);
  if (time.textContent !== said) time.textContent = said;
}

function tellTimes(root) {
  const times = root.querySelectorAll('time[data-lk-time]');
  const stamp = [...times].at(-1)?.dataset.lkNow;
  if (stamp) clockAhead = Date.parse(stamp) - Date.now();
  times.forEach(tell);
}

// Spans under an hour tick each second, longer ones each minute; instants stay as they are.
let ticks = 0;
function tick() {
  ticks++;
  for (const time of document.querySelectorAll('time[data-lk-time="left"], time[data-lk-time="left-short"], time[data-lk-time="ago"]')) {
    const left = Math.abs(Date.parse(time.dateTime) - now()) / 1000;
    if (left < hour + 60 && time.dataset.lkTime !== 'ago' || ticks % 20 === 0) tell(time);
  }
}

// --- fragments: parts of the page that the server says anew ----------------------------------------------------------

/** Puts a fragment in place of what an element holds; keeps focus, open folds and what somebody is typing. */
function swap(element, html) {
  const active = element.contains(document.activeElement) ? document.activeElement : null;
  const open = [...element.querySelectorAll('details[open][id]')].map(d => d.id);
  const typed = [...element.querySelectorAll('form[data-lk-touched][id]')].map(form => [form.id, [...new FormData(form)]]);
  const selection = active && 'selectionStart' in active ? [active.selectionStart, active.selectionEnd] : null;
  const problem = element.querySelector('[data-lk-problem]');

  shown.set(element, essence(html));
  element.innerHTML = html;

  // Why something was refused stands until the next try; it was read out once.
  if (problem && !element.querySelector('[data-lk-problem]')) {
    problem.removeAttribute('role');
    element.querySelector('.lk-panel-head')?.after(problem);
  }

  for (const id of open) element.querySelector(`#${CSS.escape(id)}`)?.setAttribute('open', '');
  for (const [id, values] of typed) {
    const form = element.querySelector(`#${CSS.escape(id)}`);
    if (!form) continue;
    form.dataset.lkTouched = '';
    for (const [name, value] of values) {
      const field = form.querySelector(`[name="${CSS.escape(name)}"]`);
      if (field && field.type !== 'hidden' && typeof value === 'string') field.value = value;
    }
  }
  dress(element);
  const again = active?.id && element.querySelector(`#${CSS.escape(active.id)}`);
  if (again && document.activeElement !== again) {
    again.focus({ preventScroll: true });
    if (selection) try { again.setSelectionRange(...selection); } catch { /* not a field with a selection */ }
  }
}

/** Brings what the server wrote into the reader's terms. */
function dress(root) {
  tellTimes(root);
  for (const field of root.querySelectorAll('input[type="datetime-local"][name="until_local"]')) {
    const zone = field.closest('.lk-field').querySelector('[data-lk-zone]');
    if (zone) zone.textContent = '(your time)';
    // The server's own text of the field is UTC.
    field.value = localText(Date.parse(field.defaultValue + 'Z'));
    field.max = localText(Date.parse(field.max + 'Z'));
  }
}

function localText(ms) {
  const d = new Date(ms);
  return new Date(ms - d.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

// What each part shows, as the server said it. Two answers are the same when they differ only in what every answer has of its own.
const shown = new WeakMap();
function essence(html) {
  const template = document.createElement('template');
  template.innerHTML = html;
  return template.innerHTML.replace(/<input[^>]*__RequestVerificationToken[^>]*>/g, '').replace(/ data-lk-now="[^"]*"/g, '').trim();
}

async function get(url) {
  try {
    const response = await fetch(url, { headers: { Accept: '*/*' }, cache: 'no-store', credentials: 'same-origin' });
    return { status: response.status, html: response.ok ? await response.text() : null };
  } catch {
    return { status: 0, html: null };
  }
}

async function refresh(element) {
  const run = element.lkRun = (element.lkRun ?? 0) + 1;
  const { status, html } = await get(element.dataset.lkSrc);
  // A newer question, or somebody's own act under way, makes this answer old.
  if (run !== element.lkRun || !element.isConnected || element.querySelector('[aria-busy="true"]')) return;
  if (html === null) {
    // What couldn't be said is asked again, ever less often; what is refused stays so, and a hidden page asks when it is seen.
    if (status !== 0 && status < 500 || document.hidden) return;
    const tries = element.lkTries ?? 0;
    element.lkTries = tries + 1;
    schedule(element, Math.min(2000 * 2 ** tries, 60000));
    return;
  }
  element.lkTries = 0;
  if (shown.get(element) === essence(html)) return;
  if (element.dataset.lkCalm && isRead(element)) return offer(element, html);
  swap(element, html);
}

// Somebody who has scrolled into a list, or opened a fold of it, is reading: nothing moves under them.
const isRead = element => element.getBoundingClientRect().top < 0 || element.querySelector('details[open]') || element.contains(document.activeElement);

function offer(element, html) {
  element.lkOffer ??= Object.assign(document.createElement('p'), { className: 'lk-offer' });
  if (!element.lkOffer.isConnected) {
    element.lkOffer.setAttribute('role', 'status');
    element.before(element.lkOffer);
  }
  const button = Object.assign(document.createElement('button'), { type: 'button', className: 'lk-button', textContent: 'Show it' });
  button.addEventListener('click', () => {
    element.lkOffer.replaceChildren();
    swap(element, html);
    element.scrollIntoView({ block: 'start' });
  });
  element.lkOffer.replaceChildren(element.dataset.lkCalm + ' ', button);
}

// --- <support-access>: the panel -------------------------------------------------------------------------------------

class SupportAccess extends HTMLElement {
  #body; #status;

  connectedCallback() {
    if (!this.firstElementChild) {
      this.classList.add('lk');
      this.innerHTML = '<div data-lk-body></div><p class="lk-hidden" role="status"></p>';
      this.#bringStyles();
    }
    this.#body = this.querySelector('[data-lk-body]');
    this.#status = this.querySelector('[role="status"]');
    this.#body.dataset.lkSrc = `${this.root}/apps/${encodeURIComponent(this.getAttribute('app'))}/panel?return=${encodeURIComponent(location.pathname + location.search)}`;
    this.#body.dataset.lkOn = 'access session activity request';
    this.#body.dataset.lkApp = this.getAttribute('app');
    this.addEventListener('submit', this);
    this.addEventListener('input', this);
    new MutationObserver(() => this.#say()).observe(this.#body, { childList: true });
    if (!this.#body.firstElementChild) this.#load();
    listen();
  }

  get root() { return this.getAttribute('src') ?? '/support-access'; }

  handleEvent(event) {
    if (event.type === 'input') event.target.form?.setAttribute('data-lk-touched', '');
    else this.#submit(event);
  }

  async #load() {
    const { status, html } = await get(this.#body.dataset.lkSrc);
    if (html !== null) swap(this.#body, html);
    else if (status !== 403 && status !== 404) this.#body.innerHTML = '<p class="lk-message">Support access can\'t be shown just now.</p>';
  }

  async #submit(event) {
    const form = event.target;
    if (event.defaultPrevented || 'lkPlain' in form.dataset) return;
    event.preventDefault();
    const button = event.submitter ?? form.querySelector('button');
    if (button.getAttribute('aria-busy') === 'true') return;
    this.#pending(button);

    const fields = new FormData(form);
    const local = fields.get('until_local');
    if (local) {
      const at = new Date(local);
      // What is shown again after a refusal is UTC too.
      fields.set('until', at.toISOString());
      fields.set('until_local', at.toISOString().slice(0, 16));
    }
    fields.set('return', location.pathname + location.search);

    let problem;
    try {
      const response = await fetch(form.action, { method: 'POST', body: new URLSearchParams(fields), headers: { Accept: '*/*' }, credentials: 'same-origin' });
      const text = await response.text();
      if ((response.headers.get('Content-Type') ?? '').startsWith('text/html')) {
        // What was chosen is part of the answer where it was refused; from then on it is the reader's again.
        form.removeAttribute('data-lk-touched');
        if (response.ok) form.closest('details')?.removeAttribute('open');
        this.#show(text);
        if (!response.ok && form.id) this.#body.querySelector(`#${CSS.escape(form.id)}`)?.setAttribute('data-lk-touched', '');
        return;
      }
      problem = response.status === 401 ? 'You are signed out. Load the page again to sign in.' : JSON.parse(text).detail;
    } catch {
      problem = 'The server can\'t be reached just now. Nothing is known to have changed.';
    }

    // What the switch shows is what the server said last; the reason stands beside it.
    const { html } = await get(this.#body.dataset.lkSrc);
    if (html !== null) this.#show(html);
    else this.#settle(button);
    this.#refuse(problem);
  }

  /** Shows an answer to what was just done: no older answer, and no older problem, stands after it. */
  #show(html) {
    this.#body.lkRun = (this.#body.lkRun ?? 0) + 1;
    this.#body.querySelector('[data-lk-problem]')?.remove();
    swap(this.#body, html);
  }

  #pending(button) {
    button.setAttribute('aria-busy', 'true');
    const state = button.getAttribute('role') === 'switch' ? this.#body.querySelector('[data-lk-state]') : button;
    button.lkWas = [state, [...state.childNodes]];
    state.replaceChildren(button.dataset.lkPending ?? '…');
    this.#status.textContent = button.dataset.lkPending ?? '';
  }

  #settle(button) {
    button.removeAttribute('aria-busy');
    const [state, nodes] = button.lkWas;
    state.replaceChildren(...nodes);
  }

  #refuse(text) {
    const line = Object.assign(document.createElement('p'), { className: 'lk-message lk-refused', textContent: text });
    line.setAttribute('role', 'alert');
    line.dataset.lkProblem = '';
    this.#body.querySelector('[data-lk-problem]')?.remove();
    (this.#body.querySelector('.lk-panel-head') ?? this.#body).after(line);
  }

  #say() {
    const said = this.#body.querySelector('[data-lk-say]')?.dataset.lkSay ?? '';
    if (this.#status.textContent !== said) this.#status.textContent = said;
  }

  // In a page that Latchkey did not render, the stylesheet comes with the script.
  #bringStyles() {
    if (document.querySelector('link[rel="stylesheet"][href*="latchkey.css"]')) return;
    const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: new URL('latchkey.css' + new URL(import.meta.url).search, assets).href });
    document.head.append(link);
  }
}

// --- the bar of support: counts down, and empties the page when access ends ------------------------------------------

const bar = () => document.querySelector('[data-lk-bar]');
let endTimer;

function watchEnd() {
  clearTimeout(endTimer);
  const element = bar();
  if (!element) return;
  const left = Date.parse(element.dataset.lkUntil) - now();
  if (left <= 0) end('ended', new Date(Date.parse(element.dataset.lkUntil)));
  // A timer takes no more than 24 days, and none is exact over hours.
  else endTimer = setTimeout(watchEnd, Math.min(left, 60000));
}

/** Asks whether the session still stands; a page that can't be sure says nothing. */
async function checkSession() {
  const element = bar();
  if (!element) return;
  try {
    const response = await fetch(`${element.dataset.lkRoot}/v1/agent/apps`, { cache: 'no-store', credentials: 'same-origin' });
    if (response.status === 401 || response.status === 404) return end('signed_out');
    if (!response.ok) return;
    const { items } = await response.json();
    const app = items.find(item => item.session === element.dataset.lkBar);
    if (app) return;
    // The page itself says when and why; being refused, it records nothing and shows nothing.
    const refused = await fetch(location.href, { headers: { Accept: 'application/json' }, cache: 'no-store', credentials: 'same-origin' });
    const { type, ended_at: at } = refused.ok ? {} : await refused.json();
    end(type === 'access_ended' ? 'ended' : 'session_closed', at ? new Date(at) : undefined);
  } catch { /* the server can't be reached: the next event or the next click tells */ }
}

function end(reason, at) {
  const root = bar().dataset.lkRoot;
  const what = { signed_out: 'You are signed out, so your session in this app ended', session_closed: 'Your session in this app ended' }[reason] ?? 'Support access to this app ended';
  const text = document.createElement('p');
  text.append(at ? `${what} at ` : what, ...(at ? [Object.assign(document.createElement('time'), { dateTime: at.toISOString(), title: at.toISOString().slice(0, 19).replace('T', ' ') + ' UTC', textContent: words(at.getTime(), 'clock') })] : []), '.');
  const heading = Object.assign(document.createElement('h1'), { textContent: 'Access has ended', tabIndex: -1 });
  const back = document.createElement('p');
  back.append(Object.assign(document.createElement('a'), { className: 'lk-button', href: `${root}/console`, textContent: 'Back to the support console' }));
  const main = Object.assign(document.createElement('main'), { className: 'lk lk-refusal' });
  main.append(heading, text, back);
  source?.close();
  clearTimeout(endTimer);
  // Nothing of the customer's stays: neither on the page nor in its title, nor in what other scripts would still put there.
  const body = document.createElement('body');
  body.className = 'lk-page';
  body.append(main);
  document.title = 'Access has ended';
  document.documentElement.replaceChild(body, document.body);
  heading.focus();
}

// --- live: one stream per page, only while the page is visible -------------------------------------------------------

let source, retry, wait = 2000, waiting = new Map();

function live() {
  return [...document.querySelectorAll('[data-lk-src]')];
}

function listen() {
  if (document.hidden || source && source.readyState !== EventSource.CLOSED) return;
  const element = bar(), parts = live();
  const root = element?.dataset.lkRoot ?? document.querySelector('support-access')?.root ?? parts[0]?.dataset.lkSrc.split(/\/(?:apps|console|inbox|help|conversations)\b/)[0];
  if (root === undefined || !element && parts.length === 0) return;
  const apps = new Set([...parts.filter(p => p.dataset.lkOn !== 'inbox').map(p => p.dataset.lkApp), ...(element ? [element.dataset.lkApp] : [])]);
  const [only] = apps;
  source = new EventSource(`${root}/v1/events${apps.size === 1 && only ? `?app=${encodeURIComponent(only)}` : ''}`);
  // What happened since the server wrote the page, or since the last stream, was told to nobody here.
  source.addEventListener('ready', () => { wait = 2000; hear('refresh'); });
  for (const kind of ['access', 'session', 'activity', 'inbox', 'refresh']) source.addEventListener(kind, () => hear(kind));
  for (const kind of ['request', 'conversation']) source.addEventListener(kind, event => hear(kind, JSON.parse(event.data).id));
  source.addEventListener('ended', event => {
    const { reason, ended_at: at } = JSON.parse(event.data);
    if (bar()) end(reason, new Date(at));
  });
  // Too many pages listen. This one does again when somebody comes back to it.
  source.addEventListener('closed', () => source.close());
  source.addEventListener('error', () => {
    checkSession();
    // A stream that was cut comes back by itself; one that was refused is asked for again, ever less often.
    if (source.readyState !== EventSource.CLOSED) return;
    clearTimeout(retry);
    retry = setTimeout(() => { listen(); hear('refresh'); }, wait);
    wait = Math.min(wait * 2, 60000);
  });
}

function hear(kind, id) {
  if (kind !== 'activity') checkSession();
  for (const part of live()) {
    if (kind !== 'refresh' && !part.dataset.lkOn?.includes(kind)) continue;
    // A page about one conversation leaves the others' news to the lists.
    if (kind === 'conversation' && part.dataset.lkId && part.dataset.lkId !== id) continue;
    // What support does comes in bursts; what a person did at a switch is shown at once.
    if (kind !== 'activity') schedule(part, 0);
    else if (!waiting.has(part)) schedule(part, 400);
  }
}

function schedule(part, delay) {
  clearTimeout(waiting.get(part));
  waiting.set(part, setTimeout(() => { waiting.delete(part); refresh(part); }, delay));
}

// What somebody just did on the page itself is shown without waiting for the stream to tell.
document.addEventListener('lk-did', () => hear('refresh'));

document.addEventListener('visibilitychange', () => {
  if (document.hidden) {
    source?.close();
    clearTimeout(retry);
  } else {
    checkSession();
    watchEnd();
    listen();
    hear('refresh');
  }
});

addEventListener('focus', () => {
  if (!source || source.readyState !== EventSource.CLOSED) return;
  clearTimeout(retry);
  listen();
});

// A page out of the browser's memory may show what is over: it asks again before anybody reads it.
addEventListener('pageshow', event => {
  if (!event.persisted) return;
  if (bar()) document.body.replaceChildren();
  location.reload();
});

for (const part of document.querySelectorAll('[data-lk-src], [data-lk-body]')) shown.set(part, essence(part.innerHTML));
dress(document);
customElements.define('support-access', SupportAccess);
watchEnd();
listen();
setInterval(tick, 1000);
