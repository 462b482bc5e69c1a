/*
 * locale.h
 *		Amounts, dates and countries as a language and region write them (ICU).
 */
#ifndef PAYCORE_LOCALE_H
#define PAYCORE_LOCALE_H

#include "common/paycore.h"
#include "pgtime.h"
#include "types/money.h"
#include "utils/timestamp.h"

/* Lives as long as the memory context it was opened in, ICU's own memory too. */
typedef struct PcLocale PcLocale;

/* A language tag such as de-CH, also written de_CH; NULL where ICU knows no such language. */
extern PcLocale *pc_locale_open(const char *tag);
extern bool pc_locale_is_known(const char *tag);

/* The tag in its usual spelling, "de-CH", and its language, "de". */
extern const char *pc_locale_tag(const PcLocale *locale);
extern const char *pc_locale_language(const PcLocale *locale);
extern bool pc_language_is_right_to_left(const char *language);

/* In UTF-8, in the current context. */
extern char *pc_locale_money(PcLocale *locale, PcMoney amount);
extern char *pc_locale_date(PcLocale *locale, TimestampTz time, pg_tz *zone);

/* "Jan 1 - 31, 2026" of a period of a month that begins on January 1, at whatever hour. */
extern char *pc_locale_period(PcLocale *locale, TimestampTz since, TimestampTz until, pg_tz *zone);


/* Numbers are decimal text ("1234.5"); a price has as many decimals as it needs, and at least the currency's. */
extern char *pc_locale_price(PcLocale *locale, const char *decimal, PcCurrency currency);
extern char *pc_locale_number(PcLocale *locale, const char *decimal);
extern char *pc_locale_percent(PcLocale *locale, const char *decimal);

extern char *pc_locale_country(const PcLocale *locale, const char *code);

/* "2026-11-21", as attributes want it; "" where the time is infinite. */
extern char *pc_iso_date(TimestampTz time, pg_tz *zone);

/* A time zone that PostgreSQL knows by this name; NULL = none. */
extern pg_tz *pc_time_zone(const char *name);

#endif							/* PAYCORE_LOCALE_H */
