# What changes in the middle of a period and in the middle of a run: what was billed stays, what comes goes by what holds then.
use strict;
use warnings;

use PayCluster;
use Test::More;

my $node = PayCluster->started('middle', tables => 1);
$node->value(q{
	SELECT paycore.create_gateway_account('cash', 'manual');
	SELECT paycore.set_seller('{"name": "Shop", "time_zone": "Europe/Berlin"}');
	SELECT paycore.set_test_clock('2026-03-01 00:00+01');
	SELECT paycore.create_price((paycore.create_product('pro', 'Pro')).id, '{"USD": "30"}', 'month', code => 'pro');
	SELECT paycore.create_tax_rate('vat', 'VAT', 10);
	SELECT paycore.set_default_tax_rates(ARRAY['vat']);
	SELECT paycore.create_coupon('third', 'A third off', percent_off => 33.333333, duration => 'forever');
	SELECT paycore.create_coupon('two', 'Five off, twice', amount_off => '5.00 USD', duration => 'repeating', details => '{"duration_periods": 2}');
});

# Ten accounts, whose periods begin one hour after the other, so that the order of a run is known.
$node->value(q{
	SELECT paycore.create_subscription((paycore.create_billing_account('Account ' || n, currency => 'USD', gateway => 'cash', external_ref => n::text)).id,
		'[{"price": "pro"}]', jsonb_build_object('external_ref', 's' || n, 'starts_at', timestamptz '2026-03-01 00:00+01' - (10 - n) * interval '1 hour'))
	FROM generate_series(1, 10) n});
$node->value(qq{SELECT paycore.apply_coupon(id, CASE external_ref WHEN 's2' THEN 'third' ELSE 'two' END) FROM paycore.subscriptions WHERE external_ref IN ('s2', 's9')});

sub invoices
{
	my ($ref) = @_;
	return $node->value(qq{
		SELECT string_agg(to_char(i.period_start AT TIME ZONE 'Europe/Berlin', 'MM-DD HH24:MI') || ' ' || i.subtotal || ' ' || i.discount || ' ' || i.tax, ', ' ORDER BY i.serial)
		FROM paycore.invoices i JOIN paycore.subscriptions s ON s.id = i.subscription_id WHERE s.external_ref = '$ref'});
}

sub looks_right
{
	my ($what) = @_;
	is($node->value('SELECT rule, object_type, object_id FROM paycore.verify()'), '', "$what: verify() is clean");
}

$node->value('CALL paycore.run_billing()');
is(invoices('s1'), '02-28 15:00 30.00 USD 0.00 USD 3.00 USD', 'the first period, at the old price and the old tax');
is(invoices('s9'), '02-28 23:00 30.00 USD 5.00 USD 2.50 USD', 'with its coupon');

# In the middle of the period: nothing of what is billed changes.
$node->value(q{SELECT paycore.set_test_clock('2026-03-15 00:00+01')});
$node->value(q{
	SELECT paycore.revise_price(id, '{"USD": "40"}') FROM paycore.list_prices() WHERE code = 'pro' AND active;
	SELECT paycore.create_tax_rate('vat20', 'VAT', 20);
	SELECT paycore.set_default_tax_rates(ARRAY['vat20']);
	SELECT paycore.update_coupon(id, '{"active": false}') FROM paycore.list_coupons() WHERE code = 'third';
	SELECT paycore.set_seller('{"time_zone": "America/New_York", "name": "Shop Inc"}');
	SELECT paycore.update_billing_account(id, '{"status": "suspended", "status_reason": "fraud?"}') FROM paycore.billing_accounts WHERE external_ref = '3';
	SELECT paycore.update_billing_account(id, '{"status": "closed", "status_reason": "gone"}') FROM paycore.billing_accounts WHERE external_ref = '4';
	SELECT paycore.update_billing_account(id, '{"name": "Account Five Ltd", "tax_exempt": "exempt"}') FROM paycore.billing_accounts WHERE external_ref = '5';
});
$node->value('CALL paycore.run_billing()');
is($node->value('SELECT count(*) FROM paycore.invoices'), 10, 'in the middle of a period nothing is billed');
$node->value(q{SELECT paycore.set_test_clock('2026-03-28 23:59+01'); CALL paycore.run_billing()});
is(invoices('s1'), '02-28 15:00 30.00 USD 0.00 USD 3.00 USD, 03-28 15:00 30.00 USD 0.00 USD 6.00 USD',
	'then the version of the price that was agreed, the tax of now, and the days of the zone of before');
