# A PostgreSQL::Test::Cluster with paycore in it, and the questions that tests ask.
#
#	my $node = PayCluster->started('name', tables => 1);
#	is($node->sqlstate_of('SELECT 1/0'), '22012');
package PayCluster;

use strict;
use warnings;

use File::Basename qw(dirname);
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

our @ISA = ('PostgreSQL::Test::Cluster');

# A running node.  Options:
#	preload   => 0        without shared_preload_libraries
#	extension => 0        without CREATE EXTENSION
#	tables    => 1        with SELECT paycore.init()
#	conf      => "a = 1"  more settings
#	init      => {...}    options of PostgreSQL::Test::Cluster's init()
sub started
{
	my ($class, $name, %options) = @_;
	my $node = $class->new($name);

	$node->init(extra => [ '--no-locale', '-E', 'UTF8' ], %{ $options{init} // {} });
	$node->append_conf('postgresql.conf', "shared_preload_libraries = 'paycore'") if $options{preload} // 1;
	$node->append_conf('postgresql.conf', $options{conf}) if $options{conf};
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION paycore CASCADE') if $options{extension} // 1;
	$node->safe_psql('postgres', 'SELECT paycore.init()') if $options{tables};
	return $node;
}

# The first cluster of a test is a copy; others are made, so that they are of another system.
my $copied = 0;

sub init
{
	my ($self, %params) = @_;

	local $ENV{PATH} = dirname(__FILE__) . "/copied:$ENV{PATH}" unless $copied++;
	return $self->SUPER::init(%params);
}

# Until the server has ended all its processes, after one was killed, and is there again. By its log, from before the kill
# on: until the postmaster has noticed, it answers as if nothing had happened.
sub await_restart
{
	my ($self, $position) = @_;
	my $end = time + 60;

	until ($self->log_contains(qr/was terminated by signal 9.*database system is ready to accept connections/s, $position))
	{
		die "no restart after a crash" if time > $end;
		sleep 0.05;
	}
	return;
}

# After the postmaster was killed. Its children go by themselves, and then another one may start; in a container nobody may
# have reaped the dead one, so its lock files go by hand.
sub restart_after_kill
{
	my ($self) = @_;
	my $data = $self->data_dir;
	my $end = time + 30;

	sleep 0.1 while time < $end && grep { (readlink("$_/cwd") // '') eq $data } glob '/proc/[0-9]*';
	unlink "$data/postmaster.pid", $self->host . '/.s.PGSQL.' . $self->port . '.lock';
	$self->{_pid} = undef;
	$self->start;
	return;
}

# The result of a statement that must succeed, as psql -At prints it.  Options: dbname, user.
sub value
{
	my ($self, $sql, %options) = @_;
	my @user = $options{user} ? (extra_params => [ '-U', $options{user} ]) : ();

	return $self->safe_psql($options{dbname} // 'postgres', $sql, @user);
}

# Passes where the statement succeeds.
sub psql_ok
{
	my ($self, $sql, $what, %options) = @_;
	my $state = $self->sqlstate_of($sql, %options);

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return is($state, '00000', $what // $sql);
}

# Passes where the statement's result is this text.
sub value_is
{
	my ($self, $sql, $expected, $what, %options) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return is($self->value($sql, %options), $expected, $what // $sql);
}

# Passes where the statement fails with this SQLSTATE.
sub fails_with
{
	my ($self, $sql, $expected, $what, %options) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return is($self->sqlstate_of($sql, %options), $expected, $what // $sql);
}

# The SQLSTATE that a statement ends with; 00000 for success, 08000 where the server is
# gone.  Several statements in one string are one transaction, or see their own BEGIN.
sub sqlstate_of
{
	my ($self, $sql, %options) = @_;
	my ($stdout, $stderr) = ('', '');
	my @user = $options{user} ? ('-U', $options{user}) : ();

	my $status = $self->psql(
		$options{dbname} // 'postgres', $sql,
		stdout => \$stdout,
		stderr => \$stderr,
		on_error_stop => 1,
		extra_params => [ '-v', 'VERBOSITY=verbose', @user ]);

	return $1 if $stderr =~ /(?:ERROR|FATAL|PANIC):\s+([0-9A-Z]{5}):/;
	return '00000' if $status == 0;
	diag($stderr);
	return '08000';
}

# Passes as soon as the statement's result is this text.
sub wait_for_sql
{
	my ($self, $sql, $expected, $timeout, %options) = @_;
	my $end = time + ($timeout // $PostgreSQL::Test::Utils::timeout_default);
	my $value;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	while (1)
	{
		$value = $self->value($sql, %options);
		return pass("$sql becomes $expected") if $value eq $expected;
		last if time > $end;
		sleep 0.05;
	}
	return is($value, $expected, "$sql becomes $expected");
}

# A psql that stays open: ->query_safe($sql), ->query_until($pattern, $sql), ->quit.
sub session
{
	my ($self, %options) = @_;
	my @user = $options{user} ? (extra_params => [ '-U', $options{user} ]) : ();

	return $self->background_psql($options{dbname} // 'postgres', on_error_stop => $options{on_error_stop} // 0, @user);
}

# Starts a psql that runs this script by itself, while the test goes on; output goes to files, so
# that nobody waits for anybody.  Ends with ended().  Options: verbose, on_error_stop.
sub start_psql
{
	my ($self, $script, %options) = @_;
	my $base = PostgreSQL::Test::Utils::tempdir() . '/psql';
	my %run = map { $_ => "$base.$_" } qw(sql out err);

	append_to_file($run{sql}, $script);
	$run{handle} = IPC::Run::start(
		[
			'psql', '-XAtq', '-v', 'VERBOSITY=' . ($options{verbose} ? 'verbose' : 'default'),
			'-v', 'ON_ERROR_STOP=' . ($options{on_error_stop} ? 1 : 0),
			'-d', $self->connstr($options{dbname} // 'postgres'), '-f', $run{sql}
		],
		'<', \undef, '>', $run{out}, '2>', $run{err});
	return \%run;
}

# Waits for what start_psql() started; gives what it wrote to stdout and to stderr.
sub ended
{
	my ($self, $run) = @_;

	$run->{handle}->finish;
	return (slurp_file($run->{out}), slurp_file($run->{err}));
}

# Where the log ends now, to look only at what comes after.
sub log_position
{
	my ($self) = @_;

	return -s $self->logfile;
}

# Passes where the log holds, after a position, something (or nothing) like this.
sub log_has
{
	my ($self, $pattern, $position, $what) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return ok($self->log_contains($pattern, $position // 0), $what // "the log has $pattern");
}

sub log_lacks
{
	my ($self, $pattern, $position, $what) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return ok(!$self->log_contains($pattern, $position // 0), $what // "the log lacks $pattern");
}

1;
