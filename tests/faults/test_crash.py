"""The real program, killed at any moment and at each of its seams: nothing is lost, nothing is there twice.

MENTIOND_KILLS: how many kills (default 100). MENTIOND_SEED: repeats a history's dice.
"""
import contextlib
import datetime
import os
import pathlib
import random
import re
import signal
import sqlite3
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tests' / 'e2e'))
from harness import BUILD, Case, http, until  # noqa: E402

WITH_SEAMS = BUILD / 'tests' / 'faults' / 'mentiond_failpoints'
FAILING_FSYNC = BUILD / 'tests' / 'faults' / 'preload' / 'failing_fsync.so'
KILLED, DIED_AT_A_SEAM = -signal.SIGKILL, 137


# Seams that only an order passes, by the first word of their names; a copy's are passed by a verb of its own.
ORDERS, COPIES = ('forget', 'redeliver', 'letters'), ('backup', 'salvage', 'new')


def kind(seam):
    return seam.split('_')[0]


def seams():
    """The names of all seams in the sources."""
    found = set()
    for folder in ('lib', 'daemon'):
        for path in (ROOT / folder).rglob('*.cpp'):
            found.update(re.findall(r'MENTIOND_FAILPOINT\("(\w+)"\)', path.read_text()))
    return sorted(found)


