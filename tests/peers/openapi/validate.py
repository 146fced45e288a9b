"""Validates what stands in a folder: *.openapi.json as OpenAPI, *.tools.json as tools with JSON Schemas.

Prints one line for each problem, and at last how many files were looked at.
"""

import json
import pathlib
import sys

from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

files = sorted(pathlib.Path(sys.argv[1]).glob("*.json"))
for file in files:
    said = json.loads(file.read_text())
    if file.name.endswith(".openapi.json"):
        for error in OpenAPIV31SpecValidator(said).iter_errors():
            print(f"{file.name}: {'/'.join(map(str, error.absolute_path))}: {error.message[:300]}")
    else:
        for tool in said:
            for error in Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(tool["inputSchema"]):
                print(f"{file.name}: {tool['name']}: {error.message[:300]}")
print(f"files {len(files)}")
