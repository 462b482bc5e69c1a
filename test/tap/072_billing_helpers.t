# Processes that take batches of a run beside the session that called it: as its users, with its settings; and what becomes of
# the run where one of them, or the session, stops halfway.
use strict;
use warnings;

use PayCluster;
use Test::More;
use Time::HiRes qw(sleep time);

my $SUBSCRIPTIONS = 60;
my $node = PayCluster->started('helpers', tables => 1,
	conf => "restart_after_crash = on\nmax_connections = 30\nmax_worker_processes = 12\npaycore.worker = off\n");
$node->value(q{
	SELECT paycore.create_gateway_account('cash', 'manual');
	SELECT paycore.set_test_clock('2026-01-31 10:00+00');
	SELECT paycore.create_price((paycore.create_product('pro', 'Pro')).id, '{"USD": "31"}', 'month', code => 'pro');
	CREATE ROLE billers NOLOGIN;
	SELECT paycore.grant_access('billers', 'operator');
	CREATE ROLE clerk LOGIN IN ROLE billers NOINHERIT;
});
$node->value(qq{
	SELECT paycore.create_subscription((paycore.create_billing_account('Account ' || n, currency => 'USD', gateway => 'cash')).id,
		'[{"price": "pro"}]', jsonb_build_object('anchor', timestamptz '2026-01-01 00:00+00' + n % 28 * interval '1 day'))
	FROM generate_series(1, $SUBSCRIPTIONS) n});

# Who writes invoices, and for whom; each takes its time, so that one process cannot be done before the others have begun.
$node->value(q{
	CREATE TABLE seen (pid integer, who text, request text, libraries text);
	GRANT INSERT ON seen TO PUBLIC;
	CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		INSERT INTO public.seen VALUES (pg_backend_pid(), session_user || ' ' || current_setting('role'), current_setting('app.request', true),
			(SELECT string_agg(DISTINCT split_part(name, '.', 1), ' ') FROM pg_settings WHERE name LIKE 'auto_explain.%'));
		IF pg_backend_pid()::text <> current_setting('app.quick', true) THEN
			PERFORM pg_sleep(20);
		END IF;
		IF pg_backend_pid()::text <> current_setting('app.only', true) THEN
			RAISE EXCEPTION 'no room for this one' USING ERRCODE = '53400';
		END IF;
		PERFORM pg_sleep(0.01);
		RETURN NULL;
	END $$;
	CREATE TRIGGER see AFTER INSERT ON paycore.invoices FOR EACH ROW EXECUTE FUNCTION see();
});

my $periods = q{
	SELECT sum(1 + (SELECT count(*) FROM generate_series(s.anchor, c.shows, interval '1 month') b WHERE b > s.starts_at))
	FROM paycore.subscriptions s, paycore.test_clocks c};
my $helpers = q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'paycore helper'};
my $month = 1;

sub next_month
{
	$node->value(sprintf "SELECT paycore.set_test_clock(timestamptz '2026-01-28 10:00+00' + interval '%d months'); TRUNCATE seen", $month++);
	return;
}

sub looks_right
{
	my ($what) = @_;
	my $expected = $node->value($periods);

	is($node->value('SELECT count(*), count(DISTINCT serial), min(serial), max(serial) FROM paycore.invoices'), "$expected|$expected|1|$expected",
		"$what: each period has its invoice, and each invoice the next number");
	is($node->value('SELECT count(*) FROM paycore.subscriptions WHERE parked_at IS NOT NULL'), 0, "$what: nothing is parked");
	is($node->value('SELECT rule, object_type, object_id FROM paycore.verify()'), '', "$what: verify() is clean");
	is($node->value($helpers), 0, "$what: no helper is left");
}

sub run
{
	my ($sql, %options) = @_;
	my ($stdout, $stderr) = ('', '');

	$node->psql('postgres', $sql, stdout => \$stdout, stderr => \$stderr, extra_params => $options{user} ? [ '-U', $options{user} ] : []);
	return $stderr;
}

