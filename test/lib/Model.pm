# What every amount must be, worked out from what was asked, what the gateway holds and the rules of docs/: nothing
# here knows how paycore does it. All amounts are in cents of one currency.
#
#	book   what the driver asked for and paycore accepted: { intents, refunds, cash, balance, foreign_refunds }
#	rows   paycore's tables, as Model::rows_sql() reads them
#	world  the gateway's objects by kind, and { seen }: the statuses in which each object has ever been seen
#
# Each function gives the differences as texts; none means that all is as it must be.
package Model;

use strict;
use warnings;

use List::Util qw(max min sum0);

# Which statuses reserve and which give back.
my %RESERVES = map { $_ => 1 } qw(requested pending requires_action);

# Statuses that a row may have by our own deed, whatever the gateway has shown.
my %OF_OURS = (
	intents => { map { $_ => 1 } qw(created failed canceled) }, refunds => { map { $_ => 1 } qw(requested pending failed canceled) },
	payments => {}, disputes => {}, payouts => {},
);

sub rows_sql
{
	my $list = sub { my ($name, $table, $order, @columns) = @_;
		my $pairs = join ', ', map { my ($as, $from) = @$_; "'$as', $from" } @columns;
		return "'$name', (SELECT coalesce(jsonb_agg(jsonb_build_object($pairs) ORDER BY $order), '[]') FROM $table)" };
	my $plain = sub { map { [ $_, "t.$_" ] } @_ };
	my $cents = sub { map { [ $_, "paycore.cents(t.$_)" ] } @_ };

	return 'SELECT jsonb_build_object(' . join(",\n",
		$list->('intents', 'paycore.payment_intents t', 'id', $plain->(qw(id status payment_id gw_doubt duplicate_suspected)),
			[ psp => 't.psp_intent_id' ], $cents->(qw(amount amount_received amount_capturable))),
		$list->('payments', '(SELECT p.*, o.available_to_refund FROM paycore.payments p JOIN paycore.payments_overview o USING (id, tenant_id)) t', 'id', $plain->(qw(id status gateway_account over_returned gw_doubt)),
			[ psp => 't.psp_charge_id' ], [ intent => 't.payment_intent_id' ], [ available => 'paycore.cents(t.available_to_refund)' ],
			$cents->(qw(authorized gross settled_gross fee net refund_reserved refunded dispute_held))),
		$list->('refunds', 'paycore.refunds t', 'id', $plain->(qw(id status kind gw_doubt failure_reason)), [ psp => 't.psp_refund_id' ],
			[ payment => 't.payment_id' ], $cents->('amount')),
		$list->('disputes', 'paycore.disputes t', 'id', $plain->(qw(id status gw_doubt is_charge_refundable)), [ psp => 't.psp_dispute_id' ],
			[ payment => 't.payment_id' ], $cents->(qw(amount held withdrawn reinstated fee))),
		$list->('payouts', 'paycore.payouts t', 'id', $plain->(qw(id status)), [ psp => 't.psp_payout_id' ], $cents->('amount')),
		$list->('balances', 'paycore.account_balances t', 'billing_account_id', [ account => 't.billing_account_id' ], $cents->('balance')),
		$list->('ledger', '(SELECT code, sum(paycore.cents(amount)) AS sum FROM paycore.ledger_postings GROUP BY code) t', 'code',
			$plain->(qw(code sum))),
		$list->('outbox', "(SELECT status, is_read, count(*) AS n FROM paycore.outbox WHERE finished_at IS NULL GROUP BY 1, 2) t", 'status, is_read',
			$plain->(qw(status is_read n))),
		$list->('events', "(SELECT status, count(*) AS n FROM paycore.webhook_events WHERE status IN ('received', 'failed') GROUP BY status) t",
			'status', $plain->(qw(status n))))
	  . ')';
}

# What must hold at any moment.
sub always
{
	my ($book, $rows, $world) = @_;

	return (_counters($rows), _asked($book, $rows, $world), _facts($rows, $world), _statuses($rows, $world),
		_ledger($book, $rows), _balances($book, $rows), _once($book, $world));
}

