"""The main job, seen from outside: X search → ledger → Elasticsearch."""
import json
import os
import re
import unittest

from harness import Case, TOKEN, http, until


def delivered_all(case, x, es):
    """True once nothing that X served is missing in the sink."""
    served = case.served(x)
    return bool(served) and es.get('state')['documents'] == len(served)


class MainJob(Case):
    def test_every_tweet_becomes_one_document_with_all_its_clouds(self):
        x, es = self.xsim(tweets=5000), self.elasticsim()
        daemon = self.daemon(self.config(x, es))
        until(lambda: delivered_all(self, x, es) and len(self.served(x)) > 4000, 'all 5000 are delivered', 60)
        self.assertEqual(daemon.terminate(), 0)
        self.assert_conserved(x, es)
        several = [clouds for clouds in self.documents(es).values() if len(clouds) > 1]
        self.assertTrue(several, 'the corpus has tweets of several clouds')

    def test_indices_carry_the_day_of_the_tweet_and_ids_are_strings(self):
        x, es = self.xsim(tweets=300, span='3d'), self.elasticsim()
        self.daemon(self.config(x, es))
        until(lambda: delivered_all(self, x, es), 'delivery')
        for ident, index, _, _ in es.get('docs'):
            self.assertRegex(index, r'^cloud_marketplace_data_20\d{6}$')
            document = json.loads(http(f'{es.url}/{index}/_doc/{ident}')[1])['_source']
            self.assertEqual(index[-8:], document['@timestamp'][:10].replace('-', ''))
            for field in ('tweet_id', 'root_id'):
                self.assertIsInstance(document[field], str)
            self.assertEqual(document['source'], 'x')
            self.assertEqual(document['cloud'], sorted(document['cloud']))
            break

    def test_new_tweets_are_found_by_later_polls_and_the_bill_is_ours(self):
        x, es = self.xsim(tweets=200), self.elasticsim()
        daemon = self.daemon(self.config(x, es, poll={'every': '2s'}))
        until(lambda: delivered_all(self, x, es), 'the first poll is delivered')
        x.post('add', {'count': 50})
        before = len(self.served(x))
        until(lambda: len(self.served(x)) > before and delivered_all(self, x, es), 'the next poll is delivered', 40)
        daemon.event('walk_done')
        until(lambda: daemon.metric('mentiond_posts_billed_total') == x.get('state')['bill']['posts'],
              'our meter shows what X bills')
        self.assert_conserved(x, es)

    def test_without_an_elasticsearch_section_the_ledger_is_the_store(self):
        x = self.xsim(tweets=500)
        config = self.config(x)
        daemon = self.daemon(config)
        for query in ('aws', 'gcp', 'azure'):
            daemon.event('walk_done', query=query)
        self.assertEqual(daemon.get('/readyz')[0], 200)
        self.assertEqual(daemon.terminate(), 0)
        code, out, _ = self.finished('ledger', 'stats', '--config', config)
        self.assertEqual(code, 0)
        self.assertIn(str(len(self.served(x))), out.replace(',', ''))

    def test_edits_replace_the_document_and_keep_its_clouds(self):
        x, es = self.xsim(), self.elasticsim()
        ident = x.post('add', {'posts': [{'text': 'AWS Marketplace and Azure Marketplace, side by side'}]})['ids'][0]
        self.daemon(self.config(x, es, poll={'every': '2s'}))
        until(lambda: self.documents(es).get(ident) == {'AWS', 'Azure'}, 'both clouds arrive')
        newer = x.post('edit', {'id': ident, 'text': 'AWS Marketplace and Azure Marketplace, now compared'})['id']

        def document():
            return json.loads(http(f'{es.url}/cloud_marketplace_data/_search')[1])['hits']['hits'][0]
        until(lambda: document()['_source']['tweet_id'] == newer, 'the edit arrives', 40)
        self.assertEqual(document()['_id'], ident)
        self.assertEqual(self.documents(es)[ident], {'AWS', 'Azure'})

    def test_the_post_vocabulary_is_found_by_itself(self):
        x, es = self.xsim(tweets=300, vocabulary='post'), self.elasticsim()
        daemon = self.daemon(self.config(x, es))
        until(lambda: delivered_all(self, x, es), 'delivery with post.fields')
        daemon.event('vocabulary_changed')
        self.assert_conserved(x, es)


