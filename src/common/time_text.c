/*
 * time_text.c
 *		Times out of text that others wrote.
 */
#include "common/paycore.h"

#include "common/time_text.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"

TimestampTz
pc_time_in(const char *text)
{
	return DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
}

bool
pc_time_parse(const char *text, TimestampTz *at)
{
	char		buffer[MAXDATELEN + MAXDATEFIELDS];
	char	   *field[MAXDATEFIELDS];
	int			field_type[MAXDATEFIELDS];
	int			nfields;
	int			kind;
	struct pg_tm tm;
	fsec_t		fsec;
	int			zone;

	if (ParseDateTime(text, buffer, sizeof(buffer), field, field_type, MAXDATEFIELDS, &nfields) != 0 ||
		pc_decode_time(field, field_type, nfields, &kind, &tm, &fsec, &zone) != 0 || kind != DTK_DATE)
		return false;
	return tm2timestamp(&tm, fsec, &zone, at) == 0;
}
