"""What operators do: dead letters, forgetting, sending again, through the running daemon and on the ledger alone."""
import contextlib
import json
import os
import pathlib
import signal
import socket
import stat
import time
import unittest

from harness import Case, http, until
from relay import hurried
from test_main_job import delivered_all


class Operators(Case):
    def verb(self, config, *words, code=0):
        """stdout of a verb that must leave with that code; its stderr if that is no success."""
        left, out, err = self.finished(*words, '--config', config, name='verb')
        self.assertEqual(left, code, f'{words}: {out}{err}')
        return err if code else out

    def letters(self, config):
        return json.loads(self.verb(config, 'dead-letters', 'list', '--json'))

    def source(self, es, ident):
        """The document of that id, or None."""
        hits = json.loads(http(f'{es.url}/cloud_marketplace_data/_search?size=1000')[1])['hits']['hits']
        return next((hit['_source'] for hit in hits if hit['_id'] == ident), None)

    def add(self, x, *texts):
        return x.post('add', {'posts': [{'text': text} for text in texts]})['ids']


class DeadLetters(Operators):
    def setUp(self):
        super().setUp()
        self.x, self.es = self.xsim(), self.elasticsim()
        self.bad, self.good = self.add(self.x, 'AWS Marketplace, the bad one', 'AWS Marketplace, the good one')
        self.es.fault({'id': self.bad}, 'document_parsing')
        self.path = self.config(self.x, self.es)
        self.running = self.daemon(self.path)
        until(lambda: self.running.metric('mentiond_dead_letters') == 1, 'the bad one is dead')

    def test_listed_with_the_reason_then_mended_then_retried_then_delivered(self):
        letter, = self.letters(self.path)
        self.assertEqual(letter['id'], self.bad)
        self.assertEqual(letter['status'], 400)
        self.assertEqual(letter['type'], 'document_parsing_exception')
        self.assertTrue(letter['index'].startswith('cloud_marketplace_data_20'))
        self.assertIn(self.bad, self.verb(self.path, 'dead-letters', 'list'))
        self.es.mend()
        self.assertIn('1 dead letter sent again', self.verb(self.path, 'dead-letters', 'retry', self.bad))
        until(lambda: self.bad in self.documents(self.es), 'the retried one is delivered')
        self.assertEqual(self.letters(self.path), [])
        self.assert_conserved(self.x, self.es)
        until(lambda: self.running.metric('mentiond_dead_letters') == 0, 'the gauge falls')

    def test_retried_without_a_daemon_it_goes_out_when_one_runs_again(self):
        self.assertEqual(self.running.kill(), -signal.SIGKILL)
        self.es.mend()
        self.verb(self.path, 'dead-letters', 'retry', '--type', 'document_parsing_exception')
        self.assertEqual(self.letters(self.path), [])
        self.daemon(self.path)
        until(lambda: self.bad in self.documents(self.es), 'the retried one is delivered')

    def test_a_dropped_one_is_gone_and_stays_away(self):
        self.es.mend()
        self.assertIn('1 dead letter dropped', self.verb(self.path, 'dead-letters', 'drop', '--all'))
        self.assertEqual(self.letters(self.path), [])
        served = self.x.get('state')['pages']
        until(lambda: self.x.get('state')['pages'] >= served + 6, 'X serves it twice more', 60)
        self.assertEqual(set(self.documents(self.es)), {self.good})
        self.assertEqual(self.running.metric('mentiond_ledger_pending'), 0)

    def test_an_unknown_id_is_named_and_nothing_changes(self):
        error = self.verb(self.path, 'dead-letters', 'retry', self.bad, '12345', code=65)
        self.assertIn('12345', error)
        self.assertNotIn(self.bad, error)
        self.assertEqual([letter['id'] for letter in self.letters(self.path)], [self.bad])

    def test_usage_errors_are_64(self):
        for words in (['dead-letters'], ['dead-letters', 'retry'], ['dead-letters', 'drop', '--all', self.bad],
                      ['redeliver'], ['redeliver', '--all', '--from', '2026-01-01'], ['redeliver', '--from', 'soon'],
                      ['forget'], ['forget', '1', '--file', 'x']):
            self.assertEqual(self.finished(*words, name='verb')[0], 64, words)
        self.assertIn('no tweet ids: abc', self.verb(self.path, 'forget', 'abc', code=65))


