# The secrets file: who may read it, what it may say, and that nobody hears of it.
use strict;
use warnings;

use Cwd qw(abs_path);
use JSON::PP;
use PayCluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $dir = abs_path(PostgreSQL::Test::Utils::tempdir());
my $file = "$dir/secrets.conf";
my $node = PayCluster->started('secrets', extension => 0, preload => 0,
	conf => "paycore.secrets_file = '$file'\nsession_preload_libraries = 'paycore'\nlog_statement = 'none'\nlog_min_messages = debug1");

if ($node->sqlstate_of(q{CREATE FUNCTION secrets(account text) RETURNS jsonb
		AS '$libdir/paycore', 'paycore_test_secrets' LANGUAGE C STRICT}) ne '00000')
{
	die 'needs a test build (PAYCORE_FAULT_POINTS)';
}
$node->safe_psql('postgres', q{CREATE FUNCTION why_not(account text) RETURNS text
	AS '$libdir/paycore', 'paycore_test_secrets_try' LANGUAGE C STRICT});

sub write_file
{
	my ($text, $mode, $path) = @_;
	$path //= $file;

	unlink $path;
	open my $out, '>', $path or die "$path: $!";
	print $out $text;
	close $out;
	chmod $mode // 0600, $path;
}

sub secrets { return decode_json($node->value("SELECT secrets('$_[0]')")); }

# hashtext() of a value that must not appear in a statement
sub hash { return $node->value("SELECT hashtext(convert_from('\\x" . unpack('H*', $_[0]) . "', 'UTF8'))"); }

# Passes where the file is refused with PY072 and this detail.
sub refused
{
	my ($detail, $what) = @_;
	my ($stdout, $stderr);

	is($node->sqlstate_of("SELECT secrets('default')"), 'PY072', $what);
	$node->psql('postgres', "SELECT secrets('default')", stdout => \$stdout, stderr => \$stderr);
	like($stderr, $detail, "$what: detail");
	unlike($stderr, qr/HUSH/, "$what: no word of the text");
	like($node->value("SELECT why_not('default')"), $detail, "$what: said without raising");
}

my $good = <<'TEXT';
# comment
instance = prod-1

[default]
  api_key = sk_live_HUSH=
webhook_secret=whsec_HUSH1
webhook_secret	=	whsec_HUSH2
base_url = https://localhost:12111/
ca_file = /etc/ssl/a file.pem
[eu.test_2-x]
api_key = sk_test_HUSH
TEXT

