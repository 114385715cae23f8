/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * @file opt_context.h
 * Contexts: where an optimizer gets memory, threads and SIMD instructions
 * from, and where it reports. Include <opt/opt.h>.
 *
 * NULL stands for the default context everywhere: malloc (for arrays of 4 MiB
 * and more pages of the system), one thread, the best SIMD target of this CPU,
 * no log.
 */
#ifndef OPT_OPT_CONTEXT_H_
#define OPT_OPT_CONTEXT_H_

#include "opt/opt_base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Thread count that means: every CPU this process may run on. */
#define OPT_ALL_CORES (-1)

/** Severity of a log line: one of OPT_LOG_*. */
typedef int32_t opt_log_level;
enum {
  OPT_LOG_WARNING = 1, /**< the call did its work, but not as configured */
  OPT_LOG_INFO = 2     /**< threads started and joined, target chosen */
};

/** How a context is set up. Start from OPT_CONTEXT_CONFIG_INIT; a field left 0
 * or NULL is the default. Callbacks must not throw, longjmp, or call libopt
 * with the optimizer whose call they serve (that gives OPT_ERR_BUSY). */
typedef struct opt_context_config {
  uint32_t struct_size; /**< sizeof(opt_context_config) */

  /** Number of threads that may compute, the calling one included: 0 or 1 for
   * the calling thread alone, up to 1024, or OPT_ALL_CORES. With parallel_for
   * it says into how many parts a step is cut at least. Results do not depend
   * on it. */
  int32_t threads;

  /** Passed unchanged as the first argument of each callback. */
  void* user;

  /** Memory: returns `size` bytes aligned to `alignment` (a power of two), or
   * NULL if there are none; release takes back what allocate gave, with the
   * same size and alignment. Set both or neither. May be called by any thread
   * that calls libopt. The context's optimizers take all of their memory here;
   * no opt_step() calls either. */
  void* (*allocate)(void* user, int64_t size, int64_t alignment);
  void (*release)(void* user, void* memory, int64_t size, int64_t alignment);

  /** Told one line of UTF-8 text without a newline; `level` is OPT_LOG_*.
   * The text is good for the call only. */
  void (*log)(void* user, int32_t level, const char* message);

  /** The host's job system: calls task(task_data, i) once for every i in
   * [0, count), on any threads, in any order, and returns 0 when all calls
   * have returned; another value means that it could not. Calls that it left
   * out are then made by the calling thread, and the log says so. If set,
   * libopt starts no thread of its own. */
  int32_t (*parallel_for)(void* user, int64_t count,
                          void (*task)(void* task_data, int64_t i),
                          void* task_data);

  /** Name of the SIMD target to use, as opt_target_at() lists them; NULL for
   * the best one, or for the one that the environment variable LIBOPT_TARGET
   * names. Every target gives the same results, bit for bit. */
  const char* target;
} opt_context_config;

/** Initializes an opt_context_config. */
#define OPT_CONTEXT_CONFIG_INIT \
  { sizeof(opt_context_config), 0, NULL, NULL, NULL, NULL, NULL, NULL }

/** A context, described. Start from OPT_CONTEXT_INFO_INIT. */
typedef struct opt_context_info {
  uint32_t struct_size; /**< sizeof(opt_context_info) */
  int32_t threads;      /**< threads that may compute, at least 1 */
  const char* target;   /**< name of its SIMD target; lives with the library */
} opt_context_info;

/** Initializes an opt_context_info. */
#define OPT_CONTEXT_INFO_INIT \
  { sizeof(opt_context_info), 0, NULL }

/**
 * Creates a context.
 *
 * Threads start at the first step that is large enough to need them.
 *
 * @param config  how to set it up, or NULL for the defaults; copied
 * @param[out] context  receives the handle; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: context is NULL, or only one of allocate
 *   and release is set; OPT_ERR_STRUCT; OPT_ERR_VALUE: threads; OPT_ERR_NAME:
 *   target unknown or not on this CPU; OPT_ERR_MEMORY; OPT_ERR_LIMIT
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status
opt_context_create(const opt_context_config* config, opt_context* context);

/**
 * Destroys a context; NULL does nothing.
 *
 * Optimizers that still use it go on, and its callbacks stay in use, until the
 * last of them is destroyed; then, or at once if there is none, its threads
 * are joined.
 *
 * @param context  the context
 * @return OPT_OK; OPT_ERR_HANDLE
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_API opt_status opt_context_destroy(opt_context context);

/**
 * Tells what a context (NULL: the default one) has come to.
 *
 * @param context  the context
 * @param[in,out] info  filled in up to its struct_size
 * @return OPT_OK; OPT_ERR_HANDLE; OPT_ERR_ARGUMENT: info is NULL;
 *   OPT_ERR_STRUCT; OPT_ERR_NAME: LIBOPT_TARGET names no target of this CPU
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_context_get_info(opt_context context,
                                                      opt_context_info* info);

/**
 * Gives back what the library holds for itself: joins the threads of the
 * default context.
 *
 * Call it before unloading the library, after destroying every handle; the
 * library can be used again afterwards.
 *
 * @return OPT_OK; OPT_ERR_STATE: optimizers or contexts are still alive: the
 *   message counts them; the threads have been joined all the same
 * @note Thread-safety: any thread; waits for a running step of the default
 * context.
 * @since 0.1.0
 */
OPT_API opt_status opt_shutdown(void);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* OPT_OPT_CONTEXT_H_ */
