/*
 * unix_time.h
 *		Seconds since 1970, as gateways count them.
 */
#ifndef PAYCORE_UNIX_TIME_H
#define PAYCORE_UNIX_TIME_H

#include "common/paycore.h"
#include "datatype/timestamp.h"

#define PC_UNIX_EPOCH_SECONDS	((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY)

static inline TimestampTz
pc_unix_time(int64 seconds)
{
	return (seconds - PC_UNIX_EPOCH_SECONDS) * USECS_PER_SEC;
}

static inline int64
pc_unix_seconds(TimestampTz t)
{
	return t / USECS_PER_SEC + PC_UNIX_EPOCH_SECONDS;
}

#endif							/* PAYCORE_UNIX_TIME_H */
