// Brings new HTML into a region without moving what stays: children are matched by data-key, only changed ones are touched.

const REDUCED = matchMedia("(prefers-reduced-motion: reduce)");

export function merge(region, html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const fresh = [...template.content.children];
  const known = new Map([...region.children].map((child) => [child.dataset.key ?? "", child]));
  const first = region.children.length === 0;
  let place = region.firstElementChild;
  const added = [];
  for (const child of fresh) {
    const old = known.get(child.dataset.key ?? "");
    if (old) {
      known.delete(child.dataset.key ?? "");
      change(old, child);
      if (old === place) place = place.nextElementSibling;
      else region.insertBefore(old, place);
    } else {
      if (!first) child.classList.add("enter");
      region.insertBefore(child, place);
      added.push(child);
    }
  }
  for (const gone of known.values()) gone.remove();
  return added;
}

function change(old, fresh) {
  for (const { name, value } of fresh.attributes) if (name !== "class" && old.getAttribute(name) !== value) old.setAttribute(name, value);
  if (same(old, fresh)) return;
  const pairs = [...old.children].map((child, index) => [child, fresh.children[index]]);
  const aligned = old.children.length === fresh.children.length && pairs.every(([one, other]) => one.tagName === other.tagName);
  if (!aligned || !pairs.length) {
    old.innerHTML = fresh.innerHTML;
    return;
  }
  for (const [cell, next] of pairs) {
    if (same(cell, next)) continue;
    if (cell.children.length && cell.querySelector("[data-glow]") && cell.children.length === next.children.length) {
      change(cell, next);
      continue;
    }
    if (!cell.contains(document.activeElement)) cell.innerHTML = next.innerHTML;
    else renewKeepingFocus(cell, next);
    glow(cell.matches("[data-glow]") ? cell : cell.firstElementChild);
  }
}

const plain = (element) => element.innerHTML.replace(/\s+/g, " ").replaceAll(' class="glow"', "").replaceAll(" glow", "");

function same(one, other) {
  return plain(one) === plain(other);
}

function renewKeepingFocus(cell, next) {
  const link = document.activeElement.getAttribute("href");
  cell.innerHTML = next.innerHTML;
  if (link) cell.querySelector(`a[href="${CSS.escape(link)}"]`)?.focus({ preventScroll: true });
}

export function glow(element) {
  if (!element || REDUCED.matches) return;
  element.classList.remove("glow");
  requestAnimationFrame(() => element.classList.add("glow"));
  element.addEventListener("animationend", () => element.classList.remove("glow"), { once: true });
}
