"""Bad input and trouble: a clear word, the right exit code, and nothing lost."""
import os
import pathlib
import signal
import socket
import sqlite3
import stat
import unittest

from harness import Case, TOKEN, http, until


class BadInput(Case):
    def test_unknown_verb_or_flag_exits_64(self):
        self.assertEqual(self.finished('frobnicate')[0], 64)
        self.assertEqual(self.finished('run', '--frobnicate')[0], 64)

    def test_all_mistakes_of_a_configuration_come_in_one_go_and_exit_78(self):
        x = self.xsim()
        config = self.config(x, poll={'evry': '15m', 'page_size': 5, 'overlap': '2'}, budget={'month_starts': 31})
        code, _, err = self.finished('check', '--config', config)
        self.assertEqual(code, 78)
        for word in ('evry', 'every', 'page_size', 'overlap', 'month_starts'):
            self.assertIn(word, err)
        self.assertGreaterEqual(len([line for line in err.splitlines() if line.startswith(config + ':')]), 4, err)

    def test_a_missing_configuration_names_where_it_was_looked_for(self):
        code, _, err = self.finished('run', '--config', '/nonexistent/mentiond.yaml')
        self.assertEqual(code, 78)
        self.assertIn('/nonexistent/mentiond.yaml', err)

    def test_a_token_that_is_missing_empty_or_broken_is_refused_without_being_shown(self):
        config = self.config(self.xsim())
        for token in (None, '', 'secret-one\nsecret-two'):
            code, _, err = self.finished('run', '--config', config, env={'X_BEARER_TOKEN': token})
            self.assertEqual(code, 78, token)
            self.assertNotIn('secret-', err)

    def test_check_prints_the_effective_configuration_with_secrets_masked(self):
        code, out, err = self.finished('check', '--config', self.config(self.xsim()))
        self.assertEqual(code, 0, err)
        self.assertIn('max_pages: 1000', out)
        self.assertNotIn(TOKEN, out + err)
        self.assertIn('***', out)

    def test_check_online_asks_both_services(self):
        x, es = self.xsim(tweets=50), self.elasticsim()
        code, out, err = self.finished('check', '--online', '--config', self.config(x, es))
        self.assertEqual(code, 0, err)
        self.assertIn('8.', out)
        self.assertIn('$', out)
        es.post('config', {'user': 'someone:else'})
        self.assertEqual(self.finished('check', '--online', '--config', self.config(x, es))[0], 78)
        code, _, _ = self.finished('check', '--online', '--config', self.config(x, 'http://127.0.0.1:1'))
        self.assertEqual(code, 69)

    def test_a_taken_admin_port_is_a_clear_error_at_start(self):
        with socket.socket() as taken:
            taken.bind(('127.0.0.1', 0))
            taken.listen()
            port = taken.getsockname()[1]
            config = self.config(self.xsim(), admin={'listen': f'127.0.0.1:{port}'})
            code, _, err = self.finished('run', '--config', config)
        self.assertEqual(code, 69)
        self.assertIn(str(port), err)

    def test_version_is_printed(self):
        code, out, _ = self.finished('--version')
        self.assertEqual(code, 0)
        self.assertRegex(out, r'mentiond \d+\.\d+\.\d+')


