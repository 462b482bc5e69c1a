package FakeStripe::Routes;
use Mojo::Base -strict, -signatures;

use FakeStripe::Balance;
use FakeStripe::Charges;
use FakeStripe::Customers;
use FakeStripe::Disputes;
use FakeStripe::Events;
use FakeStripe::Intents;
use FakeStripe::Lists;
use FakeStripe::Methods;
use FakeStripe::Payouts;
use FakeStripe::Radar;
use FakeStripe::Refunds;
use FakeStripe::Setups;

my %LIST = %FakeStripe::Lists::PARAMS;
my %METADATA = (metadata => 'metadata');
my %METHODS = (%LIST, type => 'string', customer => 'id', allow_redisplay => 'string');

# Method, path, the parameters it knows, and who answers.
my @ROUTES = map { _compile(@$_) } (
	[ GET    => '/v1/account', {}, \&FakeStripe::Balance::account ],
	[ GET    => '/v1/accounts/:id', {}, \&FakeStripe::Balance::account ],
	[ GET    => '/v1/balance', {}, \&FakeStripe::Balance::balance ],
	[ GET    => '/v1/balance_transactions', { %LIST, type => 'string', source => 'id', currency => 'string',
		payout => 'id' }, \&FakeStripe::Balance::list ],
	[ GET    => '/v1/balance_transactions/:id', {}, \&FakeStripe::Balance::retrieve ],

	[ GET    => '/v1/payouts', { %LIST, status => 'string', arrival_date => 'range', destination => 'id' },
		\&FakeStripe::Payouts::list ],
	[ GET    => '/v1/payouts/:id', {}, \&FakeStripe::Payouts::retrieve ],

	[ POST   => '/v1/customers', { %FakeStripe::Customers::PARAMS, payment_method => 'id' },
		\&FakeStripe::Customers::create ],
	[ GET    => '/v1/customers', { %LIST, email => 'string' }, \&FakeStripe::Customers::list ],
	[ GET    => '/v1/customers/:id', {}, \&FakeStripe::Customers::retrieve ],
	[ POST   => '/v1/customers/:id', \%FakeStripe::Customers::PARAMS, \&FakeStripe::Customers::update ],
	[ DELETE => '/v1/customers/:id', {}, \&FakeStripe::Customers::remove ],
	[ GET    => '/v1/customers/:id/payment_methods', \%METHODS, \&FakeStripe::Methods::list ],

	[ POST   => '/v1/payment_methods', { %METADATA, type => '!string', card => 'hash',
		billing_details => 'hash' }, \&FakeStripe::Methods::create ],
	[ GET    => '/v1/payment_methods', \%METHODS, \&FakeStripe::Methods::list ],
	[ GET    => '/v1/payment_methods/:id', {}, \&FakeStripe::Methods::retrieve ],
	[ POST   => '/v1/payment_methods/:id', { %METADATA, billing_details => 'hash' },
		\&FakeStripe::Methods::update ],
	[ POST   => '/v1/payment_methods/:id/attach', { customer => '!id' }, \&FakeStripe::Methods::attach ],
	[ POST   => '/v1/payment_methods/:id/detach', {}, \&FakeStripe::Methods::detach ],

	[ POST   => '/v1/payment_intents', \%FakeStripe::Intents::CREATE_PARAMS, \&FakeStripe::Intents::create ],
	[ GET    => '/v1/payment_intents', { %LIST, customer => 'id' }, \&FakeStripe::Intents::list ],
	[ GET    => '/v1/payment_intents/:id', { client_secret => 'string' }, \&FakeStripe::Intents::retrieve ],
	[ POST   => '/v1/payment_intents/:id', \%FakeStripe::Intents::UPDATE_PARAMS,
		\&FakeStripe::Intents::update ],
	[ POST   => '/v1/payment_intents/:id/confirm', \%FakeStripe::Intents::CONFIRM_PARAMS,
		\&FakeStripe::Intents::confirm ],
	[ POST   => '/v1/payment_intents/:id/capture', \%FakeStripe::Intents::CAPTURE_PARAMS,
		\&FakeStripe::Intents::capture ],
	[ POST   => '/v1/payment_intents/:id/cancel', \%FakeStripe::Intents::CANCEL_PARAMS,
		\&FakeStripe::Intents::cancel ],

	[ POST   => '/v1/setup_intents', \%FakeStripe::Setups::CREATE_PARAMS, \&FakeStripe::Setups::create ],
	[ GET    => '/v1/setup_intents', { %LIST, customer => 'id', payment_method => 'id' },
		\&FakeStripe::Setups::list ],
	[ GET    => '/v1/setup_intents/:id', {}, \&FakeStripe::Setups::retrieve ],
	[ POST   => '/v1/setup_intents/:id/confirm', \%FakeStripe::Setups::CONFIRM_PARAMS,
		\&FakeStripe::Setups::confirm ],
	[ POST   => '/v1/setup_intents/:id/cancel', \%FakeStripe::Setups::CANCEL_PARAMS,
		\&FakeStripe::Setups::cancel ],

	[ GET    => '/v1/mandates/:id', {}, \&FakeStripe::Setups::retrieve_mandate ],

	[ GET    => '/v1/charges', { %LIST, customer => 'id', payment_intent => 'id', transfer_group => 'string' },
		\&FakeStripe::Charges::list ],
	[ GET    => '/v1/charges/:id', {}, \&FakeStripe::Charges::retrieve ],
	[ POST   => '/v1/charges/:id', { %METADATA, description => 'string' }, \&FakeStripe::Charges::update ],

	[ POST   => '/v1/refunds', \%FakeStripe::Refunds::PARAMS, \&FakeStripe::Refunds::create ],
	[ GET    => '/v1/refunds', { %LIST, charge => 'id', payment_intent => 'id' }, \&FakeStripe::Refunds::list ],
	[ GET    => '/v1/refunds/:id', {}, \&FakeStripe::Refunds::retrieve ],
	[ POST   => '/v1/refunds/:id', \%METADATA, \&FakeStripe::Refunds::update ],
	[ POST   => '/v1/refunds/:id/cancel', {}, \&FakeStripe::Refunds::cancel ],
	[ POST   => '/v1/test_helpers/refunds/:id/expire', {}, \&FakeStripe::Refunds::expire ],

	[ GET    => '/v1/disputes', { %LIST, charge => 'id', payment_intent => 'id' },
		\&FakeStripe::Disputes::list ],
	[ GET    => '/v1/disputes/:id', {}, \&FakeStripe::Disputes::retrieve ],
	[ POST   => '/v1/disputes/:id', { %METADATA, evidence => 'hash', submit => 'bool' },
		\&FakeStripe::Disputes::update ],
	[ POST   => '/v1/disputes/:id/close', {}, \&FakeStripe::Disputes::close ],

	[ GET    => '/v1/radar/early_fraud_warnings', { %LIST, charge => 'id', payment_intent => 'id' },
		\&FakeStripe::Radar::list_warnings ],
	[ GET    => '/v1/radar/early_fraud_warnings/:id', {}, \&FakeStripe::Radar::retrieve_warning ],
	[ GET    => '/v1/reviews', \%LIST, \&FakeStripe::Radar::list_reviews ],
	[ GET    => '/v1/reviews/:id', {}, \&FakeStripe::Radar::retrieve_review ],
	[ POST   => '/v1/reviews/:id/approve', {}, \&FakeStripe::Radar::approve ],

	[ GET    => '/v1/events', { %LIST, type => 'string', types => 'array', delivery_success => 'bool' },
		\&FakeStripe::Events::list ],
	[ GET    => '/v1/events/:id', {}, \&FakeStripe::Events::retrieve ],
);

sub _compile ($method, $path, $params, $handler)
{
	my $pattern = join '([^/]+)', map { quotemeta } split /:id/, $path, -1;
	return { method => $method, pattern => qr/^$pattern$/, params => $params, handler => $handler };
}

sub find ($method, $path)
{
	for my $route (@ROUTES)
	{
		next unless $route->{method} eq $method;
		return ($route, defined $1 ? $1 : ()) if $path =~ $route->{pattern};
	}
	return;
}

1;