# What must hold once nothing is under way.
sub at_rest
{
	my ($book, $rows, $world) = @_;

	return (_nothing_left($rows), _same_objects($rows, $world), _settled($rows, $world), _refusals($book, $rows, $world),
		_gateway_balance($rows, $world));
}

sub _differs
{
	my ($what, $is, $must) = @_;
	my ($a, $b) = map { $_ // 'null' } $is, $must;

	return $a eq $b ? () : "$what is $a, must be $b";
}

# The share of a payment that a dispute keeps from refunds.
sub held
{
	my ($dispute, $captured) = @_;

	return 0 if $dispute->{status} =~ /^warning_|^prevented$/;
	my $taken = defined $dispute->{withdrawn} || defined $dispute->{reinstated}
	  ? ($dispute->{withdrawn} // 0) - ($dispute->{reinstated} // 0) : $dispute->{amount};
	return max(0, min($captured, $taken));
}

sub _counters
{
	my ($rows) = @_;
	my @wrong;

	for my $p (@{ $rows->{payments} })
	{
		my @refunds = grep { $_->{payment} eq $p->{id} && $_->{kind} eq 'refund' } @{ $rows->{refunds} };
		my @disputes = grep { $_->{payment} eq $p->{id} } @{ $rows->{disputes} };
		my $captured = $p->{gross} // $p->{authorized};
		my $reserved = sum0 map { $_->{amount} } grep { $RESERVES{ $_->{status} } } @refunds;
		my $refunded = sum0 map { $_->{amount} } grep { $_->{status} eq 'succeeded' } @refunds;
		my $held = sum0 map { held($_, $captured) } @disputes;
		my $left = $p->{status} eq 'succeeded' ? max(0, $p->{gross} - $reserved - $refunded - $held) : undef;

		push @wrong, _differs("payment $p->{id}: refund_reserved", $p->{refund_reserved}, $reserved),
		  _differs("payment $p->{id}: refunded", $p->{refunded}, $refunded),
		  _differs("payment $p->{id}: dispute_held", $p->{dispute_held}, $held),
		  _differs("payment $p->{id}: available_to_refund", $p->{available}, $left),
		  (map { _differs("dispute $_->{psp}: held", $_->{held}, held($_, $captured)) } @disputes);
		push @wrong, "payment $p->{id}: more was given back than taken, and over_returned is not set"
		  if defined $p->{gross} && $reserved + $refunded + $held > $p->{gross} && !$p->{over_returned};
	}
	return @wrong;
}

# Every row was asked for, or is the gateway's; every accepted request has its row, with its amount.
sub _asked
{
	my ($book, $rows, $world) = @_;
	my %refund = map { $_->{id} => $_ } @{ $rows->{refunds} };
	my %intent = map { $_->{id} => $_ } @{ $rows->{intents} };
	my %at_gateway = map { $_->{id} => $_ } @{ $world->{refund} // [] };
	my @wrong;

	for my $id (sort keys %{ $book->{refunds} })
	{
		my $row = delete $refund{$id} or push @wrong, "refund $id was accepted and has no row";
		push @wrong, _differs("refund $id: amount", $row->{amount}, $book->{refunds}{$id}{amount}) if $row;
	}
	for my $row (values %refund)
	{
		my $object = $at_gateway{ $row->{psp} // '' };
		push @wrong, $object ? _differs("refund $row->{psp}: amount", $row->{amount}, $object->{amount})
		  : "refund $row->{id} was never asked for";
	}
	for my $id (sort keys %{ $book->{intents} })
	{
		my $row = delete $intent{$id} or push @wrong, "intent $id was accepted and has no row";
		push @wrong, "intent $id: amount is $row->{amount}, was never asked for"
		  if $row && !grep { $row->{amount} == $_ } @{ $book->{intents}{$id}{amounts} };
	}
	push @wrong, map { "intent $_ was never asked for" } sort keys %intent;
	return @wrong;
}

# Facts are those of the gateway, or not known yet.
sub _facts
{
	my ($rows, $world) = @_;
	my %charge = map { $_->{id} => $_ } @{ $world->{charge} // [] };
	my %dispute = map { $_->{id} => $_ } @{ $world->{dispute} // [] };
	my @wrong;

	for my $p (grep { defined $_->{psp} } @{ $rows->{payments} })
	{
		my $c = $charge{ $p->{psp} } or push(@wrong, "payment $p->{psp}: no such charge"), next;
		push @wrong, _differs("payment $p->{psp}: authorized", $p->{authorized}, $c->{amount});
		push @wrong, _differs("payment $p->{psp}: gross", $p->{gross}, $c->{captured} ? $c->{amount_captured} : undef) if defined $p->{gross};
		push @wrong, _fee($p, $c, $world) if defined $p->{fee} || defined $p->{net};
	}
	for my $d (@{ $rows->{disputes} })
	{
		my $object = $dispute{ $d->{psp} } or push(@wrong, "dispute $d->{psp}: no such dispute"), next;
		my ($out, $back) = dispute_money($object);
		push @wrong, _differs("dispute $d->{psp}: amount", $d->{amount}, $object->{amount});
		push @wrong, _differs("dispute $d->{psp}: withdrawn", $d->{withdrawn}, $out) if defined $d->{withdrawn};
		push @wrong, _differs("dispute $d->{psp}: reinstated", $d->{reinstated}, $back) if defined $d->{reinstated};
	}
	return @wrong;
}

# The charge's own balance transactions, and that of an uncaptured rest.
sub _own_transactions
{
	my ($charge, $world) = @_;
	my %rest = map { $_->{id} => 1 } grep { $_->{charge} eq $charge->{id} } @{ $world->{refund} // [] };

	return grep { ($_->{source} eq $charge->{id} && $_->{reporting_category} eq 'charge')
		  || ($rest{ $_->{source} } && $_->{reporting_category} eq 'partial_capture_reversal') }
	  grep { defined $_->{source} } @{ $world->{balance_transaction} // [] };
}

sub _fee
{
	my ($p, $charge, $world) = @_;
	my @own = _own_transactions($charge, $world);

	return (_differs("payment $p->{psp}: settled_gross", $p->{settled_gross}, sum0 map { $_->{amount} } @own),
		_differs("payment $p->{psp}: fee", $p->{fee}, sum0 map { $_->{fee} } @own),
		_differs("payment $p->{psp}: net", $p->{net}, sum0 map { $_->{net} } @own));
}

sub dispute_money
{
	my ($object) = @_;
	my @amounts = map { $_->{amount} } @{ $object->{balance_transactions} };
	my ($out, $back) = ([ grep { $_ < 0 } @amounts ], [ grep { $_ > 0 } @amounts ]);

	return (@$out ? -sum0(@$out) : undef, @$back ? sum0(@$back) : undef);
}

# The payment's status that a charge stands for.
sub payment_status
{
	my ($charge) = @_;

	return $charge->{status} if $charge->{status} ne 'succeeded' || $charge->{captured};
	return $charge->{refunded} ? 'canceled' : 'authorized';
}

# A row may lag behind the gateway, but shows nothing that never was.
sub _statuses
{
	my ($rows, $world) = @_;
	my @wrong;

	for my $kind (sort keys %OF_OURS)
	{
		for my $row (grep { defined $_->{psp} } @{ $rows->{$kind} })
		{
			push @wrong, "$kind: $row->{psp} is $row->{status}, which it never was at the gateway"
			  unless $world->{seen}{ $row->{psp} }{ $row->{status} } || $OF_OURS{$kind}{ $row->{status} };
		}
	}
	return @wrong;
}

# The balances that the posting rules make of the facts; debits are above zero.
sub _ledger
{
	my ($book, $rows) = @_;
	my (%must, %gateway_of);
	my $post = sub { my ($debit, $credit, $amount) = @_; $must{$debit} += $amount // 0; $must{$credit} -= $amount // 0; return };

	for my $p (@{ $rows->{payments} })
	{
		my $money = $gateway_of{ $p->{id} } = defined $p->{psp} ? "gateway_balance:$p->{gateway_account}" : "cash:$p->{gateway_account}";
		$post->($money, 'revenue', $p->{gross}) if $p->{status} eq 'succeeded';
		$post->('gateway_fees', $money, $p->{fee});
	}
	for my $r (grep { $_->{kind} eq 'refund' && $_->{status} eq 'succeeded' } @{ $rows->{refunds} })
	{
		$post->('refunds', $gateway_of{ $r->{payment} }, $r->{amount});
	}
	for my $d (@{ $rows->{disputes} })
	{
		my $money = $gateway_of{ $d->{payment} };
		$post->('disputes', $money, $d->{withdrawn});
		$post->($money, 'disputes', $d->{reinstated});
		$post->('dispute_fees', $money, $d->{fee});
	}
	$post->('bank', 'gateway_balance:default', $_->{amount}) for grep { $_->{status} eq 'paid' } @{ $rows->{payouts} };
	$post->('balance_adjustments', 'customer_balances', $_) for values %{ $book->{balance} };

	my %is = map { $_->{code} => $_->{sum} } @{ $rows->{ledger} };
	return map { _differs("ledger: $_", $is{$_} // 0, $must{$_} // 0) } sort keys %{ { %is, %must } };
}

sub _balances
{
	my ($book, $rows) = @_;
	my %is = map { $_->{account} => $_->{balance} } @{ $rows->{balances} };

	return map { _differs("account $_: balance", $is{$_} // 0, $book->{balance}{$_} // 0) } sort keys %{ { %is, %{ $book->{balance} } } };
}

# The gateway was asked for each thing once, for the amount that was meant.
sub _once
{
	my ($book, $world) = @_;
	my (%intents, %refunds, @wrong);

	push @{ $intents{ $_->{metadata}{paycore_intent} // '' } }, $_ for @{ $world->{payment_intent} // [] };
	push @{ $refunds{ $_->{metadata}{paycore_refund} // '' } }, $_ for @{ $world->{refund} // [] };
	for my $id (sort keys %intents)
	{
		my $asked = $book->{intents}{$id} or push(@wrong, "the gateway has an intent that nobody asked for: '$id'"), next;
		my $taken = sum0 map { $_->{amount_received} } @{ $intents{$id} };
		push @wrong, "intent $id was made " . @{ $intents{$id} } . ' times' if @{ $intents{$id} } > 1;
		push @wrong, "intent $id: $taken was taken, never asked for"
		  if $taken && !grep { $taken == $_ } @{ $asked->{captures} }, @{ $asked->{amounts} };
	}
	for my $id (grep { $_ ne '' } sort keys %refunds)
	{
		my $asked = $book->{refunds}{$id} or push(@wrong, "the gateway has a refund that nobody asked for: $id"), next;
		push @wrong, "refund $id was made " . @{ $refunds{$id} } . ' times' if @{ $refunds{$id} } > 1;
		push @wrong, _differs("refund $id: amount at the gateway", $refunds{$id}[0]{amount}, $asked->{amount});
		push @wrong, "refund $id was sent without approval" if $asked->{awaits_approval};
	}
	return @wrong;
}

sub _nothing_left
{
	my ($rows) = @_;

	return ((map { "$_->{n} requests are $_->{status}" } @{ $rows->{outbox} }), (map { "$_->{n} events are $_->{status}" } @{ $rows->{events} }),
		map { my $kind = $_; map { "$kind: " . ($_->{psp} // $_->{id}) . ' is in doubt' } grep { $_->{gw_doubt} } @{ $rows->{$kind} } }
		  qw(intents payments refunds disputes));
}

# Each object of the gateway has its row, in its status.
sub _same_objects
{
	my ($rows, $world) = @_;
	my @wrong;
	my %kinds = (intents => 'payment_intent', payments => 'charge', refunds => 'refund', disputes => 'dispute', payouts => 'payout');

	for my $kind (sort keys %kinds)
	{
		my %row = map { $_->{psp} => $_ } grep { defined $_->{psp} } @{ $rows->{$kind} };
		for my $object (@{ $world->{ $kinds{$kind} } // [] })
		{
			my $status = $kind eq 'payments' ? payment_status($object) : $object->{status};
			my $row = $row{ $object->{id} };
			# A declined charge is an attempt, not a payment.
			next if $kind eq 'payments' && !$row && $status eq 'failed';
			push @wrong, $row ? _differs("$kind: $object->{id}", $row->{status}, $status) : "$kind: $object->{id} ($status) has no row";
		}
	}
	my %received = map { $_->{id} => $_->{amount_received} } @{ $world->{payment_intent} // [] };
	push @wrong, _differs("intent $_->{psp}: amount_received", $_->{amount_received}, $received{ $_->{psp} })
	  for grep { defined $_->{psp} && $_->{status} eq 'succeeded' } @{ $rows->{intents} };
	return @wrong;
}

# All that the gateway knows of money is known here.
sub _settled
{
	my ($rows, $world) = @_;
	my %charge = map { $_->{id} => $_ } @{ $world->{charge} // [] };
	my %dispute = map { $_->{id} => $_ } @{ $world->{dispute} // [] };
	my @wrong;

	for my $p (grep { defined $_->{psp} } @{ $rows->{payments} })
	{
		my $c = $charge{ $p->{psp} };
		push @wrong, _differs("payment $p->{psp}: gross", $p->{gross}, $c->{captured} ? $c->{amount_captured} : undef);
		push @wrong, _fee($p, $c, $world) if defined $c->{balance_transaction};
	}
	for my $d (@{ $rows->{disputes} })
	{
		my ($out, $back) = dispute_money($dispute{ $d->{psp} });
		push @wrong, _differs("dispute $d->{psp}: withdrawn", $d->{withdrawn}, $out), _differs("dispute $d->{psp}: reinstated", $d->{reinstated}, $back);
	}
	return @wrong;
}

# A refund of ours that the gateway never made: canceled here, waiting for approval, or refused for a reason.
sub _refusals
{
	my ($book, $rows, $world) = @_;
	my %payment = map { $_->{id} => $_ } @{ $rows->{payments} };
	my @wrong;

	for my $r (grep { !defined $_->{psp} && $book->{refunds}{ $_->{id} } } @{ $rows->{refunds} })
	{
		my $p = $payment{ $r->{payment} };
		my $asked = $book->{refunds}{ $r->{id} };
		my $may = $r->{status} eq 'requested' ? $asked->{awaits_approval}
		  : $r->{status} eq 'canceled' ? $asked->{cancel_asked}
		  : !defined $p->{psp} ? $r->{status} eq 'succeeded'
		  : $r->{status} eq 'failed' && _in_the_way($p, $book, $rows, $world);
		push @wrong, "refund $r->{id} is $r->{status}, and is not at the gateway" unless $may;
	}
	return @wrong;
}

sub _in_the_way
{
	my ($p, $book, $rows, $world) = @_;

	return 1 if $p->{status} ne 'succeeded' || grep { $_->{payment} eq $p->{id} } @{ $rows->{disputes} };
	return scalar grep { $_->{charge} eq $p->{psp} && $book->{foreign_refunds}{ $_->{id} } } @{ $world->{refund} // [] };
}

# The ledger against the gateway's own books: the sum of all its balance transactions, but for refunds and payouts
# that are still on their way, which the ledger posts when they arrive.
sub _gateway_balance
{
	my ($rows, $world) = @_;
	my %on_its_way = map { $_->{id} => 1 } grep { $_->{status} =~ /^(?:pending|requires_action|in_transit)$/ }
	  @{ $world->{refund} // [] }, @{ $world->{payout} // [] };
	my $must = sum0 map { $_->{net} } grep { !$on_its_way{ $_->{source} // '' } } @{ $world->{balance_transaction} // [] };
	my ($is) = map { $_->{sum} } grep { $_->{code} eq 'gateway_balance:default' } @{ $rows->{ledger} };

	return _differs('ledger against the balance transactions: gateway_balance', $is // 0, $must);
}

1;
