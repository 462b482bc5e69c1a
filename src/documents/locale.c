/*
 * locale.c
 *		Amounts, dates and countries as a language and region write them (ICU).
 *
 * Amounts reach ICU as decimal text, never as a floating-point number, with
 * the decimals of our own table of currencies.  The calendar of a time zone is
 * PostgreSQL's: ICU is given local time.
 */
#include "common/paycore.h"

#include <unicode/udat.h>
#include <unicode/uloc.h>
#include <unicode/unumberformatter.h>
#include <unicode/ustring.h>

#include "datatype/timestamp.h"
#include "documents/locale.h"
#include "types/iso4217.h"
#include "utils/memutils.h"

#define MAX_TEXT 256			/* UTF-16 units of one amount, date or name */

struct PcLocale
{
	char		name[ULOC_FULLNAME_CAPACITY];
	char		tag[ULOC_FULLNAME_CAPACITY];
	char		language[ULOC_LANG_CAPACITY];
	PcCurrency	currency;		/* of the formatter of numbers */
	UNumberFormatter *numbers;
	UFormattedNumber *number;
	UDateFormat *dates;
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

	if (locale->numbers != NULL)
		unumf_close(locale->numbers);
	if (locale->number != NULL)
		unumf_closeResult(locale->number);
	if (locale->dates != NULL)
		udat_close(locale->dates);
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

/* "currency/KWD .000": exactly the decimals of the currency, whatever ICU thinks of them. */
static void
open_numbers(PcLocale *locale, const PcCurrencyInfo *currency)
{
	char		skeleton[64];
	UChar		wide[64];
	UErrorCode	status = U_ZERO_ERROR;

	if (locale->numbers != NULL && locale->currency == currency->numeric_code)
		return;
	if (locale->numbers != NULL)
		unumf_close(locale->numbers);
	locale->numbers = NULL;
	snprintf(skeleton, sizeof(skeleton), "currency/%s %s%.*s", currency->code,
			 currency->exponent > 0 ? "." : "precision-integer", Max(currency->exponent, 0), "0000");
	u_charsToUChars(skeleton, wide, (int32_t) strlen(skeleton) + 1);
	locale->numbers = unumf_openForSkeletonAndLocale(wide, -1, locale->name, &status);
	check(status, "amounts");
	locale->currency = currency->numeric_code;
	if (locale->number == NULL)
		locale->number = unumf_openResult(&status);
	check(status, "amounts");
}

char *
pc_locale_money(PcLocale *locale, PcMoney amount)
{
	char		text[PC_MONEY_TEXT_LEN];
	UChar		wide[MAX_TEXT];
	UErrorCode	status = U_ZERO_ERROR;
	int32_t		length;

	open_numbers(locale, pc_currency_check_usable(pc_money_currency(amount)));
	pc_money_to_text(amount, text);
	unumf_formatDecimal(locale->numbers, text, (int32_t) strcspn(text, " "), locale->number, &status);
	length = unumf_resultToString(locale->number, wide, MAX_TEXT, &status);
	check(status, "an amount");
	return from_utf16(wide, length);
}

/* False where the time is infinite, or out of range. */
static bool
local_time(TimestampTz time, pg_tz *zone, struct pg_tm *tm, int *offset)
{
	fsec_t		fraction;

	return !TIMESTAMP_NOT_FINITE(time) && timestamp2tm(time, offset, tm, &fraction, NULL, zone) == 0;
}

char *
pc_locale_date(PcLocale *locale, TimestampTz time, pg_tz *zone)
{
	static const UChar utc[] = {'U', 'T', 'C', 0};
	const int64 epoch = (int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY;
	UChar		wide[MAX_TEXT];
	UErrorCode	status = U_ZERO_ERROR;
	struct pg_tm tm;
	int			offset;
	int32_t		length;

	if (!local_time(time, zone, &tm, &offset))
		return pstrdup("");
	if (locale->dates == NULL)
		locale->dates = udat_open(UDAT_NONE, UDAT_LONG, locale->name, utc, -1, NULL, 0, &status);
	check(status, "dates");
	length = udat_format(locale->dates, ((double) (time / USECS_PER_SEC + epoch - offset)) * 1000.0, wide, MAX_TEXT, NULL, &status);
	check(status, "a date");
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
