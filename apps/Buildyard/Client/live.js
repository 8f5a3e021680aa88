// Keeps an open page up to date: parts of it are read anew when the server says that they changed, and a log goes on by itself.
const root = document.querySelector("[data-live]");
if (root?.dataset.live) start(root);

function start(root) {
  let source = null;
  let stale = false;
  let reading = false;
  let over = false;
  let again; // asks once more for what the server couldn't say
  let wait = 1000;
  const shown = new WeakMap(); // what each part shows, as the server said it
  for (const part of document.querySelectorAll("[data-part]")) shown.set(part, essence(part));
  const log = document.querySelector("[data-log]");

  const open = () => {
    if (source || over) return;
    const address = new URL(root.dataset.live, location);
    if (log) address.searchParams.set("from", log.dataset.offset);
    source = new EventSource(address);
    // What happened since the server wrote the page, or since the last stream, was told to nobody here.
    source.addEventListener("open", refresh);
    source.addEventListener("changed", refresh);
    source.addEventListener("log", (e) => append(JSON.parse(e.data), e.lastEventId));
    source.addEventListener("end", () => { over = true; close(); refresh(); });
    // Too many pages listen. This one does again when somebody comes back to it.
    source.addEventListener("closed", close);
    source.onerror = () => {
      // A refused stream is not asked for again; a lost one comes back by itself.
      if (source?.readyState === EventSource.CLOSED) { source = null; over = true; }
    };
  };
  const close = () => { source?.close(); source = null; };

  // One stream a page, and only while somebody looks at it.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) close();
    else if (!over) open();
  });
  addEventListener("focus", () => { if (!over) open(); });
  addEventListener("pagehide", close);
  if (!document.hidden) open();

  async function refresh() {
    stale = true;
    if (reading) return;
    reading = true;
    clearTimeout(again);
    while (stale) {
      stale = false;
      let status = 0;
      try {
        const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
        if (answer.ok) swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
        status = answer.status;
      } catch { /* lost on the way */ }
      // What couldn't be said is asked again, ever less often; what is refused stays so.
      if (status && status < 500) { wait = 1000; continue; }
      again = setTimeout(refresh, wait);
      wait = Math.min(wait * 2, 60_000);
      break;
    }
    reading = false;
  }

  function swap(page) {
    for (const part of document.querySelectorAll("[data-part]")) {
      const fresh = page.querySelector(`[data-part="${part.dataset.part}"]`);
      // What somebody is typing in stays until they are done.
      const typing = part.contains(document.activeElement) && document.activeElement.matches("input, textarea, select");
      if (!fresh || typing || essence(fresh) === shown.get(part)) continue;
      shown.set(part, essence(fresh));
      part.replaceChildren(...fresh.childNodes);
      document.dispatchEvent(new CustomEvent("live:swap", { detail: part }));
    }
  }

  // Every answer has tokens of its own.
  function essence(part) {
    return part.innerHTML.replace(/<input[^>]*__RequestVerificationToken[^>]*>/g, "");
  }

  function append({ step, title, html }, id) {
    log.dataset.offset = id;
    let part = log.querySelector(`[data-step="${step}"]`);
    if (!part) {
      for (const earlier of log.querySelectorAll("details[open]")) if (!earlier.dataset.kept) earlier.open = false;
      part = document.createElement("details");
      part.className = "log-part";
      part.id = `step-${step}`;
      part.dataset.step = step;
      part.open = true;
      const summary = part.appendChild(document.createElement("summary"));
      summary.dir = "auto";
      summary.textContent = title;
      const text = part.appendChild(document.createElement("pre"));
      text.className = "log";
      text.tabIndex = 0;
      text.setAttribute("aria-label", `Output of ${title}`);
      log.append(part);
    }
    const text = part.querySelector("pre");
    const atEnd = text.scrollTop + text.clientHeight >= text.scrollHeight - 40;
    text.insertAdjacentHTML("beforeend", html);
    if (atEnd) text.scrollTop = text.scrollHeight;
  }

  // A part that the reader opened stays open when the next step begins.
  log?.addEventListener("click", (e) => {
    const part = e.target.closest("summary")?.parentElement;
    if (part) part.dataset.kept = "yes";
  });
}