refused(qr/cannot be opened: No such file/, 'a missing file');
write_file($good);
my $read = secrets('default');
is($read->{instance}, 'prod-1', 'instance');
is($read->{api_key}, hash('sk_live_HUSH='), 'API key, equals sign kept');
is_deeply($read->{webhook_secrets}, [ hash('whsec_HUSH1'), hash('whsec_HUSH2') ], 'webhook secrets in order');
is($read->{base_url}, hash('https://localhost:12111'), 'base URL without the slash at its end');
is($read->{ca_file}, hash('/etc/ssl/a file.pem'), 'CA file, blank kept');
ok(!$read->{warned}, 'no warning');
$read = secrets('eu.test_2-x');
is($read->{api_key}, hash('sk_test_HUSH'), 'second account');
is_deeply([ @$read{qw(base_url ca_file)} ], [ undef, undef ], 'which inherits nothing');
ok(!secrets('other')->{found}, 'no such account');
like($node->value("SELECT why_not('other')"), qr/no section/, 'and why');
write_file($good =~ s/\n/\r\n/gr);
is(secrets('default')->{api_key}, hash('sk_live_HUSH='), 'lines that end in CR LF');
write_file($good =~ s/\n\z//r);
is(secrets('eu.test_2-x')->{api_key}, hash('sk_test_HUSH'), 'no newline at the end');
write_file('');
is(secrets('default')->{instance}, '', 'an empty file names no instance');

# Modes, owner, kind.
for my $mode (0640, 0604, 0620, 0602, 0610, 0601, 0644)
{
	write_file($good, $mode);
	refused(qr/mode 0600/, sprintf('mode %04o', $mode));
}
for my $mode (0600, 0400)
{
	write_file($good, $mode);
	ok(secrets('default')->{found}, sprintf('mode %04o', $mode));
}
write_file($good, 0000);
refused(qr/cannot be opened/, 'a file that the server cannot read') if $> != 0;
unlink $file;
mkdir $file;
refused(qr/not a regular file/, 'a folder');
rmdir $file;
system('mkfifo', '-m', '0600', $file);
refused(qr/not a regular file/, 'a FIFO does not hold anybody up');
write_file('#' x 65537);
refused(qr/larger than 64 kB/, 'a file above 64 kB');
write_file(('#' x 65535) . "\n");
is($node->value("SELECT why_not('default')"), 'the secrets file has no section of this name', 'a file of 64 kB');

# Symbolic links: the file behind counts.
write_file($good, 0600, "$dir/behind");
unlink $file;
symlink "$dir/behind", $file;
ok(secrets('default')->{found}, 'a link to a good file');
chmod 0644, "$dir/behind";
refused(qr/mode 0600/, 'a link to a file that is too open');
unlink $file;

# Lines.
my @bad = (
	[ "instance = a\nHUSH\n", 2, qr/neither a section/ ],
	[ "\n\n[default]\nHUSH = 1\n", 4, qr/unknown key/ ],
	[ "api_key = HUSH\n", 1, qr/belongs into a section/ ],
	[ "[default\n", 1, qr/bracket/ ],
	[ "[]\n", 1, qr/section's name/ ],
	[ "[a b HUSH]\n", 1, qr/section's name/ ],
	[ '[' . 'a' x 65 . "]\n", 1, qr/section's name/ ],
	[ "[a]\n[b]\n[a]\n", 3, qr/section occurs twice/ ],
	[ "[a]\napi_key = HUSH\napi_key = HUSH2\n", 3, qr/key occurs twice/ ],
	[ "[a]\nbase_url = https://a\nbase_url = https://a\n", 3, qr/key occurs twice/ ],
	[ "[a]\nca_file = /a\nca_file = /a\n", 3, qr/key occurs twice/ ],
	[ "instance = a\ninstance = a\n", 2, qr/key occurs twice/ ],
	[ "[a]\ninstance = a\n", 2, qr/above the first section/ ],
	[ "instance = a/HUSH\n", 1, qr/instance's name/ ],
	[ 'instance = ' . 'a' x 65 . "\n", 1, qr/instance's name/ ],
	[ "[a]\napi_key =\n", 2, qr/empty/ ],
	[ "[a]\napi_key = \"HUSH\"\n", 2, qr/without quotes/ ],
	[ "[a]\napi_key = HUSH HUSH\n", 2, qr/blank/ ],
	[ "[a]\napi_key = HUSH\x01\n", 2, qr/blank or a character/ ],
	[ "[a]\napi_key = HUSH\xc3\xa4\n", 2, qr/blank or a character/ ],
	[ "[a]\napi_key = HUSH\0HUSH\n", 2, qr/NUL/ ],
	[ "[a]\n" . "webhook_secret = HUSH\n" x 9, 10, qr/more than 8/ ],
	[ "[a]\nbase_url = api.HUSH.com\n", 2, qr/base URL/ ],
	[ "[a]\nbase_url = https://HUSH\@a.com\n", 2, qr/user name/ ],
	[ "[a]\nca_file = HUSH.pem\n", 2, qr/absolute/ ],
	[ "\xef\xbb\xbf[a]\n", 1, qr/neither a section/ ],
);
for my $case (@bad)
{
	my ($text, $line, $detail) = @$case;

	write_file($text);
	refused(qr/line $line: .*$detail/, "line $line like $detail");
}

# One session sees changes of the file and of the setting, and of nothing else.
write_file($good);
write_file("instance = other\n[default]\napi_key = HUSH\n", 0600, "$dir/second");
write_file($good =~ s/prod-1/prod-2/r, 0600, "$dir/new");
my $seen = $node->value(<<SQL);
SELECT secrets('default')->>'instance';
\\! mv $dir/new $file
SELECT secrets('default')->>'instance';
ALTER SYSTEM SET paycore.secrets_file = '$dir/second';
SELECT pg_reload_conf();
SELECT pg_sleep(2);
SELECT secrets('default')->>'instance';
ALTER SYSTEM RESET paycore.secrets_file;
SQL
is($seen, "prod-1\nprod-2\nt\n\nother", 'read again as the file was replaced, and as the setting changed');

sub use_file
{
	$node->append_conf('postgresql.conf', "paycore.secrets_file = '$_[0]'");
	$node->restart;
}

my $inside = abs_path($node->data_dir) . '/secrets.conf';
write_file($good, 0600, $inside);
use_file($inside);
ok(secrets('default')->{warned}, 'inside the data directory: a warning');
symlink $inside, "$dir/outside";
use_file("$dir/outside");
ok(secrets('default')->{warned}, 'and through a link');
use_file('secrets.conf');
refused(qr/not absolute/, 'a relative path');
use_file('');
is(secrets('default')->{instance}, '', 'no file: no instance');
like($node->value("SELECT why_not('default')"), qr/no secrets file is configured/, 'no file: why');

$node->log_lacks(qr/HUSH/, 0, 'no word of the file in the log');
$node->stop;
done_testing();
