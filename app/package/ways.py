"""How a package wants its submissions run: its type, and `contestbox:` in the problem.yaml that layouts of other formats write.

The section holds the keys of app.core.ways.Ways, e.g. `contestbox: {processes: 2, standard_streams: true}`.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.core.errors import Refusal
from app.core.ways import PLAIN, Ways, read_ways
from app.package.findings import Findings
from app.package.problem_yaml import Settings
from app.package.yamlfile import YamlFile

KEY = "contestbox"


def package_ways(yaml: YamlFile, settings: Settings, findings: Findings) -> Ways:
    """The ways; what cannot be used goes to `findings`."""
    section = yaml.data.get(KEY)
    document = dict(section) if isinstance(section, Mapping) else {}
    if "submit-answer" in settings.kinds:
        document["submit_answer"] = True
    document["read_only"] = _read_only(yaml, settings, findings)
    try:
        ways = read_ways(document)
    except Refusal as wrong:
        findings.error(yaml.name, yaml.line(KEY), wrong.sentence)
        return PLAIN
    if ways.submit_answer and settings.kinds & {"interactive", "multi-pass"}:
        findings.error(yaml.name, yaml.line("type"), "a submit-answer problem is neither interactive nor multi-pass.")
    return ways


def _read_only(yaml: YamlFile, settings: Settings, findings: Findings) -> bool:
    """2025-09 closes the working directory where nothing is said; older formats never did, and their drafts had no such key."""
    allowed = yaml.data.get("allow_file_writing")
    if allowed is None:
        return settings.format_version == "2025-09" and not settings.kinds & {"submit-answer"} and KEY not in yaml.data
    if not isinstance(allowed, bool):
        findings.error(
            yaml.name, yaml.line("allow_file_writing"), f"allow_file_writing is true or false, not {allowed!r}."
        )
        return False
    return not allowed
