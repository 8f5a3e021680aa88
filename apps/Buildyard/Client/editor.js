// Turns the textarea of bitrise.yml into an editor. The textarea stays what the form sends.
import { basicSetup, EditorView } from "codemirror";
import { yaml } from "@codemirror/lang-yaml";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { syntaxHighlighting } from "@codemirror/language";
import { keymap } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import { showHidden } from "./hidden.js";

const area = document.querySelector("textarea[data-yaml]");
if (area) start(area);

function start(area) {
  const form = area.form;
  const saved = document.querySelector("[data-unsaved]");
  const draftKey = area.dataset.draft;
  const original = normal(area.value);
  let sending = false;

  const view = new EditorView({
    doc: original,
    extensions: [
      basicSetup,
      showHidden,
      yaml(),
      syntaxHighlighting(classHighlighter),
      lintGutter(),
      EditorView.cspNonce.of(document.querySelector("meta[name=csp-nonce]").content),
      EditorView.contentAttributes.of({ "aria-label": "bitrise.yml", "aria-describedby": area.dataset.describedby ?? "", tabindex: "0" }),
      EditorState.readOnly.of(area.readOnly),
      keymap.of([{ key: "Mod-s", run: () => { if (!area.readOnly) form.requestSubmit(); return true; } }]),
      EditorView.updateListener.of((update) => { if (update.docChanged) changed(); }),
    ],
  });
  area.hidden = true;
  area.after(view.dom);

  function text() { return view.state.doc.toString(); }
  function dirty() { return text() !== original || area.dataset.dirty !== undefined; }
  function changed() {
    area.value = text();
    if (saved) saved.hidden = !dirty();
    keep();
  }
  if (saved) saved.hidden = !dirty();

  // A draft outlives a closed sign-in or a crashed tab; it is never kept for support.
  function keep() {
    if (!draftKey) return;
    try {
      if (dirty()) sessionStorage.setItem(draftKey, text());
      else sessionStorage.removeItem(draftKey);
    } catch { /* no room: beforeunload still warns */ }
  }
  const offer = document.querySelector("[data-draft-offer]");
  if (draftKey && offer && area.dataset.dirty === undefined) {
    let draft = null;
    try { draft = sessionStorage.getItem(draftKey); } catch { /* storage is off */ }
    if (draft === original) sessionStorage.removeItem(draftKey);
    if (draft !== null && draft !== original) {
      offer.hidden = false;
      offer.querySelector("button").addEventListener("click", () => {
        view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: draft } });
        offer.hidden = true;
        view.focus();
      });
    }
  }

  form?.addEventListener("submit", () => {
    // The draft stays until a page shows it saved: the answer may be a sign-in page.
    sending = true;
    area.value = text();
  });
  addEventListener("beforeunload", (e) => {
    if (!sending && !area.readOnly && text() !== original) e.preventDefault();
  });

  // Errors of the last save: marked in the text, and each a way to its place.
  const problems = [...document.querySelectorAll("[data-line]")];
  const place = (el) => {
    const line = view.state.doc.line(Math.min(Math.max(1, +el.dataset.line), view.state.doc.lines));
    return { line, at: Math.min(line.from + Math.max(0, +el.dataset.column - 1), line.to) };
  };
  view.dispatch(setDiagnostics(view.state, problems.map((el) => {
    const { line, at } = place(el);
    return { from: at, to: line.to, severity: el.dataset.severity, message: el.dataset.message };
  })));
  for (const el of problems) {
    el.addEventListener("click", (e) => {
      e.preventDefault();
      const { at } = place(el);
      view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
      view.focus();
    });
  }
}

function normal(text) { return text.replace(/\r\n?/g, "\n"); }
