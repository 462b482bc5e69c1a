/*
 * curl_compat.h
 *		The one place that knows which libcurl we are compiled for (7.80 on).
 */
#ifndef PAYCORE_CURL_COMPAT_H
#define PAYCORE_CURL_COMPAT_H

#include <curl/curl.h>

#if LIBCURL_VERSION_NUM < 0x075000
#error "paycore needs libcurl 7.80 or newer"
#endif

/* 7.85 took protocols by name and deprecated the bit mask. */
#if LIBCURL_VERSION_NUM >= 0x075500
#define HTTP_PROTOCOLS_OPTION	CURLOPT_PROTOCOLS_STR
#define HTTP_PROTOCOLS(plain)	((plain) ? "http" : "https")
#else
#define HTTP_PROTOCOLS_OPTION	CURLOPT_PROTOCOLS
#define HTTP_PROTOCOLS(plain)	((plain) ? CURLPROTO_HTTP : CURLPROTO_HTTPS)
#endif

/* Do not wait for a stalled resolver: per request since 7.87, per multi handle since 8.20. */
#if LIBCURL_VERSION_NUM >= 0x075700
#define HTTP_HAVE_QUICK_EXIT
#endif
#if LIBCURL_VERSION_NUM >= 0x081400
#define HTTP_HAVE_MULTI_QUICK_EXIT
#endif

#endif							/* PAYCORE_CURL_COMPAT_H */