class Story(Case):
    """One ledger between the two fakes over many starts."""

    binary = WITH_SEAMS

    def begin(self, tweets):
        # X bills a post once a UTC day: its clock stands in the first half of one, so that no day ends meanwhile.
        late = datetime.datetime.now(datetime.timezone.utc).hour >= 12
        self.x = self.xsim(tweets=tweets, late=5, late_by='2s', live=20, clock_offset='-12h' if late else '0h')
        self.es = self.elasticsim()
        self.edited, self.versions = {}, {}
        self.forgotten, self.to_forget = set(), set()  # for good; asked for by somebody who got no answer

    def settings(self, **changes):
        poll = {'every': '10s', 'max_pages': 3, 'page_size': 20, **changes}
        return self.config(self.x, self.es, poll=poll, ledger={'retention': '8d'},
                           elasticsearch={'urls': [self.es.url], 'batch_docs': 50, 'flush_every': '10ms'})

    def ledger(self, sql, write=False):
        mode = 'rw' if write else 'ro'
        with contextlib.closing(sqlite3.connect(f'file:{self.folder}/ledger.db?mode={mode}', uri=True)) as ledger:
            row = ledger.execute(sql).fetchone()
            ledger.commit()
            return row

    def until_it_dies(self, config, seconds, seam=None):
        """The exit code of a run that is killed after so many seconds, if it has not died at the seam before."""
        program = self.mentiond('run', '--config', config, env={'FAIL_AT': seam})
        self.programs.remove(program)
        try:
            program.process.wait(seconds)
        except subprocess.TimeoutExpired:
            program.kill()
        return program.process.returncode

    def spoil(self, count):
        """New posts that the sink refuses, each for good, until it is mended."""
        posts = [{'text': f'AWS Marketplace, bad {number}'} for number in range(count)]
        for ident in self.x.post('add', {'posts': posts})['ids']:
            self.es.fault({'id': ident}, 'document_parsing')

    def order(self, name, dice):
        """The words of an order; what is to be forgotten is in the sink, and nobody edits it any more."""
        if name == 'redeliver':
            return ['redeliver', '--all']
        if name == 'letters':
            return ['dead-letters', 'retry', '--all']
        known = sorted(self.documents(self.es).keys() - self.edited.keys() - self.forgotten - self.to_forget)
        self.to_forget.update(dice.sample(known, min(3, len(known))))
        return ['forget', *sorted(self.to_forget)]

    def until_it_dies_of_an_order(self, config, words, seconds, seam=None):
        """As until_it_dies, with an order under way whose giver sees what becomes of it."""
        daemon = self.daemon(config, env={'FAIL_AT': seam})
        daemon.event('started')
        giver = self.mentiond(*words, '--config', config, name='order')
        try:
            daemon.program.process.wait(seconds)
        except subprocess.TimeoutExpired:
            daemon.kill()
        self.note_order(words, giver.wait(30))
        self.programs = [program for program in self.programs if program not in (giver, daemon.program)]
        return daemon.program.process.returncode

    def note_order(self, words, code):
        if code == 0 and words[0] == 'forget':
            self.forgotten |= self.to_forget
            self.to_forget.clear()

    def ordered(self, words, config):
        code, _, errors = self.finished(*words, '--config', config)
        self.assertEqual(code, 0, f'{words}: {errors[-2000:]}')
        self.note_order(words, code)

    def edit_one(self, dice):
        """A new version of a post whose first one is in the sink: then X has billed both, and so has the meter."""
        # An odd id is xsim's for a post that was edited before anybody looked: there is no such post to edit.
        known = self.documents(self.es).keys() - self.edited.keys() - self.forgotten - self.to_forget
        known = sorted(ident for ident in known if int(ident) % 2 == 0)
        if known:
            ident = dice.choice(known)
            self.edited[ident] = self.x.post('edit', {'id': ident, 'text': f'AWS Marketplace, edited {ident}'})['id']

    def versions_only_rise(self):
        for ident, _index, version, _clouds in self.es.get('docs'):
            self.assertGreaterEqual(int(version), self.versions.get(ident, 0), f'the version of {ident} went down')
            self.versions[ident] = int(version)

    def all_is_well_in_the_end(self):
        self.x.mend()
        self.es.mend()
        self.x.post('config', {'live': 0})
        config = self.settings(max_pages=1000, page_size=100)  # pages enough for what all those crashes left open
        if self.to_forget:
            self.ordered(['forget', *sorted(self.to_forget)], config)
        self.ordered(['dead-letters', 'retry', '--all'], config)
        code, _, errors = self.finished('run', '--once', '--config', config)
        self.assertEqual(code, 0, errors[-2000:])
        self.assertEqual(self.ledger('SELECT count(*) FROM redeliver')[0], 0, 'every redelivery is over')
        self.assertEqual(self.ledger('SELECT count(*) FROM gap')[0], 0, 'no gap is left open')
        self.assertEqual(self.ledger('SELECT count(*) FROM loss')[0], 0, 'nothing was given up')
        code, _, errors = self.finished('ledger', 'verify', '--config', config)
        self.assertEqual(code, 0, errors)
        self.assert_conserved(self.x, self.es, dead=self.forgotten)
        self.versions_only_rise()
        self.assertEqual(self.es.get('state')['lower_versions'], 0, 'no older version of a row is ever sent')
        for ident, newest in self.edited.items():
            self.assertEqual(self.version_in_the_sink(ident), newest, 'the sink has the newest version')
        # A page that was lost on the way (a kill, a cut) is billed when X serves it, and metered when it is read again,
        # which is on the same UTC day: in the end the meter is the bill, to the post.
        self.assertEqual(self.ledger('SELECT sum(posts) FROM meter')[0], self.x.get('state')['bill']['posts'])

    def version_in_the_sink(self, ident):
        index = next(line[1] for line in self.es.get('docs') if line[0] == ident)
        return re.search(r'"tweet_id":\s*"(\d+)"', http(f'{self.es.url}/{index}/_doc/{ident}')[1])[1]


