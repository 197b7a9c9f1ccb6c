"""Holds the answers of xsim against X's own OpenAPI files.

usage: openapi_check.py XSIM [FOLDER]      (MENTIOND_X_OPENAPI names another folder)

Without the files it says so and ends well: they are X's and lie outside the project. Standard library only.
"""

import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

SEARCH = "/2/tweets/search/recent"


class Schema:
    """A validator for the part of JSON Schema that X's files use."""

    TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}

    def __init__(self, spec):
        self.spec = spec
        self.unknown = set()  # members that no schema names: reported, for they hide misspelt ones

    def resolve(self, schema):
        while "$ref" in schema:
            node = self.spec
            for part in schema["$ref"].split("/")[1:]:
                node = node[part]
            schema = node
        return schema

    def errors(self, value, schema, where="$", part=False):
        """`part`: the schema is one of several that describe the value together, so none names all members."""
        schema = self.resolve(schema)
        if value is None and schema.get("nullable"):
            return []
        found = self.type_errors(value, schema, where)
        for one in schema.get("allOf", []):
            found += self.errors(value, one, where, part=True)
        for word in ("oneOf", "anyOf"):
            if word in schema and not any(not self.errors(value, one, where) for one in self.candidates(value, schema, word)):
                found.append(f"{where}: fits none of {word}")
        if "enum" in schema and value not in schema["enum"]:
            found.append(f"{where}: {value!r} is not one of {schema['enum']}")
        if isinstance(value, str):
            found += self.string_errors(value, schema, where)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            found += self.number_errors(value, schema, where)
        elif isinstance(value, list):
            found += self.array_errors(value, schema, where)
        elif isinstance(value, dict):
            found += self.object_errors(value, schema, where, part or "discriminator" in schema)
        return found

    def candidates(self, value, schema, word):
        mapping = schema.get("discriminator", {}).get("mapping")
        if mapping and isinstance(value, dict):
            target = mapping.get(value.get(schema["discriminator"]["propertyName"]))
            if target:
                return [{"$ref": target}]
        return schema[word]

    def type_errors(self, value, schema, where):
        wanted = schema.get("type")
        if wanted is None:
            return []
        if wanted in ("integer", "number"):
            good = isinstance(value, (int,) if wanted == "integer" else (int, float)) and not isinstance(value, bool)
        else:
            good = isinstance(value, self.TYPES[wanted])
        return [] if good else [f"{where}: expected {wanted}, got {type(value).__name__}"]

    @staticmethod
    def string_errors(value, schema, where):
        found = []
        if "pattern" in schema and not re.search(schema["pattern"], value):
            found.append(f"{where}: {value!r} does not match {schema['pattern']}")
        if len(value) < schema.get("minLength", 0) or len(value) > schema.get("maxLength", len(value)):
            found.append(f"{where}: length {len(value)}")
        if schema.get("format") == "date-time":
            try:
                datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
            except ValueError:
                found.append(f"{where}: {value!r} is no date-time")
        return found

    @staticmethod
    def number_errors(value, schema, where):
        low, high = schema.get("minimum", value), schema.get("maximum", value)
        return [] if low <= value <= high else [f"{where}: {value} lies outside {low}..{high}"]

    def array_errors(self, value, schema, where):
        found = []
        if len(value) < schema.get("minItems", 0) or len(value) > schema.get("maxItems", len(value)):
            found.append(f"{where}: {len(value)} items")
        if schema.get("uniqueItems") and len({json.dumps(one) for one in value}) != len(value):
            found.append(f"{where}: items repeat")
        for place, one in enumerate(value):
            found += self.errors(one, schema.get("items", {}), f"{where}[{place}]")
        return found

    def object_errors(self, value, schema, where, part):
        found = [f"{where}: {name} is missing" for name in schema.get("required", []) if name not in value]
        properties = schema.get("properties", {})
        for name, member in value.items():
            if name in properties:
                found += self.errors(member, properties[name], f"{where}.{name}")
            elif schema.get("additionalProperties") is False:
                found.append(f"{where}: {name} is not allowed")
            elif properties and "allOf" not in schema and not part:
                self.unknown.add(re.sub(r"\[\d+\]", "[]", f"{where}.{name}"))
        return found


