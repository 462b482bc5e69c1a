package FakeStripe::Cards;
use Mojo::Base -strict, -signatures;

# Stripe's test payment methods: what they look like and what they do.
#   decline  code of the refusal; at => 'attach' refuses the attach too
#   sca      always | unless_setup | on_session: when the payer must authenticate
#   dispute, refund, bank: what happens afterwards
my %CARDS = (
	visa                           => { last4 => '4242' },
	visa_debit                     => { last4 => '5556', funding => 'debit' },
	mastercard                     => { last4 => '4444', brand => 'mastercard' },
	mastercard_debit               => { last4 => '8210', brand => 'mastercard', funding => 'debit' },
	mastercard_prepaid             => { last4 => '5100', brand => 'mastercard', funding => 'prepaid' },
	amex                           => { last4 => '0005', brand => 'amex' },
	discover                       => { last4 => '1117', brand => 'discover' },
	diners                         => { last4 => '0004', brand => 'diners' },
	jcb                            => { last4 => '0505', brand => 'jcb' },
	unionpay                       => { last4 => '0005', brand => 'unionpay' },

	chargeCustomerFail             => { last4 => '0341', decline => 'generic_decline' },
	radarBlock                     => { last4 => '0019', decline => 'fraudulent', blocked => 1 },

	authenticationRequired         => { last4 => '3184', sca => 'always' },
	authenticationRequiredOnSetup  => { last4 => '3155', sca => 'unless_setup' },
	authenticationRequiredSetupForOffSession
		=> { last4 => '0446', sca => 'on_session' },
	authenticationRequiredChargeDeclinedInsufficientFunds
		=> { last4 => '3178', sca => 'always', decline => 'insufficient_funds' },
	threeDSecure2Required          => { last4 => '3220', sca => 'always' },
	threeDSecureRequiredChargeDeclined
		=> { last4 => '1629', sca => 'always', decline => 'generic_decline' },
	threeDSecureRequiredProcessingError
		=> { last4 => '1280', decline => 'processing_error' },
	threeDSecureOptional           => { last4 => '3055' },

	createDispute                  => { last4 => '0259', dispute => [ 'fraudulent' ] },
	createDisputeProductNotReceived
		=> { last4 => '2685', dispute => [ 'product_not_received' ] },
	createDisputeInquiry           => { last4 => '1976', dispute => [ 'inquiry' ] },
	createMultipleDisputes         => { last4 => '0079', dispute => [ 'fraudulent', 'duplicate' ] },
	createCe3EligibleDispute       => { last4 => '0038', dispute => [ 'fraudulent' ] },
	createIssuerFraudRecord        => { last4 => '5423', fraud_warning => 1 },
	pendingRefund                  => { last4 => '7726', refund => 'pending' },
	refundFail                     => { last4 => '5126', refund => 'fails' },

	riskLevelHighest               => { last4 => '4954', risk => 'highest' },
	riskLevelElevated              => { last4 => '9235', risk => 'elevated' },
	cvcCheckFail                   => { last4 => '0101', checks => { cvc_check => 'fail' } },
	avsZipFail                     => { last4 => '0036', checks => { address_postal_code_check => 'fail' } },
	avsFail                        => { last4 => '0010',
		checks => { address_postal_code_check => 'fail', address_line1_check => 'fail' } },
	avsLine1Fail                   => { last4 => '0028', checks => { address_line1_check => 'fail' } },
	avsUnchecked                   => { last4 => '0044',
		checks => { address_postal_code_check => 'unavailable', address_line1_check => 'unavailable' } },
	bypassPending                  => { last4 => '0077', available => 1 },
	bypassPendingInternational     => { last4 => '0278', available => 1, country => 'BR' },
);

