# JSON from outside is UTF-8, whatever the database speaks: converted, or refused, never raised.
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
	[ 'a kanji',		'22e697a522',			undef,	'e697a5',	'c6fc',	'e697a5' ],
	[ 'escaped',		'225c753030653922',		'e9',	undef,		'8fabb1',	'c3a9' ],
	[ 'escaped kanji',	'225c753635653522',		undef,	undef,		'c6fc',	'e697a5' ],
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

$node->stop;
done_testing();
