/* Whether this build carries sanitizers. Their leak check traces the process itself, which a
 * process that may not be dumped forbids. */
#ifndef CE_BASE_SANITIZED_H
#define CE_BASE_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CE_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || __has_feature(thread_sanitizer)
#define CE_SANITIZED 1
#endif
#endif
#ifndef CE_SANITIZED
#define CE_SANITIZED 0
#endif

#endif
