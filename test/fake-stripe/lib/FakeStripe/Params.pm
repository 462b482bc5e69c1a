package FakeStripe::Params;
use Mojo::Base -strict, -signatures;

use FakeStripe::Error;
use Mojo::JSON qw(true false);
use Mojo::Util qw(decode url_unescape);

# Decodes a[b][c]=x, a[]=x and a[0]=x into nested data.
sub decode_form ($text)
{
	my $tree = {};
	for my $pair (grep { length } split /&/, $text // '')
	{
		my ($name, $value) = map { _text($_) } split /=/, $pair, 2;
		$value //= '';
		my ($head, $rest) = $name =~ /^([^\[]+)(.*)$/s
			or FakeStripe::Error->parameter($name, "Invalid parameter name: $name");
		_put($tree, $value, $head, $rest =~ /\[([^\]]*)\]/g);
	}
	return _arrays($tree);
}

sub _text ($raw)
{
	my $text = decode('UTF-8', url_unescape($raw =~ tr/+/ /r));
	FakeStripe::Error->throw(400, { message => 'Invalid UTF-8 in the request.' }) unless defined $text;
	return $text;
}

sub _put ($node, $value, @path)
{
	my $last = pop @path;
	for my $step (@path)
	{
		$step = scalar keys %$node if $step eq '';
		$node->{$step} = {} unless ref $node->{$step};
		$node = $node->{$step};
	}
	$last = scalar keys %$node if $last eq '';
	$node->{$last} = $value;
	return;
}

sub _arrays ($node, $name = '')
{
	return $node unless ref $node;
	$node->{$_} = _arrays($node->{$_}, $_) for keys %$node;
	return $node if $name eq 'metadata' || !%$node || grep { !/^\d+$/ } keys %$node;
	return [ map { $node->{$_} } sort { $a <=> $b } keys %$node ];
}

# Checks the parameters of one endpoint. A type is int, bool, string, hash, array, metadata, range,
# id, any, or one|of|these; a leading ! makes the parameter required.
sub check ($given, $spec)
{
	my %known = (%$spec, expand => 'array');
	for my $name (sort keys %$given)
	{
		FakeStripe::Error->parameter($name, "Received unknown parameter: $name", 'parameter_unknown')
			unless $known{$name};
	}
	for my $name (sort grep { $known{$_} =~ /^!/ } keys %known)
	{
		FakeStripe::Error->parameter($name, "Missing required param: $name.", 'parameter_missing')
			unless defined $given->{$name};
	}
	return { map { $_ => _value($_, $given->{$_}, $known{$_} =~ s/^!//r) } keys %$given };
}

sub _value ($name, $value, $type)
{
	if ($type eq 'int')
	{
		FakeStripe::Error->parameter($name, "Invalid integer: $value", 'parameter_invalid_integer')
			unless !ref $value && $value =~ /^-?\d{1,15}$/;
		return 0 + $value;
	}
	if ($type eq 'bool')
	{
		FakeStripe::Error->parameter($name, "Invalid boolean: $value")
			unless !ref $value && $value =~ /^(?:true|false)$/;
		return $value eq 'true' ? true : false;
	}
	if ($type eq 'id')
	{
		FakeStripe::Error->parameter($name,
			"You passed an empty string for '$name'. We assume empty values are an attempt to unset a "
			. "parameter; however '$name' cannot be unset.", 'parameter_invalid_empty') if $value eq '';
		return $value;
	}
	return _metadata($value) if $type eq 'metadata';
	return _range($name, $value) if $type eq 'range';
	if ($type eq 'hash' || $type eq 'array')
	{
		my $kind = uc $type;
		FakeStripe::Error->parameter($name, "Invalid $type")
			unless ref $value eq $kind || $value eq '';
		return $value;
	}
	if ($type =~ /\|/)
	{
		my @allowed = split /\|/, $type;
		FakeStripe::Error->parameter($name, "Invalid $name: must be one of " . join(', ', @allowed))
			unless grep { $_ eq $value } @allowed, '';
		return $value;
	}
	return $value;
}

sub _metadata ($value)
{
	return '' if !ref $value && $value eq '';
	FakeStripe::Error->parameter('metadata', 'Invalid hash') unless ref $value eq 'HASH';
	FakeStripe::Error->parameter('metadata', 'Metadata can have up to 50 keys.') if keys %$value > 50;
	for my $key (keys %$value)
	{
		FakeStripe::Error->parameter("metadata[$key]", 'Metadata keys can have up to 40 characters.')
			if length $key > 40;
		FakeStripe::Error->parameter("metadata[$key]", 'Metadata values must be strings.')
			if ref $value->{$key};
		FakeStripe::Error->parameter("metadata[$key]", 'Metadata values can have up to 500 characters.')
			if length $value->{$key} > 500;
	}
	return $value;
}

sub _range ($name, $value)
{
	return 0 + _value($name, $value, 'int') unless ref $value;
	return { map { $_ => _value("${name}[$_]", $value->{$_}, 'int') } keys %$value };
}

# An update merges: an empty value drops the key, an empty metadata drops all.
sub merge_metadata ($old, $new)
{
	return $old unless defined $new;
	return {} unless ref $new;
	my %merged = (%$old, %$new);
	delete @merged{ grep { $merged{$_} eq '' } keys %merged };
	return \%merged;
}

sub null_if_empty ($value)
{
	return defined $value && !ref $value && $value eq '' ? undef : $value;
}

1;
