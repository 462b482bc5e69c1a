# One object of a page that cannot be recorded keeps no other out: it is asked for again by itself, and shows until it is mended.
use strict;
use warnings;

use PayCluster;
use StripeCluster;
use Test::More;

my $db = StripeCluster->new('parts', stripe => { settle_delay => 0 }, conf => "paycore.max_attempts = 2\npaycore.request_timeout = 20000\n");
my $stripe = $db->stripe;
my $node = $db->node;

sub api { my ($path, %form) = @_; my $r = $stripe->api(POST => $path, \%form); die "$path: $r->{text}\n" unless $r->{status} == 200; return $r->{body} }

my $customer = api('/v1/customers', name => 'Ann')->{id};
my @ids = map { api('/v1/payment_intents', amount => 1000 + $_, currency => 'eur', customer => $customer, confirm => 'true', payment_method => 'pm_card_visa',
	'automatic_payment_methods[enabled]' => 'true', 'automatic_payment_methods[allow_redirects]' => 'never')->{id} } 1 .. 5;
$db->value("SELECT paycore.update_gateway_account('default', adopt => 'all')");
$node->safe_psql('postgres', q{
	CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF paycore.cents(NEW.authorized) = 1003 THEN RAISE EXCEPTION 'not this one'; END IF; RETURN NEW; END $$;
	CREATE TRIGGER refuse BEFORE INSERT ON paycore.payments FOR EACH ROW EXECUTE FUNCTION refuse()});
my $start = $node->log_position;
$db->value("CALL paycore.backfill(timeout => interval '15 seconds')");

is($db->value('SELECT count(*), paycore.sum(gross) FROM paycore.payments'), '4|40.12 EUR', 'the others of its page are here');
is($db->value("SELECT count(*) FROM paycore.payment_intents WHERE psp_intent_id = '$ids[2]'"), 0, 'nothing of it is');
is($db->value("SELECT state, objects FROM paycore.backfill_progress WHERE list = 'payment_intents'"), 'done|5', 'the list is read');
$node->log_has(qr/\Q$ids[2]\E of a list could not be recorded: not this one/, $start, 'the log names it');
my $asked = "operation = 'intent.retrieve' AND params->>'psp_id' = '$ids[2]' AND finished_at IS NULL";
is($db->value("SELECT DISTINCT status, error_message FROM paycore.outbox WHERE $asked"), 'dead|not this one', 'it was asked for again, until that was given up');

$node->safe_psql('postgres', 'DROP TRIGGER refuse ON paycore.payments');
$db->value("SELECT count(paycore.retry_outbox(id)) FROM paycore.outbox WHERE $asked");
$db->drain;
is($db->value('SELECT count(*), paycore.sum(gross) FROM paycore.payments'), '5|50.15 EUR', 'once it is mended, it is here too');
is($db->value('SELECT count(*) FROM paycore.verify()'), 0, 'verify() is clean');

$db->stop;
done_testing();
