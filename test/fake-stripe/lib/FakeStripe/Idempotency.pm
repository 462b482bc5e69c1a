package FakeStripe::Idempotency;
use Mojo::Base -strict, -signatures;

use FakeStripe::Error;
use Mojo::JSON qw(encode_json);

use constant RETENTION => 24 * 3600;

# Starts a request under its key. Gives nothing for a fresh one, the stored answer for a known one,
# and refuses a key that is busy or was used for something else.
sub begin ($store, $request)
{
	my $key = $request->{key} // return;
	FakeStripe::Error->throw(400, { message => 'Idempotency keys may have up to 255 characters.' })
		if length $key > 255 || $key eq '';

	my $known = $store->idempotency;
	my $print = encode_json([ $request->{path}, $request->{params} ]);
	my $entry = $known->{$key};
	if ($entry && !$entry->{running} && $store->now - $entry->{created} >= RETENTION)
	{
		delete $known->{$key};
		undef $entry;
	}
	if (!$entry)
	{
		$known->{$key} = {
			running => 1, created => $store->now, print => $print,
			path => $request->{path}, request_id => $request->{id}
		};
		return;
	}
	_refuse_other($entry, $key, $request, $print);
	FakeStripe::Error->throw(409, {
		type => 'idempotency_error', code => 'idempotency_key_in_use',
		message => "There is currently another in-progress request using this Idempotency Key ($key). "
			. 'Please wait for it to finish, then try again.'
	}) if $entry->{running};
	return $entry;
}

sub _refuse_other ($entry, $key, $request, $print)
{
	my $message;
	$message = 'Keys for idempotent requests can only be used for the same endpoint they were first used '
		. "for ('$entry->{path}' vs '$request->{path}')." if $entry->{path} ne $request->{path};
	$message //= 'Keys for idempotent requests can only be used with the same parameters they were first '
		. 'used with.' if $entry->{print} ne $print;
	FakeStripe::Error->throw(400, {
		type => 'idempotency_error',
		message => "$message Try using a key other than '$key' if you meant to execute a different request."
	}) if $message;
	return;
}

# The first request is over: its answer is kept, or forgotten when nothing was executed.
sub finish ($store, $request, $answer)
{
	my $key = $request->{key} // return;
	my $entry = $store->idempotency->{$key};
	return unless $entry && $entry->{running} && $entry->{request_id} eq $request->{id};
	if (!$answer->{stored})
	{
		delete $store->idempotency->{$key};
		return;
	}
	delete $entry->{running};
	@$entry{qw(status body)} = @$answer{qw(status body)};
	return;
}

1;
