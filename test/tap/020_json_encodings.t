# JSON from outside is UTF-8, whatever the database speaks: converted, a question mark for what it has no character for, never raised.
use strict;
use warnings;

use PayCluster;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PayCluster->started('encodings', extension => 0);

my @inputs = (
	# what				bytes					LATIN1	SQL_ASCII	EUC_JP	UTF8
	[ 'e acute',		'22c3a922',				'e9',	'c3a9',		'8fabb1',	'c3a9' ],
	[ 'a kanji',		'22e697a522',			'3f',	'e697a5',	'c6fc',	'e697a5' ],
	[ 'escaped',		'225c753030653922',		'e9',	'3f',		'8fabb1',	'c3a9' ],
	[ 'escaped kanji',	'225c753635653522',		'3f',	'3f',		'c6fc',	'e697a5' ],
	[ 'among others',	'2261c3a9e697a5c3a922',	'61e93fe9',	'61c3a9e697a5c3a9',	'618fabb1c6fc8fabb1',	'61c3a9e697a5c3a9' ],
	[ 'a smile',		'225c75643833645c756465303022',	'3f3f',	'3f3f',	'3f3f',	'f09f9880' ],
	[ 'U+0000',			'225c753030303022',		'3f',	'3f',		'3f',	'efbfbd' ],
	[ 'half surrogate',	'225c756438336422',		'3f',	'3f',		'3f',	'efbfbd' ],
	[ 'no UTF-8',		'22ff22',				undef,	undef,		undef,	undef ]);
my @encodings = qw(LATIN1 SQL_ASCII EUC_JP UTF8);

foreach my $n (0 .. $#encodings)
{
	my $encoding = $encodings[$n];
	my $dbname = lc("db_$encoding");

	$node->safe_psql('postgres', "CREATE DATABASE $dbname ENCODING $encoding TEMPLATE template0 LOCALE 'C'");
	foreach my $input (@inputs)
	{
		my ($what, $bytes, @expected) = @$input;

		# textsend() converts to the client's encoding, which here is the database's.
		my $read = $node->value(
			"CREATE FUNCTION pg_temp.json(bytea) RETURNS jsonb LANGUAGE c STRICT
				AS '\$libdir/paycore', 'paycore_test_json';
			SELECT coalesce(encode(textsend(pg_temp.json('\\x$bytes') ->> 'json'), 'hex'), 'refused')",
			dbname => $dbname);
		is($read, $expected[$n] // 'refused', "$what in $encoding");
	}
}

# What is sent must be UTF-8, and the mock answers inside the worker where no transaction is open: neither a byte of no
# encoding nor one that has to be converted there stops the worker.
foreach my $dbname (qw(db_latin1 db_sql_ascii))
{
	$node->value(<<"SQL", dbname => $dbname);
ALTER DATABASE $dbname SET paycore.worker = off;
CREATE EXTENSION paycore CASCADE;
SELECT paycore.init();
SELECT paycore.create_payment_intent(id, '5 EUR', 'pm_card_visa', true, description => E'Caf\\351')
	FROM paycore.create_billing_account(E'Ren\\351', currency => 'EUR');
CALL paycore.drain_outbox('20 s');
SQL
	$node->value_is('SELECT status FROM paycore.payment_intents', 'succeeded', "the worker in $dbname", dbname => $dbname);
	$node->value_is(q{SELECT status FROM paycore.receive_webhook(E'{"a":"\351"}', 't=1,v1=1')}, 'rejected', "a webhook in $dbname", dbname => $dbname);
}

$node->stop;
done_testing();
