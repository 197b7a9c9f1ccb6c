"""A name server that hangs or fails, through the whole program."""
import os
import pathlib
import socket
import threading
import time
import unittest

from harness import Case, until
from relay import hurried, preload


class NameServer(Case):
    def setUp(self):
        super().setUp()
        self.x, self.es = self.xsim(tweets=100), self.elasticsim()
        self.gate, self.fault = pathlib.Path(self.folder, 'gate'), pathlib.Path(self.folder, 'fault')

    def start(self, times=60, env=None, **changes):
        """Both services by name, so that each connection wants a lookup; time passes so many times as fast."""
        fast = hurried(times)
        faulty = preload('name_server', LOOKUPS_HANG_AT=self.gate, LOOKUPS_FAIL_AT=self.fault)
        libraries = f'{fast["LD_PRELOAD"]}:{faulty["LD_PRELOAD"]}'
        config = self.config(f'http://localhost:{self.x.port}', f'http://localhost:{self.es.port}', **changes)
        return self.daemon(config, env={**fast, **faulty, 'LD_PRELOAD': libraries, **(env or {})})

    def hang(self):
        """From now on lookups hang, until what this returns is called."""
        os.mkfifo(self.gate)

        def release():
            with open(self.gate, 'wb'):  # opens when one hangs, and lets it go
                self.gate.unlink()
        return release

    def says(self, daemon, words):
        until(lambda: words in daemon.program.errors(), f'the log says "{words}"')

    def goes_on(self, daemon):
        self.x.post('add', {'count': 20})
        until(lambda: all(query['served'] == query['matching'] for query in self.x.get('state')['queries'].values()), 'all is read')
        self.all_delivered(self.x, self.es)
        self.assertEqual(daemon.terminate(), 0)
        self.assert_conserved(self.x, self.es)

    def test_a_lookup_that_hangs_is_said_and_stops_neither_the_admin_server_nor_what_comes_after_it(self):
        release = self.hang()
        daemon = self.start()
        self.says(daemon, "the name lookup of 'localhost' does not end; is the name server down?")
        self.assertEqual(daemon.get('/healthz')[0], 200)
        self.assertEqual(daemon.get('/status')[0], 200)
        release()
        self.goes_on(daemon)

    def test_sigterm_while_a_lookup_hangs_ends_within_the_grace(self):
        self.hang()
        daemon = self.start(times=1, shutdown_grace='1s')
        daemon.event('walk_started')
        self.assertEqual(daemon.get('/healthz')[0], 200)
        began = time.monotonic()
        self.assertEqual(daemon.terminate(), 0)
        self.assertLess(time.monotonic() - began, 3)
        self.assertEqual(self.x.get('state')['requests'], 0)

    def test_a_lookup_that_fails_for_now_is_said_backed_off_and_over_by_itself_while_the_watchdog_is_calm(self):
        self.fault.touch()
        manager = Manager(os.path.join(self.folder, 'notify'))
        self.addCleanup(manager.close)
        daemon = self.start(env={'NOTIFY_SOCKET': manager.place, 'WATCHDOG_USEC': '10000000'})
        self.says(daemon, "no address for 'localhost': Host not found (non-authoritative), try again later")
        daemon.event('paused', half='deliver', reason='unreachable')
        manager.hears_signs_of_life(5)
        waits = [line['wait'] for line in daemon.events('retry')]
        self.assertLess(len(waits), 20, 'the waits grow')
        release = self.hang()
        self.fault.unlink()
        self.says(daemon, 'does not end')
        manager.hears_signs_of_life(5)
        release()
        self.goes_on(daemon)


class Manager:
    """Stands in for the service manager: counts signs of life."""

    def __init__(self, place):
        self.place, self.signs = place, 0
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(place)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while word := self.socket.recv(4096):
            self.signs += b'WATCHDOG=1' in word

    def hears_signs_of_life(self, count):
        before = self.signs
        until(lambda: self.signs >= before + count, f'{count} signs of life')

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


if __name__ == '__main__':
    unittest.main()
