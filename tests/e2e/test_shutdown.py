"""SIGTERM while the sink hangs: the daemon ends in time, and the next start goes on where it stood."""
import contextlib
import os
import socket
import sys
import time
import unittest

from harness import Case, until

MARGIN = 1.0  # seconds beyond shutdown_grace: closing the ledger, on a busy machine


class Ending(Case):
    def ends_in_time(self, daemon, grace):
        began = time.monotonic()
        self.assertEqual(daemon.terminate(grace + 10), 0)
        self.assertLess(time.monotonic() - began, grace + MARGIN)
        self.assertEqual(daemon.events('stopped')[0]['exit'], 0)

    def everything_arrives_after(self, x, es, config):
        code, _, errors = self.finished('run', '--once', '--config', config)
        self.assertEqual(code, 0, errors[-2000:])
        self.assert_conserved(x, es)


class HungSink(Ending):
    def test_sigterm_while_a_bulk_is_never_answered_ends_within_the_grace_and_the_rest_is_delivered_at_the_next_start(self):
        x, es = self.xsim(tweets=600), self.elasticsim()
        config = self.config(x, es, poll={'every': '1s'}, elasticsearch={'urls': [es.url], 'batch_docs': 50},
                             shutdown_grace='1s')
        for act in ('stall', 'delay'):  # half an answer; an answer that comes long after
            with self.subTest(act):
                before = es.get('state')
                es.fault({'from': before['bulks'] + 2}, do=act, after_bytes=10, delay='10m')
                daemon = self.daemon(config)
                x.post('add', {'count': 200})
                until(lambda: es.get('state')['faults'] > before['faults'], 'the sink hangs')
                for query in ('aws', 'gcp', 'azure'):
                    daemon.event('walk_done', query=query)
                self.ends_in_time(daemon, 1)
                self.assertLess(es.get('state')['documents'], len(self.served(x)), 'there is something left')
                es.mend()
        self.everything_arrives_after(x, es, config)

    def test_sigterm_while_the_sink_accepts_connections_and_says_nothing_ends_within_the_grace(self):
        x, es = self.xsim(tweets=300), self.elasticsim()
        with contextlib.ExitStack() as kept, socket.socket() as silent:
            silent.bind(('127.0.0.1', 0))
            silent.listen()
            port = silent.getsockname()[1]
            silent.settimeout(10)
            daemon = self.daemon(self.config(x, f'http://127.0.0.1:{port}', shutdown_grace='1s'))
            daemon.event('walk_done', query='aws')
            kept.enter_context(silent.accept()[0])
            self.ends_in_time(daemon, 1)
        self.everything_arrives_after(x, es, self.config(x, es))

    def test_sigterm_while_x_hangs_too_ends_within_the_grace(self):
        x, es = self.xsim(tweets=600), self.elasticsim()
        config = self.config(x, es, poll={'page_size': 20}, elasticsearch={'urls': [es.url], 'batch_docs': 50},
                             shutdown_grace='1s')
        x.fault({'from': 3}, do='stall', after_bytes=100)
        es.fault({'from': 1}, do='stall')
        daemon = self.daemon(config)
        until(lambda: x.get('state')['faults'] > 0 and es.get('state')['faults'] > 0, 'both hang')
        self.ends_in_time(daemon, 1)
        x.mend()
        es.mend()
        self.everything_arrives_after(x, es, config)


class EarlyStop(Case):
    def test_sigterm_before_the_loop_turns_is_a_stop_like_any_other(self):
        x, es = self.xsim(tweets=10), self.elasticsim()
        # It comes before the program's first instruction, and is blocked by whoever started it.
        begin = ('import os, signal, sys; signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM}); '
                 'os.kill(os.getpid(), signal.SIGTERM); os.execv(sys.argv[1], sys.argv[1:])')
        daemon = self.mentiond('run', '--config', self.config(x, es), under=(sys.executable, '-c', begin))
        self.assertEqual(daemon.wait(30), 0, daemon.errors())
        self.assertIn('stopped', daemon.errors())


class DeafManager(Ending):
    def test_a_service_manager_that_does_not_listen_stops_nothing_and_is_told_once_it_does(self):
        x, es, place = self.xsim(tweets=200), self.elasticsim(), os.path.join(self.folder, 'notify')
        config = self.config(x, es, poll={'every': '1s'}, shutdown_grace='1s')
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager, \
                socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as others:
            manager.bind(place)
            manager.settimeout(20)
            others.connect(place)
            others.setblocking(False)

            def stops_listening():
                with contextlib.suppress(BlockingIOError):
                    while True:
                        others.send(b'of another service')
            stops_listening()
            daemon = self.daemon(config, env={'NOTIFY_SOCKET': place, 'WATCHDOG_USEC': '1000000'})
            self.assertEqual(daemon.get('/healthz')[0], 200)
            self.all_delivered(x, es)
            until(lambda: b'READY=1' in manager.recv(4096), 'it is told', 20)
            stops_listening()
            x.post('add', {'count': 20})
            self.all_delivered(x, es)
            self.ends_in_time(daemon, 1)
        self.everything_arrives_after(x, es, config)


if __name__ == '__main__':
    unittest.main()