class LedgerTrouble(Case):
    def test_a_ledger_path_that_cannot_be_written_exits_74(self):
        config = self.config(self.xsim(), ledger={'path': '/proc/nowhere/ledger.db'})
        code, _, err = self.finished('run', '--config', config)
        self.assertEqual(code, 74)
        self.assertIn('/proc/nowhere', err)

    def test_a_second_daemon_exits_75_and_names_the_first(self):
        config = self.config(self.xsim())
        first = self.daemon(config)
        first.event('started')
        code, _, err = self.finished('run', '--config', config)
        self.assertEqual(code, 75)
        self.assertIn(str(first.program.process.pid), err)
        self.assertTrue(first.program.running())

    def test_a_ledger_that_cannot_be_written_at_start_is_waited_for(self):
        # Another program's lock stands for the full disk: to the daemon they are one.
        config = self.config(self.xsim(tweets=10))
        self.assertEqual(self.finished('run', '--once', '--config', config)[0], 0)
        other = sqlite3.connect(f'{self.folder}/ledger.db', isolation_level=None)
        self.addCleanup(other.close)
        other.execute('BEGIN IMMEDIATE')
        code, _, err = self.finished('run', '--once', '--config', config)
        self.assertEqual(code, 74)
        self.assertIn('ledger.db: database is locked', err)
        for locked_for_good in (True, False):
            daemon = self.daemon(config, name=f'locked-{locked_for_good}')
            until(lambda: 'waiting' in daemon.program.errors(), 'it says that it waits')
            daemon.program.process.send_signal(signal.SIGHUP)  # ends nothing; the configuration is read again in time
            if locked_for_good:
                self.assertEqual(daemon.program.terminate(), 0)
            else:
                other.execute('ROLLBACK')
                daemon.event('started')

    def test_a_ledger_whose_schema_is_damaged_verifies_with_65(self):
        config = self.config(self.xsim(tweets=10))
        self.assertEqual(self.finished('run', '--once', '--config', config)[0], 0)
        with open(f'{self.folder}/ledger.db', 'r+b') as ledger:
            ledger.seek(100)  # the first page, behind the file's header
            ledger.write(b'\xff' * 64)
        code, _, err = self.finished('ledger', 'verify', '--config', config)
        self.assertEqual(code, 65)
        self.assertIn('damaged', err)
        self.assertEqual(self.finished('run', '--once', '--config', config)[0], 74)

    def test_a_ledger_of_a_newer_schema_is_refused_untouched(self):
        config = self.config(self.xsim(tweets=10))
        self.assertEqual(self.finished('run', '--once', '--config', config)[0], 0)
        path = f'{self.folder}/ledger.db'
        with sqlite3.connect(path) as ledger:
            ledger.execute('PRAGMA user_version = 999')
        ledger.close()
        before = pathlib.Path(path).read_bytes()
        code, _, err = self.finished('run', '--config', config)
        self.assertEqual(code, 78)
        self.assertIn('999', err)
        self.assertEqual(before, pathlib.Path(path).read_bytes())

    def test_a_damaged_row_becomes_a_dead_letter_and_the_others_go_on(self):
        x, es = self.xsim(tweets=200), self.elasticsim()
        config = self.config(x)
        self.assertEqual(self.finished('run', '--once', '--config', config)[0], 0)
        with sqlite3.connect(f'{self.folder}/ledger.db') as ledger:
            damaged = ledger.execute('UPDATE payload SET raw = CAST(replace(CAST(raw AS TEXT), \'"text"\', \'"tExt"\') AS BLOB)'
                                     ' WHERE revision = (SELECT max(revision) FROM payload)').rowcount
        ledger.close()
        self.assertEqual(damaged, 1)
        self.assertEqual(self.finished('ledger', 'verify', '--config', config)[0], 65)
        daemon = self.daemon(self.config(x, es))
        until(lambda: es.get('state')['documents'] == len(self.served(x)) - 1, 'all others are delivered')
        until(lambda: daemon.metric('mentiond_dead_letters') == 1, 'one dead letter')
        self.assertEqual(daemon.event('dead_letter')['type'], 'damaged')

    def test_files_of_the_ledger_are_its_owners_alone(self):
        config = self.config(self.xsim(tweets=10))
        self.finished('run', '--once', '--config', config)
        for path in pathlib.Path(self.folder).glob('ledger.db*'):
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode) & 0o077, 0, path)


