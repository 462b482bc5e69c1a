# API calls, webhooks and the worker over the same few accounts, intents, payments and refunds: no deadlock
# is left to the caller, nothing is lost, and verify() is clean.
use strict;
use warnings;

use Mojo::File qw(path);
use PayCluster;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $SECONDS = 10;
my $dir = PostgreSQL::Test::Utils::tempdir();
path("$dir/secrets")->spurt("instance = test\n[default]\nwebhook_secret = whsec_x\n");
chmod 0600, "$dir/secrets";

my $node = PayCluster->started('crowd', tables => 1, conf => <<CONF);
paycore.secrets_file = '$dir/secrets'
deadlock_timeout = 100ms
paycore.retry_initial = 20
CONF
$node->value(<<'SQL');
CREATE ROLE shop LOGIN;
SELECT paycore.grant_access('shop', 'app');
CREATE FUNCTION test_sign(payload bytea, secret text, t bigint) RETURNS text
	LANGUAGE C IMMUTABLE STRICT AS '$libdir/paycore', 'paycore_test_sign';
CREATE TABLE accounts AS SELECT a.id, n FROM generate_series(1, 4) n, paycore.create_billing_account('A' || n, currency => 'EUR') a;
CREATE TABLE calls (what text, state text, message text);
GRANT SELECT ON accounts TO shop;
GRANT INSERT ON calls TO shop;
-- What a call ends with, so that one refusal does not end the client.
CREATE PROCEDURE attempt(what text, call text) LANGUAGE plpgsql AS $$
DECLARE state text := '00000'; message text; detail text;
BEGIN
	BEGIN
		EXECUTE call;
	EXCEPTION WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
	END;
	INSERT INTO calls VALUES (what, state, CASE WHEN state = '40P01' THEN message || ': ' || detail ELSE message END);
END $$;
-- An event that repeats, and contradicts, what is known of an object.
CREATE FUNCTION post(object jsonb, type text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	t bigint := floor(extract(epoch FROM clock_timestamp()));
	body text := jsonb_build_object('id', 'evt_' || paycore.uuid_v7(), 'object', 'event', 'type', type, 'created', t + floor(random() * 5),
		'livemode', false, 'api_version', '2026-07-29.dahlia', 'data', jsonb_build_object('object', object));
BEGIN
	RETURN (paycore.receive_webhook(body, format('t=%s,v1=%s', t, test_sign(convert_to(body, 'UTF8'), 'whsec_x', t)))).status;
END $$;
SQL

my $AN_INTENT = "(SELECT id FROM paycore.payment_intents ORDER BY random() LIMIT 1)";
# In one order: sessions that lock the same two in either order meet in a deadlock of their own making.
my $TWO_PAYMENTS = "(SELECT id FROM (SELECT id FROM paycore.payments ORDER BY random() LIMIT 2) p ORDER BY id) two";
my %scripts = (
	pay => "SELECT paycore.create_payment_intent((SELECT id FROM accounts ORDER BY random() LIMIT 1), ''5 EUR'',"
	  . " payment_method => ''pm_card_visa'', confirm => random() < 0.8, capture_method => CASE WHEN random() < 0.3 THEN ''manual'' ELSE ''automatic'' END)",
	confirm => "SELECT paycore.confirm_payment_intent($AN_INTENT, ''pm_card_visa'')",
	capture => "SELECT paycore.capture_payment_intent($AN_INTENT, CASE WHEN random() < 0.5 THEN ''2 EUR''::paycore.money_cents END)",
	cancel => "SELECT paycore.cancel_payment_intent($AN_INTENT)",
	change => "SELECT paycore.update_payment_intent($AN_INTENT, ''6 EUR'')",
	account => "SELECT paycore.update_billing_account((SELECT id FROM accounts ORDER BY random() LIMIT 1), jsonb_build_object(''phone'', random()::text))",
	refund => "SELECT paycore.create_refund(id, ''1 EUR'') FROM $TWO_PAYMENTS",
	undo => "SELECT paycore.cancel_refund(id) FROM paycore.refunds WHERE status::text = ''pending'' ORDER BY random() LIMIT 1",
	event => "SELECT post(jsonb_build_object(''object'', ''payment_intent'', ''id'', psp_intent_id, ''status'', status, ''amount'', paycore.cents(amount),"
	  . " ''currency'', ''eur'', ''amount_capturable'', 0, ''amount_received'', paycore.cents(coalesce(amount_received, ''0 EUR'')), ''created'', 1000000000,"
	  . " ''metadata'', ''{}''::jsonb, ''livemode'', false, ''latest_charge'', psp_latest_charge_id), ''payment_intent.processing'')"
	  . " FROM paycore.payment_intents WHERE psp_intent_id IS NOT NULL ORDER BY random() LIMIT 1",
	refund_event => "SELECT post(jsonb_build_object(''object'', ''refund'', ''id'', ''re_'' || floor(random() * 50), ''charge'', psp_charge_id, ''status'', ''succeeded'',"
	  . " ''amount'', 50, ''currency'', ''eur'', ''created'', 1000000000, ''metadata'', ''{}''::jsonb), ''refund.updated'')"
	  . " FROM paycore.payments WHERE psp_charge_id IS NOT NULL ORDER BY random() LIMIT 1");

my @files;
for my $what (sort keys %scripts)
{
	path("$dir/$what.sql")->spurt("CALL attempt('$what', '$scripts{$what}');\n");
	push @files, '-f', "$dir/$what.sql\@" . ($what eq 'pay' ? 3 : 1);
}
my ($out, $err) = ('', '');
my $position = $node->log_position;
IPC::Run::run([ 'pgbench', '-n', '-h', $node->host, '-p', $node->port, '-U', 'shop', '-c', '8', '-j', '2', '-T', $SECONDS, @files, 'postgres' ],
	'>', \$out, '2>', \$err);
like($out, qr/number of failed transactions: 0 /, 'every client goes on to the end') or diag($out, $err);
note($node->value('SELECT what, state, count(*), min(message) FROM calls GROUP BY 1, 2 ORDER BY 1, 2'));

$node->value_is(q{SELECT count(*) FROM calls WHERE state = '40P01'}, '0', 'no deadlock reaches a caller');
$node->value_is(q{SELECT count(*) FROM calls WHERE state <> '00000' AND state NOT LIKE 'PY%'}, '0',
	'calls succeed, or are refused in words of ours');
$node->value_is(q{SELECT count(DISTINCT what) FROM calls WHERE state = '00000'}, scalar(keys %scripts), 'every kind of call succeeds at times');
$node->value_is("SELECT count(*) FROM paycore.webhook_events WHERE status = 'failed' AND error_code LIKE '40%'", '0', 'no event failed for a lock');
$node->log_lacks(qr/deadlock detected|could not be recorded/, $position, 'nor did the worker');
$node->wait_for_sql("SELECT count(*) FROM paycore.outbox WHERE finished_at IS NULL AND NOT is_read AND status <> 'dead'"
	  . " AND next_attempt_at < now() + interval '1 minute'", '0', 60);
$node->value_is("SELECT DISTINCT rule FROM paycore.verify() WHERE severity = 'violation'", '', 'verify() is clean');
$node->stop;

done_testing();
