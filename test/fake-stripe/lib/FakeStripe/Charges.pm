package FakeStripe::Charges;
use Mojo::Base -strict, -signatures;

use FakeStripe::Balance;
use FakeStripe::Cards;
use FakeStripe::Disputes;
use FakeStripe::Lists;
use FakeStripe::Methods;
use FakeStripe::Money;
use FakeStripe::Objects;
use FakeStripe::Params;
use FakeStripe::Radar;
use FakeStripe::Refunds;
use Mojo::JSON qw(true false);

use constant AUTHORISATION_DAYS => 7;

# One try at the network: makes the charge, and makes it the intent's latest.
sub attempt ($store, $intent, $method)
{
	my $card = FakeStripe::Methods::behaviour($store, $method);
	my $charge = $store->add(FakeStripe::Objects::charge($store, $intent, $method, $card));
	$intent->{latest_charge} = $charge->{id};
	my $private = $store->private($charge->{id});
	$private->{card} = $card;
	$private->{available_at_once} = 1 if $card->{available};
	$store->effect('charge_attempt');
	return $charge;
}

sub _outcome ($card, $type, $refusal = undef)
{
	my $risk = $card->{blocked} ? 'highest' : $card->{risk} // 'normal';
	my $network = { authorized => 'approved_by_network', blocked => 'not_sent_to_network' }->{$type}
		// 'declined_by_network';
	return {
		advice_code => $refusal && $refusal->{advice_code}, network_advice_code => undef,
		network_decline_code => $refusal && $refusal->{network_decline_code}, network_status => $network,
		reason => $type eq 'blocked' ? 'highest_risk_level' : $refusal && $refusal->{decline_code},
		risk_level => $risk, risk_score => { normal => 12, elevated => 65, highest => 92 }->{$risk},
		seller_message => $refusal ? 'The bank did not approve the payment.' : 'Payment complete.',
		type => $type,
	};
}

sub decline ($store, $charge, $refusal)
{
	my $card = $store->private($charge->{id})->{card};
	my $blocked = $card->{blocked};
	@$charge{qw(status failure_code failure_message outcome)} = (
		'failed', $refusal->{code}, $refusal->{message},
		_outcome($card, $blocked ? 'blocked' : 'issuer_declined', $refusal)
	);
	$store->effect('charge_declined');
	return;
}

sub authorise ($store, $charge)
{
	@$charge{qw(status paid outcome)}
		= ('succeeded', true, _outcome($store->private($charge->{id})->{card}, 'authorized'));
	my $until = $store->now + AUTHORISATION_DAYS * 86400;
	$charge->{payment_method_details}{card}{capture_before} = $until;
	$store->effect('authorization');
	return $until;
}

sub pay ($store, $charge)
{
	@$charge{qw(status paid captured amount_captured receipt_url outcome)} = (
		'succeeded', true, true, $charge->{amount}, 'https://pay.stripe.com/receipts/payment/FAKE',
		_outcome($store->private($charge->{id})->{card}, 'authorized')
	);
	$store->effect('charge_succeeded');
	return;
}

# Takes part or all of an authorisation. Stripe books the rest as a refund of its own.
sub capture ($store, $charge, $amount)
{
	my $rest = $charge->{amount} - $amount;
	@$charge{qw(captured amount_captured)} = (true, $amount);
	$charge->{receipt_url} = 'https://pay.stripe.com/receipts/payment/FAKE';
	$store->effect('capture');
	return undef unless $rest;
	my $refund = FakeStripe::Refunds::release($store, $charge, $rest);
	$store->private($charge->{id})->{reversal} = $refund;
	return $refund;
}

