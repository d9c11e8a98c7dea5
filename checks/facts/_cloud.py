"""
Cloud, region and instance type, from the file that cloud-init writes at start-up and from the firmware. No network.

Of these clouds, only Amazon EC2 (Nitro) writes the instance type into the firmware, as the product's name.
Google and Azure write the same text into every machine.
"""

from __future__ import annotations

import json

from .. import fact
from ..declare import NotApplicable
from . import _files

CLOUD_INIT = "/run/cloud-init/instance-data.json"
"""Readable by all users, without secrets; `v1` is standardised (docs.cloud-init.io, Instance metadata)."""
DMI = "/sys/class/dmi/id/"
HYPERVISOR = "/sys/hypervisor/uuid"
"""Begins with `ec2` on EC2's older Xen machines (docs.aws.amazon.com, identify_ec2_instances)."""

FIRMWARE = (
    ("sys_vendor", "Amazon EC2", "aws"),
    ("product_name", "Google Compute Engine", "gce"),
    ("chassis_asset_tag", "7783-7084-3265-9085-8269-3286-77", "azure"),
    ("chassis_asset_tag", "OracleCloud.com", "oracle"),
    ("product_name", "Alibaba Cloud ECS", "aliyun"),
    ("sys_vendor", "DigitalOcean", "digitalocean"),
    ("sys_vendor", "Hetzner", "hetzner"),
    ("sys_vendor", "Scaleway", "scaleway"),
    ("sys_vendor", "UpCloud", "upcloud"),
    ("sys_vendor", "Akamai", "akamai"),
    ("sys_vendor", "Linode", "akamai"),
)
"""Firmware field, its content and cloud-init's name of the cloud: the fields that cloud-init's ds-identify reads."""

TYPES = (
    ("ds", "meta_data", "instance_type"),
    ("ds", "meta_data", "instance-type"),
    ("ds", "meta_data", "imds", "compute", "vmSize"),
)
"""Where EC2, compatible clouds and Azure store the instance type: `v1` has no key for it."""


def name():
    """cloud-init's name of the cloud, from cloud-init or else the firmware."""
    return _left("v1", "cloud_name") or _of_firmware() or _unknown("the cloud")


def region():
    """The cloud's region, which only cloud-init records."""
    return _left("v1", "region") or _unknown("the region")


def instance_type():
    """The instance type from cloud-init, else the product's name on EC2."""
    for place in TYPES:
        if _left(*place):
            return _left(*place)
    if _firmware("sys_vendor") == "Amazon EC2":
        return _firmware("product_name") or _unknown("the instance type")
    return _unknown("the instance type")


def _left(*place):
    """The text at a path of cloud-init's file, else empty."""
    try:
        node = json.loads(_files.text(CLOUD_INIT))
    except NotApplicable:
        return ""
    for key in place:
        node = node.get(key) if isinstance(node, dict) else None
    return node if isinstance(node, str) else ""


def _of_firmware():
    for field, content, cloud in FIRMWARE:
        if _firmware(field) == content:
            return cloud
    try:
        return "aws" if _files.text(HYPERVISOR).lower().startswith("ec2") else ""
    except (NotApplicable, fact.Unknown):
        return ""


def _firmware(field):
    try:
        return _files.text(DMI + field)
    except (NotApplicable, fact.Unknown):  # a container or a board without DMI: only cloud-init can know
        return ""


def _unknown(what):
    raise fact.Unknown(
        "neither cloud-init's %s nor the firmware tells %s, and a cloud's own service is not asked: the audit needs no "
        "network" % (CLOUD_INIT, what)
    )
