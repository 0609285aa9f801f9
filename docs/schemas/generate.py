#!/usr/bin/env python3
"""Condenses public JSON Schemas of deployment manifests into one file of shared definitions.

Usage: generate.py FOLDER > Sources/CEmbeddedFacts/Schemas/manifests.json

FOLDER holds the public schemas, one folder per project. Texts, defaults and annotations are dropped; equal
parts, such as the pod template that every kind repeats, are kept once. What remains are names, types and
ranges of fields. A kind of Kubernetes' own bundle becomes a schema of its own.
"""
import collections
import json
import pathlib
import re
import sys

SOURCES = {
    "DynamoGraphDeployment/v1beta1": "dynamo/dynamographdeployment_v1beta1.json",
    "DynamoGraphDeployment/v1alpha1": "dynamo/dynamographdeployment_v1alpha1.json",
    "DisaggregatedSet/v1": "disaggregatedset/disaggregatedset_v1.json",
    "DisaggregatedSet/main": "disaggregatedset/disaggregatedset_v1_main.json",
    "LeaderWorkerSet/v1": "leaderworkerset/leaderworkerset_v1.json",
    "LLMInferenceService/v1alpha2": "kserve-llminferenceservice/llminferenceservice_v1alpha2.json",
    "LLMInferenceService/v1alpha1": "kserve-llminferenceservice/llminferenceservice_v1alpha1.json",
    "InferencePool/v1": "gateway-inference-extension/inferencepool_v1.json",
    "EndpointPickerConfig": "endpoint-picker/endpointpickerconfig.json",
    "llm-d-modelservice": "llm-d-modelservice/values.schema.json",
    "kv-transfer-config": "vllm/kv-transfer-config.json",
    "benchmark-report": "llm-d-benchmark-report/br_v0_2_1.json",
}
CORE = "kubernetes-core/core_v1.37.json"
CORE_KINDS = ["Deployment", "StatefulSet", "Pod", "Job", "Service", "ConfigMap"]
DROPPED = {
    "$schema", "$id", "title", "description", "default", "format", "examples", "discriminator", "ge",
    "$defs", "definitions",
}
KEPT = {
    "type", "properties", "required", "additionalProperties", "items", "enum", "const", "pattern",
    "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "minItems", "maxItems",
    "minProperties", "maxProperties", "anyOf", "oneOf", "allOf", "contains", "not",
}
LEAST_SHARED = 60


def resolved(root, reference):
    node = root
    for step in reference.lstrip("#/").split("/"):
        node = node[step.replace("~1", "/").replace("~0", "~")]
    return node


def condensed(node, root, open_references=()):
    """The schema without texts, with every reference followed."""
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        reference = node["$ref"]
        if reference in open_references:
            sys.exit(f"{reference} refers to itself, which this condenser does not know")
        return condensed(resolved(root, reference), root, open_references + (reference,))
    kept = {}
    for key, value in node.items():
        if key in DROPPED or key.startswith("x-"):
            continue
        if key not in KEPT:
            sys.exit(f"unknown keyword {key}")
        if key == "properties":
            kept[key] = {name: condensed(part, root, open_references) for name, part in value.items()}
        elif key in ("anyOf", "oneOf", "allOf"):
            kept[key] = [condensed(part, root, open_references) for part in value]
        elif key in ("items", "additionalProperties", "contains", "not"):
            kept[key] = condensed(value, root, open_references)
        else:
            kept[key] = value
    return kept


def children(node):
    """Parts of a schema that are schemas, with the name that each goes by."""
    for key, value in node.items():
        if key == "properties":
            yield from value.items()
        elif key in ("anyOf", "oneOf", "allOf"):
            yield from ((None, part) for part in value)
        elif key in ("items", "additionalProperties", "contains", "not") and isinstance(value, dict):
            yield None, value


def text(node):
    return json.dumps(node, separators=(",", ":"), sort_keys=True)


class Sharing:
    """Names for the parts that occur more than once."""

    def __init__(self, schemas):
        self.counts = collections.Counter()
        self.hints = {}
        for name, schema in schemas.items():
            self.count(schema, re.split(r"[/]", name)[0])
        self.names = {}
        self.taken = collections.Counter()
        self.definitions = {}

    def count(self, node, hint):
        key = text(node)
        self.counts[key] += 1
        self.hints.setdefault(key, hint)
        if self.counts[key] == 1:
            for name, part in children(node):
                if isinstance(part, dict):
                    self.count(part, name or hint)

    def name(self, key):
        if key not in self.names:
            base = re.sub(r"[^A-Za-z0-9]", "", self.hints[key]) or "Part"
            base = base[0].upper() + base[1:]
            self.taken[base] += 1
            number = self.taken[base]
            self.names[key] = base if number == 1 else f"{base}{number}"
            self.definitions[self.names[key]] = None
            self.definitions[self.names[key]] = self.emit(json.loads(key), is_top=True)
        return self.names[key]

    def emit(self, node, is_top=False):
        if not isinstance(node, dict):
            return node
        key = text(node)
        if not is_top and self.counts[key] > 1 and len(key) > LEAST_SHARED:
            return {"$ref": self.name(key)}
        out = {}
        for word, value in node.items():
            if word == "properties":
                out[word] = {name: self.emit(part) for name, part in value.items()}
            elif word in ("anyOf", "oneOf", "allOf"):
                out[word] = [self.emit(part) for part in value]
            elif word in ("items", "additionalProperties", "contains", "not"):
                out[word] = self.emit(value)
            else:
                out[word] = value
        return out


def main(folder):
    schemas = {}
    for name, path in SOURCES.items():
        root = json.loads((folder / path).read_text())
        schemas[name] = condensed(root, root)
    bundle = json.loads((folder / CORE).read_text())
    rules = {rule["if"]["properties"]["kind"]["const"]: rule["then"] for rule in bundle["allOf"]}
    for kind in CORE_KINDS:
        schemas[kind] = condensed(rules[kind], bundle)
    sharing = Sharing(schemas)
    written = {name: sharing.emit(schema, is_top=True) for name, schema in schemas.items()}
    parts = {"schemas": written, "definitions": dict(sorted(sharing.definitions.items()))}
    lines = []
    for section, members in parts.items():
        body = ",\n".join(f"{json.dumps(key)}:{text(value)}" for key, value in members.items())
        lines.append(f"{json.dumps(section)}:{{\n{body}\n}}")
    print("{\n" + ",\n".join(lines) + "\n}")


main(pathlib.Path(sys.argv[1]))
