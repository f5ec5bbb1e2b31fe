#ifndef SLUICE_CCURL_SHIM_H
#define SLUICE_CCURL_SHIM_H

#include <curl/curl.h>
#include <string.h>

/// One mail and the server that takes it. Nothing is kept after the call.
typedef struct {
    /// `smtp://host:587`, `smtps://host:465`.
    const char *url;
    /// NULL where the server asks for none.
    const char *user;
    const char *password;
    /// A file of certificates to trust instead of the system's; NULL for those.
    const char *authorities;
    const char *sender;
    const char *receiver;
    const char *text;
    size_t length;
    /// 0 lets a mail go unencrypted to a server that offers no encryption.
    int needs_tls;
    long timeout_ms;
} sluice_mail;

typedef struct {
    const char *bytes;
    size_t left;
} sluice_mail_rest;

static inline size_t sluice_mail_read(char *buffer, size_t size, size_t count, void *user) {
    sluice_mail_rest *rest = (sluice_mail_rest *)user;
    size_t length = size * count < rest->left ? size * count : rest->left;
    memcpy(buffer, rest->bytes, length);
    rest->bytes += length;
    rest->left -= length;
    return length;
}

/// Once, before the first mail.
static inline int sluice_mail_begin(void) { return (int)curl_global_init(CURL_GLOBAL_DEFAULT); }

/// Blocks. 0 when the server has taken it; else a code of libcurl. `reply` is the server's last one, 0 for none.
static inline int sluice_mail_send(const sluice_mail *mail, long *reply) {
    *reply = 0;
    CURL *curl = curl_easy_init();
    if (!curl) return CURLE_FAILED_INIT;
    struct curl_slist *receivers = curl_slist_append(NULL, mail->receiver);
    if (!receivers) {
        curl_easy_cleanup(curl);
        return CURLE_OUT_OF_MEMORY;
    }
    sluice_mail_rest rest = {mail->text, mail->length};
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_URL, mail->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    // No proxy of the environment: it is meant for the web.
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, mail->timeout_ms);
    curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)(mail->needs_tls ? CURLUSESSL_ALL : CURLUSESSL_TRY));
    if (mail->authorities) curl_easy_setopt(curl, CURLOPT_CAINFO, mail->authorities);
    if (mail->user) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, mail->user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, mail->password);
    }
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, mail->sender);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, receivers);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, sluice_mail_read);
    curl_easy_setopt(curl, CURLOPT_READDATA, &rest);
    int code = (int)curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, reply);
    curl_slist_free_all(receivers);
    curl_easy_cleanup(curl);
    return code;
}

#endif
