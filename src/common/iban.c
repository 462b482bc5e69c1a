/*
 * iban.c
 *		Full IBANs by country, length and remainder.
 */
#include "common/paycore.h"

#include "common/card_data.h"

/* ISO 13616: country and length. */
static const char countries[] =
	"AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18FO18"
	"FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27"
	"MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27"
	"SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";

static bool
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static char
upper(char c)
{
	return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
length_of(char first, char second)
{
	for (const char *c = countries; *c != '\0'; c += 4)
	{
		if (c[0] == upper(first) && c[1] == upper(second))
			return (c[2] - '0') * 10 + (c[3] - '0');
	}
	return 0;
}

/* The first four characters count last; letters are 10 to 35. */
static bool
remainder_is_one(const char *iban, int n)
{
	int			rest = 0;

	for (int i = 0; i < n; i++)
	{
		char		c = upper(iban[(i + 4) % n]);

		if (is_digit(c))
			rest = (rest * 10 + (c - '0')) % 97;
		else
			rest = (rest * 100 + (c - 'A' + 10)) % 97;
	}
	return rest == 1;
}

int
pc_iban_at(const char *text, int len)
{
	char		iban[34];
	int			wanted;
	int			n = 0;
	int			at = 0;

	if (len < 15 || !is_digit(text[2]) || !is_digit(text[3]))
		return 0;
	wanted = length_of(text[0], text[1]);
	if (wanted == 0)
		return 0;
	while (n < wanted && at < len)
	{
		if (is_alnum(text[at]))
			iban[n++] = text[at++];
		else if ((text[at] == ' ' || text[at] == '-') && at + 1 < len && is_alnum(text[at + 1]))
			at++;
		else
			return 0;
	}
	if (n < wanted || (at < len && is_alnum(text[at])) || !remainder_is_one(iban, n))
		return 0;
	return at;
}
