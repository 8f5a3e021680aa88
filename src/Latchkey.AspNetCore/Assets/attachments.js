// Files for a conversation: picked, pasted or dropped. A picture opens first, so that parts of it can be covered: the boxes are
// drawn into its pixels and it is encoded anew here, so that what lies under a box never leaves the browser.

// On the page that asks support anew there is no conversation to upload to yet: there the files go with the form.

const main = document.querySelector('form[data-lk-files]:not([data-lk-answer])');
const status = main.querySelector('[data-lk-file-status]');
const token = main.querySelector('input[name="__RequestVerificationToken"]').value;
const room = main.closest('.lk-talk-main') ?? document.body;
const LARGEST_SIDE = 16384;
const goesWithForm = main.dataset.lkFiles === '';
const list = goesWithForm ? main.querySelector('[data-lk-chosen]') : null;
const picked = new DataTransfer();
let taking = Promise.resolve(), busy = 0;

// A card that asks for screenshots takes files of its own. It comes and goes with the stream, so it is looked for each time.
const placeOf = element => element.closest?.('.lk-card')?.querySelector('form[data-lk-answer]') ?? main;
const now = form => form.isConnected ? form : document.getElementById(form.id) ?? main;
const inputOf = form => now(form).querySelector('input[type="file"]');
const say = text => { status.textContent = text; };
const complain = (form, text) => { now(form).querySelector('[data-lk-file-problem]').textContent = text; };

if (!goesWithForm) main.querySelector('button').hidden = true;
main.querySelector('[data-lk-scripted]').hidden = false;

function take(files, form) {
  complain(form, '');
  for (const file of files) {
    busy++;
    taking = taking.then(() => takeOne(file, form)).catch(() => complain(form, `${file.name} could not be sent. Try again.`)).finally(() => { busy--; });
  }
  return taking;
}

async function takeOne(file, form) {
  let sent = file;
  if (/^image\/(png|jpeg|webp|gif)$/.test(file.type)) {
    const picture = await createImageBitmap(file).catch(() => null);
    if (!picture) return complain(form, `${file.name || 'This picture'} can't be read.`);
    if (picture.width > LARGEST_SIDE || picture.height > LARGEST_SIDE) return complain(form, `A picture may be ${LARGEST_SIDE} pixels wide and high; this one has more.`);
    sent = await cover(picture, file, form);
    picture.close();
    if (!sent) return say('');
  }
  if (goesWithForm) choose(sent, file.name);
  else await upload(sent, file.name, form);
}

function choose(blob, name) {
  picked.items.add(new File([blob], name || 'picture.png', { type: blob.type }));
  showChosen();
  say(`${name || 'The picture'} goes with the message.`);
}

function showChosen() {
  const input = inputOf(main);
  input.files = picked.files;
  list.hidden = picked.files.length === 0;
  list.replaceChildren(...[...picked.files].map((file, at) => {
    const name = element('p', { textContent: file.name, dir: 'auto' });
    const remove = element('button', { type: 'button', className: 'lk-button', textContent: 'Remove', onclick: () => { picked.items.remove(at); showChosen(); say(''); input.focus(); } });
    remove.setAttribute('aria-label', `Remove ${file.name}`);
    return element('li', {}, element('div', { className: 'lk-file' }, name), remove);
  }));
}

async function upload(blob, name, form) {
  say(`Uploading ${name || 'the picture'}…`);
  const answers = form.dataset.lkAnswer ? `&answers=${encodeURIComponent(form.dataset.lkAnswer)}` : '';
  const response = await fetch(`${form.dataset.lkFiles}?name=${encodeURIComponent(name ?? '')}${answers}`, {
    method: 'POST', body: blob, credentials: 'same-origin', headers: { Accept: 'application/json', 'Content-Type': blob.type || 'application/octet-stream', 'X-CSRF-Token': token },
  });
  const answer = await response.json();
  say('');
  if (!response.ok) return complain(form, response.status === 401 ? 'You are signed out. Load the page again to sign in.' : answer.detail);
  const removed = answer.removed.reduce((sum, part) => sum + part.count, 0);
  say(`${answer.name} is ready to send${answers ? ' with your answer above' : ''}.${removed ? ` ${removed === 1 ? 'One thing was' : `${removed} things were`} removed from it; the list is beside it.` : ''}`);
  document.dispatchEvent(new CustomEvent('lk-did'));
}

function takeChosen(input) {
  const files = [...input.files];
  if (goesWithForm) input.files = picked.files; else input.value = '';
  take(files, input.form);
}

