package FakeStripe::Objects;
use Mojo::Base -strict, -signatures;

use Mojo::JSON qw(true false);

# The shapes of API version 2026-07-29.dahlia, every field present, before anything has happened.

sub _address
{
	return { map { $_ => undef } qw(city country line1 line2 postal_code state) };
}

sub billing_details
{
	return { address => _address(), email => undef, name => undef, phone => undef, tax_id => undef };
}

sub customer ($store)
{
	return {
		(map { $_ => undef } qw(address currency customer_account default_source description email name phone
			shipping test_clock)),
		id => $store->new_id('cus', 15), object => 'customer', balance => 0, created => $store->now,
		delinquent => false, invoice_prefix => uc substr($store->new_id('x', 9), 3),
		invoice_settings => {
			custom_fields => undef, default_payment_method => undef, footer => undef, rendering_options => undef
		},
		livemode => $store->livemode, metadata => {}, next_invoice_sequence => 1, preferred_locales => [],
		tax_exempt => 'none',
	};
}

sub payment_method ($store, $card)
{
	my $method = {
		id => $store->new_id('pm', 25), object => 'payment_method', allow_redisplay => 'unspecified',
		billing_details => billing_details(), created => $store->now, customer => undef,
		customer_account => undef, livemode => $store->livemode, metadata => {}, type => $card->{type},
	};
	$method->{ $card->{type} } = $card->{type} eq 'card' ? _card($card) : _bank($card);
	return $method;
}

sub _card ($card)
{
	my $brand = $card->{brand};
	return {
		brand => $brand, checks => _checks($card), country => $card->{country}, display_brand => $brand,
		exp_month => 12, exp_year => 2034, fingerprint => _fingerprint($card), funding => $card->{funding},
		generated_from => undef, last4 => $card->{last4},
		networks => { available => [$brand], preferred => undef }, regulated_status => 'unregulated',
		three_d_secure_usage => { supported => $brand eq 'amex' ? false : true }, wallet => undef,
	};
}

sub _bank ($card)
{
	return {
		account_holder_type => 'individual', account_type => 'checking', bank_name => 'STRIPE TEST BANK',
		financial_connections_account => undef, fingerprint => _fingerprint($card), last4 => $card->{last4},
		networks => { preferred => 'ach', supported => ['ach'] }, routing_number => '110000000',
		status_details => {},
	};
}

