package FakeStripe::Money;
use Mojo::Base -strict, -signatures;

use FakeStripe::Error;

# The currencies Stripe presents; IQD, LYD and the accounting units are not among them.
my %SUPPORTED = map { lc $_ => 1 } qw(
	AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CLP
	CNY COP CRC CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR
	ILS INR ISK JMD JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP
	MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR
	SBD SCR SEK SGD SHP SLE SOS SRD STN SZL THB TJS TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VND VUV WST
	XAF XCD XCG XOF XPF YER ZAR ZMW);

# Digits after the point in Stripe's own minor units, which are not ISO's.
my %ZERO  = map { $_ => 1 } qw(bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf);
my %THREE = map { $_ => 1 } qw(bhd jod kwd omr tnd);

my %MINIMUM = (
	aed => 200, ars => 50, aud => 50, brl => 50, cad => 50, chf => 50, cop => 50, czk => 1500, dkk => 250,
	eur => 50, gbp => 30, hkd => 400, huf => 17500, idr => 50, ils => 50, inr => 50, jpy => 50, krw => 50,
	mxn => 1000, myr => 200, nok => 300, nzd => 50, php => 50, pln => 200, ron => 200, rub => 50, sek => 300,
	sgd => 50, thb => 1000, usd => 50, zar => 50,
);

sub exponent ($currency)
{
	return $ZERO{$currency} ? 0 : $THREE{$currency} ? 3 : 2;
}

sub text ($amount, $currency)
{
	my $exponent = exponent($currency);
	return sprintf("%.${exponent}f %s", $amount / 10**$exponent, uc $currency);
}

sub check_currency ($currency)
{
	my $code = lc $currency;
	FakeStripe::Error->parameter('currency',
		"Invalid currency: $code. Stripe currently supports these currencies: "
		. join(', ', sort keys %SUPPORTED)) unless $SUPPORTED{$code};
	return $code;
}

sub check_amount ($store, $amount, $currency)
{
	FakeStripe::Error->parameter('amount', 'This value must be greater than or equal to 1.',
		'parameter_invalid_integer') if $amount < 1;
	FakeStripe::Error->parameter('amount', 'Amount must be no more than '
		. text(99_999_999, $currency), 'amount_too_large') if $amount > 99_999_999;
	FakeStripe::Error->parameter('amount',
		"Invalid amount: $amount. Amounts in $currency must be a multiple of 100.",
		'invalid_charge_amount_no_decimal_compatible')
		if $currency =~ /^(?:isk|ugx)$/ && $amount % 100;
	FakeStripe::Error->parameter('amount',
		"Invalid amount: $amount. Amounts in $currency must be a multiple of 10.")
		if $THREE{$currency} && $amount % 10;

	# Judged after conversion: that is why no client can check it beforehand.
	my ($settled, $rate) = settlement($store, $currency);
	my $minimum = $MINIMUM{$settled} // 0;
	my $converted = defined $rate ? convert($amount, $rate) : $amount;
	FakeStripe::Error->parameter('amount',
		'Amount must convert to at least ' . text($minimum, $settled) . '. '
		. text($amount, $currency) . ' converts to approximately ' . text($converted, $settled) . '.',
		'amount_too_small') if $converted < $minimum;
	return $amount;
}

# The currency the money arrives in, and the rate (undef when it is the same).
sub settlement ($store, $currency, $override = undef)
{
	my $to = $override // $store->setting('settlement');
	return ($currency, undef) unless $to && $to->{currency} && lc $to->{currency} ne $currency;
	my $rate = $to->{rate} // ($to->{rates} // {})->{$currency};
	return defined $rate ? (lc $to->{currency}, $rate) : ($currency, undef);
}

sub convert ($amount, $rate)
{
	return $amount < 0 ? -int(-$amount * $rate + 0.5) : int($amount * $rate + 0.5);
}

# 2.9 % + 30, the published price of a card payment.
sub standard_fee ($amount)
{
	return $amount > 0 ? int($amount * 0.029 + 0.5) + 30 : 0;
}

1;
