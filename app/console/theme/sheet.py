"""The one style sheet, made from the tokens. Widgets choose a rule by a property: kind, role, or part."""

from __future__ import annotations

from pathlib import Path

from app.console.theme.tokens import CARD_RADIUS, RADIUS, Tokens

_RULES = """
#window, #page {{ background: {bg}; }}
#rail {{ background: {surface}; border: 0; border-right: 1px solid {line}; }}
#head {{ background: {surface}; border: 0; border-bottom: 1px solid {line}; }}
QFrame[part="card"] {{ background: {surface}; border: 1px solid {line}; border-radius: {card}px; }}
QFrame[part="well"] {{ background: {sunken}; border: 1px solid {line}; border-radius: {card}px; }}
QFrame[part="rule"] {{ background: {line}; border: 0; max-height: 1px; min-height: 1px; }}
QLabel {{ background: transparent; }}
QLabel[role="muted"] {{ color: {muted}; }}
QLabel[role="faint"] {{ color: {faint}; }}
QLabel[role="slow"] {{ color: {slow}; }}
QLabel[role="bad"] {{ color: {bad}; }}
QLabel[role="good"] {{ color: {good}; }}
QLabel[role="accent"] {{ color: {accent}; }}
QPushButton {{ background: {raised}; color: {ink}; border: 1px solid {line_strong}; border-radius: {radius}px;
  padding: 0 13px; min-height: 30px; font-size: 14px; font-weight: 500; }}
QPushButton:hover {{ border-color: {edge}; }}
QPushButton:pressed {{ background: {sunken}; }}
QPushButton:disabled {{ color: {faint}; border-color: {line}; background: {surface}; }}
QPushButton:focus {{ border: 2px solid {accent}; padding: 0 12px; min-height: 28px; }}
QPushButton[kind="primary"] {{ background: {accent}; color: {on_accent}; border-color: {accent}; }}
QPushButton[kind="primary"]:disabled {{ background: {line}; color: {faint}; border-color: {line}; }}
QPushButton[kind="primary"]:focus {{ border: 2px solid {ink}; }}
QPushButton[kind="danger"] {{ color: {bad}; }}
QPushButton[kind="link"] {{ background: transparent; border: 1px solid transparent; color: {accent}; padding: 0 6px; }}
QPushButton[kind="link"]:hover {{ text-decoration: underline; }}
QPushButton[kind="link"]:focus {{ border: 2px solid {accent}; padding: 0 5px; }}
QPushButton[kind="icon"] {{ padding: 0; min-width: 30px; max-width: 30px; }}
QPushButton[kind="icon"]:focus {{ padding: 0; min-width: 28px; max-width: 28px; }}
QPushButton[kind="bare"] {{ padding: 0; min-width: 26px; max-width: 26px; min-height: 26px; border: 1px solid transparent;
  background: transparent; }}
QPushButton[kind="bare"]:hover {{ background: {sunken}; }}
QPushButton[kind="bare"]:focus {{ border: 2px solid {accent}; min-width: 24px; max-width: 24px; min-height: 24px; padding: 0; }}
QPushButton::menu-indicator {{ width: 0; image: none; }}
QLineEdit, QSpinBox, QDateTimeEdit {{ background: {surface}; color: {ink}; border: 1px solid {edge}; border-radius: {radius}px;
  padding: 0 10px; min-height: 30px; font-size: 14px; selection-background-color: {accent}; selection-color: {on_accent}; }}
QLineEdit:focus, QSpinBox:focus, QDateTimeEdit:focus {{ border: 2px solid {accent}; padding: 0 9px; min-height: 28px; }}
QSpinBox QLineEdit, QDateTimeEdit QLineEdit {{ border: 0; padding: 0 8px; min-height: 0; background: transparent; }}
QSpinBox::up-button, QSpinBox::down-button, QDateTimeEdit::up-button, QDateTimeEdit::down-button {{ width: 0; border: 0; }}
QTableView {{ background: {surface}; border: 0; outline: 0; gridline-color: {line}; color: {ink};
  selection-background-color: {accent_tint}; selection-color: {ink}; }}
QHeaderView {{ background: {surface}; border: 0; }}
QHeaderView::section {{ background: {surface}; color: {muted}; border: 0; border-bottom: 1px solid {line}; padding: 0 8px;
  font-size: 13px; font-weight: 500; }}
QHeaderView::section:first {{ padding-left: 16px; }}
QHeaderView::section:only-one {{ padding-left: 16px; }}
QHeaderView::section:hover {{ color: {ink}; }}
QHeaderView::up-arrow, QHeaderView::down-arrow {{ width: 0; height: 0; }}
QTextEdit {{ background: {surface}; color: {ink}; border: 0; selection-background-color: {accent_tint}; selection-color: {ink}; }}
QTextEdit:focus {{ border: 0; }}
QProgressBar {{ background: {quiet_tint}; border: 0; border-radius: 3px; min-height: 6px; max-height: 6px; }}
QProgressBar::chunk {{ background: {chart}; border-radius: 3px; }}
QListWidget {{ background: {surface}; color: {ink}; border: 1px solid {edge}; border-radius: {radius}px; padding: 3px; outline: 0; }}
QListWidget:focus {{ border: 2px solid {accent}; padding: 2px; }}
QListWidget::item {{ padding: 6px 8px; border-radius: 4px; }}
QListWidget::item:selected {{ background: {accent_tint}; color: {ink}; }}
QMenu {{ background: {raised}; color: {ink}; border: 1px solid {line_strong}; padding: 4px; }}
QMenu::item {{ padding: 6px 28px 6px 10px; border-radius: 4px; }}
QMenu::item:selected {{ background: {accent_tint}; color: {ink}; }}
QMenu::item:disabled {{ color: {faint}; }}
QMenu::separator {{ height: 1px; background: {line}; margin: 4px 6px; }}
QMenu::icon {{ padding-left: 8px; }}
QToolTip {{ background: {raised}; color: {ink}; border: 1px solid {line_strong}; padding: 5px 8px; }}
QDialog {{ background: {surface}; }}
QCheckBox, QRadioButton {{ spacing: 8px; color: {ink}; }}
QCheckBox::indicator, QRadioButton::indicator {{ width: 16px; height: 16px; border: 1px solid {edge}; background: {surface}; }}
QCheckBox::indicator {{ border-radius: 4px; }}
QRadioButton::indicator {{ border-radius: 9px; }}
QCheckBox::indicator:checked, QRadioButton::indicator:checked {{ background: {accent}; border: 1px solid {accent}; image: url("{tick}"); }}
QCheckBox::indicator:focus, QRadioButton::indicator:focus {{ border: 2px solid {ink}; }}
QTabBar {{ background: transparent; }}
QTabBar::tab {{ background: transparent; color: {muted}; border: 0; border-bottom: 3px solid transparent; padding: 7px 5px 6px 5px;
  margin: 0 3px 0 2px; font-size: 14px; font-weight: 500; }}
QTabBar::tab:selected {{ color: {ink}; border-bottom: 3px solid {accent}; }}
QTabBar::tab:hover {{ color: {ink}; }}
QTabBar::tab:focus {{ color: {accent}; }}
#status {{ background: {surface}; border: 0; border-top: 1px solid {line}; }}
#status QPushButton {{ min-height: 19px; padding: 0 9px; font-size: 12px; }}
#status QPushButton:focus {{ min-height: 17px; padding: 0 8px; }}
#toast {{ background: {raised}; border: 1px solid {line_strong}; border-radius: {card}px; }}
QScrollArea {{ background: transparent; border: 0; }}
QScrollArea > QWidget > QWidget {{ background: transparent; }}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 0; }}
QScrollBar::handle {{ background: {line_strong}; border-radius: 4px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 32px; }}
QScrollBar::handle:horizontal {{ min-width: 32px; }}
QScrollBar::handle:hover {{ background: {edge}; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; width: 0; height: 0; }}
"""


def style_sheet(tokens: Tokens) -> str:
    """The sheet for one theme."""
    tick = (Path(__file__).parent / "icons" / f"tick-{'dark' if tokens.dark else 'light'}.svg").as_posix()
    names = {name: getattr(tokens, name) for name in tokens.__slots__ if name != "dark"}
    return _RULES.format(**names, card=CARD_RADIUS, radius=RADIUS, tick=tick)
