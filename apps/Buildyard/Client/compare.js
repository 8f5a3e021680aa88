// Two workflows side by side. Without this script the page shows the same difference as a table.
import { basicSetup, EditorView } from "codemirror";
import { yaml } from "@codemirror/lang-yaml";
import { syntaxHighlighting } from "@codemirror/language";
import { MergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { classHighlighter } from "@lezer/highlight";
import { showHidden } from "./hidden.js";

const table = document.querySelector("[data-compare] > .diff");
const wide = matchMedia("(min-width: 721px)");
let merge = null;
if (table) {
  wide.addEventListener("change", show);
  show();
}

function show() {
  if (wide.matches) merge ??= make(table.parentElement);
  if (merge) merge.hidden = !wide.matches;
  table.hidden = wide.matches;
}

function make(place) {
  const nonce = document.querySelector("meta[name=csp-nonce]").content;
  const side = (name, label) => ({
    doc: place.querySelector(`[data-${name}]`).value,
    extensions: [
      basicSetup,
      showHidden,
      yaml(),
      syntaxHighlighting(classHighlighter),
      EditorView.cspNonce.of(nonce),
      EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
      EditorState.readOnly.of(true),
      EditorView.lineWrapping,
    ],
  });
  const head = table.querySelector(".diff-head").cloneNode(true);
  const [left, right] = [...head.children].map((el) => el.textContent);
  // Outside its table it is two labels, which each side has as its name already.
  for (const part of [head, ...head.children]) part.removeAttribute("role");
  head.setAttribute("aria-hidden", "true");
  const box = document.createElement("div");
  box.className = "editor card merge";
  box.append(head);
  place.append(box);
  new MergeView({ a: side("left", left), b: side("right", right), parent: box, collapseUnchanged: { margin: 3, minSize: 6 } });
  return box;
}
