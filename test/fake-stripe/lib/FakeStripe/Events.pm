package FakeStripe::Events;
use Mojo::Base -strict, -signatures;

use FakeStripe::Lists;
use Cpanel::JSON::XS ();
use Mojo::JSON qw(decode_json encode_json true false);

my $PRETTY = Cpanel::JSON::XS->new->canonical->utf8->indent->indent_length(2)->space_after;

# An event is rendered once, at the moment of the change, and never again.
sub emit ($store, $type, $object, $before = undef)
{
	my $world = $store->world;
	my $context = $world->context // {};
	my $livemode = $world->settings->{event_livemode} // $world->settings->{livemode};
	my $data = { object => $object };
	$data->{previous_attributes} = difference($before, $object) if $before;

	my $event = {
		id => $store->new_id('evt'),
		object => 'event',
		api_version => $world->settings->{api_version},
		created => $store->now,
		data => $data,
		livemode => $livemode ? true : false,
		pending_webhooks => 1,
		request => { id => $context->{request_id}, idempotency_key => $context->{key} },
		type => $type,
	};
	$event->{account} = $store->account unless $store->account eq $world->PLATFORM;

	my $events = $store->events;
	push @$events, {
		seq => @$events + 1, id => $event->{id}, type => $type, created => $event->{created},
		json => encode_json($event)
	};
	return;
}

# What previous_attributes holds: the old value of every field that changed, arrays whole.
sub difference ($old, $new)
{
	my %changed;
	for my $field (keys %$new)
	{
		my ($was, $is) = ($old->{$field}, $new->{$field});
		next if encode_json([$was]) eq encode_json([$is]);
		$changed{$field} = ref $was eq 'HASH' && ref $is eq 'HASH' ? difference($was, $is) : $was;
	}
	for my $field (grep { !exists $old->{$_} } keys %$new)
	{
		$changed{$field} = undef;
	}
	return \%changed;
}

# The bytes of a delivery. Stripe indents them, so a client that re-renders JSON fails the signature.
sub payload ($event)
{
	return $event->{payload} //= $PRETTY->encode(decode_json($event->{json}));
}

sub retrieve ($store, $params, $id)
{
	my ($event) = grep { $_->{id} eq $id } @{$store->events};
	FakeStripe::Error->missing('event', $id) unless $event;
	return _shown($event);
}

sub list ($store, $params)
{
	FakeStripe::Error->parameter('type', 'You may only specify one of these parameters: type, types.',
		'parameters_exclusive') if defined $params->{type} && $params->{types};
	my %types = map { $_ => 1 } @{$params->{types} // []};
	my $pattern = _pattern($params->{type});
	my $visible = $store->now - $store->setting('event_lag');
	my $filter = sub ($event)
	{
		return $event->{created} <= $visible && (!$pattern || $event->{type} =~ $pattern)
			&& (!%types || $types{$event->{type}});
	};
	my $page = FakeStripe::Lists::page([ reverse @{$store->events} ], $params, '/v1/events', $filter);
	$_ = _shown($_) for @{$page->{data}};
	return $page;
}

sub _pattern ($type)
{
	return undef unless defined $type;
	my $pattern = join '.*', map { quotemeta } split /\*/, $type, -1;
	return qr/^$pattern$/;
}

# pending_webhooks is the one field that moves on after rendering.
sub _shown ($event)
{
	my $shown = decode_json($event->{json});
	$shown->{pending_webhooks} = 0;
	return $shown;
}

1;
