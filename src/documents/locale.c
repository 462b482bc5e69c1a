/*
 * locale.c
 *		Amounts, dates and countries as a language and region write them (ICU).
 *
 * Amounts reach ICU as decimal text, never as a floating-point number, with
 * the decimals of our own table of currencies.  The calendar of a time zone is
 * PostgreSQL's: ICU is given local time.
 */
#include "common/paycore.h"

#include <math.h>

#include <unicode/udat.h>
#include <unicode/udateintervalformat.h>
#include <unicode/uloc.h>
#include <unicode/unumberformatter.h>
#include <unicode/ustring.h>

#include "datatype/timestamp.h"
#include "documents/locale.h"
#include "types/iso4217.h"
#include "utils/memutils.h"

#define MAX_TEXT 256			/* UTF-16 units of one amount, date or name */

typedef enum NumberForm
{
	FORM_MONEY,
	FORM_PRICE,
	FORM_NUMBER,
	FORM_PERCENT,
	NFORMS
} NumberForm;

struct PcLocale
{
	char		name[ULOC_FULLNAME_CAPACITY];
	char		tag[ULOC_FULLNAME_CAPACITY];
	char		language[ULOC_LANG_CAPACITY];
	UNumberFormatter *numbers[NFORMS];
	PcCurrency	currencies[NFORMS]; /* that each of them writes */
	UFormattedNumber *number;
	UDateFormat *dates;
	UDateIntervalFormat *periods;
	MemoryContextCallback callback;
};

static void
check(UErrorCode status, const char *what)
{
	if (U_FAILURE(status))
		ereport(ERROR,
				(errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
				 errmsg("ICU could not format %s: %s", what, u_errorName(status))));
}

static char *
from_utf16(const UChar *text, int32_t length)
{
	char	   *utf8 = palloc(length * 3 + 1);
	UErrorCode	status = U_ZERO_ERROR;

	u_strToUTF8(utf8, length * 3 + 1, NULL, text, length, &status);
	check(status, "a text");
	return utf8;
}

/*
 * "de_CH" and "de-CH" are one.  What follows -u- is dropped: with some of its
 * calendars and digits ICU formats nothing.
 */
static bool
read_tag(const char *tag, char *name)
{
	char	   *copy = pstrdup(tag);
	char		full[ULOC_FULLNAME_CAPACITY];
	UErrorCode	status = U_ZERO_ERROR;
	int32_t		parsed = 0;

	for (char *c = copy; *c != '\0'; c++)
	{
		if (*c == '_')
			*c = '-';
	}
	uloc_forLanguageTag(copy, full, sizeof(full), &parsed, &status);
	if (U_SUCCESS(status) && status != U_STRING_NOT_TERMINATED_WARNING)
		uloc_getBaseName(full, name, ULOC_FULLNAME_CAPACITY, &status);
	return U_SUCCESS(status) && status != U_STRING_NOT_TERMINATED_WARNING && parsed > 0 && copy[parsed] == '\0';
}

static bool
language_of(const char *name, char *language)
{
	UErrorCode	status = U_ZERO_ERROR;

	uloc_getLanguage(name, language, ULOC_LANG_CAPACITY, &status);
	if (U_FAILURE(status) || status == U_STRING_NOT_TERMINATED_WARNING)
		return false;
	for (const char *const *known = uloc_getISOLanguages(); *known != NULL; known++)
	{
		if (strcmp(*known, language) == 0)
			return true;
	}
	return false;
}

bool
pc_locale_is_known(const char *tag)
{
	char		name[ULOC_FULLNAME_CAPACITY];
	char		language[ULOC_LANG_CAPACITY];

	return read_tag(tag, name) && language_of(name, language);
}

/* Runs when the memory context goes, after an error too. */
static void
close_all(void *arg)
{
	PcLocale   *locale = arg;

	for (int form = 0; form < NFORMS; form++)
	{
		if (locale->numbers[form] != NULL)
			unumf_close(locale->numbers[form]);
	}
	if (locale->number != NULL)
		unumf_closeResult(locale->number);
	if (locale->dates != NULL)
		udat_close(locale->dates);
	if (locale->periods != NULL)
		udtitvfmt_close(locale->periods);
}

