"""In which language a validator is: a known one, or one of its own by scripts `build` and `run` (PROBLEM_FORMATS 1.3).

Theory of operation. A program with such scripts is treated as one in a language whose compiler is its script `build`: it runs in the
compiler's container in a copy of the folder, and all that lies there afterwards is kept. The program is then `run`, started in
its own folder, since scripts look for their files there as often as beside `$0`. Only validators may bring scripts, never
submissions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.languages.definition import CompileStep, Language, MainRule, RunStep
from app.languages.detect import guess_language

_MEBIBYTE = 1024 * 1024
_SCRIPTS = frozenset({"build", "run"})
# What starts with #! was meant to be executable, whatever became of its mode on the way.
_BUILD = """
for file in *; do
    if [ -f "$file" ] && [ "$(head -c 2 "$file" | tr -d '\\000')" = "#!" ]; then chmod +x "$file"; fi
done
if [ -f build ]; then
    chmod +x build
    ./build || exit 1
fi
if [ ! -f run ]; then
    echo "There is no file run after build." >&2
    exit 1
fi
chmod +x run
"""

SCRIPTED = Language(
    id="scripts",
    name="scripts build and run",
    extensions=(),
    main_rule=MainRule.ALL_FILES,
    entry_point_name=None,
    entry_point_required=False,
    compile=CompileStep(
        argv=("sh", "-c", _BUILD), program_folder="", wall_seconds=60, memory_bytes=2048 * _MEBIBYTE, processes=64
    ),
    run=RunStep(
        argv=("sh", "-c", 'cd /program && exec ./run "$@"', "run"),
        profile="runtime",
        processes=64,
        memory_allowance_bytes=0,
    ),
    fingerprint_argv=("cc", "--version"),
)


def validator_language(
    names: Iterable[str], languages: Mapping[str, Language], named: str | None = None
) -> Language | None:
    """The language of a validator by its files' names; `named` is an id where the package names one."""
    files = list(names)
    if _SCRIPTS & set(files):
        return SCRIPTED
    return languages.get(named) if named else guess_language(files, languages)
