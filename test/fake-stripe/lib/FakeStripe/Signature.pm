package FakeStripe::Signature;
use Mojo::Base -strict, -signatures;

use Digest::SHA qw(hmac_sha256_hex);

# The Stripe-Signature header over raw bytes: one v1 per secret, so that a rotation can be played.
sub header ($payload, $timestamp, @secrets)
{
	return join ',', "t=$timestamp", map { 'v1=' . digest($payload, $timestamp, $_) } @secrets;
}

sub digest ($payload, $timestamp, $secret)
{
	return hmac_sha256_hex("$timestamp.$payload", $secret);
}

# Any header a test may want: other schemes, no time, two of a kind, tails.
sub compose ($payload, %how)
{
	my $timestamp = $how{timestamp};
	my $scheme = $how{scheme} // 'v1';
	my @parts = $how{omit_timestamp} ? () : "t=$timestamp";
	push @parts, "$scheme=" . digest($payload, $timestamp, $_) for @{$how{secrets}};
	push @parts, 'v0=' . digest($payload, $timestamp, 'not the secret') if $how{v0};
	push @parts, @{$how{extra} // []};
	return join ',', @parts;
}

1;
