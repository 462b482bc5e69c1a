# The HTTP pool against peers that misbehave: every ending is told apart, and
# nothing leaves the machine in plain text.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use JSON::PP;
use PayCluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $program = abs_path(dirname(__FILE__) . '/../lib/odd-server.mjs');

system('node --version >/dev/null 2>&1') == 0 or die 'needs node: run test/install-deps check node';

my $dir = abs_path(PostgreSQL::Test::Utils::tempdir());
my $ca = "$dir/ca.pem";

sub make_certificate
{
	my ($file, $names) = @_;

	append_to_file("$dir/$file.ext", "subjectAltName=$names\n");
	run_log([ qw(openssl req -new -key), "$dir/key.pem", '-subj', "/CN=$file", '-out', "$dir/$file.csr" ]);
	run_log([ qw(openssl x509 -req -days 2 -CAcreateserial -CA), $ca, '-CAkey', "$dir/ca.key",
		'-in', "$dir/$file.csr", '-extfile', "$dir/$file.ext", '-out', "$dir/$file.pem" ]);
}

my @curve = qw(-pkeyopt ec_paramgen_curve:prime256v1);
run_log([ qw(openssl req -x509 -newkey ec -nodes -days 2 -subj /CN=tests), @curve,
	'-keyout', "$dir/ca.key", '-out', $ca ]);
run_log([ qw(openssl genpkey -algorithm EC), @curve, '-out', "$dir/key.pem" ]);
make_certificate('cert', 'DNS:localhost,IP:127.0.0.1');
make_certificate('wrong', 'DNS:elsewhere.example');

my $pid = open(my $server, '-|', 'node', $program, $dir) or die "node: $!";
my $port = decode_json(scalar <$server>);
END { kill 'TERM', $pid if $pid; }

# Settings from the environment must have no effect.
$ENV{http_proxy} = $ENV{https_proxy} = $ENV{ALL_PROXY} = 'http://127.0.0.1:9';
my $node = PayCluster->started('http', extension => 0, preload => 0);

