package FakeStripe::Payouts;
use Mojo::Base -strict, -signatures;

use FakeStripe::Error;
use FakeStripe::Lists;
use FakeStripe::Objects;
use Mojo::JSON qw(true false);

# An automatic payout takes all that is available in a currency and in no payout yet; one made by
# hand takes the amount it is given, and nobody says of what.
sub make ($store, $in)
{
	my $currency = $in->{currency} // $store->setting('default_currency');
	my @taken = defined $in->{amount} ? () : _available($store, $currency);
	my $amount = $in->{amount} // 0;
	$amount += $_->{net} for @taken;
	FakeStripe::Error->refuse('balance_insufficient', 'There is nothing to pay out.') unless $amount;

	my $payout = $store->add(FakeStripe::Objects::payout($store, $currency, $amount,
		!defined $in->{amount}));
	$store->private($_->{id})->{payout} = $payout->{id} for @taken;
	my $own = _book($store, $payout, -$amount, 'payout', 'payout', 'STRIPE PAYOUT');
	$store->private($own->{id})->{payout} = $payout->{id};
	$payout->{balance_transaction} = $own->{id};
	$store->effect('payout');
	$store->emit('payout.created', $payout);
	return $payout;
}

sub _available ($store, $currency)
{
	return grep { $_->{currency} eq $currency && $_->{status} eq 'available' && $_->{type} ne 'payout'
		&& !$store->private($_->{id})->{payout} } $store->all('balance_transaction');
}

sub _book ($store, $payout, $amount, $type, $category, $text)
{
	my $entry = FakeStripe::Objects::balance_transaction($store);
	@$entry{qw(amount net currency type reporting_category source description status available_on)} = (
		$amount, $amount, $payout->{currency}, $type, $category, $payout->{id}, $text, 'available', $store->now
	);
	$store->effect('balance_transaction');
	return $store->add($entry);
}

my %EVENT = (paid => 'payout.paid', failed => 'payout.failed', canceled => 'payout.canceled');

# The bank's word, which may come after `paid`.
sub move ($store, $payout, $in)
{
	my $before = $store->snapshot($payout);
	$payout->{status} = $in->{status};
	if ($in->{status} eq 'failed' || $in->{status} eq 'canceled')
	{
		my $entry = _book($store, $payout, $payout->{amount},
			$in->{status} eq 'failed' ? 'payout_failure' : 'payout_cancel', 'payout_reversal', 'PAYOUT RETURNED');
		$payout->{failure_balance_transaction} = $entry->{id};
		@$payout{qw(failure_code failure_message)} = ($in->{failure_code} // 'account_closed',
			'The bank account has been closed.') if $in->{status} eq 'failed';
	}
	$store->effect("payout_$in->{status}");
	$store->emit($EVENT{ $in->{status} } // 'payout.updated', $payout, $before);
	return $payout;
}

# Only then can its transactions be listed.
sub reconcile ($store, $payout)
{
	my $before = $store->snapshot($payout);
	$payout->{reconciliation_status} = 'completed';
	$store->emit('payout.reconciliation_completed', $payout, $before);
	return $payout;
}

sub retrieve ($store, $params, $id) { return $store->get('payout', $id) }

sub list ($store, $params)
{
	my $status = $params->{status};
	my $filter = sub ($payout) { return !defined $status || $payout->{status} eq $status };
	return FakeStripe::Lists::page([ $store->all('payout') ], $params, '/v1/payouts', $filter);
}

1;
