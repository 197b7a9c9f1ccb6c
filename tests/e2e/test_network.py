"""What networks do to connections, through the whole program: each is named, survived by itself, and loses nothing."""
import itertools
import signal
import socket
import threading
import time
import unittest

from harness import Case, QUERIES, until
from relay import Names, Place, Relay, hurried, reset

DRIP = 0.02  # seconds between two bytes: about one, on the hurried clock


class Rig(Case):
    def setUp(self):
        super().setUp()
        self.x, self.es = self.xsim(tweets=400), self.elasticsim()

    def relay(self, fake, **options):
        relay = Relay(fake.port, **options)
        self.addCleanup(relay.close)
        return relay

    def start(self, x, es, env=None, under=(), **changes):
        config = self.config(x, es, poll={'every': '10s', 'max_pages': 1000, 'page_size': 50},
                             elasticsearch={'urls': [es.url], 'batch_docs': 50}, **changes)
        return self.daemon(config, env=hurried(60) if env is None else env, under=under)

    def details(self, daemon):
        return ' | '.join(str(line.get('detail')) for line in daemon.events())

    def says(self, daemon, *words, seconds=30):
        for word in words:
            until(lambda: word in self.details(daemon), f'the log says "{word}"; {daemon.program.err}', seconds)

    def goes_on(self, daemon, seconds=60):
        """What X finds from now on arrives, as does all before it; nothing was buried."""
        self.x.post('add', {'count': 30})

        def polled():
            found = self.x.get('state')['queries'].values()
            return len(found) >= len(QUERIES) and all(query['served'] >= query['matching'] for query in found)
        until(polled, 'all is polled', seconds)
        self.all_delivered(self.x, self.es, seconds=seconds)
        self.assertFalse(daemon.events('dead_letter'))
        self.assertEqual(daemon.terminate(), 0)
        self.assert_conserved(self.x, self.es)