if ($node->sqlstate_of("CREATE FUNCTION http(method text, url text, body text DEFAULT NULL, ca text DEFAULT '$ca',
		timeout_ms int DEFAULT 5000, cap int DEFAULT 1000, header text DEFAULT NULL, value text DEFAULT NULL,
		connect_ms int DEFAULT 5000) RETURNS jsonb AS '\$libdir/paycore', 'paycore_test_http' LANGUAGE C") ne '00000')
{
	die 'needs a test build (PAYCORE_FAULT_POINTS)';
}
$node->safe_psql('postgres', <<'SQL');
CREATE FUNCTION many(url text, ca text, requests int, in_flight int, connections int,
	timeout_ms int DEFAULT 20000, connect_ms int DEFAULT 10000) RETURNS jsonb
	AS '$libdir/paycore', 'paycore_test_http_many' LANGUAGE C;
CREATE FUNCTION abort(url text, ca text, requests int) RETURNS float8
	AS '$libdir/paycore', 'paycore_test_http_abort' LANGUAGE C;
CREATE FUNCTION unasked(url text, ca text) RETURNS int
	AS '$libdir/paycore', 'paycore_test_http_unasked' LANGUAGE C;
SQL

sub ask { return decode_json($node->value("SELECT $_[0]")); }

# url(SERVER, PATH): https on localhost
sub url { return "https://localhost:$port->{$_[0]}/$_[1]"; }

sub http { my ($method, $url, $more) = @_; return ask("http('$method', '$url'" . ($more ? ", $more" : '') . ')'); }

# What goes out, and what comes back.
my $echo = http('POST', url('https', 'echo'), q{'a=b&c=d', header => 'Stripe-Version', value => '2026-01-01'});
my $seen = decode_json($echo->{body});
is($echo->{outcome}, 'answered', 'a whole answer');
is_deeply([ @$echo{qw(status version x_test content_type connects error)} ],
	[ 200, 11, 'yes', 'text/plain', 1, undef ], 'status, version and headers of it');
is($seen->{body}, 'a=b&c=d', 'the body arrives');
ok($seen->{bearer}, 'so does the API key');
is(scalar(grep { $_ eq 'Stripe-Version: 2026-01-01' } @{ $seen->{head} }), 1, 'so do further headers');
is(scalar(grep { /^Expect/i } @{ $seen->{head} }), 0, 'no Expect');
$seen = decode_json(http('POST', url('https', 'echo'))->{body});
ok(scalar(grep { $_ eq 'Content-Length: 0' } @{ $seen->{head} }), 'an empty POST says so');
for my $method (qw(GET DELETE))
{
	$seen = decode_json(http($method, url('https', 'echo'))->{body});
	is($seen->{head}[0], "$method /echo HTTP/1.1", $method);
}
is(http('GET', url('https', 'early'))->{x_test}, 'yes', 'headers of an early hint are not the answer\'s');
is(http('GET', url('https', 'odd-header'))->{x_test}, 'a????b', 'of a header, what is text in every encoding');
is(http('GET', url('https', 'many-headers'))->{outcome}, 'answered', 'headers above the limit are passed over');

my $redirect = http('GET', url('https', 'redirect'));
is_deeply([ @$redirect{qw(outcome status body)} ], [ 'answered', 302, 'elsewhere' ], 'a redirect is not followed');

# Every ending is told apart.
my %ending = (
	cut => 'cut', reset => 'cut', 'chunk-cut' => 'cut', close => 'cut', 'not-http' => 'cut',
	big => 'too_large', 'big-chunks' => 'too_large');
for my $path (sort keys %ending)
{
	my $result = http('POST', url('https', $path), q{'a=b'});
	is($result->{outcome}, $ending{$path}, "$path: $ending{$path}");
	ok(defined $result->{error}, "$path: with a reason");
}
is(http('GET', url('https', 'big'), 'cap => 5000')->{length}, 5000, 'a body as large as the limit');
is(http('GET', url('https', 'big'), 'cap => 4999')->{outcome}, 'too_large', 'a body one byte larger');
is(http('GET', url('https', 'big-chunks'), 'cap => 5000')->{length}, 5000, 'the same in chunks');
is(http('GET', url('https', 'big-chunks'), 'cap => 4999')->{outcome}, 'too_large', 'and one byte larger');
for my $path (qw(hang hang-body))
{
	my $result = http('POST', url('https', $path), q{'a=b', timeout_ms => 300});
	is($result->{outcome}, 'timed_out', "$path: timed out");
	ok($result->{seconds} >= 0.3 && $result->{seconds} < 2, "$path: in time") or diag $result->{seconds};
}

# Nothing was sent.
sub not_connected
{
	my ($result, $tls, $what) = @_;

	is($result->{outcome}, 'not_connected', $what);
	is($result->{tls_refused} ? 1 : 0, $tls, "$what: certificate " . ($tls ? 'refused' : 'not the reason'));
}
not_connected(http('GET', url('wrong', 'ok')), 1, 'a certificate of another name');
not_connected(http('GET', url('https', 'ok'), 'ca => NULL'), 1, 'an unknown authority');
not_connected(http('GET', url('https', 'ok'), q{ca => '/nonexistent'}), 0, 'no such CA file');
not_connected(http('GET', 'https://localhost:1/'), 0, 'a refused port');
not_connected(http('GET', 'https://name.invalid/'), 0, 'an unknown name');
not_connected(http('GET', url('stall', 'ok'), 'connect_ms => 300'), 0, 'a peer silent in the handshake');
not_connected(http('GET', url('stall', 'ok'), 'timeout_ms => 300'), 0, 'the same, whole time limit');

# Refused before anything happens.
my %refused = (
	'http://10.0.0.1/' => qr/loopback/, 'http://0.0.0.0/' => qr/loopback/,
	'http://127.0.0.1.example.com/' => qr/loopback/, 'http://localhost.example.com/' => qr/loopback/,
	'http://[::ffff:10.0.0.1]/' => qr/loopback/, 'http://api.stripe.com/' => qr/loopback/,
	'http://user:pw@localhost/' => qr/user name/, 'ftp://localhost/' => qr/neither/,
	'file:///etc/passwd' => qr/host|neither/, 'nonsense' => qr/malformed/, "https://a/\nb" => qr/control/);
for my $url (sort keys %refused)
{
	like(http('GET', $url)->{refused}, $refused{$url}, "refused: " . $url =~ s/\n/\\n/r);
}
my $plain = "http://127.0.0.1:$port->{plain}/ok";
is(http('GET', $plain)->{outcome}, 'answered', 'plain text to loopback');
like(http('PUT', $plain)->{refused}, qr/method/, 'another method');
like(http('GET', $plain, q{'body'})->{refused}, qr/POST/, 'a GET with a body');
like(http('GET', $plain, q{header => 'X', value => E'a\\r\\nY: b'})->{refused}, qr/header/, 'a header in a header');
like(http('GET', $plain, 'timeout_ms => 0')->{refused}, qr/time limit/, 'no time');

# HTTP/2
is(http('POST', url('h2', 'ok'), q{'a=b'})->{version}, 20, 'HTTP/2 where it is offered');
is(http('POST', url('h2', 'cut'), q{'a=b'})->{outcome}, 'cut', 'a stream that is reset');
is(http('POST', url('h2', 'short'), q{'a=b'})->{outcome}, 'cut', 'a stream shorter than promised');
is(http('POST', url('h2', 'goaway'), q{'a=b'})->{outcome}, 'cut', 'a session that ends');
is(http('POST', url('h2', 'hang'), q{'a=b', timeout_ms => 300})->{outcome}, 'timed_out', 'a stream that hangs');

# Many at once.
my $many = ask("many('" . url('h2', 'ok') . "', '$ca', 500, 100, 4)");
is($many->{answered}, 500, 'many over HTTP/2');
cmp_ok($many->{connects}, '<=', 4, 'on few connections');
$many = ask("many('" . url('h2', 'ok') . "', '$ca', 800, 400, 400)");
is($many->{answered}, 800, 'a burst over HTTP/2');
cmp_ok($many->{connects}, '<=', 16, 'opens a few connections, whatever is allowed');
$many = ask("many('" . url('https', 'ok') . "', '$ca', 500, 100, 20)");
is($many->{answered}, 500, 'many over HTTP/1.1');
is($many->{connects}, 20, 'connections are used again, and no more than allowed');
$many = ask("many('" . url('https', 'slow') . "', '$ca', 500, 100, 20)");
is($many->{connects}, 20, 'all that are allowed, where answers take a while');
$many = ask("many('" . url('stall', 'ok') . "', '$ca', 100, 100, 10, 60000, 500)");
is($many->{not_connected}, 100, 'many that cannot connect');
cmp_ok($many->{seconds}, '<', 5, 'do not find out one after another');
$many = ask("many('" . url('https', 'hang') . "', '$ca', 100, 100, 10, 1000)");
# On a busy machine the last of them may get a connection for its last moment.
cmp_ok($many->{timed_out}, '>=', 10, 'those with a connection time out');
cmp_ok($many->{timed_out}, '<', 30, 'and no others');
is($many->{not_connected}, 100 - $many->{timed_out}, 'those that waited for one were never sent');
cmp_ok($many->{seconds}, '<', 5, 'and the clock counts from the start');

is($node->value("SELECT unasked('" . url('h2', 'ok') . "', '$ca')"), 0, 'nobody is to wait while an answer is there');

# An error elsewhere leaves the pool usable.
my $after = $node->value(q{SET statement_timeout = 300;
	DO $$ BEGIN PERFORM many('} . url('https', 'hang') . qq{', '$ca', 20, 20, 4, 1000);
		EXCEPTION WHEN query_canceled THEN NULL; END \$\$;
	SET statement_timeout = 0;
	SELECT many('} . url('https', 'ok') . qq{', '$ca', 50, 30, 4, 10000)->>'answered'});
is($after, 50, 'a cancelled statement leaves the pool in order');

# The end does not wait for anybody.
for my $where ([ 'https', 'hang' ], [ 'h2', 'hang' ], [ 'stall', 'hang' ])
{
	my $took = $node->value("SELECT abort('" . url(@$where) . "', '$ca', 50)");
	cmp_ok($took, '<', 100, "destroyed with requests hanging at $where->[0]");
}

$node->log_lacks(qr/sk_test_in_no_log/, 0, 'the API key is in no log');
$node->stop;
kill 'TERM', $pid;
close $server;
$pid = 0;
done_testing();
