"""What users of other shippers complain of, each turned into a promise of this one."""
import collections
import contextlib
import datetime
import json
import pathlib
import re
import shutil
import time
import unittest

from harness import CLOUD_OF, QUERIES, Case, http, until
from relay import hurried

BIG_NUMBER = re.compile(r'(?<![\w".])-?\d{16,}(?![\w"])')  # beyond 2^53 a browser rounds it


class Complaints(Case):
    def ledger(self, name):
        return {'path': f'{self.folder}/{name}.db'}

    def once(self, config):
        code, _, errors = self.finished('run', '--once', '--config', config)
        self.assertEqual(code, 0, errors[-2000:])

    def assert_equal_soon(self, left, right):
        """Both are read until they are equal: a page or a bulk may be under way."""
        with contextlib.suppress(AssertionError):
            return until(lambda: left() == right(), 'they are equal', 10)
        self.assertEqual(left(), right())

    def assert_metrics_tell(self, daemon, es, hung_up=0):
        """Delivery's counters are those of the fake's own word, but for what it did without telling. Where a kept
        connection ends before the first byte of an answer, nobody can say that a request has arrived: it is no bulk."""
        until(lambda: daemon.metric('mentiond_ledger_pending') == 0, 'all is settled')

        def told():
            items = {outcome: daemon.metric(f'mentiond_bulk_items_total{{outcome="{outcome}"') or 0 for outcome in (
                'created', 'updated', 'conflict', 'deleted', 'retry', 'held', 'paused', 'dead')}
            refused = sum(items.pop(outcome) for outcome in ('retry', 'held', 'paused', 'dead'))
            return {**items, 'refused': refused, 'all': daemon.metric('mentiond_bulk_items_total'),
                    'throttled': daemon.metric('mentiond_bulk_requests_total{outcome="throttled"') or 0,
                    'bulks': daemon.metric('mentiond_bulk_requests_total')}

        def counted():
            state = es.get('state')
            heard = {name: state[name] - count for name, count in state['unheard'].items()}
            return {'created': heard['first_indexed'], 'updated': heard['overwritten'], 'conflict': heard['conflicts'],
                    'deleted': heard['deletes'] + heard['delete_not_found'], 'refused': heard['rejected'],
                    'all': heard['items'], 'throttled': state['statuses'].get('429', 0), 'bulks': state['bulks'] - hung_up}
        self.assert_equal_soon(told, counted)

    def assert_metrics_tell_of(self, daemon, x):
        """Collect's counters are those of X's own word; of edited posts each matches one query."""
        def told():
            return {cloud: [daemon.metric(f'mentiond_tweets_{family}_total{{{label}="{value}"') for family, label, value in (
                ('received', 'query', query), ('new', 'cloud', cloud), ('duplicate', 'query', query))]
                for query, cloud, _ in QUERIES} | {'bill': daemon.metric('mentiond_posts_billed_total')}

        def counted():
            state, clouds = x.get('state'), collections.Counter(
                cloud for found in self.served(x).values() for cloud in found)
            of_x = {CLOUD_OF[text.removesuffix(' -is:retweet')]: query for text, query in state['queries'].items()}
            return {cloud: [query['sent'], clouds[cloud], query['sent'] - query['served']]
                    for cloud, query in of_x.items()} | {'bill': state['bill']['posts']}
        self.assert_equal_soon(told, counted)

    def test_silently_lost_after_a_200__one_item_of_a_hundred_refused_is_sent_again_alone_and_counted(self):
        x, es = self.xsim(), self.elasticsim()
        texts = [{'text': f'AWS Marketplace, number {number}'} for number in range(100)]
        refused = x.post('add', {'posts': texts})['ids'][41]
        es.fault({'id': refused, 'next': 1}, 'rejected')
        daemon = self.daemon(self.config(x, es))
        self.all_delivered(x, es)
        self.assert_metrics_tell(daemon, es)
        state = es.get('state')
        self.assertEqual((state['items'], state['first_indexed'], state['conflicts']), (101, 100, 0))
        self.assertEqual([line['docs'] for line in daemon.events('bulk_sent')], [100, 1])
        self.assertEqual(daemon.metric('mentiond_bulk_items_total{outcome="retry"'), 1)
        self.assert_conserved(x, es)

    def test_replay_never_ends__a_batch_that_is_there_already_is_delivered_in_one_request(self):
        x, es = self.xsim(tweets=200), self.elasticsim()
        code, _, errors = self.finished('run', '--once', '--config', self.config(x, 'http://127.0.0.1:1', shutdown_grace='1s'))
        self.assertEqual(code, 69, errors[-2000:])
        for path in pathlib.Path(self.folder).glob('ledger.db*'):
            shutil.copy2(path, path.with_name(path.name.replace('ledger', 'copy')))
        self.once(self.config(x, es))
        before = es.get('state')
        daemon = self.daemon(self.config(x, es, ledger=self.ledger('copy')))
        self.assert_equal_soon(lambda: daemon.metric('mentiond_bulk_items_total{outcome="conflict"'),
                               lambda: es.get('state')['conflicts'])
        until(lambda: daemon.metric('mentiond_ledger_pending') == 0, 'they pass for delivered')
        self.assertEqual(daemon.metric('mentiond_bulk_items_total'), len(self.served(x)))
        self.assertEqual(daemon.terminate(), 0)
        after = es.get('state')
        self.assertEqual(after['conflicts'] - before['conflicts'], len(self.served(x)))
        self.assertEqual(after['bulks'] - before['bulks'], 1)
        self.once(self.config(x, es, ledger=self.ledger('copy')))
        self.assertEqual(es.get('state')['bulks'], after['bulks'], 'and nothing is sent once more')
        self.assert_conserved(x, es)

    def test_one_bad_document_blocks_the_pipeline__an_old_index_holds_up_neither_the_others_nor_sigterm(self):
        x, es = self.xsim(tweets=600), self.elasticsim()
        posts = x.post('add', {'posts': [{'text': f'AWS Marketplace, {number}'} for number in range(3)]})['ids']
        es.fault({'id': posts[0]}, 'document_parsing')
        day = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=4)
        old = f'cloud_marketplace_data_{day:%Y%m%d}'
        es.fault({'index': old}, 'write_block')
        config = self.config(x, es, shutdown_grace='2s')
        daemon = self.daemon(config)
        daemon.event('held', index=old)
        for query in ('aws', 'gcp', 'azure'):
            daemon.event('walk_done', query=query)
        until(lambda: es.get('state')['documents'] == len(self.served(x)) - 1 - daemon.metric('mentiond_held') > 300,
              'the other indices go on')
        began = time.monotonic()
        self.assertEqual(daemon.terminate(), 0)
        self.assertLess(time.monotonic() - began, 3)
        es.mend()
        again = self.daemon(config)
        self.all_delivered(x, es, dead=1)
        self.assertEqual(again.metric('mentiond_dead_letters'), 1)
        self.assert_conserved(x, es, dead={posts[0]})

    def test_wrong_password_lost_my_data__a_long_401_loses_nothing_and_asks_x_for_nothing_again(self):
        x, es = self.xsim(tweets=500), self.elasticsim(user='mentiond:right')
        secret = pathlib.Path(self.folder, 'password')
        secret.write_text('wrong\n')
        secret.chmod(0o600)
        daemon = self.daemon(self.config(x, es, poll={'every': '10m'}, elasticsearch={
            'urls': [es.url], 'username': 'mentiond', 'password_file': str(secret)}))
        for query in ('aws', 'gcp', 'azure'):
            daemon.event('walk_done', query=query)
        until(lambda: es.get('state')['statuses'].get('401', 0) >= 2, 'refused, and refused again')
        asked = x.get('state')
        secret.write_text('right\n')
        self.all_delivered(x, es)
        now = x.get('state')
        self.assertEqual((now['requests'], now['bill']['posts']), (asked['requests'], asked['bill']['posts']))
        self.assertEqual(len([line for line in daemon.events('paused') if line['reason'] == 'auth']), 1, 'said once')
        self.assertEqual(daemon.metric('mentiond_dead_letters'), 0)
        self.assert_conserved(x, es)

    def test_new_day_no_data__a_shard_limit_is_one_alarm_and_no_dead_letter_and_order_is_kept_when_it_is_raised(self):
        x, es = self.xsim(tweets=400, span='2h'), self.elasticsim(max_shards=0)
        daemon = self.daemon(self.config(x, es, poll={'every': '2s'}))
        for query in ('aws', 'gcp', 'azure'):
            daemon.event('walk_done', query=query)
        until(lambda: daemon.metric('mentiond_held') == len(self.served(x)), 'all of it is held')
        daemon.event('held', reason='shard_limit')
        held = sorted(ident for ident, clouds in self.served(x).items() if clouds == {'AWS'} and int(ident) % 2 == 0)
        newer = {ident: x.post('edit', {'id': ident, 'text': 'AWS Marketplace, in other words'})['id'] for ident in held[::9]}
        x.post('add', {'count': 50})
        until(lambda: {line[0] for line in x.get('served')} >= set(newer.values()), 'edited while they are held', 60)
        until(lambda: daemon.metric('mentiond_held') == daemon.metric('mentiond_ledger_pending') == len(self.served(x)),
              'the new ones are held as well')
        self.assertEqual(es.get('state')['documents'], 0)
        status, _ = http(f'{es.url}/_cluster/settings', {'persistent': {'cluster.max_shards_per_node': 1000}}, 'PUT')
        self.assertEqual(status, 200)
        self.all_delivered(x, es)
        until(lambda: daemon.metric('mentiond_held') == 0, 'released')
        alarms = collections.Counter(line['index'] for line in daemon.events('held'))
        self.assertEqual(set(alarms.values()), {1}, 'one alarm an index')
        self.assertEqual(daemon.metric('mentiond_dead_letters'), 0)
        self.assertEqual(es.get('state')['conflicts'], 0, 'no row overtakes another of its id')
        hits = json.loads(http(f'{es.url}/cloud_marketplace_data/_search', {'size': 10000}, 'POST')[1])['hits']['hits']
        found = {hit['_id']: hit['_source']['tweet_id'] for hit in hits}
        self.assertEqual({ident: found[ident] for ident in newer}, newer, 'the newest versions')
        for index in alarms:
            revisions = [int(line[2]) for line in es.get('writes') if line[1] == index]
            self.assertEqual(revisions, sorted(revisions), 'they arrive in the order of their revisions')
        self.assert_conserved(x, es)

    def test_413_loop__a_limit_below_the_batch_is_learned_and_all_is_delivered(self):
        x, es = self.xsim(tweets=4000), self.elasticsim(max_content=1_000_000, mode='proxy')
        elasticsearch = {'urls': [es.url], 'batch_bytes': '5MB', 'batch_docs': 10000, 'flush_every': '1s'}
        daemon = self.daemon(self.config(x, es, poll={'every': '1s'}, elasticsearch=elasticsearch))
        self.all_delivered(x, es)
        state = es.get('state')
        self.assertGreater(state['statuses'].get('413', 0), 0, 'the limit was felt')
        self.assertLessEqual(state['statuses']['413'], 4, 'and learned: 5 MB halved until it fits')
        self.assertEqual(daemon.metric('mentiond_dead_letters'), 0)
        x.post('add', {'count': 1000})
        until(lambda: len(self.served(x)) > 4500, 'more comes', 40)
        self.all_delivered(x, es)
        self.assertEqual(es.get('state')['statuses']['413'], state['statuses']['413'], 'for good')
        self.assert_conserved(x, es)

    def test_dropped_counter_lies__after_every_kind_of_trouble_the_metrics_equal_the_fakes_own_counts(self):
        x, es = self.xsim(tweets=1500), self.elasticsim()
        bad = x.post('add', {'posts': [{'text': f'GCP Marketplace, bad {number}'} for number in range(4)]})['ids']
        for ident in bad:
            es.fault({'id': ident}, 'document_parsing')
        es.fault({'item': 7, 'request': 2}, 'rejected')
        es.fault({'item': 3, 'request': 4}, 'unavailable_shards')
        daemon = self.daemon(self.config(x, es, elasticsearch={'urls': [es.url], 'batch_docs': 100}))
        self.all_delivered(x, es, dead=len(bad))
        self.assert_metrics_tell(daemon, es)
        state = es.get('state')
        self.assertEqual(daemon.metric('mentiond_bulk_items_total{outcome="dead"'), len(bad))
        self.assertEqual(daemon.metric('mentiond_bulk_items_total{outcome="retry"'), state['rejected'] - len(bad))
        self.assertEqual(daemon.metric('mentiond_dead_letters'), len(bad))
        self.assert_metrics_tell_of(daemon, x)
        self.assert_conserved(x, es, dead=bad)

    def test_dropped_counter_lies__replies_that_are_lost_and_requests_refused_whole_are_counted_as_they_are(self):
        x, es = self.xsim(tweets=1500), self.elasticsim()
        wire = [{'do': 'cut', 'after_bytes': 40}, {'do': 'hang_up'}, {'do': 'reset', 'after_bytes': 300},
                {'preset': 'bulk_rejected'}, {'preset': 'html_503'}, {'do': 'half_then'}, {'do': 'short_items'}]
        es.post('fault', [{'match': {'request': 2 + 2 * number}, **fault} for number, fault in enumerate(wire)])
        daemon = self.daemon(self.config(x, es, elasticsearch={'urls': [es.url], 'batch_docs': 100}), env=hurried())
        self.all_delivered(x, es)
        self.assertEqual([rule['hits'] for rule in es.get('fault')], [1] * len(wire), 'each of them was met')
        self.assertGreater(es.get('state')['unheard']['items'], 100)
        self.assert_metrics_tell(daemon, es, hung_up=1)
        self.assert_conserved(x, es)

    def test_dropped_counter_lies__holds_redeliveries_and_deletes_are_counted_as_they_are(self):
        x, es = self.xsim(tweets=300, span='2h'), self.elasticsim(max_shards=0)
        config = self.config(x, es)
        daemon = self.daemon(config)
        for query in ('aws', 'gcp', 'azure'):
            daemon.event('walk_done', query=query)
        until(lambda: daemon.metric('mentiond_held') == len(self.served(x)), 'all of it is held')
        http(f'{es.url}/_cluster/settings', {'persistent': {'cluster.max_shards_per_node': 1000}}, 'PUT')
        self.all_delivered(x, es)
        self.assert_metrics_tell(daemon, es)

        def ordered(*words):
            code, _, errors = self.finished(*words, '--config', config, name='order')
            self.assertEqual(code, 0, errors)
        rows = len(self.served(x))
        ordered('redeliver', '--all')
        until(lambda: es.get('state')['overwritten'] >= rows, 'all of it is sent again')
        self.assert_metrics_tell(daemon, es)
        gone = sorted(self.documents(es))[:5]
        ordered('forget', *gone, '123')
        until(lambda: es.get('state')['deletes'] == 5 and es.get('state')['delete_not_found'] == 1, 'they are deleted')
        self.assert_metrics_tell(daemon, es)
        self.assertGreater(daemon.metric('mentiond_bulk_items_total{outcome="held"'), 0)
        self.assert_conserved(x, es, dead=gone)

    def test_dropped_counter_lies__what_x_sends_is_received_new_or_duplicate_as_x_counts_it(self):
        x, es = self.xsim(tweets=600), self.elasticsim()
        x.fault({'request': 2}, do='cut', after_bytes=90)
        x.fault({'request': 4}, 'html_503')
        daemon = self.daemon(self.config(x, es, poll={'every': '1s', 'overlap': '1h'}), env=hurried())
        self.all_delivered(x, es)
        edited = x.post('add', {'posts': [{'text': f'GCP Marketplace, number {number}'} for number in range(5)]})['ids']
        until(lambda: self.documents(es).keys() >= set(edited), 'the new ones are there')
        newer = {x.post('edit', {'id': ident, 'text': 'GCP Marketplace, in other words'})['id'] for ident in edited[:3]}
        until(lambda: {line[0] for line in x.get('served')} >= newer, 'the new versions are served')
        x.fault({}, 'html_503')  # a poll that is under way is counted in the end
        self.assert_metrics_tell_of(daemon, x)
        self.assertGreater(daemon.metric('mentiond_tweets_duplicate_total'), 0)
        self.assert_metrics_tell(daemon, es)
        self.assert_conserved(x, es)

    def test_duplicates_after_rollover_or_restart__three_ledgers_on_three_days_make_one_document_each(self):
        x, es = self.xsim(tweets=500, span='2d'), self.elasticsim()
        versions, second = [], 0
        for day, zone in enumerate(('UTC', 'Pacific/Kiritimati', 'Pacific/Pago_Pago')):  # never all of one date
            x.post('config', {'clock_offset': f'{day}d'})
            until(lambda: int(time.time()) > second, 'revisions of a new ledger begin with its second')
            second = int(time.time())
            code, _, errors = self.finished('run', '--once', '--config', self.config(x, es, ledger=self.ledger(day)),
                                            env={'TZ': zone})
            self.assertEqual(code, 0, errors[-2000:])
            self.assert_conserved(x, es)
            versions.append({line[0]: (line[1], int(line[2])) for line in es.get('docs')})
        for ident, (index, version) in versions[0].items():
            self.assertEqual({index}, {later[ident][0] for later in versions})
            self.assertLess(version, versions[2][ident][1], 'and the newest ledger has the last word')

    def test_the_ids_in_kibana_are_wrong__every_64_bit_id_of_every_document_is_a_string(self):
        x, es = self.xsim(tweets=1000), self.elasticsim()
        self.once(self.config(x, es))
        self.assert_conserved(x, es)
        hits = json.loads(http(f'{es.url}/cloud_marketplace_data/_search', {'size': 10000}, 'POST')[1])['hits']['hits']
        self.assertEqual(len(hits), len(self.served(x)))
        for hit in hits:
            document = hit['_source']
            for field in ('tweet_id', 'root_id', 'author_id'):
                self.assertIsInstance(document.get(field, ''), str)
            self.assertEqual(document['root_id'], hit['_id'])
            self.assertFalse([value for value in numbers(document) if abs(value) >= 2 ** 53], document)
        self.assertTrue(any('author_id' in hit['_source'] for hit in hits))
        raw = http(f'{es.url}/cloud_marketplace_data/_doc/{hits[0]["_id"]}')[1]
        self.assertFalse(BIG_NUMBER.search(re.sub(r'"(\\.|[^"\\])*"', '""', raw.split('"_source"')[-1])), raw)


def numbers(value):
    """All numbers in a JSON value."""
    if isinstance(value, dict):
        return [number for item in value.values() for number in numbers(item)]
    if isinstance(value, list):
        return [number for item in value for number in numbers(item)]
    return [value] if isinstance(value, (int, float)) and not isinstance(value, bool) else []


if __name__ == '__main__':
    unittest.main()
