// Runs before the page is drawn, so that no light flash comes before the dark. Not a module: modules run later.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const KEY = "contestbox-theme";
  const stored = () => {
    try { return localStorage.getItem(KEY); } catch { return null; }
  };
  const apply = (theme) => {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
  };
  apply(stored());
  addEventListener("storage", (event) => { if (event.key === KEY) apply(event.newValue); });
  addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-switch]")) return;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    const next = dark ? "light" : "dark";
    apply(next);
    try { localStorage.setItem(KEY, next); } catch { /* private windows keep nothing; the page itself has changed */ }
  });
})();
