// Small enhancements: every page works without them.
import "./live.js";

// Light or dark.
for (const button of document.querySelectorAll("[data-theme-toggle]")) {
  button.hidden = false;
  const say = () => {
    const dark = document.documentElement.dataset.bsTheme === "dark";
    button.setAttribute("aria-label", dark ? "Use light colours" : "Use dark colours");
  };
  say();
  button.addEventListener("click", () => {
    const next = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
    document.documentElement.dataset.bsTheme = next;
    try { localStorage.setItem("theme", next); } catch { /* not remembered, still applied */ }
    say();
  });
}

// Times in the reader's own zone; the exact UTC stays in the title.
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const minute = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const local = (part) => {
  for (const time of part.querySelectorAll("time[datetime]")) {
    if (time.dataset.lkTime) continue;
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.getTime())) time.textContent = (time.dataset.date === undefined ? minute : day).format(at);
  }
};
local(document);
document.addEventListener("live:swap", (e) => local(e.detail));

// Menus close on Escape and when the reader goes elsewhere.
const menus = document.querySelectorAll("details[data-menu]");
document.addEventListener("keydown", (e) => {
  if (e.key !== "Escape") return;
  for (const menu of menus) if (menu.open) { menu.open = false; menu.querySelector("summary").focus(); }
});
document.addEventListener("click", (e) => {
  for (const menu of menus) if (menu.open && !menu.contains(e.target)) menu.open = false;
});

// Copy a link that is shown once.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      button.querySelector("[data-label]").textContent = "Copied";
    } catch { /* the text is selected: the keyboard copies it */ }
  });
}

// Of several ways to give the same thing, show the chosen one.
for (const choice of document.querySelectorAll("[data-choice]")) {
  const show = () => {
    for (const radio of choice.querySelectorAll("input[type=radio]"))
      document.getElementById(radio.dataset.panel).hidden = !radio.checked;
  };
  choice.addEventListener("change", show);
  show();
}

// What fails to validate gets the focus.
document.querySelector("[aria-invalid=true]")?.focus();
