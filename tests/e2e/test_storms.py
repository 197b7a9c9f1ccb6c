"""A wall clock that jumps, and storms of 429 from either side: no stall, no rush, nothing lost."""
import calendar
import pathlib
import time
import unittest

from harness import Case, until
from relay import hurried, preload

DAY = 86400


class ClockThatJumps(Case):
    def test_a_day_forth_and_two_back_neither_stop_nor_hurry_the_polls_and_move_no_tweet(self):
        x, es = self.xsim(tweets=200), self.elasticsim()
        step = pathlib.Path(self.folder, 'step')

        def jump(seconds):
            with open(step, 'r+b' if step.exists() else 'wb') as file:
                file.write(seconds.to_bytes(8, 'little', signed=True))
        jump(0)
        daemon = self.daemon(self.config(x, es, poll={'every': '1s'}), env=preload('stepped_clock', STEP_FILE=step))
        self.all_delivered(x, es)
        for seconds in (DAY, -DAY):
            jump(seconds)
            asked, began = x.get('state')['requests'], time.monotonic()
            until(lambda: x.get('state')['requests'] >= asked + 9, 'polling goes on', 20)
            self.assertGreater(time.monotonic() - began, 1.5, 'three polls of three queries take their time')
            x.post('add', {'count': 20})
            self.all_delivered(x, es)
            said = time.strptime(daemon.events()[-1]['ts'][:19], '%Y-%m-%dT%H:%M:%S')
            self.assertAlmostEqual(calendar.timegm(said), time.time() + seconds, delta=60, msg='that is its clock by now')
        self.assert_conserved(x, es)
        for ident, index, _version, _clouds in es.get('docs'):
            born = (int(ident) >> 22) / 1000 + 1288834974.657
            self.assertEqual(index, time.strftime('cloud_marketplace_data_%Y%m%d', time.gmtime(born)))
        self.assertEqual(daemon.metric('mentiond_dead_letters'), 0)


class StormOf429(Case):
    def test_of_the_sink_shrinks_the_bulks_one_at_a_time_and_is_over_without_a_loss(self):
        x, es = self.xsim(tweets=900), self.elasticsim(bulk_delay='5ms')
        es.fault({'from': 2, 'count': 8}, 'bulk_rejected')
        daemon = self.daemon(self.config(x, es, elasticsearch={'urls': [es.url], 'batch_docs': 200}), env=hurried())
        self.all_delivered(x, es)
        sent = daemon.events('bulk_sent')
        self.assertEqual([line['outcome'] for line in sent].count('throttled'), 8)
        stormy = [line['docs'] for line in sent if line['outcome'] == 'throttled']
        self.assertLess(stormy[-1], stormy[0])
        self.assertEqual(es.get('state')['most_bulks_at_once'], 1)
        self.assertEqual(daemon.metric('mentiond_dead_letters'), 0)
        self.assert_conserved(x, es)

    def test_of_most_items_of_every_bulk_is_over_within_two_longest_waits_and_never_more_than_one_bulk_is_under_way(self):
        x, es = self.xsim(tweets=1500), self.elasticsim(bulk_delay='5ms')
        es.fault({'percent': 90}, 'rejected')
        hurry, longest_wait = 40, 30  # seconds, of an item that is tried again
        daemon = self.daemon(self.config(x, es, elasticsearch={'urls': [es.url], 'batch_docs': 200}), env=hurried(hurry))
        until(lambda: es.get('state')['bulks'] >= 10, 'it rages')
        es.mend()
        es.fault({}, 'rejected')  # now of all items, until the waits are long
        bulks = es.get('state')['bulks']
        until(lambda: es.get('state')['bulks'] >= bulks + 7, 'it rages on')
        before = es.get('state')
        self.assertLess(before['documents'], len(self.served(x)), 'much waits')
        es.mend()
        mended = time.monotonic()
        until(lambda: es.get('state')['first_indexed'] > before['first_indexed'], 'something is taken')
        self.assertLess(time.monotonic() - mended, 2 * longest_wait / hurry)
        self.all_delivered(x, es)
        self.assertEqual(es.get('state')['most_bulks_at_once'], 1)
        self.assertEqual(daemon.metric('mentiond_dead_letters'), 0)
        self.assert_conserved(x, es)

    def test_of_x_is_waited_out_and_all_is_read_when_it_is_over(self):
        x, es = self.xsim(tweets=300), self.elasticsim()
        x.fault({'from': 2, 'count': 5}, 'too_many_with_remaining')
        daemon = self.daemon(self.config(x, es), env=hurried(1000))
        until(lambda: x.get('state')['requests'] > 8, 'it is over', 60)
        self.all_delivered(x, es)
        self.assertTrue(daemon.events('too_many_requests'), 'it says that it waits')
        self.assert_conserved(x, es)


if __name__ == '__main__':
    unittest.main()
