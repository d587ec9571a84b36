"""Files of prices → Panel: seconds and peak memory, beside the way by pandas, in one run.

    python benchmarks/data.py [--rows 25000000] [--quick] [--rounds N] [--seed N]

This file only starts the process that measures (`benchmarks/data_running.py`), which finds this
checkout first. Its exit code is 1 if a bar on memory or on the ratio is not met; the bar on time
is stated only, since it belongs to a machine.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run the measuring process with the same options; its exit code is ours."""
    command = [sys.executable, "-P", "-m", "benchmarks.data_running", *sys.argv[1:]]
    paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": paths}
    return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603  (our own module, the user's options)


if __name__ == "__main__":
    sys.exit(main())
