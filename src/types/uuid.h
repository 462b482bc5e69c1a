/*
 * uuid.h
 *		Keys: UUIDs of version 7, ordered by the time they were made.
 */
#ifndef PAYCORE_UUID_H
#define PAYCORE_UUID_H

#include "common/paycore.h"
#include "utils/uuid.h"

/* Makes a key that is greater than every one this backend made before. */
extern void pc_uuid_v7(pg_uuid_t *out);

#endif							/* PAYCORE_UUID_H */