# A user of a role that cannot log in, with settings of its own.
next_month();
my $run = q{SET ROLE billers; SET app.request = 'r-1'; CALL paycore.run_billing(batch_size => 5, processes => 3)};
is(run($run, user => 'clerk'), '', 'three processes bill');
is($node->value('SELECT count(DISTINCT pid), count(*) FROM seen'), '3|' . $node->value('SELECT count(*) FROM paycore.invoices'), 'each of them has billed');
is($node->value('SELECT DISTINCT who, request FROM seen'), 'clerk billers|r-1', 'as the same users, with the same settings');
is($node->value(q{SELECT DISTINCT actor FROM paycore.status_changes WHERE object_type = 'invoice'}), 'clerk', 'and in the same name');
is($node->value('SELECT DISTINCT libraries FROM seen'), '', 'and the same libraries, none');
is($node->value('SELECT last_run_done, last_run_invoices, last_run_parked FROM paycore.billing_schedules'),
	$node->value("SELECT n || '|' || n || '|0' FROM (SELECT count(*) AS n FROM paycore.invoices) n"), 'the last run is all that they did');
looks_right('three processes');

# Another user than the one who logged in, with a library of its session.
next_month();
is(run(q{LOAD 'auto_explain'; SET SESSION AUTHORIZATION clerk; SET ROLE billers; CALL paycore.run_billing(batch_size => 5, processes => 3)}), '', 'as another user');
is($node->value('SELECT count(DISTINCT pid), min(who), max(who), min(libraries), count(libraries) = count(*) FROM seen'), '3|clerk billers|clerk billers|auto_explain|t',
	'so are all, with the library');
looks_right('as another user');

# Numbers are waited for, as long as a batch takes.
next_month();
is(run(q{SET lock_timeout = '5ms'; CALL paycore.run_billing(batch_size => 5, processes => 3)}), '', 'the processes of a run wait for each other');
is($node->value('SELECT count(DISTINCT pid) FROM seen'), 3, 'all three');
looks_right('lock_timeout');

# Whose snapshot is kept cannot go on from the numbers of others.
foreach my $isolation ('repeatable read', 'serializable')
{
	next_month();
	my $sql = "SET default_transaction_isolation = '$isolation'; CALL paycore.run_billing(batch_size => 5, processes => %d)";

	like(run(sprintf $sql, 3), qr/ERROR:  processes must be 1 where transactions are "$isolation"\n.*HINT:  SET default_transaction_isolation/s, "$isolation: several are refused");
	is(run(sprintf $sql, 1), '', "$isolation: one bills");
	looks_right($isolation);
}

# No more than there are batches.
next_month();
is(run('CALL paycore.run_billing(batch_size => 30, processes => 10)'), '', 'more processes than batches');
cmp_ok($node->value('SELECT count(DISTINCT pid) FROM seen'), '<=', 2, 'as many as there are batches');
looks_right('more processes than batches');

# No more than the server has.
next_month();
like(run('CALL paycore.run_billing(batch_size => 1, processes => 64)'), qr/NOTICE:  [1-9]\d* of 59 helping processes could be started/, 'the server has not so many');
looks_right('not so many');

next_month();
is(run('CALL paycore.run_billing_all(batch_size => 5, processes => 3)'), '', 'all tenants');
is($node->value('SELECT count(DISTINCT pid) FROM seen'), 3, 'by three processes');
looks_right('all tenants');

# Helpers that cannot go on leave their batches to the session.
next_month();
like(run(q{SELECT set_config('app.only', pg_backend_pid()::text, false); CALL paycore.run_billing(batch_size => 5, processes => 3)}),
	qr/WARNING:  a process that helped with the billing has stopped: no room for this one/, 'helpers fail');
is($node->value('SELECT count(DISTINCT pid) FROM seen'), 1, 'what they wrote is undone');
looks_right('helpers fail');

next_month();
my $background = $node->start_psql('CALL paycore.run_billing(batch_size => 2, processes => 3)');
$node->wait_for_sql($helpers, 2);
$node->value(q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'paycore helper'});
like(($node->ended($background))[1], qr/WARNING:  a process that helped with the billing has stopped: (its process was terminated|terminating)/, 'helpers are terminated');
looks_right('helpers are terminated');

