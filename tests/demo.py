#!/usr/bin/env python3
"""Shows mentiond at work: builds it, plays X with invented tweets that keep coming, and draws what is collected.

  script/demo                   the ledger alone is the store
  script/demo --elasticsearch   with a real Elasticsearch, and the donut's numbers from it
  script/demo --seconds 30      ends by itself (otherwise Ctrl-C)
"""
import argparse
import html
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

# Everything here stays on loopback, whatever proxy the environment names.
urllib.request.install_opener(urllib.request.build_opener(urllib.request.ProxyHandler({})))

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / 'build' / 'release'
TOKEN = 'demo-token'
ALIAS = 'cloud_marketplace_data'
BAR_WIDTH = 36

CONFIG = """\
x: {{base_url: "{x}", bearer_token: "{token}"}}
poll: {{every: 10s, max_pages: 20}}
queries:
  - {{name: aws, cloud: AWS, query: "AWS Marketplace -is:retweet"}}
  - {{name: gcp, cloud: GCP, query: "GCP Marketplace -is:retweet"}}
  - {{name: azure, cloud: Azure, query: "Azure Marketplace -is:retweet"}}
ledger: {{path: "{folder}/ledger.db"}}
admin: {{listen: "127.0.0.1:0"}}
log: {{level: info, format: json}}
"""


def get(url, body=None):
    request = urllib.request.Request(url, json.dumps(body).encode() if body else None, {'Content-Type': 'application/json'})
    try:
        with urllib.request.urlopen(request, timeout=5) as reply:
            return json.loads(reply.read())
    except (urllib.error.URLError, OSError, json.JSONDecodeError):
        return None


def wait_for(condition, what, seconds, process):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        if process.poll() is not None:
            raise SystemExit(f'{what}: the program ended with {process.returncode}')
        time.sleep(0.1)
    raise SystemExit(f'{what}: not within {seconds} s')


def free_port():
    with socket.socket() as one:
        one.bind(('127.0.0.1', 0))
        return one.getsockname()[1]