document.addEventListener('change', event => { if (event.target.matches('form[data-lk-files] input[type="file"]')) takeChosen(event.target); });
// What is typed into a card stays when the stream is said anew.
document.addEventListener('input', event => { event.target.closest('form[data-lk-answer]')?.setAttribute('data-lk-touched', ''); });
document.addEventListener('submit', event => {
  if (event.target === main && !goesWithForm) event.preventDefault();
  else if (event.target.matches('form[data-lk-answer]') && busy > 0 && !event.submitter?.hasAttribute('data-lk-remove')) {
    event.preventDefault();
    taking.then(() => now(event.target).requestSubmit());
  }
});

document.addEventListener('paste', event => {
  const files = [...event.clipboardData?.files ?? []];
  if (files.length === 0 || document.querySelector('dialog[open]')) return;
  event.preventDefault();
  take(files, document.activeElement?.closest('form[data-lk-send]') ? main : document.querySelector('form[data-lk-answer]') ?? main);
});

room.addEventListener('dragover', event => {
  if (![...event.dataTransfer.types].includes('Files')) return;
  event.preventDefault();
  room.classList.add('lk-dropping');
});
room.addEventListener('dragleave', event => { if (!room.contains(event.relatedTarget)) room.classList.remove('lk-dropping'); });
room.addEventListener('drop', event => {
  room.classList.remove('lk-dropping');
  if (event.dataTransfer.files.length === 0) return;
  event.preventDefault();
  take([...event.dataTransfer.files], placeOf(event.target));
});

// The tray's own buttons; without a script they are a form of their own.
document.addEventListener('click', async event => {
  const button = event.target.closest('[data-lk-remove]');
  if (!button) return;
  event.preventDefault();
  const id = button.formAction.split('/').at(-2), form = placeOf(button);
  const response = await fetch(`${form.dataset.lkFiles}/${id}`, { method: 'DELETE', credentials: 'same-origin', headers: { Accept: 'application/json', 'X-CSRF-Token': token } });
  if (!response.ok && response.status !== 404) complain(form, (await response.json()).detail);
  document.dispatchEvent(new CustomEvent('lk-did'));
  inputOf(form).focus();
});