class Sim:
    """xsim on a free port."""

    def __init__(self, program, *flags):
        self.process = subprocess.Popen([program, *flags], stdout=subprocess.PIPE, text=True)
        self.base = "http://" + self.process.stdout.readline().split()[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        code = self.process.wait(10)
        assert code == 0, f"xsim ended with {code}"

    def get(self, path, **parameters):
        query = "?" + urllib.parse.urlencode(parameters) if parameters else ""
        request = urllib.request.Request(self.base + path + query, headers={"Authorization": "Bearer t"})
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                return reply.status, reply.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def post(self, path, body):
        with urllib.request.urlopen(self.base + path, data=json.dumps(body).encode(), timeout=30) as reply:
            return json.loads(reply.read())


def operation(spec, name):
    """The parameter of that name of the search operation, references resolved."""
    schema = Schema(spec)
    for parameter in spec["paths"][SEARCH]["get"]["parameters"]:
        parameter = schema.resolve(parameter)
        if parameter["name"] == name:
            return schema.resolve(parameter["schema"])
    raise SystemExit(f"{SEARCH} has no parameter {name}")


def check_pages(sim, spec, vocabulary):
    """Walks pages with every field and expansion that the file lists. Returns the mistakes."""
    schema = Schema(spec)
    page_schema = spec["paths"][SEARCH]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    fields = operation(spec, vocabulary + ".fields")["items"]["enum"]
    served = [one for one in fields if not one.startswith(("non_public", "organic", "promoted", "note_request", "suggested", "article_title"))]
    expansions = [one for one in operation(spec, "expansions")["items"]["enum"] if one != "username"]
    common = {"query": "AWS Marketplace", "max_results": 100, "sort_order": "recency", vocabulary + ".fields": ",".join(served),
              "expansions": ",".join(expansions), "user.fields": "created_at,description,public_metrics,verified"}
    mistakes, posts, token = [], 0, None
    for number in range(5):
        status, body = sim.get(SEARCH, **common, **({"next_token": token} if token else {}))
        if status != 200:
            return [f"page {number}: {status} {body[:300]!r}"], posts
        page = json.loads(body)
        mistakes += [f"page {number} {one}" for one in schema.errors(page, page_schema)]
        posts += len(page["data"])
        token = page["meta"]["next_token"]
    status, body = sim.get(SEARCH, query="Nobody wrote this", max_results=10)
    mistakes += ["empty page " + one for one in schema.errors(json.loads(body), page_schema)]
    sim.post("/_sim/fault", {"match": {"next": 1}, "do": "partial_errors"})
    status, body = sim.get(SEARCH, **common)
    mistakes += ["partial errors " + one for one in schema.errors(json.loads(body), page_schema)]
    sim.post("/_sim/fault", [])
    mistakes += [f"a member that the file does not name: {one}" for one in sorted(schema.unknown)]
    return mistakes, posts


def check_problems(sim, spec):
    """The flat error bodies are Problems as the file draws them."""
    schema = Schema(spec)
    problem = {"$ref": "#/components/schemas/Problem"}
    mistakes = []
    for parameters in ({"query": "AWS", "max_results": 5}, {"query": "("}, {"query": "AWS", "since_id": "1"}):
        status, body = sim.get(SEARCH, **parameters)
        mistakes += [f"{parameters}: {one}" for one in schema.errors(json.loads(body), problem)]
        if status != 400:
            mistakes.append(f"{parameters}: {status}")
    return mistakes


def main():
    program = sys.argv[1]
    folder = pathlib.Path(os.environ.get("MENTIOND_X_OPENAPI") or (sys.argv[2] if len(sys.argv) > 2 else "."))
    bad = 0
    for name, vocabulary in (("openapi-2.166.json", "tweet"), ("openapi-2.167.json", "post")):
        file = folder / name
        if not file.exists():
            print(f"ABSENT {name}: not in {folder}; nothing was checked against it (MENTIOND_X_OPENAPI names the folder)")
            continue
        spec = json.loads(file.read_text())
        with Sim(program, "--tweets", "3000", "--vocabulary", vocabulary, "--error-shape", "flat") as sim:
            mistakes, posts = check_pages(sim, spec, vocabulary)
            if vocabulary == "post":
                mistakes += check_problems(sim, spec)
        for one in mistakes[:40]:
            print(f"{name}: {one}")
        print(f"{name}: {posts} posts checked, {len(mistakes)} mistakes")
        bad += len(mistakes)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
