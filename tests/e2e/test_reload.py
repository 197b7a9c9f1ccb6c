"""What a reload leaves alone: a walk under way, connections, and everything if it is refused."""
import pathlib
import re
import signal
import unittest
import urllib.parse

from harness import Case, CLOUD_OF, TOKEN, http, until
from relay import Relay, hurried
from test_main_job import delivered_all


class Reloading(Case):
    def hang_up(self, running, event='reloaded'):
        """The events of that name that a SIGHUP brings."""
        seen = len(running.events(event))
        running.program.process.send_signal(signal.SIGHUP)
        until(lambda: len(running.events(event)) > seen, f'a {event}')
        return running.events(event)[seen:]


class Walk(Reloading):
    def asked(self, x, text):
        """The parameters of each request for this query, in order."""
        targets = [urllib.parse.urlsplit(line[3]).query for line in x.get('requests')]
        every = [dict(urllib.parse.parse_qsl(target)) for target in targets]
        return [asked for asked in every if asked['query'] == text]

    def test_a_walk_under_way_goes_on_below_the_last_page_that_it_read(self):
        x, es = self.xsim(tweets=6000), self.elasticsim()
        x.fault({}, do='delay', delay='50ms')
        running = self.daemon(self.config(x, es, poll={'every': '1h', 'page_size': 100}))
        for text in CLOUD_OF:
            until(lambda: x.get('state')['queries'].get(text, {}).get('served', 0) >= 300, f'three pages of {text}', 60)
            self.hang_up(running)
        x.mend()
        until(lambda: all(query['served'] == query['matching'] for query in x.get('state')['queries'].values()), 'all is read', 90)
        until(lambda: delivered_all(self, x, es), 'all are delivered', 90)
        self.assert_conserved(x, es)
        resumed = []
        for text in CLOUD_OF:
            ids = sorted((int(line[0]) for line in x.get('served') if text in line[2:]), reverse=True)
            read = 0
            for asked in self.asked(x, text):
                if 'since_id' in asked:
                    continue  # what is new: nothing here
                if 'next_token' not in asked:
                    self.assertEqual(asked.get('until_id'), str(ids[read - 1]) if read else None, (text, read))
                    resumed += [text] if read else []
                read += 100
            self.assertEqual((read - 1) // 100, (len(ids) - 1) // 100, f'{text}: no page was read twice')
        self.assertEqual(resumed, list(CLOUD_OF))


class Connections(Reloading):
    def setUp(self):
        super().setUp()
        self.x, self.es = self.xsim(tweets=1000), self.elasticsim()
        self.relays = [Relay(self.x.port), Relay(self.es.port)]
        for relay in self.relays:
            self.addCleanup(relay.close)

    def accepted(self):
        return [relay.accepted for relay in self.relays]

    def reconfigure(self, x=None, es=None, query=None, **changes):
        path = self.config(x or self.relays[0], es or self.relays[1], poll={'every': '10s', 'page_size': 50}, **changes)
        if query:
            text = pathlib.Path(path).read_text()
            pathlib.Path(path).write_text(re.sub(r'queries:\n(- .*\n)+', f'queries:\n- {query}\n', text))
        return path

    def test_a_changed_query_opens_none_anew_even_within_a_walk_and_a_changed_address_only_its_own(self):
        self.x.fault({}, do='delay', delay='50ms')
        self.es.post('config', {'bulk_delay': '50ms'})
        running = self.daemon(self.reconfigure())
        until(lambda: self.x.get('state')['pages'] >= 3 and self.es.get('state')['bulks'], 'both halves are at work')
        self.assertEqual(self.accepted(), [1, 1])
        self.reconfigure(query='{"name": "azure", "cloud": "Azure", "query": "Azure Marketplace"}')
        self.hang_up(running)
        self.x.mend()
        running.event('walk_done', query='azure')
        until(lambda: delivered_all(self, self.x, self.es), 'all are delivered')
        self.assertEqual(self.accepted(), [1, 1])

        for number, moved in enumerate(({'es': f'http://localhost:{self.relays[1].port}'},
                                        {'es': f'http://localhost:{self.relays[1].port}',
                                         'x': f'http://localhost:{self.relays[0].port}'})):
            self.reconfigure(**moved)
            self.hang_up(running)
            later, = self.x.post('add', {'posts': [{'text': 'Azure Marketplace, later'}]})['ids']
            until(lambda: later in self.documents(self.es), 'what came later is delivered')
            self.assertEqual(self.accepted(), [1 + number, 2])
        self.assert_conserved(self.x, self.es)


class Refused(Reloading):
    """Every one of these configurations also has another query, another admin token and another password."""

    def setUp(self):
        super().setUp()
        self.x, self.es = self.xsim(tweets=50), self.elasticsim(user='me:right')
        self.running = self.daemon(self.configure('right', 'aws', 'AWS Marketplace', admin={'token': 'before'}))
        until(lambda: delivered_all(self, self.x, self.es), 'all are delivered')

    def configure(self, password, name, text, admin, mistake=('', ''), **sink):
        path = pathlib.Path(self.config(
            self.x, self.es, queries=None, poll={'every': '1s'}, admin={'listen': '127.0.0.1:0', **admin},
            elasticsearch={'urls': [self.es.url], 'flush_every': '100ms', 'username': 'me', 'password': password, **sink}))
        queries = f'queries:\n- {{"name": "{name}", "cloud": "GCP", "query": "{text}"}}\n'
        path.write_text((path.read_text() + queries).replace(*mistake))
        return str(path)

    def test_nothing_of_a_configuration_with_a_mistake_takes_effect_and_one_event_says_which(self):
        absent, empty = pathlib.Path(self.folder, 'absent'), pathlib.Path(self.folder, 'empty.pem')
        empty.write_text('no certificate\n')
        open_to_all = pathlib.Path(self.folder, 'open')
        open_to_all.write_text('secret\n')
        open_to_all.chmod(0o644)
        token, address = 'bearer_token: "${X_BEARER_TOKEN}"', self.es.url.replace('http', 'https')
        cases = [({'mistake': ('max_pages', 'max_pags')}, ['max_pags']),
                 ({'mistake': (token, 'bearer_token: "${NOBODY_SET_THIS}"')}, ['NOBODY_SET_THIS']),
                 ({'mistake': (token, f'bearer_token_file: {absent}')}, ['x.bearer_token_file', str(absent)]),
                 ({'mistake': (token, f'bearer_token_file: {open_to_all}')}, ['x.bearer_token_file', 'chmod 600']),
                 ({'urls': [address], 'ca_file': str(absent)}, [str(absent)]),
                 ({'urls': [address], 'ca_file': str(empty)}, [str(empty)])]
        for changes, words in cases:
            with self.subTest(words):
                self.configure('wrong', 'gcp', 'GCP Marketplace', {'token': 'after'}, **changes)
                refusals = self.hang_up(self.running, 'reload_refused')
                self.assertEqual(len(refusals), 1, refusals)
                for word in words:
                    self.assertIn(word, refusals[0]['detail'])
                self.assert_unchanged()
        self.assertFalse(self.running.events('reloaded'))
        self.assertFalse(self.running.events('paused'))
        self.assertNotIn('GCP Marketplace', self.x.get('state')['queries'])
        self.configure('right', 'gcp', 'GCP Marketplace', {'token': 'after'})
        self.hang_up(self.running)
        self.assertEqual(self.status_with('after'), 200)

    def status_with(self, token):
        return http(self.running.admin + '/status', headers={'Authorization': f'Bearer {token}'})[0]

    def assert_unchanged(self):
        self.assertEqual((self.status_with('before'), self.status_with('after')), (200, 401))
        later, = self.x.post('add', {'posts': [{'text': 'AWS Marketplace, later'}]})['ids']
        until(lambda: later in self.documents(self.es), 'the old query finds and the old password delivers')


class Rotation(Reloading):
    def test_a_token_that_worked_and_is_rotated_is_read_again_by_the_running_program_after_a_401(self):
        x, es = self.xsim(tweets=100), self.elasticsim()
        path = pathlib.Path(self.folder, 'token')
        path.write_text(TOKEN + '\n')
        path.chmod(0o600)
        config = pathlib.Path(self.config(x, es))
        config.write_text(config.read_text().replace('bearer_token: "${X_BEARER_TOKEN}"', f'bearer_token_file: {path}'))
        running = self.daemon(str(config), env={**hurried(), 'X_BEARER_TOKEN': None})
        until(lambda: delivered_all(self, x, es), 'the first token works')
        x.post('config', {'token': 'rotated-token'})
        running.event('paused', half='collect', reason='auth')
        path.write_text('rotated-token\n')
        later, = x.post('add', {'posts': [{'text': 'AWS Marketplace, after the rotation'}]})['ids']
        running.event('resumed', half='collect', reason='auth', seconds=60)
        until(lambda: later in self.documents(es), 'polling goes on')
        self.assertFalse(running.events('reloaded'))
        self.assertNotIn('rotated-token', running.program.errors())
        self.assertEqual(running.terminate(), 0)
        self.assert_conserved(x, es)


if __name__ == '__main__':
    unittest.main()
