"""The same contract against real search engines: Elasticsearch 8.5.2 and OpenSearch 2.19.1.

MENTIOND_ENGINES names those to use (default: elasticsearch,opensearch).
"""
import json
import os
import pathlib
import signal
import socket
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'e2e'))
from harness import Case, Program, http, until  # noqa: E402
from relay import Relay  # noqa: E402

PREFIX = 'cloud_marketplace_data'


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(('127.0.0.1', 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


class Engine:
    """A real node; survives a kill with its data."""

    def __init__(self, name, folder):
        self.name = name
        self.port, transport = free_ports(2)
        self.url = f'http://127.0.0.1:{self.port}'
        self.program = Program(folder, name, [HERE / 'run', name, pathlib.Path(folder, name + '-data'), self.port, transport])

    def start(self):
        self.program.start()
        until(lambda: self.request('/_cluster/health')[0] == 200 or not self.program.running(), f'{self.name} answers', 180)
        if not self.program.running():
            raise AssertionError(f'{self.name} ended: {self.program.errors()[-2000:]} {self.program.output()[-2000:]}')
        return self

    def request(self, path, body=None, method=None):
        return http(self.url + path, body, method, timeout=60)

    def json(self, path, body=None, method=None):
        status, text = self.request(path, body, method)
        assert status in (200, 201), f'{path}: {status} {text}'
        return json.loads(text)

    def documents(self):
        """{id: set of clouds} over all indices, read by the alias."""
        self.request(f'/{PREFIX}/_refresh', method='POST')
        found, after = {}, None
        while True:
            query = {'size': 5000, '_source': ['cloud', 'root_id'], 'sort': [{'root_id': 'asc'}], 'query': {'match_all': {}}}
            if after:
                query['search_after'] = after
            status, text = self.request(f'/{PREFIX}/_search', query)
            if status in (404, 503):
                return {}  # no index yet, or none of its shards has started
            assert status == 200, text
            hits = json.loads(text)['hits']['hits']
            for hit in hits:
                assert hit['_id'] not in found, f'{hit["_id"]} twice'
                found[hit['_id']] = set(hit['_source']['cloud'])
            if len(hits) < 5000:
                return found
            after = hits[-1]['sort']

    def settings(self, values):
        self.json('/_cluster/settings', {'persistent': values}, 'PUT')


class Contract:
    """Mixed into a case a engine; one engine process a class."""

    engine_name = ''

    @classmethod
    def setUpClass(cls):
        import tempfile
        cls.engine_folder = tempfile.mkdtemp(prefix='mentiond-engine-')
        cls.engine = Engine(cls.engine_name, cls.engine_folder).start()

    @classmethod
    def tearDownClass(cls):
        import shutil
        cls.engine.program.kill()
        shutil.rmtree(cls.engine_folder, ignore_errors=True)

    def setUp(self):
        super().setUp()
        if not self.engine.program.running():
            self.engine.start()
        self.engine.settings({'cluster.max_shards_per_node': None})
        self.engine.request(f'/{PREFIX}_*', method='DELETE')
        self.engine.request(f'/_index_template/{PREFIX}', method='DELETE')
        for index in self.engine.json('/_cat/indices?format=json'):
            if index['index'].startswith(PREFIX):
                self.engine.request('/' + index['index'], method='DELETE')

    def all_there(self, x, but=0, seconds=90):
        def there():
            served = self.served(x)
            return len(served) > 50 and len(self.engine.documents()) == len(served) - but
        until(there, 'every served tweet is a document', seconds)

    def assert_same(self, x):
        self.assertEqual(self.served(x), self.engine.documents())

    def test_template_batch_alias_and_aggregation(self):
        x = self.xsim(tweets=1500, span='4d')
        daemon = self.daemon(self.config(x, self.engine.url))
        self.all_there(x)
        self.assert_same(x)
        opened = daemon.event('sink_opened')
        self.assertEqual(opened['product'], self.engine_name)
        template = self.engine.json(f'/_index_template/{PREFIX}')['index_templates'][0]['index_template']
        self.assertEqual(template['priority'], 500)
        self.assertIn('version', template['_meta'])
        mapping = next(iter(self.engine.json(f'/{PREFIX}_*/_mapping').values()))['mappings']
        self.assertEqual(mapping['properties']['tweet_id']['type'], 'keyword')
        counts = {}
        for clouds in self.served(x).values():
            for cloud in clouds:
                counts[cloud] = counts.get(cloud, 0) + 1
        query = {'size': 0, 'aggs': {'clouds': {'terms': {'field': 'cloud'}}}}
        buckets = self.engine.json(f'/{PREFIX}/_search', query)['aggregations']['clouds']['buckets']
        self.assertEqual(counts, {bucket['key']: bucket['doc_count'] for bucket in buckets})
        phrases = self.engine.json(f'/{PREFIX}/_search', {'size': 0, 'query': {'terms': {'match.AWS': ['phrase', 'loose']}}})
        self.assertEqual(phrases['hits']['total']['value'], counts['AWS'])

    def test_replay_is_harmless_and_a_second_cloud_merges(self):
        x = self.xsim(tweets=300)
        both = x.post('add', {'posts': [{'text': 'AWS Marketplace or Azure Marketplace?'}]})['ids'][0]
        config = self.config(x, self.engine.url)
        self.assertEqual(self.finished('run', '--once', '--config', config)[0], 0)
        self.assert_same(x)
        self.assertEqual(self.engine.documents()[both], {'AWS', 'Azure'})
        for path in pathlib.Path(self.folder).glob('ledger.db*'):
            path.unlink()
        # A new ledger reads everything anew, and delivers it with greater revisions: nothing doubles.
        self.assertEqual(self.finished('run', '--once', '--config', config)[0], 0)
        self.assert_same(x)

    def test_what_is_forgotten_is_deleted_and_stays_away_though_all_is_sent_again(self):
        x = self.xsim(tweets=300, span='4d')
        gone = x.post('add', {'posts': [{'text': 'AWS Marketplace, to be forgotten'}]})['ids'][0]
        config = self.config(x, self.engine.url)
        daemon = self.daemon(config)
        self.all_there(x)
        self.assertEqual(self.finished('forget', gone, '--config', config)[0], 0)
        until(lambda: gone not in self.engine.documents(), 'the document is deleted', 60)
        kept = self.engine.documents()
        day = time.strftime('%Y%m%d', time.gmtime(time.time() - 2 * 86400))
        self.engine.json(f'/{PREFIX}_{day}', method='DELETE')
        self.assertLess(len(self.engine.documents()), len(kept), 'an index is lost')
        x.post('edit', {'id': gone, 'text': 'AWS Marketplace and GCP Marketplace, to be forgotten'})
        self.assertEqual(self.finished('redeliver', '--all', '--config', config)[0], 0)
        until(lambda: self.engine.documents() == kept, 'what was lost is back', 60)
        later = x.post('add', {'posts': [{'text': 'AWS Marketplace, after the edit'}]})['ids'][0]
        until(lambda: later in self.engine.documents(), 'what came after the edit is delivered', 60)
        self.assertEqual(set(self.engine.documents()), {later, *kept})
        self.assertEqual((daemon.metric('mentiond_dead_letters'), daemon.metric('mentiond_held')), (0, 0))

    def test_a_document_that_cannot_index_is_dead_lettered_alone(self):
        x = self.xsim(tweets=200, span='2h')
        # An index that an operator made by hand, whose mapping refuses the one tweet of that day.
        then = time.gmtime(time.time() - 4 * 86400)
        self.engine.json(f'/{PREFIX}_{time.strftime("%Y%m%d", then)}', {'mappings': {'properties': {
            'lang': {'type': 'long'}, 'cloud': {'type': 'keyword'}, 'root_id': {'type': 'keyword'}}}, 'aliases': {PREFIX: {}}}, 'PUT')
        x.post('add', {'posts': [{'text': 'AWS Marketplace, one that does not fit', 'lang': 'en',
                                  'created_at': time.strftime('%Y-%m-%dT%H:%M:%S.000Z', then)}]})
        daemon = self.daemon(self.config(x, self.engine.url))
        self.assertIn('parsing', daemon.event('dead_letter', 60)['type'])
        self.all_there(x, but=1)
        self.assertEqual(daemon.metric('mentiond_dead_letters'), 1)
        self.assertEqual(daemon.metric('mentiond_held'), 0)

    def test_killed_in_mid_bulk_and_started_again(self):
        x = self.xsim(tweets=6000)
        bulks = 0

        def kill_at_the_tenth(request):
            nonlocal bulks
            if b'/_bulk' not in request.split(b'\r\n', 1)[0]:
                return
            bulks += 1
            if bulks == 10:
                self.engine.program.kill(signal.SIGKILL)

        relay = Relay(self.engine.port, sent=kill_at_the_tenth)
        self.addCleanup(relay.close)
        config = self.config(x, self.engine.url, elasticsearch={'urls': [relay.url], 'batch_docs': 100})
        daemon = self.daemon(config)
        daemon.event('paused', 60, reason='unreachable')
        self.assertEqual((bulks, daemon.metric('mentiond_bulk_requests_total')), (10, 9), 'nine were answered, one never was')
        self.engine.start()
        self.all_there(x, seconds=180)
        self.assert_same(x)
        self.assertEqual(daemon.metric('mentiond_dead_letters'), 0)
        until(lambda: daemon.get('/readyz')[0] == 200, 'ready again', 60)

    def test_a_read_only_index_is_held_and_goes_on_by_itself(self):
        x = self.xsim(tweets=300, span='3h')
        daemon = self.daemon(self.config(x, self.engine.url))
        self.all_there(x)
        day = time.strftime('%Y%m%d', time.gmtime())
        index = f'{PREFIX}_{day}'
        self.engine.json(f'/{index}/_settings', {'index.blocks.write': True}, 'PUT')
        x.post('add', {'count': 60})
        until(lambda: (daemon.metric('mentiond_held') or 0) > 0, 'held', 60)
        self.engine.json(f'/{index}/_settings', {'index.blocks.write': False}, 'PUT')
        until(lambda: daemon.metric('mentiond_held') == 0, 'released', 90)
        self.all_there(x)
        self.assert_same(x)
        self.assertEqual(daemon.metric('mentiond_dead_letters'), 0)

    def test_the_shard_limit_holds_and_releases(self):
        x = self.xsim(tweets=400, span='5d')
        self.engine.settings({'cluster.max_shards_per_node': 1})
        daemon = self.daemon(self.config(x, self.engine.url))
        until(lambda: (daemon.metric('mentiond_held') or 0) > 0, 'held', 60)
        self.assertEqual(daemon.metric('mentiond_paused{half="deliver",reason="shard_limit"}'), 1)
        self.engine.settings({'cluster.max_shards_per_node': 1000})
        until(lambda: daemon.metric('mentiond_held') == 0, 'released', 120)
        self.all_there(x)
        self.assert_same(x)
        self.assertEqual(daemon.metric('mentiond_dead_letters'), 0)


def load_tests(loader, _tests, _pattern):
    suite = unittest.TestSuite()
    for name in os.environ.get('MENTIOND_ENGINES', 'elasticsearch,opensearch').split(','):
        suite.addTests(loader.loadTestsFromTestCase(type(name.capitalize(), (Contract, Case), {'engine_name': name})))
    return suite


if __name__ == '__main__':
    unittest.main()
