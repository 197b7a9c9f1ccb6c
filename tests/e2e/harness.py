"""Starts the real programs on free loopback ports, talks to them, and stops them by their own handles.

MENTIOND_BUILD names the build folder (default: build/release of this checkout). MENTIOND_SANITIZED names another one, a
build with a sanitizer, whose mentiond takes the place of the shipped one: then a test also fails if it reports anything.
"""
import contextlib
import functools
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get('MENTIOND_BUILD', ROOT / 'build' / 'release')).resolve()
SHIPPED = BUILD / 'mentiond'
SANITIZED = os.environ.get('MENTIOND_SANITIZED')
PROGRAM = pathlib.Path(SANITIZED).resolve() / 'mentiond' if SANITIZED else SHIPPED
TOKEN = 'e2e-token'
CLOUD_OF = {'AWS Marketplace': 'AWS', 'GCP Marketplace': 'GCP', 'Azure Marketplace': 'Azure'}
QUERIES = [('aws', 'AWS', 'AWS Marketplace'), ('gcp', 'GCP', 'GCP Marketplace'), ('azure', 'Azure', 'Azure Marketplace')]


def until(condition, what, seconds=30):
    """The first true value of condition(); fails with `what` when it has not come after that many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f'still not after {seconds} s: {what}')
        time.sleep(0.02)


def http(url, body=None, method=None, headers=None, timeout=10):
    """(status, text) of one request; a body that is no string is sent as JSON. Status 0: no answer."""
    if body is not None and not isinstance(body, (str, bytes)):
        body = json.dumps(body)
    data = body.encode() if isinstance(body, str) else body
    request = urllib.request.Request(url, data, dict(headers or {}), method=method)
    if data is not None:
        request.add_header('Content-Type', 'application/json')
    try:
        with urllib.request.urlopen(request, timeout=timeout) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors='replace')
    except (urllib.error.URLError, OSError):
        return 0, ''


class Program:
    """A child process with its stderr and stdout in files of the test's folder."""

    def __init__(self, folder, name, command, env=None):
        self.name, self.command = name, [str(part) for part in command]
        self.err = pathlib.Path(folder, f'{name}.err')
        self.out = pathlib.Path(folder, f'{name}.out')
        self.env = env
        self.process = None

    def start(self):
        with open(self.err, 'ab') as err, open(self.out, 'ab') as out:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=self.env)
        return self

    def running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self, number=signal.SIGKILL, seconds=30):
        if self.running():
            self.process.send_signal(number)
        return self.wait(seconds)

    def terminate(self, seconds=30):
        return self.kill(signal.SIGTERM, seconds)

    def wait(self, seconds=60):
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f'{self.name} did not end within {seconds} s\n{self.errors()[-3000:]}') from None

    def errors(self):
        return self.err.read_text(errors='replace') if self.err.exists() else ''

    def output(self):
        return self.out.read_text(errors='replace') if self.out.exists() else ''


class Fake(Program):
    """xsim or elasticsim, with its /_sim/ API."""

    def __init__(self, folder, program, flags, port=0):
        self.port_file = pathlib.Path(folder, f'{program}.port')
        options = [f'--{key.replace("_", "-")}' if value is True else f'--{key.replace("_", "-")}={value}'
                   for key, value in flags.items()]
        super().__init__(folder, program, [BUILD / 'tests' / 'fakes' / program, f'--port={port}',
                                           f'--port-file={self.port_file}', *options])

    def start(self):
        self.port_file.unlink(missing_ok=True)
        super().start()
        until(lambda: self.port_file.exists() or not self.running(), f'{self.name} listens')
        if not self.running():
            raise AssertionError(f'{self.name} ended at start: {self.errors()}')
        self.port = int(self.port_file.read_text())
        self.url = f'http://127.0.0.1:{self.port}'
        return self

    def get(self, what):
        status, text = http(f'{self.url}/_sim/{what}')
        assert status == 200, f'{self.name} /_sim/{what}: {status} {text}'
        return json.loads(text) if text.startswith(('{', '[')) else [line.split('\t') for line in text.splitlines()]

    def post(self, what, body):
        status, text = http(f'{self.url}/_sim/{what}', body, 'POST')
        assert status == 200, f'{self.name} /_sim/{what}: {status} {text}'
        return json.loads(text) if text.startswith(('{', '[')) else None

    def fault(self, match, preset=None, **rule):
        self.post('fault', {'match': match, **({'preset': preset} if preset else {}), **rule})

    def mend(self):
        status, text = http(f'{self.url}/_sim/fault', method='DELETE')
        assert status == 200, text


