"""The colours and sizes of LOOK, for the light and the dark theme. Every other file names roles only."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Tokens:
    """One theme. Colours are #RRGGBB; a name with `_tint` is the ground that the name's text stands on."""

    dark: bool
    bg: str
    surface: str
    raised: str
    sunken: str
    ink: str
    muted: str
    faint: str
    line: str
    line_strong: str
    edge: str
    chart: str
    square: str
    accent: str
    on_accent: str
    accent_tint: str
    good: str
    good_tint: str
    bad: str
    bad_tint: str
    slow: str
    slow_tint: str
    heavy: str
    heavy_tint: str
    broken: str
    broken_tint: str
    quiet: str
    quiet_tint: str
    waiting: str
    waiting_tint: str
    frozen: str
    frozen_tint: str
    alarm: str
    on_alarm: str

    def tint(self, role: str) -> str:
        """The ground of a role: `tint("good")`."""
        return self.colour(f"{role}_tint")

    def colour(self, role: str) -> str:
        """The colour of a role by its name. Raises KeyError for a name that is none."""
        if role not in COLOUR_NAMES:
            raise KeyError(role)
        return str(getattr(self, role))


COLOUR_NAMES = frozenset(field.name for field in fields(Tokens)) - {"dark"}
TINTED = ("accent", "good", "bad", "slow", "heavy", "broken", "quiet", "waiting", "frozen")
"""Roles that come with a tint."""

LIGHT = Tokens(
    dark=False,
    bg="#F6F7F8",
    surface="#FFFFFF",
    raised="#FFFFFF",
    sunken="#F1F3F5",
    ink="#1A1F24",
    muted="#5A646E",
    faint="#656F79",
    line="#E1E5E9",
    line_strong="#C4CBD2",
    edge="#7E8892",
    chart="#7D8892",
    square="#3F9466",
    accent="#2F55D4",
    on_accent="#FFFFFF",
    accent_tint="#EBF0FF",
    good="#146C43",
    good_tint="#DDF3E4",
    bad="#B3261E",
    bad_tint="#FBE3E1",
    slow="#8A5200",
    slow_tint="#FCEBCB",
    heavy="#6A3FB5",
    heavy_tint="#ECE4FA",
    broken="#A0266B",
    broken_tint="#FAE1EF",
    quiet="#4F5963",
    quiet_tint="#E9ECEF",
    waiting="#1F5F9E",
    waiting_tint="#E0EEFA",
    frozen="#0B6B82",
    frozen_tint="#DDF2F6",
    alarm="#C4320A",
    on_alarm="#FFFFFF",
)

DARK = Tokens(
    dark=True,
    bg="#111417",
    surface="#181C20",
    raised="#20252A",
    sunken="#14181B",
    ink="#E8EBEE",
    muted="#A3ADB7",
    faint="#8B95A0",
    line="#2A3036",
    line_strong="#414A53",
    edge="#6C7782",
    chart="#8A95A0",
    square="#4B9A6C",
    accent="#8CA8FF",
    on_accent="#0E1530",
    accent_tint="#1D2746",
    good="#6FD69A",
    good_tint="#15351F",
    bad="#FF9C94",
    bad_tint="#431A18",
    slow="#F5BE62",
    slow_tint="#3D2B0A",
    heavy="#C3A6FF",
    heavy_tint="#2D2146",
    broken="#FF9BD0",
    broken_tint="#431A31",
    quiet="#B4BDC6",
    quiet_tint="#2A3036",
    waiting="#86BFF5",
    waiting_tint="#14293D",
    frozen="#7AD3E6",
    frozen_tint="#0F2E36",
    alarm="#FF8A65",
    on_alarm="#2B0D03",
)

ROW_HEIGHT = 28
HEAD_HEIGHT = 32
RADIUS = 6
CARD_RADIUS = 10
GAP = 16
MARGIN = 20


def luminance(rgb: str) -> float:
    """Relative luminance of #RRGGBB by WCAG 2."""
    channels = [int(rgb[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG 2, from 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def letter_on(rgb: str) -> str:
    """Black or white, whichever contrasts more with the colour."""
    return "#000000" if contrast("#000000", rgb) >= contrast("#FFFFFF", rgb) else "#FFFFFF"