// ---- Covering parts of a picture ----

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** Shows the picture to have parts covered. Gives the picture as it is to be sent; null where the sender thought better of it. */
function cover(picture, file, form) {
  const boxes = [], steps = [];
  let chosen = -1, drag = null;
  const canvas = element('canvas', { width: picture.width, height: picture.height, tabIndex: 0 });
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', 'The picture. Draw boxes over what support should not see.');
  canvas.setAttribute('aria-describedby', 'lk-cover-how lk-cover-now');
  const chosenBox = element('p', { id: 'lk-cover-now', className: 'lk-small' });
  chosenBox.setAttribute('role', 'status');
  const button = (text, act, kind = '') => element('button', { type: 'button', className: `lk-button ${kind}`, textContent: text, onclick: act });
  const undo = button('Undo', back), attach = button('Attach', () => done(true), 'lk-primary');
  const dialog = element('dialog', { className: 'lk lk-cover' },
    element('h2', { id: 'lk-cover-title', textContent: 'Cover what support should not see' }),
    element('p', { id: 'lk-cover-how', className: 'lk-small', textContent: 'Drag over the picture to draw a box; drag a box to move it. By keyboard: add a box, move it with the arrow keys, size it with Shift and the arrow keys, delete it with Delete. What is covered never leaves your browser.' }),
    element('div', { className: 'lk-cover-picture' }, canvas), chosenBox,
    element('div', { className: 'lk-actions' }, attach, button('Add a box', add), undo, button('Cancel', () => done(false))));
  dialog.setAttribute('aria-labelledby', 'lk-cover-title');
  const context = canvas.getContext('2d');
  const step = () => Math.max(1, Math.round(Math.max(picture.width, picture.height) / 100));
  let finish;

  function keep() { steps.push(boxes.map(box => ({ ...box }))); }
  function back() {
    if (steps.length === 0) return;
    boxes.splice(0, boxes.length, ...steps.pop());
    chosen = boxes.length - 1;
    draw();
  }
  function add() {
    keep();
    const width = Math.max(1, Math.round(picture.width / 4)), height = Math.max(1, Math.round(picture.height / 8));
    boxes.push({ x: Math.round((picture.width - width) / 2), y: Math.round((picture.height - height) / 2), width, height });
    chosen = boxes.length - 1;
    draw();
    canvas.focus();
  }
  function paint(on) {
    on.drawImage(picture, 0, 0);
    on.fillStyle = '#000';
    for (const box of boxes) on.fillRect(box.x, box.y, box.width, box.height);
  }
  function draw() {
    context.clearRect(0, 0, canvas.width, canvas.height);
    paint(context);
    const box = boxes[chosen];
    if (box) {
      const line = Math.max(2, step() / 3);
      context.lineWidth = line;
      context.strokeStyle = '#ffb300';
      context.strokeRect(box.x + line / 2, box.y + line / 2, Math.max(0, box.width - line), Math.max(0, box.height - line));
    }
    undo.disabled = steps.length === 0;
    chosenBox.textContent = box ? `Box ${chosen + 1} of ${boxes.length}: ${box.width} by ${box.height} pixels at ${box.x}, ${box.y}.` : 'Nothing is covered.';
  }
  // A box lies inside of the picture, on whole pixels: nothing under its edge shows through.
  function fit(box) {
    box.width = Math.min(Math.max(1, Math.round(box.width)), picture.width);
    box.height = Math.min(Math.max(1, Math.round(box.height)), picture.height);
    box.x = Math.min(Math.max(0, Math.round(box.x)), picture.width - box.width);
    box.y = Math.min(Math.max(0, Math.round(box.y)), picture.height - box.height);
  }
  function at(event) {
    const shown = canvas.getBoundingClientRect();
    const inside = (value, most) => Math.min(Math.max(0, value), most);
    return { x: inside((event.clientX - shown.left) * picture.width / shown.width, picture.width), y: inside((event.clientY - shown.top) * picture.height / shown.height, picture.height) };
  }

  canvas.addEventListener('pointerdown', event => {
    if (event.button !== 0) return;
    event.preventDefault();
    canvas.focus();
    canvas.setPointerCapture(event.pointerId);
    const from = at(event);
    const hit = boxes.findLastIndex(box => from.x >= box.x && from.x < box.x + box.width && from.y >= box.y && from.y < box.y + box.height);
    keep();
    if (hit < 0) boxes.push({ x: from.x, y: from.y, width: 1, height: 1 });
    chosen = hit < 0 ? boxes.length - 1 : hit;
    drag = { from, box: { ...boxes[chosen] }, moves: hit >= 0, moved: false };
  });
  canvas.addEventListener('pointermove', event => {
    if (!drag) return;
    const to = at(event), box = boxes[chosen];
    drag.moved = true;
    if (drag.moves) Object.assign(box, drag.box, { x: drag.box.x + to.x - drag.from.x, y: drag.box.y + to.y - drag.from.y });
    else {
      const left = Math.floor(Math.min(to.x, drag.from.x)), top = Math.floor(Math.min(to.y, drag.from.y));
      Object.assign(box, { x: left, y: top, width: Math.ceil(Math.max(to.x, drag.from.x)) - left, height: Math.ceil(Math.max(to.y, drag.from.y)) - top });
    }
    fit(box);
    draw();
  });
  const drop = () => {
    if (!drag) return;
    // A click is no box.
    if (!drag.moved) { boxes.splice(0, boxes.length, ...steps.pop()); if (!drag.moves) chosen = boxes.length - 1; }
    drag = null;
    draw();
  };
  canvas.addEventListener('pointerup', drop);
  canvas.addEventListener('pointercancel', drop);
  canvas.addEventListener('keydown', event => {
    const box = boxes[chosen];
    const [x, y] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
    if (event.key.toLowerCase() === 'z' && (event.ctrlKey || event.metaKey)) { event.preventDefault(); return back(); }
    if (!box) return;
    if (event.key === 'Delete' || event.key === 'Backspace') {
      event.preventDefault();
      keep();
      boxes.splice(chosen, 1);
      chosen = boxes.length - 1;
    } else if (x || y) {
      event.preventDefault();
      keep();
      const by = event.altKey ? 1 : step();
      if (event.shiftKey) { box.width = Math.min(box.width + x * by, picture.width - box.x); box.height = Math.min(box.height + y * by, picture.height - box.y); }
      else { box.x += x * by; box.y += y * by; }
      fit(box);
    } else return;
    draw();
  });

  async function done(send) {
    let sent = null;
    if (send) {
      attach.setAttribute('aria-busy', 'true');
      // An animation that nothing is covered in stays one; the server takes out what is not picture.
      if (file.type === 'image/gif' && boxes.length === 0) sent = file;
      else {
        const full = element('canvas', { width: picture.width, height: picture.height });
        paint(full.getContext('2d'));
        sent = await new Promise(made => full.toBlob(made, file.type === 'image/jpeg' ? 'image/jpeg' : 'image/png', .92));
      }
    }
    finish(sent);
    dialog.close();
  }

  return new Promise(resolve => {
    finish = resolve;
    dialog.addEventListener('close', () => { resolve(null); dialog.remove(); inputOf(form).focus(); });
    document.body.append(dialog);
    draw();
    dialog.showModal();
    canvas.focus();
  });
}
