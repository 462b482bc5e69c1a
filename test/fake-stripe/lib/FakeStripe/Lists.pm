package FakeStripe::Lists;
use Mojo::Base -strict, -signatures;

use FakeStripe::Error;
use Mojo::JSON qw(true false);

# What every list endpoint takes.
our %PARAMS = (
	limit => 'int', starting_after => 'string', ending_before => 'string', created => 'range',
);

# One page of objects that come newest first. A page before a cursor is the one adjacent to it.
sub page ($objects, $params, $url, $filter = undef)
{
	my $limit = $params->{limit} // 10;
	FakeStripe::Error->parameter('limit', 'This value must be between 1 and 100.',
		'parameter_invalid_integer') if $limit < 1 || $limit > 100;

	my @found = grep { (!$filter || $filter->($_)) && _created($_->{created}, $params->{created}) } @$objects;
	my ($from, $to) = (0, $#found);
	my $more;
	if (defined(my $cursor = $params->{starting_after}))
	{
		$from = _position($objects, \@found, $cursor, 'starting_after') + 1;
	}
	if (defined(my $cursor = $params->{ending_before}))
	{
		$to = _position($objects, \@found, $cursor, 'ending_before') - 1;
		$from = $to - $limit + 1;
		$more = $from > 0;
		$from = 0 if $from < 0;
	}
	my $last = $from + $limit - 1 < $to ? $from + $limit - 1 : $to;
	$more //= $last < $to;
	return {
		object => 'list', url => $url, has_more => $more ? true : false,
		data => [ $last >= $from ? @found[ $from .. $last ] : () ],
	};
}

sub _position ($all, $found, $cursor, $param)
{
	for my $i (0 .. $#$found)
	{
		return $i if $found->[$i]{id} eq $cursor;
	}

	# A cursor outside the filter still has a place in the order.
	my $seen = 0;
	my %kept = map { $_->{id} => 1 } @$found;
	for my $object (@$all)
	{
		return $seen - ($param eq 'starting_after' ? 1 : 0) if $object->{id} eq $cursor;
		$seen++ if $kept{$object->{id}};
	}
	FakeStripe::Error->missing('object', $cursor, $param);
}

sub _created ($created, $range)
{
	return 1 unless defined $range;
	return $created == $range unless ref $range;
	return 0 if defined $range->{gt}  && $created <= $range->{gt};
	return 0 if defined $range->{gte} && $created <  $range->{gte};
	return 0 if defined $range->{lt}  && $created >= $range->{lt};
	return 0 if defined $range->{lte} && $created >  $range->{lte};
	return 1;
}

1;
