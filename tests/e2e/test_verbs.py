"""The verbs that only look: what they ask, what they cost, and what they say when they cannot look."""
import json
import os
import pathlib
import re
import sqlite3
import unittest

from harness import Case, until


def asked_of(x):
    """The search requests that X got, as logged."""
    return [' '.join(line) for line in x.get('requests') if '/search/recent' in ' '.join(line)]


def with_authors(config):
    """The same configuration, asking for author objects too."""
    path = pathlib.Path(config)
    path.write_text(path.read_text().replace('x:\n', 'x:\n  expand_authors: true\n', 1))
    return config


class DryRun(Case):
    def dry_run(self, config):
        return self.finished('run', '--dry-run', '--config', config, name='dry')

    def collected(self, x, **changes):
        """A configuration whose ledger has been filled by one run."""
        config = self.config(x, **changes)
        code, _, err = self.finished('run', '--once', '--config', config)
        self.assertEqual(code, 0, err[-2000:])
        return config

    def test_asks_in_the_vocabulary_that_the_ledger_remembers(self):
        x = self.xsim(tweets=100, vocabulary='post')
        config = self.collected(x)
        before = len(asked_of(x))
        code, _, err = self.dry_run(config)
        self.assertEqual(code, 0, err)
        asked = asked_of(x)[before:]
        self.assertEqual(len(asked), 3, 'no query is asked twice')
        for line in asked:
            self.assertIn('post.fields', line)
        self.assertNotIn('vocabulary', err)

    def test_without_a_ledger_the_other_vocabulary_is_found_and_said_once(self):
        x = self.xsim(tweets=100, vocabulary='post')
        code, out, err = self.dry_run(self.config(x))
        self.assertEqual(code, 0, err)
        self.assertTrue(out)
        self.assertEqual(err.count('vocabulary "post"'), 1, err)
        self.assertEqual(len(asked_of(x)), 4)

    def test_asks_only_for_what_is_new_and_without_since_id_once_x_finds_it_stale(self):
        x = self.xsim(tweets=300)
        config = self.collected(x)
        before = len(asked_of(x))
        code, _, err = self.dry_run(config)
        self.assertEqual(code, 0, err)
        self.assertNotIn('since_id', err)
        self.assertEqual(len(asked_of(x)) - before, 3)
        x.post('config', {'clock_offset': '9d'})  # the cursors are now older than X serves
        x.post('add', {'count': 40})
        before = len(asked_of(x))
        code, out, err = self.dry_run(config)
        self.assertEqual(code, 0, err)
        self.assertEqual(err.count('asked again without it'), 3, err)
        self.assertTrue(out)
        asked = asked_of(x)[before:]
        self.assertEqual(sum('since_id' in line for line in asked), 3)
        self.assertEqual(sum('since_id' not in line for line in asked), 3)

    def test_a_ledger_that_cannot_be_read_is_said_and_nothing_is_bought(self):
        x = self.xsim(tweets=50)
        config = self.config(x)
        path = pathlib.Path(self.folder, 'ledger.db')
        path.write_text('the notes of somebody who put them in the wrong place' * 100)
        code, out, err = self.dry_run(config)
        self.assertEqual(code, 78)
        self.assertIn(str(path), err)
        self.assertEqual(out, '')
        self.assertEqual(asked_of(x), [])

    def test_a_ledger_of_a_newer_schema_is_said_and_nothing_is_bought(self):
        x = self.xsim(tweets=50)
        config = self.collected(x)
        with sqlite3.connect(f'{self.folder}/ledger.db') as ledger:
            ledger.execute('PRAGMA user_version = 999')
        ledger.close()
        before = len(asked_of(x))
        code, _, err = self.dry_run(config)
        self.assertEqual(code, 78)
        self.assertIn('999', err)
        self.assertEqual(len(asked_of(x)), before)

    def test_no_ledger_yet_is_said_and_none_is_made(self):
        x = self.xsim(tweets=50)
        code, _, err = self.dry_run(self.config(x))
        self.assertEqual(code, 0, err)
        self.assertIn('no ledger at', err)
        self.assertFalse(os.path.exists(f'{self.folder}/ledger.db'))

    def test_stands_beside_a_daemon_and_changes_nothing_in_its_ledger(self):
        x = self.xsim(tweets=100)
        config = self.config(x, poll={'every': '1h'})
        daemon = self.daemon(config)
        for query in ('aws', 'gcp', 'azure'):
            daemon.event('walk_done', query=query)
        before = daemon.status()['ledger']
        x.post('add', {'count': 30})
        code, out, err = self.dry_run(config)
        self.assertEqual(code, 0, err)
        self.assertTrue(out)
        after = daemon.status()['ledger']
        self.assertEqual((before['rows'], before['last_revision']), (after['rows'], after['last_revision']))

    def test_users_count_in_the_cost_with_expand_authors(self):
        x = self.xsim(tweets=200)
        config = with_authors(self.config(x, budget={'usd_per_post': 0.005, 'usd_per_user': 0.01}))
        code, _, err = self.dry_run(config)
        self.assertEqual(code, 0, err)
        posts, users, usd = re.search(r'read (\d+) posts and (\d+) users: up to \$(\d+\.\d+)', err).groups()
        self.assertGreater(int(users), 0)
        self.assertAlmostEqual(float(usd), int(posts) * 0.005 + int(users) * 0.01, places=3)
        bill = x.get('state')['bill']
        self.assertLessEqual(bill['posts'], int(posts))
        self.assertLessEqual(bill['users'], int(users))

    def test_its_lines_carry_revisions_beyond_the_ledgers(self):
        x = self.xsim(tweets=50)
        config = self.collected(x)
        with sqlite3.connect(f'file:{self.folder}/ledger.db?mode=ro', uri=True) as ledger:
            last = ledger.execute("SELECT value FROM counter WHERE name = 'last_revision'").fetchone()[0]
        ledger.close()
        x.post('add', {'count': 20})
        code, out, err = self.dry_run(config)
        self.assertEqual(code, 0, err)
        versions = [json.loads(line)['index']['version'] for line in out.splitlines()[::2]]
        self.assertTrue(versions)
        self.assertGreater(min(versions), last)


