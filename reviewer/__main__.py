"""`python -m reviewer` is `llm-review`."""

import sys

from .cli import main

sys.exit(main())
