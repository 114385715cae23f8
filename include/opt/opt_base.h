/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * @file opt_base.h
 * The basis of all other libopt headers: versions, statuses, dtypes,
 * handles, and the message of the last failure. Include <opt/opt.h>.
 */
#ifndef OPT_OPT_BASE_H_
#define OPT_OPT_BASE_H_

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32) && !defined(OPT_STATIC)
#ifdef OPT_BUILD
#define OPT_API __declspec(dllexport)
#else
#define OPT_API __declspec(dllimport)
#endif
#elif defined(__GNUC__) && defined(OPT_BUILD)
#define OPT_API __attribute__((visibility("default")))
#else
#define OPT_API
#endif

/** Marks a function whose status must not be ignored; a cast to void says that
 * it does not matter. In C before C23, GCC is told nothing: its attribute of
 * that kind warns in spite of the cast. A program that defines the macro as
 * nothing is never warned. */
#ifndef OPT_NODISCARD
#if (defined(__cplusplus) && __cplusplus >= 201703L) || \
    (defined(__STDC_VERSION__) && __STDC_VERSION__ > 201710L)
#define OPT_NODISCARD [[nodiscard]]
#elif defined(__clang__)
#define OPT_NODISCARD __attribute__((warn_unused_result))
#else
#define OPT_NODISCARD
#endif
#endif

/** The version of these headers; opt_version() tells that of the library. */
#define OPT_VERSION_MAJOR 0
#define OPT_VERSION_MINOR 1
#define OPT_VERSION_PATCH 0
/** The version as a number that grows from release to release: 10203 is
 * 1.2.3. */
#define OPT_VERSION_NUMBER \
  (OPT_VERSION_MAJOR * 10000 + OPT_VERSION_MINOR * 100 + OPT_VERSION_PATCH)

#ifdef __cplusplus
extern "C" {
#endif

/** Opaque handles. The bits are an index and a generation in the library's own
 * table, never an address: a stale, destroyed, foreign or wrong-type handle is
 * answered with OPT_ERR_HANDLE. NULL is no object. */
typedef struct opt_context_handle* opt_context;
typedef struct opt_optimizer_handle* opt_optimizer;

/** The outcome of a call. Values are never reused or renumbered. A failed call
 * has changed nothing; opt_last_error() then says what was wrong and what to
 * do about it. */
typedef int32_t opt_status;
enum {
  OPT_OK = 0,
  OPT_ERR_ARGUMENT =
      1, /**< a NULL, negative, misaligned or ill-shaped argument */
  OPT_ERR_HANDLE = 2,  /**< stale, destroyed, foreign or wrong-type handle */
  OPT_ERR_BUSY = 3,    /**< another call is using this optimizer right now */
  OPT_ERR_NAME = 4,    /**< unknown, duplicate or malformed name */
  OPT_ERR_VALUE = 5,   /**< option value outside its range */
  OPT_ERR_RANGE = 6,   /**< index past the end, or of a detached tensor */
  OPT_ERR_STATE = 7,   /**< right call at the wrong time */
  OPT_ERR_DTYPE = 8,   /**< dtype that does not exist or does not fit */
  OPT_ERR_OVERLAP = 9, /**< two buffers share memory that is written */
  OPT_ERR_STRUCT = 10, /**< struct_size too small, or unknown fields are set */
  OPT_ERR_MEMORY = 11, /**< an allocation failed */
  OPT_ERR_LIMIT = 12,  /**< a fixed limit of the library is reached */
  OPT_ERR_INTERNAL = 13, /**< a callback threw, or a fault of libopt itself */
  OPT_ERR_IO = 14,       /**< a file, or a read or write callback, failed */
  OPT_ERR_FORMAT = 15,   /**< not a checkpoint, a damaged or a hostile one */
  OPT_ERR_MISMATCH = 16, /**< checkpoint and optimizer do not fit together */
  OPT_ERR_NONFINITE = 17 /**< Inf or NaN among the gradients */
};

/** Element types. Parameters and gradients are OPT_F32 or OPT_F64; the
 * arithmetic and the state are in the parameter's type. */
typedef int32_t opt_dtype;
enum {
  OPT_F32 = 0, /**< IEEE-754 binary32, C's float */
  OPT_F64 = 1, /**< IEEE-754 binary64, C's double */
  OPT_U8 = 8,  /**< bytes; entries of a checkpoint only */
  OPT_I64 = 9  /**< int64_t; entries of a checkpoint only */
};

/**
 * Tells what was wrong with this thread's latest libopt call and what to do
 * about it.
 *
 * The calls of opt_base.h leave the message as it is. A name or path of more
 * than 256 bytes is shown by its two ends.
 *
 * @return one line of UTF-8, at most 1023 bytes, which names the culprit, the
 *   bound and the remedy; "" if the call succeeded; never NULL. It is good
 *   until this thread's next libopt call
 * @note Thread-safety: any thread; the message is the thread's own.
 * @since 0.1.0
 */
OPT_API const char* opt_last_error(void);

/**
 * Names a status.
 *
 * @param status  a status
 * @return its name, such as "OPT_ERR_BUSY", or "unknown status"; never NULL.
 *   The text lives as long as the library is loaded
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_API const char* opt_status_name(opt_status status);

/**
 * Tells the library's version as text.
 *
 * @return "MAJOR.MINOR.PATCH"
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_API const char* opt_version(void);

/**
 * Tells the library's version as a number.
 *
 * @return OPT_VERSION_NUMBER of the headers that it was built with
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_API int32_t opt_version_number(void);

/**
 * Describes the library for bug reports.
 *
 * @return one line: version, compiler, Highway's version, and the SIMD targets
 *   that were compiled in
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_API const char* opt_build_info(void);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* OPT_OPT_BASE_H_ */
