/* Why a server was not reached, said so that somebody can act on it. */
#include "base/sys.h"
#include "base/text.h"
#include "crypto/certificate.h"
#include "net/http_own.h"

/* The GnuTLS flavour of libcurl says only that a certificate was refused; the bits say why. */
static const char *
tell_certificate(CURL *easy, char *out, size_t room)
{
	long bits = 0;
	char now[32];
	if (curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &bits) || bits == 0)
		return NULL;
	enum ce_doubt doubt = ce_chain_doubt((unsigned)bits);
	ce_text_time(now, ce_now());
	if (doubt == CE_DOUBT_EARLY || doubt == CE_DOUBT_LATE)
		snprintf(out, room, "the server's certificate %s at %s, which is the time by this machine's clock: is the clock right?",
			doubt == CE_DOUBT_EARLY ? "is not valid yet" : "has expired", now);
	else if (doubt == CE_DOUBT_ISSUER)
		snprintf(out, room, "the server's certificate is of no CA that is trusted here: is ca_file the right one?");
	else
		snprintf(out, room, "the server's certificate is not to be trusted");
	return out;
}

const char *
ce_http_fault(CURL *easy, CURLcode result, char *out, size_t room)
{
	return result == CURLE_PEER_FAILED_VERIFICATION ? tell_certificate(easy, out, room) : NULL;
}
