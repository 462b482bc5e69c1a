package FakeStripe::Balance;
use Mojo::Base -strict, -signatures;

use FakeStripe::Lists;
use FakeStripe::Money;
use FakeStripe::Objects;
use Mojo::JSON qw(true false);

# Books one movement of money that belongs to a charge. Amounts are given in the charge's currency and
# booked in the settlement currency, at the one rate the charge has.
sub record ($store, $charge, %entry)
{
	my $private = $store->private($charge->{id});
	my ($currency, $rate) = @{ $private->{settlement}
		//= [ FakeStripe::Money::settlement($store, $charge->{currency}) ] };
	my $amount = $entry{amount};
	$amount = FakeStripe::Money::convert($amount, $rate) if defined $rate;

	my $transaction = FakeStripe::Objects::balance_transaction($store);
	my $fee = $entry{fee} // 0;
	$fee = $fee->($amount) if ref $fee;
	@$transaction{qw(amount currency exchange_rate fee net type reporting_category source description)} = (
		$amount, $currency, defined $rate ? 0 + $rate : undef, $fee, $amount - $fee,
		@entry{qw(type category source description)}
	);
	$transaction->{fee_details} = [ {
		amount => $fee, application => undef, currency => $currency, type => 'stripe_fee',
		description => $entry{fee_text} // 'Stripe processing fees'
	} ] if $fee;
	$transaction->{available_on} = $store->now if $private->{available_at_once};
	$store->add($transaction);
	$store->private($transaction->{id})->{charge} = $charge->{id};
	$store->effect('balance_transaction');
	return $transaction;
}

# A movement that belongs to nothing of the payer's: a monthly fee, say.
sub adjust ($store, $in)
{
	my $transaction = FakeStripe::Objects::balance_transaction($store);
	my $fee = $in->{fee} // 0;
	@$transaction{qw(amount fee net currency type reporting_category source description)} = (
		$in->{amount}, $fee, $in->{amount} - $fee, $in->{currency} // $store->setting('default_currency'),
		$in->{type} // 'stripe_fee', $in->{reporting_category} // 'fee', $in->{source}, $in->{description}
	);
	$store->effect('balance_transaction');
	return $store->add($transaction);
}

sub retrieve ($store, $params, $id) { return $store->get('balance_transaction', $id) }

# `source` with a charge gives the charge's own movements and those of its refunds and disputes.
sub list ($store, $params)
{
	my @equal = grep { defined $params->{$_} } qw(type currency);
	my ($source, $payout) = @$params{qw(source payout)};
	_check_payout($store, $payout) if defined $payout;
	my $filter = sub ($transaction)
	{
		return 0 if defined $payout && ($store->private($transaction->{id})->{payout} // '') ne $payout;
		return 0 if grep { $transaction->{$_} ne $params->{$_} } @equal;
		return 1 unless defined $source;
		return $transaction->{source} eq $source
			|| ($store->private($transaction->{id})->{charge} // '') eq $source;
	};
	return FakeStripe::Lists::page([ $store->all('balance_transaction') ], $params,
		'/v1/balance_transactions', $filter);
}

sub _check_payout ($store, $id)
{
	my $payout = $store->get('payout', $id, 'payout');
	FakeStripe::Error->parameter('payout', 'Balance transaction history can only be filtered on automatic payouts '
		. 'whose reconciliation is completed.') unless ($payout->{reconciliation_status} // '') eq 'completed';
	return;
}

# GET /v1/balance: the plain way to learn a key's mode.
sub balance ($store, $params)
{
	my %sum;
	$sum{ $_->{currency} }{ $_->{status} } += $_->{net} for $store->all('balance_transaction');
	my %parts = map
	{
		my $status = $_;
		$status => [ map { { amount => $sum{$_}{$status} // 0, currency => $_, source_types => {} } }
			sort keys %sum ]
	} qw(available pending);
	return { object => 'balance', livemode => $store->livemode, %parts };
}

sub account ($store, $params, $id = undef)
{
	FakeStripe::Error->throw(403, {
		code => 'account_invalid',
		message => "The provided key does not have access to account '$id' (or that account does not exist)."
	}) if defined $id && $id ne $store->account;
	return {
		id => $store->account, object => 'account', business_profile => { name => 'Fake Seller' },
		business_type => 'company', capabilities => { card_payments => 'active', transfers => 'active' },
		charges_enabled => true, country => $store->setting('country'), created => 1_600_000_000,
		default_currency => $store->setting('default_currency'), details_submitted => true,
		email => 'seller@example.com', metadata => {}, payouts_enabled => true, type => 'standard',
		settings => {
			dashboard => { display_name => 'Fake Seller', timezone => 'Etc/UTC' },
			payments => { statement_descriptor => 'FAKE STRIPE' }
		},
	};
}

1;
