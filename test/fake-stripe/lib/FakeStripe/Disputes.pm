package FakeStripe::Disputes;
use Mojo::Base -strict, -signatures;

use FakeStripe::Balance;
use FakeStripe::Error;
use FakeStripe::Lists;
use FakeStripe::Objects;
use FakeStripe::Params;
use Mojo::JSON qw(true false);

use constant FEE => 1500;

sub open ($store, $charge, $reason, $amount = undef, %more)
{
	my $dispute = FakeStripe::Objects::dispute($store, $charge, $reason);
	$dispute->{amount} = $amount if defined $amount;
	$dispute->{currency} = $more{currency} if defined $more{currency};
	$dispute->{is_charge_refundable} = $more{is_charge_refundable} ? true : false if defined $more{is_charge_refundable};
	$dispute->{status} = 'prevented' if $more{prevented};
	my $before = $store->snapshot($charge);
	$store->add($dispute);
	push @{$store->private($charge->{id})->{disputes}}, $dispute;
	$charge->{disputed} = true;
	$store->private($dispute->{id})->{fee} = $more{fee};
	_withdraw($store, $dispute) if $dispute->{status} eq 'needs_response';
	$store->effect('dispute');
	$store->emit('charge.dispute.created', $dispute);
	$store->emit('charge.updated', $charge, $before);
	$store->emit('charge.dispute.funds_withdrawn', $dispute) if @{$dispute->{balance_transactions}};
	$store->schedule($dispute->{evidence_details}{due_by} - $store->now, sub { _expire($store, $dispute) });
	return $dispute;
}

# Nobody answered: silence is an answer too.
sub _expire ($store, $dispute)
{
	return unless $dispute->{status} =~ /needs_response$/;
	$dispute->{evidence_details}{past_due} = true;
	move($store, $dispute, $dispute->{status} =~ /^warning_/ ? 'warning_closed' : 'lost');
	return;
}

sub _move_funds ($store, $dispute, $amount, $category, $fee)
{
	my $entry = FakeStripe::Balance::record($store, $store->find($dispute->{charge}),
		amount => $amount, type => 'adjustment', category => $category, source => $dispute->{id},
		description => "Chargeback for $dispute->{charge}", fee => $fee, fee_text => 'Dispute fee');
	push @{$dispute->{balance_transactions}}, $entry;
	return;
}

sub _withdraw ($store, $dispute)
{
	return _move_funds($store, $dispute, -$dispute->{amount}, 'dispute', _fee($store, $dispute));
}

sub _fee ($store, $dispute) { return $store->private($dispute->{id})->{fee} // FEE }

my %CLOSED = map { $_ => 1 } qw(won lost warning_closed prevented);

# Moves a dispute on; `returned` is the part of the money that comes back with a lost one, `fee_returned` with either.
sub move ($store, $dispute, $status, %more)
{
	my $before = $store->snapshot($dispute);
	my $was = $dispute->{status};
	$dispute->{status} = $status;
	$dispute->{is_charge_refundable} = $status =~ /^warning_/ ? true : false;
	my $held = @{$dispute->{balance_transactions}} == 1;
	my $withdrawn = $was =~ /^warning_/ && $status =~ /^(?:needs_response|under_review)$/
		&& !@{$dispute->{balance_transactions}};
	_withdraw($store, $dispute) if $withdrawn;
	my $back = $status eq 'won' ? $dispute->{amount} : $more{returned};
	my $fee = $more{fee_returned} ? -_fee($store, $dispute) : 0;
	_move_funds($store, $dispute, $back, 'dispute_reversal', $fee) if $held && $back;

	$store->effect("dispute_$status");
	$store->emit($CLOSED{$status} ? 'charge.dispute.closed' : 'charge.dispute.updated', $dispute, $before);
	$store->emit('charge.dispute.funds_withdrawn', $dispute, $before) if $withdrawn;
	$store->emit('charge.dispute.funds_reinstated', $dispute, $before) if $held && $back;
	return $dispute;
}

sub retrieve ($store, $params, $id) { return $store->get('dispute', $id) }

sub update ($store, $params, $id)
{
	my $dispute = $store->get('dispute', $id);
	FakeStripe::Error->refuse('status_transition_invalid', 'This dispute is already closed.')
		if $CLOSED{$dispute->{status}};
	my $before = $store->snapshot($dispute);
	$dispute->{metadata} = FakeStripe::Params::merge_metadata($dispute->{metadata}, $params->{metadata});
	my $evidence = ref $params->{evidence} ? $params->{evidence} : {};
	$dispute->{evidence} = { %{$dispute->{evidence}},
		map { $_ => FakeStripe::Params::null_if_empty($evidence->{$_}) } keys %$evidence };
	$dispute->{evidence_details}{has_evidence}
		= (grep { defined && !ref } values %{$dispute->{evidence}}) ? true : false;
	my $submit = !defined $params->{submit} || $params->{submit};
	return $dispute unless _submitted($store, $dispute, $before, $submit && keys %$evidence ? 1 : 0);
	_judge($store, $dispute);
	return $dispute;
}

sub _submitted ($store, $dispute, $before, $submit)
{
	if ($submit)
	{
		$dispute->{evidence_details}{submission_count}++;
		$dispute->{status} = $dispute->{status} =~ /^warning_/ ? 'warning_under_review' : 'under_review';
		$store->effect('evidence');
	}
	$store->emit('charge.dispute.updated', $dispute, $before);
	return $submit;
}

# The text of the evidence decides, as in Stripe's test mode.
sub _judge ($store, $dispute)
{
	my $inquiry = $dispute->{status} =~ /^warning_/;
	my $verdict = {
		winning_evidence => $inquiry ? 'warning_closed' : 'won',
		losing_evidence => $inquiry ? 'needs_response' : 'lost',
		escalate_inquiry_evidence => 'needs_response'
	}->{ $dispute->{evidence}{uncategorized_text} // '' };
	my $delay = $store->setting('dispute_delay');
	return unless $verdict && defined $delay;
	$store->schedule($delay, sub { move($store, $dispute, $verdict) });
	return;
}

sub close ($store, $params, $id)
{
	my $dispute = $store->get('dispute', $id);
	FakeStripe::Error->refuse('status_transition_invalid', 'This dispute cannot be closed.')
		unless $dispute->{status} =~ /needs_response$/;
	return move($store, $dispute, $dispute->{status} =~ /^warning_/ ? 'warning_closed' : 'lost');
}

sub list ($store, $params)
{
	my @equal = grep { defined $params->{$_} } qw(charge payment_intent);
	my $filter = sub ($dispute) { return !grep { ($dispute->{$_} // '') ne $params->{$_} } @equal };
	return FakeStripe::Lists::page([ $store->all('dispute') ], $params, '/v1/disputes', $filter);
}

1;