class Seams(Story):
    def test_a_death_at_each_seam_loses_nothing(self):
        self.begin(tweets=3000)
        dice = random.Random(1)
        names = [name for name in seams() if kind(name) not in COPIES]
        self.assertGreaterEqual(len(names), 20)
        self.spoil(1)
        for name in names:
            with self.subTest(name):
                if name.startswith('prune'):  # rows that retention no longer wants
                    self.ledger('UPDATE post SET first_seen = first_seen - 20 * 86400000', write=True)
                if name.startswith('checkpoint'):  # pages enough for a log that calls for one
                    self.x.post('add', {'count': 6000})
                else:
                    self.x.post('add', {'count': 40})
                self.edit_one(dice)
                config = self.settings(max_pages=1000, page_size=100)
                if kind(name) in ORDERS:
                    self.finished('run', '--once', '--config', config)  # there is something to order
                    words = self.order(kind(name), dice)
                    code = self.until_it_dies_of_an_order(config, words, 30, f'{name}:1')
                    self.assertEqual(code, DIED_AT_A_SEAM, 'it came by there')
                    self.ordered(words, config)
                else:
                    self.assertEqual(self.until_it_dies(config, 30, f'{name}:1'), DIED_AT_A_SEAM, 'it came by there')
        self.all_is_well_in_the_end()

    def test_the_shipped_program_has_none(self):
        shipped, with_seams = (BUILD / 'mentiond').read_bytes(), WITH_SEAMS.read_bytes()
        for name in ['FAIL_AT', *seams()]:
            self.assertIn(name.encode(), with_seams)
            self.assertNotIn(name.encode(), shipped)


class Kills(Story):
    def test_kills_at_any_moment_leave_one_document_a_tweet(self):
        rounds = int(os.environ.get('MENTIOND_KILLS', 100))
        seed = int(os.environ.get('MENTIOND_SEED', random.randrange(10**6)))
        print(f'{rounds} kills, MENTIOND_SEED={seed}', flush=True)
        dice = random.Random(seed)
        names = [name for name in seams() if not name.startswith(('prune', 'checkpoint'))  # those come by too seldom
                 and kind(name) not in (*ORDERS, *COPIES)]
        of_orders = [name for name in seams() if kind(name) in ORDERS]
        self.begin(tweets=100)
        # A first walk leaves what its pages do not reach, by design, and says so; one that is killed and begun anew
        # reaches less far, as X has more by then. It is over before the first kill.
        self.assertEqual(self.finished('run', '--once', '--config', self.settings(max_pages=1000))[0], 0)
        self.x.post('add', {'count': 4000})
        self.spoil(3)
        config = self.settings()
        deaths = orders = 0
        for number in range(rounds):
            self.x.post('add', {'count': 20})
            self.es.fault({'next': 1}, do=dice.choice(['hang_up', 'cut', 'reset']), after_bytes=dice.randrange(200))
            if dice.random() < 0.3:
                # Inside any page that holds a post: one that is whole when it is cut counts as not served, and is read.
                self.x.fault({'next': 1}, do=dice.choice(['hang_up', 'cut', 'reset']), after_bytes=dice.randrange(100))
            if number % 5 == 4:
                self.edit_one(dice)
            if number % 4 == 3:
                orders += 1
                name = dice.choice(of_orders)
                seam = f'{name}:1' if dice.random() < 0.5 else None
                code = self.until_it_dies_of_an_order(config, self.order(kind(name), dice), dice.uniform(0, 0.3), seam)
            elif dice.random() < 0.5:
                name = dice.choice(names)
                nth = 1 if name.startswith('open') else dice.randrange(1, 4)
                code = self.until_it_dies(config, 1.2, f'{name}:{nth}')
            else:
                code = self.until_it_dies(config, dice.uniform(0, 0.5))
            self.assertIn(code, (KILLED, DIED_AT_A_SEAM), f'round {number}')
            deaths += code == DIED_AT_A_SEAM
            if number % 10 == 9:
                self.versions_only_rise()
        print(f'{deaths} of them at a seam, {orders} of them with an order, {len(self.served(self.x))} tweets, '
              f'{len(self.edited)} edits, {len(self.forgotten)} forgotten')
        self.assertGreater(deaths, 0)
        self.assertGreater(self.ledger('SELECT count(*) FROM gap')[0], 0, 'the crashes left gaps')
        self.all_is_well_in_the_end()


