"""Several OpenAPI documents of one service as one document, for tools that take a path's methods for all there are.

usage: one_document.py DOCUMENT DOCUMENT... > JOINED

What two documents say of the same thing has to be the same.
"""

import sys

import yaml


def join(into, more, where):
    for name, value in more.items():
        if name not in into:
            into[name] = value
        elif into[name] != value:
            assert isinstance(value, dict) and isinstance(into[name], dict), f"the documents differ in {where}/{name}"
            join(into[name], value, f"{where}/{name}")


documents = [yaml.load(open(name, encoding="utf-8"), yaml.SafeLoader) for name in sys.argv[1:]]
joined = {"openapi": documents[0]["openapi"], "info": documents[0]["info"] | {"title": "Graph Engine Service"}}
for document in documents:
    del document["openapi"], document["info"]
    # What is not about addresses and types is that of the first document.
    join(joined, {name: value for name, value in document.items() if name in ("paths", "components")}, "#")
for name, value in documents[0].items():
    joined.setdefault(name, value)
joined["tags"] = list({tag["name"]: tag for document in documents for tag in document["tags"]}.values())
yaml.dump(joined, sys.stdout, sort_keys=False)