class Network(Rig):
    def test_replies_cut_at_a_spread_of_bytes_by_close_and_by_reset_are_asked_for_again(self):
        cuts = []

        def cutting(only=b''):
            """Every other reply that holds `only` is cut, each at another place."""
            counted = itertools.count()
            places = [(place, by_reset) for place in range(10) for by_reset in (False, True)]

            def act(_, reply):
                if only not in reply or next(counted) % 2 == 0 or not places:
                    return None
                place, by_reset = places.pop()
                head = reply.index(b'\r\n\r\n') + 4
                at = [0, 1, 9, head // 2, head - 1, head, head + 1, (head + len(reply)) // 2, len(reply) - 2, len(reply) - 1][place]

                def cut(client):
                    client.sendall(reply[:at])
                    if by_reset:
                        reset(client)
                    cuts.append(at)
                return cut
            return act
        x, es = self.relay(self.x, act=cutting()), self.relay(self.es, act=cutting(only=b'"items":'))
        daemon = self.start(x, es, env=hurried(100))

        def more():
            self.x.post('add', {'count': 5})
            return len(cuts) == 40
        until(more, 'forty cuts', 60)
        self.says(daemon, 'lost within the reply', 'lost within the reply: Connection reset')
        self.goes_on(daemon)
        self.assertTrue({0, 1} < set(cuts))
        self.assertGreater(self.es.get('state')['conflicts'], 0, 'a bulk whose outcome was unknown was sent again')

    def test_connections_that_close_after_their_answer_or_when_they_are_used_again_are_no_outage(self):
        def last(_, reply):
            return lambda client: client.sendall(reply)
        dying = {'act': last}, {'meet': lambda number: number > 1}
        for options in dying:
            with self.subTest(options):
                x, es = self.relay(self.x, **options), self.relay(self.es, **options)
                self.x.post('add', {'count': 200})
                daemon = self.start(x, es, env=hurried(5))
                for query in ('aws', 'gcp', 'azure'):
                    daemon.event('walk_done', query=query, end='complete')
                self.goes_on(daemon)
                self.assertEqual([line for line in daemon.events() if line.get('level') in ('warn', 'error')], [])
                self.assertEqual({line['outcome'] for line in daemon.events('bulk_sent')} - {'ok', 'no_connection'}, set())

    def test_a_server_that_trickles_its_head_and_then_its_body_meets_a_deadline_each(self):
        x, es = self.relay(self.x), self.relay(self.es)
        daemon = self.start(x, es)
        self.all_delivered(self.x, self.es)

        def dripping(after):
            def act(_, reply):
                whole = 0 if after == 'nothing' else reply.index(b'\r\n\r\n') + 4

                def drip(client):
                    client.sendall(reply[:whole])
                    for at in range(whole, len(reply)):
                        client.sendall(reply[at:at + 1])
                        time.sleep(DRIP)
                return drip
            return act
        for relay in (es, x):
            relay.act = dripping('nothing')
            self.x.post('add', {'count': 100})
            self.says(daemon, f'127.0.0.1:{relay.port}: no more than a part')
        x.act = dripping('the head')
        self.says(daemon, f'127.0.0.1:{x.port}: the request took longer than its limit')
        x.act = es.act = None
        self.goes_on(daemon)

    def test_servers_that_stop_breathing_are_given_up_in_time_and_found_again(self):
        daemon = self.start(self.x, self.es)
        self.all_delivered(self.x, self.es)
        self.x.post('add', {'count': 100})
        for fake in (self.es, self.x):
            fake.process.send_signal(signal.SIGSTOP)
            self.addCleanup(fake.process.send_signal, signal.SIGCONT)
        self.says(daemon, f'127.0.0.1:{self.x.port}: no reply within')
        self.x.process.send_signal(signal.SIGCONT)
        self.says(daemon, f'127.0.0.1:{self.es.port}: no reply within')
        self.es.process.send_signal(signal.SIGCONT)
        self.goes_on(daemon)

    def test_a_listener_that_never_accepts_is_given_up_in_time_and_found_when_it_does(self):
        class Deaf:
            def __init__(self, case):
                self.socket = socket.create_server(('127.0.0.1', 0))
                case.addCleanup(self.socket.close)
                self.url = f'http://127.0.0.1:{self.socket.getsockname()[1]}'
        x, es = Deaf(self), Deaf(self)
        daemon = self.start(x, es)
        for deaf in (x, es):
            self.says(daemon, f'{deaf.url.removeprefix("http://")}: no reply within')
        self.relay(self.x, listener=x.socket)
        self.relay(self.es, listener=es.socket)
        self.goes_on(daemon)

    def test_a_name_is_looked_up_again_with_every_connection(self):
        names = Names(self.folder)
        place = Place(names.mounts)
        self.addCleanup(place.close)
        x, es = self.relay(self.x), self.relay(self.es)
        called = {fake: type('Url', (), {'url': f'http://{name}.localhost:{fake.port}'}) for fake, name in ((x, 'x'), (es, 'es'))}
        daemon = self.start(called[x], called[es], under=place.enter)
        self.says(daemon, "no address for 'x.localhost'", "no address for 'es.localhost'")
        names.know({'x.localhost': '127.0.0.1', 'es.localhost': '127.0.0.1'})
        self.all_delivered(self.x, self.es)
        moved = [self.relay(fake, listener=socket.create_server(('127.0.0.7', old.port)))
                 for fake, old in ((self.x, x), (self.es, es))]
        x.close()
        es.close()
        self.x.post('add', {'count': 30})
        self.says(daemon, f'x.localhost:{x.port}: Connection refused')
        names.know({'x.localhost': '127.0.0.7', 'es.localhost': '127.0.0.7'})
        self.goes_on(daemon)
        self.assertTrue(all(relay.replies for relay in moved))


class Partition(Rig):
    """The daemon is in a network of its own; a pair of virtual cards joins it to the one where the servers are."""

    def setUp(self):
        super().setUp()
        names = Names(self.folder)
        names.know({'x.localhost': '10.254.0.1', 'es.localhost': '10.254.0.1'})
        self.servers = Place(names.mounts + '; ip link set lo up', kinds=('-U', '-r', '-m', '-n'))
        self.addCleanup(self.servers.close)
        self.daemons = Place('ip link set lo up', kinds=('-m', '-n'), inside=self.servers)
        self.addCleanup(self.daemons.close)
        self.servers.run('ip', 'link', 'add', 'servers', 'type', 'veth', 'peer', 'name', 'daemons', 'netns', self.daemons.holder.pid)
        for place, card, address in ((self.servers, 'servers', '10.254.0.1/24'), (self.daemons, 'daemons', '10.254.0.2/24')):
            place.run('ip', 'address', 'add', address, 'dev', card)
            place.run('ip', 'link', 'set', card, 'up')

    def cable(self, state):
        self.servers.run('ip', 'link', 'set', 'servers', state)

    def reach(self, fake, name, **options):
        relay = self.relay(fake, listener=self.servers.listener('10.254.0.1'), **options)
        relay.url = f'http://{name}.localhost:{relay.port}'
        return relay

    def test_a_partition_in_a_walk_and_in_a_bulk_heals_by_itself(self):
        parted = []

        def parting(name, number_of_reply):
            """The cable is pulled when the server has acted and its reply is on its way: the first half is lost too."""
            def act(number, reply):
                if number != number_of_reply:
                    return None

                def part(client):
                    self.cable('down')
                    client.sendall(reply[:len(reply) // 2])
                    parted.append(name)
                    healed.wait(60)
                return part
            return act
        healed = threading.Event()
        self.addCleanup(healed.set)
        x, es = self.reach(self.x, 'x', act=parting('x', 4)), self.reach(self.es, 'es')
        daemon = self.start(x, es, under=self.daemons.enter)
        until(lambda: parted == ['x'], 'parted in a walk')
        self.says(daemon, f'x.localhost:{x.port}: no')
        self.cable('up')
        healed.set()
        self.all_delivered(self.x, self.es)

        healed.clear()
        es.act = parting('es', es.replies + 1)
        self.x.post('add', {'count': 200})
        until(lambda: parted == ['x', 'es'], 'parted in a bulk')
        until(lambda: daemon.events('paused'), 'that is said')
        self.cable('up')
        healed.set()
        self.goes_on(daemon)


if __name__ == '__main__':
    unittest.main()
