"""Reads the JUnit, JSON and VCR reports of one run with other people's libraries; they must tell the same story.

usage: read_reports.py FOLDER
"""

import json
import pathlib
import sys

import jsonschema
import junitparser
import yaml

folder = pathlib.Path(sys.argv[1])

report = json.loads((folder / "json").read_text())
schema = json.loads((folder / "schema").read_text())
jsonschema.Draft202012Validator.check_schema(schema)
jsonschema.Draft202012Validator(schema).validate(report)
counts = report["counts"]
assert counts["fail"] > 0 and counts["pass"] > 0, counts

suites = junitparser.JUnitXml.fromfile(str(folder / "junit"))
cases = [case for suite in suites for case in suite]
assert len(cases) == len(report["entries"]), (len(cases), len(report["entries"]))
failed = [case for case in cases if any(isinstance(it, junitparser.Failure) for it in case.result)]
assert len(failed) == counts["fail"], (len(failed), counts)
assert suites.tests == len(cases) and suites.failures == len(failed), (suites.tests, suites.failures)
operations = {suite.name for suite in suites}
assert len(operations) == len(list(suites)) > 1, operations
named = {entry["id"] for entry in report["entries"] if entry["outcome"] == "fail"}
assert all(any(case.name and id.endswith(case.name) for id in named) for case in failed), failed

cassette = yaml.safe_load((folder / "vcr").read_text())
recorded = cassette["http_interactions"]
sent = sum(len(entry.get("exchanges", [])) for entry in report["entries"])
assert len(recorded) == sent, (len(recorded), sent)
for exchange in recorded:
    assert exchange["request"]["method"] and exchange["request"]["uri"].startswith("http://"), exchange
    if exchange.get("response"):
        int(exchange["response"]["status"]["code"])

print(f"{len(cases)} cases, {len(failed)} failed, {len(recorded)} exchanges")