PcLocale *
pc_locale_open(const char *tag)
{
	PcLocale   *locale = palloc0(sizeof(PcLocale));
	UErrorCode	status = U_ZERO_ERROR;

	if (tag == NULL || !read_tag(tag, locale->name) || !language_of(locale->name, locale->language))
		return NULL;
	uloc_toLanguageTag(locale->name, locale->tag, sizeof(locale->tag), false, &status);
	check(status, "the tag of a language");
	locale->callback.func = close_all;
	locale->callback.arg = locale;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &locale->callback);
	return locale;
}

const char *
pc_locale_tag(const PcLocale *locale)
{
	return locale->tag;
}

const char *
pc_locale_language(const PcLocale *locale)
{
	return locale->language;
}

bool
pc_language_is_right_to_left(const char *language)
{
	return uloc_isRightToLeft(language);
}

/*
 * "currency/KWD .000": exactly the decimals of the currency, whatever ICU
 * thinks of them; of a price ".000#########", as many more as it has.
 */
static void
write_skeleton(NumberForm form, const PcCurrencyInfo *currency, char *skeleton, size_t size)
{
	static const char decimals[] = "############";
	int			exponent = currency != NULL ? Max(currency->exponent, 0) : 0;

	if (form == FORM_NUMBER)
		snprintf(skeleton, size, ".%s", decimals);
	else if (form == FORM_PERCENT)
		snprintf(skeleton, size, "percent .######");
	else if (form == FORM_MONEY && exponent == 0)
		snprintf(skeleton, size, "currency/%s precision-integer", currency->code);
	else
		snprintf(skeleton, size, "currency/%s .%.*s%s", currency->code, exponent, "0000",
				 form == FORM_PRICE ? decimals + exponent : "");
}

static void
open_numbers(PcLocale *locale, NumberForm form, PcCurrency currency)
{
	char		skeleton[64];
	UChar		wide[64];
	UErrorCode	status = U_ZERO_ERROR;

	if (locale->numbers[form] != NULL && locale->currencies[form] == currency)
		return;
	write_skeleton(form, currency != 0 ? pc_currency_check_usable(currency) : NULL, skeleton, sizeof(skeleton));
	if (locale->numbers[form] != NULL)
		unumf_close(locale->numbers[form]);
	locale->numbers[form] = NULL;
	u_charsToUChars(skeleton, wide, (int32_t) strlen(skeleton) + 1);
	locale->numbers[form] = unumf_openForSkeletonAndLocale(wide, -1, locale->name, &status);
	check(status, "amounts");
	locale->currencies[form] = currency;
	if (locale->number == NULL)
		locale->number = unumf_openResult(&status);
	check(status, "amounts");
}

static char *
write_number(PcLocale *locale, NumberForm form, PcCurrency currency, const char *decimal, size_t length)
{
	UChar		wide[MAX_TEXT];
	UErrorCode	status = U_ZERO_ERROR;
	int32_t		written;

	open_numbers(locale, form, currency);
	unumf_formatDecimal(locale->numbers[form], decimal, (int32_t) length, locale->number, &status);
	written = unumf_resultToString(locale->number, wide, MAX_TEXT, &status);
	check(status, "a number");
	return from_utf16(wide, written);
}

char *
pc_locale_money(PcLocale *locale, PcMoney amount)
{
	char		text[PC_MONEY_TEXT_LEN];

	pc_money_to_text(amount, text);
	return write_number(locale, FORM_MONEY, pc_money_currency(amount), text, strcspn(text, " "));
}

char *
pc_locale_price(PcLocale *locale, const char *decimal, PcCurrency currency)
{
	return write_number(locale, FORM_PRICE, currency, decimal, strlen(decimal));
}

char *
pc_locale_number(PcLocale *locale, const char *decimal)
{
	return write_number(locale, FORM_NUMBER, 0, decimal, strlen(decimal));
}

