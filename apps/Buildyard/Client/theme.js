// Runs before the first paint: the reader's own choice, else what the system says.
const stored = () => {
  try { return localStorage.getItem("theme"); } catch { return null; }
};
const dark = matchMedia("(prefers-color-scheme: dark)");
const apply = () => {
  document.documentElement.dataset.bsTheme = stored() ?? (dark.matches ? "dark" : "light");
};
apply();
dark.addEventListener("change", apply);
