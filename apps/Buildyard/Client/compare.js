// Two workflows side by side. Without this script the page shows the same difference as a table.
import { basicSetup, EditorView } from "codemirror";
import { yaml } from "@codemirror/lang-yaml";
import { syntaxHighlighting } from "@codemirror/language";
import { MergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { classHighlighter } from "@lezer/highlight";

const place = document.querySelector("[data-compare]");
if (place && matchMedia("(min-width: 721px)").matches) {
  const nonce = document.querySelector("meta[name=csp-nonce]").content;
  const side = (name, label) => ({
    doc: place.querySelector(`[data-${name}]`).value,
    extensions: [
      basicSetup,
      yaml(),
      syntaxHighlighting(classHighlighter),
      EditorView.cspNonce.of(nonce),
      EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
      EditorState.readOnly.of(true),
      EditorView.lineWrapping,
    ],
  });
  const [left, right] = [...place.querySelectorAll(".diff-head [role=columnheader]")].map((el) => el.textContent);
  const box = document.createElement("div");
  box.className = "editor card merge";
  if (left && right) {
    new MergeView({ a: side("left", left), b: side("right", right), parent: box, collapseUnchanged: { margin: 3, minSize: 6 } });
    const head = place.querySelector(".diff-head");
    place.querySelector(".diff").hidden = true;
    // Outside its table it is two labels, which each side has as its name already.
    for (const part of [head, ...head.children]) part.removeAttribute("role");
    head.setAttribute("aria-hidden", "true");
    box.prepend(head);
    place.append(box);
  }
}
