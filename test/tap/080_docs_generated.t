# The pages that are made from the code say what the code says; `make docs` makes them anew.
use strict;
use warnings;

use PayCluster;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

local $ENV{PATH} = "$ENV{PAYCORE_PLAIN_BIN}:$ENV{PATH}";
my $node = PayCluster->started('docs_generated', extension => 0);
my ($functions) = run_command([ 'docs/generated/functions', 'sql' ]);

foreach my $script (sort glob('docs/generated/*.sql'))
{
	my ($page) = $script =~ m{([a-z]+)\.sql$};

	$node->safe_psql('postgres', "CREATE DATABASE $page");
	$node->safe_psql($page, 'CREATE EXTENSION paycore CASCADE');
	my $made = $node->safe_psql($page, slurp_file($script), extra_params => [ '-v', "functions=$functions" ]);
	my $committed = slurp_file("docs/$page.md");
	chomp $committed;
	ok($made eq $committed, "docs/$page.md is up to date") or show_difference($made, $committed);
}

sub show_difference
{
	my ($made, $committed) = @_;
	my %known = map { $_ => 1 } split /\n/, $committed;
	my %now = map { $_ => 1 } split /\n/, $made;

	diag("not on the page: $_") foreach grep { !$known{$_} } split /\n/, $made;
	diag("only on the page: $_") foreach grep { !$now{$_} } split /\n/, $committed;
	diag('Run: make docs');
	return;
}

$node->stop;
done_testing();
