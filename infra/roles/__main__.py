"""`python -m infra.roles`."""

import sys

from infra.roles.command import main

sys.exit(main())
