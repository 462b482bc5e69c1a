# The worker bills by itself: several tenants, beside the outbox, beside runs by hand, killed, on a standby, as nobody but the owner.
use strict;
use warnings;

use PayCluster;
use Test::More;
use Time::HiRes qw(sleep time);

my $node = PayCluster->started('schedule', conf => "restart_after_crash = on\nsynchronous_commit = on\npaycore.poll_interval = 200\n");
$node->value('CREATE ROLE shopkeeper LOGIN; CREATE SCHEMA shop AUTHORIZATION shopkeeper; GRANT ALL ON SCHEMA paycore TO shopkeeper;'
	  . 'GRANT SET ON PARAMETER paycore.tenant TO shopkeeper');
$node->value('SELECT paycore.init()', user => 'shopkeeper');
$node->value(<<'SQL', user => 'shopkeeper');
CREATE FUNCTION shop.fill(tenant text, subscriptions integer, details jsonb DEFAULT '{}') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('paycore.tenant', tenant, true);
	IF NOT EXISTS (SELECT FROM paycore.prices WHERE tenant_id = tenant) THEN
		PERFORM paycore.create_gateway_account('cash ' || tenant, 'manual');
		PERFORM paycore.create_price((paycore.create_product('pro', 'Pro')).id, '{"USD": "31"}', 'month', code => 'pro');
		PERFORM paycore.create_billing_account('Ada', currency => 'USD', external_ref => 'ada', gateway => 'cash ' || tenant);
	END IF;
	PERFORM paycore.create_subscription(a.id, '[{"price": "pro"}]', details)
	FROM paycore.billing_accounts a, generate_series(1, subscriptions) WHERE a.tenant_id = tenant AND a.external_ref = 'ada';
END $$;
CREATE FUNCTION shop.clock(tenant text, at timestamptz) RETURNS timestamptz LANGUAGE sql AS
	$$ SELECT set_config('paycore.tenant', tenant, true); SELECT (paycore.set_test_clock(at)).shows $$;
-- How long a step of a subscription takes, for those who want to watch.
CREATE TABLE shop.pace (seconds float8);
INSERT INTO shop.pace VALUES (0);
CREATE FUNCTION shop.slow() RETURNS trigger LANGUAGE plpgsql AS
	$$ BEGIN PERFORM pg_sleep(seconds) FROM shop.pace WHERE seconds > 0; RETURN NEW; END $$;
CREATE TRIGGER slow BEFORE INSERT ON paycore.invoices FOR EACH ROW EXECUTE FUNCTION shop.slow();
SQL

