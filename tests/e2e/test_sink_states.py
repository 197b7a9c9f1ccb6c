"""States of the sink that an operator mends: nothing is buried, it is said once, and it goes on by itself."""
import datetime
import json
import unittest

from harness import Case, free_port, http, until

NEVER_OURS = 9_100_000_000_000_000_000  # beyond every revision that a ledger draws before the year 200,000


class SinkState(Case):
    def paused(self, daemon, reason, half='deliver'):
        return daemon.metric(f'mentiond_paused{{half="{half}",reason="{reason}"}}') == 1

    def said(self, daemon, event, reason):
        return len([line for line in daemon.events(event) if line['reason'] == reason])

    def no_dead_letters(self, daemon):
        self.assertEqual(daemon.metric('mentiond_dead_letters'), 0)
        self.assertEqual(daemon.events('dead_letter'), [])


class Backpressure(SinkState):
    MAX_PENDING, PAGE = 1500, 100

    def bounded(self, daemon, x, reason=None):
        until(lambda: self.paused(daemon, 'backpressure', 'collect'), 'collect has stopped')
        self.assertEqual(daemon.get('/readyz')[0], 503)
        asked = x.get('state')['requests']
        until(lambda: daemon.metric('mentiond_ledger_pending') > self.MAX_PENDING, 'what waits is shown')
        x.post('add', {'count': 300})
        if reason:
            daemon.event('paused', half='deliver', reason=reason)
        self.assertLessEqual(x.get('state')['requests'], asked + 1, 'a page that was under way, and none after it')
        # A page may be on its way while another is stored.
        self.assertLessEqual(daemon.metric('mentiond_ledger_pending'), self.MAX_PENDING + 2 * self.PAGE)
        self.assertEqual(self.said(daemon, 'paused', 'backpressure'), 1)

    def drained(self, daemon, x, es):
        until(lambda: not self.paused(daemon, 'backpressure', 'collect'), 'polling resumes')
        until(lambda: all(query['served'] >= query['matching'] > 0 for query in x.get('state')['queries'].values()),
              'the rest is polled', 40)
        self.all_delivered(x, es)
        self.no_dead_letters(daemon)
        self.assertEqual(daemon.terminate(), 0)
        self.assert_conserved(x, es)

    def settings(self, url):
        return {'poll': {'every': '1s', 'max_pages': 1000, 'page_size': self.PAGE},
                'ledger': {'path': f'{self.folder}/ledger.db', 'max_pending': self.MAX_PENDING},
                'elasticsearch': {'urls': [url]}}

    def test_a_sink_that_goes_down_stops_polling_at_max_pending_and_its_return_drains_all(self):
        x, es = self.xsim(tweets=100), self.elasticsim()
        daemon = self.daemon(self.config(x, es, **self.settings(es.url)))
        self.all_delivered(x, es)
        es.fault({}, do='hang_up')
        es.fault({'path': '/'}, do='hang_up')
        x.post('add', {'count': 2500})
        self.bounded(daemon, x, 'unreachable')
        es.mend()
        self.drained(daemon, x, es)

    def test_a_sink_that_is_down_at_start_stops_polling_at_max_pending_too(self):
        port = free_port()
        x = self.xsim(tweets=2500)
        daemon = self.daemon(self.config(x, f'http://127.0.0.1:{port}', **self.settings(f'http://127.0.0.1:{port}')))
        self.bounded(daemon, x, 'unreachable')
        self.drained(daemon, x, self.elasticsim(port=port))


    def test_a_sink_that_hangs_from_the_start_or_in_a_bulk_stops_polling_at_max_pending_too(self):
        x, es = self.xsim(tweets=2500), self.elasticsim()
        settings = {**self.settings(es.url), 'shutdown_grace': '1s'}
        for number, match in enumerate(({'path': '/'}, {})):
            with self.subTest(match):
                es.fault(match, do='stall')
                ledger = {'path': f'{self.folder}/{number}.db', 'max_pending': self.MAX_PENDING}
                config = self.config(x, es, **{**settings, 'ledger': ledger})
                daemon = self.daemon(config)
                self.bounded(daemon, x)
                self.assertEqual(daemon.terminate(), 0)
                es.mend()
                code, _, errors = self.finished('run', '--once', '--config', config)
                self.assertEqual(code, 69, errors[-2000:])  # too much waited for it to poll at once
                code, _, errors = self.finished('run', '--once', '--config', config)
                self.assertEqual(code, 0, errors[-2000:])
                self.assert_conserved(x, es)


class Drift(SinkState):
    def test_twenty_faults_of_one_type_are_held_not_buried_and_a_probe_of_one_releases_all(self):
        x, es = self.xsim(), self.elasticsim()
        posts = [f'AWS Marketplace, number {number}' for number in range(60)]
        ids = x.post('add', {'posts': [{'text': text} for text in posts]})['ids']
        good, bad = set(ids[::2]), set(ids[1::2])
        for ident in bad:
            es.fault({'id': ident}, 'document_parsing')
        # Of small bulks: the first rows of that type are buried for a while, and come back.
        config = self.config(x, es, poll={'every': '1s'}, elasticsearch={'urls': [es.url], 'batch_docs': 10})
        daemon = self.daemon(config)
        until(lambda: daemon.metric('mentiond_held') == len(bad), 'all of that type are held')
        until(lambda: self.documents(es).keys() == good, 'the good ones are delivered')
        self.assertEqual(daemon.metric('mentiond_dead_letters'), 0)
        self.assertTrue(self.paused(daemon, 'drift'))
        self.assertEqual(daemon.get('/readyz')[0], 503)

        late, worse = x.post('add', {'posts': [{'text': 'AWS Marketplace, good'}, {'text': 'AWS Marketplace, bad'}]})['ids']
        es.fault({'id': worse}, 'document_parsing')
        until(lambda: late in self.documents(es), 'a good one goes on')
        until(lambda: daemon.metric('mentiond_held') == len(bad) + 1, 'a bad one of that type waits with the others')
        self.assertEqual(self.said(daemon, 'held', 'drift'), 1)

        sent = len(daemon.events('bulk_sent'))
        es.mend()
        daemon.event('released', reason='drift')
        self.all_delivered(x, es)
        until(lambda: daemon.metric('mentiond_held') == 0, 'nothing is held')
        self.assertEqual(daemon.events('bulk_sent')[sent]['docs'], 1, 'a probe of one')
        self.assertEqual(self.said(daemon, 'released', 'drift'), 1)
        self.assertFalse(self.paused(daemon, 'drift'))
        self.assertEqual(daemon.metric('mentiond_dead_letters'), 0)
        self.assert_conserved(x, es)


