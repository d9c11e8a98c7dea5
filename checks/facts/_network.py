"""Network cards and InfiniBand adapters: drivers, firmware, speed and ports."""

from __future__ import annotations

import array
import errno
import os
import socket
import struct

from .. import fact
from ..declare import NotApplicable
from . import _files

INFINIBAND = "/sys/class/infiniband"
NETWORK = "/sys/class/net"

_SIOCETHTOOL = 0x8946
_ETHTOOL_GDRVINFO = 3
_DRIVER_INFO_BYTES = 196
"""`struct ethtool_drvinfo` of linux/ethtool.h: command, then texts of 32 byte each, then five counts."""
_TEXT_BYTES = 32
_FIRMWARE_AT = 4 + 2 * _TEXT_BYTES
_NAME_BYTES = 15
"""Length limit of an interface's name, without the terminating zero (IFNAMSIZ)."""


def cards():
    """Interface to driver and speed (-1: not reported) of each network card."""
    found = {}
    for name in _names():
        speed = _or_nothing(os.path.join(NETWORK, name, "speed")) or "-1"
        found[name] = "%s, %s Mbit/s" % (_driver(name), speed)
    return found


def firmware():
    """Interface to driver, driver version and firmware of the card, which the kernel reports without privileges."""
    found = {}
    for name in _names():
        version, held = _told_by_driver(name)
        found[name] = "%s %s, firmware %s" % (_driver(name), version or "without version", held or "not told")
    return found


def _names():
    """Names of the network cards; software interfaces have no device."""
    if not os.path.isdir(NETWORK):
        raise NotApplicable("this system has no %s" % NETWORK)
    found = [name for name in sorted(os.listdir(NETWORK)) if os.path.exists(_driver_link(name))]
    if not found:
        raise NotApplicable("this machine shows no network card")
    return found


def _driver_link(name):
    return os.path.join(NETWORK, name, "device", "driver")


def _driver(name):
    return os.path.basename(os.path.realpath(_driver_link(name)))


def _told_by_driver(name):
    """(version, firmware) of the driver, as `ethtool -i` shows them; ETHTOOL_GDRVINFO needs no privileges."""
    import fcntl  # not on Windows

    answer = array.array("B", struct.pack("I", _ETHTOOL_GDRVINFO).ljust(_DRIVER_INFO_BYTES, b"\0"))
    request = struct.pack("16sP16x", name.encode()[:_NAME_BYTES], answer.buffer_info()[0])
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            fcntl.ioctl(control, _SIOCETHTOOL, request)
    except OSError as problem:
        if problem.errno in (errno.EOPNOTSUPP, errno.ENODEV):
            return "", ""  # the driver reports none
        raise fact.Unknown("the kernel does not report it: %s" % problem.strerror) from None
    content = answer.tobytes()
    return _text(content[4 + _TEXT_BYTES :]), _text(content[_FIRMWARE_AT:])


def _text(content):
    return content[:_TEXT_BYTES].split(b"\0", 1)[0].decode("utf-8", "replace").strip()


def infiniband():
    """Adapter to its firmware, board, and rate and state of each port."""
    found = {}
    for adapter in _adapters():
        one = {name: _or_nothing(adapter + "/" + name) for name in ("fw_ver", "hca_type", "board_id")}
        for port in _files.numbered(adapter + "/ports", ""):
            one["port " + os.path.basename(port)] = "%s, %s, %s" % tuple(
                _or_nothing(port + "/" + name) for name in ("rate", "state", "link_layer")
            )
        found[os.path.basename(adapter)] = one
    return found


def infiniband_identities():
    """Adapter to its GUID."""
    return {os.path.basename(adapter): _or_nothing(adapter + "/node_guid") for adapter in _adapters()}


def _adapters():
    if not os.path.isdir(INFINIBAND):
        raise NotApplicable("the kernel offers no InfiniBand or RoCE adapter")
    return [os.path.join(INFINIBAND, name) for name in sorted(os.listdir(INFINIBAND))]


def _or_nothing(path):
    try:
        return _files.text(path)
    except (NotApplicable, fact.Unknown):
        return ""
