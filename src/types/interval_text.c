/*
 * interval_text.c
 *		Billing intervals from text and to text.
 */
#include "types/interval_text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct Unit
{
	const char *name;
	PcInterval	length;
} Unit;

/* The larger ones first: they are what an interval is written in. */
static const Unit units[] = {
	{"year", -12},
	{"quarter", -3},
	{"month", -1},
	{"week", 7},
	{"day", 1},
};

#define UNITS	(sizeof(units) / sizeof(units[0]))

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static const char *
skip_blanks(const char *p)
{
	while (is_blank(*p))
		p++;
	return p;
}

static const Unit *
unit_by_name(const char *name, size_t len)
{
	for (size_t i = 0; i < UNITS; i++)
	{
		size_t		own = strlen(units[i].name);

		if ((len == own || (len == own + 1 && (name[own] | 0x20) == 's')) &&
			strncasecmp(name, units[i].name, own) == 0)
			return &units[i];
	}
	return NULL;
}

PcIntervalParse
pc_interval_of(const char *name, size_t len, int64_t count, PcInterval *interval)
{
	const Unit *unit = unit_by_name(name, len);
	int			most;

	if (unit == NULL)
		return PC_INTERVAL_SYNTAX;
	most = (unit->length > 0 ? PC_INTERVAL_MAX_DAYS : PC_INTERVAL_MAX_MONTHS) / abs(unit->length);
	if (count < 1 || count > most)
		return PC_INTERVAL_RANGE;
	*interval = (PcInterval) count * unit->length;
	return PC_INTERVAL_PARSED;
}

/* Reads a count, if there is one, held above what any unit allows; returns what follows it, NULL for no count. */
static const char *
read_count(const char *p, int64_t *count)
{
	bool		negative = *p == '-';
	const char *start = p += (*p == '-' || *p == '+');

	*count = 0;
	for (; is_digit(*p); p++)
	{
		if (*count <= PC_INTERVAL_MAX_DAYS)
			*count = *count * 10 + (*p - '0');
	}
	if (negative)
		*count = -*count;
	return p > start && is_blank(*p) ? skip_blanks(p) : NULL;
}

PcIntervalParse
pc_interval_parse(const char *text, PcInterval *interval)
{
	const char *p = skip_blanks(text);
	int64_t		count = 1;
	size_t		len;

	if (is_digit(*p) || *p == '-' || *p == '+')
		p = read_count(p, &count);
	if (p == NULL)
		return PC_INTERVAL_SYNTAX;
	for (len = 0; p[len] != '\0' && !is_blank(p[len]);)
		len++;
	if (*skip_blanks(p + len) != '\0')
		return PC_INTERVAL_SYNTAX;
	return pc_interval_of(p, len, count, interval);
}

/* Several quarters are written as months: few people count in quarters. */
static bool
is_written_in(PcInterval interval, const Unit *unit)
{
	if ((interval < 0) != (unit->length < 0) || interval % unit->length != 0)
		return false;
	return unit->length != -3 || interval == -3;
}

char *
pc_interval_format(PcInterval interval, char *buf)
{
	for (size_t i = 0; i < UNITS; i++)
	{
		if (!is_written_in(interval, &units[i]))
			continue;
		if (interval == units[i].length)
			snprintf(buf, PC_INTERVAL_TEXT_LEN, "%s", units[i].name);
		else
			snprintf(buf, PC_INTERVAL_TEXT_LEN, "%d %ss", interval / units[i].length, units[i].name);
		break;
	}
	return buf;
}
