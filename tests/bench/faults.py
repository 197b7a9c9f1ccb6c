#!/usr/bin/env python3
"""How mentiond comes back: xsim → mentiond → elasticsim over loopback, through a sink outage, a 429 storm and a kill -9.

  tests/bench/faults.py            60 s of outage, a backlog of 500,000
  tests/bench/faults.py --quick    6 s, 150,000

One history: the first rows go through undisturbed; then the sink is gone while X goes on, and what waits for it is the
backlog; while that drains, the sink answers 429 for a while, and after that the process is killed and started again.
"Recovered" is the first moment at which the last half second was at 90 % of the rate before all faults, at which
tweets come in and go out, counted from the fault's end (for the kill: from the kill). A backlog drains faster than that.
None: its share of the backlog was delivered before the rate came back, as on a machine that has more to do than this.
"""
import json
import shutil
import sys
import tempfile
import time

from whole_way import Run, pair

ENOUGH = 0.9
WINDOW = 0.5  # seconds over which a rate is taken
STEP = 0.05


class Meter:
    """The sink's documents over time, and their rate."""

    def __init__(self, run):
        self.run, self.samples = run, []
        self.look()

    def look(self):
        self.samples.append((time.monotonic(), self.run.delivered()))
        return self.samples[-1][1]

    def rate(self):
        """Documents per second over the last window; 0 before there is one."""
        now, count = self.samples[-1]
        then = next(((at, docs) for at, docs in reversed(self.samples) if now - at >= WINDOW), None)
        return (count - then[1]) / (now - then[0]) if then else 0.0

    def until(self, done, seconds, what):
        """Seconds until done()."""
        began = time.monotonic()
        while not done():
            if time.monotonic() - began > seconds:
                raise SystemExit(f'not after {seconds} s: {what}\n{self.run.program.errors()[-2000:]}')
            time.sleep(STEP)
            self.look()
        return time.monotonic() - began

    def mean_until(self, documents, seconds=300):
        """The mean rate from now until so many documents are there."""
        began, first = time.monotonic(), self.look()
        self.until(lambda: self.samples[-1][1] >= documents, seconds, f'{documents} documents')
        return (self.samples[-1][1] - first) / (time.monotonic() - began)

    def recovery(self, former, most):
        """Seconds until the rate is what it was, or nearly; None if so many documents were there before that."""
        self.samples.clear()
        self.look()
        seconds = self.until(lambda: self.rate() >= ENOUGH * former or self.samples[-1][1] >= most, 600,
                             f'{ENOUGH:.0%} of {former:.0f} documents a second')
        return round(seconds, 2) if self.rate() >= ENOUGH * former else None


def outage(run, es, meter, seconds, total):
    """Nobody answers any more, for so long and until X has nothing new."""
    es.fault({}, do='hang_up')
    es.fault({'path': '/'}, do='hang_up')
    began = time.monotonic()
    while time.monotonic() - began < seconds or run.walks_done() < 3:
        time.sleep(0.2)
        if not run.program.running():
            raise SystemExit(f'mentiond ended: {run.program.errors()[-2000:]}')
    backlog = total - meter.look()
    lasted = time.monotonic() - began
    es.mend()
    return backlog, lasted


class WatchedRun(Run):
    def walks_done(self):
        return self.program.errors().count('walk_done')


def measure(folder, quick):
    warm, backlog, out, storm = (60_000, 150_000, 6, 3) if quick else (200_000, 500_000, 60, 20)
    total = warm + backlog
    x, es = pair(folder, total)
    run = WatchedRun(folder, x, es)
    try:
        run.start()
        meter = Meter(run)
        meter.until(lambda: meter.samples[-1][1] >= warm // 2, 300, 'the first rows')
        whole_way = meter.mean_until(warm)
        result = {'rows': total, 'whole_way_per_second': round(whole_way)}

        waiting, lasted = outage(run, es, meter, out, total)
        result |= {'outage_seconds': round(lasted, 1), 'outage_backlog': waiting,
                   'outage_recovered_seconds': meter.recovery(whole_way, total - waiting * 9 // 10)}
        drain = meter.mean_until(total - waiting * 7 // 10)
        result['drain_per_second'] = round(drain)

        es.fault({}, 'bulk_rejected')
        time.sleep(storm)
        es.mend()
        result |= {'storm_seconds': storm, 'storm_recovered_seconds': meter.recovery(whole_way, total - waiting * 2 // 5)}

        killed = time.monotonic()
        run.program.kill()
        result['kill_left'] = total - meter.look()
        result['kill_ready_ms'] = round(run.start() * 1000)
        recovered = meter.recovery(whole_way, total)
        result['kill_recovered_seconds'] = recovered and round(time.monotonic() - killed, 2)

        meter.mean_until(total)
        state = es.get('state')
        result |= {'documents': state['documents'], 'sent_twice': state['conflicts']}
        return result
    finally:
        for program in (run.program, x, es):
            program.kill()


def main():
    folder = tempfile.mkdtemp(prefix='mentiond-bench-')
    try:
        results = {'bench': 'faults', **measure(folder, '--quick' in sys.argv[1:])}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for name, value in results.items():
        print(f'{name:28} {value!s:>12}')
    print(json.dumps(results))


if __name__ == '__main__':
    main()