class FloodStage(SinkState):
    def test_flood_stage_pauses_the_sink_without_a_dead_letter_and_releases_it_by_itself(self):
        x, es = self.xsim(tweets=600), self.elasticsim(flood_stage=True)
        daemon = self.daemon(self.config(x, es))
        until(lambda: self.paused(daemon, 'flood_stage'), 'paused')
        self.assertEqual(daemon.get('/readyz')[0], 503)
        probes = es.get('state')['bulks']
        until(lambda: es.get('state')['bulks'] > probes, 'a probe')
        self.assertEqual(es.get('state')['items'] - 1, sum(line['docs'] for line in daemon.events('bulk_sent')[:1]),
                         'one batch felt it, and then a single document')
        es.post('config', {'flood_stage': False})
        self.all_delivered(x, es)
        daemon.event('resumed', reason='flood_stage')
        self.assertEqual(self.said(daemon, 'paused', 'flood_stage'), 1)
        self.assertFalse(self.paused(daemon, 'flood_stage'))
        self.no_dead_letters(daemon)
        self.assert_conserved(x, es)


class ClosedIndex(SinkState):
    def test_a_closed_index_is_held_while_others_go_on_and_is_released_when_it_is_opened(self):
        x, es = self.xsim(tweets=1200), self.elasticsim()
        day = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=2)
        closed = f'cloud_marketplace_data_{day:%Y%m%d}'
        for method, path in (('PUT', closed), ('POST', f'{closed}/_close')):
            self.assertEqual(http(f'{es.url}/{path}', method=method)[0], 200)
        daemon = self.daemon(self.config(x, es))
        daemon.event('held', reason='closed', index=closed)
        for query in ('aws', 'gcp', 'azure'):
            daemon.event('walk_done', query=query)

        def waiting():
            return len(self.served(x)) - es.get('state')['documents']
        until(lambda: waiting() == daemon.metric('mentiond_held') > 50, 'it alone waits')
        indices = es.get('state')['indices']
        self.assertEqual(indices[closed]['documents'], 0)
        self.assertGreater(min(index['documents'] for name, index in indices.items() if name != closed), 0)
        self.assertTrue(self.paused(daemon, 'closed'))
        http(f'{es.url}/{closed}/_open', method='POST')
        self.all_delivered(x, es)
        daemon.event('released', reason='closed', index=closed)
        until(lambda: daemon.metric('mentiond_held') == 0, 'nothing is held')
        self.assertEqual(self.said(daemon, 'held', 'closed'), 1)
        self.no_dead_letters(daemon)
        self.assert_conserved(x, es)


class OtherWriter(SinkState):
    def test_a_version_that_this_ledger_never_drew_pauses_the_sink_and_nothing_is_lost(self):
        x, es = self.xsim(tweets=300), self.elasticsim()
        config = self.config(x, es, poll={'every': '1s'})
        daemon = self.daemon(config)
        self.all_delivered(x, es)
        ident = x.post('add', {'posts': [{'text': 'AWS Marketplace, ours'}]})['ids'][0]
        until(lambda: ident in self.documents(es), 'ours')
        index = next(line[1] for line in es.get('docs') if line[0] == ident)
        action = {'index': {'_index': index, '_id': ident, 'version': NEVER_OURS, 'version_type': 'external'}}
        status, text = http(f'{es.url}/_bulk', '\n'.join(map(json.dumps, (action, {'cloud': ['AWS'], 'text': 'theirs'}))) + '\n')
        self.assertEqual((status, json.loads(text)['errors']), (200, False))

        x.post('edit', {'id': ident, 'text': 'AWS Marketplace, ours, put better'})
        paused = daemon.event('paused', half='deliver', reason='other_writer')
        self.assertIn(str(NEVER_OURS), paused['detail'])
        self.assertTrue(self.paused(daemon, 'other_writer'))
        self.assertEqual(daemon.get('/readyz')[0], 503)
        before = es.get('state')
        x.post('add', {'count': 100})
        until(lambda: daemon.metric('mentiond_ledger_pending') > 50, 'new ones wait')
        until(lambda: es.get('state')['conflicts'] > before['conflicts'], 'a probe is refused alike', 20)
        self.assertEqual(es.get('state')['documents'], before['documents'], 'nothing is written over or added')
        self.assertEqual(self.said(daemon, 'paused', 'other_writer'), 1)
        self.no_dead_letters(daemon)
        self.assertEqual(daemon.terminate(), 0)
        again = self.daemon(config)
        again.event('paused', half='deliver', reason='other_writer')
        # What both wrote is no longer of use: an empty cluster in its place gets everything from this ledger.
        es.post('replace', {})
        self.all_delivered(x, es)
        again.event('resumed', half='deliver', reason='other_writer')
        self.no_dead_letters(again)
        self.assert_conserved(x, es)


if __name__ == '__main__':
    unittest.main()