class Demo:
    def __init__(self, arguments):
        self.arguments = arguments
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='mentiond-demo-'))
        self.children = []
        self.began = time.monotonic()
        self.elastic = None
        self.last = (self.began, 0)
        self.rate = 0.0

    def spawn(self, name, *command):
        log = open(self.folder / f'{name}.log', 'wb')
        # A session of its own: Ctrl-C reaches this script alone, which then ends its children in order.
        child = subprocess.Popen([str(part) for part in command], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                 start_new_session=True)
        log.close()
        self.children.append(child)
        return child

    def start(self):
        print('building (a few minutes the first time) ...', flush=True)
        built = subprocess.run([ROOT / 'script/build', 'mentiond', 'xsim'], stdout=subprocess.PIPE, text=True)
        if built.returncode:
            raise SystemExit(f'the build failed:\n{built.stdout[-4000:]}')
        port_file = self.folder / 'xsim.port'
        sim = self.spawn('xsim', BUILD / 'tests/fakes/xsim', '--port-file', port_file, '--token', TOKEN, '--tweets', '2000',
                         '--span', '3d', '--live', '8', '--rate-limit', '450')
        wait_for(port_file.exists, 'the invented X', 20, sim)
        text = CONFIG.format(x=f'http://127.0.0.1:{port_file.read_text().strip()}', token=TOKEN, folder=self.folder)
        if self.arguments.elasticsearch:
            port = free_port()
            self.elastic = f'http://127.0.0.1:{port}'
            engine = self.spawn('elasticsearch', ROOT / 'tests/engines/run', 'elasticsearch', self.folder / 'data', port, free_port())
            print('starting Elasticsearch ...', flush=True)
            wait_for(lambda: get(self.elastic), 'Elasticsearch', 180, engine)
            text += f'elasticsearch: {{urls: ["{self.elastic}"]}}\n'
        config = self.folder / 'mentiond.yaml'
        config.write_text(text)
        daemon = self.spawn('mentiond', BUILD / 'mentiond', 'run', '--config', config)
        self.admin = wait_for(self.admin_address, 'mentiond', 20, daemon)

    def admin_address(self):
        for line in (self.folder / 'mentiond.log').read_text(errors='replace').splitlines():
            if '"admin_listening"' in line:
                return 'http://' + json.loads(line)['address']
        return None

    def newest(self):
        """The last tweets, straight from the ledger: any SQLite client can look into it."""
        try:
            with sqlite3.connect(f'file:{self.folder}/ledger.db?mode=ro', uri=True, timeout=1) as ledger:
                return [html.unescape(json.loads(row[0])['text']) for row in ledger.execute(
                    'SELECT raw FROM payload ORDER BY revision DESC LIMIT 5')]
        except (sqlite3.Error, json.JSONDecodeError, KeyError, TypeError):
            return []

    def donut(self):
        if not self.elastic:
            return None
        answer = get(f'{self.elastic}/{ALIAS}/_search', {'size': 0, 'aggs': {'clouds': {'terms': {'field': 'cloud'}}}})
        return answer and {bucket['key']: bucket['doc_count'] for bucket in answer['aggregations']['clouds']['buckets']}

    def summary(self):
        status = get(f'{self.admin}/status') or {}
        clouds = status.get('new_by_cloud', {})
        total = sum(clouds.values())
        now = time.monotonic()
        if now - self.last[0] >= 5:
            self.rate = (total - self.last[1]) / (now - self.last[0])
            self.last = (now, total)
        budget = status.get('budget', {})
        lines = [f'mentiond {status.get("version", "")}, {now - self.began:.0f} s: which cloud marketplace does the world talk about?',
                 '']
        lines += self.bars(clouds, 'collected')
        donut = self.donut()
        if donut:
            lines += [''] + self.bars(donut, 'in Elasticsearch (terms aggregation on `cloud`)')
        lines += ['', f'{total} found, {self.rate:.1f}/s; {budget.get("posts", 0)} posts read, ${budget.get("usd", 0):.2f} as X would bill it',
                  '']
        lines += ['last tweets (invented):'] + ['  ' + ' '.join(text.split())[:96] for text in self.newest()]
        lines += ['', f'{self.admin}/status   {self.admin}/metrics' + (f'   {self.elastic}/{ALIAS}/_search' if self.elastic else '')]
        return lines

    @staticmethod
    def bars(counts, title):
        total = max(sum(counts.values()), 1)
        rows = sorted(counts.items(), key=lambda item: -item[1])
        return [title] + [f'  {name:6} {"█" * round(BAR_WIDTH * count / total):{BAR_WIDTH}} {count:6} {100 * count / total:5.1f} %'
                          for name, count in rows]

    def show(self):
        terminal = sys.stdout.isatty()
        end = self.began + self.arguments.seconds if self.arguments.seconds else None
        while end is None or time.monotonic() < end:
            if terminal:
                print('\033[H\033[J' + '\n'.join(self.summary()) + '\n\nCtrl-C ends', flush=True)
            if self.children[-1].poll() is not None:
                raise SystemExit(f'mentiond ended with {self.children[-1].returncode}; its log: {self.folder}/mentiond.log')
            time.sleep(1)
        if not terminal:
            print('\n'.join(self.summary()), flush=True)

    def stop(self):
        for child in reversed(self.children):
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
                try:
                    child.wait(15)
                except subprocess.TimeoutExpired:
                    child.kill()
                    child.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--elasticsearch', action='store_true', help='add a real Elasticsearch')
    parser.add_argument('--seconds', type=float, help='end by itself after that long')
    demo = Demo(parser.parse_args())
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    failed = True
    try:
        demo.start()
        demo.began = time.monotonic()
        demo.show()
        failed = False
    except KeyboardInterrupt:
        print()
        failed = False
    finally:
        demo.stop()
        if failed:
            print(f'logs: {demo.folder}', file=sys.stderr)
        else:
            shutil.rmtree(demo.folder, ignore_errors=True)


os.environ.setdefault('PYTHONUNBUFFERED', '1')
main()