class SinkTrouble(Case):
    def setUp(self):
        super().setUp()
        self.x = self.xsim(tweets=800)

    def all_there(self, es):
        return until(lambda: es.get('state')['documents'] == len(self.served(self.x)) > 100, 'all delivered', 60)

    def test_elasticsearch_down_at_start_is_waited_for(self):
        with socket.socket() as free:
            free.bind(('127.0.0.1', 0))
            port = free.getsockname()[1]
        daemon = self.daemon(self.config(self.x, f'http://127.0.0.1:{port}'))
        daemon.event('walk_done')
        until(lambda: daemon.get('/readyz')[0] == 503, 'not ready')
        es = self.elasticsim(port=port)
        self.all_there(es)
        self.assert_conserved(self.x, es)
        until(lambda: daemon.get('/readyz')[0] == 200, 'ready again')

    def test_elasticsearch_gone_in_the_middle_and_at_shutdown_loses_nothing(self):
        es = self.elasticsim()
        config = self.config(self.x, es, elasticsearch={'urls': [es.url], 'batch_docs': 50}, shutdown_grace='1s')
        daemon = self.daemon(config)
        until(lambda: es.get('state')['documents'] > 50, 'some are there')
        es.fault({}, do='hang_up')
        self.x.post('add', {'count': 300})
        until(lambda: es.get('state')['faults'] > 0, 'it is felt')
        self.assertEqual(daemon.terminate(20), 0, 'SIGTERM ends within the grace')
        es.mend()
        self.daemon(config)
        self.all_there(es)
        self.assert_conserved(self.x, es)

    def test_an_empty_cluster_in_its_place_gets_everything_again(self):
        es = self.elasticsim()
        daemon = self.daemon(self.config(self.x, es, poll={'every': '2s'}))
        self.all_there(es)
        es.post('replace', {})
        es.fault({'next': 1}, do='hang_up')
        self.x.post('add', {'count': 5})
        self.all_there(es)
        self.assertEqual([line['new'] for line in daemon.events('sink_opened')], [True, True])
        self.assert_conserved(self.x, es)

    def test_wrong_credentials_pause_and_lose_nothing(self):
        es = self.elasticsim(user='mentiond:right')
        secret = pathlib.Path(self.folder, 'password')
        secret.write_text('wrong\n')
        secret.chmod(0o600)
        config = self.config(self.x, es, elasticsearch={'urls': [es.url], 'username': 'mentiond',
                                                        'password_file': str(secret)})
        daemon = self.daemon(config)
        until(lambda: daemon.metric('mentiond_paused{half="deliver",reason="auth"}') == 1, 'paused')
        self.assertEqual(es.get('state')['documents'], 0)
        secret.write_text('right\n')
        self.all_there(es)
        self.assert_conserved(self.x, es)
        self.assertEqual(daemon.metric('mentiond_dead_letters'), 0)

    def test_one_rejected_item_is_sent_again_alone(self):
        es = self.elasticsim()
        es.fault({'item': 3, 'next': 1}, 'rejected')
        self.daemon(self.config(self.x, es))
        self.all_there(es)
        self.assert_conserved(self.x, es)
        self.assertEqual(es.get('state')['conflicts'], 0, 'nobody else was sent twice')

    def test_a_document_that_cannot_index_is_dead_lettered_alone(self):
        es = self.elasticsim()
        bad = self.x.post('add', {'posts': [{'text': 'AWS Marketplace, the poisoned one'}]})['ids'][0]
        es.fault({'id': bad}, 'document_parsing')
        daemon = self.daemon(self.config(self.x, es))
        until(lambda: daemon.metric('mentiond_dead_letters') == 1, 'one dead letter')
        until(lambda: es.get('state')['documents'] == len(self.served(self.x)) - 1, 'all others')
        self.assertNotIn('poisoned', daemon.program.errors())

    def test_a_read_only_index_is_held_and_released_by_itself(self):
        es = self.elasticsim()
        daemon = self.daemon(self.config(self.x, es, poll={'every': '2s'}))
        self.all_there(es)
        index = es.get('docs')[-1][1]
        http(f'{es.url}/{index}/_settings', {'index.blocks.write': True}, 'PUT')
        self.x.post('add', {'count': 40})
        until(lambda: (daemon.metric('mentiond_held') or 0) > 0, 'held', 40)
        self.assertEqual(daemon.metric('mentiond_paused{half="deliver",reason="read_only"}'), 1)
        http(f'{es.url}/{index}/_settings', {'index.blocks.write': False}, 'PUT')
        until(lambda: daemon.metric('mentiond_held') == 0, 'released', 60)
        self.all_there(es)
        self.assertEqual(daemon.metric('mentiond_dead_letters'), 0)
        self.assert_conserved(self.x, es)

    def test_a_body_too_large_is_halved(self):
        es = self.elasticsim(max_content=20000)
        self.daemon(self.config(self.x, es))
        self.all_there(es)
        self.assert_conserved(self.x, es)


