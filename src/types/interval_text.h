/*
 * interval_text.h
 *		Billing intervals as text, free of PostgreSQL.
 *
 *		interval = [ count " " ] unit [ "s" ]
 *		unit = "day" | "week" | "month" | "quarter" | "year"
 *
 * Any case; blanks around it are skipped.
 */
#ifndef PAYCORE_INTERVAL_TEXT_H
#define PAYCORE_INTERVAL_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* A count of days; below zero, of months. */
typedef int32_t PcInterval;

/* Ten years, which have up to three leap days. */
#define PC_INTERVAL_MAX_DAYS	3653
#define PC_INTERVAL_MAX_MONTHS	120

typedef enum PcIntervalParse
{
	PC_INTERVAL_PARSED,
	PC_INTERVAL_SYNTAX,
	PC_INTERVAL_RANGE
} PcIntervalParse;

extern PcIntervalParse pc_interval_parse(const char *text, PcInterval *interval);

/* So many of the unit with this name, which may be a plural. */
extern PcIntervalParse pc_interval_of(const char *unit, size_t len, int64_t count, PcInterval *interval);

/* Writes the largest unit that divides it, with its count, into buf (at least PC_INTERVAL_TEXT_LEN bytes); returns buf. */
#define PC_INTERVAL_TEXT_LEN	24
extern char *pc_interval_format(PcInterval interval, char *buf);

#endif							/* PAYCORE_INTERVAL_TEXT_H */