char *
pc_locale_percent(PcLocale *locale, const char *decimal)
{
	return write_number(locale, FORM_PERCENT, 0, decimal, strlen(decimal));
}

/* False where the time is infinite, or out of range. */
static bool
local_time(TimestampTz time, pg_tz *zone, struct pg_tm *tm, int *offset)
{
	fsec_t		fraction;

	return !TIMESTAMP_NOT_FINITE(time) && timestamp2tm(time, offset, tm, &fraction, NULL, zone) == 0;
}

/* The local time as ICU's milliseconds, which it takes for UTC. */
static bool
local_milliseconds(TimestampTz time, pg_tz *zone, UDate *milliseconds)
{
	const int64 epoch = (int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY;
	struct pg_tm tm;
	int			offset;

	if (!local_time(time, zone, &tm, &offset))
		return false;
	*milliseconds = ((double) (time / USECS_PER_SEC + epoch - offset)) * 1000.0;
	return true;
}

static const UChar utc[] = {'U', 'T', 'C', 0};

char *
pc_locale_date(PcLocale *locale, TimestampTz time, pg_tz *zone)
{
	UChar		wide[MAX_TEXT];
	UErrorCode	status = U_ZERO_ERROR;
	UDate		date;
	int32_t		length;

	if (!local_milliseconds(time, zone, &date))
		return pstrdup("");
	if (locale->dates == NULL)
		locale->dates = udat_open(UDAT_NONE, UDAT_LONG, locale->name, utc, -1, NULL, 0, &status);
	check(status, "dates");
	length = udat_format(locale->dates, date, wide, MAX_TEXT, NULL, &status);
	check(status, "a date");
	return from_utf16(wide, length);
}

char *
pc_locale_period(PcLocale *locale, TimestampTz since, TimestampTz until, pg_tz *zone)
{
	static const UChar fields[] = {'y', 'M', 'M', 'M', 'd', 0};
	UChar		wide[MAX_TEXT];
	UErrorCode	status = U_ZERO_ERROR;
	const double day = SECS_PER_DAY * 1000.0;
	UDate		first;
	UDate		last;
	int32_t		length;

	if (!local_milliseconds(since, zone, &first) || !local_milliseconds(until, zone, &last))
		return pstrdup("");
	/* Days are counted from the hour at which it begins: one from noon to noon is one day. */
	last -= first - floor(first / day) * day + 1;
	if (locale->periods == NULL)
		locale->periods = udtitvfmt_open(locale->name, fields, -1, utc, -1, &status);
	check(status, "periods");
	length = udtitvfmt_format(locale->periods, first, Max(first, last), wide, MAX_TEXT, NULL, &status);
	check(status, "a period");
	return from_utf16(wide, length);
}

char *
pc_iso_date(TimestampTz time, pg_tz *zone)
{
	struct pg_tm tm;
	int			offset;

	if (!local_time(time, zone, &tm, &offset))
		return pstrdup("");
	return psprintf("%04d-%02d-%02d", tm.tm_year, tm.tm_mon, tm.tm_mday);
}

char *
pc_locale_country(const PcLocale *locale, const char *code)
{
	UChar		wide[MAX_TEXT];
	char		region[16];
	UErrorCode	status = U_ZERO_ERROR;
	int32_t		length;

	if (!isalpha((unsigned char) code[0]) || !isalpha((unsigned char) code[1]) || code[2] != '\0')
		return pstrdup(code);
	snprintf(region, sizeof(region), "und_%s", code);
	length = uloc_getDisplayCountry(region, locale->name, wide, MAX_TEXT, &status);
	if (U_FAILURE(status) || length == 0)
		return pstrdup(code);
	return from_utf16(wide, length);
}

pg_tz *
pc_time_zone(const char *name)
{
	pg_tz	   *zone = name != NULL && strlen(name) <= TZ_STRLEN_MAX ? pg_tzset(name) : NULL;

	return zone != NULL && pg_tz_acceptable(zone) ? zone : NULL;
}
