"""Copy the browser libraries that the pages use from `node_modules` into the web shell's static folder.

The stylesheets lose what would make a browser (or the hashing of file names) look for files that are not shipped:
source maps, and every font format but woff2.
"""

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "node_modules"
TARGET = ROOT / "src/entrepot/web/static/vendor"
FILES = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.css",
    "@tabler/core/dist/js/tabler.min.js": "tabler.js",
    "@tabler/icons-webfont/dist/tabler-icons.min.css": "tabler-icons.css",
    "@tabler/icons-webfont/dist/fonts/tabler-icons.woff2": "fonts/tabler-icons.woff2",
    "htmx.org/dist/htmx.min.js": "htmx.js",
    "@alpinejs/csp/dist/cdn.min.js": "alpine-csp.js",
    "echarts/dist/echarts.common.min.js": "echarts.js",
}
LICENCES = {
    "@tabler/core": "tabler",
    "@tabler/icons-webfont": "tabler-icons",
    "htmx.org": "htmx",
    "@alpinejs/csp": "alpine",
    "echarts": "echarts",
}
SOURCE_MAP = re.compile(r"/\*# sourceMappingURL=.*?\*/|^//# sourceMappingURL=.*$", re.MULTILINE)
OTHER_FONTS = re.compile(r',url\("[^"]+"\) format\("(?:woff|truetype)"\)')
FONT_QUERY = re.compile(r"\.woff2\?v[\d.]+")


def main() -> int:
    """Fill the folder anew; 1 when npm has not been run."""
    if not SOURCE.is_dir():
        print("node_modules is missing: run `make assets`", file=sys.stderr)
        return 1
    shutil.rmtree(TARGET, ignore_errors=True)
    for source, target in FILES.items():
        copy(SOURCE / source, TARGET / target)
    for package, name in LICENCES.items():
        for licence in (SOURCE / package).glob("LICENSE*"):
            copy(licence, TARGET / "licences" / f"{name}.txt")
    size = sum(path.stat().st_size for path in TARGET.rglob("*") if path.is_file())
    print(f"{len(FILES)} browser files, {size / 2**20:.1f} MB, in {TARGET.relative_to(ROOT)}")
    return 0


def copy(source: Path, target: Path) -> None:
    """One file, cleaned when it is a stylesheet or a script."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix not in {".css", ".js"}:
        shutil.copyfile(source, target)
        return
    text = SOURCE_MAP.sub("", source.read_text("utf-8"))
    target.write_text(FONT_QUERY.sub(".woff2", OTHER_FONTS.sub("", text)), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
