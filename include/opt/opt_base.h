/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * @file opt_base.h
 * The basis of all other libopt headers: versions, handles, statuses, element
 * types, and the message of the last failure. Include <opt/opt.h>.
 *
 * ## Statuses and messages
 *
 * A call that fails has changed nothing, returns a status that says which kind
 * of failure it was, and leaves a message for this thread: which argument,
 * tensor or option was at fault, and what to do about it.
 *
 *     if (opt_set(optimizer, OPT_ALL_GROUPS, OPT_LR, -1) != OPT_OK) {
 *       fprintf(stderr, "%s\n", opt_last_error());
 *     }
 *
 * ## Handles
 *
 * A handle is an index and a generation in a table of the library, never an
 * address. A handle that is stale, destroyed, foreign or of another type is
 * therefore answered with OPT_ERR_HANDLE instead of a crash. NULL refers to no
 * object, except as an opt_context, where it stands for the default context. At
 * most 65,535 handles of all types are alive at a time.
 *
 * ## Versions
 *
 * The OPT_VERSION_* macros give the version of the headers that a program was
 * compiled with; opt_version() and opt_version_number() give the version of the
 * library that it runs with.
 */
#ifndef OPT_OPT_BASE_H_
#define OPT_OPT_BASE_H_

#include <stddef.h>
#include <stdint.h>

/** @def OPT_API
 * Marks a function that the library exports. */
#if defined(_WIN32) && !defined(OPT_STATIC)
#ifdef OPT_BUILD
#define OPT_API __declspec(dllexport)
#else
#define OPT_API __declspec(dllimport)
#endif
#elif defined(__GNUC__) && defined(OPT_BUILD) && !defined(_WIN32)
#define OPT_API __attribute__((visibility("default")))
#else
#define OPT_API
#endif

#ifndef OPT_NODISCARD
/** Makes the compiler warn where the status of a call is ignored; a cast to
 * void says that it does not matter. For GCC in C before C23 it is empty, since
 * GCC's own attribute warns in spite of the cast. A program that defines this
 * macro as nothing before it includes libopt is never warned. */
#if (defined(__cplusplus) && __cplusplus >= 201703L) || \
    (defined(__STDC_VERSION__) && __STDC_VERSION__ > 201710L)
#define OPT_NODISCARD [[nodiscard]]
#elif defined(__clang__)
#define OPT_NODISCARD __attribute__((warn_unused_result))
#else
#define OPT_NODISCARD
#endif
#endif

#define OPT_VERSION_MAJOR 0 /**< the headers' major version */
#define OPT_VERSION_MINOR 1 /**< the headers' minor version */
#define OPT_VERSION_PATCH 0 /**< the headers' patch level */
/** The headers' version as a number that grows from release to release: 10203
 * is 1.2.3. */
#define OPT_VERSION_NUMBER \
  (OPT_VERSION_MAJOR * 10000 + OPT_VERSION_MINOR * 100 + OPT_VERSION_PATCH)

#ifdef __cplusplus
extern "C" {
#endif

/** Handle of a context: where memory, threads and SIMD instructions come from
 * (opt_context.h). NULL: the default context. */
typedef struct opt_context_handle* opt_context;

/** Handle of an optimizer (opt_optimizer.h). */
typedef struct opt_optimizer_handle* opt_optimizer;

/** The outcome of a call: OPT_OK or one of OPT_ERR_*. Values are never reused
 * or renumbered; later versions may add some. */
typedef int32_t opt_status;
enum {
  /** The call succeeded. */
  OPT_OK = 0,
  /** An argument is NULL, negative, misaligned or ill-shaped. */
  OPT_ERR_ARGUMENT = 1,
  /** The handle is stale, destroyed, foreign or of another type. */
  OPT_ERR_HANDLE = 2,
  /** Another call is using the object right now. */
  OPT_ERR_BUSY = 3,
  /** A name is unknown, duplicate or malformed. */
  OPT_ERR_NAME = 4,
  /** The value of an option is outside its range. */
  OPT_ERR_VALUE = 5,
  /** An index is past the end, or its tensor has been detached. */
  OPT_ERR_RANGE = 6,
  /** The call is possible, but not at this time. */
  OPT_ERR_STATE = 7,
  /** An element type does not exist or does not fit. */
  OPT_ERR_DTYPE = 8,
  /** Two buffers share memory that is written to. */
  OPT_ERR_OVERLAP = 9,
  /** A struct_size is not that of any version of the struct, or a field that
   * this version does not know is set. */
  OPT_ERR_STRUCT = 10,
  /** Memory could not be allocated. */
  OPT_ERR_MEMORY = 11,
  /** A fixed limit of the library is reached. */
  OPT_ERR_LIMIT = 12,
  /** A callback threw an exception, or libopt itself is at fault. */
  OPT_ERR_INTERNAL = 13,
  /** A file, or a callback that reads or writes, failed. */
  OPT_ERR_IO = 14,
  /** The data are not a checkpoint, or are a damaged or malicious one. */
  OPT_ERR_FORMAT = 15,
  /** Checkpoint and optimizer do not fit together. */
  OPT_ERR_MISMATCH = 16,
  /** There are Inf or NaN among the gradients. */
  OPT_ERR_NONFINITE = 17
};

/** Type of the elements of an array. Parameters and gradients are OPT_F32 or
 * OPT_F64; a tensor's state is computed in the type of its parameters, and most
 * of it is kept in that type. */
typedef int32_t opt_dtype;
enum {
  OPT_DTYPE_PARAM = -1, /**< in the description of a slot: the type of the
                             tensor's parameters; no array has this type */
  OPT_F32 = 0,          /**< IEEE-754 binary32, C's float */
  OPT_F64 = 1,          /**< IEEE-754 binary64, C's double */
  OPT_BF16 = 2,         /**< the upper half of a binary32; not in use yet */
  OPT_U8 = 8,           /**< bytes; only for entries of a checkpoint */
  OPT_I64 = 9           /**< int64_t; only for entries of a checkpoint */
};

/**
 * Returns why this thread's latest libopt call failed, and what to do about it.
 * The functions of opt_base.h do not change the message.
 *
 * @return one line of UTF-8 text of at most 1023 bytes that names the culprit,
 *   the bound and the remedy; "" if that call succeeded; never NULL. A name or
 *   path of more than 256 bytes is shortened in the middle. The text is valid
 *   until this thread's next libopt call
 * @note Thread-safety: any thread; each has its own message.
 * @since 0.1.0
 */
OPT_API const char* opt_last_error(void);

/**
 * Returns the name of a status.
 *
 * @param status  any value
 * @return its name, such as "OPT_ERR_BUSY", or "unknown status"; never NULL.
 *   The text lives as long as the library is loaded
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_API const char* opt_status_name(opt_status status);

/**
 * Returns the library's version as text.
 *
 * @return "MAJOR.MINOR.PATCH", which lives as long as the library is loaded
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_API const char* opt_version(void);

/**
 * Returns the library's version as a number.
 *
 * @return the OPT_VERSION_NUMBER of the headers that it was built with
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_API int32_t opt_version_number(void);

/**
 * Describes the build of the library, for bug reports.
 *
 * @return one line of text that lives as long as the library is loaded: the
 *   versions of libopt, of the compiler and of Highway, and the SIMD targets
 *   that were compiled in
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_API const char* opt_build_info(void);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* OPT_OPT_BASE_H_ */
