"""The server's settings: config.toml in the data folder, under what the command line says.

Nothing of the contest's state stands here. An unknown key is an error: a misspelt setting must not be silence.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from app.core.errors import Refusal
from app.server.folder import write_private
from web.gate.behind import plain_address


class Settings(BaseModel):
    """How this server listens and what it may use. Ports of 0 are picked freely."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8080, ge=0, le=65535, description="people: pages and REST by http")
    tls: bool = Field(default=False, description="people by https; http only tells how to trust the certificate")
    tls_port: int = Field(default=8444, ge=0, le=65535, description="people by https, where tls is set")
    behind: tuple[str, ...] = Field(default=(), description="addresses of reverse proxies that are believed")
    node_port: int = Field(default=8443, ge=0, le=65535, description="judge machines, TLS")
    console_port: int = Field(default=0, ge=0, le=65535, description="console, loopback only")
    announce: bool = True
    names: tuple[str, ...] = Field(default=(), description="further host names that people may type")
    backup: str = ""
    backup_sync: bool = False

    @field_validator("backup")
    @classmethod
    def _backup_is_a_whole_path(cls, backup: str) -> str:
        """The next start may come from another working directory."""
        return str(Path(backup).expanduser().absolute()) if backup else ""

    @field_validator("host")
    @classmethod
    def _host_is_an_address(cls, host: str) -> str:
        """Names are not looked up: without internet that takes long, and which of its addresses is meant nobody knows."""
        return host if host == "localhost" else plain_address(host)

    @field_validator("behind")
    @classmethod
    def _proxies_are_addresses(cls, behind: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(plain_address(one) for one in behind)

    @model_validator(mode="after")
    def _one_end_of_tls(self) -> Settings:
        if self.tls and self.behind:
            raise ValueError("tls and behind exclude each other, since the reverse proxy speaks TLS to people")
        return self

    @model_validator(mode="after")
    def _sync_needs_a_place(self) -> Settings:
        if self.backup_sync and not self.backup:
            raise ValueError("backup_sync needs backup, the folder where the copies go")
        return self

    @property
    def loopback(self) -> bool:
        """Whether only this machine is served."""
        return self.host in ("127.0.0.1", "localhost", "::1")


def load(config: Path, overrides: dict[str, Any]) -> Settings:
    """The settings of a folder; `overrides` are what the command line gave (None: not given). Raises Refusal with the key's name."""
    stored: dict[str, Any] = {}
    if config.exists():
        try:
            stored = tomllib.loads(config.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise Refusal(422, f"{config} is not valid TOML: {error}. Mend that line and start again.") from error
    stored.update({key: value for key, value in overrides.items() if value is not None})
    try:
        return Settings.model_validate(stored)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            known = ", ".join(sorted(Settings.model_fields))
            raise Refusal(422, f"Unknown setting «{key}» in {config}: the settings are {known}.") from error
        why = str(first["msg"]).removeprefix("Value error, ")
        if not key:
            raise Refusal(422, f"The settings in {config} do not go together: {why}.") from error
        raise Refusal(422, f"The setting «{key}» cannot be {first['input']!r}: {why}.") from error


def keep_switch(config: Path, name: str, on: bool) -> None:
    """Sets one switch in the folder's file; every other line stays as somebody wrote it. Fault("storage") where it cannot be written."""
    lines = config.read_text(encoding="utf-8").splitlines() if config.exists() else []
    own = re.compile(rf"\s*{re.escape(name)}\s*=")
    others = [line for line in lines if not own.match(line)]
    # At the beginning: further down it might stand in a table.
    write_private(config, "\n".join([f"{name} = {str(on).lower()}", *others, ""]).encode())
