"""The package indexes that pip and uv are configured to use, without credentials and without starting either."""

from __future__ import annotations

import configparser
import os
import re
import sys

from . import _secrets

_VARIABLES = (
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "UV_INDEX",
    "UV_DEFAULT_INDEX",
    "UV_INDEX_URL",
    "UV_EXTRA_INDEX_URL",
)
_UV_ADDRESS = re.compile(r"^\s*(?:default-|extra-)?(?:index-)?url\s*=\s*[\[\s]*[\"']([^\"']+)[\"']", re.MULTILINE)
"""An address in uv.toml, found by its line: Python before 3.11 has no TOML parser."""


def configured():
    """`NAME: address` of every index in variables and configuration files, sorted; empty for the defaults."""
    found = ["%s: %s" % (name, _shown(os.environ[name])) for name in _VARIABLES if os.environ.get(name)]
    for path in _pip_files():
        found.extend(_of_pip(path))
    for path in _uv_files():
        found.extend(_of_uv(path))
    return sorted(set(found))


def _pip_files():
    """The files that pip reads according to its documentation: of the variable, site, user and environment."""
    configuration = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    folders = ("/etc", "/etc/xdg/pip", os.path.expanduser("~/.pip"), os.path.join(configuration, "pip"), sys.prefix)
    return [os.environ.get("PIP_CONFIG_FILE") or ""] + [os.path.join(folder, "pip.conf") for folder in folders]


def _uv_files():
    configuration = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    return [os.environ.get("UV_CONFIG_FILE") or "", "/etc/uv/uv.toml", os.path.join(configuration, "uv", "uv.toml")]


def _of_pip(path):
    parser = configparser.RawConfigParser(strict=False)
    parser.read([path] if path else [], encoding="utf-8")
    for section in parser.sections():
        for option in ("index-url", "extra-index-url", "find-links"):
            if parser.has_option(section, option):
                yield "pip.conf %s: %s" % (option, _shown(parser.get(section, option)))


def _of_uv(path):
    if path and os.path.isfile(path):
        with open(path, encoding="utf-8", errors="replace") as handle:
            for address in _UV_ADDRESS.findall(handle.read()):
                yield "uv.toml: %s" % _shown(address)


def _shown(addresses):
    return " ".join(_secrets.bare_address(address) for address in addresses.split())
