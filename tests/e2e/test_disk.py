"""A full disk: polling stops and says so, delivery goes on, and all resumes when there is room. Once-mode exits 74."""
import errno
import os
import pathlib
import resource
import signal
import subprocess
import unittest

from harness import Case, http, until

MIB = 1024 * 1024


class SmallDisk:
    """A tmpfs of so many bytes in a mount namespace of its own; `inside` is its folder for programs run by `enter`."""

    def __init__(self, folder, size):
        self.inside = pathlib.Path(folder, 'disk')
        self.inside.mkdir()
        script = 'mount -t tmpfs -o size=$1 tmpfs "$2" && echo ready && exec sleep infinity'
        self.holder = subprocess.Popen(['unshare', '-Urm', 'sh', '-c', script, 'sh', str(size), str(self.inside)],
                                       stdout=subprocess.PIPE, text=True)
        assert self.holder.stdout.readline() == 'ready\n', 'no tmpfs could be mounted'
        self.outside = pathlib.Path(f'/proc/{self.holder.pid}/root{self.inside}')
        self.enter = ['nsenter', '--preserve-credentials', '-U', '-m', '-t', str(self.holder.pid)]
        self.ballast = self.outside / 'ballast'

    def free(self):
        disk = os.statvfs(self.outside)
        return disk.f_bavail * disk.f_frsize

    def leave_free(self, size):
        """Fills the disk with a file until so many bytes are left."""
        with open(self.ballast, 'ab') as file:
            file.write(bytes(self.free() - size))

    def fill(self):
        """Fills the disk until it takes no more byte."""
        with open(self.ballast, 'ab', buffering=0) as file:
            try:
                while True:
                    file.write(bytes(64 * 1024))
            except OSError as error:
                assert error.errno == errno.ENOSPC, error

    def make_room(self):
        self.ballast.unlink()

    def close(self):
        self.holder.kill()
        self.holder.wait()
        self.holder.stdout.close()


class FullDisk(Case):
    def disk(self, size):
        disk = SmallDisk(self.folder, size)
        self.addCleanup(disk.close)
        return disk

    def on(self, disk):
        return {'path': str(disk.inside / 'ledger.db')}

    def test_once_on_a_full_disk_exits_74_and_what_it_stored_is_delivered_when_there_is_room(self):
        x, es, disk = self.xsim(tweets=8000), self.elasticsim(), self.disk(32 * MIB)
        disk.leave_free(5 * MIB)
        config = self.config(x, es, ledger=self.on(disk))
        code, _, errors = self.finished('run', '--once', '--config', config, under=disk.enter)
        self.assertEqual(code, 74, errors[-2000:])
        disk.make_room()
        code, _, errors = self.finished('run', '--once', '--config', config, under=disk.enter)
        self.assertEqual(code, 0, errors[-2000:])
        self.assert_conserved(x, es)

    def test_once_against_a_file_size_limit_exits_74_and_is_not_killed(self):
        x, es = self.xsim(tweets=8000), self.elasticsim()
        config = self.config(x, es)
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        limit = ['prlimit', f'--fsize={MIB}:{"unlimited" if hard == resource.RLIM_INFINITY else hard}']
        code, _, errors = self.finished('run', '--once', '--config', config, under=limit)
        self.assertEqual(code, 74, errors[-2000:])
        code, _, errors = self.finished('run', '--once', '--config', config)
        self.assertEqual(code, 0, errors[-2000:])
        self.assert_conserved(x, es)

    def test_a_full_disk_stops_polling_while_delivery_drains_and_both_go_on_when_there_is_room(self):
        x, es, disk = self.xsim(tweets=3000), self.elasticsim(), self.disk(24 * MIB)
        es.fault({'path': '/'}, do='hang_up')
        config = self.config(x, es, ledger=self.on(disk), poll={'every': '1s'})
        daemon = self.daemon(config, under=disk.enter)
        for query in ('aws', 'gcp', 'azure'):
            daemon.event('walk_done', query=query)
        disk.leave_free(MIB)
        paused = daemon.event('paused', half='collect', reason='disk')
        self.assertIn('make room', paused['detail'])
        self.assertEqual(daemon.metric('mentiond_paused{half="collect",reason="disk"}'), 1)
        self.assertEqual(daemon.get('/readyz')[0], 503)
        asked = x.get('state')['requests']
        x.post('add', {'count': 500})
        es.mend()
        self.all_delivered(x, es)
        self.assertEqual(x.get('state')['requests'], asked, 'X is not asked')
        until(lambda: daemon.metric('mentiond_ledger_pending') == 0, 'and that is remembered')
        self.assertEqual(daemon.metric('mentiond_paused{half="collect",reason="disk"}'), 1)
        disk.make_room()
        daemon.event('resumed', half='collect', reason='disk')
        until(lambda: x.get('state')['requests'] > asked + 2, 'polling goes on')
        self.all_delivered(x, es)
        self.assertEqual(daemon.terminate(), 0)
        self.assert_conserved(x, es)

    def test_with_no_byte_left_polling_stops_and_all_that_is_stored_is_delivered_and_settled(self):
        x, es, disk = self.xsim(tweets=3000), self.elasticsim(), self.disk(24 * MIB)
        es.fault({'path': '/'}, do='hang_up')
        small = {'elasticsearch': {'urls': [es.url], 'flush_every': '100ms', 'batch_docs': 10}}  # hundreds of settlements
        config = self.config(x, es, ledger=self.on(disk), poll={'every': '1s'}, **small)
        daemon = self.daemon(config, under=disk.enter)
        for query in ('aws', 'gcp', 'azure'):
            daemon.event('walk_done', query=query)
        self.assertEqual(es.get('state')['documents'], 0, 'all of it waits')
        disk.fill()
        daemon.event('paused', half='collect', reason='disk')
        self.assertEqual(disk.free(), 0)
        es.mend()
        self.all_delivered(x, es)
        until(lambda: daemon.metric('mentiond_ledger_pending') == 0, 'and all of that is settled')
        self.assertEqual(disk.free(), 0, 'and that took no room')
        self.assertEqual(daemon.metric('mentiond_paused{half="collect",reason="disk"}'), 1)
        self.assertEqual(es.get('state')['documents'], len(self.served(x)))
        disk.make_room()
        daemon.event('resumed', half='collect', reason='disk')
        x.post('add', {'count': 500})
        until(lambda: all(query['served'] >= query['matching'] for query in x.get('state')['queries'].values()), 'polled', 60)
        self.all_delivered(x, es)
        self.assertEqual(daemon.terminate(), 0)
        self.assert_conserved(x, es)

    def test_a_disk_that_is_full_to_the_last_byte_ends_nothing_and_loses_nothing(self):
        x, es, disk = self.xsim(tweets=3000), self.elasticsim(), self.disk(24 * MIB)
        config = self.config(x, es, ledger=self.on(disk), poll={'every': '1s'})
        daemon = self.daemon(config, under=disk.enter)
        self.all_delivered(x, es)
        disk.leave_free(0)
        x.post('add', {'count': 3000})
        daemon.event('paused', half='collect', reason='disk')
        self.assertEqual(http(daemon.admin + '/healthz')[0], 200)
        disk.make_room()
        daemon.event('resumed', half='collect', reason='disk')
        until(lambda: all(query['served'] >= query['matching'] for query in x.get('state')['queries'].values()), 'polled', 60)
        self.all_delivered(x, es)
        self.assertEqual(daemon.program.kill(signal.SIGTERM), 0)
        self.assert_conserved(x, es)


if __name__ == '__main__':
    unittest.main()
