# SPDX-License-Identifier: MIT
"""The metrics as the OpenMetrics parser of Prometheus' Python client reads them.

    openmetrics.py FILE      prints what there is; fails on text that is no OpenMetrics 1.0

Beyond the parser: every family has help; a unit is the end of its name; every sample names its
battery; nothing is told twice.
"""
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families

with open(sys.argv[1], encoding="utf-8") as file:
    families = list(text_string_to_metric_families(file.read()))
assert len(families) > 20, families
seen = set()
for family in families:
    assert family.documentation, family.name
    assert not family.unit or family.name.endswith("_" + family.unit), family.name
    for sample in family.samples:
        key = (sample.name, tuple(sorted(sample.labels.items())))
        assert key not in seen, key
        seen.add(key)
        assert "battery" in sample.labels or family.name.startswith("tinybms_gateway"), key
        assert sample.labels.get("site", 'Hut "7"') == 'Hut "7"', key
print(f"{len(families)} families, {len(seen)} samples")
