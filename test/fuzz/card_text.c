/*
 * card_text.c
 *		Card data in free text: never a step outside of the text, what is found
 *		is what it is said to be, nothing is left once it is masked, and no text
 *		before or after hides a card number.
 */
#include "harness.h"

#include "common/card_data.h"

#define CARD "4242424242424242"

/* The digits of a text, or those and its letters. */
static char *
plain(const char *text, int len, bool letters)
{
	char	   *result = palloc(len + 1);
	int			n = 0;

	for (int i = 0; i < len; i++)
	{
		if ((text[i] >= '0' && text[i] <= '9') || (letters && isalpha((unsigned char) text[i])))
			result[n++] = text[i];
	}
	result[n] = '\0';
	return result;
}

static bool
luhn(const char *digits)
{
	static const char doubled[] = "0246813579";
	int			sum = 0;
	int			n = strlen(digits);

	for (int i = 0; i < n; i++)
		sum += ((n - i) % 2 == 0 ? doubled[digits[i] - '0'] : digits[i]) - '0';
	return sum % 10 == 0;
}

static bool
mod_97(const char *iban)
{
	int			length = strlen(iban);
	char	   *turned = psprintf("%s%.4s", iban + 4, iban);
	int			rest = 0;

	for (int i = 0; i < length; i++)
	{
		int			value = isdigit((unsigned char) turned[i]) ? turned[i] - '0' :
			toupper((unsigned char) turned[i]) - 'A' + 10;

		rest = (value > 9 ? rest * 100 + value : rest * 10 + value) % 97;
	}
	return rest == 1;
}

static void
check_spot(const char *text, int len, const PcCardSpot *spot)
{
	char	   *digits;

	must(spot->start >= 0 && spot->len > 0 && spot->start + spot->len <= len);
	digits = plain(text + spot->start, spot->len, false);
	switch (spot->what)
	{
		case PC_CARD_NUMBER:
			must(strlen(digits) >= 12 && strlen(digits) <= 19 && luhn(digits));
			break;
		case PC_IBAN:
			must(mod_97(plain(text + spot->start, spot->len, true)));
			break;
		case PC_SECURITY_CODE:
			must(spot->len == strlen(digits) && (spot->len == 3 || spot->len == 4));
			break;
		default:
			must(false);
	}
}

static void
check_masked(const char *text, int len)
{
	char	   *masked = pc_card_data_masked(text, len);
	PcCardSpot	spot;

	must(!pc_card_data_in_text(masked, len, &spot));
	for (int i = 0; i < len && text[i] != '\0'; i++)
		must(masked[i] == text[i] || (masked[i] == '*' && text[i] >= '0' && text[i] <= '9'));
}

static void
check_not_hidden(const char *text)
{
	char	   *before = psprintf("%s\n" CARD, text);
	char	   *after = psprintf(CARD "\n%s", text);
	PcCardSpot	spot;

	must(pc_card_data_in_text(before, (int) strlen(before), &spot));
	must(pc_card_data_in_text(after, (int) strlen(after), &spot));
}

void
fuzz_one(const char *data, size_t size)
{
	char	   *text = fuzz_exact(data, size);
	PcCardSpot	spot;

	if (pc_card_data_in_text(text, (int) size, &spot))
		check_spot(text, (int) size, &spot);
	else
		must(spot.what == PC_NO_CARD_DATA);

	/* Nothing that the server holds has a NUL in it. */
	if (memchr(data, '\0', size) == NULL)
	{
		check_masked(text, (int) size);
		check_not_hidden(fuzz_text(data, size));
	}
}
