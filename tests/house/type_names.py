"""A type's name is its own: two of one name in two headers are one to the linker, and it keeps the code of either."""
import re

from house import code_only

TYPE = re.compile(r"^(?:class|struct|union|enum(?:\s+class)?)\s+(?:alignas\([^)]*\)\s*)?(\w+)\s*(?:final\s*)?(?::[^;{]*)?\{", re.M)


def check(house):
    places = {}
    for path in house.files("lib", "daemon", suffixes=(".hpp",)):
        for name in TYPE.findall(code_only(house.text(path))):
            places.setdefault(name, []).append(path.as_posix())
    return [f"{name}: defined in {' and '.join(found)}" for name, found in sorted(places.items()) if len(found) > 1]


GOOD = {"lib/a/a.hpp": "class A final : public B {\n};\nstruct Inner;\n", "lib/b/b.hpp": "struct B {\n    struct A {};\n};\n"}
SAMPLES = {
    "good": GOOD,
    "two classes": {**GOOD, "daemon/c.hpp": "struct A {\n"},
    "class and enum": {**GOOD, "lib/c/c.hpp": "enum class B : int { one };\n"},
    "aligned": {**GOOD, "lib/c/c.hpp": "struct alignas(64) B {\n"},
}
