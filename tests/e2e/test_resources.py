"""What a machine may run out of, or be slow at: said, survived, and over by itself once there is enough again."""
import pathlib
import random
import resource
import signal
import socket
import time
import unittest

from harness import Case, QUERIES, http, measures_the_shipped_program, until
from relay import Place, hurried, preload

KIB, MIB = 1024, 1024 * 1024


class Vitals:
    """A process as /proc tells of it."""

    def __init__(self, daemon):
        self.pid = daemon.program.process.pid
        self.folder = pathlib.Path('/proc', str(self.pid))

    def field(self, name):
        return next(int(line.split()[1]) * KIB for line in self.folder.joinpath('status').read_text().splitlines()
                    if line.startswith(f'{name}:'))

    @property
    def memory(self):
        return self.field('VmRSS')

    @property
    def descriptors(self):
        return len(list(self.folder.joinpath('fd').iterdir()))

    @property
    def seconds_of_cpu(self):
        times = self.folder.joinpath('stat').read_text().rsplit(')', 1)[1].split()[11:13]
        return sum(map(int, times)) / 100

    def limit(self, kind, soft):
        _, hard = resource.prlimit(self.pid, kind)
        resource.prlimit(self.pid, kind, (soft, hard))


class Resources(Case):
    def polled(self, x, seconds=60):
        def done():
            found = x.get('state')['queries'].values()
            return len(found) >= len(QUERIES) and all(query['served'] >= query['matching'] for query in found)
        until(done, 'X is read to its end', seconds)

    def goes_on(self, daemon, x, es):
        """What X finds from now on arrives too."""
        x.post('add', {'count': 20})
        self.polled(x)
        self.all_delivered(x, es)
        self.assertEqual(daemon.terminate(), 0)
        self.assert_conserved(x, es)

    def verified(self, config):
        code, out, errors = self.finished('ledger', 'verify', '--config', config, name='verify')
        self.assertEqual(code, 0, out + errors)

    def test_a_file_size_limit_stops_polling_like_a_full_disk_and_is_over_when_it_is_raised(self):
        x, es = self.xsim(tweets=2000), self.elasticsim()
        daemon = self.daemon(self.config(x, es, poll={'every': '1s'}, log={'level': 'info', 'format': 'json'}))
        self.all_delivered(x, es)
        vitals = Vitals(daemon)
        wal = pathlib.Path(self.folder, 'ledger.db-wal')
        vitals.limit(resource.RLIMIT_FSIZE, wal.stat().st_size + 64 * KIB)
        x.post('add', {'count': 8000})
        paused = daemon.event('paused', half='collect', reason='disk')
        self.assertIn('make room', paused['detail'])
        self.assertEqual(http(daemon.admin + '/healthz')[0], 200)
        vitals.limit(resource.RLIMIT_FSIZE, resource.prlimit(vitals.pid, resource.RLIMIT_FSIZE)[1])
        daemon.event('resumed', half='collect', reason='disk')
        self.goes_on(daemon, x, es)

    def test_at_a_file_size_limit_polling_stops_and_all_that_is_stored_is_delivered_and_settled(self):
        x, es = self.xsim(tweets=2000), self.elasticsim()
        es.fault({'path': '/'}, do='hang_up')
        small = {'elasticsearch': {'urls': [es.url], 'flush_every': '100ms', 'batch_docs': 10}}  # hundreds of settlements
        daemon = self.daemon(self.config(x, es, poll={'every': '1s'}, **small))
        self.polled(x)
        until(lambda: daemon.metric('mentiond_ledger_pending') == len(self.served(x)), 'all of it is stored and waits')
        stored, vitals = len(self.served(x)), Vitals(daemon)
        largest = max(pathlib.Path(self.folder, f'ledger.db{end}').stat().st_size for end in ('', '-wal'))
        vitals.limit(resource.RLIMIT_FSIZE, largest)
        x.post('add', {'count': 8000})
        daemon.event('paused', half='collect', reason='disk')
        es.mend()
        until(lambda: es.get('state')['documents'] >= stored and daemon.metric('mentiond_ledger_pending') == 0, 'all is settled')
        self.assertEqual(daemon.metric('mentiond_paused{half="collect",reason="disk"}'), 1)
        vitals.limit(resource.RLIMIT_FSIZE, resource.prlimit(vitals.pid, resource.RLIMIT_FSIZE)[1])
        daemon.event('resumed', half='collect', reason='disk')
        self.goes_on(daemon, x, es)

    def test_a_quota_that_is_used_up_is_a_full_disk_and_over_when_it_is_raised(self):
        x, es, used_up = self.xsim(tweets=2000), self.elasticsim(), pathlib.Path(self.folder, 'used up')
        es.fault({'path': '/'}, do='hang_up')
        small = {'elasticsearch': {'urls': [es.url], 'flush_every': '100ms', 'batch_docs': 10}}  # hundreds of settlements
        config = self.config(x, es, poll={'every': '1s'}, **small)
        daemon = self.daemon(config, env=preload('full_quota', QUOTA_FILE=used_up))
        self.polled(x)
        until(lambda: daemon.metric('mentiond_ledger_pending') == len(self.served(x)), 'all of it is stored and waits')
        stored = len(self.served(x))
        used_up.touch()
        x.post('add', {'count': 500})
        self.assertIn('raise the quota', daemon.event('paused', half='collect', reason='disk')['detail'])
        es.mend()
        until(lambda: es.get('state')['documents'] >= stored and daemon.metric('mentiond_ledger_pending') == 0, 'all is settled')
        self.assertEqual(daemon.metric('mentiond_paused{half="collect",reason="disk"}'), 1)
        used_up.unlink()
        daemon.event('resumed', half='collect', reason='disk')
        self.goes_on(daemon, x, es)

    @measures_the_shipped_program
    def test_without_free_descriptors_it_neither_spins_nor_ends_and_goes_on_when_there_are_some(self):
        x, es = self.xsim(tweets=200), self.elasticsim()
        daemon = self.daemon(self.config(x, es, poll={'every': '1s'}))
        self.all_delivered(x, es)
        address = daemon.admin.removeprefix('http://').rsplit(':', 1)
        vitals = Vitals(daemon)
        ordinary = resource.prlimit(vitals.pid, resource.RLIMIT_NOFILE)[0]
        vitals.limit(resource.RLIMIT_NOFILE, 3)  # what is open stays so, and nothing comes to it
        crowd = [socket.create_connection((address[0], int(address[1]))) for _ in range(60)]
        self.addCleanup(lambda: [one.close() for one in crowd])
        for fake in (x, es):
            fake.fault({'next': 1}, do='hang_up')  # a new connection is needed
        x.post('add', {'count': 50})
        until(lambda: 'Too many open files' in daemon.program.errors(), 'that is said')
        before, began = vitals.seconds_of_cpu, time.monotonic()
        until(lambda: time.monotonic() > began + 2, 'two seconds of it')
        self.assertLess(vitals.seconds_of_cpu - before, 0.5, 'of two seconds')
        vitals.limit(resource.RLIMIT_NOFILE, ordinary)
        for one in crowd:
            one.close()
        until(lambda: http(daemon.admin + '/healthz')[0] == 200, 'the admin port answers')
        self.goes_on(daemon, x, es)
        self.verified(self.config(x, es))

    @measures_the_shipped_program
    def test_allocations_that_fail_end_it_with_a_code_and_an_intact_ledger(self):
        seed = random.randrange(1 << 32)
        chance = random.Random(seed)
        x, es = self.xsim(tweets=300), self.elasticsim()
        count = pathlib.Path(self.folder, 'count')

        def allocations(*arguments, **settings):
            count.unlink(missing_ok=True)
            code, _, errors = self.finished(*arguments, env=preload('failing_malloc', MALLOC_COUNT=count, **settings))
            return int.from_bytes(count.read_bytes(), 'little'), code, errors
        config = self.config(x, es, shutdown_grace='2s', poll={'page_size': 20})
        least, code, _ = allocations('--version')
        self.assertEqual(code, 0)
        most, code, errors = allocations('run', '--once', '--config', config)
        self.assertEqual(code, 0, errors[-2000:])
        codes = {}
        for round_ in range(30):
            x.post('add', {'count': 30})
            at, on = chance.randrange(least, most), chance.choice(('yes', 'no'))
            where = f'seed {seed} round {round_}: allocation {at} of {most}, and all after it: {on}'
            with self.subTest(where):
                _, code, errors = allocations('run', '--once', '--config', config, FAIL_AT=at, FAIL_ON=on)
                self.assertIn(code, (0, 69, 70, 74, 78), errors[-2000:])
                codes[code] = codes.get(code, 0) + 1
                if pathlib.Path(self.folder, 'ledger.db').exists():
                    self.verified(config)
        self.assertGreater(sum(times for code, times in codes.items() if code != 0), 5, f'{codes}: memory did run out')
        code, _, errors = self.finished('run', '--once', '--config', config)
        self.assertEqual(code, 0, errors[-2000:])
        self.assert_conserved(x, es)

    @measures_the_shipped_program
    def test_an_address_space_that_ends_ends_it_with_a_code_and_the_next_start_goes_on(self):
        x, es = self.xsim(tweets=3000), self.elasticsim()
        config = self.config(x, es, shutdown_grace='2s')
        codes = set()
        for size in range(12, 60, 4):
            code, _, errors = self.finished('run', '--once', '--config', config, under=['prlimit', f'--as={size * MIB}'])
            # Before main(): the loader, or a library that sets itself up (its exception finds no memory either).
            if 'error while loading shared libraries' in errors or errors.startswith('terminate called without an active'):
                continue
            self.assertIn(code, (0, 69, 70, 74), f'{size} MiB: {errors[-2000:]}')
            codes.add(code)
        self.assertTrue(codes - {0}, 'it was too little at least once')
        code, _, errors = self.finished('run', '--once', '--config', config)
        self.assertEqual(code, 0, errors[-2000:])
        self.verified(config)
        self.assert_conserved(x, es)

    def test_a_ledger_on_a_read_only_mount_is_refused_with_74_and_what_to_do(self):
        x, es = self.xsim(tweets=100), self.elasticsim()
        home = pathlib.Path(self.folder, 'home')
        home.mkdir()
        config = self.config(x, es, ledger={'path': str(home / 'ledger.db')})
        place = Place('mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"', home)
        self.addCleanup(place.close)
        for when in ('before it was made', 'with tweets in it'):
            with self.subTest(when):
                asked = x.get('state')['requests']
                for once in ([], ['--once']):
                    code, _, errors = self.finished('run', *once, '--config', config, under=place.enter)
                    self.assertEqual(code, 74, errors)
                    self.assertIn(str(home), errors)
                    self.assertIn('must be able to write', errors)
                self.assertEqual(x.get('state')['requests'], asked, 'and X is not asked')
                x.post('add', {'count': 20})
                self.assertEqual(self.finished('run', '--once', '--config', config)[0], 0)
        self.assert_conserved(x, es)

    def test_a_disk_that_becomes_read_only_ends_it_with_74_and_nothing_is_lost_when_it_is_mended(self):
        x, es, read_only = self.xsim(tweets=500), self.elasticsim(), pathlib.Path(self.folder, 'read only')

        def started(name, every):
            return self.daemon(self.config(x, es, poll={'every': every}), name=name,
                               env=preload('read_only_disk', READ_ONLY_FILE=read_only))

        def ends(daemon, half):
            self.assertEqual(daemon.program.wait(), 74, daemon.program.errors()[-2000:])
            self.assertIn('look at the disk', daemon.program.errors())
            halves = [event['half'] for event in daemon.events('ledger_failed')]
            self.assertEqual(halves[0], half, 'which met it first')
            self.assertEqual(len(halves), len(set(halves)), 'said once')
            self.assertNotIn('disk', [event['reason'] for event in daemon.events('paused')])
            read_only.unlink()
        # The sink is known and takes nothing, X is read to its end: what is left to write is a settlement.
        es.fault({}, 'bulk_rejected')
        daemon = started('settles', every='1h')
        until(lambda: len(daemon.events('walk_done')) == len(QUERIES), 'X is read to its end')
        until(lambda: daemon.metric('mentiond_ledger_pending') == len(self.served(x)) > 0, 'all of it is stored and waits')
        daemon.event('bulk_sent', outcome='throttled')
        self.assertEqual(es.get('state')['documents'], 0)
        read_only.touch()
        es.mend()
        ends(daemon, 'deliver')
        self.assertGreater(es.get('state')['documents'], 0, 'what could not be written is what was delivered')
        daemon = started('appends', every='1s')
        self.all_delivered(x, es)
        until(lambda: daemon.metric('mentiond_ledger_pending') == 0, 'all is settled')
        read_only.touch()
        x.post('add', {'count': 200})
        ends(daemon, 'collect')
        self.goes_on(started('goes on', every='1s'), x, es)
        self.verified(self.config(x, es))

    def test_a_ledger_on_a_network_file_system_is_refused_with_74_before_anything_is_made_there(self):
        config = self.config(self.xsim(tweets=10))
        code, _, errors = self.finished('run', '--config', config, env=preload('network_disk'))
        self.assertEqual(code, 74)
        self.assertIn('ledger.db: it lies on a network file system (NFS); locks and syncs', errors)
        self.assertEqual(list(pathlib.Path(self.folder).glob('ledger.db*')), [])

    def test_a_disk_that_takes_its_time_delays_all_and_stops_nothing(self):
        x, es = self.xsim(tweets=500), self.elasticsim()
        daemon = self.daemon(self.config(x, es), env=preload('slow_sync', SLOW_SYNC_MS=600))
        admin, slowest = daemon.admin, [0.0]

        def delivered():
            began = time.monotonic()
            self.assertEqual(http(admin + '/healthz')[0], 200)
            slowest[0] = max(slowest[0], time.monotonic() - began)
            return es.get('state')['documents'] == len(self.served(x)) > 400
        until(delivered, 'all is delivered')
        self.assertLess(slowest[0], 0.5, 'nobody else waits for the disk')
        self.goes_on(daemon, x, es)

    @measures_the_shipped_program
    def test_a_long_outage_with_max_pending_reached_grows_neither_memory_nor_descriptors_nor_the_log(self):
        x, es = self.xsim(tweets=2000, live=50), self.elasticsim()
        es.fault({}, do='hang_up')
        daemon = self.daemon(self.config(x, es, poll={'every': '2s'}, ledger={'path': f'{self.folder}/ledger.db', 'max_pending': 1500}),
                             env=hurried())
        daemon.event('paused', half='collect', reason='backpressure')
        daemon.event('paused', half='deliver', reason='unreachable')
        vitals, wal = Vitals(daemon), pathlib.Path(self.folder, 'ledger.db-wal')
        sample = lambda: (vitals.memory, vitals.descriptors, wal.stat().st_size, daemon.program.err.stat().st_size)
        before, began = sample(), time.monotonic()
        probes = es.get('state')['faults']
        until(lambda: es.get('state')['faults'] > probes + 2 and time.monotonic() > began + 8, 'minutes of it, on its clock')
        after = sample()
        self.assertLess(after[0] - before[0], 4 * MIB, 'memory')
        self.assertLessEqual(after[1] - before[1], 2, 'descriptors')
        self.assertLess(after[2], 64 * MIB, 'the WAL')
        self.assertLess(after[3] - before[3], 64 * KIB, 'the log')
        es.mend()
        x.post('config', {'live': 0})
        daemon.event('resumed', half='collect', reason='backpressure')
        self.goes_on(daemon, x, es)


if __name__ == '__main__':
    unittest.main()
