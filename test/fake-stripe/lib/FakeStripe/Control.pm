package FakeStripe::Control;
use Mojo::Base -strict, -signatures;

use FakeStripe::Api;
use FakeStripe::Attempts;
use FakeStripe::Charges;
use FakeStripe::Customers;
use FakeStripe::Disputes;
use FakeStripe::Error;
use FakeStripe::Events;
use FakeStripe::Intents;
use FakeStripe::Methods;
use FakeStripe::Params;
use FakeStripe::Payouts;
use FakeStripe::Radar;
use FakeStripe::Refunds;
use FakeStripe::Setups;
use FakeStripe::Signature;
use Mojo::Util qw(decode encode);
use Scalar::Util qw(blessed);

# The test's hand on the world: what Stripe's own side, the banks and the payers do.
sub routes ($app, $world)
{
	my $r = $app->routes->under('/_fake');
	my $on = sub ($method, $path, $work)
	{
		$r->any([$method] => $path => sub ($c) { _answer($c, $world, $work) });
		return;
	};
	$on->(GET  => '/effects', sub { $world->journal->effects });
	$on->(GET  => '/requests', sub ($store, $in, $c) { _requests($world, $c) });
	$on->(POST => '/reset', sub { $world->reset; return { ok => 1 } });
	$on->(GET  => '/faults', sub { $world->faults->shown });
	$on->(POST => '/faults', sub ($store, $in, $c) { _faults($world, $in) });
	$on->(DELETE => '/faults', sub { $world->faults->reset; return { ok => 1 } });
	$on->(POST => '/release', sub { { released => FakeStripe::Api::release($world) } });
	$on->(GET  => '/settings', sub { $world->settings });
	$on->(POST => '/settings', sub ($store, $in, $c) { _settings($world, $in) });
	$on->(GET  => '/clock', sub { { now => $world->now, offset => $world->offset } });
	$on->(POST => '/clock', sub ($store, $in, $c) {
		$world->freeze($in->{freeze} > 1 ? $in->{freeze} : ()) if $in->{freeze};
		return { now => $world->advance($in->{advance} // 0) };
	});
	$on->(GET  => '/webhooks', \&_webhooks);
	$on->(POST => '/sign', sub ($store, $in, $c) { _sign($world, $in) });
	$on->(GET  => '/objects', sub ($store, $in, $c) { $store->order });
	$on->(GET  => '/objects/:id', sub ($store, $in, $c) { $store->find($c->param('id')) });
	_happenings($on);
	return;
}

# What happens to objects without a request of ours.
sub _happenings ($on)
{
	my $of = sub ($kind, $work)
	{
		return sub ($store, $in, $c) {
			my $object = $store->get($kind, $c->param('id'));
			$work->($store, $object, $in);
			return $object;
		};
	};
	$on->(POST => '/intents', sub ($store, $in, $c) { FakeStripe::Intents::create($store,
		_checked($in, \%FakeStripe::Intents::CREATE_PARAMS)) });
	$on->(POST => '/customers', sub ($store, $in, $c) { FakeStripe::Customers::create($store,
		_checked($in, { %FakeStripe::Customers::PARAMS, payment_method => 'id' })) });
	$on->(POST => '/refunds', sub ($store, $in, $c) { FakeStripe::Refunds::create($store,
		_checked($in, \%FakeStripe::Refunds::PARAMS)) });
	$on->(POST => '/events', \&_event);
	$on->(POST => '/intents/:id/complete_action', $of->('payment_intent', sub ($store, $intent, $in) {
		FakeStripe::Attempts::complete_action($store, $intent, $in->{result} // 'succeed') }));
	$on->(POST => '/intents/:id/bank', $of->('payment_intent', sub ($store, $intent, $in) {
		FakeStripe::Attempts::bank_result($store, $intent, $in->{result} // 'succeed', $in->{code}) }));
	$on->(POST => '/intents/:id/expire', $of->('payment_intent', sub ($store, $intent, $in) {
		FakeStripe::Intents::expire($store, $intent) }));
	$on->(POST => '/intents/:id/cancel', $of->('payment_intent', sub ($store, $intent, $in) {
		FakeStripe::Intents::cancel($store, $in, $intent->{id}) }));
	$on->(POST => '/setups/:id/complete_action', $of->('setup_intent', sub ($store, $setup, $in) {
		FakeStripe::Setups::complete_action($store, $setup, $in->{result} // 'succeed') }));
	$on->(POST => '/mandates/:id/transition', $of->('mandate', sub ($store, $mandate, $in) {
		FakeStripe::Setups::move_mandate($store, $mandate, $in->{status}) }));
	$on->(POST => '/methods/:id/renew', $of->('payment_method', sub ($store, $method, $in) {
		FakeStripe::Methods::renew($store, $method, $in) }));
	$on->(POST => '/charges/:id/settle', $of->('charge', sub ($store, $charge, $in) {
		FakeStripe::Charges::settle_late($store, $charge, $in) }));
	$on->(POST => '/charges/:id/dispute', $of->('charge', sub ($store, $charge, $in) {
		FakeStripe::Disputes::open($store, $charge, $in->{reason} // 'fraudulent', $in->{amount},
			map { $_ => $in->{$_} } qw(currency is_charge_refundable prevented fee)) }));
	$on->(POST => '/charges/:id/warning', $of->('charge', sub ($store, $charge, $in) {
		FakeStripe::Radar::warn_of_fraud($store, $charge) }));
	$on->(POST => '/charges/:id/review', $of->('charge', sub ($store, $charge, $in) {
		FakeStripe::Radar::open_review($store, $charge, $in->{reason}) }));
	$on->(POST => '/warnings/:id/settle', $of->('radar.early_fraud_warning', sub ($store, $warning, $in) {
		FakeStripe::Radar::settle_warning($store, $warning) }));
	$on->(POST => '/reviews/:id/close', $of->('review', sub ($store, $review, $in) {
		FakeStripe::Radar::close_review($store, $review, $in->{reason}) }));
	$on->(POST => '/refunds/:id/transition', $of->('refund', sub ($store, $refund, $in) {
		FakeStripe::Refunds::move($store, $refund, $in->{status}, $in->{failure_reason}) }));
	$on->(POST => '/disputes/:id/transition', $of->('dispute', sub ($store, $dispute, $in) {
		FakeStripe::Disputes::move($store, $dispute, $in->{status},
			map { $_ => $in->{$_} } qw(returned fee_returned)) }));
	$on->(POST => '/payouts', sub ($store, $in, $c) { FakeStripe::Payouts::make($store, $in) });
	$on->(POST => '/payouts/:id/transition', $of->('payout', sub ($store, $payout, $in) {
		FakeStripe::Payouts::move($store, $payout, $in) }));
	$on->(POST => '/payouts/:id/reconcile', $of->('payout', sub ($store, $payout, $in) {
		FakeStripe::Payouts::reconcile($store, $payout) }));
	$on->(POST => '/balance_transactions', sub ($store, $in, $c) { FakeStripe::Balance::adjust($store, $in) });
	return;
}

# JSON that stands for an API request obeys the rules of one.
sub _checked ($in, $spec)
{
	return FakeStripe::Params::check(_form($in), $spec);
}

sub _form ($value)
{
	return { map { $_ => _form($value->{$_}) } keys %$value } if ref $value eq 'HASH';
	return [ map { _form($_) } @$value ] if ref $value eq 'ARRAY';
	return ref $value ? ($value ? 'true' : 'false') : $value // '';
}

sub _answer ($c, $world, $work)
{
	my $in = $c->req->method eq 'GET' ? {} : $c->req->json // {};
	my $store = $world->store($c->param('account'));
	my $result = eval { $world->within(undef, sub { $work->($store, $in, $c) }) };
	if (my $error = $@)
	{
		my $refusal = blessed $error && $error->isa('FakeStripe::Error');
		return $c->render(json => { error => $refusal ? $error->error : "$error" }, status => 400);
	}
	return $c->render(json => $result);
}

# Filters: path (regex), method, key, after (number of the last one seen).
sub _requests ($world, $c)
{
	my ($path, $method, $key) = map { scalar $c->param($_) } qw(path method key);
	my $after = $c->param('after') // 0;
	return [ grep { $_->{n} > $after && (!defined $path || $_->{path} =~ /$path/)
		&& (!defined $method || $_->{method} eq uc $method)
		&& (!defined $key || ($_->{key} // '') eq $key) } @{$world->journal->requests} ];
}

sub _faults ($world, $in)
{
	$world->faults->add($_) for ref $in eq 'ARRAY' ? @$in : $in;
	return $world->faults->shown;
}

sub _settings ($world, $in)
{
	for my $name (keys %$in)
	{
		if ($name eq 'key')
		{
			$world->key($in->{key});
			next;
		}
		die "unknown setting: $name\n" unless exists $world->default_settings->{$name};
		$world->settings->{$name} = $in->{$name};
	}
	return $world->settings;
}

# An event as it would be delivered; `payload` must be passed on byte for byte (as UTF-8).
sub _webhooks ($store, $in, $c)
{
	my $after = $c->param('after') // 0;
	my $timestamp = $c->param('timestamp') // $store->now;
	my @secrets = @{$c->every_param('secret')};
	my @events = @{$store->events};
	splice @events, 0, $after;
	return [ map {
		my $payload = FakeStripe::Events::payload($_);
		{
			seq => $_->{seq}, id => $_->{id}, type => $_->{type}, payload => decode('UTF-8', $payload),
			signature => FakeStripe::Signature::header($payload, $timestamp, @secrets)
		}
	} @events ];
}

sub _sign ($world, $in)
{
	my $payload = encode('UTF-8', $in->{payload} // '');
	my $header = FakeStripe::Signature::compose($payload, %$in, timestamp => $in->{timestamp} // $world->now,
		secrets => $in->{secrets} // [ $in->{secret} // () ]);
	return { signature => $header };
}

# An event of any type and content, for what no object here can do.
sub _event ($store, $in, $c)
{
	$store->emit($in->{type}, $in->{object}, $in->{before});
	my $event = $store->events->[-1];
	my $payload = decode('UTF-8', FakeStripe::Events::payload($event));
	return { seq => $event->{seq}, id => $event->{id}, payload => $payload };
}

1;
