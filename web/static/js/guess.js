// The same guesses as web/pages/guess.py, shown before sending. What the server guesses counts.

const CPP = /#\s*include\s*<(iostream|bits\/stdc\+\+\.h|vector|string|algorithm|map|set|queue|cstdio|cmath|array)>|\busing\s+namespace\b|\bstd::|\btemplate\s*<|\bcout\b|\bcin\b/;
const C = /#\s*include\s*[<"]|\bint\s+main\s*\(/;
const JAVA = /\bpublic\s+(final\s+)?class\b|\bstatic\s+void\s+main\b|^[^\S\n]*import\s+java\./m;
const PYTHON = /^[^\S\n]*(def\s+\w+\s*\(.*:|import\s+\w+|from\s+\w+\s+import\b|for\s+\w+\s+in\b.*:|print\s*\()|\binput\s*\(\)/m;

const plain = (value) => value.toLowerCase().replace(/[^0-9a-z]+/g, "");

export function guessLanguage(names, code, languages) {
  let best = null;
  for (const { id, endings } of languages) {
    const matches = names.filter((name) => name.includes(".") && endings.includes(name.split(".").pop())).length;
    if (matches && (!best || matches > best.matches || (matches === best.matches && best.id === "c"))) best = { id, matches };
  }
  if (best) return best.id;
  for (const [id, looksLike] of [["cpp", CPP], ["java", JAVA], ["c", C], ["python3", PYTHON]]) {
    if (looksLike.test(code)) return languages.some((one) => one.id === id) ? id : "";
  }
  return "";
}

export function guessProblem(names, problems) {
  const stems = names.map((name) => name.split("/").pop().split(".")[0].toLowerCase().split(/[^0-9a-z]+/));
  for (const parts of stems) {
    const whole = parts.join("");
    const found = whole.length > 1 && problems.find(({ id, title }) => whole === plain(id) || whole === plain(title));
    if (found) return found.id;
  }
  for (const parts of stems) {
    const found = problems.find(({ label }) => {
      const rest = parts[0].startsWith(label.toLowerCase()) ? parts[0].slice(label.length) : null;
      return rest === "" || (rest !== null && /^\d+$/.test(rest));
    });
    if (found) return found.id;
  }
  for (const parts of stems) {
    const long = parts.filter((part) => part.length >= 4);
    const fitting = problems.filter(({ title }) => long.some((part) => plain(title).startsWith(part)));
    if (fitting.length === 1) return fitting[0].id;
  }
  return "";
}
