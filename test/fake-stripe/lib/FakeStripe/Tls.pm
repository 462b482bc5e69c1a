package FakeStripe::Tls;
use Mojo::Base -strict, -signatures;

use Mojo::File qw(path);

# Throw-away certificates: the good one, one for a wrong name, and one of an authority nobody trusts.
sub make ($dir)
{
	my $home = path($dir, 'tls')->make_path({ mode => 0700 });
	my $old = umask 077;
	_authority($home, 'ca', 'Fake Stripe CA');
	_authority($home, 'stranger', 'Unknown CA');
	_certificate($home, 'server', 'ca', 'localhost', 'IP:127.0.0.1,DNS:localhost');
	_certificate($home, 'wrong-name', 'ca', 'wrong.example', 'DNS:wrong.example');
	_certificate($home, 'unknown-ca', 'stranger', 'localhost', 'IP:127.0.0.1,DNS:localhost');
	umask $old;
	$home->child('ca.pem')->copy_to(path($dir, 'ca.pem'));
	return $home;
}

sub _authority ($home, $name, $title)
{
	_openssl($home, qw(req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650),
		'-keyout', "$name.key", '-out', "$name.pem", '-subj', "/CN=$title",
		'-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign');
	return;
}

sub _certificate ($home, $name, $authority, $common, $names)
{
	_openssl($home, qw(req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes), '-keyout', "$name.key",
		'-out', "$name.csr", '-subj', "/CN=$common");
	$home->child("$name.ext")->spurt("subjectAltName=$names\nextendedKeyUsage=serverAuth\n");
	_openssl($home, qw(x509 -req -days 3650 -CAcreateserial), '-in', "$name.csr", '-CA', "$authority.pem",
		'-CAkey', "$authority.key", '-extfile', "$name.ext", '-out', "$name.pem");
	return;
}

sub _openssl ($home, @command)
{
	my $pid = fork() // die "fork: $!\n";
	if (!$pid)
	{
		chdir $home or exit 1;
		open STDOUT, '>>', 'openssl.log';
		open STDERR, '>&', \*STDOUT;
		exec 'openssl', @command;
		exit 1;
	}
	waitpid $pid, 0;
	die "openssl @command[0 .. 1] failed: " . $home->child('openssl.log')->slurp . "\n" if $?;
	return;
}

1;