def measures_the_shipped_program(test):
    """Of a test that limits or measures memory or descriptors, or crashes it: a sanitizer needs both and has its own ways."""
    @functools.wraps(test)
    def with_it(self, *arguments):
        self.binary = SHIPPED
        return test(self, *arguments)
    return with_it


def yaml(value, indent=0):
    """Block YAML of dictionaries, lists and scalars, enough for a configuration."""
    pad = '  ' * indent
    if isinstance(value, dict):
        return ''.join(f'{pad}{key}:' + (f'\n{yaml(item, indent + 1)}' if isinstance(item, (dict, list)) and item
                                         else f' {json.dumps(item)}\n') for key, item in value.items())
    return ''.join(f'{pad}- {json.dumps(item)}\n' for item in value)


def free_port():
    """A port on which nobody listens now."""
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        return free.getsockname()[1]


class Case(unittest.TestCase):
    """A test with a folder of its own and programs that end with it."""

    binary = PROGRAM

    def run(self, result=None):
        self.result = result
        self.failures_before = len(result.failures) + len(result.errors) if result else 0
        return super().run(result)

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='mentiond-e2e-')
        self.programs = []
        self.addCleanup(self.clean_up)

    def clean_up(self):
        for program in reversed(self.programs):
            if program.running():
                program.kill()
        self.assert_nothing_reported()
        if self.result and len(self.result.failures) + len(self.result.errors) == self.failures_before:
            shutil.rmtree(self.folder, ignore_errors=True)
        else:
            print(f'logs of {self.id()} are kept in {self.folder}')

    def assert_nothing_reported(self):
        for report in sorted(pathlib.Path(self.folder).glob('sanitizer.*')):
            self.fail(report.read_text(errors='replace')[:5000])

    def own(self, program):
        self.programs.append(program)
        return program

    def xsim(self, **flags):
        return self.own(Fake(self.folder, 'xsim', {'token': TOKEN, 'rate_limit': 0, **flags})).start()

    def elasticsim(self, port=0, **flags):
        return self.own(Fake(self.folder, 'elasticsim', flags, port)).start()

    def config(self, x, es=None, **changes):
        """A configuration for these servers; changes: section=dict merges, section=None removes."""
        whole = {
            'x': {'base_url': x if isinstance(x, str) else x.url, 'bearer_token': '${X_BEARER_TOKEN}'},
            'poll': {'every': '10s', 'max_pages': 1000},
            'queries': [{'name': name, 'cloud': cloud, 'query': text} for name, cloud, text in QUERIES],
            'budget': {'posts_per_month': 0},
            'ledger': {'path': os.path.join(self.folder, 'ledger.db')},
            'admin': {'listen': '127.0.0.1:0'},
            'log': {'level': 'debug', 'format': 'json'},
            'shutdown_grace': '5s',
        }
        if es is not None:
            whole['elasticsearch'] = {'urls': [es if isinstance(es, str) else es.url], 'flush_every': '100ms'}
        for section, change in changes.items():
            if change is None:
                whole.pop(section, None)
            elif isinstance(change, dict):
                whole[section] = {**whole.get(section, {}), **change}
            else:
                whole[section] = change
        path = os.path.join(self.folder, 'mentiond.yaml')
        pathlib.Path(path).write_text(yaml(whole))
        return path

    def mentiond(self, *arguments, env=None, name='mentiond', under=()):
        """Started, not waited for. `under`: a command that becomes it, such as nsenter or prlimit."""
        environment = {**os.environ, 'X_BEARER_TOKEN': TOKEN, **(env or {})}
        for proxy in ('http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'):
            environment.pop(proxy, None)
        if SANITIZED:
            options = f'log_path={self.folder}/sanitizer:verify_asan_link_order=0:print_stacktrace=1'
            environment |= {'ASAN_OPTIONS': options, 'UBSAN_OPTIONS': options, 'TSAN_OPTIONS': options}
        environment = {key: value for key, value in environment.items() if value is not None}
        program = Program(self.folder, name, [*under, self.binary, *arguments], environment)
        return self.own(program).start()

    def finished(self, *arguments, name='finished', seconds=60, **options):
        """(exit code, stdout, stderr) of a run to its end."""
        program = Program(self.folder, name, [])
        program.out.unlink(missing_ok=True)
        program.err.unlink(missing_ok=True)
        program = self.mentiond(*arguments, name=name, **options)
        code = program.wait(seconds)
        return code, program.output(), program.errors()

    def daemon(self, config, **options):
        return Daemon(self, config, **options)

    def served(self, x):
        """{root id: set of clouds} of all that X served whole."""
        found = {}
        for line in x.get('served'):
            found.setdefault(line[1], set()).update(CLOUD_OF[text.removesuffix(' -is:retweet')] for text in line[2:])
        return found

    def documents(self, es):
        """{id: set of clouds}; fails if an id stands in two indices."""
        found = {}
        for ident, index, _version, clouds in es.get('docs'):
            self.assertNotIn(ident, found, f'two documents for one tweet, one in {index}')
            found[ident] = set(clouds.split(','))
        return found

    def all_delivered(self, x, es, dead=0, seconds=60):
        """Waits until the sink holds all that X served but so many dead letters."""
        until(lambda: es.get('state')['documents'] == len(self.served(x)) - dead > 0, 'all is delivered', seconds)

    def assert_conserved(self, x, es, dead=()):
        """What X served is a document exactly once, or one of the dead letters named."""
        served, documents = self.served(x), self.documents(es)
        missing = served.keys() - documents.keys()
        self.assertEqual(missing, set(dead), f'{len(missing)} served and not delivered, {len(dead)} of them dead letters')
        served = {ident: clouds for ident, clouds in served.items() if ident not in missing}
        extra = documents.keys() - served.keys()
        self.assertFalse(extra, f'{len(extra)} delivered and never served, such as {sorted(extra)[:3]}')
        wrong = {key: (served[key], documents[key]) for key in served if served[key] != documents[key]}
        self.assertFalse(wrong, f'{len(wrong)} with the wrong clouds, such as {dict(list(wrong.items())[:3])}')
        self.assertTrue(served, 'nothing was served at all')


