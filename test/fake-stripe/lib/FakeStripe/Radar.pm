package FakeStripe::Radar;
use Mojo::Base -strict, -signatures;

use FakeStripe::Lists;
use Mojo::JSON qw(true false);

# What is suspected of a charge: the issuer's early fraud warnings, and reviews by people.

sub warn_of_fraud ($store, $charge)
{
	my $warning = $store->add({
		id => $store->new_id('issfr', 25), object => 'radar.early_fraud_warning', actionable => true,
		charge => $charge->{id}, created => $store->now, fraud_type => 'unauthorized_use_of_card',
		livemode => $store->livemode, payment_intent => $charge->{payment_intent},
	});
	$store->emit('radar.early_fraud_warning.created', $warning);
	return $warning;
}

# Nothing can be done about it any more: the charge was refunded or disputed.
sub settle_warning ($store, $warning)
{
	my $before = $store->snapshot($warning);
	$warning->{actionable} = false;
	$store->emit('radar.early_fraud_warning.updated', $warning, $before);
	return $warning;
}

sub open_review ($store, $charge, $reason = undef)
{
	my $review = $store->add({
		(map { $_ => undef } qw(billing_zip closed_reason ip_address ip_address_location session)),
		id => $store->new_id('prv', 25), object => 'review', charge => $charge->{id}, created => $store->now,
		livemode => $store->livemode, open => true, opened_reason => $reason // 'rule',
		payment_intent => $charge->{payment_intent}, reason => $reason // 'rule',
	});
	$charge->{review} = $review->{id};
	$store->emit('review.opened', $review);
	return $review;
}

sub close_review ($store, $review, $reason = undef)
{
	my $before = $store->snapshot($review);
	my $charge = $store->find($review->{charge});
	@$review{qw(open reason closed_reason)} = (false, ($reason // 'approved') x 2);
	$charge->{review} = undef;
	$store->emit('review.closed', $review, $before);
	return $review;
}

sub retrieve_warning ($store, $params, $id) { return $store->get('radar.early_fraud_warning', $id) }

sub retrieve_review ($store, $params, $id) { return $store->get('review', $id) }

sub approve ($store, $params, $id) { return close_review($store, $store->get('review', $id)) }

sub list_warnings ($store, $params)
{
	my @equal = grep { defined $params->{$_} } qw(charge payment_intent);
	my $filter = sub ($warning) { return !grep { ($warning->{$_} // '') ne $params->{$_} } @equal };
	return FakeStripe::Lists::page([ $store->all('radar.early_fraud_warning') ], $params,
		'/v1/radar/early_fraud_warnings', $filter);
}

sub list_reviews ($store, $params)
{
	return FakeStripe::Lists::page([ grep { $_->{open} } $store->all('review') ], $params, '/v1/reviews', sub { 1 });
}

1;
