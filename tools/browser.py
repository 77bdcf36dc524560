"""A browser for the journeys and the screenshots: Chromium or Chrome of this machine.

Run as a program it makes sure that there is one: as root on Debian it installs it (with fonts for Chinese), elsewhere
it says what to install; the journeys are then skipped.
"""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
PACKAGES = ("chromium", "fonts-noto-cjk")
# no calls home, and no sandbox where the user is root (Chromium refuses to start otherwise)
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
]


def find() -> str | None:
    """The browser's path: `ENTREPOT_BROWSER`, else the first one of the usual names."""
    named = os.environ.get("ENTREPOT_BROWSER")
    found = [named] if named else [path for name in NAMES if (path := shutil.which(name))]
    if not found and os.path.exists(MAC):
        found = [MAC]
    return found[0] if found else None


def main() -> int:
    """Never fails: the suite runs without a browser too, and says so."""
    if find():
        return 0
    if sys.platform == "linux" and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"installing {' and '.join(PACKAGES)} for the browser journeys", flush=True)
        env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "-y", "--no-install-recommends", *PACKAGES]):
            subprocess.run(
                ["apt-get", *command],
                env=env,
                stdout=subprocess.DEVNULL,
                stdin=subprocess.DEVNULL,
                check=False,
            )
    if not find():
        print(
            "NO BROWSER: the journeys will be skipped. Install Chromium or Chrome "
            "(Debian, Ubuntu: apt-get install chromium fonts-noto-cjk), or name one in ENTREPOT_BROWSER."
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