sub _checks ($card)
{
	return {
		address_line1_check => undef, address_postal_code_check => undef, cvc_check => 'pass',
		%{$card->{checks} // {}},
	};
}

# The same card has the same fingerprint whichever payment method carries it.
sub _fingerprint ($card)
{
	my $name = ($card->{brand} // 'bank') . $card->{last4};
	return substr('Fp' . unpack('H*', $name) . '0' x 16, 0, 16);
}

sub payment_intent ($store, $amount, $currency)
{
	my $id = $store->new_id('pi', 25);
	return {
		(map { $_ => undef } qw(application application_fee_amount canceled_at cancellation_reason customer
			customer_account description excluded_payment_method_types last_payment_error latest_charge
			managed_payments next_action on_behalf_of payment_method payment_method_configuration_details
			processing receipt_email review setup_future_usage shipping source statement_descriptor
			statement_descriptor_suffix transfer_data transfer_group)),
		id => $id, object => 'payment_intent', amount => $amount, amount_capturable => 0,
		amount_details => { tip => {} }, amount_received => 0, automatic_payment_methods => undef,
		capture_method => 'automatic_async', client_secret => $store->new_id("${id}_secret", 25),
		confirmation_method => 'automatic', created => $store->now, currency => $currency,
		livemode => $store->livemode, metadata => {},
		payment_method_options => {
			card => {
				installments => undef, mandate_options => undef, network => undef,
				request_three_d_secure => 'automatic'
			}
		},
		payment_method_types => ['card'], status => 'requires_payment_method',
	};
}

sub charge ($store, $intent, $method, $card)
{
	return {
		(map { $_ => undef } qw(application application_fee application_fee_amount balance_transaction
			failure_balance_transaction failure_code failure_message on_behalf_of receipt_email receipt_number
			review shipping source source_transfer statement_descriptor statement_descriptor_suffix
			transfer_data transfer_group)),
		id => $store->new_id($card->{type} eq 'card' ? 'ch' : 'py', 25), object => 'charge',
		amount => $intent->{amount}, amount_captured => 0, amount_refunded => 0,
		billing_details => $store->snapshot($method->{billing_details}),
		calculated_statement_descriptor => 'FAKE STRIPE', captured => false, created => $store->now,
		currency => $intent->{currency}, customer => $intent->{customer},
		description => $intent->{description}, disputed => false, fraud_details => {},
		livemode => $store->livemode, metadata => { %{$intent->{metadata}} }, outcome => undef,
		paid => false, payment_intent => $intent->{id}, payment_method => $method->{id},
		payment_method_details => method_details($store, $intent->{amount}, $method),
		receipt_url => undef, refunded => false, status => 'pending',
		(map { $_ => $intent->{$_} } qw(receipt_email shipping statement_descriptor
			statement_descriptor_suffix transfer_group)),
	};
}

sub method_details ($store, $amount, $method)
{
	my $type = $method->{type};
	return { type => $type, $type => $store->snapshot($method->{$type}) } unless $type eq 'card';
	my $card = $method->{card};
	return {
		type => 'card',
		card => {
			(map { $_ => $card->{$_} } qw(brand checks country exp_month exp_year fingerprint funding last4
				regulated_status)),
			amount_authorized => $amount, authorization_code => undef,
			extended_authorization => { status => 'disabled' },
			incremental_authorization => { status => 'unavailable' }, installments => undef, mandate => undef,
			multicapture => { status => 'unavailable' }, network => $card->{brand},
			network_token => { used => false }, network_transaction_id => '104102978678771',
			overcapture => { maximum_amount_capturable => $amount, status => 'unavailable' },
			three_d_secure => undef, wallet => undef,
		},
	};
}

sub refund ($store, $charge, $amount)
{
	my $card = $charge->{payment_method_details}{type} eq 'card';
	return {
		id => $store->new_id($card ? 're' : 'pyr', 25), object => 'refund', amount => $amount,
		balance_transaction => undef, charge => $charge->{id}, created => $store->now,
		currency => $charge->{currency}, customer => $charge->{customer}, customer_account => undef,
		destination_details => $card
			? { card => { reference => undef, reference_status => 'pending',
				reference_type => 'acquirer_reference_number', type => 'refund' }, type => 'card' }
			: { type => 'us_bank_transfer', us_bank_transfer => { reference => undef, reference_status => undef } },
		metadata => {}, payment_intent => $charge->{payment_intent},
		payment_method => $charge->{payment_method}, reason => undef, receipt_number => undef,
		source_transfer_reversal => undef, status => 'succeeded', transfer_reversal => undef,
	};
}

sub setup_intent ($store)
{
	my $id = $store->new_id('seti', 25);
	return {
		(map { $_ => undef } qw(application automatic_payment_methods cancellation_reason customer
			customer_account description excluded_payment_method_types flow_directions last_setup_error
			latest_attempt managed_payments mandate next_action on_behalf_of payment_method
			payment_method_configuration_details single_use_mandate)),
		id => $id, object => 'setup_intent', client_secret => $store->new_id("${id}_secret", 25),
		created => $store->now, livemode => $store->livemode, metadata => {}, payment_method_options => {},
		payment_method_types => ['card'], status => 'requires_payment_method', usage => 'off_session',
	};
}

sub mandate ($store, $method)
{
	return {
		id => $store->new_id('mandate', 25), object => 'mandate', livemode => $store->livemode,
		customer_acceptance => {
			accepted_at => $store->now, type => 'online', online => { ip_address => '127.0.0.1', user_agent => 'test' }
		},
		multi_use => {}, payment_method => $method->{id},
		payment_method_details => { type => $method->{type}, $method->{type} => {} }, status => 'active', type => 'multi_use',
	};
}

sub balance_transaction ($store)
{
	return {
		id => $store->new_id('txn', 25), object => 'balance_transaction', amount => 0,
		available_on => $store->now + 2 * 86400, balance_type => 'payments', created => $store->now,
		currency => 'usd', description => undef, exchange_rate => undef, fee => 0, fee_details => [],
		net => 0, reporting_category => 'charge', source => undef, status => 'pending', type => 'charge',
	};
}

sub payout ($store, $currency, $amount, $automatic)
{
	return {
		(map { $_ => undef } qw(application_fee application_fee_amount description failure_balance_transaction
			failure_code failure_message original_payout reversed_by statement_descriptor trace_id)),
		id => $store->new_id('po', 25), object => 'payout', amount => $amount,
		arrival_date => $store->now + 2 * 86400, automatic => $automatic ? true : false, balance_transaction => undef,
		created => $store->now, currency => $currency, destination => 'ba_1FakeBank', livemode => $store->livemode,
		metadata => {}, method => 'standard', payout_method => undef,
		reconciliation_status => $automatic ? 'in_progress' : 'not_applicable', source_type => 'card',
		status => 'pending', type => 'bank_account',
	};
}

sub dispute ($store, $charge, $reason)
{
	my $inquiry = $reason eq 'inquiry';
	return {
		id => $store->new_id('du', 25), object => 'dispute', amount => $charge->{amount_captured},
		balance_transactions => [], charge => $charge->{id}, created => $store->now,
		currency => $charge->{currency}, enhanced_eligibility_types => [],
		evidence => {
			(map { $_ => undef } qw(access_activity_log billing_address cancellation_policy
				cancellation_policy_disclosure cancellation_rebuttal customer_communication
				customer_email_address customer_name customer_purchase_ip customer_signature
				duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id
				product_description receipt refund_policy refund_policy_disclosure refund_refusal_explanation
				service_date service_documentation shipping_address shipping_carrier shipping_date
				shipping_documentation shipping_tracking_number uncategorized_file uncategorized_text)),
			enhanced_evidence => {},
		},
		evidence_details => {
			due_by => $store->now + 9 * 86400, enhanced_eligibility => {}, has_evidence => false,
			past_due => false, submission_count => 0
		},
		is_charge_refundable => $inquiry ? true : false, livemode => $store->livemode, metadata => {},
		payment_intent => $charge->{payment_intent},
		payment_method_details => {
			type => 'card',
			card => {
				brand => 'visa', case_type => $inquiry ? 'inquiry' : 'chargeback', network => 'visa',
				network_reason_code => '10.4'
			}
		},
		reason => $inquiry ? 'general' : $reason,
		status => $inquiry ? 'warning_needs_response' : 'needs_response',
	};
}

1;