is(invoices('s2'), '02-28 16:00 30.00 USD 10.00 USD 2.00 USD, 03-28 16:00 30.00 USD 10.00 USD 4.00 USD', 'a coupon that is not given any more still holds for whom it was given');
is(invoices('s3'), '02-28 17:00 30.00 USD 0.00 USD 3.00 USD', 'a suspended account is not billed');
is($node->value(q{SELECT status, parked_reason FROM paycore.subscriptions WHERE external_ref = 's3'}), 'active|its account is suspended', 'and its subscription is parked');
is($node->value(q{SELECT status, cancel_reason, ended_at = billed_until, next_bill_at IS NULL FROM paycore.subscriptions WHERE external_ref = 's4'}),
	'canceled|account closed|t|t', 'a closed account has its subscription until the end of what was billed');
is(invoices('s4'), '02-28 18:00 30.00 USD 0.00 USD 3.00 USD', 'and no bill after');
is($node->value(q{SELECT string_agg((customer ->> 'name') || ' ' || tax_exemption || ' ' || (seller ->> 'name'), ', ' ORDER BY serial) FROM paycore.invoices
	WHERE billing_account_id = (SELECT id FROM paycore.billing_accounts WHERE external_ref = '5')}),
	'Account 5 none Shop, Account Five Ltd exempt Shop Inc', 'names and exemption are those of the moment');
looks_right('after the middle of a period');

# A suspended account that is active again: what was left out is billed when it is retried.
$node->value(q{SELECT paycore.update_billing_account(id, '{"status": "active"}') FROM paycore.billing_accounts WHERE external_ref = '3'});
$node->value(q{SELECT paycore.retry_billing(id) FROM paycore.subscriptions WHERE external_ref = 's3'});
$node->value('CALL paycore.run_billing()');
is(invoices('s3'), '02-28 17:00 30.00 USD 0.00 USD 3.00 USD, 03-28 17:00 30.00 USD 0.00 USD 6.00 USD', 'billed once it is active again');

# In the middle of a run: it stops after its first batch, and things change.  The coupon of s9 is used up by now.
$node->value(q{SELECT paycore.set_test_clock('2026-04-30 00:00+02')});
my $run = $node->start_psql("SET paycore.fault = 'billing_committed=sleep:3000'; CALL paycore.run_billing(batch_size => 4)");
$node->wait_for_sql('SELECT count(*) > 20 FROM paycore.invoices', 't');
$node->value(q{
	SELECT paycore.create_tax_rate('vat30', 'VAT', 30);
	SELECT paycore.set_default_tax_rates(ARRAY['vat30']);
	SELECT paycore.update_billing_account(id, '{"status": "suspended", "status_reason": "fraud?"}') FROM paycore.billing_accounts WHERE external_ref = '7';
	SELECT paycore.update_billing_account(id, '{"status": "closed", "status_reason": "gone"}') FROM paycore.billing_accounts WHERE external_ref = '8';
	SELECT paycore.cancel_subscription(id, false, 'enough') FROM paycore.subscriptions WHERE external_ref = 's10';
	SELECT paycore.set_seller('{"time_zone": "Asia/Tokyo"}');
});
my ($out, $error) = $node->ended($run);
is($error, '', 'the run goes on to its end');
is($node->value(q{SELECT string_agg(DISTINCT l.taxes[1].percentage::text, ', ') FROM paycore.invoice_lines l JOIN paycore.invoices i ON i.id = l.invoice_id
	WHERE i.period_start > '2026-04-01' AND i.tax_exemption = 'none'}), '20, 30', 'before the change at the tax of before, after it at that of after');
is($node->value(q{SELECT string_agg(external_ref || ' ' || status || coalesce(' ' || parked_reason, ''), ', ' ORDER BY external_ref) FROM paycore.subscriptions
	WHERE external_ref IN ('s7', 's8', 's10')}), 's10 canceled, s7 active its account is suspended, s8 canceled', 'closed, suspended and cancelled are so for the rest of the run');
is(invoices('s7'), '02-28 21:00 30.00 USD 0.00 USD 3.00 USD, 03-28 21:00 30.00 USD 0.00 USD 6.00 USD', 'nobody is billed after that');
like(invoices('s9'), qr/03-28 23:00 30.00 USD 5.00 USD 5.00 USD, 04-28 23:00 30.00 USD 0.00 USD/, 'a coupon for two bills was off two');
like($node->value('SELECT count(*), count(DISTINCT serial), max(serial) - count(*) FROM paycore.invoices'), qr/^(\d+)\|\1\|0$/, 'numbers without a gap');
looks_right('after the middle of a run');

$node->stop;
done_testing();