class Once(Case):
    def test_once_walks_every_query_drains_and_exits_0(self):
        x, es = self.xsim(tweets=1000), self.elasticsim()
        code, _, errors = self.finished('run', '--once', '--config', self.config(x, es))
        self.assertEqual(code, 0, errors[-2000:])
        self.assert_conserved(x, es)

    def test_once_with_a_refused_token_exits_78_and_still_delivers_what_is_stored(self):
        x, es = self.xsim(tweets=200), self.elasticsim()
        es_down = self.config(x, 'http://127.0.0.1:1')
        code, _, _ = self.finished('run', '--once', '--config', es_down)
        self.assertEqual(code, 69, 'the sink is down')
        code, _, errors = self.finished('run', '--once', '--config', self.config(x, es), env={'X_BEARER_TOKEN': 'wrong'})
        self.assertEqual(code, 78, errors[-2000:])
        self.assert_conserved(x, es)
        self.assertNotIn(TOKEN, errors)

    def test_once_waits_for_one_rate_limit_reset(self):
        x, es = self.xsim(tweets=600, rate_limit=3, rate_window='2s'), self.elasticsim()
        code, _, errors = self.finished('run', '--once', '--config', self.config(x, es, poll={'max_pages': 2}))
        self.assertEqual(code, 0, errors[-2000:])
        self.assertGreater(len(self.served(x)), 100)

    def test_once_capped_by_x_exits_69(self):
        x, es = self.xsim(tweets=200), self.elasticsim()
        x.fault({'from': 1, 'count': 1000}, 'usage_capped')
        code, _, _ = self.finished('run', '--once', '--config', self.config(x, es))
        self.assertEqual(code, 69)


class DryRun(Case):
    def test_dry_run_prints_ndjson_and_cost_and_moves_nothing(self):
        x, es = self.xsim(tweets=500), self.elasticsim()
        config = self.config(x, es)
        code, out, err = self.finished('run', '--dry-run', '--config', config)
        self.assertEqual(code, 0, err)
        lines = [json.loads(line) for line in out.splitlines()]
        self.assertEqual(len(lines) % 2, 0)
        self.assertIn('index', lines[0])
        self.assertIn('tweet_id', lines[1])
        self.assertEqual(x.get('state')['requests'], 3, 'one page a query')
        self.assertRegex(err, r'\$\s?\d|usd')
        self.assertFalse(os.path.exists(f'{self.folder}/ledger.db'))
        self.assertEqual(es.get('state')['bulks'], 0)


class Admin(Case):
    def test_metrics_status_and_probes_are_named_as_promised(self):
        x, es = self.xsim(tweets=300), self.elasticsim()
        daemon = self.daemon(self.config(x, es))
        until(lambda: delivered_all(self, x, es), 'delivery')
        for query in ('aws', 'gcp', 'azure'):
            daemon.event('walk_done', query=query)
        until(lambda: daemon.get('/readyz')[0] == 200, 'ready')
        until(lambda: daemon.metric('mentiond_last_delivery_success_timestamp_seconds'), 'delivery is settled')
        self.assertEqual(daemon.get('/healthz')[0], 200)
        text = daemon.get('/metrics')[1]
        for name in ('build_info', 'x_requests_total{', 'tweets_received_total{', 'tweets_new_total{', 'posts_billed_total',
                     'spend_usd', 'open_gaps{', 'last_poll_success_timestamp_seconds{',
                     'ledger_pending', 'ledger_bytes', 'bulk_requests_total{', 'bulk_items_total{', 'held', 'dead_letters',
                     'last_delivery_success_timestamp_seconds', 'x_request_seconds_bucket{', 'bulk_seconds_bucket{',
                     'freshness_seconds_bucket{'):
            self.assertRegex(text, re.compile(rf'^mentiond_{re.escape(name)}', re.M))
        status = daemon.status()
        self.assertIn('version', status)
        code, out, _ = self.finished('status', '--json', '--config', f'{self.folder}/mentiond.yaml')
        self.assertEqual(code, 0)
        json.loads(out)
        self.assertEqual(daemon.get('/nowhere')[0], 404)
        self.assertEqual(http(daemon.admin + '/status', {}, 'POST')[0], 405)


if __name__ == '__main__':
    unittest.main()