class XTrouble(Case):
    def test_every_passing_error_of_x_is_survived(self):
        x, es = self.xsim(tweets=400), self.elasticsim()
        presets = ['html_503', 'internal_500', 'bad_gateway_502', 'ok_html', 'ok_broken_json', 'ok_no_meta', 'ok_array']
        for number, preset in enumerate(presets):
            x.fault({'request': 2 * number + 1}, preset)
        x.fault({'request': 2 * len(presets) + 1}, do='cut', after_bytes=500)
        x.fault({'request': 2 * len(presets) + 3}, do='reset', after_bytes=100)
        self.daemon(self.config(x, es, poll={'every': '10s', 'page_size': 10, 'max_pages': 100}))
        until(lambda: len(self.served(x)) > 300 and es.get('state')['documents'] == len(self.served(x)),
              'delivered in spite of all', 90)
        self.assert_conserved(x, es)

    def test_a_spent_monthly_cap_is_no_rate_limit(self):
        x, es = self.xsim(tweets=400), self.elasticsim()
        x.fault({'from': 2, 'count': 10000}, 'usage_capped')
        config = self.config(x, es)
        daemon = self.daemon(config)
        until(lambda: daemon.metric('mentiond_paused{half="collect",reason="cap"}') == 1, 'paused')
        asked = x.get('state')['requests']
        self.assertEqual(daemon.get('/readyz')[0], 503)
        daemon.terminate()
        again = self.daemon(config)
        until(lambda: again.metric('mentiond_paused{half="collect",reason="cap"}') == 1, 'the pause outlives a restart')
        self.assertEqual(x.get('state')['requests'], asked, 'and X is not asked')

    def test_a_refused_query_is_parked_and_the_others_go_on(self):
        x, es = self.xsim(tweets=400, reject_query='GCP'), self.elasticsim()
        daemon = self.daemon(self.config(x, es))
        until(lambda: daemon.metric('mentiond_parked{query="gcp"}') == 1, 'parked')
        for query in ('aws', 'azure'):
            daemon.event('walk_done', query=query)
        status, text = daemon.get('/readyz')
        self.assertEqual(status, 503)
        self.assertIn('gcp', text)

    def test_an_unparsable_post_is_kept_among_the_dead_letters(self):
        x, es = self.xsim(tweets=100), self.elasticsim()
        x.post('add', {'posts': [{'text': '', 'id': str(1990000000000000000), 'raw': '{"id": 12, "text": "AWS Marketplace"}'}]})
        x.fault({'request': 1}, do='broken_post', item=2)
        daemon = self.daemon(self.config(x, es))
        until(lambda: (daemon.metric('mentiond_dead_letters') or 0) >= 1, 'kept')
        until(lambda: es.get('state')['documents'] > 50, 'the others are delivered')

    def test_the_budget_is_a_hard_stop(self):
        x, es = self.xsim(tweets=2000), self.elasticsim()
        daemon = self.daemon(self.config(x, es, budget={'posts_per_month': 300}))
        until(lambda: daemon.metric('mentiond_paused{half="collect",reason="budget"}') == 1, 'stopped')
        self.assertLessEqual(x.get('state')['bill']['posts'], 300)
        self.assertGreater(x.get('state')['bill']['posts'], 200)

    def test_a_hole_older_than_seven_days_is_counted_not_hidden(self):
        x, es = self.xsim(tweets=200, span='1d'), self.elasticsim()
        config = self.config(x, es, poll={'every': '2s'})
        self.assertEqual(self.finished('run', '--once', '--config', config)[0], 0)
        x.post('config', {'clock_offset': '10d'})
        daemon = self.daemon(config)
        daemon.event('gap_lost')
        self.assertGreater(daemon.metric('mentiond_gap_seconds_total'), 86400)

    def test_sigterm_finishes_within_the_grace_and_sigint_too(self):
        x, es = self.xsim(tweets=3000), self.elasticsim(bulk_delay='200ms')
        for number in (signal.SIGTERM, signal.SIGINT):
            daemon = self.daemon(self.config(x, es, shutdown_grace='2s'))
            daemon.event('started')
            self.assertEqual(daemon.program.kill(number, 15), 0)


if __name__ == '__main__':
    unittest.main()