class Daemon:
    """`mentiond run` with an admin server that can be asked."""

    def __init__(self, case, config, name='mentiond', **options):
        self.case, self.seen = case, 0
        case_log = pathlib.Path(case.folder, f'{name}.err')
        self.seen = case_log.stat().st_size if case_log.exists() else 0
        self.program = case.mentiond('run', '--config', config, name=name, **options)

    def events(self, name=None):
        """The log's lines since this start, as dictionaries."""
        text = self.program.err.read_bytes()[self.seen:].decode(errors='replace')
        lines = []
        for line in text.splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                lines.append(json.loads(line))
        return [line for line in lines if name is None or line.get('event') == name]

    def event(self, name, seconds=30, **fields):
        """Waits for an event with these fields."""
        def found():
            for line in self.events(name):
                if all(str(line.get(key)) == str(value) for key, value in fields.items()):
                    return line
            if not self.program.running():
                raise AssertionError(f'mentiond ended with {self.program.process.returncode} before {name}: '
                                     f'{self.program.errors()[-3000:]}')
            return None
        return until(found, f'event {name} {fields}; the log ends: {self.program.errors()[-1500:]}', seconds)

    @property
    def admin(self):
        return 'http://' + self.event('admin_listening')['address']

    def get(self, path):
        return http(self.admin + path)

    def status(self):
        return json.loads(self.get('/status')[1])

    def metric(self, name):
        """The sum of a metric's samples whose series begins so: 'mentiond_bulk_items_total{outcome="dead"'."""
        total, seen = 0.0, False
        for line in self.get('/metrics')[1].splitlines():
            if line.startswith(name) and (len(line) == len(name) or line[len(name)] in ' {,}'):
                total += float(line.rsplit(' ', 1)[1])
                seen = True
        return total if seen else None

    def terminate(self, seconds=30):
        return self.program.terminate(seconds)

    def kill(self):
        return self.program.kill()