# The money reaches the balance. After a partial capture that takes two entries: the whole
# authorisation, and the reversal of what was not captured, which gives back its part of the fee.
sub settle ($store, $charge, $override = undef)
{
	return 0 if defined $charge->{balance_transaction} || $charge->{status} ne 'succeeded'
		|| !$charge->{captured};
	my $private = $store->private($charge->{id});
	$private->{settlement} = [ FakeStripe::Money::settlement($store, $charge->{currency}, $override) ]
		if $override && $override->{currency};

	my ($whole, $fixed) = (undef, ($override // {})->{fee});
	my $type = $charge->{payment_method_details}{type} eq 'card' ? 'charge' : 'payment';
	my $transaction = FakeStripe::Balance::record($store, $charge,
		amount => $charge->{amount}, type => $type, category => 'charge', source => $charge->{id},
		description => $charge->{description},
		fee => sub ($amount) { return $whole = $fixed // FakeStripe::Money::standard_fee($amount) });
	$charge->{balance_transaction} = $transaction->{id};

	if (my $reversal = $private->{reversal})
	{
		my $entry = FakeStripe::Balance::record($store, $charge,
			amount => -$reversal->{amount}, type => 'refund', category => 'partial_capture_reversal',
			source => $reversal->{id}, description => 'REFUND FOR CHARGE (uncaptured rest)',
			fee => sub ($amount) {
				return 0 if defined $fixed;
				return FakeStripe::Money::standard_fee($transaction->{amount} + $amount) - $whole;
			});
		$reversal->{balance_transaction} = $entry->{id};
	}
	return 1;
}

# The same, later: the world learns of it by charge.updated.
sub settle_late ($store, $charge, $override = undef)
{
	my $before = $store->snapshot($charge);
	my $reversal = $store->private($charge->{id})->{reversal};
	my $reversal_before = $reversal && $store->snapshot($reversal);
	return 0 unless settle($store, $charge, $override);
	$store->emit('charge.updated', $charge, $before);
	$store->emit('refund.updated', $reversal, $reversal_before) if $reversal;
	return 1;
}

sub settle_when ($store, $charge, $late)
{
	return settle($store, $charge) unless $late;
	my $delay = $store->setting('settle_delay');
	$store->schedule($delay, sub { settle_late($store, $charge) }) if defined $delay;
	return;
}

# What some test cards bring after a paid charge.
sub aftermath ($store, $charge)
{
	my $card = $store->private($charge->{id})->{card};
	FakeStripe::Disputes::open($store, $charge, $_) for @{$card->{dispute} // []};
	FakeStripe::Radar::warn_of_fraud($store, $charge) if $card->{fraud_warning};
	return;
}

# A bank debit that comes back after it was paid: what came in is booked by then.
sub bounce ($store, $charge, $code)
{
	settle_late($store, $charge);
	my $before = $store->snapshot($charge);
	my $refusal = FakeStripe::Cards::refusal($code);
	my $entry = FakeStripe::Balance::record($store, $charge,
		amount => -$charge->{amount_captured}, type => 'payment_failure_refund', category => 'charge_failure',
		source => $charge->{id}, description => 'Payment failure refund');
	@$charge{qw(status paid failure_code failure_message failure_balance_transaction)}
		= ('failed', false, $code, $refusal->{message}, $entry->{id});
	$store->effect('bounce');
	$store->emit('charge.failed', $charge, $before);
	return;
}

sub retrieve ($store, $params, $id) { return $store->get('charge', $id) }

sub update ($store, $params, $id)
{
	my $charge = $store->get('charge', $id);
	my $before = $store->snapshot($charge);
	$charge->{metadata} = FakeStripe::Params::merge_metadata($charge->{metadata}, $params->{metadata});
	$charge->{description} = FakeStripe::Params::null_if_empty($params->{description})
		if exists $params->{description};
	$store->emit('charge.updated', $charge, $before);
	return $charge;
}

sub list ($store, $params)
{
	my @equal = grep { defined $params->{$_} } qw(customer payment_intent transfer_group);
	my $filter = sub ($charge) { return !grep { ($charge->{$_} // '') ne $params->{$_} } @equal };
	return FakeStripe::Lists::page([ $store->all('charge') ], $params, '/v1/charges', $filter);
}

1;
