"""The ways in which a program breaks, as lines of shell."""

FAULTS = {
    "exit": "echo broken >&2; exit 2",
    "crash": "kill -SEGV $$",
    "hang": "exec sleep 1000",
    "hang that ignores signals": "trap '' TERM INT HUP; sleep 1000; sleep 1000",
    "silence": "exit 0",
    "garbage": "head -c 100000 /dev/urandom; exit 0",
    "deep nesting": "head -c 200000 /dev/zero | tr '\\0' '['; exit 0",
    "another shape": "echo '[{\"filename\": 5}]'; exit 0",
    "a gigabyte": "head -c 1000000000 /dev/zero; exit 0",
    "a gigabyte of errors": "head -c 1000000000 /dev/zero >&2; exit 3",
    "a child that stays": "sleep 1000 & echo '['; exit 0",
}
