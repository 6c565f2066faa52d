"""Which weakness a finding names, and whether that is the right one or at least of the right group.

The groups are the categories of CWE-1400, "Comprehensive Categorization for Software Assurance Trends": MITRE's own,
every weakness in exactly one (https://cwe.mitre.org/data/definitions/1400.html, CWE 4.14). They are wide: all
injections but those of 1407 are one group. `exact` is narrower: the same weakness, or one right above or
below it in CWE-1000, the research view. Numbers that are no weaknesses in CWE-1400 stand
here for the weakness that the case is about.
"""

from __future__ import annotations

import re

CWE = re.compile(r"CWE-(\d+)")
RUFF = re.compile(r"^(?:ruff/)?S(\d{3})$")

CATEGORIES = {
    1396: (259, 269, 283, 284, 285, 287, 295, 306, 321, 521, 522, 601, 611, 732, 798, 918, 941, 942),  # access control
    1397: (595,),  # comparison
    1399: (134,),  # memory safety
    1401: (367,),  # concurrency
    1402: (319, 326, 327, 328, 347, 614, 759, 760, 780, 916),  # encryption
    1403: (73, 377),  # exposed resource
    1404: (22, 23, 36),  # file handling
    1405: (252, 703, 754),  # exceptional conditions
    1406: (20,),  # input validation
    1407: (116, 117),  # neutralisation
    1408: (193,),  # calculation
    1409: (74, 77, 78, 79, 80, 89, 90, 91, 94, 95, 96, 99, 113, 643, 943, 1336),  # injection
    1410: (835,),  # control flow
    1411: (345, 352),  # authenticity of data
    1412: (477, 605),  # poor coding practices
    1414: (329, 330, 335, 337, 338, 339),  # randomness
    1415: (385, 502, 915),  # control of resources
    1416: (400, 434, 730, 827, 913, 1333),  # life of resources; 730, "denial of service", is about 1333 here
    1417: (200, 208, 209, 532),  # exposure of information
    1418: (250,),  # principles of secure design
}
GROUP = {weakness: category for category, several in CATEGORIES.items() for weakness in several}
# Right above each other in CWE-1000, of those that occur.
ABOVE = {
    (74, 77), (77, 78), (74, 79), (943, 89), (943, 90), (943, 643), (74, 943), (74, 94), (94, 1336), (94, 95),
    (94, 96),
    (74, 99), (116, 117), (269, 250), (284, 269), (284, 285), (284, 287), (287, 295), (287, 306), (798, 259),
    (798, 321),
    (330, 335), (335, 339), (335, 337), (330, 338), (328, 916), (327, 328), (916, 759), (916, 760), (200, 209),
    (22, 23),
    (22, 36), (913, 502), (913, 915), (345, 347), (345, 352), (319, 614), (327, 780), (74, 91), (91, 643), (730, 1333),
    (285, 732),
}  # fmt: skip
# What bandit says of the test that ruff's S rule of the same number was made after; those in the development cases.
BANDIT = {
    101: 703, 102: 78, 103: 732, 104: 605, 105: 259, 106: 259, 107: 259, 108: 377, 110: 703, 112: 703, 113: 400,
    201: 94, 202: 22, 301: 502, 302: 502, 303: 327, 304: 327, 305: 327, 306: 377, 307: 78, 308: 79, 310: 22, 311: 330,
    312: 319, 313: 20, 314: 20, 315: 20, 316: 20, 317: 20, 318: 20, 319: 20, 321: 319, 323: 295, 324: 327, 401: 319,
    402: 319, 403: 502, 404: 78, 501: 295, 502: 327, 503: 327, 504: 327, 505: 326, 506: 20, 507: 295, 508: 319,
    509: 319, 601: 78, 602: 78, 603: 78, 604: 78, 605: 78, 606: 78, 607: 78, 608: 89, 609: 78, 611: 89, 612: 94,
    701: 94, 702: 80, 704: 79,
}  # fmt: skip


def named(rule: str, message: str) -> tuple[int, ...]:
    """The weaknesses that a finding names; a rule of ruff's that names none, by the test it was made after."""
    numbers = tuple(int(number) for number in CWE.findall(message))
    made_after = RUFF.match(rule)
    if numbers or not made_after:
        return numbers
    known = BANDIT.get(int(made_after[1]))
    return (known,) if known else ()


def exact(one: int, other: int) -> bool:
    """Whether two weaknesses are the same, or one is right above the other."""
    return one == other or (one, other) in ABOVE or (other, one) in ABOVE


def related(one: int, other: int) -> bool:
    """Whether two weaknesses are of one group."""
    return exact(one, other) or (one in GROUP and GROUP.get(one) == GROUP.get(other))
