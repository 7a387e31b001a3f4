"""``python -m api.cli`` is the command ``aftersales``."""

import sys

from api.cli import main

sys.exit(main())
