package Receiver;
use Mojo::Base -base, -signatures;

# An endpoint of webhooks for one test.
#
#   my $shop = Receiver->start($dir);          $shop->url, $shop->ca_file
#   $shop->answer(status => 500);              $shop->answer for 200 again
#   my @events = $shop->events;                bodies of what it took with 2xx, decoded
#   $shop->signed_by($request, 'whsec_x')      whether a v1 of its header is right

use Cwd qw(abs_path);
use Digest::SHA qw(hmac_sha256_hex);
use File::Basename qw(dirname);
use Mojo::File qw(path);
use Mojo::JSON qw(decode_json encode_json);
use Time::HiRes qw(sleep time);

has [qw(dir pid port)];

my $PROGRAM = abs_path(dirname(__FILE__) . '/receiver');

sub start ($class, $dir)
{
	path($dir)->make_path;
	return $class->new(dir => path($dir), port => 0)->up;
}

# Again on the port it had.
sub up ($self)
{
	$self->dir->child('url')->remove;
	my $pid = fork() // die "fork: $!\n";
	if (!$pid)
	{
		open STDOUT, '>>', $self->dir->child('log');
		open STDERR, '>&', \*STDOUT;
		exec $^X, $PROGRAM, '--dir', $self->dir, '--port', $self->port;
		exit 1;
	}
	$self->pid($pid);
	my $until = time + 30;
	until (-s $self->dir->child('url'))
	{
		die 'the receiver did not start: ' . $self->dir->child('log')->slurp if time > $until || waitpid($pid, 1) > 0;
		sleep 0.02;
	}
	$self->port($1) if $self->url =~ /:(\d+)$/;
	return $self;
}

sub down ($self)
{
	my $pid = delete $self->{pid} or return;
	kill TERM => $pid;
	waitpid $pid, 0;
	return;
}

sub url ($self) { return $self->dir->child('url')->slurp }
sub ca_file ($self) { return $self->dir->child('ca.pem')->to_string }

sub answer ($self, %answer)
{
	$self->dir->child('answer.new')->spurt(encode_json(\%answer));
	rename $self->dir->child('answer.new'), $self->dir->child('answer') or die "rename: $!\n";
	return;
}

# Everything it was sent: path, headers, body, status (its answer; 0 = none). The last line may still be
# half written.
sub requests ($self)
{
	my $file = $self->dir->child('received');
	return -e $file ? map { decode_json($_) } $file->slurp =~ /^(.*)\n/mg : ();
}

sub events ($self) { return map { decode_json($_->{body}) } grep { $_->{status} =~ /^2/ } $self->requests }

sub forget ($self) { $self->dir->child('received')->remove; return }

# Waits until it has taken that many.
sub await ($self, $n, $seconds = 60)
{
	my $until = time + $seconds;
	sleep 0.05 while $self->events < $n && time < $until;
	return scalar(my @taken = $self->events);
}

# Stripe's rule, written down once more.
sub signed_by ($self, $request, $secret)
{
	my $header = $request->{headers}{'Paycore-Signature'} // '';
	my ($time) = $header =~ /^t=(\d+),/ or return 0;
	return 0 if abs($time - $request->{time}) > 60;
	my $expected = hmac_sha256_hex("$time.$request->{body}", $secret);
	return scalar grep { $_ eq "v1=$expected" } split /,/, $header;
}

sub DESTROY ($self) { local ($?, $!); $self->down if $self->{pid} && $self->{owner} == $$; return }

sub new ($class, @args)
{
	my $self = $class->SUPER::new(@args);
	$self->{owner} = $$;
	return $self;
}

1;
