// The own row of the board: marked in its place, and pinned under the head as long as the page is open.

export function startBoard() {
  const rows = document.querySelector("[data-board]");
  const team = document.body.dataset.team;
  if (!rows || !team) return;
  const pinned = document.querySelector("[data-own]");

  function mark() {
    const own = rows.querySelector(`[data-team="${CSS.escape(team)}"]`);
    for (const row of rows.querySelectorAll(".is-own")) if (row !== own) row.classList.remove("is-own");
    if (!own) return;
    own.classList.add("is-own");
    const line = pinned?.firstElementChild;
    if (line && line.innerHTML !== own.innerHTML) line.innerHTML = own.innerHTML.replaceAll(' class="glow"', "");
  }

  mark();
  rows.addEventListener("merged", mark);
}
