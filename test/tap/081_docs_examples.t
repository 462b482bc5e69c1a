# What README.md and docs/*.md show has been run, as it is shown.
#
# Every ```sql block of a page runs in order, page by page, in a fresh database with init() done
# by an owner who is no superuser, and with the mock gateway.  What a page can say of its blocks:
#
#	```sql superuser	is run as a superuser
#	```sql no-run		is not run
#	...;  --> 12.34 USD	the statement's result is this (several rows: with commas)
#	...;  -- ERROR: PY020	the statement fails so; at its end or on the line below
#	```text			right below a block: its output holds this; ids and times may differ
#
# PAGES="README.md docs/year.md" runs these only.
use strict;
use warnings;

use IPC::Run;
use PayCluster;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my @pages = $ENV{PAGES} ? split(' ', $ENV{PAGES}) : ('README.md', sort glob('docs/*.md'));
my $mark = '@@docs';

# [ { line, kind, code, output } ... ]
sub blocks_of
{
	my ($page) = @_;
	my (@blocks, $open, $last_end);
	my $number = 0;

	foreach my $line (split /\n/, slurp_file($page))
	{
		$number++;
		if (!$open && $line =~ /^\s*```(\S*)\s*(\S*)\s*$/)
		{
			$open = { line => $number, kind => $1, info => $2, code => [] };
			$open->{shows} = $blocks[-1] if $1 eq 'text' && @blocks && $last_end && $number - $last_end <= 2;
		}
		elsif ($open && $line =~ /^\s*```\s*$/)
		{
			$open->{shows}{output} = join("\n", @{ $open->{code} }) if $open->{shows};
			push @blocks, $open if $open->{kind} eq 'sql' && $open->{info} ne 'no-run';
			$last_end = $open->{kind} eq 'sql' && $open->{info} ne 'no-run' ? $number : undef;
			$open = undef;
		}
		elsif ($open)
		{
			push @{ $open->{code} }, $line;
		}
	}
	die "$page: a block has no end" if $open;
	return @blocks;
}

# Whether a statement ends on the last of these lines.
sub statement_ends
{
	my ($text) = @_;

	$text =~ s/--[^\n]*//g;
	return 0 if (() = $text =~ /\$\$/g) % 2 || (() = $text =~ /'/g) % 2;
	return $text =~ /(;|\\g\w*[^\n]*)\s*$/ || $text =~ /^\s*:\w+\s*$/;
}

# The script for psql, and what each statement of it should come to.
sub script_of
{
	my ($page, @blocks) = @_;
	my ($script, @expected, $user) = ('', ());

	foreach my $block (@blocks)
	{
		my $wanted = $block->{info} eq 'superuser' ? 'postgres_superuser' : 'shop';
		my ($statement, @code) = ('', @{ $block->{code} });

		$script .= "\\connect - $wanted\n" if ($user // '') ne $wanted;
		$user = $wanted;
		while (defined(my $line = shift @code))
		{
			$script .= "$line\n";
			$statement .= "$line\n";
			next unless statement_ends($statement);
			my $where = $block->{line} + scalar(@{ $block->{code} }) - scalar(@code);
			my $below = ($code[0] // '') =~ /^\s*--/ ? $code[0] : '';
			my ($fails) = "$line\n$below" =~ /-- ERROR: (\w{5})/;
			my ($gives) = $line =~ /--> (.*?)\s*$/;
			push @expected, { where => "$page:$where", state => $fails // '00000', value => $gives, block => $block };
			$script .= "\\echo $mark :SQLSTATE\n";
			$statement = '';
		}
		is($statement =~ s/^\s*(--.*)?\n//mgr, '', "$page:$block->{line}: the block ends with a statement");
	}
	return ($script, @expected);
}

# Ids, times, rulers and the widths of columns are not what a reader looks at.
sub plain
{
	my ($text) = @_;

	$text =~ s/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/ID/g;
	$text =~ s/\b(mock|pi|cus|ch|re|pm|evt)_[A-Za-z0-9_]+/ID/g;
	$text =~ s/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.\d]*[+-]\d\d/TIME/g;
	$text =~ s/-{2,}/-/g;
	$text =~ s/ +/ /g;
	$text =~ s/^ | $//mg;
	return $text;
}

# The values of psql's aligned output.
sub value_of
{
	my ($output) = @_;
	my @lines = split /\n/, $output;
	my @rows;

	while (defined(my $line = shift @lines))
	{
		next unless $line =~ /^-[-+]*$/;
		push @rows, shift @lines while @lines && $lines[0] !~ /^\(\d+ rows?\)$/;
	}
	s/^\s+|\s+$//g, s/\s*\|\s*/ | /g foreach @rows;
	return join(', ', @rows);
}

sub run_page
{
	my ($node, $page, $database) = @_;
	my ($script, @expected) = script_of($page, blocks_of($page));
	my ($stdout, $stderr);

	$node->safe_psql('postgres', "CREATE DATABASE $database OWNER shop");
	$node->safe_psql($database, 'CREATE EXTENSION paycore CASCADE; GRANT USAGE, CREATE ON SCHEMA paycore TO shop');
	$node->safe_psql($database, 'SELECT paycore.init()', extra_params => [ '-U', 'shop' ]);
	IPC::Run::run([ 'psql', '-X', '-q', '-h', $node->host, '-p', $node->port, '-U', 'shop', '-d', $database ],
		'<', \$script, '>', \$stdout, '2>', \$stderr, IPC::Run::timeout(120));

	# Its worker leaves: the server has not as many slots as there are pages.
	$node->safe_psql('postgres', "ALTER DATABASE $database SET paycore.worker = off");
	my @outputs = split /^\Q$mark\E (\S+)\n/m, $stdout;
	foreach my $e (@expected)
	{
		my ($output, $state) = splice(@outputs, 0, 2);

		is($state, $e->{state}, "$e->{where}: ends with $e->{state}") or diag($stderr);
		is(value_of($output // ''), $e->{value}, "$e->{where}: the result is as shown") if defined $e->{value};
		$e->{block}{actual} .= $output // '';
	}
	foreach my $block (grep { defined $_->{output} } blocks_in(@expected))
	{
		my ($shown, $actual) = (plain($block->{output}), plain($block->{actual} . "\n" . ($stderr // '')));

		ok(index($actual, $shown) >= 0, "$page:$block->{line}: the output is as shown") or diag("shown:\n$shown\nactual:\n$actual");
	}
	return;
}

sub blocks_in
{
	my %seen;

	return grep { !$seen{$_}++ } map { $_->{block} } @_;
}

local $ENV{PATH} = "$ENV{PAYCORE_PLAIN_BIN}:$ENV{PATH}";
my $node = PayCluster->started('docs_examples', extension => 0);
$node->safe_psql('postgres', 'CREATE ROLE shop LOGIN; CREATE ROLE postgres_superuser LOGIN SUPERUSER');
foreach my $page (@pages)
{
	next unless blocks_of($page);
	run_page($node, $page, 'shop_' . ($page =~ s{.*/}{}r =~ s{\W}{_}gr =~ tr/A-Z/a-z/r));
}
$node->stop;
done_testing();