class Check(Case):
    def test_a_first_walks_cost_counts_users_as_an_upper_bound(self):
        x = self.xsim(tweets=10)
        prices = {'usd_per_post': 0.005, 'usd_per_user': 0.01}
        code, out, _ = self.finished('check', '--config', self.config(x, poll={'max_pages': 10}, budget=prices))
        self.assertEqual(code, 0)
        self.assertIn('query aws was never walked: its first poll may read up to 1000 posts (at most $5.00)', out)
        config = with_authors(self.config(x, poll={'max_pages': 10}, budget=prices))
        _, out, _ = self.finished('check', '--config', config)
        self.assertIn('up to 1000 posts and as many authors (at most $15.00)', out)

    def test_a_walked_query_has_no_first_walk_before_it(self):
        x = self.xsim(tweets=50)
        config = self.config(x)
        self.assertEqual(self.finished('run', '--once', '--config', config)[0], 0)
        self.assertNotIn('never walked', self.finished('check', '--config', config)[1])

    def test_a_ledger_that_cannot_be_read_is_warned_of_and_not_taken_for_none(self):
        config = self.config(self.xsim(tweets=10))
        pathlib.Path(self.folder, 'ledger.db').write_text('no ledger' * 200)
        code, out, err = self.finished('check', '--config', config)
        self.assertEqual(code, 0, 'the configuration itself is right')
        self.assertNotIn('never walked', out)
        self.assertIn('ledger.db', err)

    def test_online_says_what_it_cost_and_goes_round_the_other_vocabulary(self):
        x = self.xsim(tweets=200, vocabulary='post')
        code, out, err = self.finished('check', '--online', '--config', self.config(x))
        self.assertEqual(code, 0, out + err)
        for query in ('aws', 'gcp', 'azure'):
            self.assertIn(f'x: query {query}: accepted', out)
        read = int(re.search(r'this check read (\d+) posts', out)[1])
        self.assertLessEqual(x.get('state')['bill']['posts'], read)
        self.assertLessEqual(read, 30)

    def test_online_missing_privileges_exit_78_and_are_named(self):
        x, es = self.xsim(tweets=10), self.elasticsim(privileges='create_doc')
        code, out, _ = self.finished('check', '--online', '--config', self.config(x, es))
        self.assertEqual(code, 78, out)
        self.assertIn('privileges are missing', out)


class Status(Case):
    def test_without_a_daemon_the_ledger_answers(self):
        x, es = self.xsim(tweets=80), self.elasticsim()
        config = self.config(x, es)
        self.assertEqual(self.finished('run', '--once', '--config', config)[0], 0)
        code, out, err = self.finished('status', '--json', '--config', config)
        self.assertEqual(code, 0, err)
        status = json.loads(out)
        self.assertEqual(set(status['queries']) if isinstance(status['queries'], dict)
                         else {query['name'] for query in status['queries']}, {'aws', 'gcp', 'azure'})
        self.assertEqual(status['ledger']['rows'], len(self.served(x)))
        self.assertEqual(status['ledger']['pending'], 0)
        code, out, _ = self.finished('status', '--config', config)
        self.assertEqual(code, 0)
        self.assertIn('no daemon answers', out)


class Metrics(Case):
    # Design section 3, with the labels of each.
    PROMISED = {
        'build_info': 'version', 'x_requests_total': 'outcome,query', 'tweets_received_total': 'query',
        'tweets_new_total': 'cloud', 'tweets_duplicate_total': 'query', 'x_rate_limit_remaining': '',
        'posts_billed_total': '', 'spend_usd': '', 'gap_seconds_total': 'query', 'open_gaps': 'query',
        'last_poll_success_timestamp_seconds': 'query', 'ledger_pending': '', 'ledger_bytes': '',
        'bulk_requests_total': 'outcome', 'bulk_items_total': 'outcome', 'held': '', 'dead_letters': '',
        'last_delivery_success_timestamp_seconds': '', 'paused': 'half,reason', 'parked': 'query',
        'x_request_seconds_bucket': 'le', 'bulk_seconds_bucket': 'le', 'freshness_seconds_bucket': 'le'}

    def test_a_running_daemon_exposes_every_promised_name_with_its_labels(self):
        x, es = self.xsim(tweets=100, rate_limit=100), self.elasticsim()
        daemon = self.daemon(self.config(x, es))
        for query in ('aws', 'gcp', 'azure'):
            daemon.event('walk_done', query=query)
        until(lambda: es.get('state')['documents'] == len(self.served(x)), 'delivery')
        until(lambda: daemon.metric('mentiond_last_delivery_success_timestamp_seconds'), 'the receipt')
        found = {}
        for line in daemon.get('/metrics')[1].splitlines():
            if sample := re.match(r'mentiond_(\w+)(?:\{(.*)\})? ', line):
                found[sample[1]] = ','.join(sorted(re.findall(r'(\w+)="', sample[2] or '')))
        for name, labels in self.PROMISED.items():
            self.assertEqual(found.get(name), labels, name)


if __name__ == '__main__':
    unittest.main()
