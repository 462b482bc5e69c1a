# One psql that stays open and answers in a millisecond, for tests of very many statements.
#
#	my $sql = SqlPipe->new($node);
#	my ($state, @rows) = $sql->call('SELECT 1');		# '00000', '1'
#	my @rows = $sql->rows('SELECT 1');					# dies where the statement fails
package SqlPipe;

use strict;
use warnings;

use IPC::Open3 qw(open3);
use Symbol qw(gensym);
use Time::HiRes qw(sleep time);

my $END = '--end-of-answer--';

# Options: dbname, settings (run first, and again after every reconnection).
sub new
{
	my ($class, $node, %options) = @_;
	my $self = bless { node => $node, dbname => $options{dbname} // 'postgres', settings => $options{settings} }, $class;

	return $self->connect;
}

sub connect
{
	my ($self) = @_;

	$self->{err} = gensym;
	open my $null, '>', '/dev/null' or die "/dev/null: $!\n";
	$self->{pid} = open3(my $in, my $out, '>&' . fileno $null, 'psql', '-XAtq', '-v', 'VERBOSITY=verbose',
		'-d', $self->{node}->connstr($self->{dbname}));
	binmode $_, ':utf8' for $in, $out;
	$in->autoflush(1);
	@$self{qw(in out)} = ($in, $out);
	$self->call($self->{settings}) if $self->{settings};
	return $self;
}

# The SQLSTATE of one statement, or of the last of several, and its rows; 08006 where the server went away.
# The message is in ->message.
sub call
{
	my ($self, $sql) = @_;
	my @rows;

	local $SIG{PIPE} = 'IGNORE';
	print { $self->{in} } "$sql\n;\n\\echo $END :SQLSTATE :LAST_ERROR_MESSAGE\n";
	while (defined(my $line = readline $self->{out}))
	{
		chomp $line;
		if ($line =~ /^\Q$END\E (\w+) ?(.*)/)
		{
			$self->{message} = $1 eq '00000' ? '' : $2;
			return ($1, @rows);
		}
		push @rows, $line;
	}
	$self->{message} = 'the connection is lost';
	return '08006';
}

sub message { return $_[0]{message} }

sub rows
{
	my ($self, $sql) = @_;
	my ($state, @rows) = $self->call($sql);

	die "$state $self->{message}\nin: $sql\n" if $state ne '00000';
	return @rows;
}

sub value { my ($self, $sql) = @_; my @rows = $self->rows($sql); return $rows[0] }

# After a crash of the server.
sub reconnect
{
	my ($self, $timeout) = @_;
	my $end = time + ($timeout // 60);

	$self->close;
	while (1)
	{
		$self->connect;
		my ($state) = $self->call('SELECT 1');
		return $self if $state eq '00000';
		$self->close;
		die "the server did not come back\n" if time > $end;
		sleep 0.05;
	}
}

sub close
{
	my ($self) = @_;

	return unless $self->{pid};
	close $self->{in};
	close $self->{out};
	waitpid delete $self->{pid}, 0;
	return;
}

1;