sub schedule
{
	my ($interval, $fault) = @_;

	$node->append_conf('postgresql.conf', "paycore.billing_interval = $interval\npaycore.fault = '" . ($fault // '') . "'\n");
	$node->reload;
	return;
}

sub invoices
{
	my ($tenant) = @_;

	return "SELECT count(*) FROM paycore.invoices WHERE tenant_id = '$tenant'";
}

# Each period of each subscription once, and numbers without a gap, in every tenant.
sub looks_right
{
	my ($what) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	$node->value_is('SELECT count(*) FROM (SELECT FROM paycore.invoices GROUP BY tenant_id HAVING count(*) <> max(serial) OR min(serial) <> 1'
		  . ' OR count(DISTINCT number) <> count(*)) wrong', '0', "$what: numbers without a gap");
	$node->value_is('SELECT count(*) - count(DISTINCT (subscription_id, period_start)) FROM paycore.invoices', '0', "$what: no period twice");
	$node->value_is('SELECT count(*) FROM paycore.subscriptions s LEFT JOIN paycore.test_clocks c USING (tenant_id)'
		  . ' WHERE s.next_bill_at <= coalesce(c.shows, now())', '0', "$what: nothing is due");
	$node->value_is('SELECT rule, object_type, object_id FROM paycore.verify()', '', "$what: verify() is clean");
	return;
}

# By itself, each tenant by its own clock; never with an interval of 0.
$node->value("SELECT shop.clock('ant', '2026-01-31 10:00+00'); SELECT shop.fill('ant', 5)", user => 'shopkeeper');
$node->value("SELECT shop.fill('bee', 3)", user => 'shopkeeper');
$node->value("SELECT shop.clock('cat', '2025-01-01 00:00+00'); SELECT shop.fill('cat', 1, '{\"starts_at\": \"2025-02-01 00:00+00\"}')", user => 'shopkeeper');
sleep 1.5;
$node->value_is('SELECT count(*) FROM paycore.invoices', '0', 'without an interval nothing is billed by itself');
schedule(1);
$node->wait_for_sql(invoices('ant'), '5', 30);
$node->wait_for_sql(invoices('bee'), '3', 30);
$node->value_is(invoices('cat'), '0', 'a tenant with a test clock is not billed before its time');
$node->value("SELECT shop.clock('ant', '2026-04-30 10:00+00')", user => 'shopkeeper');
$node->wait_for_sql(invoices('ant'), '20', 30);
$node->wait_for_sql("SELECT last_run_done, last_run_scheduled FROM paycore.billing_schedules WHERE tenant_id = 'ant'", '15|t', 30);
$node->wait_for_sql('SELECT billed >= 23 AND billing_passed_at > now() - interval \'10 s\' FROM paycore.worker_status()', 't', 30);
looks_right('by itself');
$node->value_is("SELECT count(*) FROM paycore.status_changes WHERE object_type = 'invoice' AND source <> 'api'", '0', 'the history knows it as a deed of the API');

# The worker acts as the owner, in triggers and at the commit.
$node->value(<<'SQL', user => 'shopkeeper');
CREATE TABLE shop.seen (place text, who text, session text, thief boolean);
GRANT ALL ON shop.seen TO PUBLIC;
CREATE FUNCTION shop.trap() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE thief boolean := false;
BEGIN
	BEGIN CREATE ROLE thief SUPERUSER; thief := true; EXCEPTION WHEN OTHERS THEN NULL; END;
	BEGIN EXECUTE 'RESET ROLE'; CREATE ROLE thief2 SUPERUSER; thief := true; EXCEPTION WHEN OTHERS THEN NULL; END;
	PERFORM set_config('search_path', 'shop', false);
	PERFORM pg_catalog.set_config('paycore.tenant', 'bee', false);
	INSERT INTO shop.seen VALUES (TG_ARGV[0], current_user, session_user, thief);
	RETURN NULL;
END $$;
CREATE TRIGGER trap AFTER INSERT ON paycore.invoices FOR EACH ROW EXECUTE FUNCTION shop.trap('plain');
CREATE CONSTRAINT TRIGGER deferred AFTER INSERT ON paycore.invoices DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION shop.trap('deferred');
SQL
$node->value("SELECT shop.clock('ant', '2026-05-31 10:00+00')", user => 'shopkeeper');
$node->wait_for_sql(invoices('ant'), '25', 30);
$node->value_is('SELECT DISTINCT place, who, session, thief FROM shop.seen ORDER BY place', "deferred|shopkeeper|postgres|f\nplain|shopkeeper|postgres|f",
	'code of the owner runs as the owner, in a process of the superuser\'s');
$node->value("DROP TRIGGER trap ON paycore.invoices; DROP TRIGGER deferred ON paycore.invoices");

# It shows, and requests do not wait for it: neither for a batch that is too slow at first, nor for a tenant with much.
$node->value("SELECT paycore.create_gateway_account('cards', 'mock')", user => 'shopkeeper');
my $payer = $node->value("SELECT id FROM paycore.create_billing_account('Bob', currency => 'USD', gateway => 'cards')", user => 'shopkeeper');
my $pay = "SELECT id FROM paycore.create_payment_intent('$payer', '5 USD', payment_method => 'pm_card_visa', confirm => true)";
$node->value('UPDATE shop.pace SET seconds = 0.02', user => 'shopkeeper');
schedule(0);
$node->value("SELECT shop.fill('dog', 300)", user => 'shopkeeper');
schedule(1);
$node->wait_for_sql("SELECT count(*) FROM paycore.billing_progress WHERE tenant_id = 'dog' AND scheduled AND done > 0", '1', 30);
like($node->value("SELECT query FROM pg_stat_activity WHERE backend_type = 'paycore worker'"), qr/^(paycore: billing of dog|)/, 'pg_stat_activity shows it');
$node->wait_for_sql("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'paycore worker' AND query = 'paycore: billing of dog'", '1', 30);
$node->value_is("SELECT due, done + remaining, parked, invoices > 0, pid = (SELECT worker_pid FROM paycore.worker_status()), tenant_id FROM paycore.billing_progress",
	'300|300|0|t|t|dog', 'another session sees how far it is');
my $longest = 0;
foreach my $n (1 .. 5)
{
	my $started = time;
	my $intent = $node->value($pay, user => 'shopkeeper');
	$node->value_is("SELECT status FROM paycore.await_payment_intent('$intent', '20 s')", 'succeeded', 'a payment goes through meanwhile');
	my $took = time - $started;
	$longest = $took if $took > $longest;
}
cmp_ok($longest, '<', 2, sprintf('and waits for no more than a batch or two: %.2f s', $longest));
$node->value_is("SELECT count(*) FROM paycore.billing_progress WHERE tenant_id = 'dog'", '1', 'the billing was at it all the while');
$node->wait_for_sql(invoices('dog'), '300', 60);
$node->wait_for_sql('SELECT count(*) FROM paycore.billing_progress', '0', 30);
looks_right('beside the outbox');

# It stops in under a second, in the middle of a batch, and goes on.
$node->value('UPDATE shop.pace SET seconds = 30', user => 'shopkeeper');
$node->value("SELECT shop.fill('bee', 1)", user => 'shopkeeper');
$node->wait_for_sql("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'paycore worker' AND query = 'paycore: billing of bee'", '1', 30);
my $pid = $node->value('SELECT worker_pid FROM paycore.worker_status()');
my $started = time;
$node->value("SELECT pg_terminate_backend($pid, 5000)");
cmp_ok(time - $started, '<', 1, 'a worker in the middle of a batch stops in under a second');
$node->value_is("SELECT count(*) FROM paycore.billing_progress WHERE pid = $pid", '0', 'and is at no run any more');
$node->value('UPDATE shop.pace SET seconds = 0', user => 'shopkeeper');
$node->wait_for_sql(invoices('bee'), '4', 60);
looks_right('after a stop');

# A tenant with little does not wait for one with much.
$node->value('UPDATE shop.pace SET seconds = 0.02', user => 'shopkeeper');
schedule(0);
$node->value("SELECT shop.fill('elk', 300); SELECT shop.fill('fox', 2)", user => 'shopkeeper');
schedule(1);
$node->wait_for_sql(invoices('fox'), '2', 30);
$node->value_is("SELECT count(*) < 300 FROM paycore.invoices WHERE tenant_id = 'elk'", 't', 'tenants are billed in turns');
# By hand beside it: both are seen, and nothing is billed twice. The next pass leaves alone what somebody else is at.
$node->value_is("SELECT scheduled FROM paycore.billing_progress WHERE tenant_id = 'elk'", 't', 'the schedule is at it');
my $by_hand = $node->start_psql("SET paycore.tenant = 'elk'; CALL paycore.run_billing(batch_size => 10)", verbose => 1);
$node->wait_for_sql("SELECT count(*) FILTER (WHERE scheduled), count(*) FILTER (WHERE NOT scheduled) FROM paycore.billing_progress WHERE tenant_id = 'elk'", '1|1', 30);
my ($out, $err) = $node->ended($by_hand);
is($err, '', 'a run by hand beside the schedule ends well');
$node->wait_for_sql(invoices('elk'), '300', 60);
$node->wait_for_sql('SELECT count(*) FROM paycore.billing_progress', '0', 30);
looks_right('by hand beside the schedule');

# Nor for one whose schedule somebody has written and not committed: it is billed once that is over.
schedule(0);
my $unsure = $node->start_psql("SET paycore.tenant = 'yak'; BEGIN; SELECT paycore.pause_billing('perhaps'); SELECT pg_sleep(600)");
$node->wait_for_sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND wait_event = 'PgSleep'", '1', 30);
$node->value("SELECT shop.fill('yak', 1); SELECT shop.fill('emu', 1)", user => 'shopkeeper');
schedule(1);
$node->wait_for_sql(invoices('emu'), '1', 30);
$node->value_is(invoices('yak'), '0', 'whose schedule is locked is not billed');
$node->value("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND wait_event = 'PgSleep'");
$node->ended($unsure);
$node->wait_for_sql(invoices('yak'), '1', 30);

# One tenant whose billing fails altogether stops no other, and is tried again.
$node->value(<<'SQL', user => 'shopkeeper');
CREATE FUNCTION shop.refuse() RETURNS trigger LANGUAGE plpgsql AS
	$$ BEGIN IF NEW.tenant_id = 'ant' THEN RAISE 'not for ants' USING ERRCODE = 'object_in_use'; END IF; RETURN NEW; END $$;
CREATE TRIGGER refuse BEFORE UPDATE ON paycore.invoice_series FOR EACH ROW EXECUTE FUNCTION shop.refuse();
SQL
my $position = $node->log_position;
$node->value("SELECT shop.clock('ant', '2026-06-30 10:00+00'); SELECT shop.fill('bee', 1)", user => 'shopkeeper');
$node->wait_for_sql(invoices('bee'), '5', 30);
$node->wait_for_sql("SELECT pg_read_file('" . $node->logfile . "', $position, 1000000) LIKE '%the billing of tenant ant has stopped: not for ants%'", 't', 30);
$node->value_is(invoices('ant'), '25', 'what fails is not billed');
$node->value_is("SELECT count(*) FROM paycore.subscriptions WHERE parked_at IS NOT NULL", '0', 'nor parked, for it is no fault of a subscription');
$node->value('DROP TRIGGER refuse ON paycore.invoice_series', user => 'shopkeeper');
$node->wait_for_sql(invoices('ant'), '30', 30);
looks_right('after a failure');

# A tenant whose only open invoice is nobody's to charge is not run for.
$node->value(<<'SQL', user => 'shopkeeper');
SELECT set_config('paycore.tenant', 'gnu', false);
SELECT count(paycore.create_gateway_account('tills', 'mock'));
SELECT count(paycore.finalize_invoice((paycore.create_invoice(a.id, '[{"description": "Hours", "amount": "5.00"}]')).id))
	FROM paycore.create_billing_account('Gus', currency => 'USD', gateway => 'tills', details => '{"auto_charge": false}') a;
SQL
$node->wait_for_sql("SELECT count(*) FROM paycore.billing_schedules WHERE tenant_id = 'gnu'", '1', 30);
my $passed = $node->value('SELECT billing_passed_at FROM paycore.worker_status()');
$node->wait_for_sql("SELECT billing_passed_at > '$passed' FROM paycore.worker_status()", 't', 30);
$node->value_is("SELECT last_run_at IS NULL FROM paycore.billing_schedules WHERE tenant_id = 'gnu'", 't', 'an invoice that is not to be charged is no reason for a run');

# Paused, or another server's: left alone until that is over. health() says so, and counts what is due, and for how long.
$node->value("SELECT set_config('paycore.tenant', 'bee', false); SELECT paycore.pause_billing('mending prices')", user => 'shopkeeper');
$node->value("UPDATE paycore.billing_schedules SET instance = 'the original' WHERE tenant_id = 'ant'");
$node->value("SELECT shop.clock('ant', '2026-07-31 10:00+00'); SELECT shop.fill('bee', 1); SELECT shop.fill('fox', 1)", user => 'shopkeeper');
$node->wait_for_sql(invoices('fox'), '3', 30);
sleep 1.5;
$node->value_is("SELECT tenant_id, count(*) FROM paycore.invoices WHERE tenant_id IN ('ant', 'bee') GROUP BY 1 ORDER BY 1", "ant|30\nbee|5", 'paused ones and those of another server are not billed');
like($node->value("SELECT paycore.health() ->> 'problems'"), qr/the billing of 1 tenants is paused.*the billing of 1 tenants belongs to another instance/, 'health() says so');
$node->value("SELECT set_config('paycore.tenant', 'bee', false); SELECT paycore.resume_billing()", user => 'shopkeeper');
$node->value("SELECT paycore.adopt_outbox('send')", user => 'shopkeeper');
$node->wait_for_sql(invoices('bee'), '6', 30);
$node->wait_for_sql(invoices('ant'), '35', 30);
schedule(0);
$node->value("SELECT shop.fill('fox', 2, jsonb_build_object('starts_at', now() - interval '26 hours'))", user => 'shopkeeper');
$node->value_is("SELECT h -> 'subscriptions_due', (h ->> 'subscriptions_due_seconds')::int / 3600, h -> 'subscriptions_parked', (h ->> 'billing_last_run')::timestamptz > now() - interval '1 minute' FROM paycore.health() h",
	'2|26|0|t', 'health() knows what is due, and since when');
like($node->value("SELECT paycore.health() ->> 'problems'"), qr/2 subscriptions are due and not billed, for 26 hours: CALL paycore.run_billing_all\(\)/, 'and says what to do');
$node->value_is("SELECT name, value FROM paycore.metrics() WHERE name IN ('paycore_subscriptions_due', 'paycore_subscriptions_parked', 'paycore_billing_paused', 'paycore_billing_foreign') ORDER BY name COLLATE \"C\"",
	"paycore_billing_foreign|0\npaycore_billing_paused|0\npaycore_subscriptions_due|2\npaycore_subscriptions_parked|0", 'so do metrics()');
schedule(1);
$node->wait_for_sql("SELECT paycore.health() ->> 'problems'", '[]', 30);

# Killed in the middle of a batch, and after one.
$node->value('UPDATE shop.pace SET seconds = 0', user => 'shopkeeper');
my $month = 8;
foreach my $point (qw(billing_due schedule_step schedule_committed))
{
	my $before = $node->value(invoices('ant'));
	my $position = $node->log_position;

	schedule(1, "$point=kill");
	my $clock = sprintf("SELECT shop.clock('ant', '2026-%02d-28 10:00+00')", $month += 1);
	my $end = time + 30;
	# It may be killed before it is told the time.
	sleep 0.1 until eval { $node->value($clock, user => 'shopkeeper'); 1 } || time > $end;
	sleep 0.1 while time < $end && !-e $node->data_dir . "/paycore_fault.$point";
	ok(-e $node->data_dir . "/paycore_fault.$point", "$point: the worker was killed");
	$node->await_restart($position);
	$node->wait_for_sql("SELECT count(*) FROM paycore.subscriptions s JOIN paycore.test_clocks c USING (tenant_id) WHERE s.next_bill_at <= c.shows", '0', 60);
	$node->wait_for_sql('SELECT count(*) FROM paycore.billing_progress', '0', 30);
	looks_right("$point=kill");
	cmp_ok($node->value(invoices('ant')), '>', $before, "$point: and there is something new");
}

# A run that is cancelled leaves the list of those that go on.
schedule(0);
$node->value('UPDATE shop.pace SET seconds = 30', user => 'shopkeeper');
$node->value("SELECT shop.fill('fox', 1)", user => 'shopkeeper');
$by_hand = $node->start_psql("SET paycore.tenant = 'fox'; CALL paycore.run_billing()", verbose => 1);
$node->wait_for_sql("SELECT tenant_id, phase, due, done, batch FROM paycore.billing_progress", 'fox|billing|1|0|1', 30);
$node->value('SELECT pg_cancel_backend(pid) FROM paycore.billing_progress');
($out, $err) = $node->ended($by_hand);
like($err, qr/57014/, 'a run can be cancelled');
$node->value_is('SELECT count(*) FROM paycore.billing_progress', '0', 'and is not there any more');
$node->value('UPDATE shop.pace SET seconds = 0', user => 'shopkeeper');
$node->value('CALL paycore.run_billing_all()', user => 'shopkeeper');
looks_right('by hand, all tenants');
$node->log_lacks('PANIC|TRAP', 0, 'nothing else crashed');
$node->stop;

# Nothing is billed on a standby; after its promotion its worker goes on.
my $primary = PayCluster->started('primary', tables => 1, init => { allows_streaming => 1 });
$primary->backup('base');
my $standby = PayCluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->append_conf('postgresql.conf', "paycore.billing_interval = 1\n");
$standby->start;
$primary->value(q{
	SELECT paycore.create_gateway_account('cash', 'manual');
	SELECT paycore.create_price((paycore.create_product('pro', 'Pro')).id, '{"USD": "31"}', 'month', code => 'pro');
	SELECT paycore.create_subscription((paycore.create_billing_account('Ada', currency => 'USD', gateway => 'cash')).id, '[{"price": "pro"}]');
});
$primary->wait_for_catchup($standby);
$standby->value_is('SELECT count(*) FROM paycore.billing_progress', '0', 'on a standby no run goes on');
sleep 1.5;
$standby->value_is('SELECT count(*) FROM paycore.invoices', '0', 'and nothing is billed');
$primary->stop('immediate');
$standby->promote;
$standby->wait_for_sql('SELECT count(*) FROM paycore.invoices', '1', 30);
$standby->stop;

done_testing();