class ControlSocket(Operators):
    def test_it_is_for_the_daemons_user_alone_and_goes_with_the_daemon(self):
        x = self.xsim(tweets=10)
        path = self.config(x)
        place = os.path.join(self.folder, 'ledger.db.sock')
        running = self.daemon(path)
        running.event('started')
        self.assertEqual(stat.S_IMODE(os.stat(place).st_mode), 0o600)
        running.kill()
        self.assertTrue(os.path.exists(place), 'a killed daemon leaves it')
        self.verb(path, 'forget', '12345')
        running = self.daemon(path, name='second')
        running.event('started')
        self.verb(path, 'forget', '12345')
        self.assertIn('order', {line['event'] for line in running.events()})
        self.assertEqual(running.terminate(), 0)
        self.assertFalse(os.path.exists(place))

    def test_a_path_too_long_for_a_socket_works_all_the_same(self):
        x = self.xsim(tweets=10)
        deep = os.path.join(self.folder, 'd' * 100)
        os.mkdir(deep)
        path = self.config(x, ledger={'path': os.path.join(deep, 'ledger.db')})
        running = self.daemon(path)
        running.event('started')
        self.verb(path, 'forget', '12345')
        self.assertTrue(running.events('order'))

    def test_what_is_no_order_changes_nothing_and_harms_nobody(self):
        x = self.xsim(tweets=10)
        path = self.config(x)
        running = self.daemon(path)
        running.event('started')
        idle = [socket.socket(socket.AF_UNIX) for _ in range(20)]
        for client in idle:
            client.connect(os.path.join(self.folder, 'ledger.db.sock'))
        for client in idle:
            client.close()
        for bytes_ in (b'', b'forget', b'forget\0', b'\0\0\0', b'nonsense\0' * 100, b'redeliver\0a\0b\0', b'retry\0ids\0'):
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(os.path.join(self.folder, 'ledger.db.sock'))
                client.sendall(bytes_)
                client.shutdown(socket.SHUT_WR)
                self.assertTrue(client.recv(1000).startswith(b'bad_data\n'), bytes_)
        self.verb(path, 'forget', '12345')
        self.assertTrue(running.program.running())

    def test_clients_that_say_nothing_or_never_end_keep_no_verb_out_for_longer_than_their_time(self):
        path = self.config(self.xsim(tweets=10))
        running = self.daemon(path, env=hurried())
        running.event('started')
        for drip in (False, True):
            with self.subTest(drip=drip), contextlib.ExitStack() as crowd:
                clients = [crowd.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(16)]
                for client in clients:
                    client.connect(os.path.join(self.folder, 'ledger.db.sock'))
                self.assertEqual(self.forgets(path), 74, 'all places are taken')

                def comes_in():
                    if drip:
                        for client in clients:
                            with contextlib.suppress(OSError):
                                client.sendall(b'x')
                    return self.forgets(path) == 0
                until(comes_in, 'a verb comes in', 20)
                if not drip:
                    self.assertEqual([client.recv(100) for client in clients], [b''] * 16)
        self.assertEqual(len(running.events('order')), 2)

    def forgets(self, path):
        return self.finished('forget', '12345', '--config', path, name='verb')[0]

    def test_an_order_that_is_too_long_is_cut_off_and_nothing_of_it_is_done(self):
        x, es = self.xsim(tweets=10), self.elasticsim()
        path = self.config(x, es)
        running = self.daemon(path)
        until(lambda: delivered_all(self, x, es), 'all are delivered')
        everyone = self.documents(es)
        order = b'forget\0' + b'\0'.join(ident.encode() for ident in everyone) + b'\0'
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(os.path.join(self.folder, 'ledger.db.sock'))
            with self.assertRaises(OSError):
                client.sendall(order * ((20 << 20) // len(order)))
        self.verb(path, 'forget', '12345')
        self.assertEqual(len(running.events('order')), 1)
        self.assertEqual(self.documents(es), everyone)

    def test_a_ledger_that_another_holds_without_a_socket_is_75_with_its_pid(self):
        x = self.xsim(tweets=10)
        path = self.config(x)
        running = self.daemon(path)
        running.event('started')
        os.unlink(os.path.join(self.folder, 'ledger.db.sock'))
        self.assertIn(str(running.program.process.pid), self.verb(path, 'forget', '12345', code=75))

    def test_where_there_is_no_ledger_none_is_made(self):
        path = self.config('http://127.0.0.1:9')
        self.verb(path, 'forget', '12345', code=74)
        self.assertFalse(os.path.exists(os.path.join(self.folder, 'ledger.db')))


class Forget(Operators):
    def test_what_is_forgotten_leaves_the_sink_and_stays_away_whatever_x_serves(self):
        x, es = self.xsim(), self.elasticsim()
        gone, kept = self.add(x, 'AWS Marketplace, to be forgotten', 'AWS Marketplace, to be kept')
        path = self.config(x, es)
        running = self.daemon(path)
        until(lambda: set(self.documents(es)) == {gone, kept}, 'both are delivered')
        self.assertIn('1 tweet forgotten', self.verb(path, 'forget', gone))
        until(lambda: set(self.documents(es)) == {kept}, 'the document is deleted')
        files = b''.join(pathlib.Path(self.folder, name).read_bytes() for name in ('ledger.db', 'ledger.db-wal'))
        self.assertNotIn(b'to be forgotten', files)
        self.assertIn(b'to be kept', files)
        x.post('edit', {'id': gone, 'text': 'AWS Marketplace and GCP Marketplace, to be forgotten'})
        later, = self.add(x, 'AWS Marketplace, after the edit')
        until(lambda: later in self.documents(es), 'what came after the edit is delivered', 60)
        self.assertEqual(set(self.documents(es)), {kept, later})
        self.assertEqual(running.terminate(), 0)
        self.verb(path, 'ledger', 'verify')

    def test_a_file_of_ids_forgotten_without_a_daemon_before_x_serves_them(self):
        x, es = self.xsim(tweets=700), self.elasticsim()
        path = self.config(x, es)
        first = self.daemon(path)
        until(lambda: delivered_all(self, x, es), 'all are delivered')
        self.assertEqual(first.terminate(), 0)
        everyone = sorted(self.documents(es))
        listed = pathlib.Path(self.folder, 'ids')
        listed.write_text('\n'.join(everyone[:600]) + '\n')
        self.assertIn('600 tweets forgotten', self.verb(path, 'forget', '--file', str(listed)))
        self.daemon(path)
        until(lambda: sorted(self.documents(es)) == everyone[600:], 'six hundred deletes arrive')


class Redeliver(Operators):
    def setUp(self):
        super().setUp()
        self.x, self.es = self.xsim(tweets=3000, span='4d'), self.elasticsim()
        self.path = self.config(self.x, self.es)

    def begun(self):
        """A daemon that has walked all of X and delivered it."""
        running = self.daemon(self.path)
        for query in ('aws', 'gcp', 'azure'):
            running.event('walk_done', query=query)
        until(lambda: delivered_all(self, self.x, self.es), 'all are delivered')
        return running

    def lose_documents(self):
        """The sink loses two of its indices."""
        indices = sorted(self.es.get('state')['indices'])
        for index in indices[1:3]:
            self.assertEqual(http(f'{self.es.url}/{index}', method='DELETE')[0], 200)
        self.assertLess(self.es.get('state')['documents'], len(self.served(self.x)))
        return indices

    def test_all_restores_what_the_sink_lost(self):
        running = self.begun()
        self.lose_documents()
        self.assertIn(f'{len(self.served(self.x))} tweets', self.verb(self.path, 'redeliver', '--all'))
        until(lambda: delivered_all(self, self.x, self.es), 'the sink has them all again')
        self.assert_conserved(self.x, self.es)
        self.assertEqual(running.metric('mentiond_ledger_pending'), 0)

    def test_a_range_is_sent_again_and_no_more_than_that(self):
        self.begun()
        before = self.es.get('state')['items']
        indices = self.lose_documents()
        day = indices[1][-8:]
        start, end = (f'{day[:4]}-{day[4:6]}-{day[6:]}', indices[2][-8:])
        out = self.verb(self.path, 'redeliver', '--from', start, '--to', f'{end[:4]}-{end[4:6]}-{end[6:]}T00:00:00Z')
        count = int(out.split()[0])
        until(lambda: self.es.get('state')['items'] >= before + count, 'the range is sent')
        state = self.es.get('state')
        self.assertEqual(state['indices'][indices[1]]['documents'], count)
        self.assertNotIn(indices[2], state['indices'])

    def test_a_killed_daemon_goes_on_with_it(self):
        first = self.begun()
        self.lose_documents()
        self.es.post('config', {'bulk_delay': '300ms'})
        self.verb(self.path, 'redeliver', '--all')
        before = self.es.get('state')['bulks']
        until(lambda: self.es.get('state')['bulks'] > before, 'it has begun')
        first.kill()
        self.es.post('config', {'bulk_delay': '0s'})
        self.daemon(self.path)
        until(lambda: delivered_all(self, self.x, self.es), 'the sink has them all again')
        self.assert_conserved(self.x, self.es)

    def test_without_a_daemon_a_run_that_ends_by_itself_does_it(self):
        first = self.begun()
        self.assertEqual(first.terminate(), 0)
        self.lose_documents()
        self.verb(self.path, 'redeliver', '--all')
        self.assertEqual(self.finished('run', '--once', '--config', self.path)[0], 0)
        self.assert_conserved(self.x, self.es)


class Backup(Operators):
    def test_taken_while_running_and_put_back_it_loses_no_later_finding(self):
        x, es = self.xsim(tweets=800), self.elasticsim()
        path, copy = self.config(x, es, poll={'overlap': '1h'}), os.path.join(self.folder, 'copy.db')
        first = self.daemon(path)
        until(lambda: delivered_all(self, x, es), 'the first poll is delivered')
        self.verb(path, 'ledger', 'backup', copy)
        self.assertEqual(stat.S_IMODE(os.stat(copy).st_mode), 0o600)
        self.verb(path, 'ledger', 'backup', copy, code=74)
        early = x.post('add', {'posts': [{'text': 'AWS Marketplace, seen after the backup'}]})['ids'][0]
        until(lambda: early in self.documents(es), 'what came after the backup is delivered', 60)
        first.kill()
        for name in ('ledger.db', 'ledger.db-wal', 'ledger.db-shm'):
            os.rename(os.path.join(self.folder, name), os.path.join(self.folder, 'lost-' + name))
        os.rename(copy, os.path.join(self.folder, 'ledger.db'))
        newer = x.post('edit', {'id': early, 'text': 'AWS Marketplace and GCP Marketplace, found again'})['id']
        later, = self.add(x, 'Azure Marketplace, after the restore')
        second = self.daemon(path, name='second')
        until(lambda: self.documents(es).get(early) == {'AWS', 'GCP'} and later in self.documents(es), 'later findings', 60)
        self.assertEqual(self.source(es, early)['tweet_id'], newer)
        self.assert_conserved(x, es)
        self.assertEqual(second.terminate(), 0)
        self.verb(path, 'ledger', 'verify')


class Salvage(Operators):
    def test_a_ruined_header_costs_nothing_and_the_daemon_goes_on_with_what_was_saved(self):
        x, es = self.xsim(tweets=900), self.elasticsim()
        path, saved = self.config(x, es, poll={'overlap': '1h'}), os.path.join(self.folder, 'saved.db')
        first = self.daemon(path)
        until(lambda: delivered_all(self, x, es), 'all are delivered')
        error = self.verb(path, 'ledger', 'salvage', saved, code=75)
        self.assertIn(str(first.program.process.pid), error)
        self.assertEqual(first.terminate(), 0)
        ledger = pathlib.Path(self.folder, 'ledger.db')
        content = bytearray(ledger.read_bytes())
        content[:8192] = os.urandom(8192)
        ledger.write_bytes(content)
        self.finished('ledger', 'verify', '--config', path)
        out = self.verb(path, 'ledger', 'salvage', saved)
        self.assertIn(f'{len(self.served(x))} intact', out)
        self.verb(path, 'ledger', 'salvage', saved, code=74)
        ledger.unlink()
        os.rename(saved, ledger)
        self.verb(path, 'ledger', 'verify')
        before = self.es_items(es)
        later, = self.add(x, 'GCP Marketplace, after the salvage')
        second = self.daemon(path, name='second')
        until(lambda: later in self.documents(es), 'it goes on', 60)
        self.assert_conserved(x, es)
        self.assertLess(self.es_items(es) - before, 100, 'it knows what was delivered')
        self.assertEqual(second.terminate(), 0)

    def es_items(self, es):
        return es.get('state')['items']


class Reload(Operators):
    def hang_up(self, running):
        seen = len(running.events('reloaded'))
        running.program.process.send_signal(signal.SIGHUP)
        until(lambda: len(running.events('reloaded')) > seen, 'it reloads')

    def refused(self, running):
        running.program.process.send_signal(signal.SIGHUP)
        running.event('reload_refused')
        self.assertFalse(running.events('reloaded'))
        return ' '.join(line['detail'] for line in running.events('reload_refused'))

    def test_a_new_query_is_polled_and_an_old_one_is_not(self):
        x, es = self.xsim(tweets=300), self.elasticsim()
        queries = [{'name': 'aws', 'cloud': 'AWS', 'query': 'AWS Marketplace'}]
        running = self.daemon(self.config_of(x, es, queries))
        running.event('walk_done', query='aws')
        self.config_of(x, es, [{'name': 'gcp', 'cloud': 'GCP', 'query': 'GCP Marketplace'}])
        self.hang_up(running)
        running.event('walk_done', query='gcp')
        self.assertEqual(set(running.status()['queries'] if isinstance(running.status()['queries'], dict) else
                             [each['name'] for each in running.status()['queries']]), {'gcp'})
        self.assertIn('mentiond_open_gaps{query="gcp"}', running.get('/metrics')[1])
        self.assertNotIn('mentiond_open_gaps{query="aws"}', running.get('/metrics')[1])
        until(lambda: delivered_all(self, x, es), 'all are delivered')
        self.assert_conserved(x, es)

    def config_of(self, x, es, queries, **changes):
        path = self.config(x, es, queries=None, **changes)
        with open(path, 'a') as file:
            file.write('queries:\n' + ''.join(f'- {json.dumps(query)}\n' for query in queries))
        return path

    def test_every_mistake_is_told_and_nothing_changes(self):
        x, es = self.xsim(tweets=50), self.elasticsim()
        path = self.config(x, es)
        running = self.daemon(path)
        until(lambda: delivered_all(self, x, es), 'all are delivered')
        self.config(x, es, poll={'evry': '1s', 'max_pages': -1}, log={'level': 'error'})
        told = self.refused(running)
        self.assertIn('evry', told)
        self.assertIn('max_pages', told)
        later, = self.add(x, 'AWS Marketplace, later')
        until(lambda: later in self.documents(es), 'the old configuration is in effect', 60)
        self.assertEqual(running.terminate(), 0)

    def test_what_needs_a_restart_is_named_and_the_rest_does_not_take_effect_either(self):
        x, es = self.xsim(tweets=50), self.elasticsim()
        running = self.daemon(self.config(x, es))
        until(lambda: delivered_all(self, x, es), 'all are delivered')
        self.config(x, es, ledger={'path': os.path.join(self.folder, 'other.db')}, admin={'listen': '127.0.0.1:1'},
                    log={'level': 'error'})
        told = self.refused(running)
        self.assertIn('ledger.path', told)
        self.assertIn('admin.listen', told)
        self.assertFalse(os.path.exists(os.path.join(self.folder, 'other.db')))
        x.post('add', {'count': 3})
        until(lambda: len(running.events('walk_done')) > 5, 'it still logs at its old level', 60)

    def test_in_the_middle_of_a_walk_nothing_is_lost_and_nothing_billed_twice(self):
        x, es = self.xsim(tweets=6000), self.elasticsim()
        x.fault({}, do='delay', delay='50ms')
        path = self.config(x, es, poll={'page_size': 100})
        running = self.daemon(path)
        for pages in (5, 12, 20):
            until(lambda: x.get('state')['pages'] >= pages, f'{pages} pages', 60)
            self.hang_up(running)
        x.mend()
        until(lambda: all(running.events('walk_done') and any(line['query'] == name for line in running.events('walk_done'))
                          for name in ('aws', 'gcp', 'azure')), 'the walks end', 90)
        until(lambda: len(self.served(x)) > 5000 and delivered_all(self, x, es), 'all are delivered', 90)
        self.assert_conserved(x, es)
        self.assertEqual(running.metric('mentiond_posts_billed_total'), x.get('state')['bill']['posts'])

    def test_a_sink_may_come_and_go(self):
        x, es = self.xsim(tweets=400), self.elasticsim()
        running = self.daemon(self.config(x))
        running.event('walk_done', query='azure')
        self.assertEqual(es.get('state')['documents'], 0)
        self.config(x, es)
        self.hang_up(running)
        until(lambda: delivered_all(self, x, es), 'all are delivered')
        self.config(x)
        self.hang_up(running)
        self.assertIsNone(running.status().get('sink'))
        items = es.get('state')['items']
        later, = self.add(x, 'AWS Marketplace, without a sink')
        until(lambda: later in self.served(x), 'it is collected', 60)
        self.assertEqual(es.get('state')['items'], items)
        self.config(x, es)
        self.hang_up(running)
        until(lambda: later in self.documents(es), 'and delivered')
        self.assertEqual(running.terminate(), 0)

    def test_better_credentials_are_used_at_once(self):
        x, es = self.xsim(tweets=100), self.elasticsim(user='me:right')
        running = self.daemon(self.config(x, es, elasticsearch={'username': 'me', 'password': 'wrong'}))
        until(lambda: 'auth' in running.get('/readyz')[1], 'it is paused')
        self.config(x, es, elasticsearch={'urls': [es.url], 'flush_every': '100ms', 'username': 'me', 'password': 'right'})
        self.hang_up(running)
        until(lambda: delivered_all(self, x, es), 'all are delivered', 5)
        self.assertEqual(running.metric('mentiond_paused{half="deliver"'), 0)

    def test_a_pause_of_collect_that_the_new_configuration_mends_is_over_at_once(self):
        x, es = self.xsim(), self.elasticsim()
        self.add(x, 'AWS Marketplace')
        config = pathlib.Path(self.config(x, es))
        config.write_text(config.read_text().replace('${X_BEARER_TOKEN}', 'wrong'))
        running = self.daemon(config)
        until(lambda: 'auth' in running.get('/readyz')[1], 'it is paused')
        self.config(x, es)
        self.hang_up(running)
        until(lambda: delivered_all(self, x, es), 'all are delivered', 5)
        self.assertEqual(running.metric('mentiond_paused{half="collect"'), 0)

    def test_it_is_the_word_that_nobody_else_writes(self):
        x, es = self.xsim(), self.elasticsim()
        ours, = self.add(x, 'AWS Marketplace, ours')
        day = (int(ours) >> 22) + 1288834974657
        index = 'cloud_marketplace_data_' + time.strftime('%Y%m%d', time.gmtime(day / 1000))
        action = {'index': {'_index': index, '_id': ours, 'version': 4 * 10**15, 'version_type': 'external'}}
        self.assertEqual(http(f'{es.url}/_bulk', json.dumps(action) + '\n{"cloud":["X"]}\n', 'POST',
                              {'Content-Type': 'application/x-ndjson'})[0], 200)
        running = self.daemon(self.config(x, es))
        until(lambda: 'other_writer' in running.get('/readyz')[1], 'it is paused')
        self.assertEqual(self.documents(es)[ours], {'X'})
        self.hang_up(running)
        until(lambda: self.documents(es)[ours] == {'AWS'}, 'ours is written', 10)
        self.assertGreater(running.status()['ledger']['last_revision'], 4 * 10**15)

    def test_the_service_manager_hears_of_it(self):
        x = self.xsim(tweets=10)
        for place in (os.path.join(self.folder, 'notify'), f'@{self.folder}/abstract'):
            with self.subTest(place), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
                manager.bind(place.replace('@', '\0'))
                manager.settimeout(20)
                running = self.daemon(self.config(x), env={'NOTIFY_SOCKET': place})
                heard = []

                def hears(what):
                    while not any(what in word for word in heard):
                        heard.append(manager.recv(4096).decode())
                    return next(word for word in heard if what in word)
                hears('READY=1')
                heard.clear()
                running.program.process.send_signal(signal.SIGHUP)
                self.assertRegex(hears('RELOADING=1'), r'MONOTONIC_USEC=\d+')
                hears('READY=1')
                running.program.process.send_signal(signal.SIGTERM)
                hears('STOPPING=1')
                self.assertEqual(running.program.wait(), 0)

    def test_a_stop_right_after_it_is_a_stop(self):
        x, es = self.xsim(tweets=2000), self.elasticsim()
        x.fault({}, do='delay', delay='300ms')
        running = self.daemon(self.config(x, es))
        until(lambda: x.get('state')['requests'] >= 3, 'a walk is under way')
        running.program.process.send_signal(signal.SIGHUP)
        self.assertEqual(running.terminate(), 0)
        self.assert_conserved(x, es)

    def test_a_request_that_hangs_is_cut_when_the_grace_is_over(self):
        x, es = self.xsim(tweets=500), self.elasticsim()
        x.fault({'request': 2}, do='stall', after_bytes=10)
        running = self.daemon(self.config(x, es, shutdown_grace='1s'))
        until(lambda: x.get('state')['requests'] >= 2, 'it hangs')
        self.hang_up(running)
        until(lambda: len(self.served(x)) > 400 and delivered_all(self, x, es), 'all are delivered', 60)
        self.assert_conserved(x, es)


if __name__ == '__main__':
    unittest.main()
