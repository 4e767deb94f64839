// The submit card: drop, paste or choose; guesses shown before sending; sent without leaving the page.
import { guessLanguage, guessProblem } from "./guess.js";
import { text, toast } from "./texts.js";

const LARGEST_BODY = 8e6;

export function startSubmitting(regions) {
  const form = document.querySelector("[data-submit]");
  if (form) new Card(form, regions);
}

class Card {
  constructor(form, regions) {
    this.form = form;
    this.regions = regions;
    this.card = form.closest(".submit-card");
    this.files = form.elements.files;
    this.code = form.elements.code;
    this.drop = form.querySelector("[data-drop]");
    this.touched = new Set();
    this.plainWords = form.querySelector("[data-drop-words]").innerHTML;
    this.listen();
    this.look();
  }

  listen() {
    this.files.addEventListener("change", () => this.look());
    this.code.addEventListener("input", () => this.look());
    this.form.querySelector("details").addEventListener("toggle", () => this.look());
    for (const name of ["problem", "language"]) {
      this.form.elements[name]?.addEventListener("change", () => { this.touched.add(name); this.showOutputs(); });
    }
    for (const kind of ["dragenter", "dragover"]) {
      addEventListener(kind, (event) => { if (hasFiles(event)) { event.preventDefault(); this.drop.classList.add("over"); } });
    }
    addEventListener("dragleave", (event) => { if (!event.relatedTarget) this.drop.classList.remove("over"); });
    addEventListener("drop", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      this.drop.classList.remove("over");
      this.takeFiles(event.dataTransfer.files);
    });
    addEventListener("paste", (event) => this.paste(event));
    addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && this.isReady()) { event.preventDefault(); this.form.requestSubmit(); }
    });
    this.code.addEventListener("keydown", (event) => this.indent(event));
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
  }

  paste(event) {
    if (event.target.closest?.("input, textarea, select")) return;
    if (event.clipboardData.files.length) { this.takeFiles(event.clipboardData.files); return; }
    if (this.form.querySelector("details").hidden) return;
    const pasted = event.clipboardData.getData("text");
    if (!pasted.trim()) return;
    event.preventDefault();
    this.code.value = pasted;
    this.form.querySelector("details").open = true;
    this.files.value = "";
    this.look();
  }

  takeFiles(list) {
    const transfer = new DataTransfer();
    for (const file of list) transfer.items.add(file);
    this.files.files = transfer.files;
    this.look();
    this.form.querySelector("[data-send]").focus({ preventScroll: true });
  }

  // Tab indents while code is written; Escape and then Tab leaves the field.
  indent(event) {
    if (event.key === "Escape") { this.leaving = true; return; }
    if (event.key === "Tab" && !event.shiftKey && !event.ctrlKey && !this.leaving) {
      event.preventDefault();
      this.code.setRangeText("    ", this.code.selectionStart, this.code.selectionEnd, "end");
      this.look();
    }
    this.leaving = false;
  }

  isReady() {
    return this.files.files.length > 0 || this.code.value.trim() !== "";
  }

  look() {
    const chosen = [...this.files.files];
    this.card.classList.toggle("ready", this.isReady() || this.form.querySelector("details").open);
    const words = this.form.querySelector("[data-drop-words]");
    const hint = this.form.querySelector("[data-drop-hint]");
    if (chosen.length) {
      const name = document.createElement("b");
      name.className = "file-name";
      name.textContent = chosen.length === 1 ? chosen[0].name : text("files", { n: chosen.length });
      words.replaceChildren(name, ` · ${size(chosen.reduce((sum, file) => sum + file.size, 0))}`);
      hint.textContent = chosen.length === 1 ? "" : chosen.map((file) => file.name).join(", ");
    } else {
      words.innerHTML = this.plainWords;
      hint.textContent = this.hint ??= hint.textContent;
    }
    this.guess(chosen.map((file) => file.name));
  }

  // A problem that takes outputs asks for no language, and says what they are called.
  showOutputs() {
    const problem = this.form.elements.problem;
    const wanted = this.form.dataset.outputs ?? problem.selectedOptions?.[0]?.dataset.outputs ?? "";
    this.form.querySelector("[data-outputs-wanted]").hidden = !wanted;
    this.form.querySelector("[data-outputs-names]").textContent = wanted;
    this.form.querySelector("[data-language-field]").hidden = Boolean(wanted);
  }

  guess(names) {
    const languages = [...this.form.elements.language.options].filter((one) => one.value);
    const known = languages.map((one) => ({ id: one.value, endings: one.dataset.endings.split(" ") }));
    this.choose("language", guessLanguage(names, this.code.value, known));
    if (this.form.elements.problem.options) {
      const problems = [...this.form.elements.problem.options].filter((one) => one.value);
      this.choose("problem", guessProblem(names, problems.map((one) => ({ id: one.value, ...one.dataset }))));
    }
    this.showOutputs();
  }

  choose(name, value) {
    if (value && !this.touched.has(name)) this.form.elements[name].value = value;
  }

  async send() {
    const button = this.form.querySelector("[data-send]");
    if (button.disabled) return;
    const before = button.textContent;
    const slow = setTimeout(() => { button.textContent = text("sending"); }, 300);
    button.disabled = true;
    this.say("");
    try {
      if (this.isTooLarge()) { this.say(text("tooLarge", { limit: size(this.limit()) })); return; }
      const answer = await fetch("/submit", { method: "POST", body: new FormData(this.form), headers: { Accept: "application/json" }, credentials: "same-origin" });
      const body = await answer.json();
      if (answer.ok) this.sent(); else this.refused(body);
    } catch {
      this.say(text("unsent"));
    } finally {
      clearTimeout(slow);
      button.textContent = before;
      button.disabled = false;
    }
  }

  limit() {
    // Outputs may come as a zip: the server measures what is in it.
    return this.form.querySelector("[data-outputs-names]").textContent ? LARGEST_BODY : Number(this.form.dataset.limit);
  }

  // Checked here as well: a browser cannot tell a refusal in the middle of an upload from a lost connection.
  isTooLarge() {
    return [...this.files.files].reduce((sum, file) => sum + file.size, new Blob([this.code.value]).size) > this.limit();
  }

  sent() {
    this.renewKey();
    this.files.value = "";
    this.code.value = "";
    this.form.elements.file_name.value = "";
    this.touched.clear();
    if (this.form.elements.problem.options) this.form.elements.problem.value = "";
    this.form.querySelector("details").open = false;
    this.look();
    toast(text("sent"));
    this.regions.refresh(new Set(["team:", "jury"]));
  }

  refused(body) {
    this.say(body.message);
    if (body.code === 409) this.renewKey();
    const field = Object.keys(body.fields ?? {})[0];
    const control = field && this.form.elements[field];
    if (control?.focus) control.focus();
  }

  say(sentence) {
    this.form.querySelector("[data-sentence]").textContent = sentence;
    this.form.querySelector("[data-refused]").hidden = !sentence;
  }

  // A key stands for one submission: sending again after a lost answer repeats it, a new one gets its own.
  renewKey() {
    this.form.elements.key.value = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }
}

const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

function size(bytes) {
  return bytes < 1000 ? `${bytes} B` : `${(bytes / 1000).toFixed(1)} KB`;
}