class Copies(Story):
    def setUp(self):
        super().setUp()
        self.begin(tweets=3000)
        self.x.post('config', {'live': 0})
        self.path = self.settings(max_pages=1000, page_size=100)
        self.assertEqual(self.finished('run', '--once', '--config', self.path)[0], 0)
        self.rows = self.ledger('SELECT count(*) FROM payload')[0]

    def copy(self, verb, target, **options):
        return self.finished('ledger', verb, target, '--config', self.path, **options)

    def assert_whole(self, target):
        with contextlib.closing(sqlite3.connect(f'file:{target}?mode=ro', uri=True)) as copy:
            self.assertEqual(copy.execute('PRAGMA integrity_check').fetchone()[0], 'ok')
            self.assertEqual(copy.execute('SELECT count(*) FROM payload').fetchone()[0], self.rows)

    def assert_next_one_succeeds(self, verb, target):
        """What the killed one left is nothing or whole; in its place or where a copy is refused, another comes."""
        if os.path.exists(target):
            self.assert_whole(target)
            code, _, errors = self.copy(verb, target)
            self.assertEqual(code, 74)
            self.assertIn('name a new file', errors)
            target += '.second'
        code, _, errors = self.copy(verb, target)
        self.assertEqual(code, 0, errors)
        self.assert_whole(target)
        self.assertFalse(list(pathlib.Path(self.folder).glob(f'{pathlib.Path(target).name}.part*')), 'nothing else is left')

    def test_one_that_dies_at_a_seam_leaves_no_half_file_under_its_name_and_the_next_one_succeeds(self):
        names = [name for name in seams() if kind(name) in COPIES]
        self.assertGreaterEqual(len(names), 6)
        for name in names:
            for verb in ['backup', 'salvage'] if kind(name) == 'new' else [kind(name)]:
                with self.subTest(name, verb=verb):
                    target = os.path.join(self.folder, f'{name}-{verb}.db')
                    seam = f'{name}:100' if name == 'salvage_page_read' else name  # some way into the file
                    self.assertEqual(self.copy(verb, target, env={'FAIL_AT': seam})[0], DIED_AT_A_SEAM)
                    self.assert_next_one_succeeds(verb, target)

    @staticmethod
    def has_come_to(path, size):
        with contextlib.suppress(FileNotFoundError):  # a journal comes and goes
            return path.stat().st_size >= size
        return False

    def test_one_that_is_killed_at_any_moment_leaves_no_half_file_under_its_name_and_the_next_one_succeeds(self):
        killed = 0
        for number in range(20):
            verb = ('backup', 'salvage')[number % 2]
            target = os.path.join(self.folder, f'{number}.db')
            program = self.mentiond('ledger', verb, target, '--config', self.path, name='copy')
            size = number * 50_000  # so much has come to the disk when it is killed, or it was quicker
            until(lambda: not program.running() or any(
                self.has_come_to(path, size) for path in pathlib.Path(self.folder).glob(f'{number}.db*')), 'it writes')
            killed += program.kill() == KILLED
            self.assert_next_one_succeeds(verb, target)
        self.assertGreater(killed, 0)


class FailedSync(Story):
    binary = BUILD / 'mentiond'

    def test_whichever_fsync_fails_the_process_leaves_with_74_and_the_next_one_goes_on(self):
        self.begin(tweets=500)
        config = self.settings(max_pages=1000)
        for nth in (1, 2, 3, 4, 5, 7, 9, 12, 16, 20, 25):
            self.x.post('add', {'count': 20})
            program = self.mentiond('run', '--config', config,
                                    env={'LD_PRELOAD': str(FAILING_FSYNC), 'FSYNC_FAILS_AT': str(nth)})
            self.assertEqual(program.wait(30), 74, f'fsync {nth}: {program.errors()[-1000:]}')
        self.all_is_well_in_the_end()


if __name__ == '__main__':
    unittest.main()