# Without their session, helpers end, and another run goes on.
foreach my $end (qw(pg_cancel_backend pg_terminate_backend))
{
	next_month();
	$background = $node->start_psql('CALL paycore.run_billing(batch_size => 2, processes => 3)');
	$node->wait_for_sql($helpers, 2);
	$node->value("SELECT $end(pid) FROM pg_stat_activity WHERE query LIKE 'CALL paycore.run_billing%' AND backend_type = 'client backend'");
	like(($node->ended($background))[1], qr/canceling statement|terminating connection/, "$end: the session's run ends");
	$node->wait_for_sql($helpers, 0, 20);
	is($node->value("SELECT (SELECT count(*) FROM paycore.invoices) < ($periods)"), 't', "$end: halfway");
	is(run('CALL paycore.run_billing()'), '', "$end: another run goes on");
	looks_right($end);
}

# Even where it is in the middle of a batch that takes long.
next_month();
$background = $node->start_psql(q{SELECT set_config('app.quick', pg_backend_pid()::text, false); CALL paycore.run_billing(batch_size => 2, processes => 3)});
$node->wait_for_sql(q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'paycore helper' AND wait_event = 'PgSleep'}, 1);
$node->value(q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%CALL paycore.run_billing%' AND backend_type = 'client backend' AND pid <> pg_backend_pid()});
$node->ended($background);
$node->wait_for_sql($helpers, 0, 5);
is($node->value("SELECT (SELECT count(*) FROM paycore.invoices) < ($periods)"), 't', 'a helper goes with its session');
is(run('CALL paycore.run_billing()'), '', 'and another run goes on');
looks_right('in the middle of a batch');

# Interrupted before it knows of them all.
next_month();
my ($out, $err) = ('', '');
$node->psql('postgres', qq{SET paycore.fault = 'helpers_started=error'; SELECT set_config('app.quick', pg_backend_pid()::text, false);
	CALL paycore.run_billing(batch_size => 1, processes => 64); SELECT pg_sleep(3); SELECT 'left: ' || ($helpers)}, on_error_stop => 0, stdout => \$out, stderr => \$err);
like($err, qr/ERROR:.*helpers_started/, 'interrupted at its start');
ok(unlink($node->data_dir . '/paycore_fault.helpers_started'), 'when they had started');
like($out, qr/left: 0/, 'they end before the session does');
is(run('CALL paycore.run_billing()'), '', 'another run goes on');
looks_right('interrupted at its start');

# A helper that dies takes the server with it, as any process does.
next_month();
my $position = $node->log_position;
$background = $node->start_psql("SET paycore.fault = 'billing_helped=kill'; CALL paycore.run_billing(batch_size => 2, processes => 3)");
$node->ended($background);
ok(unlink($node->data_dir . '/paycore_fault.billing_helped'), 'a helper was killed');
$node->await_restart($position);
is(run('CALL paycore.run_billing(batch_size => 5, processes => 3)'), '', 'after a crash, another run goes on');
looks_right('after a crash');

# A tenant whose helpers cannot be started stops no other.
next_month();
$node->value(q{SET paycore.tenant = 'second';
	SELECT paycore.create_gateway_account('cash', 'manual');
	SELECT paycore.set_test_clock('2026-01-31 10:00+00');
	SELECT paycore.create_price((paycore.create_product('pro', 'Pro')).id, '{"USD": "31"}', 'month', code => 'pro');
	SELECT paycore.create_subscription((paycore.create_billing_account('Account ' || n, currency => 'USD', gateway => 'cash')).id, '[{"price": "pro"}]') FROM generate_series(1, 3) n;
	SELECT paycore.set_test_clock('2026-02-28 10:00+00')});
my $stopped = run(q{SET paycore.fault = 'helpers_started=error'; CALL paycore.run_billing_all(batch_size => 1, processes => 2)});
unlike($stopped, qr/ERROR/, 'helpers that cannot be started do not end a run for all');
like($stopped, qr/WARNING:  the billing of tenant "default" has stopped: .*helpers_started/, 'one tenant stops');
ok(unlink($node->data_dir . '/paycore_fault.helpers_started'), 'when they had started');
my $due = 'SELECT string_agg(DISTINCT s.tenant_id, $$ $$) FROM paycore.subscriptions s JOIN paycore.test_clocks c ON c.tenant_id = s.tenant_id WHERE s.next_bill_at <= c.shows';
is($node->value($due), 'default', 'the other is billed');
is(run('CALL paycore.run_billing_all(batch_size => 1, processes => 2)'), '', 'another run for all goes on');
is($node->value($due), '', 'nothing is left due');
is($node->value('SELECT count(*) FROM (SELECT FROM paycore.verify()) v'), 0, 'and verify() is clean');

foreach my $n (0, -1, 65)
{
	$node->fails_with("CALL paycore.run_billing(processes => $n)", 'PY042', "$n processes");
}

$node->stop;

# Without the library at the server's start, nobody sees how far a run is; else it is the same.
my $plain = PayCluster->started('plain', preload => 0, tables => 1);
$plain->value(q{
	SELECT paycore.create_gateway_account('cash', 'manual');
	SELECT paycore.set_test_clock('2026-01-31 10:00+00');
	SELECT paycore.create_price((paycore.create_product('pro', 'Pro')).id, '{"USD": "31"}', 'month', code => 'pro');
	SELECT paycore.create_subscription((paycore.create_billing_account('Account ' || n, currency => 'USD', gateway => 'cash')).id, '[{"price": "pro"}]')
	FROM generate_series(1, 20) n;
	CREATE TABLE seen (pid integer);
	CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.seen VALUES (pg_backend_pid()); PERFORM pg_sleep(0.02); RETURN NULL; END $$;
	CREATE TRIGGER see AFTER INSERT ON paycore.invoices FOR EACH ROW EXECUTE FUNCTION see();
	CALL paycore.run_billing(batch_size => 1, processes => 2);
});
is($plain->value('SELECT count(*), (SELECT count(DISTINCT pid) FROM seen) FROM paycore.invoices'), '20|2', 'without preloading, two processes bill');
$plain->stop;

# What a helper has billed, and cannot collect, the session collects, though it has already looked for what is open.
my $paid = PayCluster->started('paid', tables => 1, conf => "paycore.worker = off\n");
$paid->value(q{
	SELECT paycore.set_test_clock('2026-01-31 10:00+00');
	SELECT paycore.create_price((paycore.create_product('pro', 'Pro')).id, '{"USD": "31"}', 'month', code => 'pro');
	SELECT paycore.create_subscription((paycore.create_billing_account('Account ' || n, currency => 'USD')).id, '[{"price": "pro"}]', '{"payment_method": "pm_card_visa"}')
	FROM generate_series(1, 12) n;
	SELECT paycore.set_test_clock('2026-03-05 10:00+00');
	CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		PERFORM pg_sleep(CASE pg_backend_pid()::text WHEN current_setting('app.only') THEN 0.1 ELSE 4 END);
		RETURN NULL;
	END $$;
	-- Before numbers are taken, and after the ids.
	CREATE TRIGGER wait BEFORE INSERT ON paycore.invoice_lines FOR EACH STATEMENT EXECUTE FUNCTION wait();
	CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF pg_backend_pid()::text <> current_setting('app.only') THEN
			RAISE EXCEPTION 'not this one' USING ERRCODE = '53400';
		END IF;
		RETURN NEW;
	END $$;
	CREATE TRIGGER refuse BEFORE INSERT ON paycore.collections FOR EACH ROW EXECUTE FUNCTION refuse();
});
$paid->psql('postgres', q{SELECT set_config('app.only', pg_backend_pid()::text, false); CALL paycore.run_billing(batch_size => 2, processes => 2)}, stdout => \$out, stderr => \$err);
like($err, qr/WARNING:  a process that helped with the billing has stopped: not this one/, 'a helper cannot collect');
is($paid->value('SELECT count(*) > 12, count(*) = count(c.id) FROM paycore.invoices i LEFT JOIN paycore.collections c ON c.invoice_id = i.id'), 't|t', 'the session collects all');
$paid->stop;
done_testing();
