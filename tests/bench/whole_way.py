#!/usr/bin/env python3
"""The whole way, xsim → mentiond → elasticsim over loopback: speed, CPU, memory, start, idleness.

  tests/bench/whole_way.py            200,000 tweets cold, then on to 1,000,000 rows, start and idle with those
  tests/bench/whole_way.py --quick    the first part alone
"""
import json
import os
import pathlib
import shutil
import socket
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tests' / 'e2e'))
from harness import BUILD, Fake, Program, TOKEN, until  # noqa: E402

COLD, GROWN = 200_000, 1_000_000
TICKS = os.sysconf('SC_CLK_TCK')
IDLE_SECONDS = 20


class Run:
    """One mentiond between the two fakes, with its queries so wide that every tweet is found."""

    def __init__(self, folder, x, es):
        self.folder, self.x, self.es = folder, x, es
        self.config = pathlib.Path(folder, 'mentiond.yaml')
        self.config.write_text(f'''
x: {{base_url: "{x.url}", bearer_token: "{TOKEN}"}}
poll: {{every: 15m, max_pages: 100000}}
queries:
  - {{name: aws, cloud: AWS, query: "AWS Marketplace"}}
  - {{name: gcp, cloud: GCP, query: "GCP Marketplace"}}
  - {{name: azure, cloud: Azure, query: "Azure Marketplace"}}
budget: {{posts_per_month: 0}}
ledger: {{path: "{folder}/ledger.db", max_pending: 10000000}}
elasticsearch: {{urls: ["{es.url}"]}}
admin: {{listen: "127.0.0.1:0"}}
log: {{format: json}}
''')

    def start(self):
        """Starts mentiond and returns seconds until READY=1."""
        path = os.path.join(self.folder, 'notify')
        if os.path.exists(path):
            os.unlink(path)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(path)
            notify.settimeout(30)
            environment = {**os.environ, 'NOTIFY_SOCKET': path}
            began = time.monotonic()
            self.program = Program(self.folder, 'mentiond', [BUILD / 'mentiond', 'run', '--config', self.config], environment)
            self.program.start()
            while b'READY=1' not in notify.recv(4096):
                pass
            return time.monotonic() - began

    def cpu(self):
        fields = pathlib.Path(f'/proc/{self.program.process.pid}/stat').read_text().rsplit(')', 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def peak_rss(self):
        for line in pathlib.Path(f'/proc/{self.program.process.pid}/status').read_text().splitlines():
            if line.startswith('VmHWM'):
                return int(line.split()[1]) * 1024
        return 0

    def delivered(self):
        return self.es.get('state')['documents']

    def wait_for(self, documents, seconds):
        """Seconds until so many documents are there, looked at rarely so that looking costs nothing."""
        began = time.monotonic()
        deadline = began + seconds
        while self.delivered() < documents:
            if not self.program.running():
                raise SystemExit(f'mentiond ended: {self.program.errors()[-2000:]}')
            if time.monotonic() > deadline:
                raise SystemExit(f'{self.delivered()} of {documents} after {seconds} s: {self.program.errors()[-2000:]}')
            time.sleep(0.1)
        return time.monotonic() - began


def pair(folder, tweets):
    """The two fakes, with so many tweets that all are found by the three queries."""
    x = Fake(folder, 'xsim', {'token': TOKEN, 'tweets': tweets, 'rate_limit': 0, 'noise': 0}).start()
    return x, Fake(folder, 'elasticsim', {'discard_source': True}).start()


def cold(folder):
    x, es = pair(folder, COLD)
    run = Run(folder, x, es)
    try:
        run.start()
        seconds = run.wait_for(COLD, 300)
        return {'tweets': COLD, 'tweets_per_second': round(COLD / seconds),
                'cpu_seconds_per_100k': round(run.cpu() / COLD * 1e5, 2), 'peak_rss_mib': round(run.peak_rss() / 2**20, 1)}
    finally:
        for program in (run.program, x, es):
            program.kill()


def grown(folder):
    """From 0 to a million rows: rate and CPU of each slice must stay flat (CPU also on a busy machine); then a start, and idleness, with that ledger."""
    x, es = pair(folder, GROWN)
    run = Run(folder, x, es)
    try:
        run.start()
        rates, spent = [], [0.0]
        for step in range(COLD, GROWN + 1, COLD):
            rates.append(round(COLD / run.wait_for(step, 600)))
            spent.append(run.cpu())
        costs = [round((after - before) / COLD * 1e5, 2) for before, after in zip(spent, spent[1:])]
        rss = run.peak_rss()
        until(lambda: len([line for line in run.program.errors().splitlines() if 'walk_done' in line]) >= 3, 'walks end', 60)
        run.program.terminate()
        ledger = sum(path.stat().st_size for path in pathlib.Path(folder).glob('ledger.db*'))
        ready = run.start()
        time.sleep(5)  # the walks of the start are over, nothing is due for a quarter of an hour
        before = run.cpu()
        time.sleep(IDLE_SECONDS)
        idle = (run.cpu() - before) / IDLE_SECONDS
        return {'rows': GROWN, 'slice_rates': rates, 'last_to_first': round(rates[-1] / rates[0], 2),
                'slice_cpu_seconds_per_100k': costs, 'cpu_last_to_first': round(costs[-1] / costs[0], 2),
                'peak_rss_grown_mib': round(rss / 2**20, 1), 'ledger_bytes_per_tweet': round(ledger / GROWN),
                'ready_ms': round(ready * 1000), 'idle_cpu_percent': round(idle * 100, 3)}
    finally:
        for program in (run.program, x, es):
            program.kill()


AIMS = {'tweets_per_second': ('>=', 20000), 'cpu_seconds_per_100k': ('<=', 2), 'peak_rss_mib': ('<=', 32),
        'ready_ms': ('<=', 100), 'idle_cpu_percent': ('<=', 0.1)}


def main():
    results = {'bench': 'whole_way'}
    for part in (cold,) if '--quick' in sys.argv[1:] else (cold, grown):
        folder = tempfile.mkdtemp(prefix='mentiond-bench-')
        try:
            results |= part(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    for name, value in results.items():
        sign, aim = AIMS.get(name, ('', ''))
        print(f'{name:24} {value!s:>32}  {f"aim {sign} {aim}" if sign else ""}')
    print(json.dumps(results))


if __name__ == '__main__':
    main()
