# Receipts as documents: well-formed and the same in every encoding of the database, ICU's memory given back, dumped and restored.
use strict;
use warnings;

use Mojo::DOM;
use PayCluster;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PayCluster->started('receipts', extension => 0);

# A database with one payment and its receipt.
sub shop
{
	my ($db, $encoding, $name) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $db ENCODING $encoding TEMPLATE template0 LOCALE 'C'");
	$node->safe_psql('postgres', "ALTER DATABASE $db SET paycore.worker = off");
	$node->safe_psql($db, 'SET client_min_messages = warning; CREATE EXTENSION paycore CASCADE; SELECT paycore.init()');
	$node->safe_psql($db, qq{
		SET client_encoding = 'UTF8';
		SELECT paycore.create_gateway_account('cash', 'manual');
		SELECT paycore.set_seller('{"name": "Caf\xc3\xa9", "footer": "x"}');
		SELECT paycore.issue_receipt((paycore.record_payment(a.id, '1234.50 EUR', received_at => '2026-01-02', description => \$\$$name\$\$)).id, 'R-1')
		FROM paycore.create_billing_account(\$\$$name\$\$, currency => 'EUR', gateway => 'cash', details => '{"locale": "fr-CH"}') a;});
	return;
}

# Strict where browsers forgive: every tag closed in order, every attribute quoted, no bare & or <, nothing but ASCII.
sub complaint
{
	my ($html) = @_;
	my %void = map { $_ => 1 } qw(meta img);
	my @open;

	$html =~ s/^<!DOCTYPE html>\n// or return 'no doctype';
	$html =~ s/<style>[^<]*<\/style>//;
	while (length $html)
	{
		if ($html =~ s/^<([a-z][a-z0-9]*)((?: [a-z-]+="[^"<>&]*(?:&#x[0-9A-F]+;[^"<>&]*)*")*)>//) { push @open, $1 if !$void{$1} }
		elsif ($html =~ s/^<\/([a-z][a-z0-9]*)>//) { my $was = pop @open // 'nothing'; return "</$1> closes $was" if $was ne $1 }
		elsif ($html !~ s/^(?:[\n\x20-\x25\x27-\x3b\x3d\x3f-\x7e]|&#x[0-9A-F]+;)+//) { return 'not well-formed: ' . substr($html, 0, 40) }
	}
	return @open ? "left open: @open" : 'none';
}

my $evil = q{</td><script>alert("1")</script> & 'x' `y`};
my %html;
foreach my $case ([ 'utf8', 'UTF8', "$evil \xe6\x97\xa5\xe2\x80\xa8" ], [ 'latin1', 'LATIN1', "$evil \xc3\xa9" ], [ 'latin9', 'LATIN9', "$evil \xe2\x82\xac" ],
	[ 'ascii', 'SQL_ASCII', "$evil \xc3\xa9" ], [ 'euc_jp', 'EUC_JP', "$evil \xe6\x97\xa5" ])
{
	my ($db, $encoding, $name) = @$case;

	shop($db, $encoding, $name);
	foreach my $locale (qw(fr-CH ar-KW ja-JP hi-IN de))
	{
		my $html = $node->value("SELECT paycore.receipt_html(id, '$locale') FROM paycore.receipts", dbname => $db);

		is(complaint($html), 'none', "$encoding: well-formed in $locale");
		unlike($html, qr/<script|[^\n\x20-\x7e]/, "$encoding: no script, ASCII only in $locale");
		$html{$db} = $html if $locale eq 'fr-CH';
	}
	my $dom = Mojo::DOM->new($html{$db});
	utf8::decode(my $read = $name);
	is($dom->at('tbody td')->all_text, $read, "$encoding: a browser reads the description as it was written");
	is($dom->at('section bdi')->all_text, "Caf\x{e9}", "$encoding: and the seller's name");
	like($dom->at('tfoot td')->all_text, qr/^1.234[.,]50.\x{20ac}$|^1.234[.,]50.EUR$/, "$encoding: and the amount");
	is(scalar @{ $dom->find('script, link, iframe, object, [onclick], [style], [href]')->to_array }, 0, "$encoding: nothing that could run or load");
}

# Bytes that nobody vouches for.
$node->safe_psql('ascii', q{SELECT paycore.set_seller(jsonb_build_object('name', convert_from('\xc328ff41', 'SQL_ASCII')))});
$node->safe_psql('ascii', q{SELECT paycore.issue_receipt((paycore.record_payment(id, '1 EUR')).id) FROM paycore.list_billing_accounts()});
my $broken = $node->value('SELECT paycore.receipt_html(id) FROM paycore.list_receipts(page_size => 1)', dbname => 'ascii');
is(complaint($broken), 'none', 'bytes that are no UTF-8: still well-formed');
like($broken, qr/<bdi>&#xFFFD;\(&#xFFFD;A<\/bdi>/, 'each replaced by itself');

# A character of the database that Unicode lacks.
$node->safe_psql('euc_jp', q{SELECT paycore.set_seller(jsonb_build_object('name', convert_from('\xc6fca9a1c6fc41', 'EUC_JP')))});
$node->safe_psql('euc_jp', q{SELECT paycore.issue_receipt((paycore.record_payment(id, '1 EUR')).id) FROM paycore.list_billing_accounts()});
$node->value_is(q{SELECT substring(paycore.receipt_html(id) FROM '<bdi>[^<]*&#xFFFD;[^<]*</bdi>') FROM paycore.list_receipts(page_size => 1)},
	'<bdi>&#x65E5;&#xFFFD;&#x65E5;A</bdi>', 'it alone is replaced', dbname => 'euc_jp');

# A text that the database cannot hold is an error, and ICU's objects go with it: a leak would show.
$node->fails_with("SELECT paycore.format_money('1 EUR', 'de')", '22P05', 'LATIN1 has no euro sign', dbname => 'latin1');
my $session = $node->background_psql('latin1', on_error_stop => 0);
my $pid = $session->query_safe('SELECT pg_backend_pid()');

sub memory
{
	my ($kilobytes) = slurp_file("/proc/$pid/status") =~ /VmRSS:\s+(\d+)/;
	return $kilobytes;
}

sub fail_often
{
	$session->query_safe(q{DO $$ BEGIN FOR i IN 1..1000 LOOP BEGIN PERFORM paycore.format_money('1 EUR', 'de');
		EXCEPTION WHEN OTHERS THEN NULL; END; END LOOP; END $$});
	$session->query_safe(q{SELECT sum(length(paycore.receipt_html(r.id))) FROM paycore.receipts r, generate_series(1, 500)});
	return memory();
}
my $before = (fail_often(), fail_often())[1];
fail_often() for 1 .. 3;
cmp_ok(memory() - $before, '<', 4096, 'three thousand errors and 1,500 documents later the backend is as large as before (kB)');
$session->quit;

# Dump and restore.
my @to = ('-h', $node->host, '-p', $node->port);
my $file = $node->backup_dir . '.sql';
command_ok([ 'pg_dump', @to, '-f', $file, 'utf8' ], 'dump');
$node->safe_psql('postgres', "CREATE DATABASE copy ENCODING UTF8 TEMPLATE template0 LOCALE 'C'");
command_ok([ 'psql', '-X', '-q', @to, '-v', 'ON_ERROR_STOP=1', '-d', 'copy', '-f', $file ], 'restore');
is($node->value("SELECT paycore.receipt_html(id, 'fr-CH') FROM paycore.receipts", dbname => 'copy'), $html{utf8}, 'the same document');
is($node->value('SELECT * FROM paycore.verify()', dbname => 'copy'), '', 'verify() is clean');
$node->fails_with("UPDATE paycore.receipts SET number = 'x'", 'PY013', 'and it stays as it is', dbname => 'copy');

# Many sessions issue at once: one receipt per payment, no number twice.
$node->safe_psql('utf8', q{SELECT count(paycore.record_payment(a.id, '1 EUR')) FROM paycore.list_billing_accounts() a, generate_series(1, 50)});
my $script = $node->basedir . '/issue.sql';
append_to_file($script, "SELECT paycore.issue_receipt(id) FROM paycore.payments ORDER BY random() LIMIT 5;\n");
command_ok([ 'pgbench', @to, '-n', '-c', '4', '-j', '2', '-t', '50', '-f', $script, 'utf8' ], 'four sessions issue receipts of the same payments');
is($node->value('SELECT count(*) = count(DISTINCT payment_id) AND count(*) = count(DISTINCT number) AND count(*) > 40 FROM paycore.receipts', dbname => 'utf8'),
	't', 'one for each payment');
is($node->value('SELECT * FROM paycore.verify()', dbname => 'utf8'), '', 'verify() is clean');

$node->stop;
done_testing();
