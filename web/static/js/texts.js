// The page's own words for scripts: written by the server in the language of the page.
const words = document.querySelector("[data-texts]")?.dataset ?? {};

export function text(name, values = {}) {
  return (words[name] ?? "").replace(/\{(\w+)\}/g, (_, key) => String(values[key] ?? ""));
}

export function toast(message) {
  const place = document.querySelector("[data-toasts]");
  if (!place || !message) return;
  const box = document.createElement("div");
  box.className = "toast";
  box.append(message);
  place.append(box);
  while (place.children.length > 3) place.firstElementChild.remove();
  setTimeout(() => box.remove(), 8000);
}
