"""PgBouncer in transaction mode between the workers and the server."""

import random
import time

from .case import FaultCase, fault, option
from .processes import Helper
from .sandbox import world


class PoolerCases(FaultCase):
    @fault("P1", "a whole sync through PgBouncer in transaction mode, with workers killed meanwhile",
           "works as without it: tables equal the truth", "postgres")
    def test_P01_transaction_pooling(self, engine: str) -> None:
        lab = self.lab(engine, world(page=10, latency=40), ads=12, days=60)
        bouncer = Helper("bouncer", lab.database.url)
        self.addCleanup(bouncer.close)
        lab.url = bouncer.url
        lab.detach()
        dice, kills = random.Random(1), 0
        workers = [lab.worker("--workers", "3") for _ in range(2)]
        while kills < option("P01_KILLS", 3, 20) and not lab.is_done():
            time.sleep(0.3 + dice.random())
            workers.pop(0).kill()
            workers.append(lab.worker("--workers", "3"))
            kills += 1
            if not option("P01_LEASES", 0, 1):
                lab.expire()
        lab.wait()
        looks = [lab.command("status").code, lab.command("jobs").code]
        self.stop(*workers)

        self.saw(f"{kills} kills", "equal")
        self.assertEqual(looks, [0, 0])
        self.expect_truth(lab)
