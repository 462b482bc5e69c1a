/*
 * uuid.h
 *		Keys: UUIDs of version 7, ordered by the time they were made.
 */
#ifndef PAYCORE_UUID_H
#define PAYCORE_UUID_H

#include "common/paycore.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

/* Makes a key that is greater than every one this backend made before. */
extern void pc_uuid_v7(pg_uuid_t *out);

/*
 * A key of that time, for what is older than its row: it takes its place among
 * those of its time.  Times before 2000 or to come are taken for now.
 */
extern void pc_uuid_v7_at(TimestampTz at, pg_uuid_t *out);

/* One id for one text, of version 8: an id of our own making. */
extern pg_uuid_t pc_uuid_of_text(const char *text);

#endif							/* PAYCORE_UUID_H */
