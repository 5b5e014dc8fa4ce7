# SPDX-License-Identifier: MIT
"""Is the compiled plugin what gui-v2's loader expects (name, version, integrations, resource)?

    check_plugin.py PLUGIN.json FOLDER_OF_SOURCES
"""
import base64
import json
import os
import re
import sys


def main(plugin_path, sources):
    with open(plugin_path, encoding="utf-8") as file:
        plugin = json.load(file)
    assert plugin["name"] == os.path.basename(plugin_path).removesuffix(".json"), plugin["name"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", plugin["version"]), plugin["version"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", plugin["minRequiredVersion"])

    resource = base64.b64decode(plugin["resource"], validate=True)
    assert resource[:4] == b"qres", resource[:4]
    for name in os.listdir(sources):
        with open(os.path.join(sources, name), "rb") as file:
            assert file.read() in resource, name + " is not in the resource"
        assert name.encode("utf-16-be") in resource, name + " is not named in the resource"

    assert plugin["integrations"]
    for one in plugin["integrations"]:
        assert isinstance(one["type"], int) and one["type"] == 2
        # as gui-v2 writes a product id, and the one that the service publishes
        assert one["productId"] == "0x%x" % 0xB0BB, one["productId"]
        assert one["title"]
        folder, page = re.fullmatch(r"qrc:/([^/]+)/([^/]+\.qml)", one["url"]).groups()
        assert folder == plugin["name"]
        with open(os.path.join(sources, page), encoding="utf-8") as file:
            assert re.search(r"^DeviceListPluginPage \{", file.read(), re.M), page


main(*sys.argv[1:])
