# The steps of ModelDriver's sequences, step_<name> each: what the application calls, what happens at the gateway, and
# what lies between. Each gives what it did, undef where there is nothing to do it to, and what was wrong.
package ModelSteps;

use strict;
use warnings;

use Model;
use Mojo::JSON qw(encode_json);
use Time::HiRes qw(sleep);

my @METHODS = (('pm_card_visa') x 6, ('pm_card_pendingRefund') x 2, qw(pm_card_refundFail pm_card_chargeCustomerFail
	pm_card_threeDSecure2Required pm_usBankAccount_success pm_card_createDispute pm_card_createDisputeInquiry pm_card_bypassPending));

sub euro { my ($cents) = @_; return sprintf "'%d.%02d EUR'", int($cents / 100), $cents % 100 }

sub key { my ($self) = @_; return 'k' . ++$self->{n} }

# -- The application.

sub step_create
{
	my ($self) = @_;
	return undef if keys %{ $self->{book}{intents} } >= 4;
	my $amount = 100 + $self->chance(9900);
	my $capture = $self->chance(10) < 3 ? 'manual' : $self->pick(qw(automatic_async automatic));
	my $confirm = $self->chance(10) < 8 ? 'true' : 'false';
	my $method = $self->pick(@METHODS);
	my $sql = "paycore.create_payment_intent('$self->{account}', " . euro($amount) . ", '$method', $confirm, '$capture', idempotency_key => '"
	  . $self->key . "')";
	my ($did, $wrong, $id) = $self->call($sql, may => qr/^00000/);
	if ($id)
	{
		$self->{book}{intents}{$id} = { amounts => [$amount], captures => [] };
		push @{ $self->{keys} }, [ $sql, $id ];
	}
	return ($did, @$wrong);
}

sub intent { my ($self, $status) = @_; return $self->pick(grep { $_->{status} =~ $status && $self->{book}{intents}{ $_->{id} } } @{ $self->{rows}{intents} }) }

sub step_confirm
{
	my ($self) = @_;
	my $intent = $self->intent(qr/created|requires_(?:payment_method|confirmation)/) or return undef;
	my $method = $self->pick(@METHODS);
	my ($did, $wrong) = $self->call("paycore.confirm_payment_intent('$intent->{id}', '$method')");
	return ($did, @$wrong);
}

sub step_capture
{
	my ($self) = @_;
	my $intent = $self->intent($self->chance(4) ? qr/requires_capture/ : qr/./) or return undef;
	my $most = $intent->{amount_capturable} || $intent->{amount};
	my $amount = $self->pick(undef, $most, 1 + $self->chance($most), 1 + $self->chance($most), $most + 1);
	my $may = $intent->{status} ne 'requires_capture' ? qr/^PY03[01]/ : defined $amount && $amount > $most ? qr/^PY03[12]/ : qr/^00000|PY03[01]/;
	my ($did, $wrong, $id) = $self->call("paycore.capture_payment_intent('$intent->{id}'" . (defined $amount ? ', ' . euro($amount) : '') . ')', may => $may);
	push @{ $self->{book}{intents}{ $intent->{id} }{captures} }, $amount // $most if $id;
	return ($did, @$wrong);
}

sub step_cancel
{
	my ($self) = @_;
	my $intent = $self->intent(qr/./) or return undef;
	my ($did, $wrong) = $self->call("paycore.cancel_payment_intent('$intent->{id}')");
	return ($did, @$wrong);
}

sub step_update
{
	my ($self) = @_;
	my $intent = $self->intent(qr/created|requires_(?:payment_method|confirmation|action)/) or return undef;
	my $amount = 100 + $self->chance(9900);
	my ($did, $wrong, $id) = $self->call("paycore.update_payment_intent('$intent->{id}', " . euro($amount) . ')');
	push @{ $self->{book}{intents}{ $intent->{id} }{amounts} }, $amount if $id;
	return ($did, @$wrong);
}

sub step_refresh
{
	my ($self) = @_;
	my $intent = $self->intent(qr/./) or return undef;
	my ($did, $wrong) = $self->call("paycore.refresh_payment_intent('$intent->{id}')");
	return ($did, @$wrong);
}

