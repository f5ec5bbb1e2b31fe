"""What people do on the web page, in a real browser: journeys.py [PART OF A NAME...]

Each journey has a server, sandboxes and a browser of its own. A picture of its last page is kept in
.build/test-logs/browser. The last line is `N passed, N failed`.
"""
import re
import sys
import traceback

import connecting  # noqa: F401: each of these tells journeys
import entering  # noqa: F401
import exporting  # noqa: F401
import planning  # noqa: F401
import reading  # noqa: F401
import watching  # noqa: F401
from lab import Lab
from script import JOURNEYS, expect


def run(names):
    passed = failed = 0
    for name, body in JOURNEYS:
        if names and not any(part in name for part in names):
            continue
        lab = Lab()
        page = None
        try:
            page = body(lab)
            expect(not lab.complaints, "the browser complained:\n" + "\n".join(lab.complaints))
            passed += 1
            print(f"ok      {name}", flush=True)
        except Exception:  # a failing journey must not end the others
            failed += 1
            print(f"FAILED  {name}", flush=True)
            traceback.print_exc(limit=4)
            print(lab.server.text if lab.server else "no server", flush=True)
        finally:
            pages = [page] if page else [each for context in lab.browser.contexts for each in context.pages]
            for number, each in enumerate(pages):
                lab.shot(each, re.sub(r"\W+", "-", name)[:40] + (f"-{number}" if number else ""))
            lab.close()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
