/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * @file opt_context.h
 * Contexts: where objects get memory, threads and SIMD instructions from, and
 * where they log. Include <opt/opt.h>.
 *
 * NULL stands for the default context everywhere: memory from malloc (arrays of
 * 4 MiB and more directly from the system), the calling thread alone, the best
 * SIMD target of this CPU, no log.
 *
 * ## Several threads
 *
 *     opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
 *     opt_context context = NULL;
 *     opt_optimizer optimizer = NULL;
 *     config.threads = OPT_ALL_CORES;
 *     if (opt_context_create(&config, &context) != OPT_OK ||
 *         opt_create(context, OPT_RULE_ADAMW, &optimizer) != OPT_OK) {
 *       return fail(opt_last_error());
 *     }
 *
 * Results do not depend on the number of threads or on the SIMD target: they
 * have the same bits with all of them. Worker threads are started by the first
 * step that is large enough to need them. The library measures what it costs
 * to call a worker and how long a step takes, and calls as many of them as make
 * the step faster: more threads are not slower. When several optimizers of one
 * context step at the same time, the workers help one of them. In a forked
 * child process the calling thread computes alone.
 *
 * ## Lifetime
 *
 * A context may be destroyed while optimizers, schedules or checkpoints still
 * use it. It then lives on until the last of them is destroyed, and its
 * callbacks stay in use until then.
 *
 * ## Callbacks
 *
 * The callbacks of a context must not throw, must not longjmp, and must not
 * call libopt with the object whose call they serve, which gives OPT_ERR_BUSY.
 */
#ifndef OPT_OPT_CONTEXT_H_
#define OPT_OPT_CONTEXT_H_

#include "opt/opt_base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Passed as the number of threads: one for every CPU that this process may run
 * on, at most 1024. */
#define OPT_ALL_CORES (-1)

/** Severity of a line of the log: one of OPT_LOG_*. */
typedef int32_t opt_log_level;
enum {
  /** The call did its work, but not as configured. */
  OPT_LOG_WARNING = 1,
  /** Threads were started or joined, or a SIMD target was chosen. */
  OPT_LOG_INFO = 2
};

/** How a context is set up. A field that is 0 or NULL is the default. */
typedef struct opt_context_config {
  uint32_t struct_size; /**< sizeof(opt_context_config) */

  /** Number of threads that may compute, the calling one included: 0 or 1 for
   * the calling thread alone, up to 1024, or OPT_ALL_CORES. With parallel_for,
   * the least number of parts that a step is cut into. */
  int32_t threads;

  /** Passed unchanged as the first argument of each callback. */
  void* user;

  /** Returns `size` bytes at a multiple of `alignment`, which is a power of
   * two, or NULL if there are none. Memory at another address is given back
   * through `release` at once, and the call that needed it returns
   * OPT_ERR_MEMORY.
   *
   * The context, and the optimizers, schedules and checkpoints created with it,
   * take all of their memory here; no opt_step() takes any. It may be called by
   * any thread that calls libopt. Set both `allocate` and `release` or
   * neither. */
  void* (*allocate)(void* user, int64_t size, int64_t alignment);

  /** Takes back memory that `allocate` returned, with the same size and
   * alignment. It may be called by any thread that calls libopt. */
  void (*release)(void* user, void* memory, int64_t size, int64_t alignment);

  /** Receives one line of UTF-8 text without a newline, which is valid for the
   * duration of the call; `level` is OPT_LOG_*. */
  void (*log)(void* user, opt_log_level level, const char* message);

  /** The host's job system, used instead of libopt's own threads: calls
   * task(task_data, i) once for every i in [0, count), on any threads and in
   * any order, and returns 0 when all of these calls have returned. Any other
   * value means that it could not; the calling thread then makes the missing
   * calls, and the log says so. The library measures whether the job system is
   * faster than the calling thread alone, and uses it only where it is. */
  int32_t (*parallel_for)(void* user, int64_t count,
                          void (*task)(void* task_data, int64_t i),
                          void* task_data);

  /** Name of the SIMD target to use, one that opt_target_at() lists as
   * supported. NULL: the one that the environment variable LIBOPT_TARGET names,
   * or else the best. */
  const char* target;

  /** How many microseconds each worker thread spins, waiting for more work,
   * after each loop before it sleeps: 0 for a short time, some 20 microseconds,
   * up to 1,000,000. Waking a sleeping thread takes so long that it does not
   * pay for a short step. If the host does little between steps and can spare
   * the cores, set this to more than the pause between two steps: short steps
   * are then faster. It has no effect on parallel_for. */
  int32_t spin_microseconds;

  int32_t reserved; /**< 0 */
} opt_context_config;

/** Initializes an opt_context_config: the defaults. */
#define OPT_CONTEXT_CONFIG_INIT \
  { sizeof(opt_context_config), 0, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0 }

/**
 * Creates a context.
 *
 * @param config  how to set it up; copied; NULL: the defaults
 * @param[out] context  receives the handle; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: context is NULL, only one of allocate and
 *   release is set, or reserved is not 0; OPT_ERR_STRUCT; OPT_ERR_VALUE:
 *   threads is neither 0 to 1024 nor OPT_ALL_CORES, or spin_microseconds is not
 *   0 to 1,000,000; OPT_ERR_NAME: target or LIBOPT_TARGET names no target of
 *   this build and CPU, and the message lists those that there are;
 *   OPT_ERR_LIMIT: 65,535 handles are alive
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status
opt_context_create(const opt_context_config* config, opt_context* context);

/**
 * Destroys a context; NULL does nothing.
 *
 * Objects that still use it go on as before. When the last of them is
 * destroyed, or at once if there are none, its threads are joined.
 *
 * @param context  the context, or NULL
 * @return OPT_OK
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_API opt_status opt_context_destroy(opt_context context);

/** A context, described. */
typedef struct opt_context_info {
  uint32_t struct_size; /**< sizeof(opt_context_info) */
  int32_t threads;      /**< threads that may compute, at least 1 */
  const char* target; /**< name of its SIMD target; lives as long as the library
                           is loaded */
  int32_t spin_microseconds; /**< how long its worker threads spin; 0: a short
                                  time */
  int32_t reserved;          /**< 0 */
} opt_context_info;

/** Initializes an opt_context_info. */
#define OPT_CONTEXT_INFO_INIT \
  { sizeof(opt_context_info), 0, NULL, 0, 0 }

/**
 * Returns how a context is set up: how many threads and which SIMD target it
 * uses where its configuration left the choice to the library, and how long its
 * threads spin.
 *
 * @param context  the context; NULL: the default one
 * @param[in,out] info  filled in up to its struct_size
 * @return OPT_OK; OPT_ERR_ARGUMENT: info is NULL; OPT_ERR_STRUCT; OPT_ERR_NAME:
 *   context is NULL, and the environment variable LIBOPT_TARGET names no target
 *   of this build and CPU
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_context_get_info(opt_context context,
                                                      opt_context_info* info);

/**
 * Joins the threads of the default context, so that the library can be
 * unloaded.
 *
 * Destroy every handle first. The library may be used again afterwards, and
 * then starts threads again as it needs them. The call waits for a step that is
 * running in the default context.
 *
 * @return OPT_OK; OPT_ERR_STATE: handles are still alive, and the message
 *   counts them; the threads have been joined all the same
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_API opt_status opt_shutdown(void);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* OPT_OPT_CONTEXT_H_ */