# What create_refund() must say, from the payment as it is.
sub refund_outcome
{
	my ($self, $payment, $amount) = @_;
	my @disputes = grep { $_->{payment} eq $payment->{id} } @{ $self->{rows}{disputes} };
	my @barring = grep { !$_->{is_charge_refundable} && $_->{status} !~ /^(?:won|warning_closed|prevented)$/ } @disputes;
	my $too_much = ($amount // 1) > ($payment->{available} // 0);
	my $barred = @barring && grep { $_->{held} } @disputes;

	return qr/^PY022/ if $payment->{status} ne 'succeeded';
	return $too_much ? qr/^PY02[02]/ : qr/^PY022/ if $barred;
	return $too_much ? qr/^PY020/ : qr/^00000/;
}

sub step_refund
{
	my ($self) = @_;
	my $payment = $self->pick(@{ $self->{rows}{payments} }) or return undef;
	my $left = $payment->{available} // 0;
	my $amount = $self->pick(undef, $left || 1, $left + 1, map { 1 + $self->chance($left || 500) } 1 .. 6);
	my $approval = $self->chance(5) ? 'false' : 'true';
	my $sql = "paycore.create_refund('$payment->{id}', " . (defined $amount ? euro($amount) : 'NULL')
	  . ", requested_by => 'clerk', idempotency_key => '" . $self->key . "', requires_approval => $approval)";
	my ($did, $wrong, $id) = $self->call($sql, may => $self->refund_outcome($payment, $amount));
	if ($id)
	{
		$self->{book}{refunds}{$id} = { amount => $amount // $left, awaits_approval => $approval eq 'true' };
		$self->{book}{refunds}{$id}{amount} = $self->{sql}->value("SELECT paycore.cents(amount) FROM paycore.refunds WHERE id = '$id'")
		  if $self->{free} && !defined $amount;
		push @{ $self->{keys} }, [ $sql, $id ];
	}
	return ($did, @$wrong);
}

sub refund_of_ours { my ($self, $status) = @_; return $self->pick(grep { $_->{status} =~ $status && $self->{book}{refunds}{ $_->{id} } } @{ $self->{rows}{refunds} }) }

sub step_approve
{
	my ($self) = @_;
	my $refund = $self->refund_of_ours(qr/requested/) or return undef;
	my $who = $self->pick(qw(clerk manager manager));
	my ($did, $wrong, $id) = $self->call("paycore.approve_refund('$refund->{id}', '$who')", may => $who eq 'clerk' ? qr/^PY023/ : qr/^00000/);
	$self->{book}{refunds}{$id}{awaits_approval} = 0 if $id;
	return ($did, @$wrong);
}

sub step_cancel_refund
{
	my ($self) = @_;
	my $refund = $self->refund_of_ours(qr/./) or return undef;
	my ($did, $wrong, $id) = $self->call("paycore.cancel_refund('$refund->{id}')",
		may => $refund->{status} eq 'requested' ? qr/^00000/ : $refund->{status} =~ /^(?:succeeded|failed|canceled)$/ ? qr/^PY03/ : qr/^(?:00000|PY03)/);
	$self->{book}{refunds}{$id}{cancel_asked} = 1 if $id;
	return ($did, @$wrong);
}

# The same key and arguments again: the first result, and nothing else.
sub step_repeat
{
	my ($self) = @_;
	my $call = $self->pick(@{ $self->{keys} }) or return undef;
	my ($sql, $first) = @$call;
	my ($state, $id) = $self->{sql}->call("SELECT id FROM $sql");
	return ($sql, ($id // $state) eq $first ? () : "repeated, it gives " . ($id // $state) . ": $sql");
}

sub step_credit
{
	my ($self) = @_;
	my $amount = 1 + $self->chance(5000);
	my ($did, $wrong, $id) = $self->call("paycore.credit_account('$self->{account}', " . euro($amount) . ", 'goodwill')", may => qr/^00000/);
	$self->{book}{balance}{ $self->{account} } += $amount if $id;
	return ($did, @$wrong);
}

sub step_debit
{
	my ($self) = @_;
	my $amount = 1 + $self->chance(5000);
	my $overdraw = $self->chance(4) ? 'false' : 'true';
	my $enough = $overdraw eq 'true' || $amount <= ($self->{book}{balance}{ $self->{account} } // 0);
	my ($did, $wrong, $id) = $self->call("paycore.debit_account('$self->{account}', " . euro($amount) . ", 'order', overdraw => $overdraw)",
		may => $enough ? qr/^00000/ : qr/^PY082/);
	$self->{book}{balance}{ $self->{account} } -= $amount if $id;
	return ($did, @$wrong);
}

sub step_cash
{
	my ($self) = @_;
	my $gross = 1 + $self->chance(9000);
	my $fee = $self->pick('NULL', euro($self->chance($gross)));
	my ($did, $wrong) = $self->call("paycore.record_payment('$self->{cash_account}', " . euro($gross) . ", $fee)", may => qr/^00000/);
	return ($did, @$wrong);
}

sub dispute { my ($self) = @_; return $self->pick(@{ $self->{rows}{disputes} }) }

sub step_evidence
{
	my ($self) = @_;
	my $dispute = $self->dispute or return undef;
	my ($did, $wrong) = $self->call("paycore.update_dispute_evidence('$dispute->{id}', '{\"customer_name\": \"Ann\"}')");
	my ($then, $more) = $self->call("paycore.submit_dispute_evidence('$dispute->{id}')");
	return ("$did; $then", @$wrong);
}

sub step_close_dispute
{
	my ($self) = @_;
	my $dispute = $self->dispute or return undef;
	my ($did, $wrong) = $self->call("paycore.close_dispute('$dispute->{id}')");
	return ($did, @$wrong);
}

# -- The gateway's side.

# Things happen in the same second as the last one, or later.
sub later { my ($self) = @_; $self->{stripe}->advance($self->pick(0, 0, 1, 3)); return }

sub happen
{
	my ($self, $path, $in) = @_;

	$self->later;
	$self->{stirred} = 1;
	my $done = eval { $self->{stripe}->control(POST => $path, $in) };
	return ("$path " . encode_json($in) . ($done ? '' : ' refused'), $done);
}

sub object { my ($self, $kind, $status) = @_; return $self->pick(grep { $_->{status} =~ $status } @{ $self->{world}{$kind} // [] }) }

sub step_payer
{
	my ($self) = @_;
	my $intent = $self->object(payment_intent => qr/requires_action/) or return undef;
	return ($self->happen("intents/$intent->{id}/complete_action", { result => $self->pick(qw(succeed succeed fail abandon)) }))[0];
}

sub step_bank
{
	my ($self) = @_;
	my $intent = $self->pick(grep { $_->{status} eq 'processing' || $_->{status} eq 'succeeded' && !$self->chance(3) && $self->is_debit($_) }
		@{ $self->{world}{payment_intent} // [] }) or return undef;
	return ($self->happen("intents/$intent->{id}/bank", { result => $intent->{status} eq 'succeeded' ? 'bounce' : $self->pick(qw(succeed succeed fail)) }))[0];
}

# A debit that was not refunded or disputed yet; of a bank that sends back what it has sent back, nothing is known.
sub is_debit
{
	my ($self, $intent) = @_;
	my ($charge) = grep { $_->{id} eq $intent->{latest_charge} } @{ $self->{world}{charge} };
	return $charge->{payment_method_details}{type} ne 'card' && $charge->{status} eq 'succeeded'
	  && !grep { $_->{charge} eq $charge->{id} } @{ $self->{world}{refund} // [] }, @{ $self->{world}{dispute} // [] };
}

sub step_cancel_at_gateway
{
	my ($self) = @_;
	my $intent = $self->object(payment_intent => qr/^requires_/) or return undef;
	my $how = $intent->{status} eq 'requires_capture' && $self->chance(2) ? 'expire' : 'cancel';
	return ($self->happen("intents/$intent->{id}/$how", {}))[0];
}

sub charge { my ($self) = @_; return $self->pick(grep { $_->{captured} && $_->{status} eq 'succeeded' } @{ $self->{world}{charge} // [] }) }

sub step_refund_at_gateway
{
	my ($self) = @_;
	my $charge = $self->charge or return undef;
	my ($did, $refund) = $self->happen('refunds', { charge => $charge->{id}, amount => 1 + $self->chance($charge->{amount_captured}) });
	$self->{book}{foreign_refunds}{ $refund->{id} } = 1 if $refund;
	return $did;
}

my %REFUND_MOVES = (pending => [qw(succeeded succeeded failed requires_action)], requires_action => [qw(pending succeeded failed)],
	succeeded => [qw(failed)]);

sub step_move_refund
{
	my ($self) = @_;
	my %release = map { $_->{id} => 1 } grep { !$_->{metadata}{paycore_refund} && !$self->{book}{foreign_refunds}{ $_->{id} } } @{ $self->{world}{refund} // [] };
	my $refund = $self->pick(grep { $REFUND_MOVES{ $_->{status} } && !$release{ $_->{id} } && $_->{status} ne 'succeeded' || !$release{ $_->{id} }
		  && $_->{status} eq 'succeeded' && !$self->chance(2) } @{ $self->{world}{refund} // [] });
	if (!$refund)
	{
		return undef if $self->chance(4);
		$self->{stripe}->settings(next_refund => { status => 'requires_action' });
		return 'the next refund requires action';
	}
	return ($self->happen("refunds/$refund->{id}/transition", { status => $self->pick(@{ $REFUND_MOVES{ $refund->{status} } }) }))[0];
}

sub step_open_dispute
{
	my ($self) = @_;
	my $charge = $self->charge or return undef;
	return undef if grep { $_->{charge} eq $charge->{id} } @{ $self->{world}{dispute} // [] };
	my $amount = $self->pick($charge->{amount_captured}, 1 + $self->chance($charge->{amount_captured}), $charge->{amount_captured} + 40);
	return ($self->happen("charges/$charge->{id}/dispute", { amount => $amount, reason => $self->pick(qw(fraudulent duplicate inquiry)),
		is_charge_refundable => $self->pick(Mojo::JSON->true, Mojo::JSON->false) }))[0];
}

my %DISPUTE_MOVES = (needs_response => [qw(under_review won lost)], under_review => [qw(won lost)], won => ['lost'], lost => ['won'],
	warning_needs_response => [qw(warning_under_review warning_closed needs_response)], warning_under_review => [qw(warning_closed needs_response)]);

sub step_move_dispute
{
	my ($self) = @_;
	my $dispute = $self->pick(grep { $DISPUTE_MOVES{ $_->{status} } } @{ $self->{world}{dispute} // [] }) or return undef;
	my $status = $self->pick(@{ $DISPUTE_MOVES{ $dispute->{status} } });
	my %back = $status eq 'lost' && !$self->chance(3) ? (returned => 1 + $self->chance($dispute->{amount})) : ();
	return ($self->happen("disputes/$dispute->{id}/transition", { status => $status, %back }))[0];
}

sub step_make_payout
{
	my ($self) = @_;
	return undef unless @{ $self->{world}{charge} // [] };
	return ($self->happen('payouts', { currency => 'eur', ($self->chance(2) ? (amount => 100 + $self->chance(1000)) : ()) }))[0];
}

my %PAYOUT_MOVES = (pending => [qw(in_transit paid paid canceled)], in_transit => [qw(paid paid failed)], paid => ['failed']);

sub step_move_payout
{
	my ($self) = @_;
	my $payout = $self->pick(grep { $PAYOUT_MOVES{ $_->{status} } } @{ $self->{world}{payout} // [] }) or return undef;
	return ($self->happen("payouts/$payout->{id}/reconcile", {}))[0] if $payout->{automatic} && !$self->chance(3);
	return ($self->happen("payouts/$payout->{id}/transition", { status => $self->pick(@{ $PAYOUT_MOVES{ $payout->{status} } }) }))[0];
}

# -- What lies between.

sub step_drain { my ($self) = @_; return undef if !$self->{free} && !@{ $self->{rows}{outbox} }; $self->drain; return '' }

# Some of what has not arrived, in any order, now and then twice.
sub step_deliver
{
	my ($self) = @_;
	my $pending = $self->{pending};
	return undef unless @$pending;
	my (@events, @wrong);
	for (0 .. $self->chance(@$pending > 6 ? 6 : scalar @$pending))
	{
		my ($event) = splice @$pending, $self->chance(scalar @$pending), 1;
		push @{ $self->{delivered} }, $event;
		push @events, ($event) x ($self->chance(6) ? 1 : 2);
	}
	@wrong = $self->deliver(@events);
	return (join(' ', map { "$_->{seq} $_->{type}" } @events), @wrong);
}

sub step_redeliver
{
	my ($self) = @_;
	my $event = $self->pick(@{ $self->{delivered} }) or return undef;
	return ("$event->{seq} $event->{type}", $self->deliver($event));
}

sub step_drop
{
	my ($self) = @_;
	my $pending = $self->{pending};
	return undef unless @$pending;
	my ($event) = splice @$pending, $self->chance(scalar @$pending), 1;
	return "$event->{seq} $event->{type}";
}

sub step_jump
{
	my ($self) = @_;
	my $seconds = $self->pick(1, 3, 10, 70, 70, 700, 4000, 90000);
	$self->pass($seconds);
	return $seconds;
}

sub step_poll { my ($self) = @_; return undef unless $self->{last_event}; $self->{sql}->rows('SELECT paycore.poll_events()'); return '' }

sub step_fault
{
	my ($self) = @_;
	my $fault = $self->pick({ kind => 'close', when => 'after' }, { kind => 'close', when => 'before' }, { kind => 'cut', when => 'after' },
		{ kind => 'status', status => 500 }, { kind => 'status', status => 500, when => 'after' }, { kind => 'invalid_json', when => 'after' });
	$self->{stripe}->fault(%$fault, path => $self->pick(qw(refunds payment_intents customers charges disputes)), count => 1 + $self->chance(2));
	return encode_json($fault);
}

# kill -9 takes the whole server down with it, for a moment.
sub step_kill
{
	my ($self) = @_;
	return undef unless $self->{free};
	my $pid = $self->{sql}->value('SELECT worker_pid FROM paycore.worker_status()') or return undef;
	sleep $self->chance(30) / 1000;
	kill KILL => $pid;
	sleep 0.05;
	$self->{sql}->reconnect;
	$self->prepare;
	return 'the worker';
}

1;
