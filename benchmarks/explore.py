"""How long a slider of the page takes to change all pictures of the strip, in a real browser.

python benchmarks/explore.py FILE [SAMPLES]    needs playwright and Chromium at /usr/bin/chromium
"""

import random
import statistics
import subprocess
import sys

from playwright.sync_api import Page, sync_playwright

MOVES = 60
BROWSER = "/usr/bin/chromium"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run")
FLAGS += ("--disable-background-networking", "--disable-component-update", "--disable-sync")
WATCH = """() => {
  window.spent = [];
  const images = () => [...document.querySelectorAll('img.after')];
  document.addEventListener('mousedown', () => {
    const began = performance.now(), old = images().map(one => one.src);
    const look = async () => {
      const now = images();
      if (now.some((one, i) => one.src === old[i])) return requestAnimationFrame(look);
      await Promise.all(now.map(one => one.decode()));
      window.spent.push(performance.now() - began);
    };
    look();
  }, true);
}"""


def latencies(page: Page, moves: int) -> list[float]:
    """Click into sliders at places where they were not, and time until every picture is new."""
    page.wait_for_selector("img.after[src]")
    page.wait_for_timeout(1000)
    page.evaluate(WATCH)
    rng = random.Random(0)
    for move in range(moves):
        box = page.locator(f'[data-row="{move % 4}"] .q-slider').bounding_box()
        assert box is not None
        share = (move // 4 % 2) / 2 + 0.05 + 0.4 * rng.random()
        page.mouse.click(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
        page.wait_for_function(f"window.spent.length > {move}", timeout=60_000)
    return page.evaluate("window.spent")


def main() -> None:
    """Serve, measure, and print the median and the slowest twentieth."""
    file, *samples = sys.argv[1:]
    count = ["--samples", *samples] if samples else []
    command = [sys.executable, "-m", "cli", "explore", file, "--port", "0", *count]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
            page = browser.new_page()
            page.goto(address)
            spent = sorted(latencies(page, MOVES))
            told = page.locator(".told").inner_text()
            browser.close()
    finally:
        server.terminate()
    print(f"{MOVES} moves: median {statistics.median(spent):.0f} ms, "
          f"95 % within {spent[int(0.95 * MOVES)]:.0f} ms; the last: {told}")  # fmt: skip


if __name__ == "__main__":
    main()