# These decline everything, the attach too.
my %DECLINING = (
	visa_chargeDeclined                      => [ '0002', 'generic_decline' ],
	chargeDeclined                           => [ '0002', 'generic_decline' ],
	visa_chargeDeclinedInsufficientFunds     => [ '9995', 'insufficient_funds' ],
	chargeDeclinedInsufficientFunds          => [ '9995', 'insufficient_funds' ],
	visa_chargeDeclinedLostCard              => [ '9987', 'lost_card' ],
	visa_chargeDeclinedStolenCard            => [ '9979', 'stolen_card' ],
	visa_chargeDeclinedVelocityLimitExceeded => [ '6975', 'card_velocity_exceeded' ],
	chargeDeclinedExpiredCard                => [ '0069', 'expired_card' ],
	chargeDeclinedIncorrectCvc               => [ '0127', 'incorrect_cvc' ],
	chargeDeclinedProcessingError            => [ '0119', 'processing_error' ],
);
for my $name (keys %DECLINING)
{
	my ($last4, $decline) = @{$DECLINING{$name}};
	$CARDS{$name} = { last4 => $last4, decline => $decline, at => 'attach' };
}

my %BANKS = (
	success                        => {},
	processing                     => {},
	accountClosed                  => { bank_failure => 'account_closed' },
	noAccount                      => { bank_failure => 'no_account' },
	insufficientFunds              => { bank_failure => 'insufficient_funds' },
	debitNotAuthorized             => { bank_failure => 'debit_not_authorized' },
	dispute                        => { dispute => [ 'debit_not_authorized' ] },
);

# What a test id stands for; undef when it is not one. tok_visa and pm_card_visa are the same card.
sub behaviour ($id)
{
	if ($id =~ /^pm_usBankAccount_(\w+)$/)
	{
		my $bank = $BANKS{$1} // return undef;
		return { type => 'us_bank_account', last4 => '6789', %$bank };
	}
	my ($name) = $id =~ /^(?:pm_card|tok)_(\w+)$/ or return undef;
	my %base = (type => 'card', brand => 'visa', funding => 'credit', country => 'US', test_id => $name);
	return { %base, %{$CARDS{$name}} } if $CARDS{$name};
	return { %base, last4 => '0000', country => uc $name } if $name =~ /^[a-z]{2}$/;
	return undef;
}

my %ADVICE = (
	lost_card => 'do_not_try_again', stolen_card => 'do_not_try_again', fraudulent => 'do_not_try_again',
	expired_card => 'confirm_card_data', incorrect_cvc => 'confirm_card_data',
	authentication_required => undef,
);

my %NETWORK_CODE = (
	generic_decline => '01', insufficient_funds => '51', lost_card => '41', stolen_card => '43',
	card_velocity_exceeded => '65', expired_card => '54', incorrect_cvc => 'N7', processing_error => '96',
);

my %MESSAGE = (
	insufficient_funds => 'Your card has insufficient funds.',
	expired_card => 'Your card has expired.',
	incorrect_cvc => "Your card's security code is incorrect.",
	processing_error => 'An error occurred while processing your card. Try again in a little bit.',
	card_velocity_exceeded => 'Your card was declined for making repeated attempts too frequently or '
		. 'exceeding its amount limit.',
	authentication_required => 'Your card was declined. This transaction requires authentication.',
	account_closed => "The customer's bank account has been closed.",
	no_account => "The customer's bank account could not be located.",
	debit_not_authorized => 'The customer has notified their bank that this payment was unauthorized.',
);

# The parts of a refusal that card errors, charges and outcomes share.
sub refusal ($decline)
{
	my $own = $decline =~ /^(?:expired_card|incorrect_cvc|processing_error|authentication_required|account_closed
		|no_account|debit_not_authorized)$/x;
	my %refusal = (
		code => $own ? $decline : 'card_declined',
		decline_code => $decline,
		message => $MESSAGE{$decline} // 'Your card was declined.',
	);
	my $advice = exists $ADVICE{$decline} ? $ADVICE{$decline} : 'try_again_later';
	$refusal{advice_code} = $advice if defined $advice;
	$refusal{network_decline_code} = $NETWORK_CODE{$decline} if $NETWORK_CODE{$decline};
	return \%refusal;
}

1;
