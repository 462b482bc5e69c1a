/*
 * sha256.h
 *		SHA-256 of a byte string.
 */
#ifndef PAYCORE_SHA256_H
#define PAYCORE_SHA256_H

#include "common/paycore.h"

/* A bytea of 32 bytes in the current context; raises where OpenSSL fails. */
extern bytea *pc_sha256(const void *bytes, size_t length);

#endif							/* PAYCORE_SHA256_H */
